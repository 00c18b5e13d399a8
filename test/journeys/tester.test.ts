// https://hl7.org/fhir/R4/search.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Observation, Patient } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import { bundlesIn, loadAll, openWorld, patientOf, refusal, type World } from './world.ts';

let world: World;
let tester: Client;
let sent: Bundle[];
beforeAll(async () => {
  world = await openWorld(50);
  await loadAll(world);
  tester = await world.as('tester');
  sent = ['hospital-1', 'hospital-2'].flatMap(name => bundlesIn(world, name));
}, 60_000);
afterAll(() => world.close());

const search = async (resourceType: string, searchParams: Record<string, string>): Promise<Bundle> =>
  (await tester.search({ resourceType, searchParams })) as unknown as Bundle;
const numbers = (bundle: Bundle): string[] =>
  bundle
    .entry!.filter(e => e.search?.mode !== 'include')
    .map(e => (e.resource as Patient).identifier![0]!.value!)
    .sort();

test('tester: metadata and discovery need no token, a search does', async () => {
  const anyone = new Client({ baseUrl: world.baseUrl });
  expect((await anyone.capabilityStatement())['fhirVersion']).toBe('4.0.1');
  expect((await refusal(anyone.search({ resourceType: 'Patient' }))).status).toBe(401);
});

test('tester: finds a patient by kanji, by kana in full or half width, by number', async () => {
  const wanted = sent.map(patientOf).find(p => /^[ァ-ヶ]+$/.test(p.name![1]!.family!))!;
  const [kanji, kana] = wanted.name!;
  const all = sent.map(patientOf);
  const by = (family: string) =>
    all
      .filter(p => p.name!.some(n => n.family?.normalize('NFKC').startsWith(family.normalize('NFKC'))))
      .map(p => p.identifier![0]!.value!)
      .sort();
  expect(numbers(await search('Patient', { family: kanji!.family!, _count: '100' }))).toEqual(by(kanji!.family!));
  for (const written of [kana!.family!, kana!.family!.normalize('NFKC')])
    expect(numbers(await search('Patient', { family: written, _count: '100' }))).toContain(wanted.identifier![0]!.value);
  const { system, value } = wanted.identifier![0]!;
  expect(numbers(await search('Patient', { identifier: `${system}|${value}` }))).toEqual([value]);
});

test('tester: values, chains, reverse chains and includes', async () => {
  const values = sent
    .flatMap(b => b.entry!.map(e => e.resource!))
    .filter((r): r is Observation => r.resourceType === 'Observation' && r.code.coding!.some(c => c.code === '4548-4'));
  const high = values.filter(o => o.valueQuantity!.value! > 6.5).length;
  const found = await search('Observation', {
    code: 'http://loinc.org|4548-4',
    'value-quantity': 'gt6.5',
    _include: 'Observation:subject',
    _total: 'accurate',
    _count: '500',
  });
  expect(found.total).toBe(high);
  expect(found.entry!.filter(e => e.search!.mode === 'match')).toHaveLength(high);
  const subjects = new Set(
    found.entry!.flatMap(e => (e.resource!.resourceType === 'Observation' ? [(e.resource as Observation).subject!.reference] : [])),
  );
  expect(
    found
      .entry!.filter(e => e.search!.mode === 'include')
      .map(e => `Patient/${e.resource!.id}`)
      .sort(),
  ).toEqual([...subjects].sort());

  const diabetics = sent
    .filter(b => b.entry!.some(e => e.resource!.resourceType === 'Condition' && e.resource!.code!.coding!.some(c => c.code === 'E11.9')))
    .map(b => patientOf(b).identifier![0]!.value!);
  expect(numbers(await search('Patient', { '_has:Condition:patient:code': 'E11.9', _count: '100' }))).toEqual(diabetics.sort());
});

test('tester: pages follow each other without a gap or a repeat', async () => {
  const seen: string[] = [];
  let page = await tester.search({ resourceType: 'Patient', searchParams: { _count: '7', _sort: 'birthdate' } });
  for (let pages = 0; pages < 30; pages++) {
    seen.push(...(page as unknown as Bundle).entry!.map(e => e.resource!.id!));
    const next = await tester.nextPage({ bundle: page as never });
    if (next === undefined) break;
    page = next;
  }
  expect(seen).toHaveLength(sent.length);
  expect(new Set(seen).size).toBe(sent.length);
});

test('tester: an unknown parameter is refused and named', async () => {
  const { status, outcome } = await refusal(tester.search({ resourceType: 'Patient', searchParams: { shoesize: '44' } }));
  expect(status).toBe(400);
  expect(JSON.stringify(outcome)).not.toContain('44');
});
