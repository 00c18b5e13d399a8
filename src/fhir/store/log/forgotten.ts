/**
 * Versions that are taken out for good: which ones are meant, and what lines keep meaning when they are gone. How their bytes go, each adapter knows.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import type { IndexRecord, State } from '../index/state.ts';
import type { Forget, ListEntry } from '../store.ts';

/** Numbers of the versions. Throws Problem: `not-found`, `precondition-failed`, `conflict` for the current version alone. */
export function versionsOf({ ledger }: State, { type, id, what, versionId }: Forget): number[] {
  const current = ledger.current(ledger.find(`${type}/${id}`));
  if (current === 0) throw new Problem('not-found');
  const all: number[] = [];
  for (let seq = current; seq !== 0; seq = ledger.previous(seq)) all.push(seq);
  if (what === 'all') return all;
  if (what === 'history' && versionId !== undefined && ledger.versionId(current) !== versionId)
    throw new Problem('precondition-failed', 'The resource has another version by now.');
  if (what === 'history') return all.slice(1);
  const one = all.find(seq => ledger.versionId(seq) === versionId);
  if (one === undefined) throw new Problem('not-found');
  if (one === current) throw new Problem('conflict', 'This is the current version: delete the resource, or purge it.');
  return [one];
}

/** Throws Problem `business-rule`. */
export function keepLegal(records: readonly IndexRecord[]): void {
  if (records.some(({ legal }) => legal))
    throw new Problem('business-rule', 'Consents, notices and receipts are the legal record: it is kept.');
}

/** What a record of a person joined stays one person for the lines that name it, also when the next start reads no such record: the lines, with all names. */
export function linesWithAll({ persons, lists }: State, records: readonly IndexRecord[]): ListEntry[] {
  const lines = new Map<string, ListEntry>();
  for (const { mentions } of records) {
    const [own] = mentions.same;
    if (own === undefined) continue;
    const names = persons.names(persons.person(persons.number(own))).map(number => persons.label(number));
    for (const line of lists.of(names)) {
      const key = `${line.list} ${line.source}`;
      lines.set(key, { ...line, persons: [...new Set([...(lines.get(key) ?? line).persons, ...names])] });
    }
  }
  return [...lines.values()];
}
