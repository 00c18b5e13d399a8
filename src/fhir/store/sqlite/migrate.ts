/**
 * Files of the first format, in which a key was a person's alone and names stood in clear within the encrypted records: every version is stored anew under the keys and names
 * of today, in a second file that takes the place of the first when it is whole. The old keys are destroyed then: older copies of the data would bring erased persons back.
 * @module
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { open, openBody, openIndex } from '../block.ts';
import { type CommitRecord, State } from '../index/state.ts';
import { marked } from '../log/prepare.ts';
import { Bodies } from './bodies.ts';
import { databaseName, type Files, openFiles } from './files.ts';
import { type Adopted, Writer, type WriterParts } from './writer.ts';

/** Runs of blocks stored in one transaction. */
const atOnce = 1000;

/** Gives the new files, opened. Killed in between, it begins again at the next start. */
export async function migrate(
  old: Files,
  directory: string,
  synchronous: 'full' | 'normal',
  parts: Omit<WriterParts, 'files' | 'state' | 'bodies' | 'erased' | 'step'>,
): Promise<Files> {
  const { keyring } = parts;
  const next = path.join(directory, 'next');
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { mode: 0o700 });
  const files = openFiles(next, synchronous);
  const state = new State();
  const writer = new Writer({ ...parts, files, state, bodies: new Bodies(files, keyring, 0) });
  await writer.start();

  const register = keyring.keyFor('legal', 'register').key;
  const notes = [...old.notes()].map(({ number, body }) => JSON.parse(open(register, body, `note ${number}`).toString()) as CommitRecord);
  const sources = new Set(notes.flatMap(note => note.lists.map(line => line.source)));
  const used = new Set<number>();
  let batch: Adopted[][] = [];
  const store = (): void => {
    files.transaction(() => {
      for (const versions of batch) writer.adopt(versions);
    });
    batch = [];
  };
  for (const { number, key: id, index } of old.blocks()) {
    const key = keyring.key(id);
    if (!key) continue;
    used.add(id);
    let block = -1;
    let bytes: Buffer = Buffer.alloc(0);
    let offset = 0;
    const versions: Adopted[] = [];
    for (const [record, length, at] of openIndex(number, key, index)) {
      if (at !== block) {
        bytes = openBody(number + at, key, old.body(number + at)!.body);
        block = at;
        offset = 0;
      }
      const legal = sources.has(`${record.type}/${record.id}`) ? { legal: true as const } : {};
      versions.push({
        record: { ...record, mentions: marked(record.mentions, writer.mark), ...legal },
        bytes: bytes.subarray(offset, offset + length),
      });
      offset += length;
    }
    batch.push(versions);
    if (batch.length >= atOnce) store();
  }
  store();
  files.transaction(() => {
    for (const note of notes)
      writer.adoptNote({ ...note, lists: note.lists.map(line => ({ ...line, persons: line.persons.map(writer.mark) })) });
    for (const { key } of files.blocks()) used.delete(key);
    writer.adoptNote({ lists: [], retire: [...used] });
  });
  files.close();
  old.close();
  renameSync(path.join(next, databaseName), path.join(directory, databaseName));
  rmSync(next, { recursive: true });
  return openFiles(directory, synchronous);
}
