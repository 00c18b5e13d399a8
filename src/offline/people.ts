/**
 * The persons of the whole input: their records of all files together, each person under one pseudonym and one shift.
 * @module
 */
import type { AnyResource } from '../fhir/model/r4.ts';
import { type Individual, individual } from '../release/individual.ts';
import { persons } from '../release/persons.ts';
import type { Series } from '../release/series.ts';
import type { Input } from './inputs.ts';
import type { PatientRecord } from './survey.ts';

/** A person as the second pass needs him. */
export interface Person extends Individual {
  /** Place of the first record: where the person's one Patient is written. */
  readonly at: string;
  /** What leaves of somebody with several records; empty: the one record stands at that place. */
  readonly records: readonly AnyResource[];
}

/** @param records in the order of the input @param lastDays name of somebody → latest day that the input tells of him */
export function peopleOf(records: readonly PatientRecord[], lastDays: ReadonlyMap<string, number>, series: Series): Person[] {
  const known = { keys: series.keys, compiled: series.compiled, today: series.today };
  return persons(records, record => record.ties).map(group => {
    const first = group[0]!;
    const names = [...new Set(group.map(record => record.name))];
    const kept = group.map(record => JSON.parse(record.kept) as AnyResource);
    const ties = new Set(group.flatMap(record => record.ties));
    const lastDay = () => Math.max(...[...ties].map(tie => lastDays.get(tie) ?? Number.NEGATIVE_INFINITY));
    const one = individual({ anchor: first.name, records: kept, names }, lastDay, known);
    return { ...one, records: kept.length > 1 ? kept : [], at: first.at };
  });
}

/** Shorter ids and numbers stand in names of files by chance: `Observation-12.ndjson`. */
const shortest = 4;

/** Inputs whose names hold an id or a number of anybody of the input, as words of their own. */
export function namedAfter(inputs: readonly Input[], records: readonly PatientRecord[]): Input[] {
  const words = new Set<string>();
  for (const { ties } of records)
    for (const tie of ties) {
      // `Patient/id`, `system|value`.
      const word = tie.slice(Math.max(tie.lastIndexOf('|'), tie.startsWith('Patient/') ? 7 : -1) + 1);
      if (word.length >= shortest) words.add(word.toLowerCase());
    }
  return inputs.filter(({ name }) => {
    const text = name.normalize('NFKC').toLowerCase();
    return [/[\p{L}\p{N}]+/gu, /[\p{L}\p{N}-]+/gu, /[^/]+?(?=\.(?:nd)?json)/gu].some(shape =>
      text.match(shape)?.some(word => words.has(word)),
    );
  });
}
