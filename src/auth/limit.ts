/**
 * How often one address (or one account) may be refused within some time before it has to wait as long. Bounded: it cannot be made to remember more than a stated number of
 * them, nor to forget one that waits by being shown others; where all that it remembers wait, whoever is new waits too.
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

interface Counted {
  count: number;
  /** Milliseconds: when the count begins anew. */
  until: number;
}

const most = 100_000;

/**
 * @param times within the window, which begins with the first refusal; whoever reaches it waits a window from then on. 0: no limit
 * @param size how many are remembered
 */
export function createLimit(times: number, now: () => number, windowMs = 60_000, size = most): Limit {
  const counted = new Map<string, Counted>();
  const waits = ({ count }: Counted): boolean => count >= times;
  const of = (address: string): Counted | undefined => {
    const found = counted.get(address);
    if (found === undefined || now() < found.until) return found;
    counted.delete(address);
    return undefined;
  };
  /** Room for one more: by those whose time is over, else by the oldest that does not wait. */
  const makeRoom = (): boolean => {
    if (counted.size < size) return true;
    for (const [address, one] of counted) if (now() >= one.until) counted.delete(address);
    if (counted.size < size) return true;
    for (const [address, one] of counted) {
      if (waits(one)) continue;
      counted.delete(address);
      return true;
    }
    return false;
  };
  return {
    open(address) {
      if (times === 0) return true;
      const found = of(address);
      return found === undefined ? counted.size < size || makeRoom() : !waits(found);
    },
    refused(address) {
      if (times === 0) return;
      const found = of(address);
      if (found === undefined) {
        if (makeRoom()) counted.set(address, { count: 1, until: now() + windowMs });
      } else if (!waits(found)) {
        found.count++;
        if (waits(found)) found.until = now() + windowMs;
      }
    },
    forgive(address) {
      const found = of(address);
      if (found !== undefined && found.count > 0) found.count--;
    },
  };
}

/** An address as limits count it: of IPv6 the network (/64), since one who has an address there has them all. */
export function networkOf(address: string): string {
  const plain = address.split('%', 1)[0]!.toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped) return mapped[1]!;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::') as [string, string?];
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill('0'), ...rest];
  return `${all
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
