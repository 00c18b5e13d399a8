// https://hl7.org/fhir/R4/consent.html, https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Consent, Patient } from '@medplum/fhirtypes';
import type { Client } from 'fhir-kit-client';
import { body, bundlesIn, loadAll, objection, openWorld, patientOf, refusal, total, type World } from './world.ts';

let world: World;
let mine: Patient;
let other: Patient;
let app: Client;
let bundle: Bundle;

const everyone = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } },
    { name: 'cohort', valueString: 'Patient?' },
    { name: 'type', valueCode: 'Patient' },
  ],
};
const released = async (): Promise<number> => {
  const answer = (await (await world.as('researcher-1')).operation({ name: '$deidentify', input: body(everyone) })) as unknown as Bundle;
  return answer.entry!.filter(e => e.resource!.resourceType === 'Patient').length;
};

beforeAll(async () => {
  world = await openWorld(50);
  await loadAll(world);
  const tester = await world.as('tester');
  [bundle] = bundlesIn(world, 'hospital-1') as [Bundle];
  const number = patientOf(bundle).identifier![0]!;
  const find = async (searchParams: Record<string, string>) =>
    ((await tester.search({ resourceType: 'Patient', searchParams })) as unknown as Bundle).entry!.map(e => e.resource as Patient);
  [mine] = (await find({ identifier: `${number.system}|${number.value}` })) as [Patient];
  other = (await find({ _count: '5' })).find(p => p.id !== mine.id)!;
  app = await world.as('patient-app', `Patient/${mine.id}`);
}, 60_000);
afterAll(() => world.close());

test('patient app: reads its own record, and no other', async () => {
  expect((await app.read({ resourceType: 'Patient', id: mine.id! }))['id']).toBe(mine.id);
  expect(await total(app, 'Patient')).toBe(1);
  expect(await total(app, 'Observation')).toBeGreaterThan(0);
  expect((await refusal(app.read({ resourceType: 'Patient', id: other.id! }))).status).toBe(404);
});

test('patient app: objects for itself alone; from then on nothing comes in and nothing goes out', async () => {
  const before = await released();
  expect([403, 404, 422]).toContain(
    (await refusal(app.create({ resourceType: 'Consent', body: body(objection({ reference: `Patient/${other.id}` })) }))).status,
  );
  expect(await released()).toBe(before);

  const consent = (await app.create({
    resourceType: 'Consent',
    body: body(objection({ reference: `Patient/${mine.id}` })),
  })) as unknown as Consent;
  expect(consent.status).toBe('active');
  expect(await released()).toBe(before - 1);

  // What was stored is gone, for everybody; what proves the objection is not.
  for (const client of ['tester', 'hospital-1', 'hospital-2'])
    expect((await refusal((await world.as(client)).read({ resourceType: 'Patient', id: mine.id! }))).status).toBe(404);
  expect((await refusal(app.read({ resourceType: 'Patient', id: mine.id! }))).status).toBe(404);
  expect([await total(app, 'Patient'), await total(app, 'Observation'), await total(app, 'Consent')]).toEqual([0, 0, 1]);
  const operator = await world.as('operator');
  expect((await operator.read({ resourceType: 'Consent', id: consent.id! }))['status']).toBe('active');
  const erased = (await operator.search({
    resourceType: 'AuditEvent',
    searchParams: { entity: `Consent/${consent.id}` },
  })) as unknown as Bundle;
  expect(JSON.stringify(erased.entry)).toContain('"code":"erase"');

  const hospital = await world.as('hospital-1');
  const { identifier: _, ...next } = bundle;
  const { status, outcome } = await refusal(hospital.transaction({ body: body(next) }));
  expect([status, outcome.issue[0]!.code]).toEqual([422, 'business-rule']);

  expect(
    (await refusal(hospital.update({ resourceType: 'Consent', id: consent.id!, body: body({ ...consent, status: 'inactive' }) }))).status,
  ).toBe(404);
  const withdrawn = (await app.update({
    resourceType: 'Consent',
    id: consent.id!,
    body: body({ ...consent, status: 'inactive' }),
  })) as unknown as Consent;
  expect(withdrawn.status).toBe('inactive');
  expect(await released()).toBe(before - 1);
  expect((await refusal(hospital.transaction({ body: body(next) }))).status).toBe(422);
});
