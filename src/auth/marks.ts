/**
 * What was used or called back already. One empty file per key, made with O_EXCL: of two processes one wins, and a restart forgets nothing.
 * The name is a hash: no claim of a client reaches the file system.
 * SMART: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#signature-verification (jti), RFC 7523 §3, RFC 7009
 * @module
 */
import { hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeDirectory } from './files.ts';

export interface Marks {
  /** True the first time, false ever after (as long as what is marked can live). */
  claim(key: string): boolean;
  /** Answered from memory, since it is asked at every request: what was there at the start, and what this process marked. One process serves a data directory (`noren.lock`). */
  has(key: string): boolean;
}

/** @param lifeSeconds how long what is marked can be valid at most; older files are swept away */
export function openMarks(directory: string, lifeSeconds: number, now: () => number = Date.now): Marks {
  makeDirectory(directory);
  const nameOf = (key: string) => hash('sha256', key, 'hex');
  const known = new Set<string>();
  let swept = Number.NEGATIVE_INFINITY;
  const sweep = (): void => {
    swept = now();
    for (const name of readdirSync(directory)) {
      const file = path.join(directory, name);
      const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      // Twice the life: the file system's clock need not be ours.
      if (made !== undefined && made < swept - lifeSeconds * 2000) {
        rmSync(file, { force: true });
        known.delete(name);
      } else known.add(name);
    }
  };
  sweep();
  return {
    claim(key) {
      if (now() - swept > 60_000) sweep();
      const name = nameOf(key);
      try {
        closeSync(openSync(path.join(directory, name), 'wx', 0o600));
        known.add(name);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
    },
    has: key => known.size > 0 && known.has(nameOf(key)),
  };
}
