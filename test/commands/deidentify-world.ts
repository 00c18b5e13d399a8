/**
 * The command as it is called: processes, files, keys; and a small input, in which everybody has a name that must not come out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const main = path.resolve(import.meta.dirname, '../../src/main.ts');
export const now = '2026-04-01T00:00:00Z';

export interface Said {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** @param input what it reads from standard input */
export async function noren(args: readonly string[], environment: Record<string, string> = {}, input = ''): Promise<Said> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, NODE_ENV: 'test', ...environment } });
  // Whoever refuses does not read it.
  child.stdin.on('error', () => {}).end(input);
  let [out, err] = ['', ''];
  child.stdout.on('data', data => {
    out += data;
  });
  child.stderr.on('data', data => {
    err += data;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, out, err };
}

export function keysIn(root: string, fill: number, name = `keys-${fill}.json`): string {
  const file = path.join(root, name);
  writeFileSync(file, JSON.stringify({ secret: Buffer.alloc(32, fill).toString('base64') }), { mode: 0o600 });
  return file;
}

/** Files below a directory → what is in them, uncompressed. */
export const filesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => {
        const file = path.join(entry.parentPath, entry.name);
        const bytes = readFileSync(file);
        return [path.relative(folder, file), (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export type Resource = Record<string, unknown> & { resourceType: string; id: string };
export const linesOf = (text: string | undefined): Resource[] =>
  (text ?? '')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Resource);

export const number = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: '00990099' };

/** One person with a record in each of two files, another person, and what is about them, about nobody and about a stranger. */
export function writeInput(folder: string): void {
  mkdirSync(path.join(folder, 'b'), { recursive: true });
  const put = (name: string, resources: readonly object[]): void =>
    writeFileSync(path.join(folder, name), resources.map(one => `${JSON.stringify(one)}\n`).join(''));
  put('a.ndjson', [
    {
      resourceType: 'Patient',
      id: 'one',
      identifier: [number],
      name: [{ text: 'CANARY Taro' }],
      birthDate: '1980-05-17',
      gender: 'unknown',
    },
    { resourceType: 'Patient', id: 'two', name: [{ text: 'CANARY Hanako' }], birthDate: '1990-01-02', gender: 'female' },
  ]);
  put('b/patients.ndjson', [{ resourceType: 'Patient', id: 'uno', identifier: [number], gender: 'male', birthDate: '1980-05-17' }]);
  const code = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] };
  const observation = (id: string, patient: string, date: string, more: object = {}) => ({
    ...{ resourceType: 'Observation', id, status: 'final', code, subject: { reference: `Patient/${patient}` }, effectiveDateTime: date },
    ...more,
  });
  put('b/observations.ndjson', [
    observation('o1', 'one', '2020-01-01', { encounter: { reference: 'Encounter/e1' } }),
    observation('o2', 'uno', '2020-01-31', { encounter: { reference: 'Encounter/elsewhere' } }),
    observation('o3', 'two', '2020-03-01'),
    observation('o4', 'stranger', '2020-03-01', { note: [{ text: 'CANARY stranger' }] }),
  ]);
  put('encounters.ndjson', [
    { resourceType: 'Encounter', id: 'e1', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/uno' } },
    { resourceType: 'Practitioner', id: 'dr', name: [{ text: 'CANARY doctor' }] },
  ]);
}
