/**
 * The load of the benchmarks: bundles as a hospital's EMR posts them, made by the generator; or, with a folder as argument, the transaction bundles found there.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Load {
  readonly bundles: readonly Buffer[];
  readonly resources: number;
  readonly bytes: number;
}

/** @param folder read recursively and in order; absent: `patients` generated patients of hospital-1 */
export function load(patients: number, folder?: string): Load {
  const made = folder ?? generated(patients);
  const read = (file: string): Buffer => (file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file));
  const bundles = readdirSync(made, { recursive: true })
    .map(String)
    .filter(name => /\.json(\.gz)?$/.test(name))
    .sort()
    .map(name => read(path.join(made, name)));
  if (folder === undefined) rmSync(path.dirname(made), { recursive: true, force: true });
  const resources = bundles.reduce((n, bundle) => n + (JSON.parse(bundle.toString()) as { entry?: unknown[] }).entry!.length, 0);
  return { bundles, resources, bytes: bundles.reduce((n, bundle) => n + bundle.length, 0) };
}

function generated(patients: number): string {
  const out = mkdtempSync(path.join(os.tmpdir(), 'noren-bench-load-'));
  execFileSync(
    process.execPath,
    [path.join(import.meta.dirname, '../src/main.ts'), 'generate', '--patients', String(patients), '--seed', '1', '--out', out],
    { stdio: 'ignore' },
  );
  return path.join(out, 'hospital-1');
}
