// https://hl7.org/fhir/R4/consent.html, https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Consent, Parameters, Patient } from '@medplum/fhirtypes';
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

/** Of an answer in Parameters the parts of each parameter of that name. */
const told = async (who: Client, code: string, name: string, ...parameter: object[]): Promise<Record<string, unknown>[]> => {
  const input = body({ resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) });
  const answer = (await who.operation({ name: `$${code}`, input })) as unknown as Parameters;
  return (answer.parameter ?? [])
    .filter(one => one.name === name)
    .map(({ part }) => Object.fromEntries(part!.map(({ name, ...value }) => [name, Object.values(value)[0]])));
};
const conditions = async (): Promise<number> => {
  const { part } = ((await app.operation({ name: '$holdings', input: body({ resourceType: 'Parameters' }) })) as unknown as Parameters)
    .parameter![0]!;
  const counts = part!.filter(one => one.name === 'count').map(one => one.part!);
  return counts
    .filter(([type]) => type!.valueCode === 'Condition')
    .reduce((n, parts) => n + parts.find(one => one.name === 'number')!.valueUnsignedInt!, 0);
};

test('patient app: a diagnosis the patient is not told yet is nowhere; one that is for nobody is not even taken', async () => {
  const hospital = await world.as('hospital-1');
  const before = await total(app, 'Condition');
  expect(await conditions()).toBe(before);
  const tagged = (tag: string, more: object = {}) =>
    body({
      resourceType: 'Condition',
      meta: { tag: [{ system: 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication', code: tag }] },
      subject: { reference: `Patient/${mine.id}` },
      code: { text: '肺癌' },
      ...more,
    });
  const { id } = (await hospital.create({ resourceType: 'Condition', body: tagged('UNINFORMED') })) as unknown as { id: string };
  expect((await hospital.read({ resourceType: 'Condition', id }))['id']).toBe(id);
  const encounter = (await hospital.create({
    resourceType: 'Encounter',
    body: body({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: `Patient/${mine.id}` },
      diagnosis: [{ condition: { reference: `Condition/${id}` } }],
    }),
  })) as unknown as { id: string };

  for (const path of [`Condition/${id}`, `Condition/${id}/_history`, `Condition/${id}/_history/1`])
    expect((await refusal(app.request(path))).status).toBe(404);
  expect(await total(app, 'Condition')).toBe(before);
  for (const searchParams of [{ _id: id }, { _tag: 'UNINFORMED' }, { '_tag:not': 'LTS', _id: id }] as Record<string, string>[])
    expect(await total(app, 'Condition', searchParams)).toBe(0);
  const including = (await app.search({
    resourceType: 'Encounter',
    searchParams: { _id: encounter.id, _include: 'Encounter:diagnosis' },
  })) as unknown as Bundle;
  expect(including.entry!.map(one => one.resource!.resourceType)).toEqual(['Encounter']);
  expect(await total(app, 'Encounter', { _id: encounter.id, 'diagnosis:Condition._tag': 'UNINFORMED' })).toBe(0);
  expect(await total(app, 'Patient', { '_has:Condition:patient:_tag': 'UNINFORMED' })).toBe(0);
  expect(await conditions()).toBe(before);

  // Told at last: the tag goes, and what was is not shown with the tag on it.
  const { meta: _, ...open } = tagged('', { id }) as unknown as Record<string, unknown>;
  await hospital.update({ resourceType: 'Condition', id, body: body(open) });
  expect((await app.read({ resourceType: 'Condition', id }))['id']).toBe(id);
  expect((await refusal(app.request(`Condition/${id}/_history/1`))).status).toBe(404);
  expect(await conditions()).toBe(before + 1);

  const { status, outcome } = await refusal(hospital.create({ resourceType: 'Condition', body: tagged('UNDELIVERED') }));
  expect([status, outcome.issue[0]!.code, outcome.issue[0]!.expression]).toEqual([422, 'business-rule', ['Condition.meta.tag']]);
});

test('patient app: sees who sent what, and in which study anonymized data took part; so does the operator, and nobody else', async () => {
  const [holding, ...others] = await told(app, 'holdings', 'holding');
  expect([holding!['institution'], others]).toEqual([{ reference: 'Organization/hospital-1', display: 'Sandbox Hospital 1' }, []]);
  expect(await told(app, 'releases', 'release')).toEqual([]);
  await released();
  const [release, ...more] = await told(app, 'releases', 'release');
  expect(more).toEqual([]);
  expect(release).toEqual({
    study: { reference: 'ResearchStudy/sandbox-active', display: 'Sandbox study' },
    time: expect.stringMatching(/^\d{4}-/),
    kind: 'bundle',
  });
  const patient = { name: 'patient', valueReference: { reference: `Patient/${mine.id}` } };
  expect(await told(await world.as('operator'), 'releases', 'release', patient)).toEqual([release]);
  for (const client of ['hospital-1', 'researcher-1', 'tester']) {
    const who = await world.as(client);
    expect((await refusal(told(who, 'releases', 'release', patient))).status).toBe(403);
    expect((await refusal(told(who, 'holdings', 'holding'))).status).toBe(403);
  }
  expect((await refusal(told(await world.as('operator'), 'holdings', 'holding'))).status).toBe(403);
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
  // What left before stays told; what left after the objection is without this patient.
  expect(await told(app, 'releases', 'release')).toHaveLength(3);
});
