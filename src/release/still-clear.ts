/**
 * Before an answer leaves: nobody in it has objected or was erased while it was made. Long work reads over many turns, and an objection holds from its own statement on.
 * The release is noted down in the ledger by a commit that is refused when somebody has: so no release is noted that did not leave, and none leaves late.
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';
import { type BookEntry, type PersonSet, Stale, type Store } from '../fhir/store/store.ts';

/** The answer is made anew so often; each time the reads leave out who has objected by then. */
const tries = 4;

interface Made<T> {
  readonly answer: T;
  /** Whom it was made of. */
  readonly persons: PersonSet;
  /** Of the release ledger. */
  readonly entry: BookEntry;
}

/**
 * Does the work again as long as it was overtaken.
 * @throws Problem `unavailable` with Retry-After where objections come in faster than answers are made
 */
export async function stillClear<T>(store: Store, work: () => Promise<Made<T>>): Promise<T> {
  for (let tried = 0; tried < tries; tried++) {
    const moment = await store.moment();
    const { persons, answer, entry } = await work();
    try {
      await store.commit({ writes: [], entries: [entry], unchanged: { moment, list: 'objection', persons } });
      return answer;
    } catch (thrown) {
      if (!(thrown instanceof Stale)) throw thrown;
    }
  }
  throw new Problem('unavailable', 'Patients objected while this answer was made: try again.', { headers: { 'Retry-After': '5' } });
}
