/**
 * The runs of blocks in the database file, for what takes their values anew (log/renewal.ts).
 * @module
 */
import { openIndex, sealIndex } from '../block.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Runs, StoredRun } from '../log/renewal.ts';
import type { Files } from './files.ts';

interface Run extends StoredRun {
  /** Of its first block. */
  readonly number: number;
  readonly key: number;
  /** Its index as it was read. */
  readonly sealed: Buffer;
}

/** Read at once. */
const most = 100;

export const runsIn = (files: Files, keyring: Keyring): Runs<Run> => ({
  after(last) {
    for (let number = last?.number ?? 0; ; ) {
      const stored = files.runsAfter(number, most);
      // What is under a destroyed key is not in memory either.
      const runs = stored.flatMap(({ number, key: id, index }): Run[] => {
        const key = keyring.key(id);
        return key ? [{ number, key: id, sealed: index, entries: () => openIndex(number, key, index) }] : [];
      });
      if (runs.length > 0 || stored.length === 0) return runs;
      number = stored.at(-1)!.number;
    }
  },

  put(changed) {
    if (changed.some(([{ number, key, sealed }]) => !keyring.key(key) || !files.index(number).equals(sealed))) return false;
    files.transaction(() => {
      for (const [{ number, key }, entries] of changed) files.rewriteIndex(number, sealIndex(number, keyring.key(key)!, entries));
    });
    return true;
  },
});
