// https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/auditevent.html, https://hl7.org/fhir/smart-app-launch/conformance.html#using-well-known
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Dispatch } from '../../src/fhir/model/exchange.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import { createSealer } from '../../src/fhir/model/seal.ts';
import { createDispatch } from '../../src/http/routes.ts';
import { access, fhirJson, limits, refusal, speak, startWire, version, type Wire } from './wire.ts';

let wire: Wire;
afterEach(() => wire.close());

const answered: Dispatch = async () => ({
  status: 200,
  version: version('1', { resourceType: 'Patient' }, 2),
  patients: ['Patient/1', 'Patient/2'],
});

describe('audit', () => {
  test('every request leaves one record before its answer leaves', async () => {
    let kept = 0;
    let open = () => {};
    const held = new Promise<void>(resolve => {
      open = resolve;
    });
    wire = await startWire(answered, {
      audit: {
        record: async () => {
          kept++;
          await held;
        },
      },
    });
    let left = false;
    const answer = wire.fetch('/Patient/1').then(given => {
      left = true;
      return given;
    });
    while (kept === 0) await new Promise(resolve => setTimeout(resolve, 5));
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(left).toBe(false);
    open();
    expect((await answer).status).toBe(200);
  });

  test('where the record cannot be kept nothing leaves but 503', async () => {
    wire = await startWire(answered, {
      audit: { record: () => Promise.reject(new Error('disk full of 山田')) },
      authorization: {
        path: '/oauth',
        handler: (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"secret"}'),
      },
    });
    const answer = await wire.fetch('/Patient/1');
    expect(answer.headers.get('etag')).toBeNull();
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await refusal(answer)).toEqual([503, 'transient']);
    const token = await fetch(`${wire.origin}/oauth/token`, { method: 'POST' });
    expect([token.status, await token.text()]).toEqual([503, '{"error":"temporarily_unavailable"}']);
    expect(wire.log.join('')).not.toContain('山田');
  });

  test('who, what, whose, when, why and how it ended; names of parameters and no value', async () => {
    wire = await startWire(answered);
    await wire.fetch('/Patient/1?_elements=%E5%B1%B1%E7%94%B0');
    await wire.fetch('/Patient/_search?name=a', {
      method: 'POST',
      body: 'telecom=03-5555-0147',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(wire.records[0]).toEqual({
      time: Date.parse('2026-02-01T00:00:00Z'),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      interaction: 'read',
      method: 'GET',
      status: 200,
      address: '127.0.0.1',
      client: 'tester',
      role: 'tester',
      sender: 'client/tester',
      purpose: 'TREAT',
      token: 'jti-1',
      type: 'Patient',
      id: '1',
      versionId: '2',
      patients: ['Patient/1', 'Patient/2'],
      parameters: ['_elements'],
    });
    expect(wire.records[1]).toMatchObject({ interaction: 'search-type', parameters: ['name', 'telecom'] });
    expect(JSON.stringify(wire.records.map(({ requestId: _, ...told }) => told))).not.toMatch(/山田|5555/);
  });

  test.each([
    ['GET', '/Patient/1/_history', 'history-instance'],
    ['GET', '/Patient/1/_history/2', 'vread'],
    ['GET', '/Patient', 'search-type'],
    ['POST', '/Patient', 'create'],
    ['PUT', '/Patient/1', 'update'],
    ['PUT', '/Patient?identifier=x', 'update'],
    ['DELETE', '/Patient/1', 'delete'],
    ['GET', '/metadata', 'capabilities'],
    ['POST', '/$deidentify', '$deidentify'],
    ['OPTIONS', '/Patient', 'options'],
    ['GET', '/.well-known/smart-configuration', 'discovery'],
  ])('%s %s is recorded as %s', async (method, path, interaction) => {
    wire = await startWire(answered);
    await wire.fetch(path, {
      method,
      ...(['POST', 'PUT'].includes(method) ? { body: '{"resourceType":"Patient"}', headers: { 'content-type': fhirJson } } : {}),
    });
    expect(wire.records.map(record => record.interaction)).toEqual([interaction]);
  });

  test('a Bundle is recorded by its type', async () => {
    wire = await startWire(async () => ({ status: 200, resource: { resourceType: 'Bundle' } }));
    for (const type of ['transaction', 'batch'])
      await wire.fetch('', {
        method: 'POST',
        body: JSON.stringify({ resourceType: 'Bundle', type }),
        headers: { 'content-type': fhirJson },
      });
    expect(wire.records.map(record => record.interaction)).toEqual(['transaction', 'batch']);
  });

  test('refusals are recorded with their issue; without a good token nobody is named', async () => {
    wire = await startWire(async () => {
      throw new Problem('forbidden');
    });
    await wire.fetch('/Patient/1');
    await wire.fetch('/Patient/1', { headers: { authorization: 'Bearer bad' } });
    await wire.fetch('/Nonsense');
    await fetch(`${wire.origin}/nowhere`);
    expect(wire.records.map(record => [record.status, record.issue, record.client])).toEqual([
      [403, 'forbidden', 'tester'],
      [401, 'login', undefined],
      [404, 'not-supported', 'tester'],
      [404, 'not-found', undefined],
    ]);
  });

  test('a token request is recorded with the client and the token’s id; a refused one too', async () => {
    const payload = Buffer.from(JSON.stringify({ client_id: 'hospital-1', jti: 'abc' })).toString('base64url');
    wire = await startWire(answered, {
      authorization: {
        path: '/oauth',
        handler: (request, response) => {
          response.statusCode = request.headers['x-bad'] === undefined ? 200 : 401;
          response.setHeader('content-type', 'application/json');
          response.end(response.statusCode === 200 ? JSON.stringify({ access_token: `h.${payload}.s` }) : '{"error":"invalid_client"}');
        },
      },
    });
    const good = await fetch(`${wire.origin}/oauth/token`, { method: 'POST' });
    const bad = await fetch(`${wire.origin}/oauth/token`, { method: 'POST', headers: { 'x-bad': '1' } });
    expect([good.status, bad.status, (await bad.json()) as unknown]).toEqual([200, 401, { error: 'invalid_client' }]);
    expect(((await good.json()) as { access_token: string }).access_token).toContain(payload);
    expect(wire.records.map(({ interaction, status, client, token }) => ({ interaction, status, client, token }))).toEqual([
      { interaction: 'token', status: 200, client: 'hospital-1', token: 'abc' },
      { interaction: 'token', status: 401, client: undefined, token: undefined },
    ]);
  });

  test('what is no HTTP is recorded as malformed', async () => {
    wire = await startWire();
    await speak(wire.port, 'NONSENSE\r\n\r\n');
    expect(wire.records).toEqual([expect.objectContaining({ interaction: 'malformed', status: 400 })]);
  });
});

describe('limits', () => {
  test('beyond the requests in flight: 503 with Retry-After; health is answered all the same; afterwards all is well', async () => {
    let go = () => {};
    const wait = new Promise<void>(resolve => {
      go = resolve;
    });
    wire = await startWire(
      async () => {
        await wait;
        return { status: 200, resource: { resourceType: 'Basic' } };
      },
      { limits: { ...limits, maxInFlight: 2 } },
    );
    const [first, second] = [wire.fetch('/Patient/1'), wire.fetch('/Patient/2')];
    while (wire.asked.length < 2) await new Promise(resolve => setTimeout(resolve, 5));
    const third = await wire.fetch('/Patient/3');
    expect(third.headers.get('retry-after')).toBe('1');
    expect(await refusal(third)).toEqual([503, 'transient']);
    expect((await fetch(`${wire.origin}/health/live`)).status).toBe(200);
    go();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect((await wire.fetch('/Patient/3')).status).toBe(200);
  });

  test('an answer that takes too long: 504 too-costly; its work counts until it is done', async () => {
    let go = () => {};
    const wait = new Promise<void>(resolve => {
      go = resolve;
    });
    wire = await startWire(
      async () => {
        await wait;
        return { status: 200, resource: { resourceType: 'Basic' } };
      },
      { limits: { ...limits, maxInFlight: 1, requestTimeoutMs: 50 } },
    );
    expect(await refusal(await wire.fetch('/Patient/1'))).toEqual([504, 'too-costly']);
    expect((await wire.fetch('/Patient/1')).status).toBe(503);
    go();
    await new Promise(resolve => setTimeout(resolve, 10));
    expect((await wire.fetch('/Patient/1')).status).toBe(200);
    expect(wire.records.map(record => record.status)).toEqual([504, 503, 200]);
  });

  test('bodies of all requests together have a limit: 503', async () => {
    let go = () => {};
    const wait = new Promise<void>(resolve => {
      go = resolve;
    });
    wire = await startWire(
      async () => {
        await wait;
        return { status: 200, resource: { resourceType: 'Basic' } };
      },
      { limits: { ...limits, maxBodiesBytes: 1500 } },
    );
    const post = () =>
      wire.fetch('/Patient', {
        method: 'POST',
        body: JSON.stringify({ resourceType: 'Patient', text: 'x'.repeat(900) }),
        headers: { 'content-type': fhirJson },
      });
    const first = post();
    while (wire.asked.length < 1) await new Promise(resolve => setTimeout(resolve, 5));
    expect(await refusal(await post())).toEqual([503, 'transient']);
    go();
    expect((await first).status).toBe(200);
    expect((await post()).status).toBe(200);
  });
});

describe('routes', () => {
  test.each([
    ['GET', '/Pateint', 404, 'not-supported'],
    ['GET', '/patient', 404, 'not-supported'],
    ['GET', '/Parameters', 404, 'not-supported'],
    ['POST', '/Nonsense/$validate', 404, 'not-supported'],
    ['POST', '/metadata', 405, 'not-supported'],
    ['GET', '/Patient/_search', 405, 'not-supported'],
    ['DELETE', '/', 405, 'not-supported'],
    ['POST', '/Patient/1', 405, 'not-supported'],
    ['PUT', '/Patient/1/_history/1', 405, 'not-supported'],
    ['DELETE', '/$deidentify', 405, 'not-supported'],
    ['GET', '/Patient/1/_history/1/x', 404, 'not-found'],
    ['GET', '/metadata/x', 404, 'not-found'],
  ])('%s %s answers %i', async (method, path, status, code) => {
    wire = await startWire();
    expect(await refusal(await wire.fetch(path, { method }))).toEqual([status, code]);
    expect(wire.asked).toEqual([]);
  });

  test('a type is judged before its body is read', async () => {
    wire = await startWire();
    const answer = await speak(
      wire.port,
      `POST /fhir/Pateint HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nContent-Type: ${fhirJson}\r\nContent-Length: 1000\r\n\r\n`,
      500,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('$… goes to the operations, AuditEvent of the operator to the log, the rest to the interactions', async () => {
    wire = await startWire();
    const told: string[] = [];
    const room =
      (name: string): Dispatch =>
      async () => {
        told.push(name);
        return { status: 200 };
      };
    const dispatch = createDispatch({
      interactions: room('interactions'),
      operations: room('operations'),
      audit: {
        search: async parameters => {
          told.push(`search ${parameters.map(([name]) => name)}`);
          return { resourceType: 'Bundle', type: 'searchset' };
        },
        read: async id => {
          told.push(`read ${id}`);
          return undefined;
        },
      },
      baseUrl: 'http://noren.test/fhir',
      sealer: createSealer(Buffer.alloc(32, 1)),
      now: () => 0,
    });
    const operator = { ...access, agent: { ...access.agent, role: 'operator' as const }, permits: { AuditEvent: 'rs' } };
    const ask = (method: 'GET' | 'POST' | 'DELETE' | 'PUT', path: string, as = access) =>
      dispatch(
        {
          method,
          path,
          query: [
            ['date', '2026'],
            ['_format', 'json'],
          ],
          headers: {},
        },
        as,
      );
    await ask('GET', 'Patient/1');
    await ask('POST', '$deidentify');
    await ask('POST', 'Patient/1/$everything');
    await ask('GET', 'AuditEvent/1');
    await ask('GET', 'AuditEvent', operator);
    await ask('POST', 'AuditEvent/_search', operator);
    await expect(ask('GET', 'AuditEvent/7', operator)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(ask('POST', 'AuditEvent', operator)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(ask('DELETE', 'AuditEvent/7', operator)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(ask('GET', 'AuditEvent', { ...operator, permits: {} })).rejects.toMatchObject({ kind: 'forbidden' });
    expect(told).toEqual(['interactions', 'operations', 'operations', 'interactions', 'search date', 'search date', 'read 7']);
  });

  test('parameters of a form count together with those of the URL', async () => {
    wire = await startWire();
    await wire.fetch('/Patient/_search?_count=5', {
      method: 'POST',
      body: 'name=a+b&name=%E5%B1%B1',
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    });
    expect(wire.asked[0]).toMatchObject({
      method: 'POST',
      path: 'Patient/_search',
      query: [
        ['_count', '5'],
        ['name', 'a b'],
        ['name', '山'],
      ],
    });
    expect(
      await refusal(await wire.fetch('/Patient/_search', { method: 'POST', body: '{}', headers: { 'content-type': fhirJson } })),
    ).toEqual([415, 'not-supported']);
  });
});

describe('open doors', () => {
  test('metadata, discovery, OPTIONS, health and the landing page need no token; nothing else is open', async () => {
    wire = await startWire();
    for (const path of ['/fhir/metadata', '/fhir/.well-known/smart-configuration', '/health/live', '/health/ready', '/'])
      expect((await fetch(wire.origin + path)).status).toBe(200);
    for (const path of ['/fhir', '/fhir/Patient', '/fhir/_history', '/fhir/$deidentify', '/fhir/metadata/', '/fhir/.well-known/x'])
      expect([401, 400]).toContain((await fetch(wire.origin + path)).status);
    expect(wire.asked.map(asked => asked.path)).toEqual(['metadata']);
  });

  test('metadata is asked by nobody, who may do nothing', async () => {
    let given: unknown;
    wire = await startWire(async (_request, asking) => {
      given = asking;
      return { status: 200, resource: { resourceType: 'CapabilityStatement' } };
    });
    await fetch(`${wire.origin}/fhir/metadata`);
    expect(given).toMatchObject({ permits: {}, reach: {}, operations: [], studies: [] });
  });

  test('smart-configuration is application/json whatever Accept says, for any origin', async () => {
    wire = await startWire();
    const answer = await fetch(`${wire.origin}/fhir/.well-known/smart-configuration`, {
      headers: { accept: 'image/png', origin: 'https://app.example' },
    });
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'application/json; charset=utf-8',
      '*',
    ]);
    expect(await answer.json()).toEqual({ token_endpoint: 'http://noren.test/oauth/token' });
  });

  test('health tells nothing but 200 or 503', async () => {
    let ready = false;
    wire = await startWire(undefined, { ready: () => ready });
    const unready = await fetch(`${wire.origin}/health/ready`);
    expect([unready.status, unready.headers.get('retry-after'), (await fetch(`${wire.origin}/health/live`)).status]).toEqual([
      503,
      '1',
      200,
    ]);
    ready = true;
    expect((await fetch(`${wire.origin}/health/ready`)).status).toBe(200);
    expect((await fetch(`${wire.origin}/health/secrets`)).status).toBe(404);
    expect((await fetch(`${wire.origin}/health/live`, { method: 'POST' })).status).toBe(405);
  });

  test('the landing page says where things are and what is loaded, and can load or run nothing', async () => {
    wire = await startWire(undefined, {
      landing: { mode: '<sandbox>', holdings: async () => [['Organization', 12_345]], openApi: () => '{}', docs: 'docs' },
    });
    const answer = await fetch(`${wire.origin}/`);
    const page = await answer.text();
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const part of [
      'http://noren.test/fhir/metadata',
      'smart-configuration',
      'href="/docs/"',
      'Organization',
      '12,345',
      '&#60;sandbox&#62;',
    ])
      expect(page).toContain(part);
    expect(page).not.toContain('<script');
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none';style-src 'sha256-[^']+'/);
    expect(await (await fetch(`${wire.origin}/docs/`)).text()).toContain('request.md');
    const document = await fetch(`${wire.origin}/docs/request.md`);
    expect([document.status, document.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    for (const path of ['/docs/../package.json', '/docs/%2e%2e/package.json', '/docs/..%2fpackage.json', '/docs/nothing.md'])
      expect((await fetch(wire.origin + path)).status).toBe(404);
  });

  test('what is outside every door is an OperationOutcome too', async () => {
    wire = await startWire();
    expect(await refusal(await fetch(`${wire.origin}/nowhere`))).toEqual([404, 'not-found']);
    expect(await refusal(await fetch(`${wire.origin}/`, { method: 'POST' }))).toEqual([405, 'not-supported']);
  });
});
