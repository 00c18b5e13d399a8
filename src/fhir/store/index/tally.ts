/**
 * Versions counted by who sent them, their type and the year of their clinical date: from the indexes alone, no body is opened.
 * R4: https://hl7.org/fhir/R4/searchparameter-registry.html
 * @module
 */
import { dateCodes } from '../../search/clinical-date.ts';
import { dateReader } from '../../search/dates.ts';
import type { Tally } from '../store.ts';
import type { State } from './state.ts';

/** @param seqs ascending @param timeZone whose calendar the years are of */
export function tally(state: State, seqs: readonly number[], timeZone: string): Tally[] {
  const { ledger } = state;
  const byType = new Map<string, number[]>();
  for (const seq of seqs) {
    const name = ledger.name(ledger.resource(seq));
    const type = name.slice(0, name.indexOf('/'));
    const list = byType.get(type);
    if (list) list.push(seq);
    else byType.set(type, [seq]);
  }
  const yearOf = years(timeZone);
  const counts = new Map<string, Tally & { number: number }>();
  for (const [type, list] of byType) {
    const dates = new Map<number, number>();
    let undated = list;
    for (const code of dateCodes(type)) {
      if (undated.length === 0) break;
      const keys = state.type(type).parameter(code)?.keys(undated, false) ?? [];
      undated.forEach((seq, i) => {
        const year = typeof keys[i] === 'number' ? yearOf(keys[i]) : undefined;
        if (year !== undefined) dates.set(seq, year);
      });
      undated = undated.filter(seq => !dates.has(seq));
    }
    for (const seq of list) {
      const sender = ledger.sender(ledger.resource(seq));
      const year = dates.get(seq);
      const key = JSON.stringify([sender, type, year]);
      const met = counts.get(key);
      if (met) met.number++;
      else counts.set(key, { sender, type, ...(year === undefined ? {} : { year }), number: 1 });
    }
  }
  const order = ({ sender, type, year = 0 }: Tally): string => JSON.stringify([sender, type, String(year).padStart(4, '0')]);
  return [...counts.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Instant (ms) → year in a zone; undefined for the open end of a Period. */
function years(timeZone: string): (ms: number) => number | undefined {
  const read = dateReader(timeZone);
  const spans = new Map<number, readonly [number, number]>();
  const within = (year: number, ms: number): boolean => {
    let span = spans.get(year);
    if (span === undefined) spans.set(year, (span = read(String(year).padStart(4, '0')) ?? [1, 0]));
    return span[0] <= ms && ms <= span[1];
  };
  return ms => {
    const near = new Date(ms).getUTCFullYear();
    return [near, near + 1, near - 1].find(year => year > 0 && year < 10_000 && within(year, ms));
  };
}
