// What README and CONTRIBUTING say is there, is there.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '..');
const pages = ['README.md', 'CONTRIBUTING.md'].map(page => readFileSync(path.join(root, page), 'utf8'));

test('readme: every link inside the project leads somewhere', () => {
  const links = pages.flatMap(page => [...page.matchAll(/\]\(([^)#]+)/g)].map(m => m[1]!)).filter(link => !/^https?:/.test(link));
  expect(links.length).toBeGreaterThan(8);
  expect(links.filter(link => !existsSync(path.join(root, link)))).toEqual([]);
});

test('readme: every npm script and every command it names exists', () => {
  const scripts = Object.keys((JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts).concat(
    'ci',
    'install',
  );
  const named = pages
    .flatMap(page => [...page.matchAll(/\bnpm (?:run )?([a-z][a-z:]*)/g)].map(m => m[1]!))
    .filter(name => !['scripts'].includes(name));
  expect(named.filter(name => !scripts.includes(name) && name !== 'run')).toEqual([]);
  const commands = pages.flatMap(page => [...page.matchAll(/\bnoren ([a-z]+)/g)].map(m => m[1]!));
  expect(commands.length).toBeGreaterThan(3);
  expect(commands.filter(name => !existsSync(path.join(root, 'src/commands', `${name}.ts`)))).toEqual([]);
});
