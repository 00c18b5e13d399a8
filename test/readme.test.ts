// What README and CONTRIBUTING say is there, is there.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { settings } from '../src/config.ts';

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

test('docker-compose.yml: what it sets is a setting, and each volume and secret that a service names is declared', () => {
  const compose = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');
  const known = Object.values(settings).map(({ variable }) => variable);
  const environment = /\n {4}environment:\n((?: {6}.*\n)+)/.exec(compose)![1]!;
  const set = [...environment.matchAll(/^ {6}([A-Z_]+):/gm)].map(m => m[1]!);
  expect(set).toEqual(expect.arrayContaining(['STORE', 'KEYS', 'MASTER_KEY_FILE']));
  expect(set.filter(name => !known.includes(name))).toEqual(['NODE_OPTIONS']);
  const declared = (section: string) =>
    [...new RegExp(`\\n${section}:\\n((?: +.*\\n)+)`).exec(compose)![1]!.matchAll(/^ {2}([a-z\d_-]+):/gm)].map(m => m[1]!);
  const mounted = [...compose.matchAll(/([a-z\d-]+):\/data/g)].map(m => m[1]!);
  expect(mounted.sort()).toEqual(declared('volumes').sort());
  const secrets = [...compose.matchAll(/\/run\/secrets\/(\w+)/g)].map(m => m[1]!);
  expect(secrets.sort()).toEqual(declared('secrets').sort());
});
