// Data that are handed in. https://hl7.org/fhir/R4/bundle.html#references, https://hl7.org/fhir/R4/extensibility.html#modifierExtension
import { expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { base, collection, keysFrom, ofType, released } from './ground.ts';

const patient = (gender: string, more: object = {}): AnyResource => ({ resourceType: 'Patient', gender, birthDate: '1970-01-01', ...more });
const observation = (code: string, reference: string): AnyResource => ({
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference },
});

/** Code of each Observation → gender of its subject. */
async function subjects(bundle: AnyResource): Promise<Record<string, unknown>> {
  const { resources } = await released(bundle, keysFrom(1));
  const genders = new Map(ofType(resources, 'Patient').map(one => [`Patient/${one.id}`, one['gender']]));
  return Object.fromEntries(
    ofType(resources, 'Observation').map(one => [
      /"code":"(\d+-\d)"/.exec(JSON.stringify(one))?.[1],
      genders.get(String((one['subject'] as Json)['reference'])),
    ]),
  );
}

const bundle = (...entry: Json[]): AnyResource => ({ resourceType: 'Bundle', type: 'collection', entry });

test('a relative reference leads to the server that its entry is of', async () => {
  const from = (server: string, gender: string, code: string): Json[] => [
    { fullUrl: `https://${server}.test/fhir/Patient/1`, resource: patient(gender, { id: '1' }) },
    { fullUrl: `https://${server}.test/fhir/Observation/1`, resource: observation(code, 'Patient/1') },
  ];
  const [, stranger] = from('c', 'other', '3333-3');
  expect(await subjects(bundle(...from('a', 'male', '1111-1'), ...from('b', 'female', '2222-2'), stranger!))).toEqual({
    '1111-1': 'male',
    '2222-2': 'female',
  });
});

test.each(['Patient/1', `${base}/Patient/1`])(
  '%s of this server, which is not among the data, is nobody of another server',
  async reference =>
    expect(
      await subjects(
        bundle(
          { fullUrl: 'https://a.test/fhir/Patient/1', resource: patient('male', { id: '1' }) },
          { fullUrl: `${base}/Observation/1`, resource: observation('1111-1', reference) },
        ),
      ),
    ).toEqual({}),
);

test('a condition by a number leads to whoever has it, as in a transaction', async () =>
  expect(
    await subjects(
      bundle(
        {
          fullUrl: 'urn:uuid:00000000-0000-4000-8000-00000000000a',
          resource: patient('male', { identifier: [{ system: 'urn:x', value: '1' }] }),
        },
        { fullUrl: 'urn:uuid:00000000-0000-4000-8000-00000000000b', resource: observation('1111-1', 'Patient?identifier=urn:x|1') },
        { fullUrl: 'urn:uuid:00000000-0000-4000-8000-00000000000c', resource: observation('2222-2', 'Patient?identifier=urn:x|2') },
        { fullUrl: 'urn:uuid:00000000-0000-4000-8000-00000000000d', resource: observation('3333-3', 'Patient?active=true') },
      ),
    ),
  ).toEqual({ '1111-1': 'male' }));

test('one without a full URL leads to whoever is called so', async () =>
  expect(
    await subjects(
      bundle(
        { fullUrl: 'https://a.test/fhir/Patient/1', resource: patient('male', { id: '1' }) },
        { resource: observation('1111-1', 'Patient/1') },
      ),
    ),
  ).toEqual({ '1111-1': 'male' }));

test('two Patients are two, whatever their ids', async () => {
  const urn = 'urn:uuid:9d9d9d9d-0000-4000-8000-000000000000';
  expect(
    await subjects(
      bundle(
        { resource: patient('male', { id: 'entry-2' }) },
        { resource: observation('1111-1', 'Patient/entry-2') },
        { fullUrl: urn, resource: patient('female') },
        { resource: observation('2222-2', urn) },
      ),
    ),
  ).toEqual({ '1111-1': 'male', '2222-2': 'female' });
});

test('a UUID leads there in either case of its letters', async () => {
  const urn = 'urn:uuid:9d9d9d9d-0000-4000-8000-00000000ABCD';
  for (const [is, said] of [
    [urn, urn.toLowerCase()],
    [urn.toLowerCase(), urn],
  ] as const)
    expect(await subjects(bundle({ fullUrl: is, resource: patient('female') }, { resource: observation('2222-2', said) }))).toEqual({
      '2222-2': 'female',
    });
});

test('UUIDs that differ by case alone are of several: each leads to its own, and another writing nowhere', async () => {
  const urn = 'urn:uuid:9d9d9d9d-0000-4000-8000-00000000abcd';
  const ways = [urn, urn.replace('abcd', 'ABCD'), urn.replace('abcd', 'Abcd')];
  const entries = ways.map((fullUrl, i) => ({ fullUrl, resource: patient(['female', 'male', 'other'][i]!) }));
  const asking = [...ways, urn.replace('abcd', 'aBCD')].map((to, i) => ({ resource: observation(`${i}111-1`, to) }));
  expect(await subjects(bundle(...entries, ...asking))).toEqual({ '0111-1': 'female', '1111-1': 'male', '2111-1': 'other' });
});

test.each([{ modifierExtension: [{ url: 'urn:not', valueBoolean: true }] }, { implicitRules: 'urn:rules' }])(
  'a Patient with %j does not leave, and nothing refers to one',
  async more => {
    const { text, resources } = await released(
      collection(patient('male', { id: '1', ...more }), observation('1111-1', 'Patient/1')),
      keysFrom(1),
    );
    expect(resources.map(one => one.resourceType)).toEqual(['Observation']);
    expect(text).not.toContain('"Patient/');
    expect(text).toContain('"withheld"');
  },
);

test('an identifier, alone or as a condition, leads to what alone has it, whatever type that is of', async () => {
  const visit = { system: 'https://a.test/visits', value: 'V-1' };
  const both = { system: 'https://a.test/visits', value: 'V-2' };
  const encounter = (id: string, ...identifier: Json[]): Json => ({
    resource: {
      ...{ resourceType: 'Encounter', id, status: 'finished', identifier, subject: { reference: 'Patient/1' } },
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    },
  });
  const ways: readonly [code: string, encounter: Json][] = [
    ['1111-1', { type: 'Encounter', identifier: visit }],
    ['1112-9', { identifier: visit }],
    ['1113-7', { reference: `Encounter?identifier=${encodeURIComponent(`${visit.system}|${visit.value}`)}` }],
    ['2221-0', { type: 'Condition', identifier: visit }],
    ['2222-8', { identifier: both }],
    ['2223-6', { identifier: { ...visit, system: 'https://b.test/visits' } }],
    ['2224-4', { reference: `Encounter?identifier=${visit.system}|${visit.value}&status=finished` }],
  ];
  const { resources } = await released(
    bundle(
      { resource: patient('male', { id: '1' }) },
      encounter('1', visit, both),
      encounter('2', both),
      ...ways.map(([code, encounter], i) => ({ resource: { ...observation(code, 'Patient/1'), id: `o${i}`, encounter } })),
    ),
    keysFrom(1),
  );
  const led = ofType(resources, 'Observation').filter(one => one['encounter'] !== undefined);
  expect(led.map(one => /"code":"(\d+-\d)"/.exec(JSON.stringify(one))?.[1]).sort()).toEqual(['1111-1', '1112-9', '1113-7']);
  const references = new Set(led.map(one => (one['encounter'] as Json)['reference']));
  expect(references.size).toBe(1);
  expect(ofType(resources, 'Encounter').map(one => `Encounter/${one.id}`)).toContain([...references][0]);
});

test('what is of an encounter of somebody who is left out does not leave', async () => {
  const { subject: _, ...nobodys } = observation('1111-1', '');
  const data = bundle(
    { resource: patient('male', { id: '1' }) },
    { resource: { resourceType: 'Encounter', id: 'e', subject: { reference: 'Patient/1' } } },
    { resource: { ...nobodys, encounter: { reference: 'Encounter/e' } } },
  );
  expect((await released(data, keysFrom(1), new Set([0, 1]))).resources).toEqual([]);
});
