// contract: objections by letter, at the desk, by family. https://hl7.org/fhir/R4/consent-definitions.html#Consent.source_x_
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Ground, identifierOf, notice, objection, openGround, patient, refusal } from './ground.ts';

let g: Ground;
beforeEach(async () => {
  g = await openGround();
});
afterEach(() => g.close());

const person = { identifier: identifierOf('hospital-1', 'L-1') };
const letter = (contentType: string, bytes: string | Buffer, more: object = {}) => ({
  sourceAttachment: { contentType, data: Buffer.from(bytes as string).toString('base64'), ...more },
});
const statusOf = async (promise: Promise<unknown>) => {
  const answer = await refusal(promise);
  return answer === 'taken' ? answer : answer.status;
};
const write = (more: object) => statusOf(g.write('operator', objection(person, more)));

test('letter: the operator takes one down for a person of whom nothing is here, and it keeps the person’s data out when they come', async () => {
  const family = {
    contained: [
      {
        resourceType: 'RelatedPerson',
        id: 'who',
        patient: person,
        relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'CHILD' }] }],
      },
    ],
    performer: [{ reference: '#who' }],
  };
  expect(await write({ ...family, ...letter('application/pdf', '%PDF-1.7 letter') })).toBe('taken');
  await g.write('hospital-1', notice('hospital-1', 'L-1', 60));
  expect(await refusal(g.write('hospital-1', patient('hospital-1', 'L-1')))).toMatchObject({ status: 422 });
});

test('letter: at the desk an institution takes one down under a number of its own of somebody who never came', async () => {
  expect(await statusOf(g.write('hospital-1', objection(person)))).toBe('taken');
  await g.write('hospital-1', notice('hospital-1', 'L-1', 60));
  expect(await refusal(g.write('hospital-1', patient('hospital-1', 'L-1')))).toMatchObject({ status: 422 });
});

test('letter: at the desk a member number of somebody who is not here leads to nobody, and is refused, not believed', async () => {
  const member = { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '06139463:12:3456:01' };
  expect(await statusOf(g.write('hospital-1', objection({ identifier: member })))).toBe(422);
  // By letter the operator takes it: the member number is the person's own.
  expect(await statusOf(g.write('operator', objection({ identifier: member })))).toBe('taken');
  await g.write('hospital-1', notice('hospital-1', 'M-1', 60));
  const record = patient('hospital-1', 'M-1', { identifier: [identifierOf('hospital-1', 'M-1'), member] });
  expect(await refusal(g.write('hospital-1', record))).toMatchObject({ status: 422 });
});

test('letter: PDF, PNG, JPEG and plain text in the resource itself are taken', async () => {
  expect(await write(letter('image/png', Buffer.from('\x89PNG\r\n\x1a\n…', 'latin1')))).toBe('taken');
  expect(await write(letter('image/jpeg', Buffer.from('\xff\xd8\xff\xe0', 'latin1')))).toBe('taken');
  expect(await write(letter('text/plain; charset=utf-8', '私の情報を\r\n使わないでください'))).toBe('taken');
});

test('letter: another type, other bytes than the type says, a link, and what is too large are refused', async () => {
  expect(await write(letter('text/html', '<script>'))).toBe(422);
  expect(await write(letter('application/pdf', 'MZ\x90'))).toBe(422);
  expect(await write(letter('image/png', '%PDF-1.7'))).toBe(422);
  expect(await write(letter('text/plain', 'a\0b'))).toBe(422);
  expect(await write(letter('toString', 'x'))).toBe(422);
  expect(await write({ sourceAttachment: { contentType: 'application/pdf', url: 'https://example.org/letter.pdf' } })).toBe(422);
  expect(await write(letter('application/pdf', '%PDF-1.7', { url: 'https://example.org/letter.pdf' }))).toBe(422);
  expect(await write(letter('text/plain', 'a'.repeat(5_000_000)))).toBe('taken');
  expect(await write(letter('text/plain', 'a'.repeat(5_000_010)))).toBe(422);
});
