/**
 * Before an answer leaves: nobody in it has objected or was erased while it was made. Long work reads over many turns, and an objection holds from its own statement on.
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';
import type { PersonSet, Store } from '../fhir/store/store.ts';

/** The answer is made anew so often; each time the reads leave out who has objected by then. */
const tries = 4;

/**
 * Does the work again as long as it was overtaken.
 * @param work gives the answer, the persons whom it was made of, and how it is noted down. It is noted once it is clear, and looked over again: that takes its time too
 * @throws Problem `unavailable` with Retry-After where objections come in faster than answers are made
 */
export async function stillClear<T>(
  store: Store,
  work: () => Promise<{ readonly persons: PersonSet; readonly answer: T; readonly noted?: () => Promise<void> }>,
): Promise<T> {
  for (let tried = 0; tried < tries; tried++) {
    const moment = await store.moment();
    const { persons, answer, noted } = await work();
    const isClear = async () => persons.and(await store.changedSince(moment, 'objection')).size === 0;
    if (!(await isClear())) continue;
    if (noted === undefined) return answer;
    await noted();
    if (await isClear()) return answer;
  }
  throw new Problem('unavailable', 'Patients objected while this answer was made: try again.', { headers: { 'Retry-After': '5' } });
}
