// docs/operation/consent-decision.md. https://profiles.ihe.net/ITI/PCF/volume-1.html, https://hl7.org/fhir/R4/operations.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Access, asServer } from '../../src/fhir/model/access.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { about, by, care, consent, data, doctor, duty, level, objection, purpose } from '../consent/pcf/ground.ts';
import { access, base, type Ground, numbers, openGround } from './ground.ts';

let ground: Ground;
const operator: Access = {
  ...access('operator', { operations: ['consent-decision'] }),
  permits: { Consent: 'cruds', Group: 'cruds', PractitionerRole: 'cruds' },
  reach: { Consent: [{}], Group: [{}], PractitionerRole: [{}] },
};
const tester: Access = { ...access('tester', { operations: ['consent-decision'] }), permits: { '*': 'cruds' }, reach: { '*': [{}] } };

const patientIs = (id: string): Json => ({ name: 'patient', valueReference: { reference: `Patient/${id}` } });
const forPurpose = (code: string, system?: string): Json => ({
  name: 'purpose',
  valueCoding: { code, ...(system === undefined ? {} : { system }) },
});
const actorIs = (reference: string): Json => ({ name: 'actor', valueReference: { reference } });
const at = (valueDateTime: string): Json => ({ name: 'at', valueDateTime });
const entitled: Json = { name: 'entitled', valueBoolean: true };
const resourceIs = (reference: string): Json => ({ name: 'resource', valueReference: { reference } });

async function ask(who: Access, ...parameter: Json[]): Promise<{ status: number; body: AnyResource; patients?: readonly string[] }> {
  try {
    const answer = await ground.dispatch(
      { method: 'POST', path: '$consent-decision', query: [], headers: {}, body: { resourceType: 'Parameters', parameter } },
      who,
    );
    return { status: answer.status, body: answer.resource!, ...(answer.patients === undefined ? {} : { patients: answer.patients }) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.status, body: { resourceType: 'OperationOutcome', text: error.message } };
  }
}
const parts = (body: AnyResource, name: string): Json[] => ((body['parameter'] ?? []) as Json[]).filter(one => one['name'] === name);
const decision = (body: AnyResource): unknown =>
  [parts(body, 'decision')[0]?.['valueCode'], parts(body, 'because')[0]?.['valueCode']].filter(Boolean).join(': ');
const answer = async (who: Access, ...parameter: Json[]) => decision((await ask(who, ...parameter)).body);
const ofPatient = (id: string, more: Json = {}): Json => ({ id: `consent-${id}`, patient: { reference: `Patient/${id}` }, ...more });
const person = (id: string, more: Json = {}): AnyResource => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: numbers, value: id }],
  ...more,
});
const T = { type: 'permit', purpose: care };

beforeAll(async () => {
  ground = await openGround();
  await ground.write(
    ...['plain', 'labels', 'years', 'night', 'number', 'refused', 'objector', 'two', 'lister', 'role'].map(id => person(id)),
    person('two-more', {
      identifier: [{ system: numbers, value: 'two-more' }],
      link: [{ other: { reference: 'Patient/two' }, type: 'seealso' }],
    }),
    consent(
      { ...T, securityLabel: [level('N')], provision: [{ type: 'permit', securityLabel: [about('PSY')], actor: by(doctor) }] },
      ofPatient('labels'),
    ),
    consent({ ...T, dataPeriod: { start: '2025-01-01', end: '2025-12-31' } }, ofPatient('years')),
    consent(
      { type: 'deny', provision: [{ type: 'permit', purpose: [purpose('BTG')], actor: by(duty, 'Group/unlisted') }] },
      ofPatient('night'),
    ),
    consent({ ...T, type: 'deny' }, { id: 'consent-number', patient: { identifier: { system: numbers, value: 'ｎｕｍｂｅｒ' } } }),
    consent({ ...T, type: 'deny' }, { id: 'consent-same-value', patient: { identifier: { system: 'urn:other', value: 'plain' } } }),
    consent({ ...T, type: 'deny' }, ofPatient('refused')),
    consent({ type: 'deny' }, ofPatient('two', { id: 'consent-two' })),
    consent({ ...T, data: data('instance', 'Observation/of-lister', 'Observation/of-plain') }, ofPatient('lister')),
    consent({ ...T, actor: by('Organization/ward') }, ofPatient('role')),
    {
      resourceType: 'Group',
      id: 'on-duty',
      type: 'practitioner',
      actual: true,
      member: [
        { entity: { reference: doctor } },
        { entity: { reference: 'Practitioner/gone' }, inactive: true },
        { entity: { reference: 'Practitioner/past' }, period: { end: '2026-06-14' } },
      ],
    },
    { resourceType: 'Group', id: 'unlisted', type: 'practitioner', actual: false },
    {
      resourceType: 'PractitionerRole',
      id: 'r1',
      practitioner: { reference: 'Practitioner/x' },
      organization: { reference: 'Organization/ward' },
    },
    ...['plain', 'lister', 'years'].map(
      (id): AnyResource => ({
        resourceType: 'Observation',
        id: `of-${id}`,
        status: 'final',
        code: { text: 'x' },
        subject: { reference: `Patient/${id}` },
        effectiveDateTime: '2025-03-03',
      }),
    ),
    {
      resourceType: 'Observation',
      id: 'old',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/years' },
      effectiveDateTime: '2024-03-03',
    },
  );
  await ground.object('Patient/objector');
});
afterAll(() => ground.close());

test('nothing on file: the implicit policy, which is named', async () => {
  const { status, body, patients } = await ask(operator, patientIs('plain'), forPurpose('TREAT'));
  expect(status).toBe(200);
  expect(decision(body)).toBe('permit');
  expect(parts(body, 'policy')).toEqual([{ name: 'policy', valueUri: 'https://profiles.ihe.net/ITI/PCF/Policy-basic-normal' }]);
  expect(patients).toEqual(['Patient/plain']);
  expect(await answer(operator, patientIs('plain'), forPurpose('HOPERAT'))).toBe('deny: policy');
  expect(await answer(operator, patientIs('nobody-here'), forPurpose('TREAT'))).toBe('permit');
});

test('the answer is a Parameters resource of R4, with what is left for the data', async () => {
  const { body } = await ask(
    operator,
    patientIs('labels'),
    forPurpose('TREAT', 'http://terminology.hl7.org/CodeSystem/v3-ActReason'),
    actorIs(doctor),
  );
  expect(validate(JSON.parse(JSON.stringify(body)))).toEqual([]);
  const label = (system: string, code: string) => ({
    name: 'securityLabel',
    valueCoding: { system: `http://terminology.hl7.org/CodeSystem/v3-${system}`, code },
  });
  expect(body['parameter']).toEqual([
    { name: 'decision', valueCode: 'permit' },
    { name: 'basis', valueReference: { reference: 'Consent/consent-labels' } },
    { name: 'policy', valueUri: 'urn:example:policy' },
    {
      name: 'considered',
      part: [
        { name: 'consent', valueReference: { reference: 'Consent/consent-labels' } },
        { name: 'effect', valueCode: 'permits' },
      ],
    },
    { name: 'residual', part: [{ name: 'type', valueCode: 'forbid' }] },
    { name: 'residual', part: [{ name: 'type', valueCode: 'permit' }, label('Confidentiality', 'N')] },
    { name: 'residual', part: [{ name: 'type', valueCode: 'permit' }, label('ActCode', 'PSY')] },
  ]);
  const dated = (await ask(operator, patientIs('years'), forPurpose('TREAT'))).body;
  expect(parts(dated, 'residual')[1]!['part']).toContainEqual({
    name: 'dataPeriod',
    valuePeriod: { start: '2025-01-01', end: '2025-12-31' },
  });
  const listed = (await ask(operator, patientIs('lister'), forPurpose('TREAT'))).body;
  expect(validate(JSON.parse(JSON.stringify(listed)))).toEqual([]);
  expect(JSON.stringify(parts(listed, 'residual'))).toContain('Observation/of-lister');
});

describe('whose consents', () => {
  test('one that names the patient by a number alone, however it is written', async () =>
    expect(await answer(operator, patientIs('number'), forPurpose('TREAT'))).toBe('deny: consent'));
  test('the same number of another system means somebody else', async () =>
    expect(await answer(operator, patientIs('plain'), forPurpose('TREAT'))).toBe('permit'));
  test('those of all records of the person', async () =>
    expect(await answer(operator, patientIs('two-more'), forPurpose('TREAT'))).toBe('deny: consent'));
  test('with our base URL before the reference', async () => {
    const patient = { name: 'patient', valueReference: { reference: `${base}/Patient/refused` } };
    expect(await answer(operator, patient, forPurpose('TREAT'))).toBe('deny: consent');
  });
});

describe('who asks', () => {
  const night = [patientIs('night'), forPurpose('BTG')];
  test('who breaks the glass is entitled, before any consent', async () => {
    expect(await answer(operator, ...night, actorIs(doctor))).toBe('deny: break-glass');
    expect(await answer(operator, ...night, actorIs(doctor), { name: 'entitled', valueBoolean: false })).toBe('deny: break-glass');
  });
  test('a member of the group', async () => expect(await answer(operator, ...night, actorIs(doctor), entitled)).toBe('permit'));
  test.each(['Practitioner/gone', 'Practitioner/past', 'Practitioner/other'])('no member, or none any more: %s', async who =>
    expect(await answer(operator, ...night, actorIs(who), entitled)).toBe('deny: consent'),
  );
  test('nobody said who', async () => expect(await answer(operator, ...night, entitled)).toBe('deny: consent'));
  test('membership at the moment asked about', async () =>
    expect(await answer(operator, ...night, actorIs('Practitioner/past'), entitled, at('2026-06-01'))).toBe('permit'));
  test('a role stands for its practitioner and its organisation', async () => {
    expect(await answer(operator, patientIs('role'), forPurpose('TREAT'), actorIs('PractitionerRole/r1'))).toBe('permit');
    expect(await answer(operator, patientIs('role'), forPurpose('TREAT'), actorIs('Practitioner/x'))).toBe('deny: consent');
  });
});

describe('an objection to research', () => {
  test('denies research under every record, and treatment under none', async () => {
    expect(await answer(operator, patientIs('objector'), forPurpose('HRESCH'))).toBe('deny: policy');
    await ground.write(consent({ type: 'permit' }, ofPatient('objector')));
    expect(await answer(operator, patientIs('objector'), forPurpose('BIORCH'))).toBe('deny: objection');
    expect(await answer(operator, patientIs('objector'), forPurpose('sleep', 'urn:example:projects'))).toBe('deny: objection');
    expect(await answer(operator, patientIs('objector'), forPurpose('TREAT'))).toBe('permit');
  });
  test('also for a moment at which it was not made yet', async () => {
    await ground.write(person('later'), consent({ type: 'permit' }, ofPatient('later')));
    expect(await answer(operator, patientIs('later'), forPurpose('HRESCH'))).toBe('permit');
    await ground.store.commit({
      writes: [],
      lists: [{ list: 'objection', source: 'Consent/later', persons: ['Patient/later'], from: Date.parse('2026-06-15T00:00:00+09:00') }],
    });
    expect(await answer(operator, patientIs('later'), forPurpose('HRESCH'), at('2026-06-01'))).toBe('deny: objection');
  });
  test('as a Consent that the list does not know', async () => {
    await ground.write(
      person('unlisted'),
      consent({ type: 'permit' }, ofPatient('unlisted')),
      objection(ofPatient('unlisted', { id: 'o-unlisted' })),
    );
    expect(await answer(operator, patientIs('unlisted'), forPurpose('HRESCH'))).toBe('deny: objection');
  });
});

describe('resources', () => {
  const may = async (who: Access, patient: string, ...references: string[]) =>
    parts((await ask(who, patientIs(patient), forPurpose('TREAT'), ...references.map(resourceIs))).body, 'resource').map(
      one => ((one['part'] as Json[])[1] as Json)['valueCode'],
    );
  test('what the rules let through of what is the patient’s', async () => {
    expect(await may(tester, 'lister', 'Observation/of-lister', 'Observation/of-plain', 'Patient/lister')).toEqual([
      'permit',
      'deny',
      'deny',
    ]);
    expect(await may(tester, 'years', 'Observation/of-years', 'Observation/old')).toEqual(['permit', 'deny']);
    expect(await may(tester, 'refused', 'Patient/refused')).toEqual(['deny']);
    expect(
      await may(
        tester,
        'plain',
        'Observation/of-plain',
        `${base}/Observation/of-plain`,
        'Observation/gone',
        'https://else.test/Observation/1',
      ),
    ).toEqual(['permit', 'permit', 'deny', 'deny']);
  });
  test('what the caller may not know of is denied like what is not there', async () =>
    expect(await may(operator, 'plain', 'Observation/of-plain', 'Observation/gone')).toEqual(['deny', 'deny']));
  test('at most a hundred', async () =>
    expect(
      (await ask(tester, patientIs('plain'), forPurpose('TREAT'), ...Array.from({ length: 101 }, (_, n) => resourceIs(`Observation/${n}`))))
        .status,
    ).toBe(422));
});

describe('refused', () => {
  const whole = [patientIs('plain'), forPurpose('TREAT')];
  test.each<[string, Json[]]>([
    ['no patient', [forPurpose('TREAT')]],
    ['two patients', [patientIs('plain'), ...whole]],
    ['no purpose', [patientIs('plain')]],
    ['a purpose that is a text', [patientIs('plain'), { name: 'purpose', valueString: 'TREAT' }]],
    ['a purpose without a code', [patientIs('plain'), { name: 'purpose', valueCoding: { system: 'urn:x' } }]],
    ['a purpose whose system is a number', [patientIs('plain'), { name: 'purpose', valueCoding: { system: 1, code: 'TREAT' } }]],
    ['a patient who is an Organization', [{ name: 'patient', valueReference: { reference: 'Organization/1' } }, forPurpose('TREAT')]],
    ['a patient known by a number', [{ name: 'patient', valueReference: { identifier: { value: '1' } } }, forPurpose('TREAT')]],
    ['an actor known by name', [...whole, { name: 'actor', valueReference: { display: 'x' } }]],
    ['a moment that is none', [...whole, at('tomorrow')]],
    ['an unknown parameter', [...whole, { name: 'who', valueString: 'x' }]],
  ])('400: %s', async (_, parameter) => {
    const { status, body } = await ask(operator, ...parameter);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toContain('tomorrow');
  });
  test('403: a client that has not this operation', async () => {
    for (const who of [access('researcher'), access('institution'), asServer('test')]) expect((await ask(who, ...whole)).status).toBe(403);
  });
  test.each<[string, Partial<Access>]>([
    ['none', { reach: {} }],
    ['those of one patient', { reach: { Consent: [{ patient: 'Patient/plain' }] } }],
    ['those of one sender', { reach: { Consent: [{ sender: 'Organization/hospital-1' }] } }],
    ['them but not search', { permits: { Consent: 'cru' } }],
  ])('403: a client that may know of %s: a decision over some consents would be none', async (_, less) =>
    expect((await ask({ ...operator, ...less }, patientIs('refused'), forPurpose('TREAT'))).status).toBe(403),
  );
});
