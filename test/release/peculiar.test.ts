// Codes and values that fewer than k persons of a release share: docs/deidentification/dataset.md
import { describe, expect, test } from '@jest/globals';
import { survey } from '../../src/deid/dataset/index.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { countAll, type Left, withoutPeculiar } from '../../src/release/peculiar.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { collection, keysFrom, ofType, released } from './ground.ts';

const patient = (n: number): AnyResource => ({ resourceType: 'Patient', id: `p${n}`, gender: 'male', birthDate: '1970-01-01' });
const observation = (n: number, code: string, more: object = {}): AnyResource => ({
  resourceType: 'Observation',
  id: `o${n}-${code}`,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: `Patient/p${n}` },
  ...more,
});
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const marksOf = (resource: AnyResource) => (resource['meta'] as { security: { code: string }[] }).security.map(({ code }) => code);

describe('a group of elements, and a target of references, that one person alone has', () => {
  const twelve = Array.from({ length: 12 }, (_, n) => n);
  const all = twelve.flatMap(n => [
    patient(n),
    observation(n, '718-7', n === 4 ? { partOf: [{ reference: 'Procedure/one' }] } : {}),
    observation(n, '85354-9', n === 3 ? { component: [{ code: loinc('8480-6'), valueQuantity: { value: 777, unit: 'mm[Hg]' } }] } : {}),
  ]);
  const procedure = { resourceType: 'Procedure', id: 'one', status: 'completed', subject: { reference: 'Patient/p3' } };
  const release = released(collection(...all, procedure), keysFrom(1, 'jp-anonymized-shared'));

  test('the group does not leave, nor what it holds', async () => {
    const { text, resources } = await release;
    expect(ofType(resources, 'Observation')).toHaveLength(24);
    expect(text).not.toContain('8480-6');
    expect(text).not.toContain('"value":777');
  });

  test('no reference leads to what does not leave', async () => expect((await release).text).not.toContain('Procedure/'));

  test('both are counted, and the resources say that something was removed', async () => {
    const { resources, provenance } = await release;
    expect(ofType(resources, 'Observation').filter(one => marksOf(one).includes('REDACTED'))).toHaveLength(2);
    expect(JSON.stringify(provenance['extension'])).toContain('peculiar-descriptions');
  });
});

test('no reference leads to what does not leave because nobody alone has it, nor to what goes for that', async () => {
  const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
  const icd = (code: string) => coded('http://hl7.org/fhir/sid/icd-10', code);
  const drug = { status: 'active', intent: 'order', medicationCodeableConcept: coded('http://www.whocc.no/atc', 'A10BA02') };
  const all = Array.from({ length: 12 }, (_, n): AnyResource[] => [
    patient(n),
    { resourceType: 'Condition', id: `c${n}`, code: icd('E11'), subject: { reference: `Patient/p${n}` } },
    { resourceType: 'MedicationRequest', id: `m${n}`, ...drug, subject: { reference: `Patient/p${n}` } },
  ]).flat();
  // Of two persons each, and known to nobody's own resources.
  const both = { subject: { reference: 'Patient/p0' }, reportedReference: { reference: 'Patient/p1' } };
  const { resources } = await released(
    collection(
      ...all,
      {
        ...{ resourceType: 'Condition', id: 'c', code: icd('E75.2'), subject: { reference: 'Patient/p0' } },
        evidence: [{ detail: [{ reference: 'Patient/p1' }] }],
      },
      { resourceType: 'MedicationRequest', id: 'm', ...drug, ...both, reasonReference: [{ reference: 'Condition/c' }] },
    ),
    keysFrom(1, 'jp-anonymized-shared'),
  );
  const names = new Set(resources.map(one => `${one.resourceType}/${one.id}`));
  expect(ofType(resources, 'MedicationRequest')).toHaveLength(13);
  expect(ofType(resources, 'Condition')).toHaveLength(12);
  const led = [...JSON.stringify(resources).matchAll(/"reference":"([A-Z][A-Za-z]+\/[^"]+)"/g)].map(found => found[1]!);
  expect(led.filter(name => !names.has(name))).toEqual([]);
});

test('pairs of codes that few have, each of which many have, are counted', async () => {
  const diagnosis = (n: number, code: string): Left[] => {
    const subject = { reference: `Patient/p${n}` };
    const coded = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] };
    return [{ id: `${code}-${n}`, person: `p${n}`, resource: { resourceType: 'Condition', id: `${code}-${n}`, code: coded, subject } }];
  };
  // Eleven each, and both: as many as overlap.
  const overlapping = (both: number) =>
    Array.from({ length: 22 - both }, (_, n) => [
      ...(n < 11 ? diagnosis(n, 'E11') : []),
      ...(n >= 11 - both ? diagnosis(n, 'I10') : []),
    ]).flat();
  const rare = async (both: number) => (await withoutPeculiar(overlapping(both), { k: 10 })).rarePairs;
  expect(await Promise.all([0, 1, 9, 10].map(rare))).toEqual([0, 1, 1, 0]);
});

describe('the evidence of the plan', () => {
  const all = Array.from({ length: 12 }, (_, n) => [patient(n), observation(n, n === 3 ? '85354-9' : '718-7')]).flat();
  const planOf = async (resources: readonly AnyResource[], ...keys: Parameters<typeof keysFrom>) => {
    const { provenance } = await released(collection(...resources), keysFrom(...keys));
    const entities = provenance['entity'] as { what: { identifier: { system: string; value: string } } }[];
    return entities.map(({ what }) => what.identifier).find(({ system }) => system.endsWith('/jp-anonymized-shared#plan'))?.value;
  };

  test('the Provenance names it by a keyed hash: the same data and keys give the same, in any order; other data or keys another', async () => {
    const plan = await planOf(all, 1, 'jp-anonymized-shared');
    expect(plan).toMatch(/^[0-9a-f]{64}$/);
    expect(await planOf(all.toReversed(), 1, 'jp-anonymized-shared')).toBe(plan);
    expect(await planOf(all, 2, 'jp-anonymized-shared')).not.toBe(plan);
    expect(await planOf([...all, observation(0, '2339-0')], 1, 'jp-anonymized-shared')).not.toBe(plan);
  });

  test('a policy that looks at no data set has none', async () => expect(await planOf(all, 1, 'jp-anonymized')).toBeUndefined());
});

test('a code that goes is removed, and not made coarser', async () => {
  const condition = (n: number, code: string): AnyResource => ({
    resourceType: 'Condition',
    id: `c${n}-${code}`,
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] },
    subject: { reference: `Patient/p${n}` },
  });
  const all = Array.from({ length: 12 }, (_, n) => [patient(n), condition(n, 'I10'), condition(n, n < 10 ? 'J45' : 'E75')]).flat();
  const { text, resources } = await released(collection(...all), keysFrom(1, 'jp-anonymized-shared'));
  const rest = ofType(resources, 'Condition').filter(one => !/I10|J45/.test(JSON.stringify(one)));
  expect(text).not.toContain('E75');
  expect(rest.length).toBeGreaterThan(0);
  for (const one of rest) expect(marksOf(one)).toContain('REDACTED');
});

test('a chain of what is nobody’s, however long, belongs to whoever refers to its beginning', async () => {
  const [persons, long] = [12, 16_000];
  const device = (i: number): AnyResource => ({
    ...{ resourceType: 'Device', id: `d${i}`, status: 'active' },
    ...(i === long ? { type: loinc('718-7') } : { parent: { reference: `Device/d${i + 1}` } }),
  });
  const set = survey(policyNamed('jp-anonymized-shared').dataSet!);
  const left = (resource: AnyResource, person?: string) => ({
    id: String(resource.id),
    resource,
    ...(person === undefined ? {} : { person }),
  });
  const chain = Array.from({ length: long + 1 }, (_, i) => left(device(i)));
  countAll(set, [
    ...chain,
    ...Array.from({ length: persons }, (_, n) => left({ ...observation(n, '718-7'), device: { reference: 'Device/d0' } }, `p${n}`)),
  ]);
  const { apply } = set.plan();
  expect(apply(chain.at(-1)!.resource).resource).toHaveProperty('type');
});
