/**
 * Stops of intake and of release, by the operator or by a breach that this server found: the book `stops`, read anew at every question, so that a stop holds from the
 * next statement on and over a restart. Objections and notices are never stopped.
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';
import type { Json } from '../fhir/model/r4.ts';
import type { ListCheck, Store } from '../fhir/store/store.ts';

export const stopsBook = 'stops';
export type Stoppable = 'intake' | 'release';

export interface StopEntry {
  /** match and mismatch: what a report of an institution made of it (reconciliation.ts). */
  readonly event: 'stop' | 'resume' | 'breach' | 'match' | 'mismatch';
  readonly what: readonly Stoppable[];
  /** `Organization/<id>`; absent: everybody's. */
  readonly institution?: string;
  readonly reason: string;
  /** Milliseconds. */
  readonly time: number;
  /** client_id; `noren` for what the server found. */
  readonly by: string;
  /** Of match and mismatch: first and last day. */
  readonly span?: { readonly start: string; readonly end: string };
}

export interface Stop extends StopEntry {
  readonly event: 'stop' | 'breach' | 'mismatch';
}

/** Stops that hold, oldest first. Resuming ends what names the same institution, or none if it names none: who stopped one hospital does not find it open after another resumption. */
export function stopsIn(book: readonly Json[]): readonly Stop[] {
  let open: Stop[] = [];
  for (const entry of book as unknown as readonly StopEntry[]) {
    if (entry.event === 'match') open = open.filter(stop => !settles(entry, stop));
    else if (entry.event !== 'resume') open.push(entry as Stop);
    else
      open = open.flatMap(stop => {
        if (stop.institution !== entry.institution) return [stop];
        const what = stop.what.filter(one => !entry.what.includes(one));
        return what.length === 0 ? [] : [{ ...stop, what }];
      });
  }
  return open;
}

/** A report that matches ends what was wrong within its days. */
const settles = ({ institution, span }: StopEntry, stop: Stop): boolean =>
  stop.event === 'mismatch' && stop.institution === institution && span!.start <= stop.span!.start && stop.span!.end <= span!.end;

const isStopped = (book: readonly Json[], what: Stoppable, institution?: string): boolean =>
  stopsIn(book).some(
    stop => stop.event !== 'mismatch' && stop.what.includes(what) && (stop.institution === undefined || stop.institution === institution),
  );

/** Refuses intake while a stop holds: at once, and again inside the commit. */
export const intakeCheck = (institution: string, expression: string): ListCheck => ({
  persons: [],
  judge: (_, book) => {
    if (isStopped(book(stopsBook), 'intake', institution))
      throw new Problem('business-rule', 'The operator has stopped intake; send it again when it is resumed.', { expression });
  },
});

/** Throws Problem while a stop of release holds. */
export async function releasable(store: Pick<Store, 'book'>): Promise<void> {
  if (isStopped(await store.book(stopsBook), 'release'))
    throw new Problem('business-rule', 'Release is stopped; nothing leaves until the operator resumes it.');
}
