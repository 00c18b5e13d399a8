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

test('run: what changes between the first pass and the second is not written, as it was not seen before', async () => {
  const [file, out] = [path.join(root, 'x.ndjson'), path.join(root, 'out')];
  const line = (patient: string): string => `{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/${patient}"}}\n`;
  writeFileSync(file, `{"resourceType":"Patient","id":"1"}\n${line('1')}`);
  const { policy, hash } = policyNamed('jp-anonymized');
  let surveyed = false;
  const run = deidentifyFiles(
    {
      plan: {
        policy,
        secret: Buffer.alloc(32, 7),
        base: 'https://noren.example/fhir',
        now: Date.parse('2026-04-01'),
        timeZone: 'Asia/Tokyo',
        folder: 'in',
      },
      policy: { name: policy.name, version: policy.version, hash },
      inputs: inputsOf([file], out),
      out,
      workers: 1,
      resume: false,
      rename: false,
      skipBad: true,
    },
    {
      at: () => {
        if (!surveyed) writeFileSync(file, `{"resourceType":"Patient","id":"1"}\n${line('2')}`);
        surveyed = true;
      },
      bad: () => {},
      fileDone: () => {},
    },
  );
  await expect(run).rejects.toThrow(/^A worker failed at x\.ndjson: it has changed while it was read\.$/);
  expect(readdirSync(out)).toEqual(['.noren-deidentify']);
});
