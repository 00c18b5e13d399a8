// contract: who has objected, one by one or as a list; nothing of other institutions' patients. https://hl7.org/fhir/R4/operations.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readNumberList } from '../../src/operations/number-list.ts';
import { numbers, numbersOf2, objection, openWhole, type Whole } from './desk-ground.ts';

const limited = (hospital: string) => ({
  provision: {
    type: 'deny',
    actor: [
      {
        role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] },
        reference: { reference: `Organization/${hospital}` },
      },
    ],
  },
});

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole();
  await whole.create(objection({ identifier: { system: numbers, value: 'A-1' } }), 'hospital-1');
  await whole.create(objection({ identifier: { system: numbersOf2, value: 'B-1' } }), 'hospital-2');
  await whole.create(objection({ identifier: { system: numbers, value: 'A-2' } }, limited('hospital-2')), 'operator');
  const id = await whole.create(objection({ identifier: { system: numbers, value: 'A-3' } }), 'hospital-1');
  const stored = (await whole.ask('GET', `Consent/${id}`, { client: 'hospital-1' })).json!;
  await whole.ask('PUT', `Consent/${id}`, { client: 'hospital-1', body: { ...stored, status: 'inactive' } });
}, 60_000);
afterAll(() => whole.close());

type Parameter = { name: string; valueUnsignedInt?: number; valueAttachment?: { data: string }; part?: object[] };
const ask = async (client: string, ...parameter: object[]) => {
  const { status, json, why } = await whole.ask('POST', '$check-objections', { client, body: { resourceType: 'Parameters', parameter } });
  const given = (json!['parameter'] ?? []) as Parameter[];
  const results = given.filter(one => one.name === 'result').map(one => one.part);
  const cleaned = given.find(one => one.name === 'cleaned')?.valueAttachment?.data;
  return {
    status,
    why,
    results,
    counts: given.flatMap(one => one.valueUnsignedInt ?? []),
    cleaned: cleaned === undefined ? undefined : Buffer.from(cleaned, 'base64').toString(),
    text: JSON.stringify(json),
  };
};
const number = (system: string | undefined, value: string) => ({
  name: 'identifier',
  valueIdentifier: { ...(system === undefined ? {} : { system }), value },
});
const file = (text: string, contentType = 'text/csv') => ({
  name: 'file',
  valueAttachment: { contentType, data: Buffer.from(text).toString('base64') },
});
const to = (hospital: string) => ({ name: 'institution', valueReference: { reference: `Organization/${hospital}` } });
const row = (n: number, said: boolean | string) => [
  { name: 'row', valuePositiveInt: n },
  typeof said === 'boolean' ? { name: 'objected', valueBoolean: said } : { name: 'problem', valueCode: said },
];

test('$check-objections: yes and no of an institution’s own numbers, in any spelling; of withdrawn ones no', async () => {
  const { results, counts } = await ask('hospital-1', number(numbers, 'Ａ－１'), number(numbers, 'A-3'), number(numbers, 'A-9'));
  expect(results).toEqual([row(1, true), row(2, false), row(3, false)]);
  expect(counts).toEqual([3, 1, 0, 0]);
});

test('$check-objections: of a number of another institution an institution learns nothing, objected or not', async () => {
  const { results, counts } = await ask('hospital-1', number(numbersOf2, 'B-1'), number(numbersOf2, 'B-9'), number(undefined, 'B-1'));
  expect(results).toEqual([row(1, 'foreign'), row(2, 'foreign'), row(3, 'unusable')]);
  expect(counts).toEqual([3, 0, 1, 2]);
  expect((await ask('hospital-1', to('hospital-2'), number(numbersOf2, 'B-1'))).status).toBe(403);
});

test('$check-objections: an objection limited to another institution is none for this one; the operator hears of all, or of those for one', async () => {
  expect((await ask('hospital-1', number(numbers, 'A-2'))).results).toEqual([row(1, false)]);
  expect((await ask('operator', number(numbers, 'A-2'), number(numbersOf2, 'B-1'))).results).toEqual([row(1, true), row(2, true)]);
  expect((await ask('operator', to('hospital-1'), number(numbers, 'A-2'))).results).toEqual([row(1, false)]);
  expect((await ask('operator', to('hospital-2'), number(numbers, 'A-2'))).results).toEqual([row(1, true)]);
});

test('$check-objections: a CSV list comes back without who objected and who cannot be made out, every other row byte by byte', async () => {
  const rows = [
    '"A-9",見出し,"a\r\n b"\r\n',
    'A-1,x,y\r\n',
    '"A-1",x,"y ""z"""\r\n',
    'A-3 ,x,\r\n',
    ',x,y\r\n',
    'A-9,too,many,fields\r\n',
    'A-8,last,row',
  ];
  const { cleaned, results, counts, text } = await ask('hospital-1', file('\ufeffvalue,Name,note\r\n' + rows.join('')));
  expect(cleaned).toBe('\ufeffvalue,Name,note\r\n' + rows[0] + rows[3] + rows[6]);
  expect(results).toEqual([row(2, true), row(3, true), row(5, 'unusable'), row(6, 'unusable')]);
  expect(counts).toEqual([7, 2, 2, 0]);
  expect(text).not.toContain('A-1');
});

test('$check-objections: a list may name systems, and may be NDJSON', async () => {
  const csv = await ask('hospital-1', file(`system,value\n${numbers},A-1\n${numbersOf2},B-1\n,A-9\n`));
  expect(csv.cleaned).toBe('system,value\n,A-9\n');
  const lines = ['{"value":"A-1"}\n', '{"value":"A-9","system":"' + numbers + '"}\n', 'no json\n', '[]\n'];
  const ndjson = await ask('hospital-1', file(lines.join(''), 'application/x-ndjson'));
  expect(ndjson.cleaned).toBe(lines[1]);
  expect(ndjson.counts).toEqual([4, 1, 2, 0]);
});

test('$check-objections: 20,000 rows in one call', async () => {
  const list = Array.from({ length: 20_000 }, (_, n) => `A-${n}\n`);
  const { cleaned, counts } = await ask('hospital-1', file('value\n' + list.join('')));
  expect(counts).toEqual([20_000, 1, 0, 0]);
  expect(cleaned).toBe('value\n' + list.filter(one => one !== 'A-1\n').join(''));
});

test('list of numbers: more rows than the limit are refused, as many are not', () => {
  const list = (n: number) => ({ contentType: 'text/csv', data: Buffer.from('value\n' + 'x\n'.repeat(n)).toString('base64') });
  expect(readNumberList(list(3), undefined, 3).rows.length).toBe(3);
  expect(() => readNumberList(list(4), undefined, 3)).toThrow('3 rows');
});

test('$check-objections: refusals', async () => {
  const status = async (client: string, ...parameter: object[]) => (await ask(client, ...parameter)).status;
  for (const client of ['tester', 'researcher-1', 'patient-app']) expect(await status(client, number(numbers, 'A-1'))).toBe(403);
  expect(await status('operator')).toBe(400);
  expect(await status('operator', number(numbers, 'A-1'), file('value\nA-1'))).toBe(400);
  for (const wrong of [
    file('name\nA-1'),
    file('value,value\nA,A'),
    file('value\nA', 'text/plain'),
    file(''),
    file('value\n\n', 'application/pdf'),
  ])
    expect(await status('hospital-1', wrong)).toBe(400);
  const latin = {
    name: 'file',
    valueAttachment: { contentType: 'text/csv', data: Buffer.from('value\n\x93\xfa', 'latin1').toString('base64') },
  };
  expect(await status('hospital-1', latin)).toBe(400);
  expect(await status('hospital-1', ...Array.from({ length: 1001 }, (_, n) => number(numbers, `${n}`)))).toBe(422);
});
