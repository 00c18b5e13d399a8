/**
 * How often the password of one account may be tried wrongly before it has to wait: counted before it is known to be wrong, since many at once are many tries.
 * In the memory of one process, or by all processes together: then a try is a use of one of so many places, and who finds none free waits.
 * OWASP ASVS 5.0 V6.3 (no credential stuffing, no brute force)
 * @module
 */
import type { Kept } from '../fhir/store/kept.ts';
import { createLimit } from './limit.ts';

export interface Tries {
  /** Takes a try; undefined: none is left. What comes back gives it back, where the password was right. */
  take(login: string): Promise<(() => Promise<void>) | undefined>;
}

/** Wrong passwords within the window before an account has to wait as long. */
const times = 5;
const windowMs = 900_000;

export function triesOfOne(now: () => number): Tries {
  const limit = createLimit(times, now, windowMs);
  return {
    async take(login) {
      const open = limit.open(login);
      limit.refused(login);
      return open ? async () => limit.forgive(login) : undefined;
    },
  };
}

/** Windows have fixed times here: whoever reaches the limit in one waits for the rest of it and the whole next one. */
export function triesOfAll(kept: Kept, now: () => number): Tries {
  const kind = 'Try';
  const places = (login: string, window: number) => Array.from({ length: times }, (_, n) => JSON.stringify([login, window, n]));
  return {
    async take(login) {
      const window = Math.floor(now() / windowMs);
      if (await kept.isUsed(kind, places(login, window - 1).at(-1)!)) return undefined;
      for (const place of places(login, window))
        if (await kept.use(kind, place, (2 * windowMs) / 1000)) return () => kept.unuse(kind, place);
      return undefined;
    },
  };
}
