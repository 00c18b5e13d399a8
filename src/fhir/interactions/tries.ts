/**
 * Several tries: what a write was decided on may have changed by the time it is stored; then it is decided anew.
 * R4: https://hl7.org/fhir/R4/http.html#concurrency
 * @module
 */
import { setTimeout } from 'node:timers/promises';
import { Problem } from '../model/outcome.ts';
import { Stale } from '../store/store.ts';

/** The store found another version than the one that was decided on. */
export class Overtaken extends Error {}

const most = 10;

/**
 * Does the work again while what it was decided on changes underneath: at most ten times, after growing, jittered waits (1 to 500 ms); then 409.
 * The work must read and decide anew each time.
 */
export async function untilSettled<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof Stale || thrown instanceof Overtaken)) throw thrown;
      if (tried === most) throw new Problem('conflict', 'Others write the same resources: try again.', { headers: { 'Retry-After': '1' } });
      await setTimeout(Math.min(500, 2 ** tried) * (0.5 + Math.random() / 2));
    }
  }
}

const turns = new Map<string, Promise<unknown>>();

/** One after the other: writers of one resource in this process do not meet each other at the store. Others are caught by `untilSettled`. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.catch(() => {});
  turns.set(key, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === settled) turns.delete(key);
  }
}
