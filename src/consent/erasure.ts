/**
 * Objections that have come into force by themselves: a period began, or the setting that erases was turned on. What is stored about whom they cover is erased now.
 * One that is made in force is erased by its own commit (gate.ts).
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import type { ListEntry, Store } from '../fhir/store/store.ts';
import { inForce } from './decide.ts';

/** Objections in force whose erasure is on no deletion record. */
async function dueErasures(store: Store, now: number): Promise<readonly ListEntry[]> {
  const done = new Set((await store.book('erasures')).map((entry: Json) => entry['source']));
  return (await store.list('objection')).filter(line => inForce(line, now) && !done.has(line.source));
}

/** Erases what is due, one objection after the other. */
export async function eraseDue(store: Store, now: number): Promise<void> {
  for (const { list, source } of await dueErasures(store, now)) await store.commit({ writes: [], erase: [{ list, source }] });
}
