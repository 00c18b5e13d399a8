// docs/security.md: every row names a test that is there
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const docs = path.join(import.meta.dirname, '../docs');
const page = readFileSync(path.join(docs, 'security.md'), 'utf8');
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| attack |'))
  .map(line => line.slice(2, -2).split(' | ') as [attack: string, stops: string, tests: string]);
const named = /\[([\w-]+)\]\((\.\.\/test\/[\w/-]+\.test\.ts)\) “([^”]+)”/g;

test.each(rows)('%s', (_attack, stops, tests) => {
  expect(stops).not.toBe('');
  const all = [...tests.matchAll(named)];
  expect(tests.replace(named, '').trim()).toBe('');
  expect(all.length).toBeGreaterThan(0);
  for (const [, name, file, title] of all) {
    expect([file, existsSync(path.join(docs, file!))]).toEqual([file, true]);
    expect(path.basename(file!)).toBe(`${name}.test.ts`);
    // A title is what stands before the function that is the test, or the group of tests.
    const titles = [
      ...readFileSync(path.join(docs, file!), 'utf8').matchAll(/(['"`])((?:(?!\1).)*)\1,\s*(?:async\s*)?(?:\(|\w+\s*=>)/g),
    ].map(one => one[2]!);
    expect([title, titles.some(one => one.includes(title!))]).toEqual([title, true]);
  }
});

test('every file of attacks is named', () => {
  const files = readdirSync(path.join(import.meta.dirname, 'http')).filter(file => file.startsWith('attack'));
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) expect(page).toContain(`../test/http/${file}`);
});
