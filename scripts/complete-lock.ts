/**
 * Completes package-lock.json: every platform build that a package names as optional gets its entry, so that `npm ci` takes the lock on every
 * platform. (`npm install` leaves out the builds that its registry lacks, and `npm ci` then refuses the lock.)
 * Run after each `npm install`: `node scripts/complete-lock.ts`. npm: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 * @module
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Entry {
  version?: string;
  integrity?: string;
  license?: string;
  bin?: unknown;
  cpu?: string | string[];
  os?: string | string[];
  libc?: string | string[];
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

export interface Lock {
  packages: Record<string, Entry>;
}

export interface Missing {
  /** The package that names it; '' is this project. */
  readonly by: string;
  readonly name: string;
  readonly version: string;
}

/** Where Node would find `name` from the package at `from`: its own node_modules, then those above. */
function place(lock: Lock, from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${at === '' ? '' : at + '/'}node_modules/${name}`;
    if (lock.packages[candidate] !== undefined) return candidate;
    if (at === '') return undefined;
  }
}

/** Optional dependencies that no entry of the lock stands for. */
export const missing = (lock: Lock): Missing[] =>
  Object.entries(lock.packages).flatMap(([by, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => place(lock, by, name) === undefined)
      .map(([name, version]) => ({ by, name, version })),
  );

const systems: Record<string, string> = {
  android: 'android',
  darwin: 'darwin',
  linux: 'linux',
  win: 'win32',
  windows: 'win32',
  win32: 'win32',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
};
const processors = new Set(['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64']);
const libraries: Record<string, string> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** os, cpu and libc as the names of platform builds say them: `@biomejs/cli-linux-arm64-musl`. */
export function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const parts = name.replace(/^@[^/]+\//, '').split('-');
  const os = parts.map(p => systems[p]).find(s => s !== undefined);
  const cpu = parts.find(p => processors.has(p));
  const libc = parts.map(p => libraries[p]).find(l => l !== undefined);
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(os === undefined ? {} : { os: [os] }),
  };
}

/** What the registry says of one version; undefined: it has none. */
function published(name: string, version: string): Entry | undefined {
  try {
    const answer = execFileSync(
      'npm',
      ['view', `${name}@${version}`, 'name', 'os', 'cpu', 'libc', 'dist.integrity', 'license', 'bin', '--json'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        shell: process.platform === 'win32',
      },
    );
    const { os, cpu, libc, license, bin, 'dist.integrity': integrity } = JSON.parse(answer) as Entry & { 'dist.integrity'?: string };
    return JSON.parse(JSON.stringify({ integrity, cpu, libc, license, os, bin })) as Entry;
  } catch {
    return undefined;
  }
}

/** The lock with its missing entries; what the registry does not have is described by its name alone. */
export function complete(lock: Lock, ask: (name: string, version: string) => Entry | undefined): Lock {
  const packages = { ...lock.packages };
  for (const { by, name, version } of missing(lock)) {
    const { integrity, license, bin, ...platform }: Entry = ask(name, version) ?? platformOf(name);
    packages[`node_modules/${name}`] = {
      // A lock names one version: of a range, the one it begins with.
      version: version.replace(/^[\^~]/, ''),
      ...(integrity === undefined ? {} : { integrity }),
      ...platform,
      ...(packages[by]?.dev === true ? { dev: true } : {}),
      ...(license === undefined ? {} : { license }),
      optional: true,
      ...(bin === undefined ? {} : { bin }),
    };
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

if (import.meta.main) {
  const root = path.resolve(import.meta.dirname, '..');
  const file = path.join(root, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
  const { optionalDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Entry;
  lock.packages[''] = { ...lock.packages[''], ...(optionalDependencies === undefined ? {} : { optionalDependencies }) };
  const absent = missing(lock).length;
  writeFileSync(file, JSON.stringify(complete(lock, published), null, 2) + '\n');
  process.stdout.write(`package-lock.json: ${absent} optional entries added\n`);
}
