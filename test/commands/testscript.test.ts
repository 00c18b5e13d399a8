// noren testscript: exit code 0 only if nothing failed; https://hl7.org/fhir/R4/testscript.html
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { command } from '../../src/commands/testscript.ts';
import { readConfig } from '../../src/config.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { ref } from '../testscript/lab.ts';

let root: string;
let running: Running;
const at = (...parts: string[]) => path.join(root, ...parts);

const script = (more: object) => JSON.stringify({ resourceType: 'TestScript', status: 'active', url: 'http://example.org/s', ...more });
const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:test', value: ref('runId') }], name: [{ family: 'Test' }] };

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-testscript-'));
  running = await startServer(readConfig(['--port', '0', '--data', at('server')]), { log: () => {} });
  writeFileSync(
    at('good.json'),
    script({
      name: 'life of a Patient',
      fixture: [{ id: 'p', autocreate: false, autodelete: true, resource: patient }],
      variable: [{ name: 'id', sourceId: 'made', expression: 'id' }],
      test: [
        {
          name: 'create, read, search',
          action: [
            { operation: { type: { code: 'create' }, sourceId: 'p', responseId: 'made' } },
            { assert: { response: 'created' } },
            { operation: { type: { code: 'read' }, targetId: 'made' } },
            { assert: { minimumId: 'p' } },
            { assert: { expression: "meta.security.code contains 'HTEST'" } },
            { operation: { type: { code: 'search' }, resource: 'Patient', params: `?identifier=urn:test|${ref('runId')}` } },
            { assert: { expression: `Bundle.entry.resource.id = '${ref('id')}'` } },
            { operation: { type: { code: 'delete' }, targetId: 'made' } },
            { assert: { response: 'okay' } },
            { operation: { type: { code: 'read' }, targetId: 'made' } },
            { assert: { response: 'gone' } },
          ],
        },
      ],
    }),
  );
  writeFileSync(
    at('bad.json'),
    script({ name: 'bad', test: [{ name: 't', action: [{ operation: { type: { code: 'read' }, url: 'Patient/none' } }] }] }),
  );
}, 60_000);
afterAll(async () => {
  await running.close();
  rmSync(root, { recursive: true, force: true });
});

/** Exit code and what was printed. */
async function run(...args: string[]): Promise<[number, string]> {
  let out = '';
  const code = await (command.run as (args: string[], environment: object, out: (text: string) => void) => Promise<number>)(
    args,
    {},
    text => {
      out += text;
    },
  );
  return [code, out];
}
const noren = (...args: string[]) => run(...args, '--base', running.baseUrl, '--client', 'tester', '--data', at('server'));

test('testscript: a script that passes ends with 0, with a TestReport and junit.xml in --out', async () => {
  const [code, out] = await noren(at('good.json'), '--out', at('out'), '--tester', 'Somebody');
  expect([code, out]).toEqual([0, expect.stringMatching(/^life of a Patient +1 +1 +0 +0 +0 +0$/m)]);
  expect(readdirSync(at('out')).sort()).toEqual(['TestReport-life-of-a-Patient.json', 'junit.xml']);
  const report = JSON.parse(readFileSync(at('out', 'TestReport-life-of-a-Patient.json'), 'utf8')) as object;
  expect(validate(report)).toEqual([]);
  expect(report).toMatchObject({
    result: 'pass',
    score: 100,
    tester: 'Somebody',
    participant: [{}, { display: expect.stringContaining('Noren') }],
  });
});

test('testscript: one that fails ends with 1, and its reason is in the table', async () => {
  const [code, out] = await noren(root, '--parallel', '4');
  expect(code).toBe(1);
  expect(out).toContain('bad · t: GET Patient/none → 404');
});

test('testscript: a token in a file, or none at all', async () => {
  writeFileSync(at('token'), 'wrong\n');
  expect((await run(at('good.json'), '--base', running.baseUrl, '--token-file', at('token')))[0]).toBe(1);
  const [code, out] = await run(at('good.json'), '--base', running.baseUrl);
  expect([code, out]).toEqual([1, expect.stringContaining('and is "401".')]);
});

test.each([
  [[], 'Name the scripts or directories to run'],
  [['x.json'], '--base must be the base URL'],
  [['x.json', '--base', 'ftp://h'], '--base must be the base URL'],
  [['/nowhere-at-all', '--base', 'http://h/'], 'There is no /nowhere-at-all'],
  [['x', '--base', 'http://h/', '--parallel', '0'], '--parallel must be a whole number from 1 to 32'],
  [['x', '--base', 'http://h/', '--variable', 'a'], '--variable must be NAME=VALUE'],
  [['x', '--base', 'http://h/', '--extension', 'a=b'], '--extension knows these names'],
  [['x', '--base', 'http://h/', '--details', 'some'], '--details must be'],
  [['x', '--base', 'http://h/', '--token', 'a', '--client', 'b'], 'Give one of --token'],
  [['x', '--base', 'http://h/', '--token-file', '/nowhere-at-all'], '--token-file cannot be read'],
  [['x', '--base', 'http://h/', '--token', 'a b'], 'access token is empty or has'],
  [['x', '--base', 'http://h/', '--nothing'], '--help lists the flags'],
])('testscript: %j is refused with one sentence', async (args, sentence) => {
  await expect(run(...args)).rejects.toThrow(sentence);
});

test('testscript: a directory without a script is refused', async () => {
  expect(existsSync(at('server'))).toBe(true);
  await expect(run(at('server'), '--base', running.baseUrl)).rejects.toThrow('There is no TestScript in what was named.');
});
