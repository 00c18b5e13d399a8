// https://hl7.org/fhir/R4/auditevent.html, https://profiles.ihe.net/ITI/BALP/, OWASP ASVS 5 V16: what is refused is on record, and no record and no log line says what it should not
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { type Asking, openWhole, type Whole } from './whole.ts';
import { speak } from './wire.ts';

let server: Whole;
beforeAll(async () => {
  server = await openWhole('--max-body-bytes', '1000000');
  await server.ask('PUT', 'Patient/p', { body: { resourceType: 'Patient', id: 'p', name: [{ family: secret }] } });
  for (const client of ['hospital-2', 'researcher-1', 'patient-app']) await server.token(client);
}, 60_000);
afterAll(() => server.close());

const secret = '秘密太郎';
const encoded = encodeURIComponent(secret);
const patient = { resourceType: 'Patient', name: [{ family: secret }] };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** What is refused: a request, the outcome of its AuditEvent, the request as the event tells it where it had parameters. */
const denials: readonly (readonly [method: string, path: string, asking: Asking, outcome: '4' | '8', line?: string])[] = [
  ['POST', 'Patient', { body: `{"resourceType":"Patient","name":"${secret}` }, '4'],
  ['POST', 'Patient', { body: `{"resourceType":"Patient","gender":"${secret}","gender":"${secret}"}` }, '4'],
  ['POST', 'Patient', { body: `${'['.repeat(10_000)}` }, '4'],
  ['POST', 'Patient', { body: `"${secret}${'a'.repeat(1_000_000)}"` }, '4'],
  ['POST', 'Patient', { body: patient, headers: { 'content-type': 'text/plain' } }, '4'],
  [
    'POST',
    'Patient',
    { body: `<!DOCTYPE a [<!ENTITY e "${secret}">]><a>&e;</a>`, headers: { 'content-type': 'application/fhir+xml' } },
    '4',
  ],
  ['POST', 'Patient', { body: { ...patient, [secret]: 1 } }, '4'],
  ['POST', 'Patient', { body: { ...patient, text: { status: 'generated', div: `<script>${secret}</script>` } } }, '4'],
  ['POST', 'Patient', { body: patient, headers: { 'if-none-exist': `foo=${encoded}` } }, '4'],
  ['PUT', 'Patient/p', { body: { ...patient, id: 'p' }, headers: { 'if-match': 'W/"9"' } }, '4'],
  [
    'PATCH',
    'Patient/p',
    { body: `[{"op":"test","path":"/name/0/family","value":"x"}]`, headers: { 'content-type': 'application/json-patch+json' } },
    '4',
  ],
  ['GET', 'Patient', { headers: { accept: 'image/png' } }, '4', 'GET Patient'],
  ['GET', `Patient/${encoded}`, {}, '4'],
  ['GET', `Patient/..%2f${encoded}`, {}, '4', 'GET '],
  ['GET', `Patient?name[$ne]=${encoded}`, {}, '4', 'GET Patient?unusable='],
  ['GET', `Patient?birthdate=${encoded}`, {}, '4', 'GET Patient?birthdate='],
  ['GET', `Patient?birthdate=x&name=${encoded}`, {}, '4', 'GET Patient?birthdate=&name='],
  ['GET', `Patient?${encoded}=x`, {}, '4', 'GET Patient?unusable='],
  ['GET', `Patient?_page=${'A'.repeat(60)}`, {}, '4', 'GET Patient?_page='],
  ['POST', 'Patient/_search', { body: `birthdate=x&name=${encoded}`, headers: form }, '4', 'POST Patient?birthdate=&name='],
  ['DELETE', `Patient?foo=${encoded}`, {}, '4', 'DELETE Patient?unusable='],
  [
    'POST',
    '',
    {
      body: {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ resource: patient, request: { method: 'POST', url: 'http://evil.example/Patient' } }],
      },
    },
    '4',
  ],
  ['GET', 'Patient', { client: '' }, '8', 'GET Patient'],
  ['GET', `Patient?access_token=${encoded}`, { client: '' }, '8', 'GET Patient?access_token='],
  ['GET', 'Patient', { client: '', headers: { authorization: `Bearer ${encoded}` } }, '8', 'GET Patient'],
  ['GET', 'Patient', { client: 'researcher-1' }, '8', 'GET Patient'],
  ['GET', `Patient?name=${encoded}`, { client: 'researcher-1' }, '8', 'GET Patient?name='],
  ['GET', 'Patient/p', { client: 'hospital-2' }, '4'],
  ['DELETE', 'Patient/p', { client: 'patient-app' }, '8'],
  ['GET', 'AuditEvent', { client: 'hospital-2' }, '8', 'GET AuditEvent'],
];

const eventsOf = async (): Promise<AuditEvent[]> =>
  ((await server.ask('GET', 'AuditEvent?_count=500', { client: 'operator' })).json as unknown as Bundle<AuditEvent>).entry!.map(
    e => e.resource!,
  );
const queryOf = ({ entity }: AuditEvent) => entity!.map(one => one.query).find(query => query !== undefined);
const requestIn = ({ entity }: AuditEvent) => entity!.find(one => one.type?.code === 'XrequestId')!.what!.identifier!.value;

describe('refusals', () => {
  let told: readonly string[];
  let events: readonly AuditEvent[];
  beforeAll(async () => {
    const ids: string[] = [];
    for (const [method, path, asking] of denials) ids.push((await server.ask(method, path, asking)).headers.get('x-request-id')!);
    told = ids;
    events = await eventsOf();
  }, 60_000);

  test.each(denials.map((denial, i) => [denial[0], denial[1].slice(0, 40), denial[3], denial[4], i] as const))(
    '%s %s: an AuditEvent of outcome %s, with the request as it may be known: %s',
    (_method, _path, outcome, line, i) => {
      const own = events.filter(event => requestIn(event) === told[i]);
      expect(own.map(event => event.outcome)).toEqual([outcome]);
      expect(own[0]!.contained).toMatchObject([{ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] }]);
      const query = queryOf(own[0]!);
      expect(query === undefined ? undefined : Buffer.from(query, 'base64').toString()).toBe(line);
    },
  );

  test('entries of a batch that are refused alone leave the batch on record, and what was done', async () => {
    const entry = [
      { request: { method: 'GET', url: 'Patient' } },
      { resource: { resourceType: 'Organization', id: 'o' }, request: { method: 'PUT', url: 'Organization/o' } },
    ];
    const { headers } = await server.ask('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry }, client: 'operator' });
    const [event] = (await eventsOf()).filter(one => requestIn(one) === headers.get('x-request-id'));
    expect(event!.subtype![0]!.code).toBe('batch');
  });

  test('what is no HTTP, a method that nobody knows and CONNECT are on record', async () => {
    const before = (await eventsOf()).length;
    for (const text of [
      'BREW / HTTP/1.1\r\n\r\n',
      'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n',
      'TRACE /fhir/Patient HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ])
      expect(await speak(server.port, text)).toMatch(/^HTTP\/1\.1 4/);
    const after = await eventsOf();
    // The look at the log before them is on record too.
    expect(after.length).toBe(before + 4);
    expect(after.slice(0, 3).every(({ outcome }) => outcome === '4' || outcome === '8')).toBe(true);
  });

  test('no event holds a value that was sent, a token, or a name', async () => {
    const text = (await server.ask('GET', 'AuditEvent?_count=500', { client: 'operator' })).text;
    const queries = events.map(event => Buffer.from(queryOf(event) ?? '', 'base64').toString()).join('\n');
    for (const where of [text, queries]) {
      for (const value of [secret, encoded, 'evil.example', Buffer.from(secret).toString('base64')]) expect(where).not.toContain(value);
      for (const client of ['tester', 'researcher-1', 'patient-app']) {
        const token = await server.token(client);
        expect(where).not.toContain(token);
        expect(where).not.toContain(token.split('.')[2]!);
      }
    }
  });
});

test('no line of the log holds a token or a value, and none was written by a request', async () => {
  const lines = ['a\nb', 'a\r\nX: b', '{"level":"error"}', '\u2028', '\u001b[31m'];
  for (const line of lines) {
    const text = encodeURIComponent(`${secret}${line}`);
    for (const path of [`Patient/${text}`, `Patient?name=${text}`, `Patient?${text}=x`, `${text}`, `$${text}`])
      await server.ask('GET', path);
    await server.ask('POST', 'Patient', { body: JSON.stringify({ resourceType: 'Patient', [line]: secret }) });
    await server.ask('GET', 'Patient', { headers: { 'x-request-id': text, 'user-agent': text, 'x-forwarded-for': text } });
  }
  const tokens = await Promise.all(['tester', 'researcher-1', 'patient-app'].map(client => server.token(client)));
  for (const logged of server.log) {
    expect(logged.endsWith('\n') && !logged.slice(0, -1).includes('\n')).toBe(true);
    expect(JSON.parse(logged)).toMatchObject({ time: expect.any(String), level: expect.any(String), message: expect.any(String) });
    for (const value of [secret, encoded, ...tokens]) expect(logged).not.toContain(value);
  }
  expect(server.log.filter(logged => logged.includes('"error"'))).toEqual([]);
});

describe('who may know of nothing knows of nothing', () => {
  test('an institution that has sent nothing finds nothing, counts nothing, brings nothing along', async () => {
    expect(await server.count('Patient')).toBe(1);
    for (const path of [
      'Patient',
      'Patient?_id=p',
      `Patient?name=${encoded}`,
      'Patient?name:not=x',
      'Patient?_id:not=x',
      'Patient?active:missing=true',
      'Patient/_history',
      '?_type=Patient,Observation',
      'Patient?_revinclude=*',
    ]) {
      const { status, json, text } = await server.ask('GET', path, { client: 'hospital-2' });
      const bundle = json as unknown as Bundle;
      if (path.startsWith('Patient?name:not')) expect(status).toBe(400);
      else expect([path, status, bundle.entry ?? [], bundle.total ?? 0]).toEqual([path, 200, [], 0]);
      expect(text).not.toContain(secret);
    }
    expect((await server.ask('GET', 'Patient/p/$everything', { client: 'hospital-2' })).status).toBe(404);
    expect((await server.ask('GET', 'Patient/p/*', { client: 'hospital-2' })).status).toBe(404);
  });

  test('a researcher without a study receives nothing, by whatever way', async () => {
    for (const path of [
      'Patient',
      'Patient/p',
      'Patient/_history',
      'Patient/p/$everything',
      'Patient/p/Observation',
      'Observation?subject=Patient/p',
      'Consent',
    ]) {
      const { status, text } = await server.ask('GET', path, { client: 'researcher-2' });
      expect([path, [403, 404].includes(status), text.includes(secret)]).toEqual([path, true, false]);
    }
    for (const path of ['', '_history', '?_type=Patient']) {
      const { status, json, text } = await server.ask('GET', path, { client: 'researcher-2' });
      expect(text).not.toContain(secret);
      if (status === 200) expect(((json as unknown as Bundle).entry ?? []).filter(e => e.resource?.resourceType === 'Patient')).toEqual([]);
    }
    const parameter = [
      { name: 'study', valueReference: { reference: 'ResearchStudy/none' } },
      { name: 'query', valueString: 'Patient' },
    ];
    const told = await server.ask('POST', '$deidentify', { body: { resourceType: 'Parameters', parameter }, client: 'researcher-2' });
    expect(told.status).toBeGreaterThan(399);
  });

  test('an app whose patient has no record finds nothing', async () => {
    // Its token names Patient/p; a patient that is not there leaves it no more than what names that patient.
    await server.ask('DELETE', 'Patient/p');
    await server.create({ resourceType: 'Observation', status: 'final', code: { text: secret }, subject: { display: 'nobody' } });
    for (const path of ['Patient', 'Observation', 'Observation?code:missing=false', 'Observation?subject:missing=true']) {
      const { status, json } = await server.ask('GET', path, { client: 'patient-app' });
      expect([path, status, (json as unknown as Bundle).entry ?? []]).toEqual([path, 200, []]);
    }
  });
});
