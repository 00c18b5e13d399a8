// https://hl7.org/fhir/R4/references.html#literal, https://hl7.org/fhir/R4/security.html, OWASP API 2023 (7): what names a place elsewhere is never asked there, and never taken for one here
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { openWhole, type Whole } from './whole.ts';

/** Everything that a server could be made to ask lands here, as HTTP or as bare bytes. */
let trap: Server;
let bytes: ReturnType<typeof createTcp>;
let heard: string[];
let places: string[];
let server: Whole;
beforeAll(async () => {
  server = await openWhole();
  heard = [];
  trap = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
  });
  bytes = createTcp(socket => {
    heard.push('a connection');
    socket.destroy();
  });
  const listening = async (one: Server | ReturnType<typeof createTcp>) => {
    await new Promise<void>(resolve => one.listen(0, '127.0.0.1', resolve));
    return (one.address() as AddressInfo).port;
  };
  const [web, bare] = [await listening(trap), await listening(bytes)];
  places = [
    `http://127.0.0.1:${web}/x`,
    `http://localhost:${web}/x`,
    `http://0x7f.1:${web}/x`,
    `http://2130706433:${web}/x`,
    `http://[::ffff:127.0.0.1]:${web}/x`,
    `https://127.0.0.1:${bare}/x`,
    `gopher://127.0.0.1:${bare}/_x`,
    `ftp://127.0.0.1:${bare}/x`,
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data',
  ];
  // The trap shuts.
  await fetch(places[0]!, { redirect: 'manual' });
  expect(heard.splice(0)).toEqual(['GET /x']);
}, 60_000);
afterAll(async () => {
  trap.close();
  bytes.close();
  await server.close();
});

/** Nobody came, also a moment later; and no file was read. */
async function silence(texts: readonly string[]): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 150));
  expect(heard).toEqual([]);
  for (const text of texts) expect(text).not.toMatch(/root:x:|ami-id|instance-id/);
}

const code = { coding: [{ system: 'urn:x', code: 'x' }] };
const bound = (url: string) => ({
  resourceType: 'StructureDefinition',
  url: `http://example.org/bound-${encodeURIComponent(url)}`,
  name: 'Bound',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Patient', path: 'Patient' },
      { id: 'Patient.maritalStatus', path: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: url } },
    ],
  },
});

const resources: Readonly<Record<string, (url: string) => object>> = {
  'the endpoint of a Subscription': url => ({
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'x',
    criteria: 'Patient?',
    channel: { type: 'rest-hook', endpoint: url, payload: 'application/fhir+json' },
  }),
  'the address of an Endpoint': url => ({
    resourceType: 'Endpoint',
    status: 'active',
    connectionType: { system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type', code: 'hl7-fhir-rest' },
    payloadType: [code],
    address: url,
  }),
  'a reference': url => ({ resourceType: 'Observation', status: 'final', code, subject: { reference: `${url}/Patient/1` } }),
  'an attachment': url => ({ resourceType: 'Patient', photo: [{ contentType: 'image/png', url }] }),
  'a profile': url => ({ resourceType: 'Patient', meta: { profile: [url] } }),
  'a code system': url => ({ resourceType: 'Observation', status: 'final', code: { coding: [{ system: url, code: 'x' }] } }),
  'an extension': url => ({ resourceType: 'Patient', extension: [{ url, valueUri: url }] }),
  'a value set in a value set': url => ({
    resourceType: 'ValueSet',
    status: 'active',
    url: `${url}#vs`,
    compose: { include: [{ valueSet: [url] }] },
  }),
  'a supplement': url => ({ resourceType: 'CodeSystem', status: 'active', url: `${url}#cs`, content: 'supplement', supplements: url }),
  'the base of a definition': url => ({ ...bound('http://example.org/vs'), url: `${url}#sd`, baseDefinition: url }),
  'the binding of a definition': bound,
  'a questionnaire': url => ({ resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: url }),
  'the source of a Consent': url => ({
    resourceType: 'Consent',
    status: 'active',
    scope: code,
    category: [code],
    patient: { reference: `${url}/Patient/1` },
    policyRule: code,
    policy: [{ uri: url }],
    sourceReference: { reference: `${url}/DocumentReference/1` },
  }),
  'a message': url => ({
    resourceType: 'MessageHeader',
    eventUri: url,
    source: { endpoint: url },
    destination: [{ endpoint: url }],
  }),
};

describe('nothing that is stored makes the server ask elsewhere', () => {
  test.each(Object.keys(resources))(
    '%s: stored or refused, validated, read with all that belongs to it',
    async name => {
      const texts: string[] = [];
      for (const url of places) {
        const body = resources[name]!(url) as { resourceType: string };
        const made = await server.ask('POST', body.resourceType, { body });
        expect([201, 400, 422]).toContain(made.status);
        texts.push((await server.ask('POST', `${body.resourceType}/$validate`, { body })).text);
        if (made.status !== 201) continue;
        for (const query of ['_include=*', '_include:iterate=*&_revinclude=*'])
          texts.push((await server.ask('GET', `${body.resourceType}?_id=${made.json!['id'] as string}&${query}`)).text);
      }
      await silence(texts);
    },
    60_000,
  );

  test('what a transaction names is not fetched either', async () => {
    const texts: string[] = [];
    for (const url of places) {
      const entry = [
        { fullUrl: url, resource: { resourceType: 'Basic', code }, request: { method: 'POST', url: 'Basic' } },
        { request: { method: 'GET', url } },
      ];
      texts.push((await server.ask('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry } })).text);
      texts.push((await server.ask('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } })).text);
    }
    await silence(texts);
  });
});

describe('nothing that is asked makes the server ask elsewhere', () => {
  test('by a search', async () => {
    const texts: string[] = [];
    for (const url of places.map(encodeURIComponent))
      for (const query of [
        `Patient?_profile=${url}`,
        `Patient?_profile:below=${url}`,
        `Patient?language:in=${url}`,
        `Patient?language:not-in=${url}`,
        `Observation?code:below=${url}|x`,
        `Observation?subject=${url}`,
        `Observation?subject:Patient.name=${url}`,
        `Patient?_list=${url}`,
        `Patient?_filter=name%20eq%20"${url}"`,
        `Patient?_query=${url}`,
        `Patient?_sort=${url}`,
      ])
        texts.push((await server.ask('GET', query)).text);
    await silence(texts);
  }, 60_000);

  test('by an operation', async () => {
    const texts: string[] = [];
    for (const raw of places) {
      const url = encodeURIComponent(raw);
      for (const query of [
        `ValueSet/$expand?url=${url}`,
        `ValueSet/$validate-code?url=${url}&code=x&system=${url}`,
        `CodeSystem/$lookup?system=${url}&code=x`,
        `CodeSystem/$subsumes?system=${url}&codeA=x&codeB=y`,
        `ConceptMap/$translate?url=${url}&system=${url}&code=x`,
        `Patient/$validate?profile=${url}`,
      ])
        texts.push((await server.ask('GET', query)).text);
      const parameter = [
        { name: 'resource', resource: { resourceType: 'Patient' } },
        { name: 'profile', valueUri: raw },
      ];
      texts.push((await server.ask('POST', 'Patient/$validate', { body: { resourceType: 'Parameters', parameter } })).text);
    }
    await silence(texts);
  }, 60_000);

  test('by a token whose header says where its key stands', async () => {
    const [, claims, signature] = (await server.token('tester')).split('.');
    for (const url of places)
      for (const more of [{ jku: url }, { x5u: url }, { jku: url, kid: '../../../../etc/passwd' }, { kid: url }]) {
        const header = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', ...more })).toString('base64url');
        const authorization = `Bearer ${header}.${claims}.${signature}`;
        expect((await server.ask('GET', 'Patient', { client: '', headers: { authorization } })).status).toBe(401);
      }
    await silence([]);
  });
});

describe('an address is ours when it is ours to the letter', () => {
  test('no reference that only begins with our base, or ends with a name of ours, leads to a resource here', async () => {
    const id = await server.create({ resourceType: 'Patient', identifier: [{ system: 'urn:outside', value: 'here' }] });
    const { origin } = new URL(server.baseUrl);
    const others = [
      `${origin}.evil.example/fhir`,
      `${origin}@evil.example/fhir`,
      `${server.baseUrl}x`,
      `${server.baseUrl}/..`,
      `${server.baseUrl}//`,
      `${origin.replace('http:', 'https:')}/fhir`,
      'http://evil.example/fhir',
    ];
    for (const base of others) {
      const reference = `${base}/Patient/${id}`;
      const made = await server.ask('POST', 'Observation', {
        body: { resourceType: 'Observation', status: 'final', code, subject: { reference } },
      });
      expect([201, 400, 422]).toContain(made.status);
    }
    expect(await server.count(`Observation?subject=Patient/${id}`)).toBe(0);
    expect(await server.count(`Observation?subject:Patient.identifier=urn:outside|here`)).toBe(0);
    expect(((await server.ask('GET', `Patient?_id=${id}&_revinclude=*`)).json as unknown as Bundle).entry).toHaveLength(1);
    // And what is ours is found.
    await server.create({ resourceType: 'Observation', status: 'final', code, subject: { reference: `${server.baseUrl}/Patient/${id}` } });
    expect(await server.count(`Observation?subject=Patient/${id}`)).toBe(1);
  });

  test('a canonical is compared whole', async () => {
    const url = 'http://example.org/whole';
    await server.create({
      ...bound('http://example.org/vs'),
      url,
      differential: { element: [{ id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 }] },
    });
    const status = async (profile: string) =>
      (await server.ask('POST', 'Patient', { body: { resourceType: 'Patient', meta: { profile: [profile] } } })).status;
    expect(await status(url)).toBe(422);
    for (const other of [`${url}x`, `${url}/x`, 'http://example.org.evil.example/whole', 'http://example.org/wholE'])
      expect(await status(other)).toBe(201);
  });
});
