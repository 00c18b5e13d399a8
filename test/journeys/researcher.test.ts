// $deidentify: docs/operation/deidentify.md; https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/measurereport.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, MeasureReport, Provenance } from '@medplum/fhirtypes';
import { body, bundlesIn, loadAll, openWorld, patientOf, refusal, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld(60);
  await loadAll(world);
}, 60_000);
afterAll(() => world.close());

const study = (id: string) => ({ name: 'study', valueReference: { reference: `ResearchStudy/${id}` } });
const cohort = (valueString: string) => ({ name: 'cohort', valueString });
async function deidentify(...parameter: object[]): Promise<unknown> {
  const researcher = await world.as('researcher-1');
  return researcher.operation({ name: '$deidentify', input: body({ resourceType: 'Parameters', parameter }) });
}

test('researcher: reads no patient, only his studies', async () => {
  const researcher = await world.as('researcher-1');
  expect((await refusal(researcher.search({ resourceType: 'Patient' }))).status).toBe(403);
  expect((await researcher.read({ resourceType: 'ResearchStudy', id: 'sandbox-active' }))['status']).toBe('active');
});

test('researcher: receives a labelled bundle in which no name, number, address or id of the hospitals is left', async () => {
  const bundle = (await deidentify(study('sandbox-active'), cohort('Patient?gender=female'))) as Bundle;
  expect(bundle.type).toBe('collection');
  expect(bundle.meta!.security).toContainEqual(expect.objectContaining({ code: 'ANONYED' }));
  expect(bundle.entry!.at(-1)!.resource!.resourceType).toBe('Provenance');
  const text = JSON.stringify(bundle);
  const sent = ['hospital-1', 'hospital-2'].flatMap(name => bundlesIn(world, name));
  for (const { name, identifier, telecom, address } of sent.map(patientOf)) {
    const [kanji, kana] = name!;
    const values = [
      kanji!.text!,
      kana!.text!,
      ...identifier!.map(i => i.value!),
      ...(telecom ?? []).map(t => t.value!),
      address![0]!.line![0]!,
    ];
    expect(values.filter(value => text.includes(value))).toEqual([]);
  }
  for (const staff of sent.flatMap(b =>
    b.entry!.flatMap(e => (e.resource!.resourceType === 'Practitioner' ? [e.resource!.name![0]!.text!] : [])),
  ))
    expect(text).not.toContain(staff);
  const women = new Set(
    sent
      .map(patientOf)
      .filter(p => p.gender === 'female')
      .map(p => p.identifier![1]!.value),
  );
  const patients = bundle.entry!.filter(e => e.resource!.resourceType === 'Patient');
  expect(patients.length).toBeGreaterThan(9);
  expect(patients.length).toBeLessThanOrEqual(women.size);
});

test('researcher: counts, and learns nothing of fewer than ten', async () => {
  const criteria = (expression: string) => ({
    population: [
      {
        code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: 'initial-population' }] },
        criteria: { language: 'application/x-fhir-query', expression },
      },
    ],
  });
  const measure = {
    resourceType: 'Measure',
    status: 'active',
    scoring: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-scoring', code: 'cohort' }] },
    group: [criteria('Patient?'), criteria('Patient?_has:Condition:patient:code=E75.2')],
  };
  const report = (await deidentify(
    study('sandbox-active'),
    cohort('Patient?'),
    { name: 'output', valueCode: 'summary' },
    { name: 'measure', resource: measure },
  )) as MeasureReport;
  const [all, rare] = report.group!.map(g => g.population![0]!);
  // One person at both hospitals counts once; who shares no identifier counts twice until records are linked.
  const members = new Set(
    ['hospital-1', 'hospital-2']
      .flatMap(name => bundlesIn(world, name))
      .map(b => patientOf(b).identifier!.find(i => i.system!.includes('memberID'))!.value),
  );
  expect(all!.count).toBe(members.size);
  expect(rare).not.toHaveProperty('count');
  expect(JSON.stringify(rare)).toContain('masked');
  expect((await refusal(deidentify(study('sandbox-active'), cohort('Patient?_has:Condition:patient:code=E75.2')))).status).toBe(422);
});

test('researcher: not without a study that is active and his own, not by what identifies', async () => {
  expect((await refusal(deidentify(cohort('Patient?')))).status).toBe(400);
  for (const id of ['sandbox-withdrawn', 'no-such-study'])
    expect((await refusal(deidentify(study(id), cohort('Patient?')))).status).toBe(403);
  for (const query of ['Patient?name=佐藤', 'Patient?birthdate=1950-01-01', 'Patient?_id=1', 'Observation?code=4548-4'])
    expect([query, (await refusal(deidentify(study('sandbox-active'), cohort(query)))).status]).toEqual([query, 400]);
});

test('operator: sees for each patient who received his data, under which study and policy, and no pseudonym', async () => {
  const bundle = (await deidentify(study('sandbox-active'), cohort('Patient?gender=male'))) as Bundle;
  const provenance = bundle.entry!.at(-1)!.resource as Provenance;
  const operator = await world.as('operator');
  const found = async (searchParams: Record<string, string>): Promise<AuditEvent[]> =>
    ((await operator.search({ resourceType: 'AuditEvent', searchParams })) as unknown as Bundle<AuditEvent>).entry!.map(
      one => one.resource!,
    );
  const released = await found({ entity: 'ResearchStudy/sandbox-active', subtype: 'disclose', _count: '1000' });
  const ofThis = released.filter(event => JSON.stringify(event).includes(bundle.identifier!.value!));
  const patients = ofThis
    .flatMap(event => event.entity!.flatMap(one => one.what?.reference ?? []))
    .filter(one => one.startsWith('Patient/'));
  expect(patients).toHaveLength(ofThis.length);
  expect(new Set(patients).size).toBe(patients.length);
  const pseudonyms = bundle.entry!.map(one => one.resource!).filter(one => one.resourceType === 'Patient');
  // Several records may be one person.
  expect(patients.length).toBeGreaterThanOrEqual(pseudonyms.length);
  for (const { id } of pseudonyms) expect(JSON.stringify(ofThis)).not.toContain(id!);
  const [first] = await found({ patient: patients[0]!, subtype: 'disclose' });
  expect(JSON.stringify(first)).toContain(provenance.entity![0]!.what.identifier!.value!);
  expect(first!.agent.some(one => one.who?.identifier?.value === 'researcher-1')).toBe(true);
});
