// docs/deidentification/offline.md: files larger than a piece, and kills at any moment
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { filesOf, keysIn, linesOf, noren, now } from './deidentify-world.ts';

let root: string;
let input: string;
let keys: string;
const patients = 40;
const count = 70_000;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-deidentify-slow-'));
  input = path.join(root, 'in');
  mkdirSync(input);
  keys = keysIn(root, 7);
  const put = (name: string, resources: readonly object[], gz = false): void => {
    const text = resources.map(one => `${JSON.stringify(one)}\n`).join('');
    writeFileSync(path.join(input, name), gz ? gzipSync(text) : text);
  };
  const people = Array.from({ length: patients }, (_, i) => ({ resourceType: 'Patient', id: `p${i}`, birthDate: `19${50 + i}-01-01` }));
  put('patients.ndjson', people);
  const observations = Array.from({ length: count }, (_, i) => ({
    ...{ resourceType: 'Observation', id: `o${i}`, status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] } },
    ...{
      subject: { reference: `Patient/p${i % patients}` },
      effectiveDateTime: '2020-01-01',
      valueInteger: i,
      note: [{ text: 'x'.repeat(i % 300) }],
    },
  }));
  put('observations.ndjson', observations);
  put('compressed.ndjson.gz', observations.slice(0, 20_000), true);
  for (const [i, person] of people.entries())
    writeFileSync(
      path.join(input, `bundle-${i}.json`),
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'collection',
        entry: [person, ...observations.slice(i * 9, i * 9 + 9)].map(resource => ({ resource })),
      }),
    );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const args = (out: string, workers: number): string[] => [
  ...[
    'deidentify',
    '--policy',
    'jp-anonymized',
    '--keys',
    keys,
    '--now',
    now,
    input,
    '--out',
    out,
    '--workers',
    String(workers),
    '--resume',
  ],
];

test('deidentify: a file of several pieces leaves whole and in the order of the pseudonyms, with any number of workers; killed at any moment it goes on to the same bytes', async () => {
  const whole = path.join(root, 'whole');
  const start = performance.now();
  expect((await noren(args(whole, 1))).code).toBe(0);
  const ms = performance.now() - start;
  const files = filesOf(whole);
  const lines = linesOf(files['observations.ndjson']);
  expect(lines.map(one => one['valueInteger'] as number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  const ids = lines.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
  expect(linesOf(files['compressed.ndjson.gz'])).toHaveLength(20_000);
  // Bundles stand first: a person's first record is there.
  expect(linesOf(files['patients.ndjson'])).toEqual([]);
  for (const workers of [1, 2, 3]) {
    const out = path.join(root, `cut-${workers}`);
    let killed = 0;
    for (let i = 1; i <= 6; i++) {
      const child = spawn(process.execPath, [path.resolve(import.meta.dirname, '../../src/main.ts'), ...args(out, workers)]);
      const timer = setTimeout(() => child.kill('SIGKILL'), (ms * i) / 7);
      const [, signal] = await once(child, 'close');
      clearTimeout(timer);
      if (signal !== 'SIGKILL') break;
      killed++;
    }
    expect(killed).toBeGreaterThan(0);
    const { code, err } = await noren(args(out, workers));
    // A kill after the last step leaves a work that is done.
    if (code !== 0) expect(err).toContain('holds no work that was cut');
    const made = filesOf(out);
    expect(Object.keys(made)).toEqual(Object.keys(files));
    for (const [name, text] of Object.entries(files)) expect(made[name] === text).toBe(true);
  }
}, 600_000);

test('deidentify: a bad line far behind in a file is told of by its number', async () => {
  const from = path.join(root, 'bad');
  mkdirSync(from);
  const lines = readFileSync(path.join(input, 'observations.ndjson')).toString().split('\n');
  lines[65_432] = '{"resourceType":';
  writeFileSync(path.join(from, 'o.ndjson'), lines.join('\n'));
  for (const policy of ['jp-anonymized', path.join(root, 'rules.json')]) {
    writeFileSync(
      path.join(root, 'rules.json'),
      JSON.stringify({ fhirVersion: 'R4', fhirPathRules: [{ path: 'Observation.note', method: 'redact' }] }),
    );
    const { code, err } = await noren([
      'deidentify',
      '--policy',
      policy,
      from,
      '--out',
      path.join(root, 'bad-out', path.basename(policy)),
      '--workers',
      '2',
    ]);
    expect(code).toBe(1);
    expect(err).toMatch(/o\.ndjson, line 65433: /);
  }
}, 600_000);
