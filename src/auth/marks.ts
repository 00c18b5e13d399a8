/**
 * What was used or called back already. One empty file per key, made with O_EXCL: of two processes one wins, and a restart forgets nothing.
 * The name is a hash: no claim of a client reaches the file system.
 * SMART: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#signature-verification (jti), RFC 7523 §3, RFC 7009
 * @module
 */
import { hash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeDirectory } from './files.ts';

export interface Marks {
  /** True the first time, false ever after (as long as what is marked can live). */
  claim(key: string): boolean;
  /** Under which name a key is marked: worked out once where it is asked for again and again. */
  nameOf(key: string): string;
  hasNamed(name: string): boolean;
}

/** @param lifeSeconds how long what is marked can be valid at most; older files are swept away */
export function openMarks(directory: string, lifeSeconds: number, now: () => number = Date.now): Marks {
  makeDirectory(directory);
  const nameOf = (key: string) => path.join(directory, hash('sha256', key, 'hex'));
  let swept = Number.NEGATIVE_INFINITY;
  const sweep = (): void => {
    swept = now();
    for (const name of readdirSync(directory)) {
      const file = path.join(directory, name);
      const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      // Twice the life: the file system's clock need not be ours.
      if (made !== undefined && made < swept - lifeSeconds * 2000) rmSync(file, { force: true });
    }
  };
  sweep();
  return {
    claim(key) {
      if (now() - swept > 60_000) sweep();
      try {
        closeSync(openSync(nameOf(key), 'wx', 0o600));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
    },
    nameOf,
    hasNamed: existsSync,
  };
}
