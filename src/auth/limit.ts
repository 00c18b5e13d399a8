/**
 * How often one address (or one account) may be refused within some time before it has to wait. Bounded: it cannot be made to remember more than some thousand addresses.
 * OWASP API4:2023 (unrestricted resource consumption)
 * @module
 */

export interface Limit {
  /** Whether this address may try. */
  open(address: string): boolean;
  refused(address: string): void;
  /** Takes back one refusal: what was counted before it was known. */
  forgive(address: string): void;
}

const most = 10_000;

/** @param times within the window; 0: no limit */
export function createLimit(times: number, now: () => number, windowMs = 60_000): Limit {
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
      return times === 0 || (refusals.get(address) ?? 0) < times;
    },
    refused(address) {
      turn();
      if (refusals.has(address) || refusals.size < most) refusals.set(address, (refusals.get(address) ?? 0) + 1);
    },
    forgive(address) {
      const count = refusals.get(address) ?? 0;
      if (count > 0) refusals.set(address, count - 1);
    },
  };
}
