// noren load: exit 0 only if every bundle was taken; .json, .json.gz, .ndjson, .ndjson.gz
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command } from '../../src/commands/load.ts';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';

let root: string;
let running: Running;
const at = (name: string) => path.join(root, name);
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(at(name), content);
  return at(name);
};

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-load-'));
  running = await startServer(readConfig(['--port', '0', '--data', at('server')]), { log: () => {} });
}, 60_000);
afterAll(async () => {
  await running.close();
  rmSync(root, { recursive: true, force: true });
});

/** Exit code and what was printed. */
async function run(...args: string[]): Promise<[number, string]> {
  let out = '';
  const code = await (command.run as (args: string[], environment: object, out: (text: string) => void) => Promise<number>)(
    [...args, '--url', running.baseUrl, '--data', at('server')],
    {},
    text => {
      out += text;
    },
  );
  return [code, out];
}
const row = (out: string) =>
  Object.fromEntries(
    ((keys, values) => keys.map((key, i) => [key, values[i]]))(
      ...(out
        .trimEnd()
        .split('\n')
        .slice(-2)
        .map(line => line.trim().split(/ {2,}/)) as [string[], string[]]),
    ),
  );
async function count(query: string): Promise<number> {
  const { token } = await fetchToken({ client: 'tester', data: at('server'), url: running.baseUrl });
  const response = await fetch(`${running.baseUrl}/${query}&_summary=count`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { total: number }).total;
}

const entry = (resource: object & { resourceType: string }) => ({ resource, request: { method: 'POST', url: resource.resourceType } });
const transaction = (...resources: (object & { resourceType: string })[]) =>
  JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: resources.map(entry) });
const device = (value: string) => ({ resourceType: 'Device', identifier: [{ system: 'urn:test:load', value }] });

test('load: bundles packed or not, NDJSON packed or not; the table says how much', async () => {
  const lines = (...values: string[]) => values.map(v => JSON.stringify(device(v)) + '\n').join('');
  const [code, out] = await run(
    write('a.json', transaction(device('1'), device('2'))),
    write('b.json.gz', gzipSync(transaction(device('3')))),
    write('c.ndjson', lines('4', '5', '6')),
    write('d.ndjson.gz', gzipSync(lines('7') + transaction(device('8'), device('9')) + '\n')),
    '--client',
    'tester',
  );
  expect([code, row(out)]).toEqual([
    0,
    { files: '4', 'requests taken': '5', resources: '9', seconds: expect.any(String), 'resources/s': expect.any(String), rejected: '0' },
  ]);
  expect(await count('Device?identifier=urn:test:load%7C')).toBe(9);
});

test('load: NDJSON twice stores nothing twice: an identifier is created once, an id is put', async () => {
  const put = JSON.stringify({ resourceType: 'Device', id: 'load-put' });
  const file = write('twice.ndjson', `${JSON.stringify(device('twice'))}\n${put}\n`);
  for (let i = 0; i < 2; i++) expect((await run(file, '--client', 'tester'))[0]).toBe(0);
  expect(await count('Device?identifier=urn:test:load%7Ctwice')).toBe(1);
  expect(await count('Device?_id=load-put')).toBe(1);
});

test('load: what is rejected is named with its reason and no value; the others are taken; exit 1', async () => {
  const secret = '漏洩検査';
  const [code, out] = await run(
    write('good.json', transaction(device('good'))),
    write('wrong.json', transaction({ resourceType: 'Patient', gender: secret } as never)),
    write('none.json', '{"a": 1}'),
    write('lines.ndjson', `${JSON.stringify(device('line'))}\n{"resourceType":"Device","status":"${secret}"}\nnot json\n`),
    '--client',
    'tester',
  );
  expect(code).toBe(1);
  expect(row(out)).toMatchObject({ files: '4', resources: '2', rejected: '4' });
  expect(out).toMatch(/^rejected .*wrong\.json: 4\d\d .*Bundle\.entry\[0\]/m);
  expect(out).toMatch(/^rejected .*none\.json: is no FHIR resource in JSON$/m);
  expect(out).toMatch(/^rejected .*lines\.ndjson:2: 4\d\d .+$/m);
  expect(out).toMatch(/^rejected .*lines\.ndjson:3: is no FHIR resource in JSON$/m);
  expect(out).not.toContain(secret);
});

test('load: --resume leaves out what was taken, and takes the rest', async () => {
  const file = write(
    'resume.ndjson',
    `${JSON.stringify({ resourceType: 'Device', status: 'active', note: [{ text: 'r1' }] })}\n{"resourceType":"Device","status":"nonsense"}\n`,
  );
  const bundle = write('resume.json', transaction({ resourceType: 'Device', note: [{ text: 'r2' }] } as never));
  const state = at('state');
  const before = await count('Device?');
  expect((await run(file, bundle, '--client', 'tester', '--resume', state))[0]).toBe(1);
  expect(await count('Device?')).toBe(before + 2);
  expect(readFileSync(state, 'utf8').trim().split('\n')).toHaveLength(2);
  const [code, out] = await run(file, bundle, '--client', 'tester', '--resume', state);
  expect([code, row(out)]).toEqual([1, expect.objectContaining({ 'taken before': '2', resources: '0', rejected: '1' })]);
  write('resume.ndjson', `${readFileSync(file, 'utf8').split('\n')[0]}\n`);
  expect((await run(file, bundle, '--client', 'tester', '--resume', state))[0]).toBe(0);
  expect(await count('Device?')).toBe(before + 2);
});

test('load: many in flight as one client, in the order of the paths given', async () => {
  const many = Array.from({ length: 30 }, (_, i) => write(`many-${i}.json`, transaction(device(`many-${i}`))));
  const [code, out] = await run(...many, '--client', 'tester', '--concurrency', '8');
  expect([code, row(out)]).toEqual([0, expect.objectContaining({ files: '30', resources: '30', rejected: '0' })]);
});

test('load: without paths, client, token or server it is refused with one sentence', async () => {
  const file = write('one.json', transaction(device('one')));
  await expect(run('--client', 'tester')).rejects.toThrow('Name the files or directories');
  await expect(run(file)).rejects.toThrow('--client must be given');
  await expect(run(file, '--client', 'tester', '--concurrency', '0')).rejects.toThrow('--concurrency must be');
  await expect(run(file, '--client', 'nobody')).rejects.toThrow(/There is no key of client nobody/);
  await expect(run(at('nowhere'), '--client', 'tester')).rejects.toThrow('There is no ');
  await expect(command.run([file, '--client', 'tester', '--data', at('server'), '--url', 'http://127.0.0.1:1/fhir'])).rejects.toThrow(
    'No server answers',
  );
});
