// docs/deidentification/offline.md: an input that changes while it is read
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inputsOf } from '../../src/offline/inputs.ts';
import { deidentifyFiles } from '../../src/offline/run.ts';
import { policyNamed } from '../../src/release/policies.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-run-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const observation = (patient: string, more = ''): string =>
  `{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/${patient}"}${more}}\n`;

/** The work on a file. @param at is told of the bytes that went through */
async function run(file: string, out: string, at: (bytes: number) => void): Promise<void> {
  const { policy, hash } = policyNamed('jp-anonymized');
  const base = 'https://noren.example/fhir';
  const plan = { policy, secret: Buffer.alloc(32, 7), base, now: Date.parse('2026-04-01'), timeZone: 'Asia/Tokyo' };
  await deidentifyFiles(
    {
      ...{ plan, policy: { name: policy.name, version: policy.version, hash }, inputs: inputsOf([file], out), out, workers: 1 },
      ...{ resume: false, rename: false, skipBad: true },
    },
    { at, bad: () => {}, fileDone: () => {} },
  );
}

test('run: what changes between the first pass and the second is not written, as it was not seen before', async () => {
  const [file, out] = [path.join(root, 'x.ndjson'), path.join(root, 'out')];
  writeFileSync(file, `{"resourceType":"Patient","id":"1"}\n${observation('1')}`);
  let surveyed = false;
  const done = run(file, out, () => {
    if (!surveyed) writeFileSync(file, `{"resourceType":"Patient","id":"1"}\n${observation('2')}`);
    surveyed = true;
  });
  await expect(done).rejects.toThrow(/^A worker failed at x\.ndjson: it has changed while it was read\.$/);
  expect(readdirSync(out)).toEqual(['.noren-deidentify']);
});

test('run: nor what changes for a pass between the two, though it is as it was afterwards', async () => {
  const [file, out] = [path.join(root, 'y.ndjson'), path.join(root, 'out-y')];
  const written = (number: string): void =>
    writeFileSync(
      file,
      `{"resourceType":"Patient","id":"1"}\n{"resourceType":"Device","id":"d","identifier":[{"system":"urn:x","value":"${number}"}]}\n` +
        observation('1', ',"device":{"identifier":{"system":"urn:x","value":"7"}}'),
    );
  written('8');
  let passes = 0;
  const done = run(file, out, () => written(['7', '8'][passes++]!));
  await expect(done).rejects.toThrow(/^A worker failed at y\.ndjson: it has changed while it was read\.$/);
  expect(passes).toBe(1);
  expect(readdirSync(out)).toEqual(['.noren-deidentify']);
});
