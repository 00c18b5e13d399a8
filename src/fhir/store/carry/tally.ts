/**
 * What a store holds, in numbers and hashes, read from it piece by piece: the same of two stores says that they hold the same. The hashes are keyed by the root of the keys: who has not the keys
 * learns nothing from them.
 * @module
 */
import { createHmac } from 'node:crypto';
import { unpack } from '../block.ts';
import { secretsOf } from '../keys/secrets.ts';
import type { Note, Place, Run, Side } from './side.ts';

/** Name → what is compared, in words. */
export type Tally = ReadonlyMap<string, string>;

interface Counted {
  versions: number;
  deletions: number;
  /** id → whether it is deleted now. */
  readonly resources: Map<string, boolean>;
}

/**
 * @param at told how far it is
 * @throws Error where a piece does not open, or is not whole
 */
export async function tallyOf(side: Side, at: (place: Place) => void = () => {}): Promise<Tally> {
  const root = await side.keys.root();
  if (!root) throw new Error('There is no store.');
  const hashOf = () => createHmac('sha256', secretsOf(root).secret('migrate'));
  const [versions, notes, keys, stones] = [hashOf(), hashOf(), hashOf(), hashOf()];
  const types = new Map<string, Counted>();
  const lines = new Map<string, Set<string>>();
  const books = new Map<string, number>();
  let receipts = 0;

  const takeRun = ({ entries, index, blocks }: Run): void => {
    const bodies = blocks.map(unpack);
    bodies.forEach((body, i) => {
      const told = entries.reduce((sum, [, length, block]) => sum + (block === i ? length : 0), 0);
      if (told !== body.length) throw new Error('A block does not hold what its index says.');
    });
    for (const part of [unpack(index), ...bodies]) versions.update(part);
    for (const [{ type, id }, length] of entries) {
      const counted = types.get(type) ?? { versions: 0, deletions: 0, resources: new Map<string, boolean>() };
      types.set(type, counted);
      counted.versions++;
      if (length === 0) counted.deletions++;
      counted.resources.set(id, length === 0);
    }
  };
  const takeNote = (note: Note): void => {
    notes.update(JSON.stringify([note.lists, note.entries ?? [], note.receipt ?? null]));
    for (const { list, source } of note.lists) lines.set(list, (lines.get(list) ?? new Set()).add(source));
    for (const { book } of note.entries ?? []) books.set(book, (books.get(book) ?? 0) + 1);
    if (note.receipt) receipts++;
  };

  for await (const piece of side.pieces([0, 0])) {
    piece.runs.forEach(takeRun);
    piece.notes.forEach(takeNote);
    at(piece.upTo);
  }
  const each: Buffer[] = [];
  for await (const some of side.keys.all()) for (const { owner, key } of some) each.push(hashOf().update(owner).update(key).digest());
  for (const one of each.sort(Buffer.compare)) keys.update(one);
  const graves = await side.keys.stones();
  for (const { name, text } of graves) stones.update(JSON.stringify([name, text]));
  const { last } = await side.survey();

  const tally = new Map<string, string>();
  const sorted = <T>(some: ReadonlyMap<string, T>): [string, T][] => [...some].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [type, { versions: all, deletions, resources }] of sorted(types)) {
    const current = [...resources.values()].filter(deleted => !deleted).length;
    tally.set(type, `${all} versions, ${current} current, ${deletions} deletions`);
  }
  for (const [list, sources] of sorted(lines)) tally.set(`list ${list}`, `${sources.size} lines`);
  for (const [book, entries] of sorted(books)) tally.set(`book ${book}`, `${entries} entries`);
  tally.set('receipts', String(receipts));
  tally.set('tombstones', String(graves.length));
  tally.set('data keys', String(each.length));
  tally.set('last version', `number ${last[0]}, ${new Date(last[1]).toISOString()}`);
  const hashes = { versions, 'lists, books, receipts': notes, keys, tombstones: stones };
  for (const [what, hash] of Object.entries(hashes)) tally.set(`hash of ${what}`, hash.digest('hex'));
  return tally;
}

/** Names under which two tallies do not say the same. */
export const differences = (a: Tally, b: Tally): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter(name => a.get(name) !== b.get(name));
