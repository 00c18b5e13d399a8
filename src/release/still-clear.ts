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
 * @param work gives the answer and the persons whom it was made of
 * @throws Problem `unavailable` with Retry-After where objections come in faster than answers are made
 */
export async function stillClear<T>(store: Store, work: () => Promise<{ readonly persons: PersonSet; readonly answer: T }>): Promise<T> {
  for (let tried = 0; tried < tries; tried++) {
    const moment = await store.moment();
    const { persons, answer } = await work();
    if (persons.and(await store.changedSince(moment, 'objection')).size === 0) return answer;
  }
  throw new Problem('unavailable', 'Patients objected while this answer was made: try again.', { headers: { 'Retry-After': '5' } });
}
