// docs/deidentification/offline.md: what is known of people, written down for the second pass
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nothingKnown } from '../../src/deid/text/index.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { knownOfPerson, type Laid, shareKnown, Telling } from '../../src/offline/known.ts';
import { Shelf } from '../../src/offline/shelf.ts';
import { fingerprintsOf, Table } from '../../src/offline/table.ts';
import { knownAbout } from '../../src/release/cleaning.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-known-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const patient = (id: string, family: string): AnyResource => ({ resourceType: 'Patient', id, name: [{ family }] });
const related: AnyResource = { resourceType: 'RelatedPerson', id: 'r', name: [{ family: '久遠寺' }] };

test('known: each person finds what was written down of him by all workers, under each of his names, once of each piece; who is nobody of the input is left out', () => {
  const shelf = (worker: number, key = Buffer.alloc(32, 1)) => new Shelf({ folder, key }, worker);
  const laid: Laid[] = [];
  for (const [worker, resources] of [
    [1, [[patient('a', '綾小路'), ['Patient/a', 'system|1']] as const, [patient('b', '鷹匠谷'), ['Patient/b']] as const]],
    [
      2,
      [[related, ['Patient/a', 'RelatedPerson/r']] as const, [related, ['Patient/a']] as const, [related, ['Patient/stranger']] as const],
    ],
    [1, [[related, ['Patient/c']] as const]],
  ] as const) {
    const telling = new Telling();
    for (const [resource, names] of resources) telling.add(resource, names);
    laid.push(telling.lay(shelf(worker)));
  }
  const table = new Table(3);
  for (const [person, name] of [
    [0, 'Patient/a'],
    [1, 'Patient/b'],
    [2, 'Patient/c'],
    [3, 'Patient/d'],
  ] as const) {
    const [a, b] = fingerprintsOf([name]);
    table.put(a!, b!, person);
  }
  const shared = shareKnown(laid, 4, (a, b) => table.number(a, b));
  const namesOf = (person: number) => knownOfPerson(shelf(9), shared, person).names.map(({ role, family }) => [role, family]);
  expect(namesOf(0)).toEqual([
    ['patient', '綾小路'],
    ['related', '久遠寺'],
  ]);
  expect(knownOfPerson(shelf(9), shared, 1)).toEqual(knownAbout([patient('b', '鷹匠谷')]));
  expect(namesOf(2)).toEqual([['related', '久遠寺']]);
  expect(knownOfPerson(shelf(9), shared, 3)).toEqual(nothingKnown);
  // Sealed under the key of the call; what was changed is not read.
  const file = path.join(folder, 'shelf.1');
  const bytes = readFileSync(file);
  expect(bytes.includes('綾小路')).toBe(false);
  expect(() => knownOfPerson(shelf(9, Buffer.alloc(32, 2)), shared, 1)).toThrow();
  bytes[20]! ^= 1;
  writeFileSync(file, bytes);
  expect(() => knownOfPerson(shelf(9), shared, 0)).toThrow();
});
