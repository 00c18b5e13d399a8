/**
 * A store in files, as it is carried. Places: the last block, the last note; all blocks come before all notes, as at a start.
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { seal, sealAt } from '../block.ts';
import type { CommitRecord } from '../index/state.ts';
import { keyFile } from '../keys/keyring.ts';
import { secretsOf } from '../keys/secrets.ts';
import { databaseName, type Files, openFiles, type StoredBlock } from '../sqlite/files.ts';
import {
  blocksOf,
  carriedOf,
  entriesOf,
  type Last,
  type Note,
  noteAt,
  otherStore,
  type Piece,
  type Place,
  pieceBlocks,
  type Run,
  registerOf,
  type Side,
  unsealed,
} from './side.ts';
import { keysInFile } from './sqlite-keys.ts';

/** Notes of a piece. */
const pieceNotes = 1000;

/** Whether a directory of a store holds one, or keys of one. */
export const holdsFiles = ({ store, keys }: { readonly store: string; readonly keys: string }): { store: boolean; keys: boolean } => ({
  store: existsSync(path.join(store, databaseName)),
  keys: existsSync(path.join(keys, keyFile)),
});

export interface FileSide {
  /** Directory of the blocks, and of the keys. */
  readonly store: string;
  readonly keys: string;
  readonly master: Buffer;
  /** The mark that another store is being carried into this one; it is kept where a server looks before it opens anything. */
  readonly mark: {
    readonly set: (from: string, until: Place) => void;
    readonly isSet: (from: string, until: Place) => boolean;
    readonly takeAway: () => void;
  };
}

export function fileSide({ store, keys: keysAt, master, mark }: FileSide): Side {
  const keys = keysInFile(keysAt, master);
  let files: Files | undefined;
  let register: Buffer | undefined;
  const opened = (): Files => {
    files ??= openFiles(store, 'full');
    if (files.isOld) throw new Error('The files are of an earlier format: start a server on them once, it stores them anew.');
    return files;
  };
  const registerHere = async (): Promise<Buffer> => (register ??= await registerOf(keys, secretsOf((await keys.root())!)));

  async function* notes(after: number): AsyncIterable<{ readonly number: number; readonly record: CommitRecord }> {
    const key = await registerHere();
    for (const { number, body } of opened().notes(after)) yield { number, record: noteAt(key, body, `note ${number}`) };
  }

  async function* runs(after: number): AsyncIterable<{ readonly run: Run; readonly last: number }> {
    const bodies = opened();
    for (const block of bodies.blocks(after)) {
      const run = await runOf(block);
      if (!run) continue;
      const { number } = block;
      const blocks = Array.from({ length: blocksOf(run.entries) }, (_, i) =>
        unsealed('body', number + i, run.secret, bodies.body(number + i)!.body),
      );
      yield { run: { ...run, blocks }, last: number + blocks.length - 1 };
    }
  }

  /** Without its bodies; undefined: nothing of it is left. */
  async function runOf({ number, key, index }: StoredBlock): Promise<Omit<Run, 'blocks'> | undefined> {
    const secret = (await keys.some([key])).get(key);
    if (!secret) return undefined;
    const packed = unsealed('index', number, secret, index);
    const entries = entriesOf(packed);
    return entries.length === 0 ? undefined : { key, secret, entries, index: packed };
  }

  return {
    keys,
    numbersKeys: true,

    end: async () => [opened().lastBlock(), opened().lastNote()],

    async survey() {
      let last: Last = [0, 0];
      const take = ([seq, time]: Last): void => {
        last = [Math.max(last[0], seq), Math.max(last[1], time)];
      };
      const unfinished = new Set<number>();
      for await (const { number, record } of notes(0)) {
        if (record.last) take(record.last);
        if (record.erase ?? record.retire) unfinished.add(number);
        if (record.done !== undefined) unfinished.delete(record.done);
      }
      for (const block of opened().lastBlocks()) {
        const run = await runOf(block);
        if (!run) continue;
        const [{ seq, time }] = run.entries.at(-1)!;
        take([seq, time]);
        break;
      }
      return { last, unfinished: unfinished.size > 0, half: opened().carried() !== undefined };
    },

    async *pieces([block, note]) {
      let held: Run[] = [];
      let number = 0;
      let upTo = block;
      for await (const { run, last } of note > 0 ? [] : runs(block)) {
        if (held.length > 0 && number + run.blocks.length > pieceBlocks) {
          yield { runs: held, notes: [], upTo: [upTo, 0] } satisfies Piece;
          held = [];
          number = 0;
        }
        held.push(run);
        number += run.blocks.length;
        upTo = last;
      }
      if (held.length > 0) yield { runs: held, notes: [], upTo: [upTo, 0] } satisfies Piece;
      const end = opened().lastBlock();
      let some: Note[] = [];
      let last = note;
      for await (const { number: at, record } of notes(note)) {
        const carried = carriedOf(record);
        if (carried) some.push(carried);
        last = at;
        if (some.length < pieceNotes) continue;
        yield { runs: [], notes: some, upTo: [end, last] } satisfies Piece;
        some = [];
      }
      if (some.length > 0) yield { runs: [], notes: some, upTo: [end, last] } satisfies Piece;
    },

    editions: async () => opened().editions(),

    async begin(from, until) {
      const there = holdsFiles({ store, keys: keysAt });
      if (!mark.isSet(from, until)) {
        if (there.store || there.keys) throw new Error(otherStore);
        mark.set(from, until);
      }
      const target = opened();
      const place = target.carried();
      if (place) return place;
      // All of it was here, and only the mark was left.
      if (target.lastBlock() + target.lastNote() > 0) return [until[0], until[1] + 1];
      target.transaction(() => target.setCarried([0, 0]));
      return [0, 0];
    },

    async take({ runs: some, notes: lines, upTo }) {
      const target = opened();
      const key = await registerHere();
      target.transaction(() => {
        for (const { key: id, secret, index, blocks } of some) {
          const first = target.lastBlock() + 1;
          blocks.forEach((packed, i) => {
            const number = first + i;
            target.putBlock(number, id, i === 0 ? sealAt('index', number, secret, index) : null, sealAt('body', number, secret, packed));
          });
        }
        for (const line of lines) putNote(target, key, line);
        target.setCarried(upTo);
      });
    },

    async takeEditions(editions) {
      for (const [mark, definitions] of editions) opened().putEdition(mark, definitions);
    },

    async complete(last, upTo) {
      const target = opened();
      const key = await registerHere();
      target.transaction(() => {
        putNote(target, key, { lists: [], last });
        target.setCarried(upTo);
      });
    },

    async open() {
      opened().setCarried(undefined);
      opened().settle();
      mark.takeAway();
    },

    async close() {
      files?.close();
      await keys.close();
    },
  };
}

function putNote(files: Files, key: Buffer, record: CommitRecord): void {
  const number = files.lastNote() + 1;
  files.putNote(number, seal(key, Buffer.from(JSON.stringify(record)), `note ${number}`));
}
