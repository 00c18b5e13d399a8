// https://hl7.org/fhir/R4/binary.html: content as it is or as a resource, guarded by its securityContext, and never run by a browser
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWhole, type Whole } from './whole.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole();
});
afterAll(() => server.close());

const bytes = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x00, 0xff, 0x0a, 0x80]);

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string | null;
  readonly bytes: Buffer;
  readonly json: Record<string, unknown>;
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
    headers: { authorization: `Bearer ${await server.token(client)}`, ...headers },
    ...(body === undefined ? {} : { body: body as string }),
  });
  const content = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get('content-type');
  const json = type?.startsWith('application/fhir+json') ? (JSON.parse(content.toString()) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, type, bytes: content, json };
}
const fhir = { accept: 'application/fhir+json' };

/** Id of a Binary with this content. */
async function put(type: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<string> {
  const { status, json } = await say('POST', 'Binary', { 'content-type': type, ...headers }, body);
  expect(status).toBe(201);
  return json['id'] as string;
}

describe('content comes in as it is', () => {
  test.each([
    'application/pdf',
    'image/png',
    'text/plain; charset=utf-8',
    'application/octet-stream',
    'application/dicom',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/x-ndjson',
  ])('create: %s', async type => {
    const made = await say('POST', 'Binary', { 'content-type': type }, bytes);
    expect([made.status, made.type]).toEqual([201, 'application/fhir+json; charset=utf-8']);
    expect(made.headers.get('location')).toMatch(/\/Binary\/[^/]+\/_history\/1$/);
    expect(made.json).toMatchObject({ resourceType: 'Binary', contentType: type, data: bytes.toString('base64') });
    const read = await say('GET', `Binary/${made.json['id']}`);
    expect([read.status, read.type, read.bytes.equals(bytes)]).toEqual([200, type, true]);
  });

  test('update: a new version of the id in the URL; history and vread have both', async () => {
    await say('PUT', 'Binary/u', { 'content-type': 'text/plain' }, 'one');
    const second = await say('PUT', 'Binary/u', { 'content-type': 'text/csv' }, 'a,b');
    expect([second.status, second.headers.get('etag')]).toEqual([200, 'W/"2"']);
    expect((await say('GET', 'Binary/u/_history/1')).bytes.toString()).toBe('one');
    expect((await say('GET', 'Binary/u')).bytes.toString()).toBe('a,b');
    expect((await say('PUT', 'Binary/u', { 'content-type': 'text/csv', 'if-match': 'W/"1"' }, 'c')).status).toBe(412);
  });

  test('any JSON or XML is content, but for a Binary itself', async () => {
    const cda = '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>x</title></ClinicalDocument>';
    for (const [type, body] of [
      ['application/xml', cda],
      ['text/xml', cda],
      ['application/json', '{"a":[1.00,'],
      ['application/json', '[1]'],
      ['application/json', '{"resourceType":"Basic","code":{"text":"x"}}'],
    ] as const) {
      const id = await put(type, body);
      expect((await say('GET', `Binary/${id}`)).bytes.toString()).toBe(body);
      expect((await say('GET', `Binary/${id}`)).type).toBe(type);
    }
    const resource = { resourceType: 'Binary', contentType: 'text/plain', data: 'YQ==' };
    const xml = '<Binary xmlns="http://hl7.org/fhir"><contentType value="text/plain"/><data value="YQ=="/></Binary>';
    for (const [type, body] of [
      ['application/json', JSON.stringify(resource)],
      ['application/fhir+json', JSON.stringify(resource)],
      ['application/xml', xml],
      ['application/fhir+xml', xml],
    ] as const) {
      const id = await put(type, body);
      expect((await say('GET', `Binary/${id}`)).bytes.toString()).toBe('a');
    }
  });

  test.each([
    ['a Binary that is none', 'application/json', '{"resourceType":"Binary","contentTyp":"text/plain"}', 400],
    ['a Binary cut off', 'application/json', '{"resourceType":"Binary","contentType":', 400],
    ['a Binary of XML that is none', 'text/xml', '<Binary xmlns="http://hl7.org/fhir"><colour value="x"/></Binary>', 400],
    ['another resource in FHIR’s own format', 'application/fhir+json', '{"resourceType":"Basic","code":{"text":"x"}}', 400],
    ['a type that is none', 'nonsense', 'x', 422],
  ])('refused: %s', async (_name, type, body, status) => {
    expect((await say('POST', 'Binary', { 'content-type': type }, body)).status).toBe(status);
  });

  test('nothing is content too; without a type it is refused', async () => {
    const id = await put('text/plain', '');
    const read = await say('GET', `Binary/${id}`);
    expect([read.status, read.bytes.length]).toEqual([200, 0]);
    expect((await say('POST', 'Binary', { 'content-type': '' }, 'x')).status).toBe(415);
  });

  test('other types take no content', async () => {
    expect((await say('POST', 'Basic', { 'content-type': 'application/pdf' }, bytes)).status).toBe(415);
    expect((await say('POST', 'Binary/_search', { 'content-type': 'application/pdf' }, bytes)).status).toBe(415);
  });
});

describe('how a Binary is read', () => {
  const native = 'application/pdf';
  test.each([
    [undefined, native],
    ['*/*', native],
    ['application/*', native],
    ['application/pdf', native],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', native],
    ['application/pdf, application/fhir+json;q=0.5', native],
    ['application/fhir+json', 'application/fhir+json; charset=utf-8'],
    ['application/fhir+xml', 'application/fhir+xml; charset=utf-8'],
    ['application/fhir+json, */*', 'application/fhir+json; charset=utf-8'],
    ['application/fhir+json;q=0.9, application/pdf;q=0.5', 'application/fhir+json; charset=utf-8'],
    ['application/json', 'application/fhir+json; charset=utf-8'],
    ['text/xml', 'application/fhir+xml; charset=utf-8'],
  ])('Accept: %s', async (accept, type) => {
    const id = await put('application/pdf', bytes);
    const read = await say('GET', `Binary/${id}`, accept === undefined ? {} : { accept });
    expect([read.status, read.type]).toEqual([200, type]);
    expect(read.bytes.equals(bytes)).toBe(type === native);
  });

  test.each([
    ['json', 'application/fhir+json; charset=utf-8'],
    ['xml', 'application/fhir+xml; charset=utf-8'],
    ['application/pdf', native],
  ])('_format=%s', async (format, type) => {
    const id = await put('application/pdf', bytes);
    expect((await say('GET', `Binary/${id}?_format=${format}`, { accept: 'application/fhir+json' })).type).toBe(type);
  });

  test('JSON that is content leaves as it is to who asks for any JSON', async () => {
    const id = await put('application/json', '{"a":1.0}');
    expect((await say('GET', `Binary/${id}`, { accept: 'application/json' })).bytes.toString()).toBe('{"a":1.0}');
    expect((await say('GET', `Binary/${id}`, fhir)).json['resourceType']).toBe('Binary');
    expect((await say('GET', `Binary/${id}?_format=application/json`)).bytes.toString()).toBe('{"a":1.0}');
  });

  test('406: neither its type nor FHIR', async () => {
    const id = await put('application/pdf', bytes);
    expect((await say('GET', `Binary/${id}`, { accept: 'image/png' })).status).toBe(406);
    expect((await say('GET', `Binary/${id}?_format=image/png`)).status).toBe(406);
    expect((await say('GET', 'Binary/nobody', { accept: 'image/png' })).status).toBe(404);
  });

  test('HEAD, 304, _summary and Bundles', async () => {
    const id = await put('application/pdf', bytes);
    const head = await say('HEAD', `Binary/${id}`);
    expect([head.status, head.type, head.headers.get('content-length')]).toEqual([200, native, String(bytes.length)]);
    expect((await say('GET', `Binary/${id}`, { 'if-none-match': 'W/"1"' })).status).toBe(304);
    expect((await say('GET', `Binary/${id}?_elements=contentType`)).json['contentType']).toBe(native);
    expect((await say('GET', `Binary?_id=${id}`)).json).toMatchObject({
      total: 1,
      entry: [{ resource: { resourceType: 'Binary', data: bytes.toString('base64') } }],
    });
    expect((await say('GET', `Binary/${id}/_history`)).json['resourceType']).toBe('Bundle');
  });
});

describe('50: what a browser could run', () => {
  test.each([
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'application/pdf',
    'application/javascript',
    'text/html; charset=utf-8',
    'TEXT/HTML',
  ])('%s is a file, without origin and script', async type => {
    const id = await put(type, '<script>alert(1)</script>');
    const { headers } = await say('GET', `Binary/${id}`);
    expect(headers.get('content-disposition')).toBe('attachment');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('pictures and plain text may be shown, in the same sandbox', async () => {
    for (const type of ['image/png', 'text/plain']) {
      const { headers } = await say('GET', `Binary/${await put(type, 'x')}`);
      expect([headers.get('content-disposition'), headers.get('x-content-type-options')]).toEqual([null, 'nosniff']);
      expect(headers.get('content-security-policy')).toMatch(/sandbox/);
    }
  });

  test('a type cannot make a header of its own', async () => {
    const made = await say(
      'POST',
      'Binary',
      { 'content-type': 'application/fhir+json' },
      JSON.stringify({ resourceType: 'Binary', contentType: 'text/plain\r\nx-evil: 1', data: 'YQ==' }),
    );
    expect(made.status).toBeGreaterThanOrEqual(400);
  });
});

describe('securityContext', () => {
  const document = (id: string) => ({
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    content: [{ attachment: { contentType: 'text/plain' } }],
  });

  test('X-Security-Context is it, both ways', async () => {
    await server.ask('PUT', 'DocumentReference/d', { body: document('d') });
    const made = await say('POST', 'Binary', { 'content-type': 'text/plain', 'x-security-context': 'DocumentReference/d' }, 'x');
    expect(made.json).toMatchObject({ securityContext: { reference: 'DocumentReference/d' } });
    expect((await say('GET', `Binary/${made.json['id']}`)).headers.get('x-security-context')).toBe('DocumentReference/d');
  });

  test('who may not know of the resource does not know of the Binary, on no path', async () => {
    // The tester guards its own Binary by what a hospital sent, then by what it may know of.
    const organization = await server.create({ resourceType: 'Organization', name: 'x' }, 'hospital-1');
    await server.ask('PUT', 'Location/theirs', { body: { resourceType: 'Location', id: 'theirs', name: 'x' } });
    const guarded = await say(
      'POST',
      'Binary',
      { 'content-type': 'text/plain', 'x-security-context': 'Location/theirs' },
      'x',
      'hospital-1',
    );
    const open = await say(
      'POST',
      'Binary',
      { 'content-type': 'text/plain', 'x-security-context': `Organization/${organization}` },
      'x',
      'hospital-1',
    );
    expect([guarded.status, open.status]).toEqual([201, 201]);
    const [hidden, seen] = [guarded.json['id'] as string, open.json['id'] as string];
    for (const path of ['', '/_history/1', '/_history']) {
      expect([path, (await say('GET', `Binary/${hidden}${path}`, fhir, undefined, 'hospital-1')).status]).toEqual([path, 404]);
      expect([path, (await say('GET', `Binary/${seen}${path}`, fhir, undefined, 'hospital-1')).status]).toEqual([path, 200]);
      expect([path, (await say('GET', `Binary/${hidden}${path}`, fhir)).status]).toEqual([path, 200]);
    }
    const found = await say('GET', 'Binary?_total=accurate', fhir, undefined, 'hospital-1');
    expect(found.json).toMatchObject({ total: 1, entry: [{ resource: { id: seen } }] });
    expect((await say('PUT', `Binary/${hidden}`, { 'content-type': 'text/plain' }, 'y', 'hospital-1')).status).toBe(404);
    expect((await say('DELETE', `Binary/${hidden}`, {}, undefined, 'hospital-1')).status).toBe(404);
    const never = await say('GET', 'Binary/never', fhir, undefined, 'hospital-1');
    expect((await say('GET', `Binary/${hidden}`, fhir, undefined, 'hospital-1')).json).toEqual(never.json);
  });

  test('it follows the resource: not there yet, there, elsewhere, in a circle', async () => {
    const read = async (id: string) => (await say('GET', `Binary/${id}`)).status;
    const id = await put('text/plain', 'x', { 'x-security-context': 'DocumentReference/later' });
    expect(await read(id)).toBe(404);
    await server.ask('PUT', 'DocumentReference/later', { body: document('later') });
    expect(await read(id)).toBe(200);
    // Who may know that the resource was deleted may know of the Binary.
    await server.ask('DELETE', 'DocumentReference/later');
    expect(await read(id)).toBe(200);
    expect(await read(await put('text/plain', 'x', { 'x-security-context': 'http://elsewhere.example/Patient/1' }))).toBe(404);
    expect(await read(await put('text/plain', 'x', { 'x-security-context': `${server.baseUrl}/DocumentReference/later/_history/1` }))).toBe(
      200,
    );
    await say('PUT', 'Binary/c1', { 'content-type': 'text/plain' }, 'x');
    await say('PUT', 'Binary/c2', { 'content-type': 'text/plain', 'x-security-context': 'Binary/c1' }, 'x');
    expect(await read('c2')).toBe(200);
    await say('PUT', 'Binary/c1', { 'content-type': 'text/plain', 'x-security-context': 'Binary/c2' }, 'x');
    expect([await read('c1'), await read('c2')]).toEqual([404, 404]);
  });

  test('it stands for what the Binary was before, too', async () => {
    await server.ask('PUT', 'Location/after', { body: { resourceType: 'Location', id: 'after', name: 'x' } });
    const own = `Organization/${await server.create({ resourceType: 'Organization', name: 'x' }, 'hospital-1')}`;
    const { json } = await say('POST', 'Binary', { 'content-type': 'text/plain', 'x-security-context': own }, 'x', 'hospital-1');
    const first = `Binary/${json['id']}/_history/1`;
    expect((await say('GET', first, fhir, undefined, 'hospital-1')).status).toBe(200);
    await say('PUT', `Binary/${json['id']}`, { 'content-type': 'text/plain', 'x-security-context': 'Location/after' }, 'x', 'hospital-1');
    expect((await say('GET', first, fhir, undefined, 'hospital-1')).status).toBe(404);
    const past = await say('GET', 'Binary/_history', fhir, undefined, 'hospital-1');
    expect(JSON.stringify(past.json)).not.toContain(json['id']);
    expect((await say('GET', first, fhir)).status).toBe(200);
  });

  test('in a transaction a urn becomes the resource, and is held', async () => {
    const urn = 'urn:uuid:3c1f2f5e-55c1-4b5e-9a0f-5b1f4f5d9a10';
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: urn, resource: { ...document('x'), id: undefined }, request: { method: 'POST', url: 'DocumentReference' } },
        {
          resource: { resourceType: 'Binary', contentType: 'text/plain', securityContext: { reference: urn }, data: 'YQ==' },
          request: { method: 'PUT', url: 'Binary/t' },
        },
      ],
    };
    (bundle.entry[1]!.resource as { id?: string }).id = 't';
    const { status } = await say('POST', '', { 'content-type': 'application/fhir+json' }, JSON.stringify(bundle));
    expect(status).toBe(200);
    expect((await say('GET', 'Binary/t')).headers.get('x-security-context')).toMatch(/^DocumentReference\//);
  });
});
