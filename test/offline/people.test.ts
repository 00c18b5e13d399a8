// docs/deidentification/offline.md: persons of the whole input
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { personKeys } from '../../src/fhir/model/person.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { Gathering, Persons, type Records, writeRows } from '../../src/offline/people.ts';
import { Shelf } from '../../src/offline/shelf.ts';
import { fingerprintsOf, Table } from '../../src/offline/table.ts';
import { individual, merged } from '../../src/release/individual.ts';
import { persons, tiesOf } from '../../src/release/persons.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { series } from '../../src/release/series.ts';

const base = 'https://noren.example/fhir';
const of = series(policyNamed('jp-anonymized'), Buffer.alloc(32, 7), { base, now: Date.parse('2026-04-01'), timeZone: 'Asia/Tokyo' });
const folder = mkdtempSync(path.join(tmpdir(), 'noren-people-'));
const shelf = new Shelf({ folder, key: Buffer.alloc(32, 1) }, 1);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const nameOf = ({ id }: AnyResource): string => `Patient/${id}`;

const patient = fc
  .record({
    id: fc.integer({ min: 0, max: 30 }),
    number: fc.integer({ min: 0, max: 40 }),
    link: fc.option(fc.integer({ min: 0, max: 60 })),
    birthDate: fc.constantFrom('1930-05-17', '1930', '1937', '1980-01-02', '2020-12', undefined),
    gender: fc.constantFrom('male', 'female', 'unknown'),
  })
  .map(
    ({ id, number, link, birthDate, gender }): AnyResource => ({
      ...{ resourceType: 'Patient', id: `p${id}`, gender, identifier: [{ system: 'urn:x', value: String(number) }] },
      ...(link === null ? {} : { link: [{ other: { reference: `Patient/p${link}` }, type: 'seealso' }] }),
      ...(birthDate === undefined ? {} : { birthDate }),
    }),
  );

function recordsOf(patients: readonly AnyResource[], from: number): Records {
  const ties = patients.map(one => tiesOf(nameOf(one), one, base));
  const kept = patients.map(one => JSON.stringify(merged([one])));
  return {
    facts: Uint32Array.from(patients.flatMap((_, i) => [...fingerprintsOf([`at-${from + i}`]), ties[i]!.length])),
    ties: fingerprintsOf(ties.flat()),
    own: Uint8Array.from(patients.flatMap((one, i) => ties[i]!.map((_, tie) => (tie <= personKeys(one).length ? 1 : 0)))),
    kept: shelf.lay(kept),
  };
}

test('people: of records in any pieces the same persons come as in a release, by each name and number, with pseudonym, shift and days', () =>
  fc.assert(
    fc.property(
      fc.array(fc.array(patient, { maxLength: 5 }), { maxLength: 5 }),
      fc.integer({ min: 18_000, max: 20_500 }),
      (pieces, day) => {
        const lastDays = new Table(3);
        for (const one of pieces.flat()) {
          const [a, b] = fingerprintsOf([nameOf(one)]);
          lastDays.put(a!, b!, day);
        }
        let from = 0;
        const gathering = new Gathering(
          pieces.map(piece => recordsOf(piece, (from += piece.length) - piece.length)),
          lastDays,
        );
        for (let at = 0; at < gathering.count; at += 3) writeRows(gathering.groups(at, at + 3), gathering.rows, of, shelf);
        const all = new Persons(gathering.share(), shelf);
        const records = pieces.flat().map((resource, i) => ({ resource, at: `at-${i}` }));
        const expected = persons(records, ({ resource }) => tiesOf(nameOf(resource), resource, base));
        expect(gathering.count).toBe(expected.length);
        for (const group of expected) {
          const own = group.map(({ resource }) => merged([resource]));
          const names = [...new Set(group.map(({ resource }) => nameOf(resource)))];
          const one = individual({ anchor: names[0]!, records: own, names }, () => day, of);
          for (const name of names) {
            const person = all.byName.get(name)!;
            expect([person.pseudonym, person.subject]).toEqual([one.pseudonym, one.subject]);
            expect(all.severalOf(person)).toEqual(own.length === 1 ? undefined : { record: merged(own), keys: [...one.keys] });
            expect(group.map(({ at }) => all.isAt(person, at))).toEqual(group.map((_, i) => i === 0));
          }
          for (const key of one.keys) expect(all.byKey.get(key)?.pseudonym).toBe(one.pseudonym);
        }
        expect(all.byName.get('Patient/p99')).toBeUndefined();
        expect(all.byName.get('urn:x|1')).toBeUndefined();
      },
    ),
    { numRuns: 300 },
  ));
