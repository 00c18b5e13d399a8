// https://hl7.org/fhir/R4/http.html#mime-type, https://hl7.org/fhir/R4/http.html#parameters, https://hl7.org/fhir/R4/xml.html: every path speaks JSON and XML alike
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/fhir/model/json.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { readXml } from '../../src/fhir/xml/read-xml.ts';
import { writeXml } from '../../src/fhir/xml/write-xml.ts';
import { cpuTime } from '../cpu-time.ts';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
  await server.ask('PUT', 'Patient/a', { body: patient });
});
afterAll(() => server.close());

const ns = 'xmlns="http://hl7.org/fhir"';
const div = '<div xmlns="http://www.w3.org/1999/xhtml">\n <p>&lt;Ume&#62; <!-- x --></p></div>';
const patient = { resourceType: 'Patient', id: 'a', text: { status: 'generated', div }, name: [{ given: ['Ume'] }] };
const observation = (value: string) =>
  `<Observation ${ns}><status value="final"/><code><text value="x"/></code><valueQuantity><value value="${value}"/></valueQuantity></Observation>`;
const jsonType = 'application/fhir+json; charset=utf-8';
const xmlType = 'application/fhir+xml; charset=utf-8';

interface Said {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly text: string;
  readonly resource: AnyResource;
}

async function say(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
  client = 'tester',
): Promise<Said> {
  const response = await fetch(path === '' ? server.baseUrl : `${server.baseUrl}/${path}`, {
    method,
    headers: { ...(client === '' ? {} : { authorization: `Bearer ${await server.token(client)}` }), ...headers },
    ...(body === undefined ? {} : { body: body as string }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type');
  const resource = (text === '' ? {} : type === xmlType ? readXml(Buffer.from(text)) : parseJson(text)) as AnyResource;
  return { status: response.status, type, headers: response.headers, text, resource };
}
const inXml = { accept: 'application/fhir+xml' };
const sent = { 'content-type': 'application/fhir+xml' };

describe('which format an answer has', () => {
  test.each([
    ['application/fhir+xml', xmlType],
    ['application/xml', xmlType],
    ['text/xml', xmlType],
    ['application/xml+fhir', xmlType],
    ['APPLICATION/FHIR+XML; charset=UTF-8', xmlType],
    ['application/fhir+xml; fhirVersion=4.0', xmlType],
    ['application/fhir+xml, application/fhir+json', xmlType],
    ['application/fhir+json, application/fhir+xml', jsonType],
    ['application/fhir+xml;q=0.8, application/fhir+json;q=0.9', jsonType],
    ['application/fhir+xml;q=0.9, application/fhir+json;q=0.8', xmlType],
    ['application/fhir+xml, */*', xmlType],
    ['application/fhir+xml, */*;q=0.1', xmlType],
    ['application/fhir+json;q=0, */*', xmlType],
    ['application/fhir+json;q=0, application/*;q=0.5', xmlType],
    ['image/png, application/fhir+xml;q=0.1', xmlType],
    ['*/*', jsonType],
    ['text/*', jsonType],
    ['application/*', jsonType],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', jsonType],
  ])('Accept: %s', async (accept, type) => {
    expect((await say('GET', 'Patient/a', { accept })).type).toBe(type);
  });

  test.each([
    ['xml', 'application/fhir+json', xmlType],
    ['application/fhir%2Bxml', 'application/fhir+json', xmlType],
    ['application/fhir+xml', 'image/png', xmlType],
    ['text/xml', '*/*', xmlType],
    ['application/xml', '*/*', xmlType],
    ['json', 'application/fhir+xml', jsonType],
    ['', 'application/fhir+xml', xmlType],
  ])('_format=%s wins over Accept: %s', async (format, accept, type) => {
    expect((await say('GET', `Patient/a?_format=${format}`, { accept })).type).toBe(type);
  });

  test.each(['image/png', 'application/fhir+xml;q=0', 'application/fhir+xml; fhirVersion=3.0', 'application/fhir+turtle'])(
    '406, in JSON, for Accept: %s',
    async accept => {
      const { status, type, resource } = await say('GET', 'Patient/a', { accept });
      expect([status, type, resource.resourceType]).toEqual([406, jsonType, 'OperationOutcome']);
    },
  );

  test('every format that the CapabilityStatement names is served, taken in a body and in _format', async () => {
    const formats = (await say('GET', 'metadata')).resource['format'] as string[];
    expect(formats.length).toBeGreaterThan(3);
    for (const format of formats) {
      const type = format.endsWith('xml') ? xmlType : jsonType;
      expect([format, (await say('GET', `Patient/a?_format=${encodeURIComponent(format)}`, { accept: 'image/png' })).type]).toEqual([
        format,
        type,
      ]);
      if (!format.includes('/')) continue;
      expect([format, (await say('GET', 'Patient/a', { accept: format })).type]).toEqual([format, type]);
      const body = type === xmlType ? `<Patient ${ns}><active value="true"/></Patient>` : '{"resourceType":"Patient","active":true}';
      expect([format, (await say('POST', 'Patient', { 'content-type': format }, body)).status]).toEqual([format, 201]);
    }
  });

  test('answers vary by Accept, and ETags are the same for both', async () => {
    const [json, xml] = [await say('GET', 'Patient/a'), await say('GET', 'Patient/a', inXml)];
    expect([json.headers.get('vary'), xml.headers.get('vary')]).toEqual(['Accept', 'Accept']);
    expect(xml.headers.get('etag')).toBe(json.headers.get('etag'));
    expect((await say('GET', 'Patient/a', { ...inXml, 'if-none-match': json.headers.get('etag')! })).status).toBe(304);
  });
});

describe('_pretty', () => {
  test('true: one element a line, in both formats; the resource is the same', async () => {
    const [json, xml] = [await say('GET', 'Patient/a?_pretty=true'), await say('GET', 'Patient/a?_pretty=true', inXml)];
    expect(json.text).toContain('\n  "id": "a"');
    expect(xml.text).toContain('\n  <id value="a"/>\n');
    expect(xml.text).toContain(div);
    const plain = (await say('GET', 'Patient/a')).resource;
    expect([json.resource, xml.resource]).toEqual([plain, plain]);
  });

  test('digits stay', async () => {
    const { headers } = await say('POST', 'Observation', sent, observation('7.20'));
    const id = /Observation\/([^/]+)/.exec(headers.get('location')!)![1]!;
    expect((await say('GET', `Observation/${id}?_pretty=true`)).text).toContain('"value": 7.20');
    expect((await say('GET', `Observation/${id}?_format=xml`)).text).toContain('<value value="7.20"/>');
    expect((await say('GET', `Observation/${id}`)).text).toContain('"value":7.20');
  });

  test('false, and refusals', async () => {
    expect((await say('GET', 'Patient/a?_pretty=false')).text).not.toContain('\n  "');
    expect((await say('GET', 'Patient/nobody?_pretty=true&_format=xml')).text).toContain('\n  <issue>\n');
  });
});

describe('every path, in XML', () => {
  test('read, vread, history, search, GET and POST, and metadata say what they say in JSON', async () => {
    for (const path of [
      'Patient/a',
      'Patient/a/_history/1',
      'Patient/a/_history',
      'Patient?_id=a',
      'metadata',
      'Patient/a?_summary=true',
      'Patient/a?_elements=name',
    ]) {
      const [json, xml] = [await say('GET', path), await say('GET', path, inXml)];
      expect([path, xml.status, xml.type]).toEqual([path, 200, xmlType]);
      const told = ({ id: _, ...rest }: AnyResource) => (path.includes('?_id') || path.endsWith('_history') ? rest : { ...rest, id: _ });
      expect(told(xml.resource)).toEqual(told(json.resource));
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const found of [
      await say('POST', 'Patient/_search', { ...form, ...inXml }, '_id=a'),
      await say('POST', 'Patient/_search', form, '_id=a&_format=xml'),
    ]) {
      expect([found.type, found.resource['total']]).toEqual([xmlType, 1]);
    }
  });

  test('pages that were asked for in XML by the URL go on in XML', async () => {
    for (const name of ['p1', 'p2', 'p3'])
      await server.ask('PUT', `Patient/${name}`, { body: { resourceType: 'Patient', id: name, active: true } });
    const linkOf = ({ resource }: Said) =>
      (resource['link'] as { relation: string; url: string }[]).find(({ relation }) => relation === 'next')?.url;
    for (const start of [
      'Patient?_count=1&_format=xml',
      'Patient/a/_history?_count=1&_format=xml',
      'Patient?_count=1&_format=application/fhir%2Bxml&_pretty=true',
    ]) {
      let told = await say('GET', start);
      for (let next = linkOf(told), pages = 0; next !== undefined && pages < 3; next = linkOf(told), pages++) {
        expect(next).toMatch(/_page=[^&]+&_format=/);
        told = await say('GET', next.replace(`${server.baseUrl}/`, ''));
        expect([told.status, told.type]).toEqual([200, xmlType]);
      }
    }
    const inHeader = await say('GET', 'Patient?_count=1', inXml);
    expect(linkOf(inHeader)).not.toContain('_format');
  });

  test.each<[string, string, string, object | undefined]>([
    ['the audit log', 'operator', 'AuditEvent?_count=3', undefined],
    ['terminology', 'tester', 'metadata?mode=terminology', undefined],
    [
      '$deidentify',
      'tester',
      '$deidentify',
      {
        resourceType: 'Parameters',
        parameter: [{ name: 'data', resource: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient }] } }],
      },
    ],
    ['$who-was-told', 'hospital-1', '$who-was-told', { resourceType: 'Parameters' }],
  ])('%s', async (_name, client, path, body) => {
    const { status, type, resource } = await say(
      body === undefined ? 'GET' : 'POST',
      path,
      { ...inXml, ...(body === undefined ? {} : sent) },
      body === undefined ? undefined : writeXml(body as AnyResource),
      client,
    );
    expect([status, type]).toEqual([200, xmlType]);
    expect(Object.keys(resource).length).toBeGreaterThan(1);
  });

  test('create, update and delete', async () => {
    const made = await say(
      'POST',
      'Patient',
      { ...sent, ...inXml },
      `<Patient ${ns}><text><status value="generated"/>${div}</text><active value="true"/></Patient>`,
    );
    expect([made.status, made.type, (made.resource['text'] as { div: string }).div]).toEqual([201, xmlType, div]);
    const id = made.resource.id!;
    const changed = await say('PUT', `Patient/${id}`, sent, `<Patient ${ns}><id value="${id}"/><active value="false"/></Patient>`);
    expect([changed.status, changed.type, changed.resource['active']]).toEqual([200, jsonType, false]);
    expect(
      (
        await say(
          'POST',
          'Patient',
          { ...sent, ...inXml, prefer: 'return=OperationOutcome' },
          `<Patient ${ns}><active value="true"/></Patient>`,
        )
      ).resource.resourceType,
    ).toBe('OperationOutcome');
    expect(
      (await say('POST', 'Patient', { ...sent, prefer: 'return=minimal' }, `<Patient ${ns}><active value="true"/></Patient>`)).text,
    ).toBe('');
    expect((await say('DELETE', `Patient/${id}`, inXml)).status).toBeLessThan(205);
  });

  test('a patch in FHIRPath', async () => {
    await say('PUT', 'Patient/p', sent, `<Patient ${ns}><id value="p"/><active value="true"/></Patient>`);
    const patch = `<Parameters ${ns}><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part><part><name value="path"/><valueString value="Patient.active"/></part><part><name value="value"/><valueBoolean value="false"/></part></parameter></Parameters>`;
    const { status, resource } = await say('PATCH', 'Patient/p', { ...sent, ...inXml }, patch);
    expect([status, resource['active']]).toEqual([200, false]);
  });

  test('a transaction, its references and its answer', async () => {
    const bundle = `<Bundle ${ns}><type value="transaction"/><entry><fullUrl value="urn:uuid:7d3ab2ae-6fd8-4b3c-9f25-7b6d2a1c0e11"/><resource><Patient><active value="true"/></Patient></resource><request><method value="POST"/><url value="Patient"/></request></entry><entry><resource><Observation><status value="final"/><code><text value="x"/></code><subject><reference value="urn:uuid:7d3ab2ae-6fd8-4b3c-9f25-7b6d2a1c0e11"/></subject><valueQuantity><value value="1.00"/></valueQuantity></Observation></resource><request><method value="POST"/><url value="Observation"/></request></entry></Bundle>`;
    const { status, type, resource } = await say('POST', '', { ...sent, ...inXml }, bundle);
    expect([status, type, resource['type']]).toEqual([200, xmlType, 'transaction-response']);
    const [first, second] = resource['entry'] as { response: { location: string }; resource?: AnyResource }[];
    const stored = await say('GET', second!.response.location.split('/_history')[0]!.replace(`${server.baseUrl}/`, ''));
    expect((stored.resource['subject'] as { reference: string }).reference).toBe(
      first!.response.location.split('/_history')[0]!.replace(`${server.baseUrl}/`, ''),
    );
    expect(stored.text).toContain('1.00');
  });

  test('an operation', async () => {
    const { status, type, resource } = await say(
      'POST',
      'CodeSystem/$lookup',
      { ...sent, ...inXml },
      `<Parameters ${ns}><parameter><name value="system"/><valueUri value="http://hl7.org/fhir/administrative-gender"/></parameter><parameter><name value="code"/><valueCode value="male"/></parameter></Parameters>`,
    );
    expect([status, type, resource.resourceType]).toEqual([200, xmlType, 'Parameters']);
  });

  test.each<[string, number, () => Promise<Said>]>([
    ['no token', 401, () => say('GET', 'Patient/a', inXml, undefined, '')],
    ['not allowed', 403, () => say('GET', 'Patient/a', inXml, undefined, 'operator')],
    ['not there', 404, () => say('GET', 'Patient/nobody', inXml)],
    ['no type', 404, () => say('GET', 'Patiant', inXml)],
    ['no method', 405, () => say('DELETE', 'metadata', inXml)],
    ['a URL that is none', 400, () => say('GET', 'Patient/a%00b', inXml)],
    ['a parameter that is none', 400, () => say('GET', 'Patient?nmae=x', inXml)],
    ['a rule that is broken', 422, () => say('POST', 'Patient', { ...sent, ...inXml }, `<Patient ${ns}><gender value="femal"/></Patient>`)],
    ['a body of another type', 415, () => say('POST', 'Patient', { 'content-type': 'text/plain', ...inXml }, 'x')],
    ['_format alone', 404, () => say('GET', 'Patient/nobody?_format=xml')],
  ])('a refusal is in XML: %s', async (_name, status, request) => {
    const told = await request();
    expect([told.status, told.type, told.resource.resourceType]).toEqual([status, xmlType, 'OperationOutcome']);
  });
});

describe('bodies in XML', () => {
  test.each([
    'application/fhir+xml',
    'application/xml',
    'text/xml',
    'application/fhir+xml; charset=UTF-8',
    'application/fhir+xml;fhirVersion=4.0',
  ])('%s is taken', async type => {
    expect((await say('POST', 'Patient', { 'content-type': type }, `<Patient ${ns}><active value="true"/></Patient>`)).status).toBe(201);
  });

  test.each([
    'application/fhir+xml; charset=iso-8859-1',
    'application/fhir+xml; fhirVersion=3.0',
    'image/svg+xml',
    'application/xhtml+xml',
  ])('%s answers 415', async type => {
    expect((await say('POST', 'Patient', { 'content-type': type }, `<Patient ${ns}><active value="true"/></Patient>`)).status).toBe(415);
  });

  test.each([
    ['an unknown element, named', `<Patient ${ns}><colour value="secret"/></Patient>`, 'Patient', /colour/],
    ['the wrong order', `<Patient ${ns}><gender value="male"/><active value="true"/></Patient>`, 'Patient.active', /order/],
    ['a wrong value', `<Patient ${ns}><active value="secret"/></Patient>`, 'Patient.active', /boolean/],
    ['not well-formed', `<Patient ${ns}><active value="true">`, 'Patient.active', /XML/],
    ['a DOCTYPE', `<!DOCTYPE Patient SYSTEM "http://127.0.0.1:1/x.dtd"><Patient ${ns}/>`, undefined, /DOCTYPE/],
  ])('400 by its place, and no value: %s', async (_name, body, expression, text) => {
    const { status, resource } = await say('POST', 'Patient', sent, body);
    const [issue] = resource['issue'] as { expression?: string[]; details: { text: string } }[];
    expect([status, issue!.expression?.[0]]).toEqual([400, expression]);
    expect(issue!.details.text).toMatch(text);
    expect(JSON.stringify(resource)).not.toContain('secret');
  });

  test('a script in a narrative is refused as in JSON', async () => {
    const body = `<Patient ${ns}><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div></text></Patient>`;
    expect((await say('POST', 'Patient', sent, body)).status).toBe(422);
  });

  test('11: nothing is fetched: no schema, no DTD, no inclusion', async () => {
    let asked = 0;
    const trap = createServer((_request, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>(resolve => trap.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/x`;
    try {
      const located = `<Patient ${ns} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir ${url}"><active value="true"/></Patient>`;
      expect((await say('POST', 'Patient', sent, `<?xml-stylesheet href="${url}"?>${located}`)).status).toBe(201);
      for (const body of [
        `<!DOCTYPE Patient SYSTEM "${url}">${located}`,
        `<!DOCTYPE Patient [<!ENTITY % e SYSTEM "${url}"> %e;]>${located}`,
        `<Patient ${ns}><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${url}"/></Patient>`,
      ])
        expect((await say('POST', 'Patient', sent, body)).status).toBe(400);
      await new Promise(resolve => setTimeout(resolve, 100));
      expect(asked).toBe(0);
    } finally {
      trap.close();
    }
  });

  test('12: 50,000 levels and 1,000,000 attributes answer 400 at once', async () => {
    for (const body of [
      `<Patient ${ns}>${'<extension url="urn:a">'.repeat(50_000)}`,
      `<Patient ${ns} ${Array.from({ length: 1_000_000 }, (_, i) => `a${i}="x"`).join(' ')}/>`,
    ]) {
      const started = cpuTime();
      expect((await say('POST', 'Patient', sent, body)).status).toBe(400);
      expect(cpuTime() - started).toBeLessThan(2000);
    }
  });

  test('what came in one format leaves in the other, to the digit and the byte', async () => {
    const json = {
      ...patient,
      id: 'both',
      _birthDate: { extension: [{ url: 'urn:x', valueDecimal: 1.5 }] },
      contained: [{ resourceType: 'Organization', id: 'o', name: '病院 & "co"' }],
      managingOrganization: { reference: '#o' },
    };
    await say('PUT', 'Patient/both', { 'content-type': 'application/json' }, JSON.stringify(json));
    const xml = await say('GET', 'Patient/both', inXml);
    await say('PUT', 'Patient/both', sent, writeXml(xml.resource));
    const { meta: _, ...back } = (await say('GET', 'Patient/both')).resource;
    expect(back).toEqual(json);
  });
});

describe('HEAD, OPTIONS and other methods', () => {
  test.each([
    'Patient/a',
    'Patient/a/_history/1',
    'Patient/a/_history',
    'Patient?_id=a',
    'metadata',
    'ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender',
  ])('HEAD %s has the status, type and length of its GET, and no body', async path => {
    for (const headers of [{}, inXml]) {
      const [get, head] = [await say('GET', path, headers), await say('HEAD', path, headers)];
      expect([head.status, head.type, head.text]).toEqual([get.status, get.type, '']);
      // A search's self link and id change.
      if (!path.includes('?') && !path.endsWith('_history'))
        expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
      expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
    }
  });

  test('HEAD of what is not there is 404 without a body', async () => {
    expect([(await say('HEAD', 'Patient/nobody')).status, (await say('HEAD', 'Patient/nobody')).text]).toEqual([404, '']);
  });

  test.each([
    ['', 'GET, POST, HEAD, OPTIONS'],
    ['Patient', 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS'],
    ['Patient/a', 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS'],
    ['Patient/a/_history', 'GET, DELETE, HEAD, OPTIONS'],
    ['Patient/_search', 'POST, OPTIONS'],
    ['metadata', 'GET, HEAD, OPTIONS'],
    ['$deidentify', 'GET, POST, HEAD, OPTIONS'],
    ['Patiant', 'OPTIONS'],
  ])('OPTIONS "%s" needs no token and says what is allowed', async (path, allow) => {
    const { status, headers, text } = await say('OPTIONS', path, {}, undefined, '');
    expect([status, text, headers.get('allow')]).toEqual([204, '', allow]);
  });

  test.each([
    ['PUT', 'metadata'],
    ['POST', 'Patient/a'],
    ['DELETE', ''],
    ['GET', 'Patient/_search'],
  ])('47: %s %s answers 405 and says what is allowed', async (method, path) => {
    const { status, headers } = await say(method, path, {}, method === 'GET' || method === 'DELETE' ? undefined : '{}');
    expect([method, path, status]).toEqual([method, path, 405]);
    expect(headers.get('allow')).toMatch(/[A-Z]/);
    expect(headers.get('allow')!.split(', ')).not.toContain(method);
  });
});
