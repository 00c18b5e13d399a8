// docs/consent.md: an objection holds on every path, from its answer on. Every way to data × what was said about the person, in one table.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchToken } from '../../src/commands/token.ts';
import { objection, openWorld, type World } from './world.ts';

type Said = 'nothing' | 'general' | 'general, withdrawn' | 'limited to hospital-1' | 'limited to hospital-1, withdrawn';
/** Whether what hospital-1 and hospital-2 sent about the person is there. */
type There = readonly [one: boolean, two: boolean];

const codes = { 'hospital-1': '1319999991', 'hospital-2': '2719999992' } as const;
type Hospital = keyof typeof codes;
const hospitals = ['hospital-1', 'hospital-2'] as const;
const number = (hospital: Hospital, n: string) => ({ system: `urn:oid:1.2.392.100495.20.3.51.1${codes[hospital]}`, value: `E-${n}` });
const member = { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '06139463:12:3456:01' };
const cst = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] };
const limited = { type: 'deny', actor: [{ role: cst, reference: { reference: 'Organization/hospital-1' } }] };
/** Others, so that a release is large enough. */
const others = 12;

let world: World;
let tokens: Record<string, string>;
/** Ids of the person's Patient and Observation at each hospital. */
let ids: Record<Hospital, { patient: string; observation: string }>;
let page: string;

async function ask(client: string, method: string, to: string, body?: object) {
  const response = await fetch(to.startsWith('http') ? to : to === '' ? world.baseUrl : `${world.baseUrl}/${to}`, {
    method,
    headers: { authorization: `Bearer ${tokens[client]}`, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text === '' ? '{}' : text) };
}

async function send(hospital: Hospital, n: string, value: number, more: object[] = []): Promise<string[]> {
  const sent = await ask(hospital, 'POST', 'Communication', {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' }] }],
    sent: '2020-01-15',
    sender: { reference: `Organization/${hospital}` },
    subject: { identifier: number(hospital, n) },
  });
  expect(sent.status).toBe(201);
  const add = (fullUrl: string, resource: object, url: string) => ({ fullUrl, resource, request: { method: 'POST', url } });
  const subject = 'urn:uuid:00000000-0000-4000-8000-000000000001';
  const { status, json } = await ask(hospital, 'POST', '', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      add(
        subject,
        { resourceType: 'Patient', identifier: [number(hospital, n), ...more], gender: 'female', birthDate: '1970-01-01' },
        'Patient',
      ),
      add(
        'urn:uuid:00000000-0000-4000-8000-000000000002',
        {
          resourceType: 'Observation',
          status: 'final',
          code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }] },
          subject: { reference: subject },
          effectiveDateTime: '2024-05-01',
          valueQuantity: { value, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
        },
        'Observation',
      ),
    ],
  });
  expect(status).toBe(200);
  return json.entry.map((one: { response: { location: string } }) => /\/([\w.-]+)\/_history/.exec(one.response.location)![1]!);
}

async function open(said: Said, flags: readonly string[]): Promise<void> {
  world = await openWorld(1, 'every-path', flags);
  tokens = {};
  for (const client of ['tester', 'hospital-1', 'hospital-2', 'researcher-1', 'operator'])
    tokens[client] = (await fetchToken({ client, data: world.data, url: world.baseUrl })).token;
  for (let n = 0; n < others; n++) await send('hospital-1', `other-${n}`, 90 + n);
  const [one, two] = [await send('hospital-1', 'A', 501, [member]), await send('hospital-2', 'A', 502, [member])];
  ids = { 'hospital-1': { patient: one[0]!, observation: one[1]! }, 'hospital-2': { patient: two[0]!, observation: two[1]! } };
  const first = await ask('tester', 'GET', 'Observation?code=2345-7&_count=1&_sort=value-quantity');
  page = first.json.link.find((link: { relation: string }) => link.relation === 'next').url;
  if (said === 'nothing') return;
  const consent = {
    ...objection({ identifier: number('hospital-1', 'A') }),
    ...(said.startsWith('limited') ? { provision: limited } : {}),
  };
  const made = await ask('hospital-1', 'POST', 'Consent', consent);
  expect(made.status).toBe(201);
  if (said.endsWith('withdrawn'))
    expect((await ask('hospital-1', 'PUT', `Consent/${made.json.id}`, { ...made.json, status: 'inactive' })).status).toBe(200);
}

/** One way to the person's data at a hospital: whether it leads there. */
type Way = (client: string, hospital: Hospital) => Promise<boolean>;
const reads =
  (to: (hospital: Hospital) => string): Way =>
  async (client, hospital) => {
    const { status } = await ask(client, 'GET', to(hospital));
    expect([200, 404]).toContain(status);
    return status === 200;
  };
const finds =
  (to: (hospital: Hospital) => string, type: 'patient' | 'observation'): Way =>
  async (client, hospital) => {
    const { status, json } = await ask(client, 'GET', to(hospital));
    expect(status).toBe(200);
    const found = ((json.entry ?? []) as { resource: { id: string } }[]).some(one => one.resource.id === ids[hospital][type]);
    if (json.total !== undefined && !found && !/_include|_history/.test(to(hospital))) expect(json.total).toBe(0);
    return found;
  };
/** A compartment of somebody who may not be known of is none. */
const compartment =
  (to: (hospital: Hospital) => string): Way =>
  async (client, hospital) => {
    const { status, text } = await ask(client, 'GET', to(hospital));
    expect([200, 404]).toContain(status);
    return status === 200 && text.includes(`"id":"${ids[hospital].observation}"`);
  };
const patient = (hospital: Hospital) => ids[hospital].patient;
const named = (hospital: Hospital) => encodeURIComponent(`${number(hospital, 'A').system}|E-A`);
const value = (hospital: Hospital) => (hospital === 'hospital-1' ? 501 : 502);
const ways: Readonly<Record<string, Way>> = {
  read: reads(h => `Patient/${patient(h)}`),
  'read of an Observation': reads(h => `Observation/${ids[h].observation}`),
  vread: reads(h => `Patient/${patient(h)}/_history/1`),
  'history of the instance': reads(h => `Observation/${ids[h].observation}/_history`),
  'search by identifier': finds(h => `Patient?identifier=${named(h)}`, 'patient'),
  'search by _id': finds(h => `Patient?_id=${patient(h)}`, 'patient'),
  'search by subject': finds(h => `Observation?subject=Patient/${patient(h)}`, 'observation'),
  'search by value': finds(h => `Observation?value-quantity=${value(h)}`, 'observation'),
  _include: finds(h => `Observation?value-quantity=${value(h)}&_include=Observation:subject`, 'patient'),
  _revinclude: finds(h => `Patient?_id=${patient(h)}&_revinclude=Observation:subject`, 'observation'),
  _has: finds(h => `Patient?_has:Observation:patient:value-quantity=${value(h)}`, 'patient'),
  '_revinclude:iterate': finds(
    h => `Patient?_id=${patient(h)}&_revinclude=Observation:subject&_include:iterate=Observation:subject&_revinclude:iterate=*`,
    'observation',
  ),
  'search of the system': finds(h => `?_type=Patient,Observation&_id=${ids[h].observation}`, 'observation'),
  compartment: compartment(h => `Patient/${patient(h)}/*`),
  'compartment, of one type': compartment(h => `Patient/${patient(h)}/Observation?value-quantity=${value(h)}`),
  'history of the type': finds(() => 'Observation/_history?_count=1000', 'observation'),
  'history of the system': finds(() => '_history?_count=1000', 'patient'),
  'history at a day': finds(() => `_history?_count=1000&_at=${new Date().getUTCFullYear()}`, 'observation'),
  chain: finds(h => `Observation?subject:Patient.identifier=${named(h)}`, 'observation'),
  $everything: compartment(h => `Patient/${patient(h)}/$everything`),
  $meta: reads(h => `Patient/${patient(h)}/$meta`),
  '$meta of a version': reads(h => `Observation/${ids[h].observation}/_history/1/$meta`),
  $validate: reads(h => `Observation/${ids[h].observation}/$validate`),
  _filter: finds(h => `Observation?_filter=value-quantity eq ${value(h)}`, 'observation'),
  '_filter, chained': finds(h => `Observation?_filter=subject.identifier eq "${number(h, 'A').system}|E-A"`, 'observation'),
  _content: finds(h => `Patient?_content="E-A"&identifier=${named(h)}`, 'patient'),
  '_content at the end of _has': finds(h => `Patient?_has:Observation:patient:_content=mg&identifier=${named(h)}`, 'patient'),
  'sort through a reference': finds(h => `Observation?value-quantity=${value(h)}&_sort=-subject:Patient.birthdate`, 'observation'),
  'a search in a batch': async (client, hospital) => {
    const url = `Patient?identifier=${named(hospital)}`;
    const { status, text } = await ask(client, 'POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url } }],
    });
    expect(status).toBe(200);
    return text.includes(`"id":"${patient(hospital)}"`);
  },
  count: async (client, hospital) => (await ask(client, 'GET', `Patient?identifier=${named(hospital)}&_summary=count`)).json.total === 1,
};

const release = (...more: object[]) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } },
    { name: 'cohort', valueString: 'Patient?gender=female' },
    ...more,
  ],
});
const counted = release(
  { name: 'output', valueCode: 'summary' },
  {
    name: 'measure',
    resource: {
      resourceType: 'Measure',
      status: 'active',
      group: [
        {
          population: [
            {
              code: { coding: [{ code: 'initial-population' }] },
              criteria: { language: 'application/x-fhir-query', expression: 'Patient?gender=female' },
            },
          ],
        },
      ],
    },
  },
);

const table: readonly (readonly [said: Said, erased: There, kept: There, released: There, persons: number])[] = [
  ['nothing', [true, true], [true, true], [true, true], others + 1],
  ['general', [false, false], [true, true], [false, false], others],
  ['general, withdrawn', [false, false], [true, true], [false, false], others],
  ['limited to hospital-1', [false, true], [true, true], [false, true], others + 1],
  ['limited to hospital-1, withdrawn', [false, true], [true, true], [false, true], others + 1],
];

describe.each(table)('said: %s', (said, erased, kept, released, persons) => {
  describe.each([
    ['at-once', erased],
    ['never', kept],
  ] as const)('ERASE_ON_OBJECTION=%s', (when, there) => {
    beforeAll(() => open(said, ['--erase-on-objection', when]));
    afterAll(() => world.close());

    test.each(Object.entries(ways))('%s', async (_, way) => {
      for (const [i, hospital] of hospitals.entries()) {
        expect([hospital, 'tester', await way('tester', hospital)]).toEqual([hospital, 'tester', there[i]]);
        expect([hospital, 'itself', await way(hospital, hospital)]).toEqual([hospital, 'itself', there[i]]);
        const stranger = hospital === 'hospital-1' ? 'hospital-2' : 'hospital-1';
        expect([hospital, stranger, await way(stranger, hospital)]).toEqual([hospital, stranger, false]);
      }
    });

    test('a page link from before', async () => {
      let found = '';
      for (let next: string | undefined = page; next !== undefined; ) {
        const { status, text, json } = await ask('tester', 'GET', next);
        expect(status).toBe(200);
        found += text;
        next = json.link.find((link: { relation: string }) => link.relation === 'next')?.url;
      }
      expect(hospitals.map(hospital => found.includes(`"id":"${ids[hospital].observation}"`))).toEqual([...there]);
    });

    test('$deidentify: a bundle, and a count', async () => {
      const { status, text } = await ask('researcher-1', 'POST', '$deidentify', release());
      expect(status).toBe(200);
      expect([501, 502].map(one => text.includes(`"value":${one}`))).toEqual([...released]);
      const summary = await ask('researcher-1', 'POST', '$deidentify', counted);
      expect(summary.json.group[0].population[0].count).toBe(persons);
    });

    test('intake: refused as long as the objection is in force; afterwards it waits for a new notice', async () => {
      for (const hospital of hospitals) {
        const isOpen = said === 'nothing' || (hospital === 'hospital-2' && said.startsWith('limited'));
        const { status } = await ask(hospital, 'POST', 'Patient', {
          resourceType: 'Patient',
          identifier: [number(hospital, 'A'), member],
          birthDate: '1970-01-01',
        });
        expect([hospital, status]).toEqual([hospital, isOpen ? 201 : 422]);
        // A patch and a label make a new version as well, by whatever it is named.
        const isThere = there[hospitals.indexOf(hospital)];
        const { observation } = ids[hospital];
        const wanted = isThere ? (isOpen ? 200 : 422) : 404;
        for (const to of [`Observation/${observation}`, `Observation?_id=${observation}`])
          expect([hospital, to, (await ask(hospital, 'PATCH', to, { resourceType: 'Parameters' })).status]).toEqual([hospital, to, wanted]);
        const label = { name: 'meta', valueMeta: { tag: [{ system: 'urn:tags', code: 'x' }] } };
        const added = await ask(hospital, 'POST', `Observation/${observation}/$meta-add`, {
          resourceType: 'Parameters',
          parameter: [label],
        });
        expect([hospital, added.status]).toEqual([hospital, wanted]);
      }
    });
  });
});
