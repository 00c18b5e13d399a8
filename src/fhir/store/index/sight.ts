/**
 * What an Access may know of, as a question to one version: asked of every candidate before anything is counted, sorted or included.
 * @module
 */
import { type Access, type Clause, reachOf } from '../../model/access.ts';
import { patientCompartment } from '../../search/compartment.ts';
import type { Predicate } from '../../search/query.ts';
import { place, union } from './postings.ts';
import type { State } from './state.ts';
import { untagged } from './untagged.ts';

/** For the versions of one type: whether this one is there at all. */
export type Sight = (seq: number) => boolean;

type Having = (where: readonly Predicate[]) => readonly number[];

export const everything: Sight = () => true;
export const nothing: Sight = () => false;

/**
 * @param now milliseconds; lines of a patient list hold from their time on
 * @param having versions of the type for which predicates hold, ascending
 */
export function sight(state: State, access: Access, type: string, now: number, having: Having): Sight {
  const reach = reachOf(access, type);
  if (reach.length === 0) return nothing;
  if (access.withoutTags !== undefined) {
    const { withoutTags, ...rest } = access;
    const [known, shown] = [sight(state, rest, type, now, having), untagged(state, type, withoutTags)];
    return seq => known(seq) && shown(seq);
  }
  const clauses = reach.map(clause => clauseSight(state, clause, type, having));
  const reached: Sight = clauses.includes(everything)
    ? everything
    : clauses.length === 1
      ? clauses[0]!
      : seq => clauses.some(clause => clause(seq));
  const lists = access.without.flatMap(name => state.leftOut(name, now) ?? []);
  if (lists.length === 0) return reached;
  const left: Sight = lists.length === 1 ? seq => !lists[0]!.has(seq) : seq => !lists.some(list => list.has(seq));
  return reached === everything ? left : seq => reached(seq) && left(seq);
}

/**
 * Versions of a type, ascending and without deletions, among which all lie that the Access may know of; undefined: any may be one of them. Whose access is one
 * patient's is looked for in that patient's record, however many others there are.
 */
export function within(state: State, access: Access, type: string): readonly number[] | undefined {
  const reach = reachOf(access, type);
  // A Binary is judged by what it belongs to.
  if (type === 'Binary' || reach.length === 0 || reach.some(({ patient }) => patient === undefined)) return undefined;
  return union(reach.map(({ patient }) => compartmentOf(state, type, state.ledger.find(patient!))));
}

/** Versions of a type in a patient's compartment. @param patient number of the Patient; 0: never mentioned */
function compartmentOf(state: State, type: string, patient: number): readonly number[] {
  if (patient === 0) return [];
  if (type !== 'Patient') return union(patientCompartment(type).map(code => state.type(type).reference(code)?.to(patient) ?? []));
  const seqs: number[] = [];
  const { ledger } = state;
  for (let seq = ledger.current(patient); seq !== 0; seq = ledger.previous(seq)) if (!ledger.deleted(seq)) seqs.unshift(seq);
  return seqs;
}

function clauseSight(state: State, clause: Clause, type: string, having: Having): Sight {
  const tests: Sight[] = [];
  const { ledger } = state;
  if (clause.sender !== undefined) {
    const { sender } = clause;
    tests.push(seq => ledger.sender(ledger.resource(seq)) === sender);
  }
  if (clause.ids !== undefined) {
    const numbers = new Set(clause.ids.map(id => ledger.find(`${type}/${id}`)));
    tests.push(seq => numbers.has(ledger.resource(seq)));
  }
  if (clause.patient !== undefined) {
    const patient = ledger.find(clause.patient);
    if (patient === 0) return nothing;
    if (type === 'Patient') tests.push(seq => ledger.resource(seq) === patient);
    else {
      const members = new Set(compartmentOf(state, type, patient));
      // A deletion has no values of its own: it belongs where the version before it belonged.
      tests.push(seq => members.has(ledger.deleted(seq) ? ledger.previous(seq) : seq));
    }
  }
  if (clause.where !== undefined) {
    // Whoever made the clause took its criteria from search's parser.
    const found = having(clause.where as readonly Predicate[]);
    tests.push(seq => {
      const version = ledger.deleted(seq) ? ledger.previous(seq) : seq;
      return found[place(found, version)] === version;
    });
  }
  if (tests.length === 0) return everything;
  return tests.length === 1 ? tests[0]! : seq => tests.every(test => test(seq));
}
