// docs/operation/record-notices.md. https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/communication.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWhole, type Told, type Whole } from '../http/whole.ts';

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole();
}, 120_000);
afterAll(() => whole.close());

const numbers = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const text = 'https://noren.example/fhir/Questionnaire/notice-text-hospital-1|1.0.0';
type Part = { readonly name: string; readonly [value: string]: unknown };

const record = (parameter: readonly Part[], client = 'hospital-1'): Promise<Told> =>
  whole.ask('POST', '$record-notices', { client, body: { resourceType: 'Parameters', parameter } });
const valuesOf = ({ json }: Told) => (json?.['parameter'] ?? []) as { name: string; valueUnsignedInt?: number; part?: Part[] }[];
/** [recorded, already, refused] */
const counts = (told: Told) =>
  ['recorded', 'already', 'refused'].map(name => valuesOf(told).find(one => one.name === name)?.valueUnsignedInt);
const refused = (told: Told) =>
  valuesOf(told)
    .filter(one => one.name === 'row')
    .map(({ part }) => [part![0]!['valuePositiveInt'], part![1]!['valueString']]);
const notice = (number: string, more: Readonly<Record<string, string>> = {}): Part => ({
  name: 'notice',
  part: [
    { name: 'number', valueString: number },
    ...Object.entries(more).map(([name, value]) => ({
      name,
      [{ sent: 'valueDateTime', text: 'valueCanonical', note: 'valueString' }[name] ?? 'valueCode']: value,
    })),
  ],
});
const file = (contentType: string, data: string | Uint8Array): Part[] => [
  { name: 'file', valueAttachment: { contentType, data: Buffer.from(data as string).toString('base64') } },
];
const stored = async (number: string) => {
  const { json } = await whole.ask('GET', `Communication?subject:identifier=${encodeURIComponent(`${numbers}|${number}`)}`);
  return ((json!['entry'] ?? []) as { resource: Record<string, unknown> }[]).map(one => one.resource);
};

describe('a list', () => {
  test('each notice is stored as a Communication that says when, in which text, by which channel and to whom', async () => {
    const told = await record([notice('L-1', { sent: '2026-01-15', text, channel: 'tablet', recipient: 'guardian', note: 'at the desk' })]);
    expect([told.status, counts(told)]).toEqual([200, [1, 0, 0]]);
    const [one] = await stored('L-1');
    expect(one).toMatchObject({
      resourceType: 'Communication',
      status: 'completed',
      sent: '2026-01-15',
      instantiatesCanonical: [text],
      medium: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/notice-channel', code: 'tablet' }] }],
      extension: [{ url: 'https://noren.example/fhir/StructureDefinition/notice-recipient', valueCode: 'guardian' }],
      sender: { reference: 'Organization/hospital-1' },
      note: [{ text: 'at the desk' }],
    });
  });

  test('it clears the patient: intake is open after the wait', async () => {
    await record([notice('L-2', { sent: '2026-01-15' })]);
    const body = { resourceType: 'Patient', identifier: [{ system: numbers, value: 'L-2' }] };
    expect((await whole.ask('POST', 'Patient', { client: 'hospital-1', body })).status).toBe(201);
  });

  test('the same patient, day, text and channel again stores nothing twice; another day, text or channel does', async () => {
    const once = notice('L-3', { sent: '2026-01-15', channel: 'postal' });
    expect(counts(await record([once, once]))).toEqual([1, 1, 0]);
    expect(counts(await record([notice('Ｌ-３ ', { sent: '2026-01-15T09:30:00+09:00', channel: 'postal' })]))).toEqual([0, 1, 0]);
    expect(counts(await record([notice('L-3', { sent: '2026-01-16', channel: 'postal' })]))).toEqual([1, 0, 0]);
    expect(counts(await record([notice('L-3', { sent: '2026-01-15', channel: 'email' })]))).toEqual([1, 0, 0]);
    expect(await stored('L-3')).toHaveLength(3);
  });

  test('a guardian who was told as well is recorded; the patient alone, after both, is there already', async () => {
    expect(counts(await record([notice('L-11', { sent: '2026-01-15' })]))).toEqual([1, 0, 0]);
    const both = {
      name: 'notice',
      part: [
        ...(notice('L-11', { sent: '2026-01-15', recipient: 'patient' })['part'] as Part[]),
        { name: 'recipient', valueCode: 'guardian' },
      ],
    };
    expect(counts(await record([both]))).toEqual([1, 0, 0]);
    expect(counts(await record([both, notice('L-11', { sent: '2026-01-15', recipient: 'guardian' })]))).toEqual([0, 2, 0]);
  });

  test('a notice that came as a Communication of its own counts as there already', async () => {
    await whole.create(
      {
        resourceType: 'Communication',
        status: 'completed',
        category: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' }] }],
        subject: { identifier: { system: numbers, value: 'L-4' } },
        sender: { reference: 'Organization/hospital-1' },
        sent: '2026-01-15T08:00:00+09:00',
        instantiatesCanonical: [text],
      },
      'hospital-1',
    );
    expect(counts(await record([notice('L-4', { sent: '2026-01-15' })]))).toEqual([0, 1, 0]);
  });

  test('one that was taken back may be recorded again', async () => {
    await record([notice('L-5', { sent: '2026-01-15' })]);
    const [one] = await stored('L-5');
    const body = { ...one, status: 'entered-in-error' };
    expect((await whole.ask('PUT', `Communication/${one!['id']}`, { client: 'hospital-1', body })).status).toBe(200);
    expect(counts(await record([notice('L-5', { sent: '2026-01-15' })]))).toEqual([1, 0, 0]);
  });

  test('a refused row is told by its place and why, the others are stored; no value of it is in the answer', async () => {
    const told = await record([
      notice('L-6'),
      notice('L-7', { sent: '2999-01-01' }),
      notice('not a number at all'),
      notice('L-8', { channel: 'rumour' }),
      notice('L-9', { recipient: 'neighbour' }),
      notice('L-10', { text: 'https://nowhere.example/text|1' }),
      { name: 'notice', part: [{ name: 'identifier', valueIdentifier: { system: 'urn:oid:1.2.3', value: 'secret-1' } }] },
      { name: 'notice', part: [{ name: 'channel', valueCode: 'tablet' }] },
    ]);
    expect(counts(told)).toEqual([1, 0, 7]);
    expect(refused(told)).toEqual([
      [2, 'A notice cannot have been given on a day to come.'],
      [3, 'The row has no usable patient number.'],
      [4, expect.stringMatching(/^The channel of a notice is one of/)],
      [5, expect.stringMatching(/^The recipients of a notice are of/)],
      [6, 'A notice names one text, in a version that is on record here.'],
      [7, 'The subject of a notice has one patient number of the institution that gives it.'],
      [8, 'The row has a patient number or an identifier: one of them.'],
    ]);
    expect(told.text).not.toMatch(/L-\d|rumour|neighbour|nowhere|secret|2999|at all/);
  });
});

describe('a scanner at the desk', () => {
  test('gives the bare number: today, the text in use, what the call says for all', async () => {
    const scan = (number: string) => ({ name: 'scan', valueString: number });
    const told = await record([
      scan(' Ｓ-１\r'),
      scan('S-2'),
      { name: 'channel', valueCode: 'handed-document' },
      { name: 'recipient', valueCode: 'patient' },
    ]);
    expect(counts(told)).toEqual([2, 0, 0]);
    const [one] = await stored('S-1');
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(Date.now());
    expect(one).toMatchObject({ sent: today, instantiatesCanonical: [text], medium: [{ coding: [{ code: 'handed-document' }] }] });
  });
});

describe('a file', () => {
  const csv =
    'number,sent,channel,recipient,note\r\nF-1,2026/1/5,postal,"patient guardian","said ""yes"",\nthen went"\r\n\r\nF-2,2026-01-05,,,\r\n';

  test('CSV: quoted cells, dates of spreadsheets, empty cells and lines', async () => {
    expect(counts(await record(file('text/csv', csv)))).toEqual([2, 0, 0]);
    const [one] = await stored('F-1');
    expect(one).toMatchObject({ sent: '2026-01-05', note: [{ text: 'said "yes",\nthen went' }] });
    expect((one!['extension'] as { valueCode: string }[]).map(extension => extension.valueCode)).toEqual(['patient', 'guardian']);
    expect(counts(await record(file('text/csv; charset=utf-8', `\ufeff${csv}`)))).toEqual([0, 2, 0]);
  });

  test('Shift_JIS, said or not', async () => {
    // 窓口 in Shift_JIS
    const bytes = Buffer.concat([Buffer.from('number,note\nF-3,'), Buffer.from([0x91, 0x8b, 0x8c, 0xfb]), Buffer.from('\n')]);
    expect(counts(await record(file('text/csv; charset=Shift_JIS', bytes)))).toEqual([1, 0, 0]);
    expect((await stored('F-3'))[0]).toMatchObject({ note: [{ text: '窓口' }] });
    expect(counts(await record(file('text/csv', bytes)))).toEqual([0, 1, 0]);
    expect((await record(file('text/csv; charset=utf-8', bytes))).status).toBe(400);
  });

  test('NDJSON: objects of the same names, and Communications', async () => {
    const lines = [
      { number: 'F-4', sent: '2026-01-05', recipient: ['guardian'] },
      { identifier: { system: numbers, value: 'F-5' } },
      {
        resourceType: 'Communication',
        status: 'completed',
        category: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' }] }],
        subject: { identifier: { system: numbers, value: 'F-6' } },
        sender: { reference: 'Organization/hospital-1' },
        sent: '2026-01-05',
      },
      { resourceType: 'Communication', status: 'completed' },
      { number: 'F-7', shoe: 'x' },
      { number: 7 },
      ['F-8'],
    ];
    const data = [...lines.map(line => JSON.stringify(line)), '{'].join('\n');
    const told = await record(file('application/fhir+ndjson', data));
    expect(counts(told)).toEqual([3, 0, 5]);
    expect(refused(told).map(([row]) => row)).toEqual([4, 5, 6, 7, 8]);
    expect(counts(await record(file('application/x-ndjson', JSON.stringify(lines[2]))))).toEqual([0, 1, 0]);
  });

  test('a row with too few cells is refused alone', async () => {
    const told = await record(file('text/csv', 'number,sent\nF-10,2026-01-05\nF-11\n'));
    expect(counts(told)).toEqual([1, 0, 1]);
    expect(refused(told)).toEqual([[2, 'The row does not have as many cells as there are columns.']]);
  });

  test.each([
    ['another type', file('application/pdf', 'x'), 400],
    ['no type', [{ name: 'file', valueAttachment: { data: 'eA==' } }], 400],
    ['an address', [{ name: 'file', valueAttachment: { contentType: 'text/csv', url: 'https://nowhere.example/list.csv' } }], 400],
    ['another charset', file('text/csv; charset=utf-16', 'number\n1'), 400],
    ['no line of names', file('text/csv', 'F-12,2026-01-05'), 400],
    ['an unknown column', file('text/csv', 'number,shoe\nF-12,42'), 400],
    ['the same column twice', file('text/csv', 'number,number\nF-12,F-13'), 400],
    ['an open quotation mark', file('text/csv', 'number\n"F-12'), 400],
    ['more rows than 5000', file('text/csv', `number\n${'F-12\n'.repeat(5001)}`), 413],
    ['more bytes than 4 MiB', file('text/csv', `number,note\nF-12,${'x'.repeat(4 * 1024 * 1024)}`), 413],
  ])('%s: refused whole', async (_, parameter, status) => {
    expect((await record(parameter)).status).toBe(status);
    expect(await stored('F-12')).toEqual([]);
  });
});

describe('who may', () => {
  test('an institution for itself, the operator for one that it names, nobody else', async () => {
    const one = [notice('W-1', { sent: '2026-01-15' })];
    const named = (id: string) => ({ name: 'institution', valueReference: { reference: `Organization/${id}` } });
    expect((await record(one, 'tester')).status).toBe(403);
    expect((await record(one, 'researcher-1')).status).toBe(403);
    expect((await record([...one, named('hospital-2')])).status).toBe(403);
    expect((await record(one, 'operator')).status).toBe(400);
    expect((await record([...one, named('hospital-9')], 'operator')).status).toBe(404);
    expect(counts(await record([...one, named('hospital-1')], 'operator'))).toEqual([1, 0, 0]);
    expect(counts(await record([...one, named('hospital-1')]))).toEqual([0, 1, 0]);
  });

  test('a call has notices, a file or scans: none or two of them is 400', async () => {
    expect((await record([])).status).toBe(400);
    expect((await record([notice('W-2'), { name: 'scan', valueString: 'W-3' }])).status).toBe(400);
    expect(await stored('W-2')).toEqual([]);
  });
});

test('who objected and came back the same day is told anew, and that notice is not taken for the one before', async () => {
  const patient = { identifier: { system: numbers, value: 'O-1' } };
  expect(counts(await record([notice('O-1')]))).toEqual([1, 0, 0]);
  const consent = {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient,
    dateTime: new Date().toISOString(),
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
    provision: { type: 'deny' },
  };
  const id = await whole.create(consent, 'hospital-1');
  expect((await whole.ask('PUT', `Consent/${id}`, { client: 'hospital-1', body: { ...consent, id, status: 'inactive' } })).status).toBe(
    200,
  );
  const again = notice('O-1', { sent: new Date(Date.now() + 1).toISOString() });
  expect(counts(await record([again]))).toEqual([1, 0, 0]);
  expect(counts(await record([again]))).toEqual([0, 1, 0]);
});
