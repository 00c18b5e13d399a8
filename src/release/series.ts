/**
 * One series of releases: policy, keys and day. Releases of one series have the same pseudonyms and shifts; two series have nothing in common.
 * @module
 */

import { dayOf } from '../deid/calendar.ts';
import type { CompiledPolicy } from '../deid/compile.ts';
import { type SeriesKeys, seriesKeys } from '../deid/keys.ts';

export interface Series {
  readonly compiled: CompiledPolicy;
  readonly keys: SeriesKeys;
  /** Own base URL: references below it are ours. */
  readonly base: string;
  /** Day number of the release, in the server's time zone. */
  readonly today: number;
  /** Milliseconds. */
  readonly now: number;
}

/** @param secret of a study, or made for one call @param link key shared with the public data bases */
export const series = (
  compiled: CompiledPolicy,
  secret: Uint8Array,
  { base, now, timeZone, link }: { base: string; now: number; timeZone: string; link?: Uint8Array },
): Series => ({
  compiled,
  keys: seriesKeys(secret, compiled.policy.shift, link),
  base,
  today: dayIn(now, timeZone),
  now,
});

/** Day number of an instant (ms) in a time zone. */
export function dayIn(now: number, timeZone: string): number {
  const [year, month, day] = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    .format(now)
    .split('-')
    .map(Number);
  return dayOf(year!, month!, day!);
}
