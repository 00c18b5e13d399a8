/**
 * How often one address may be refused within a minute before it has to wait. Bounded: it cannot be made to remember more than some thousand addresses.
 * OWASP API4:2023 (unrestricted resource consumption)
 * @module
 */

export interface Limit {
  /** Whether this address may try. */
  open(address: string): boolean;
  refused(address: string): void;
}

const windowMs = 60_000;
const most = 10_000;

/** @param perMinute 0: no limit */
export function createLimit(perMinute: number, now: () => number): Limit {
  let refusals = new Map<string, number>();
  let since = now();
  const turn = (): void => {
    if (now() - since < windowMs) return;
    since = now();
    refusals = new Map();
  };
  return {
    open(address) {
      turn();
      return perMinute === 0 || (refusals.get(address) ?? 0) < perMinute;
    },
    refused(address) {
      turn();
      if (refusals.has(address) || refusals.size < most) refusals.set(address, (refusals.get(address) ?? 0) + 1);
    },
  };
}
