/** The material beside the checkout that slow tests need: there or loudly not. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from '@jest/globals';

export const shared = path.resolve(import.meta.dirname, '../../../../shared');

/** `describe` of a slow test: runs with NOREN_SLOW=1 and `../shared`, else says that it does not. */
export function slow(name: string, body: () => void): void {
  const reason = process.env['NOREN_SLOW'] !== '1' ? 'NOREN_SLOW is not 1' : existsSync(shared) ? undefined : '../shared is not there';
  if (reason !== undefined) console.warn(`SKIPPED: ${name}: ${reason}`);
  (reason === undefined ? describe : describe.skip)(name, body);
}

/** HL7's own R4 examples package, unpacked for as long as `use` runs: [file, text], sorted. */
export function hl7Examples(folder: 'json' | 'json-twin-of-xml', wanted: (file: string) => boolean): [string, string][] {
  const place = mkdtempSync(path.join(tmpdir(), 'hl7-'));
  try {
    execFileSync('tar', ['xzf', path.join(shared, 'data/hl7-r4-examples.tar.gz'), '-C', place, folder]);
    const files = readdirSync(path.join(place, folder)).filter(
      file => file.endsWith('.json') && !file.startsWith('.') && file !== 'package.json' && wanted(file),
    );
    return files.sort().map(file => [file, readFileSync(path.join(place, folder, file), 'utf8')]);
  } finally {
    rmSync(place, { recursive: true });
  }
}
