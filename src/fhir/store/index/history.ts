/**
 * Versions newest first: of one resource, of a type, of everything; at a snapshot, and each only if the Access may know of it.
 * Numbers are given in order of time, so a page is walked to from its end, and no further than needed.
 * R4: https://hl7.org/fhir/R4/http.html#history
 * @module
 */
import type { HistoryCursor, HistoryOf, HistoryQuery } from '../store.ts';
import { stride } from './deadline.ts';
import type { Evaluation } from './evaluate.ts';
import { ascending, place } from './postings.ts';
import type { Sight } from './sight.ts';

/** For a total so many versions are looked at, and no more. */
const maxCounted = 20_000;

interface Found {
  readonly seqs: readonly number[];
  readonly total?: number;
  readonly next?: HistoryCursor;
}

/** Undefined: the one resource that is asked about is not there for the Access. */
export function history(evaluation: Evaluation, of: HistoryOf, { count, since, at, cursor }: HistoryQuery): Found | undefined {
  const { ledger } = evaluation.state;
  const { snapshot } = evaluation;
  const least = since === undefined ? 1 : ledger.from(since);
  const most = Math.min(snapshot, at === undefined ? snapshot : ledger.from(at[1] + 1) - 1);
  const typed = of.type === undefined ? undefined : evaluation.sees(of.type);
  const sees: Sight = typed ?? (seq => evaluation.sees(typeOf(evaluation, seq))(seq));
  const isWanted: Sight = seq =>
    seq >= least && seq <= most && ledger.resource(seq) !== 0 && (at === undefined || ledger.replaced(seq) > at[0]) && sees(seq);
  const page = (seqs: readonly number[], total?: number): Found => {
    const left = cursor === undefined ? seqs : seqs.filter(seq => seq < cursor.before);
    const shown = left.slice(0, count);
    const last = shown.at(-1);
    return {
      seqs: shown,
      ...(total === undefined ? {} : { total }),
      ...(last !== undefined && left.length > count ? { next: { snapshot, before: last } } : {}),
    };
  };

  if (of.id !== undefined) {
    const chain = [...versionsOf(evaluation, `${of.type}/${of.id}`)];
    if (!chain.some(seq => seq <= snapshot && sees(seq))) return undefined;
    const seqs = chain.filter(isWanted);
    return page(seqs, seqs.length);
  }

  const counted: number[] = [];
  let looked = 0;
  for (const seq of descending(evaluation, of.type, least, most)) {
    if (++looked > maxCounted) break;
    if (isWanted(seq)) counted.push(seq);
  }
  if (looked <= maxCounted) return page(counted, counted.length);
  const some: number[] = [];
  for (const seq of descending(evaluation, of.type, least, Math.min(most, (cursor?.before ?? Number.POSITIVE_INFINITY) - 1))) {
    if (some.length > count) break;
    if (++looked % stride === 0) evaluation.check();
    if (isWanted(seq)) some.push(seq);
  }
  return page(some);
}

function typeOf({ state: { ledger } }: Evaluation, seq: number): string {
  const name = ledger.name(ledger.resource(seq));
  return name.slice(0, name.indexOf('/'));
}

function* versionsOf({ state: { ledger } }: Evaluation, name: string): Iterable<number> {
  for (let seq = ledger.current(ledger.find(name)); seq !== 0; seq = ledger.previous(seq)) yield seq;
}

/** Versions of a type, or of all, with deletions, from the number `most` down to `least`; what the Access can know of lies among them. */
function* descending(evaluation: Evaluation, type: string | undefined, least: number, most: number): Iterable<number> {
  const { state, access } = evaluation;
  const { ledger } = state;
  if (type !== undefined) {
    yield* merged(evaluation.within(type) ?? state.type(type).all, state.type(type).deletions, least, most);
    return;
  }
  const types = '*' in access.reach ? [] : Object.keys(access.reach).filter(one => access.reach[one]!.length > 0);
  const own = types.map(one => evaluation.within(one));
  if (types.length > 0 && own.every(list => list !== undefined)) {
    const deletions = types.flatMap(one => state.type(one).deletions);
    yield* merged(ascending(own.flat()), ascending(deletions), least, most);
    return;
  }
  for (let seq = most; seq >= least; seq--) if (ledger.resource(seq) !== 0) yield seq;
}

function* merged(versions: readonly number[], deletions: readonly number[], least: number, most: number): Iterable<number> {
  let [a, d] = [place(versions, most + 1) - 1, place(deletions, most + 1) - 1];
  while (a >= 0 || d >= 0) {
    const seq = (versions[a] ?? 0) > (deletions[d] ?? 0) ? versions[a--]! : deletions[d--]!;
    if (seq < least) return;
    yield seq;
  }
}
