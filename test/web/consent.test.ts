// https://hl7.org/fhir/R4/consent.html, https://hl7.org/fhir/R4/communication.html: what the pages write is what the server takes
import { describe, expect, test } from '@jest/globals';
import { isNotice, readNotice } from '../../src/consent/notice.ts';
import { isObjection, readObjection } from '../../src/consent/objection.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { communicationOf, masked, patientNumber, today } from '../../src/web/desk/notice.ts';
import { deskObjection } from '../../src/web/desk/objection.ts';
import { asObjection, type Choice, covering, kin, objectionOf } from '../../src/web/objection/consent.ts';
import type { Resource } from '../../src/web/smart/fhir.ts';

const now = new Date('2026-06-30T16:00:00Z');
const zone = { expression: 'Consent', timeZone: 'Asia/Tokyo' };
const institution = { reference: 'Organization/h1', name: '', numberSystem: 'urn:oid:1.2.392.100495.20.3.51.11319999991' };
const asServer = (resource: Resource) => resource as unknown as AnyResource;
const flaws = (resource: Resource) => validate(asServer(resource));

const choices: readonly Choice[] = [
  { relation: 'self' },
  { relation: 'self', institution: 'Organization/h2' },
  { relation: 'guardian' },
  ...kin.map((one): Choice => ({ relation: 'bereaved', kin: one })),
];

describe.each(choices)('objection: %j', choice => {
  const resource = objectionOf(choice, { reference: 'Patient/p' }, now);

  test('is a whole objection to the server, and valid R4', () => {
    expect(isObjection(asServer(resource))).toBe(true);
    expect(readObjection(asServer(resource), zone)).toMatchObject({
      status: 'active',
      patient: { reference: 'Patient/p' },
      ...(choice.institution === undefined ? {} : { sender: choice.institution }),
    });
    expect(flaws(resource)).toEqual([]);
  });

  test('comes back as what was chosen', () => {
    const stored = { ...resource, id: 'c', meta: { lastUpdated: '2026-07-01T00:00:00Z' } };
    expect(asObjection(stored)).toMatchObject({
      id: 'c',
      isActive: true,
      isElsewhere: false,
      ...(choice.institution === undefined ? {} : { institution: choice.institution }),
    });
    expect(asObjection({ ...stored, status: 'inactive' })?.isActive).toBe(false);
    expect(asObjection({ ...stored, status: 'entered-in-error' })).toBeUndefined();
  });
});

test('objection: the check of these tests can fail', () => {
  expect(flaws({ ...objectionOf({ relation: 'self' }, { reference: 'Patient/p' }, now), status: 'on' }).length).toBeGreaterThan(0);
});

test('objection: one at the desk names the patient by number and who took it down, and is withdrawn there', () => {
  const resource = deskObjection({ number: '0000123456', relation: 'guardian', isLimited: true }, institution, now);
  expect(readObjection(asServer(resource), zone)).toMatchObject({
    sender: 'Organization/h1',
    patient: { identifier: { value: '0000123456' } },
  });
  expect(flaws(resource)).toEqual([]);
  expect(asObjection({ ...resource, id: 'c' })?.isElsewhere).toBe(true);
});

test('objection: a general one covers every institution, a limited one its own, a withdrawn one none', () => {
  const made = (institution: string | undefined, status: string) =>
    asObjection({
      ...objectionOf({ relation: 'self', ...(institution === undefined ? {} : { institution }) }, { reference: 'Patient/p' }, now),
      id: 'c',
      status,
    })!;
  expect(covering([made(undefined, 'active')], 'Organization/h1')).toBeDefined();
  expect(covering([made('Organization/h1', 'active')], 'Organization/h1')).toBeDefined();
  expect(covering([made('Organization/h1', 'active')], undefined)).toBeUndefined();
  expect(covering([made('Organization/h1', 'active')], 'Organization/h2')).toBeUndefined();
  expect(covering([made(undefined, 'inactive')], undefined)).toBeUndefined();
});

test.each(['patient', 'together', 'guardian', 'family'] as const)(
  'notice: told to the %s, it is a whole notice of that day in Japan, and valid R4',
  recipient => {
    const resource = communicationOf(
      { number: '0000123456', channel: 'tablet', recipient, text: 'https://a.example/Q|1' },
      institution,
      now,
    );
    expect(isNotice(asServer(resource))).toBe(true);
    expect(readNotice(asServer(resource), { expression: 'Communication', now: now.getTime(), timeZone: 'Asia/Tokyo' })).toMatchObject({
      sender: 'Organization/h1',
    });
    expect(resource['sent']).toBe('2026-07-01');
    expect(flaws(resource)).toEqual([]);
  },
);

test('number: full width is folded, white space dropped, anything else refused; only the last four are shown', () => {
  expect(patientNumber(' ００１２３４５６７８ ')).toBe('0012345678');
  expect(patientNumber('A-12')).toBe('A-12');
  for (const wrong of ['', '-1', '<b>', '12/34', 'あ', '1'.repeat(33)]) expect(patientNumber(wrong)).toBeUndefined();
  expect(masked('0012345678')).toBe('••••5678');
  expect(masked('123')).toBe('•••');
  expect(today(new Date('2026-12-31T15:00:00Z'))).toBe('2027-01-01');
});
