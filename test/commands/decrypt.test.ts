// docs/deidentification/offline.md#encrypted-texts: noren decrypt
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command } from '../../src/commands/decrypt.ts';
import { seriesKeys } from '../../src/deid/keys.ts';
import { encrypted } from '../../src/deid/rules/cipher.ts';
import { keysIn, linesOf, noren } from './deidentify-world.ts';

let root: string;
let input: string;
const texts = ['山田', 'CANARY "Brontë"', 'two\nlines\u2028three', '\u{20bb7}田', `${' '.repeat(3)}${'x'.repeat(5000)}`];
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-decrypt-'));
  input = path.join(root, 'in.ndjson');
  const code = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] };
  const lines = texts.map((valueString, i) => ({ resourceType: 'Observation', id: `o${i}`, status: 'final', code, valueString }));
  writeFileSync(input, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const put = (name: string, json: object): string => {
  const file = path.join(root, name);
  writeFileSync(file, JSON.stringify(json));
  return file;
};
const policy = () =>
  put('policy.json', {
    ...{ name: 'encrypting', version: '1', title: 'Encrypting', extends: 'jp-pseudonymized' },
    groups: [{ measure: 'identifying-descriptions', rules: [{ paths: ['Observation.valueString'], method: 'encrypt' }] }],
  });
const ownKey = '0123456789abcdef';
const rules = (encryptKey: string) =>
  put(`rules-${encryptKey.length}.json`, {
    fhirVersion: 'R4',
    fhirPathRules: [{ path: 'Observation.value', method: 'encrypt' }],
    parameters: { encryptKey },
  });

let outs = 0;
/** What comes of the texts, in the order in which it leaves. */
async function deidentified(by: string, keys: string): Promise<string[]> {
  const out = path.join(root, `out-${outs++}`);
  expect((await noren(['deidentify', '--policy', by, '--keys', keys, input, '--out', out])).code).toBe(0);
  return linesOf(readFileSync(path.join(out, 'in.ndjson'), 'utf8')).map(line => line['valueString'] as string);
}
const decrypt = (args: readonly string[], lines: readonly string[]) => noren(['decrypt', ...args], {}, lines.join('\n'));
const printed = (out: string): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as unknown);

test('decrypt: whoever has the keys has the texts again, whatever is in them', async () => {
  const keys = keysIn(root, 7);
  const lines = await deidentified(policy(), keys);
  expect(lines.join()).not.toMatch(/山田|CANARY/);
  const { out, ...rest } = await decrypt(['--keys', keys, '--policy', policy()], lines);
  expect(rest).toEqual({ code: 0, signal: null, err: '' });
  expect(printed(out).sort()).toEqual(texts.toSorted());
});

test('decrypt: of a line that was changed, is of other keys, or is nothing encrypted, the number is told and no text', async () => {
  const made = seriesKeys(Buffer.alloc(32, 7)).encrypt('here', 'CANARY one');
  const changed = [0, 12, Buffer.from(made, 'base64').length - 1].map(at => {
    const bytes = Buffer.from(made, 'base64');
    bytes[at]! ^= 1;
    return bytes.toString('base64');
  });
  const others = seriesKeys(Buffer.alloc(32, 8)).encrypt('here', 'CANARY one');
  const lines = [made, ...changed, others, `${made} `, '', 'CANARY', made];
  const { code, out, err } = await decrypt(['--keys', keysIn(root, 7)], lines);
  expect(code).toBe(1);
  expect(printed(out)).toEqual(lines.map(line => (line === made ? 'CANARY one' : null)));
  expect(err).toBe('noren: Not made under these keys, or changed: lines 2, 3, 4, 5, 6, 7, 8.\n');
});

test('decrypt: of a configuration with fhirPathRules, by the keys file that stands in where its key is empty, else by its own', async () => {
  const keys = keysIn(root, 7);
  const lines = await deidentified(rules(''), keys);
  const again = await decrypt(['--keys', keys, '--policy', rules('')], lines);
  expect([again.code, printed(again.out)]).toEqual([0, texts]);
  const own = texts.map(text => encrypted(Buffer.from(ownKey), Buffer.alloc(16, 1), text));
  const withoutFile = await decrypt(['--policy', rules(ownKey)], [...own, lines[0]!]);
  expect([withoutFile.code, printed(withoutFile.out)]).toEqual([1, [...texts, null]]);
  expect(withoutFile.err).toMatch(/: line 6\.$/m);
});

test.each<[readonly string[], RegExp]>([
  [['--keys', 'keys.json', 'CANARY=='], /come on standard input/],
  [['--key', 'keys.json'], /--help lists the flags/],
  [['--policy', 'jp-pseudonymized'], /--keys must be given/],
  [[], /--keys must be given/],
])('decrypt: refused before anything is read, and no argument is said again: %p', async (args, sentence) => {
  const { message } = await command.run([...args]).then(
    () => new Error('it was not refused'),
    (error: Error) => error,
  );
  expect(message).toMatch(sentence);
  expect(message).not.toContain('CANARY==');
});
