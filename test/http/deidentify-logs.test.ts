// docs/deidentification.md (threats): neither a log, nor an audit record, nor an error says a value of what is de-identified
// https://hl7.org/fhir/R4/operationoutcome.html, https://hl7.org/fhir/R4/auditevent.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { elementsOf } from '../../src/fhir/profile/elements.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { type Asking, openWhole, type Told, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
  for (const resource of stored) await server.create(resource);
}, 60_000);
afterAll(() => server.close());

const canary = 'KANARIE';
let planted = 0;
const word = (): string => `${canary}${planted++}`;

/** A canary in each text of a resource, two data types deep. */
function full(at: string, depth = 1): Json {
  const node: Json = {};
  for (const [name, { type, primitive, array }] of elementsOf(at)) {
    if (['contained', 'modifierExtension', 'implicitRules'].includes(name) || type === 'Resource') continue;
    let value: unknown;
    if (primitive) {
      if (type === 'boolean') value = true;
      else if (['integer', 'positiveInt', 'unsignedInt', 'decimal'].includes(type)) value = 3;
      else if (['date', 'dateTime', 'instant'].includes(type)) value = '2020-03-17';
      else value = word();
    } else if (type === 'Extension') value = { url: `urn:${word()}`, valueString: word() };
    else if (depth > 0) value = full(type, depth - 1);
    else continue;
    node[name] = array ? [value] : value;
  }
  return node;
}
const planting = (resourceType: string): AnyResource => ({ resourceType, ...full(resourceType) });

/** What a store takes, with a canary in each place that it leaves to the sender. */
const stored: readonly AnyResource[] = Array.from({ length: 12 }, (_, i): AnyResource[] => [
  {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: `${canary}-${i}` }],
    name: [{ text: word(), family: word(), given: [word()] }],
    telecom: [{ system: 'phone', value: word() }],
    address: [{ text: word(), line: [word()], city: word(), state: word(), postalCode: word() }],
    gender: 'female',
    birthDate: '1970-01-01',
  },
  {
    resourceType: 'Observation',
    status: 'final',
    code: { text: word(), coding: [{ system: `urn:${word()}`, code: word(), display: word() }] },
    subject: {
      identifier: { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: `${canary}-${i}` },
      type: 'Patient',
      display: word(),
    },
    valueString: word(),
    note: [{ text: word(), authorString: word() }],
    method: { text: word() },
  },
]).flat();

const bundle = (...resources: readonly unknown[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map(resource => ({ fullUrl: `urn:${word()}`, resource })),
});
const whole = bundle(...['Patient', ...[...policyNamed('jp-anonymized-images').types.keys()].slice(0, 8)].map(planting));
const parameters = (...parameter: Json[]): Asking => ({ body: { resourceType: 'Parameters', parameter } });
const data = (resource: unknown): Json => ({ name: 'data', resource });
const handed = (resource: unknown): Json => ({ name: 'identifiableData', resource });
const open = { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } };
const cohort = (valueString: string): Json => ({ name: 'cohort', valueString });
const researcher = (...parameter: Json[]): Asking => ({ ...parameters(...parameter), client: 'researcher-1' });

/** Data that no store has looked at: a canary where something else should be. */
const wrong: Readonly<Record<string, unknown>> = {
  'no Bundle': planting('Observation'),
  'a Bundle of an unknown type': { ...bundle(), type: word() },
  'an unknown resource type': bundle({ resourceType: word(), id: word() }),
  'no resource': bundle(word()),
  'entries that are no list': { resourceType: 'Bundle', type: 'collection', entry: word() },
  'a text for an object': bundle({ resourceType: 'Patient', id: 'p', name: word(), birthDate: { at: word() }, address: [[word()]] }),
  'an unknown element': bundle({ resourceType: 'Patient', id: 'p', [word()]: word() }),
  'a canary for each value': bundle(
    Object.fromEntries([...elementsOf('Observation').keys()].map(name => [name, word()]).concat([['resourceType', 'Observation']])),
  ),
  'two of one id': bundle({ resourceType: 'Patient', id: canary }, { resourceType: 'Patient', id: canary, birthDate: word() }),
  'references that are none': bundle({ resourceType: 'Observation', subject: { reference: [word()], identifier: word() }, focus: word() }),
};

/** Each call, and whether its answer may be one that is not refused. */
const calls: readonly (readonly [what: string, operation: string, asking: () => Asking, well?: true])[] = [
  ['data', '$deidentify', () => parameters(data(whole)), true],
  ['a Bundle', '$anonymize', () => parameters(handed(whole)), true],
  ...['jp-anonymized', 'jp-anonymized-text', 'jp-anonymized-shared', 'jp-anonymized-images', 'jp-pseudonymized', 'hipaa-safe-harbor'].map(
    policy => [policy, '$de-identify', () => parameters(handed(whole), { name: 'policy', valueString: policy }), true] as const,
  ),
  ['a cohort', '$deidentify', () => researcher(open, cohort('Patient?')), true],
  ['a cohort that asks for it', '$deidentify', () => researcher(open, cohort(`Patient?name=${word()}`))],
  ['a code that nobody has', '$deidentify', () => researcher(open, cohort(`Patient?_has:Observation:patient:code=${word()}`))],
  ['a cohort that is none', '$deidentify', () => researcher(open, cohort(word()))],
  ['a study that is none', '$deidentify', () => researcher({ name: 'study', valueReference: { reference: word() } }, cohort('Patient?'))],
  ['a type that is none', '$deidentify', () => researcher(open, cohort('Patient?'), { name: 'type', valueCode: word() })],
  ['an output that is none', '$deidentify', () => researcher(open, cohort('Patient?'), { name: 'output', valueCode: word() })],
  [
    'a Measure that is none',
    '$deidentify',
    () =>
      researcher(open, cohort('Patient?'), { name: 'output', valueCode: 'summary' }, { name: 'measure', resource: planting('Measure') }),
  ],
  ['data of a researcher', '$deidentify', () => researcher(data(whole))],
  ['a policy that is none', '$de-identify', () => parameters(handed(whole), { name: 'policy', valueString: word() })],
  ['a policy of another type', '$de-identify', () => parameters(handed(whole), { name: 'policy', valueCode: word() })],
  [
    'files by URL',
    '$de-identify',
    () =>
      parameters(
        { name: 'identifiableDataFileUrls', valueUrl: `https://${word()}.example` },
        { name: 'policy', valueString: 'jp-anonymized' },
      ),
  ],
  ['a parameter that is none', '$anonymize', () => parameters(handed(whole), { name: word(), valueString: word() })],
  ['a text for data', '$anonymize', () => parameters({ name: 'identifiableData', valueString: word() })],
  ['a body that is no Parameters', '$anonymize', () => ({ body: planting('Patient') })],
  ['a body that is no JSON', '$deidentify', () => ({ body: `{"resourceType":"Parameters","parameter":[{"name":"${word()}"` })],
  ['a body of another kind', '$deidentify', () => ({ body: word(), headers: { 'content-type': 'text/plain' } })],
  ['nobody who asks', '$deidentify', () => ({ ...parameters(data(whole)), client: '' })],
  ...Object.entries(wrong).flatMap(([what, resource]) => [
    [what, '$deidentify', () => parameters(data(resource)), true] as const,
    [what, '$anonymize', () => parameters(handed(resource)), true] as const,
    [what, '$de-identify', () => parameters(handed(resource), { name: 'policy', valueString: 'jp-anonymized-text' }), true] as const,
  ]),
];

/** A canary as it is written, or in any spelling that a log may give it. */
const found = (text: string): string[] =>
  [
    text,
    decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '')),
    ...[...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([it]) => Buffer.from(it, 'base64').toString('latin1')),
  ]
    .flatMap(one => [...one.matchAll(/KANARIE.{0,20}/gi)])
    .map(([it]) => it);

const named = new Map(calls.map(([what, operation, asking, well]) => [`${operation}: ${what}`, { operation, asking, well }]));

test.each([...named.keys()])('%s: no answer says a value', async name => {
  const { operation, asking, well } = named.get(name)!;
  const told: Told = await server.ask('POST', operation, asking());
  if (well !== true) expect(told.status).toBeGreaterThanOrEqual(400);
  expect(found(told.text)).toEqual([]);
  expect(found([...told.headers].flat().join('\n'))).toEqual([]);
});

test('no AuditEvent says a value, and none of these calls reaches a fault of the server', async () => {
  expect(planted).toBeGreaterThan(300);
  const { json } = await server.ask('GET', 'AuditEvent?_count=500', { client: 'operator' });
  const text = JSON.stringify(json);
  expect(text).toMatch(/deidentify/);
  expect(found(text)).toEqual([]);
  // Of a request nothing is logged unless the server itself fails; then its kind and place, by traceOf.
  expect(server.log).toEqual([]);
});
