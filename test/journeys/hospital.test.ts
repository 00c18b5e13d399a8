// https://hl7.org/fhir/R4/http.html#transaction; notices: docs/request.md
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { body, bundlesIn, openWorld, patientOf, refusal, total, type World } from './world.ts';

let world: World;
/** Practitioners of a sandbox: who sits at the front desks. */
let desks: number;
beforeAll(async () => {
  world = await openWorld(50);
  desks = await total(await world.as('tester'), 'Practitioner');
});
afterAll(() => world.close());

const references = (answer: unknown): string[] =>
  (answer as Bundle).entry!.map(e => /([A-Z]\w+\/[\w.-]+)(?:\/_history\/\d+)?$/.exec(e.response!.location!)![1]!);

test('hospital: POSTs a transaction without a notice: 422, nothing is stored', async () => {
  const [hospital, tester] = [await world.as('hospital-1'), await world.as('tester')];
  const [bundle] = bundlesIn(world, 'hospital-1');
  const { status, outcome } = await refusal(hospital.transaction({ body: body(bundle!) }));
  expect(status).toBe(422);
  expect(outcome.issue[0]).toMatchObject({ severity: 'error', code: 'business-rule' });
  expect(outcome.issue[0]!.expression![0]).toMatch(/^Bundle\.entry\[\d+\]/);
  for (const type of ['Patient', 'Encounter', 'Observation']) expect([type, await total(tester, type)]).toEqual([type, 0]);
  expect(await total(tester, 'Practitioner')).toBe(desks);
  const text = JSON.stringify(outcome);
  const { name, identifier } = patientOf(bundle!);
  for (const value of [name![0]!.family!, name![1]!.family!, identifier![0]!.value!]) expect(text).not.toContain(value);
});

test('hospital: tells its patients, then POSTs: everything is taken, read back, and nobody else’s', async () => {
  const notices = await world.load('hospital-1', 'notices/hospital-1.ndjson');
  expect(notices.rejected).toEqual([]);
  expect(notices.resources).toBeGreaterThan(20);
  const hospital = await world.as('hospital-1');
  const [bundle] = bundlesIn(world, 'hospital-1');
  const answer = await hospital.transaction({ body: body(bundle!) });
  const stored = references(answer);
  expect(stored).toHaveLength(bundle!.entry!.length);
  const reference = stored.find(r => r.startsWith('Patient/'))!;
  const [resourceType, id] = reference.split('/') as [string, string];
  const patient = (await hospital.read({ resourceType, id })) as unknown as Patient;
  expect(patient.name).toEqual(patientOf(bundle!).name);
  expect(patient.meta!.versionId).toBe('1');
  const other = await refusal((await world.as('hospital-2')).read({ resourceType, id }));
  const never = await refusal((await world.as('hospital-2')).read({ resourceType, id: 'never-was' }));
  expect([other.status, never.status]).toEqual([404, 404]);
  expect(JSON.stringify(other.outcome).replaceAll(id, 'never-was')).toBe(JSON.stringify(never.outcome));
});

test('hospital: POSTs the same Bundle again: the same answer, nothing twice', async () => {
  const hospital = await world.as('hospital-1');
  const bundle = bundlesIn(world, 'hospital-1')[1]!;
  const first = references(await hospital.transaction({ body: body(bundle) }));
  const observations = await total(hospital, 'Observation');
  expect(references(await hospital.transaction({ body: body(bundle) }))).toEqual(first);
  expect(await total(hospital, 'Observation')).toBe(observations);
});

test('hospital: a notice that is not 31 days old does not open the way', async () => {
  const hospitals = ['hospital-1', 'hospital-2'] as const;
  let refused = 0;
  for (const name of hospitals) {
    await world.load(name, `notices/${name}.ndjson`);
    const { rejected, bundles } = await world.load(name, `uncleared/${name}`).catch(() => ({ rejected: [], bundles: 0 }));
    expect(bundles).toBe(0);
    for (const { reason } of rejected) expect(reason).toMatch(/^422 .*notice/);
    refused += rejected.length;
  }
  expect(refused).toBe(2);
});

test('hospital: all that is cleared is taken; staff and insurers stand there once', async () => {
  for (const name of ['hospital-1', 'hospital-2']) {
    await world.load(name, `notices/${name}.ndjson`);
    expect((await world.load(name, name)).rejected).toEqual([]);
  }
  const tester = await world.as('tester');
  const sent = ['hospital-1', 'hospital-2'].flatMap(name => bundlesIn(world, name));
  expect(await total(tester, 'Patient')).toBe(sent.length);
  const staff = new Set(
    sent.flatMap(b => b.entry!.flatMap(e => (e.resource!.resourceType === 'Practitioner' ? [e.request!.ifNoneExist] : []))),
  );
  expect(await total(tester, 'Practitioner')).toBe(desks + staff.size);
});
