// docs/operation/who-was-told.md: the whole life of a text over HTTP: told, replaced, held, told again. https://hl7.org/fhir/R4/questionnaire.html
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fillText } from '../../src/consent/notice-text.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { openWhole, type Told, type Whole } from '../http/whole.ts';

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole('--renotice-blocks', 'true', '--renotice-at-age', '16');
}, 120_000);
afterAll(() => whole.close());

const numbers = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const day = 86_400_000;
const jst = (ms: number) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(ms);
const ago = (days: number) => jst(Date.now() - days * day);
const url = 'https://hospital-1.example/notice';

type Part = { readonly name: string; readonly [value: string]: unknown };
type Counted = { name: string; valueUnsignedInt?: number; part?: { name: string; [value: string]: unknown }[] };

const call = (operation: string, parameter: readonly Part[], client = 'hospital-1'): Promise<Told> =>
  whole.ask('POST', operation, { client, body: { resourceType: 'Parameters', parameter } });
const report = (...parameter: Part[]) => call('$who-was-told', parameter);
const parameters = ({ json }: Told) => (json?.['parameter'] ?? []) as Counted[];
const count = (told: Told, name: string) => parameters(told).find(one => one.name === name)?.valueUnsignedInt;
/** value → number of one kind of count. */
const counts = (told: Told, name: string) =>
  Object.fromEntries(
    parameters(told)
      .filter(one => one.name === name)
      .map(({ part }) => {
        const { name: _, ...value } = part!.find(one => one.name === 'value') ?? { name: '' };
        return [Object.values(value)[0] ?? 'none', part!.find(one => one.name === 'number')!['valueUnsignedInt']];
      }),
  );
const listed = (told: Told) =>
  parameters(told)
    .filter(one => one.name === 'patient')
    .map(({ part }) => [(part![0]!['valueIdentifier'] as { value: string }).value, part![1]!['valueCode']]);
const list: Part = { name: 'list', valueBoolean: true };
const csv: Part = { name: 'format', valueCode: 'csv' };
const file = (told: Told) => {
  const { data } = (parameters(told).find(one => one.name === 'file') as unknown as { valueAttachment: { data: string } }).valueAttachment;
  return Buffer.from(data, 'base64').toString();
};

const template = JSON.parse(readFileSync(new URL('../../profiles/Questionnaire-notice-text-template.json', import.meta.url), 'utf8'));
/** A version of the hospital's own text. */
function text(version: string, date: string, representative: string, more: object = {}): AnyResource {
  const blank = (ja: string) => ({ ja, en: `${ja} in English` });
  const filled = fillText(
    template as AnyResource,
    {
      'institution-name': blank('病院'),
      'institution-address': blank('東京都'),
      'institution-representative': blank(representative),
      operator: blank('事業者'),
    },
    { url, version, date },
  );
  return { ...filled, ...more };
}
const tell = (sent: string, channel: string, who: readonly string[], recipient = 'patient') =>
  call('$record-notices', [
    ...who.map(number => ({ name: 'notice', part: [{ name: 'number', valueString: number }] })),
    { name: 'sent', valueDateTime: sent },
    { name: 'channel', valueCode: channel },
    { name: 'recipient', valueCode: recipient },
    { name: 'text', valueCanonical: `${url}|${current}` },
  ]);
const send = (number: string, more: object = {}) =>
  whole.ask('POST', 'Patient', {
    client: 'hospital-1',
    body: { resourceType: 'Patient', identifier: [{ system: numbers, value: number }], ...more },
  });
let current = '1';

describe('a text is used, replaced, and used again', () => {
  test('told under the first version: clear, waiting, objected are numbers of patients', async () => {
    await whole.create(text('1', ago(400), '院長 甲'), 'hospital-1');
    await tell(ago(100), 'tablet', ['A', 'B', 'C']);
    await tell(ago(100), 'handed-document', ['K', 'G'], 'guardian');
    await tell(ago(5), 'postal', ['D']);
    expect((await send('A')).status).toBe(201);
    expect((await send('K', { birthDate: '2020-01-01' })).status).toBe(201);
    await whole.create(objection('C'), 'hospital-1');
    const told = await report();
    expect(['notices', 'clear', 'waiting', 'objected', 'tell-again'].map(name => count(told, name))).toEqual([6, 4, 1, 1, 0]);
    expect(counts(told, 'text')).toEqual({ [`${url}|1`]: 6 });
    expect(counts(told, 'channel')).toEqual({ tablet: 3, 'handed-document': 2, postal: 1 });
    expect(counts(told, 'recipient')).toEqual({ patient: 4, guardian: 2 });
    expect(Object.values(counts(told, 'month')).reduce((a, b) => Number(a) + Number(b))).toBe(6);
    expect(Object.keys(counts(told, 'month'))).toContain(ago(100).slice(0, 7));
  });

  test('a taken back notice is counted nowhere', async () => {
    await tell(ago(90), 'email', ['E']);
    expect(count(await report(), 'notices')).toBe(7);
    const found = await whole.ask('GET', `Communication?subject:identifier=${encodeURIComponent(`${numbers}|E`)}`, {
      client: 'hospital-1',
    });
    const { resource } = (found.json!['entry'] as { resource: { id: string } }[])[0]!;
    const body = { ...resource, status: 'entered-in-error' };
    await whole.ask('PUT', `Communication/${resource.id}`, { client: 'hospital-1', body });
    const told = await report();
    expect([count(told, 'notices'), counts(told, 'channel')['email']]).toEqual([6, undefined]);
  });

  test('another representative: everybody is to be told again, and intake is held; the objection stays one', async () => {
    expect((await send('A')).status).toBe(201);
    await whole.create(text('2', ago(50), '院長 乙'), 'hospital-1');
    current = '2';
    const held = await send('A');
    expect([held.status, held.why]).toEqual([422, expect.stringMatching(/has to be told again/)]);
    const told = await report(list);
    expect(['clear', 'waiting', 'objected', 'tell-again'].map(name => count(told, name))).toEqual([0, 0, 1, 5]);
    expect(counts(told, 'reason')).toEqual({ representative: 5 });
    expect(listed(told)).toEqual(['A', 'B', 'D', 'G', 'K'].map(number => [number, 'representative']));
  });

  test('told anew, and the wait over: intake is open, and the list is shorter', async () => {
    await tell(ago(40), 'tablet', ['A']);
    expect((await send('A')).status).toBe(201);
    await tell(ago(3), 'tablet', ['B']);
    expect((await send('B')).why).toMatch(/too young/);
    const told = await report(list);
    expect(['clear', 'waiting', 'tell-again'].map(name => count(told, name))).toEqual([1, 1, 3]);
    expect(listed(told).map(([number]) => number)).toEqual(['D', 'G', 'K']);
  });

  test('a version that is marked asks for it as text', async () => {
    const mark = { extension: [{ url: 'https://noren.example/fhir/StructureDefinition/notice-text-renotice', valueBoolean: true }] };
    await whole.create(text('3', ago(0), '院長 乙', mark), 'hospital-1');
    current = '3';
    expect((await send('A')).status).toBe(422);
    expect(counts(await report(), 'reason')).toEqual({ text: 5 });
  });
});

describe('ages and objections', () => {
  test('grown up since a guardian heard it; under age without a guardian; told before an objection ended', async () => {
    const sent = ago(60);
    await tell(sent, 'tablet', ['Y'], 'guardian');
    await tell(sent, 'tablet', ['O']);
    // 16 today, 15 on the day of the notice.
    const born = `${Number(ago(0).slice(0, 4)) - 16}${ago(0).slice(4)}`.replace('-02-29', '-02-28');
    const young = { ...(await send('Y')) };
    expect(young.status).toBe(201);
    const body = { ...young.json, birthDate: born };
    const grown = await whole.ask('PUT', `Patient/${young.json!['id']}`, { client: 'hospital-1', body });
    expect([grown.status, grown.why]).toEqual([422, expect.stringMatching(/has to be told again/)]);
    await tell(ago(0), 'tablet', ['Y']);
    expect((await send('Y', { birthDate: born })).why).toMatch(/too young/);
    const consent = objection('O');
    const id = await whole.create(consent, 'hospital-1');
    await whole.ask('PUT', `Consent/${id}`, { client: 'hospital-1', body: { ...consent, id, status: 'inactive' } });
    expect(listed(await report(list)).filter(([, reason]) => reason === 'objection-ended')).toEqual([['O', 'objection-ended']]);
  });
});

describe('the list', () => {
  test('comes in parts, and as a file', async () => {
    const whole = listed(await report(list));
    const [first, second] = [
      await report(list, { name: 'count', valuePositiveInt: 4 }),
      await report(list, { name: 'offset', valueUnsignedInt: 4 }),
    ];
    expect(count(first, 'next')).toBe(4);
    expect(count(second, 'next')).toBeUndefined();
    expect([...listed(first), ...listed(second)]).toEqual(whole);
    expect(file(await report(list, csv))).toBe(`\ufeffnumber,reason\r\n${whole.map(row => `${row.join(',')}\r\n`).join('')}`);
  });

  test('without it the file holds the counts, and no number of a patient', async () => {
    const told = await report(csv);
    expect(file(told)).toMatch(/^\ufeffwhat,value,number\r\nnotices,,\d+\r\n/);
    expect(listed(told)).toEqual([]);
  });

  test.each([
    ['count without a list', [{ name: 'count', valuePositiveInt: 5 }], 400],
    ['count beyond 10000', [list, { name: 'count', valuePositiveInt: 10_001 }], 400],
    ['a negative offset', [list, { name: 'offset', valueUnsignedInt: -1 }], 400],
    ['another format', [{ name: 'format', valueCode: 'xlsx' }], 400],
    ['another institution', [{ name: 'institution', valueReference: { reference: 'Organization/hospital-2' } }], 403],
    ['no Organization', [{ name: 'institution', valueReference: { reference: 'Patient/1' } }], 400],
  ])('%s: %#', async (_, parameter, status) => {
    expect((await report(...(parameter as Part[]))).status).toBe(status);
  });
});

test('the operator asks for any institution, without the patients’ numbers; others may not ask', async () => {
  const named = { name: 'institution', valueReference: { reference: 'Organization/hospital-1' } };
  const told = await call('$who-was-told', [named], 'operator');
  expect([told.status, count(told, 'notices')]).toEqual([200, count(await report(), 'notices')]);
  expect((await call('$who-was-told', [named, list], 'operator')).status).toBe(403);
  expect((await call('$who-was-told', [], 'operator')).status).toBe(400);
  expect((await call('$who-was-told', [named], 'tester')).status).toBe(403);
  expect((await call('$who-was-told', [named], 'researcher-1')).status).toBe(403);
  const other = await call('$who-was-told', [], 'hospital-2');
  expect([other.status, count(other, 'notices')]).toEqual([200, 0]);
});

function objection(number: string) {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { identifier: { system: numbers, value: number } },
    dateTime: new Date().toISOString(),
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
    provision: { type: 'deny' },
  };
}
