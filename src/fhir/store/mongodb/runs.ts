/**
 * The runs of blocks that the log names, for what takes their values anew (log/renewal.ts). Every process does it for its memory; whoever comes first stores the records.
 * @module
 */
import { openIndex, sealIndex } from '../block.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import type { Runs, StoredRun } from '../log/renewal.ts';
import type { Collections, LogEntry } from './collections.ts';
import { indexPlace, type Replica } from './replica.ts';

interface Run extends StoredRun {
  readonly entry: LogEntry;
  /** Number of the run in its entry. */
  readonly at: number;
}

export const runsIn = (collections: Collections, keyring: SharedKeyring, replica: () => Replica): Runs<Run> => ({
  async after(last) {
    // The rest of an entry that was not read to its end comes again.
    for (let number = last ? last.entry.number - 1 : 0; ; ) {
      const { entries } = await collections.after(number);
      const applied = entries.filter(entry => entry.number <= replica().applied);
      const runs = applied.flatMap(entry =>
        entry.runs.flatMap(({ key: id, index }, at): Run[] => {
          const key = keyring.key(id);
          if (!key || (last && entry.number === last.entry.number && at <= last.at)) return [];
          return [{ entry, at, entries: () => openIndex(indexPlace(entry, at), key, index) }];
        }),
      );
      if (runs.length > 0 || applied.length === 0) return runs;
      number = applied.at(-1)!.number;
    }
  },

  async put(changed) {
    const byEntry = Map.groupBy(changed, ([{ entry }]) => entry);
    const put = [...byEntry].map(([entry, some]) => {
      const indexes = some.flatMap(([{ at }, entries]): [number, Buffer][] => {
        const { key: id } = entry.runs[at]!;
        const key = keyring.key(id);
        return key ? [[at, sealIndex(indexPlace(entry, at), key, entries)]] : [];
      });
      return collections.reindex(entry, new Map(indexes));
    });
    return (await Promise.all(put)).every(done => done);
  },
});
