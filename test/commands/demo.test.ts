// The main job from end to end, as `npm run demo` tells it.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command } from '../../src/commands/demo.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-demo-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('demo: every step goes as it should, and its account says so', async () => {
  const data = path.join(root, 'data');
  let text = '';
  const run = command.run as (args: string[], out: (text: string) => void) => Promise<number>;
  expect(
    await run(['--patients', '100', '--data', data], more => {
      text += more;
    }),
  ).toBe(0);
  expect([...text.matchAll(/^ ?(\d+) {2}\S/gm)].map(m => Number(m[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(text.match(/0 rejected/g)).toHaveLength(2);
  expect(text.match(/422 business-rule/g)).toHaveLength(3);
  expect(text.match(/stored: 0/g)).toHaveLength(2);
  expect(text).toMatch(/Fabry disease \(E75\.2\) +masked/);
  expect(text).toContain('without that patient: true');
  expect(text).toMatch(/Patient\.name +\S+ \S+ \/ \S+ \S+ +— removed/);
  expect(text).toMatch(/Patient\.birthDate +\d{4}-\d\d-\d\d +\d{4}-\d\d\n/);
  const [, before, after] = /HbA1c +[\d.]+ % on (\d{4}-\d\d-\d\d).* {2,}[\d.]+ % on (\d{4}-\d\d-\d\d)/.exec(text)!;
  expect(before).not.toBe(after);
  expect(text).not.toContain('\u001b');
  expect(existsSync(path.join(data, 'server'))).toBe(true);
}, 120_000);

test('demo: a directory with something in it, or a number out of range, is refused', async () => {
  await expect(command.run(['--data', path.dirname(root)])).rejects.toThrow('--data must name a new or empty directory');
  await expect(command.run(['--patients', '99', '--data', path.join(root, 'never')])).rejects.toThrow(
    '--patients must be a whole number from 100',
  );
  expect(existsSync(path.join(root, 'never'))).toBe(false);
});
