// https://hl7.org/fhir/R4/testscript.html: a script is a program of somebody else; what it must not be able to do
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test as it } from '@jest/globals';
import { junit } from '../../src/testscript/junit.ts';
import { failed } from '../../src/testscript/result.ts';
import { table } from '../../src/testscript/table.ts';
import { testReport } from '../../src/testscript/test-report.ts';
import { check, fixture, json, type Lab, op, openLab, patient, read, ref, run, test } from './lab.ts';

let lab: Lab;
/** Another server of the machine: no script may reach it. */
let other: { base: string; hits: number; close: () => void };
beforeAll(async () => {
  lab = await openLab();
  const server = createServer((_, response) => {
    other.hits++;
    response.end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  other = {
    base: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hits: 0,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
});
beforeEach(() => {
  lab.odd = () => false;
});
afterAll(async () => {
  other.close();
  await lab.close();
});

it('another host is not reached: not by an absolute URL, a prefix, a user name, a variable, a fixture, or a scheme', async () => {
  const own = new URL(lab.base);
  const urls = [
    `http://${other.base}/fhir/Patient`,
    `HTTP://${other.base}/`,
    `http://${own.host}@${other.base}/fhir`,
    `http://user:secret@${own.host}/fhir`,
    `${lab.base.replace(/^http/, 'https')}/Patient`,
    `http://${own.host}0/fhir`,
    `http://${own.hostname}.example.org/fhir`,
    `http:\\\\${other.base}\\fhir`,
    'file:///etc/passwd',
    'data:application/json,{}',
    'javascript:1',
    ref('elsewhere'),
  ];
  for (const url of urls) {
    const result = await run(
      lab,
      { variable: [{ name: 'elsewhere', defaultValue: `http://${other.base}/x` }], test: [test(read(url))] },
      { token: async () => 'secret' },
    );
    expect([url, result.tests[0]!.result]).toEqual([url, 'error']);
    expect(failed(result)).toBe(true);
  }
  // What looks like a host stays a path of the server.
  for (const url of [`//${other.base}/x`, `/\\${other.base}/x`, `..//${other.base}`]) await run(lab, { test: [test(read(url))] });
  const fixtures = await run(lab, { fixture: [fixture('f', { reference: `http://${other.base}/Patient/1` })], test: [test(read('A'))] });
  expect(fixtures.fault).toContain('another host');
  expect(other.hits).toBe(0);
});

it('a redirect is an answer and no way', async () => {
  lab.odd = ({ url }, response) => {
    if (url === 'moved') response.writeHead(302, { location: `http://${other.base}/` }).end();
    return url === 'moved';
  };
  const result = await run(lab, {
    test: [
      test(read('moved'), check({ responseCode: '302' }), check({ headerField: 'Location', operator: 'contains', value: other.base })),
    ],
  });
  expect(result.tests[0]!.result).toBe('pass');
  expect(other.hits).toBe(0);
});

it('an answer without an end is cut off by its size, one that does not come by its time', async () => {
  lab.odd = ({ url }, response) => {
    if (url === 'endless') {
      response.writeHead(200, { 'content-type': 'application/fhir+json' });
      const more = () => response.write('x'.repeat(65_536), () => !response.destroyed && setImmediate(more));
      more();
    }
    return url === 'endless' || url === 'never';
  };
  const endless = await run(lab, { test: [test(read('endless'))] }, { limits: { maxBodyBytes: 1_000_000 } });
  expect(endless.tests[0]).toMatchObject({ result: 'error', reason: 'The answer is larger than 1000000 bytes.' });
  const never = await run(lab, { test: [test(read('never'))] }, { limits: { timeoutMs: 200 } });
  expect(never.tests[0]).toMatchObject({ result: 'error', reason: 'No whole answer within 0.2 seconds.' });
});

it.each([
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'X-Forwarded-Host',
  'Proxy-Authorization',
  'Connection',
  'X-Original-URL',
  'Bad Header',
])('the header %s cannot be set by a script', async field => {
  const result = await run(lab, { test: [test(read('A', { requestHeader: [{ field, value: 'x' }] }))] });
  expect([result.tests[0]!.result, lab.asked.length]).toEqual(['error', 0]);
});

it('a header cannot be broken into two', async () => {
  const result = await run(lab, {
    variable: [{ name: 'v', defaultValue: 'a\r\nX-Evil: 1' }],
    test: [test(read('A', { requestHeader: [{ field: 'X-A', value: ref('v') }] }))],
  });
  expect([result.tests[0]!.result, lab.asked.length]).toEqual(['error', 0]);
});

it('the token is in no result, report or table: not as a request header, not when the server sends it back', async () => {
  // Longer than what is shown of a value.
  const token = `eyJ-very-secret.${'token'.repeat(200)}`;
  lab.odd = ({ url, headers }, response) =>
    url === 'echo' && json(response, 200, { ...patient, id: headers.authorization }, { 'x-token': headers.authorization! });
  const result = await run(
    lab,
    {
      variable: [{ name: 'stolen', expression: 'id' }],
      test: [
        test(read('echo'), check({ direction: 'request', headerField: 'Authorization', operator: 'notEmpty' })),
        test(read('echo'), check({ headerField: 'X-Token', value: 'x' })),
        test(read('echo'), check({ expression: 'id', value: 'x' })),
        test(read('echo'), read(`Patient?x=${ref('stolen')}`)),
      ],
    },
    { token: async () => token },
  );
  expect(lab.asked[0]!.headers.authorization).toBe(`Bearer ${token}`);
  expect(result.tests[0]!.result).toBe('fail');
  expect(result.tests[1]!.reason).toContain('(token)');
  const all = [
    JSON.stringify(result),
    JSON.stringify(testReport(result, { server: lab.base, engineName: 'x' })),
    junit([result]),
    table([result], 'all'),
  ].join('');
  expect(all).not.toContain('very-secret');
});

it('a script’s own Authorization goes before the token', async () => {
  await run(
    lab,
    { test: [test(read('A', { requestHeader: [{ field: 'Authorization', value: 'Bearer wrong' }] }))] },
    { token: async () => 'secret' },
  );
  expect(lab.asked[0]!.headers.authorization).toBe('Bearer wrong');
});

it('a FHIRPath or regular expression that does not end is ended, and the next one is evaluated', async () => {
  const bombs = [
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('^(a+)+$')",
    '(1|2|3|4|5|6|7|8|9).repeat($this | ($this + 1)).count() > 0',
  ];
  const result = await run(
    lab,
    {
      test: [
        ...bombs.map(expression => test(read('A'), check({ expression }))),
        test(read('A'), check({ expression: "resourceType = 'Bundle'" }), check({ expression: 'type', value: 'searchset' })),
      ],
    },
    { limits: { expressionMs: 1500 } },
  );
  expect(result.tests.slice(0, 2).map(t => t.result)).toEqual(['error', 'error']);
  expect(result.tests[0]!.reason).toContain('takes longer than 1.5 seconds');
  expect(result.tests[2]!.actions.at(-1)!.result).toBe('pass');
});

it('FHIRPath reaches no network and no other resource', async () => {
  for (const expression of [
    `'http://${other.base}/x'.resolve().exists()`,
    `name.given.memberOf('http://${other.base}/vs')`,
    `%terminologies.expand('http://${other.base}').exists()`,
  ]) {
    const result = await run(lab, { test: [test(read('A'), check({ expression }))] });
    expect([expression, result.tests[0]!.result]).toEqual([expression, 'error']);
  }
  expect(other.hits).toBe(0);
});

it('control characters of a script or a server do not reach the terminal, and JUnit XML stays well-formed', async () => {
  const { SaxesParser } = await import('saxes');
  lab.odd = ({ url }, response) => url === 'odd' && json(response, 200, { ...patient, id: '\u001b[2J\u0000<&"\ud800' });
  const result = await run(lab, {
    name: 'a\u001b[31m<b>\u0007',
    test: [{ name: '"&<\u0001\n', action: [read('odd'), check({ expression: 'id', value: 'x' })] }],
  });
  expect(table([result], 'all')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const parser = new SaxesParser();
  parser.on('error', error => {
    throw error;
  });
  parser.write(junit([result])).close();
});

it('a base below a path: what lies beside it on the same server can be asked for, for links and well-known pages stand there', async () => {
  await run(lab, { test: [test(read(new URL('/fhir-other/x', lab.base).href))] });
  expect(lab.asked).toHaveLength(1);
});

it('a body that is no JSON, or nested a thousand times, is a body that cannot be read', async () => {
  lab.odd = ({ url }, response) => {
    if (url === 'html') response.writeHead(200, { 'content-type': 'text/html' }).end('<html/>');
    if (url === 'deep') response.writeHead(200, { 'content-type': 'application/fhir+json' }).end('['.repeat(100_000));
    return url === 'html' || url === 'deep';
  };
  for (const url of ['html', 'deep']) {
    const result = await run(lab, { test: [test(read(url), check({ response: 'okay' }), check({ expression: 'id.exists()' }))] });
    expect(result.tests[0]).toMatchObject({ result: 'fail', reason: 'The response has no body that can be read.' });
  }
});

it('a fixture whose names are those of prototypes changes nothing', async () => {
  const evil = JSON.parse(
    '{"resourceType":"Patient","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  ) as object;
  await run(lab, {
    fixture: [fixture('f', evil)],
    test: [test(op({ type: { code: 'create' }, sourceId: 'f' }), check({ minimumId: 'f' }))],
  });
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
