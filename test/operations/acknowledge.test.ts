// contract: the receipt of an objection. https://hl7.org/fhir/R4/documentreference.html, https://hl7.org/fhir/R4/datatypes.html#Attachment
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { validate } from '../../src/fhir/profile/validate.ts';
import { numbers, numbersOf2, objection, openWhole, type Whole } from './desk-ground.ts';

let whole: Whole;
let app: string;
let letter: string;
let desk: string;
beforeAll(async () => {
  whole = await openWhole('--operator-contact', '認定作成事業者 03-0000-0000');
  const patient = { resourceType: 'Patient', id: 'p', identifier: [{ system: numbers, value: '00012345' }] };
  expect((await whole.ask('PUT', 'Patient/p', { body: patient })).status).toBe(201);
  app = await whole.create(objection({ reference: 'Patient/p' }), 'patient-app');
  letter = await whole.create(
    objection(
      { identifier: { system: numbersOf2, value: '99887766' }, display: '山田花子' },
      {
        contained: [
          {
            resourceType: 'RelatedPerson',
            id: 'who',
            patient: { identifier: { system: numbersOf2, value: '99887766' } },
            name: [{ text: '山田太郎' }],
            relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'CHILD' }] }],
          },
        ],
        performer: [{ reference: '#who' }],
        sourceAttachment: { contentType: 'application/pdf', data: Buffer.from('%PDF-1.7 letter').toString('base64') },
        provision: {
          type: 'deny',
          actor: [
            {
              role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] },
              reference: { reference: 'Organization/hospital-2' },
            },
          ],
        },
      },
    ),
    'operator',
  );
  desk = await whole.create(objection({ identifier: { system: numbers, value: '00077777' } }), 'hospital-1');
}, 60_000);
afterAll(() => whole.close());

type Document = {
  id: string;
  subject: object;
  content: { attachment: { contentType: string; data: string; hash: string; size: number } }[];
};

const call = (client: string, code: string, ...parameter: object[]) =>
  whole.ask('POST', `$${code}`, { client, body: { resourceType: 'Parameters', parameter } });
const about = (id: string) => ({ name: 'consent', valueReference: { reference: `Consent/${id}` } });
const english = { name: 'language', valueCode: 'en' };
const receipt = async (client: string, id: string, ...more: object[]): Promise<Document> => {
  const { status, json, text } = await call(client, 'acknowledge', about(id), ...more);
  if (status !== 200) throw new Error(text);
  return json as unknown as Document;
};
const bytesOf = (document: Document, n: number) => Buffer.from(document.content[n]!.attachment.data, 'base64');
const saidIn = (document: Document) => JSON.parse(bytesOf(document, 1).toString()) as { [name: string]: unknown };
const tool = (name: string, args: string[], input: Buffer) => execFileSync(name, args, { input }).toString();
/** Poppler lies in the image that tests the pages; elsewhere the words are held by the JSON alone. */
const hasPoppler = ((): boolean => {
  try {
    execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test('$acknowledge: the receipt is a valid DocumentReference with a PDF and its content, hashed and counted', async () => {
  const document = await receipt('patient-app', app);
  expect(validate(document as never)).toEqual([]);
  expect(document.content.map(({ attachment }) => attachment.contentType)).toEqual(['application/pdf', 'application/json']);
  for (const [n, { attachment }] of document.content.entries()) {
    expect(attachment.size).toBe(bytesOf(document, n).length);
    expect(attachment.hash).toBe(createHash('sha1').update(bytesOf(document, n)).digest('base64'));
  }
  expect(bytesOf(document, 0).subarray(0, 8).toString()).toBe('%PDF-1.7');
  expect(saidIn(document)).toMatchObject({
    of: 'objection',
    consent: `Consent/${app}/_history/1`,
    language: 'ja',
    relation: 'not-stated',
    delivery: 'electronic',
    electronicConsent: true,
    contact: '認定作成事業者 03-0000-0000',
  });
  expect(document.subject).toEqual({ reference: 'Patient/p' });
});

test('$acknowledge: who asks again, whoever he is, gets the same bytes; another language is another document under the same number', async () => {
  const [first, again, other, inEnglish] = [
    await receipt('patient-app', app),
    await receipt('patient-app', app),
    await receipt('operator', app),
    await receipt('operator', app, english),
  ];
  expect(again).toEqual(first);
  expect(other).toEqual(first);
  expect(inEnglish.id).not.toBe(first.id);
  expect(saidIn(inEnglish)['number']).toBe(saidIn(first)['number']);
  const together = await Promise.all(Array.from({ length: 5 }, () => receipt('hospital-1', desk)));
  expect(new Set(together.map(one => one.id)).size).toBe(1);
});

test('$acknowledge: of the patient nothing but the end of the number, of the requester nothing but the relation', async () => {
  const document = await receipt('operator', letter);
  const said = saidIn(document);
  expect(said).toMatchObject({ relation: 'child', patientNumber: '••••7766', delivery: 'paper' });
  expect(said['institution']).toEqual(expect.any(String));
  expect(JSON.stringify(said)).not.toMatch(/99887766|山田/);
  expect(document.subject).not.toHaveProperty('display');
  const here = await receipt('hospital-1', desk);
  expect(saidIn(here)).toMatchObject({ patientNumber: '••••7777', receivedBy: expect.any(String) });
});

(hasPoppler ? test : test.skip)(
  '$acknowledge: the PDF is one tagged page that holds its words, with embedded fonts, in both languages',
  async () => {
    for (const [language, title, label] of [
      ['ja', '提供停止の求め 受付書', '受付番号'],
      ['en', 'Receipt of an objection', 'Receipt number'],
    ] as const) {
      const document = await receipt('operator', letter, { name: 'language', valueCode: language });
      const text = tool('pdftotext', ['-layout', '-', '-'], bytesOf(document, 0));
      for (const words of [title, label, String(saidIn(document)['number'])]) expect(text).toContain(words);
      expect(text).toContain(createHash('sha256').update(bytesOf(document, 1)).digest('hex'));
      const info = tool('pdfinfo', ['-'], bytesOf(document, 0));
      expect(info).toMatch(/Pages: +1\n/);
      expect(info).toMatch(/Tagged: +yes/);
      const fonts = tool('pdffonts', ['-'], bytesOf(document, 0)).trim().split('\n').slice(2);
      expect(fonts.length).toBeGreaterThan(0);
      for (const font of fonts) expect(font).toMatch(/BIZUDPGothic.* yes yes yes /);
    }
  },
);

test('$acknowledge: of a withdrawal it is the receipt of the withdrawal, under a number of its own', async () => {
  const id = await whole.create(objection({ identifier: { system: numbers, value: '00055555' } }), 'hospital-1');
  const before = saidIn(await receipt('hospital-1', id));
  const stored = (await whole.ask('GET', `Consent/${id}`, { client: 'hospital-1' })).json!;
  const { status } = await whole.ask('PUT', `Consent/${id}`, { client: 'hospital-1', body: { ...stored, status: 'inactive' } });
  expect(status).toBe(200);
  const after = saidIn(await receipt('hospital-1', id));
  expect([before['of'], after['of']]).toEqual(['objection', 'withdrawal']);
  expect(after['number']).not.toBe(before['number']);
  const verified = await call('hospital-1', 'verify-receipt', { name: 'number', valueString: after['number'] });
  expect(JSON.stringify(verified.json)).toContain('withdrawal');
});

test('receipt: readable to the operator, to its patient and to the institution that sent the objection, and to no other', async () => {
  const [ofApp, ofDesk] = [(await receipt('operator', app)).id, (await receipt('operator', desk)).id];
  const status = async (client: string, id: string) => (await whole.ask('GET', `DocumentReference/${id}`, { client })).status;
  expect([await status('operator', ofApp), await status('patient-app', ofApp), await status('hospital-1', ofApp)]).toEqual([200, 200, 404]);
  expect([await status('operator', ofDesk), await status('patient-app', ofDesk)]).toEqual([200, 404]);
  expect([await status('hospital-1', ofDesk), await status('hospital-2', ofDesk)]).toEqual([200, 404]);
});

test('receipt: of other documents the operator knows nothing, not even how many there are', async () => {
  const other = {
    resourceType: 'DocumentReference',
    status: 'current',
    content: [{ attachment: { title: 'x' } }],
    subject: { reference: 'Patient/p' },
  };
  // The patient has objected: the document is about somebody else.
  const id = await whole.create({ ...other, subject: { display: 'x' } });
  expect((await whole.ask('GET', `DocumentReference/${id}`, { client: 'operator' })).status).toBe(404);
  const found = (await whole.ask('GET', 'DocumentReference', { client: 'operator' })).json as unknown as {
    entry: { resource: Document }[];
  };
  expect(found.entry.length).toBeGreaterThan(0);
  for (const { resource } of found.entry) expect(JSON.stringify(resource)).toContain('objection-receipt');
});

test('receipt: nobody makes, changes or deletes one but the server', async () => {
  const document = (await receipt('operator', desk)) as unknown as { id: string };
  const copy = { ...document, id: undefined };
  for (const client of ['tester', 'hospital-1']) {
    expect((await whole.ask('POST', 'DocumentReference', { client, body: copy })).status).toBe(403);
    expect(
      (await whole.ask('PUT', `DocumentReference/${document.id}`, { client, body: { ...document, docStatus: 'amended' } })).status,
    ).toBe(403);
    expect((await whole.ask('DELETE', `DocumentReference/${document.id}`, { client })).status).toBe(403);
  }
  expect((await whole.ask('PUT', `DocumentReference/${document.id}`, { client: 'operator', body: document })).status).toBe(403);
});

test('$acknowledge: refusals', async () => {
  const asks = async (client: string, ...parameter: object[]) => (await call(client, 'acknowledge', ...parameter)).status;
  expect(await asks('hospital-2', about(desk))).toBe(404);
  expect(await asks('patient-app', about(desk))).toBe(404);
  expect(await asks('tester', about(desk))).toBe(403);
  expect(await asks('researcher-1', about(desk))).toBe(403);
  expect(await asks('operator', { name: 'consent', valueReference: { reference: 'Patient/p' } })).toBe(400);
  expect(await asks('operator', about(app), { name: 'language', valueCode: 'fr' })).toBe(400);
  expect(await asks('operator', about(app), { name: 'delivery', valueCode: 'electronic' })).toBe(422);
  const permit = await whole.create({
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ text: 'x' }],
    policyRule: { text: 'x' },
  });
  expect(await asks('operator', about(permit))).toBe(422);
});

test('$verify-receipt: issued, of what, when; a hash of the paper or the file is genuine, any other is not; nothing of the patient', async () => {
  const document = await receipt('operator', letter);
  const { number, received } = saidIn(document);
  const ask = async (client: string, ...more: object[]) =>
    (await call(client, 'verify-receipt', { name: 'number', valueString: String(number).toLowerCase() }, ...more)).json;
  const issued = [
    { name: 'issued', valueBoolean: true },
    { name: 'of', valueCode: 'objection' },
    { name: 'received', valueInstant: received },
  ];
  for (const client of ['operator', 'hospital-1', 'patient-app']) expect(await ask(client)).toMatchObject({ parameter: issued });
  const printed = createHash('sha256').update(bytesOf(document, 1)).digest('hex');
  const hash = (valueString: string) => ({ name: 'hash', valueString });
  const genuine = (valueBoolean: boolean) => ({ parameter: [...issued, { name: 'genuine', valueBoolean }] });
  expect(await ask('operator', hash(printed.toUpperCase()))).toMatchObject(genuine(true));
  expect(await ask('operator', hash(document.content[0]!.attachment.hash))).toMatchObject(genuine(true));
  expect(await ask('operator', hash('0'.repeat(64)))).toMatchObject(genuine(false));
  const unknown = await call('operator', 'verify-receipt', { name: 'number', valueString: '0000-0000-0000-0000' });
  expect(unknown.json!['parameter']).toEqual([{ name: 'issued', valueBoolean: false }]);
  expect((await call('operator', 'verify-receipt', { name: 'number', valueString: '0000-0000-0000-0001' })).status).toBe(400);
  expect((await call('tester', 'verify-receipt', { name: 'number', valueString: '0000-0000-0000-0000' })).status).toBe(403);
});
