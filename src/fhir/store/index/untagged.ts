/**
 * Left out by a tag: a resource whose current version has one is not there in any version, nor is an older version that had one.
 * R4: https://hl7.org/fhir/R4/resource.html#Meta
 * @module
 */
import { place } from './postings.ts';
import type { State } from './state.ts';

/** @param codes of `meta.tag`, in whatever system */
export function untagged(state: State, type: string, codes: readonly string[]): (seq: number) => boolean {
  const { ledger } = state;
  const tags = state.type(type).parameter('_tag');
  const lists = codes.map(code => tags?.find({ kind: 'token', code: '_tag', values: [{ code }], not: false }) ?? []);
  const tagged = lists.filter(list => list.length > 0);
  // A deletion has no values of its own: it is hidden like the version before it.
  const has = (seq: number): boolean => {
    const valued = ledger.deleted(seq) ? ledger.previous(seq) : seq;
    return tagged.some(list => list[place(list, valued)] === valued);
  };
  return seq => !has(seq) && !has(ledger.current(ledger.resource(seq)));
}
