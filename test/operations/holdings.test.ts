// docs/operation/holdings.md, https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/parameters.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sandboxClients } from '../../src/auth/clients.ts';
import { accessOf } from '../../src/auth/roles.ts';
import { parseScopes } from '../../src/auth/scopes.ts';
import type { Access } from '../../src/fhir/model/access.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { access, type Ground, icd, openGround, person } from './ground.ts';

const app = sandboxClients.find(client => client.kind === 'patient-app')!;
const appOf = (patient?: string, scope = 'patient/*.rs'): Access =>
  accessOf({ ...app, active: true, jwks: { keys: [] }, scope }, parseScopes(scope).known, patient);
const indication = 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication';
const condition = (id: string, more: object = {}): AnyResource => ({
  resourceType: 'Condition',
  id,
  code: icd('C34.9'),
  subject: { reference: 'Patient/p1' },
  recordedDate: '2025-05-05',
  onsetDateTime: '1999',
  ...more,
});
let ground: Ground;

/** `name of the institution: type year number`, line by line. */
async function told(who: Access): Promise<string[]> {
  const { status, body } = await ground.call('holdings', who);
  expect(status).toBe(200);
  expect(validate(body)).toEqual([]);
  return ((body['parameter'] ?? []) as { part: Json[] }[]).flatMap(({ part: [institution, ...counts] }) => {
    const { reference, display } = institution!['valueReference'] as Json;
    return counts.map(count => {
      const parts = (count['part'] as Json[]).map(({ name: _, ...value }) => Object.values(value)[0]);
      return `${display ?? reference}: ${parts.join(' ')}`;
    });
  });
}

const first = ['病院一: Condition 2024 1', '病院一: Encounter 2024 1', '病院一: Observation 2024 2', '病院一: Patient 1'];

beforeAll(async () => {
  ground = await openGround();
  await ground.write({ resourceType: 'Organization', id: 'h1', name: '病院一' });
  await ground.send('Organization/h1', ...person(1));
  await ground.send('Organization/h2', ...person(2));
});
afterAll(() => ground.close());

test('by institution, type and year of what the app’s own patient has; not what the server, the patient or a tester wrote', async () => {
  await ground.write({ resourceType: 'Consent', id: 'own', patient: { reference: 'Patient/p1' }, dateTime: '2025' });
  expect(await told(appOf('Patient/p1'))).toEqual(first);
});

test('an institution whose Organization is not here is told by its reference', async () => {
  expect((await told(appOf('Patient/p2')))[0]).toBe('Organization/h2: Condition 2024 1');
});

test('a year is that of the day of the record, before that of the onset', async () => {
  await ground.send('Organization/h1', condition('dated'));
  expect(await told(appOf('Patient/p1'))).toContain('病院一: Condition 2025 1');
  await ground.store.commit({ writes: [{ type: 'Condition', id: 'dated', expect: 'any', sender: 'Organization/h1' }] });
  expect(await told(appOf('Patient/p1'))).toEqual(first);
});

test('UNINFORMED and UNDELIVERED resources are in no number, under any spelling of the system', async () => {
  const systems = [indication, indication.replace('/clins/', '/CLINS/'), 'urn:misspelt', undefined];
  const tagged = systems.flatMap((system, n) =>
    ['UNINFORMED', 'UNDELIVERED'].map(code =>
      condition(`tagged-${n}-${code}`, { meta: { tag: [{ code: 'LTS' }, { ...(system === undefined ? {} : { system }), code }] } }),
    ),
  );
  await ground.send('Organization/h1', ...tagged);
  expect(await told(appOf('Patient/p1'))).toEqual(first);
});

test('a linked record of the same person at another institution is not counted for this app', async () => {
  await ground.send('Organization/h2', {
    resourceType: 'Patient',
    id: 'linked',
    link: [{ type: 'seealso', other: { reference: 'Patient/p1' } }],
  });
  await ground.send('Organization/h2', condition('of-linked', { subject: { reference: 'Patient/linked' } }));
  expect(await told(appOf('Patient/p1'))).toEqual(first);
  expect(await told(appOf('Patient/linked'))).not.toContain('病院一: Observation 2024 2');
});

test('types that the token may not search are not counted', async () => {
  expect(await told(appOf('Patient/p2', 'patient/Patient.rs patient/Encounter.rs patient/Observation.r'))).toEqual([
    'Organization/h2: Encounter 2024 1',
    'Organization/h2: Patient 1',
  ]);
});

test('nothing is here about the patient: an empty answer', async () => {
  expect(await told(appOf('Patient/nobody'))).toEqual([]);
});

test('refused: every other kind of client, an app without a patient, a parameter', async () => {
  for (const role of ['tester', 'institution', 'researcher', 'operator'] as const)
    expect((await ground.call('holdings', access(role))).status).toBe(403);
  expect((await ground.call('holdings', appOf())).status).toBe(403);
  const patient = { name: 'patient', valueReference: { reference: 'Patient/p2' } };
  expect((await ground.call('holdings', appOf('Patient/p1'), patient)).status).toBe(400);
});
