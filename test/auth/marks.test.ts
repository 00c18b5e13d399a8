// https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#signature-verification (a jti counts once)

import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openMarks } from '../../src/auth/marks.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('replay: a key is new once, also for another process on the same directory and after a restart', () => {
  const one = openMarks(folder, 300);
  const two = openMarks(folder, 300);
  expect([one.claim('a'), one.claim('a'), two.claim('a'), two.claim('b'), one.claim('b')]).toEqual([true, false, false, true, false]);
  expect(openMarks(folder, 300).claim('a')).toBe(false);
});

test('replay: a key names no file, whatever it holds', () => {
  const replay = openMarks(folder, 300);
  for (const key of ['../../escape', '/etc/passwd', 'a\0b', '']) expect(replay.claim(key)).toBe(true);
  expect(readdirSync(folder).every(name => /^[0-9a-f]{64}$/.test(name))).toBe(true);
});

test('replay: what can no longer be valid is swept away, what can is kept', () => {
  let now = Date.now();
  const replay = openMarks(folder, 300, () => now);
  replay.claim('old');
  const [old] = readdirSync(folder);
  utimesSync(path.join(folder, old!), new Date(now - 700_000), new Date(now - 700_000));
  replay.claim('young');
  now += 61_000;
  replay.claim('now');
  expect(readdirSync(folder)).toHaveLength(2);
  expect(readdirSync(folder)).not.toContain(old);
  expect(replay.claim('young')).toBe(false);
});

test('marks: what was marked is known at once and after a restart, and nothing else', () => {
  const marks = openMarks(folder, 300);
  expect(marks.has('a')).toBe(false);
  marks.claim('a');
  expect([marks.has('a'), marks.has('b')]).toEqual([true, false]);
  expect(openMarks(folder, 300).has('a')).toBe(true);
});
