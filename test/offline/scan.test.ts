// docs/deidentification/offline.md: what is read of a text without its value
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../src/fhir/model/json.ts';
import { namesOf, personsIn } from '../../src/fhir/model/named.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { Scan } from '../../src/offline/scan.ts';
import { lastDay } from '../../src/release/individual.ts';

const base = 'https://noren.example/fhir';
const until = 25_000;
const scan = new Scan(until, base);

/** The scan may be unsure; where it is not, it says what the value says. */
function agrees(text: string | Buffer): Scan {
  const bytes = Buffer.from(text as string);
  scan.read(bytes);
  if (!scan.sure) return scan;
  const value = parseJson(bytes) as AnyResource;
  expect(scan.type).toBe(value.resourceType);
  expect(scan.withheld).toBe(value['implicitRules'] !== undefined || value['modifierExtension'] !== undefined);
  if (!scan.decimals) expect(JSON.parse(bytes.toString())).toStrictEqual(value);
  if (!scan.plain) return scan;
  const named = personsIn(value, { base });
  expect(scan.persons.toSorted()).toEqual(namesOf(named).toSorted());
  // Whose a text with digits to keep is, is not noted: a number in the place of an identifier is an object then, and names somebody.
  if (!scan.decimals) expect(named.unresolvable).toEqual([]);
  expect(scan.lastDay).toBe(lastDay([value], until));
  expect(scan.id).toBe(typeof value.id === 'string' ? value.id : undefined);
  return scan;
}

const words = [
  ...['Patient/1', 'Patient/2', 'RelatedPerson/r', 'Encounter/e', 'PATIENT/1', 'patient/1', 'Nothing/1', 'Patient/1/_history/2'],
  ...[`${base}/Patient/1`, 'https://elsewhere.example/Patient/1', 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', '#p', '#', ''],
  ...['Patient', 'RelatedPerson', 'http://hl7.org/fhir/Patient', 'Observation', 'Bundle', 'true'],
  ...['2020', '2020-02', '2020-02-29', '2021-02-29', '2020-01-01T10:00:00+09:00', '2020-01-01T10', '9999-12-31', '20200101', '1'],
  ...['urn:oid:1.2.392.100495.20.3.51.11319999991', 'http://loinc.org', 'urn:oid:１', 'あ', '"', '\\', '\n', '\u2028'],
];
const keys = [
  ...['resourceType', 'id', 'reference', 'type', 'identifier', 'system', 'value', 'url', 'valueUri', 'meta', 'subject', 'fullUrl'],
  ...['code', 'contained', 'resource', 'implicitRules', 'modifierExtension', 'effectiveDateTime', '__proto__', '1', 'あ', ''],
];
const numbers = ['0', '-0', '1', '-1.5', '7.20', '7.2', '1e3', '0.0000001', '0.000001', '123456789012345678', '1.0', '-0.5', '10', '100.0'];

/** JSON as text, so that numbers, escapes, spaces and elements that come twice are what they are. */
const json = fc.letrec<{ value: string; object: string }>(tie => ({
  object: fc
    .array(fc.tuple(fc.constantFrom(...keys), tie('value'), fc.constantFrom('', ' ', '\t')), { maxLength: 5 })
    .map(all => `{${all.map(([key, value, space]) => `${space}${JSON.stringify(key)}${space}:${space}${value}${space}`).join()}}`),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...words).map(word => JSON.stringify(word)),
    fc.constantFrom(...words).map(word => `"${[...word].map(c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`),
    fc.constantFrom(...numbers, 'true', 'false', 'null'),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }).map(list => `[${list.join(' ,')}]`),
  ),
})).object;
const resource = fc
  .tuple(fc.constantFrom('Observation', 'Patient', 'Encounter', 'Bundle', 'Nothing'), json)
  .map(([type, object]) => (object === '{}' ? `{"resourceType":"${type}"}` : `{"resourceType":"${type}",${object.slice(1)}`));

test('scan: where it is sure, a text is JSON with no element twice, and its type, digits, persons and latest day are those of its value', () => {
  let [sure, plain] = [0, 0];
  fc.assert(
    fc.property(resource, text => {
      const { sure: isSure, plain: isPlain } = agrees(text);
      sure += Number(isSure);
      plain += Number(isPlain);
    }),
    { numRuns: 20_000, examples: [['{"resourceType":"Observation","effectiveDateTime":[[{"reference":"Patient/1"}]]}']] },
  );
  expect(sure).toBeGreaterThan(5000);
  expect(plain).toBeGreaterThan(500);
}, 60_000);

test('scan: of a text that was damaged anywhere it is not sure, unless it is JSON all the same', () => {
  const whole = Buffer.from(
    '{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/1"},"valueQuantity":{"value":-1.5e1,"unit":"k\\u00b5g"},"note":[true,false,null,[]]} ',
  );
  expect(agrees(whole)).toMatchObject({ sure: true, plain: true, decimals: true, type: 'Observation', id: 'o', persons: ['Patient/1'] });
  for (let at = 0; at < whole.length; at++) {
    agrees(whole.subarray(0, at));
    agrees(Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]));
    for (const byte of [...' "\\{}[],:019-+.eEtu/\n', 'あ'].flatMap(one => [...Buffer.from(one)]).concat(0, 0x80, 0xc3, 0xff)) {
      const other = Buffer.from(whole);
      other[at] = byte;
      agrees(other);
    }
  }
});

test('scan: a text that is deeper than parseJson reads, has an element twice or another encoding is not sure', () => {
  const deep = (depth: number): string => `{"resourceType":"Basic","extension":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  expect(agrees(deep(99)).sure).toBe(true);
  expect(agrees(deep(100)).sure).toBe(false);
  for (const text of [
    '{"resourceType":"Basic","id":"a","id":"a"}',
    '{"resourceType":"Basic","a":{"b":1},"a":1}',
    '\ufeff{"resourceType":"Basic"}',
  ])
    expect(agrees(text).sure).toBe(false);
  expect(agrees(Buffer.from('{"resourceType":"Basic","id":"\xe9"}', 'latin1')).sure).toBe(false);
  // Of more elements than it tells apart it leaves the rest to others.
  const many = Array.from({ length: 5000 }, (_, i) => `"e${i}":1`).join();
  expect(new Scan(until, base).sure || agrees(`{"resourceType":"Basic",${many}}`).sure).toBe(false);
});
