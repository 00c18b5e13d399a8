// https://hl7.org/fhir/R4/http.html#transaction, https://hl7.org/fhir/R4/xml.html: a hospital that speaks XML meets the same gate as one that speaks JSON
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { fetchToken } from '../../src/commands/token.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { readXml } from '../../src/fhir/xml/read-xml.ts';
import { writeXml } from '../../src/fhir/xml/write-xml.ts';
import { textOf } from '../fhir/xml/same.ts';
import { bundlesIn, objection, openWorld, patientOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld(6);
}, 60_000);
afterAll(() => world.close());

const tokens = new Map<string, Promise<string>>();
function tokenOf(client: string): Promise<string> {
  if (!tokens.has(client))
    tokens.set(
      client,
      fetchToken({ client, patient: undefined, data: world.data, url: world.baseUrl }).then(({ token }) => token),
    );
  return tokens.get(client)!;
}

async function say(client: string, method: string, place: string, resource?: object) {
  const response = await fetch(place === '' ? world.baseUrl : `${world.baseUrl}/${place}`, {
    method,
    headers: { authorization: `Bearer ${await tokenOf(client)}`, accept: 'application/fhir+xml', 'content-type': 'application/fhir+xml' },
    ...(resource === undefined ? {} : { body: writeXml(resource as AnyResource) as unknown as string }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, resource: readXml(bytes) };
}
const total = async (client: string, query: string) => (await say(client, 'GET', `${query}_summary=count`)).resource['total'];

/** The generated notices of a hospital, as one batch. */
const notices = (hospital: string): object => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: readFileSync(path.join(world.files, 'notices', `${hospital}.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .map(line => ({ resource: JSON.parse(line) as object, request: { method: 'POST', url: 'Communication' } })),
});

test('without a notice the whole Bundle is refused by its entries, and nothing of it is stored', async () => {
  const [bundle] = bundlesIn(world, 'hospital-1');
  const { status, resource } = await say('hospital-1', 'POST', '', bundle);
  const [issue] = (resource as unknown as OperationOutcome).issue;
  expect([status, issue!.code]).toEqual([422, 'business-rule']);
  expect(issue!.expression![0]).toMatch(/^Bundle\.entry\[\d+\]/);
  const { value } = patientOf(bundle!).identifier![0]!;
  expect(JSON.stringify(resource)).not.toContain(value);
  expect(await total('hospital-1', 'Patient?')).toBe(0);
});

test('with notices, sent in XML, every Bundle is taken, once, and reads back in XML as it was sent', async () => {
  const noticed = (await say('hospital-1', 'POST', '', notices('hospital-1'))).resource as unknown as Bundle;
  expect(noticed.entry!.map(({ response }) => response!.status.slice(0, 3))).toEqual(noticed.entry!.map(() => '201'));
  for (const bundle of bundlesIn(world, 'hospital-1')) {
    const { status, resource } = await say('hospital-1', 'POST', '', bundle);
    expect([status, resource['type']]).toEqual([200, 'transaction-response']);
    // The same Bundle again stores nothing: its identifier came the same way.
    const again = await say('hospital-1', 'POST', '', bundle);
    expect([again.status, textOf(again.resource['entry'])]).toEqual([200, textOf(resource['entry'])]);
    const at = bundle.entry!.findIndex(entry => entry.resource?.resourceType === 'Patient');
    const [location] = (resource as unknown as Bundle).entry![at]!.response!.location!.split('/_history');
    const { id: _, meta: __, ...read } = (await say('hospital-1', 'GET', location!.replace(`${world.baseUrl}/`, ''))).resource;
    const { id: ___, meta: ____, ...sent } = patientOf(bundle) as unknown as AnyResource;
    const { managingOrganization: _1, generalPractitioner: _2, ...settled } = read;
    const { managingOrganization: _3, generalPractitioner: _4, ...asSent } = sent;
    expect(textOf(settled)).toBe(textOf(asSent));
  }
  expect(await total('hospital-1', 'Patient?')).toBe(bundlesIn(world, 'hospital-1').length);
});

test('an objection in XML holds from its answer on', async () => {
  const bundle = bundlesIn(world, 'hospital-1')[0]!;
  const { system, value } = patientOf(bundle).identifier![0]!;
  expect((await say('operator', 'POST', 'Consent', objection({ identifier: { system, value } }))).status).toBe(201);
  const { status, resource } = await say('hospital-1', 'POST', '', { ...bundle, identifier: { system: 'urn:x', value: 'another' } });
  expect([status, (resource as unknown as OperationOutcome).issue[0]!.code]).toEqual([422, 'business-rule']);
});

test('what is another hospital’s answers in XML like what never was', async () => {
  const [patient] = ((await say('hospital-1', 'GET', 'Patient')).resource as unknown as Bundle).entry!;
  const theirs = await say('hospital-2', 'GET', `Patient/${patient!.resource!.id}`);
  expect(theirs.status).toBe(404);
  expect(textOf(theirs.resource)).toBe(textOf((await say('hospital-2', 'GET', 'Patient/never')).resource));
});
