/**
 * Lines of one file on their way to their order, in bounded memory: pieces are put in order by themselves and laid aside (runs); then all of them are gone through
 * together, from bucket to bucket of the keys. Where the order of the input stays, runs are put one behind the other.
 * @module
 */
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import type { Made } from './treatment.ts';

/** Bytes of lines that are held until they are laid aside. */
const runBytes = 16 * 1024 * 1024;
/** Bytes of lines in a bucket, about: keys are spread evenly. */
const bucketBytes = 4 * 1024 * 1024;
const readBytes = 256 * 1024;
const keyBytes = 36;
const newline = Buffer.from('\n');

const inOrder = (a: Made, b: Made): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : Buffer.compare(a.bytes, b.bytes));

export class Runs {
  /** Files, in their order. */
  readonly files: string[] = [];
  readonly #path: string;
  readonly #keepsOrder: boolean;
  #held: Made[] = [];
  #bytes = 0;

  /** @param path of the files, without the number at the end */
  constructor(path: string, keepsOrder: boolean) {
    this.#path = path;
    this.#keepsOrder = keepsOrder;
  }

  add(made: Made): void {
    this.#held.push(made);
    this.#bytes += made.bytes.length;
    if (this.#bytes >= runBytes) this.layAside();
  }

  layAside(): void {
    if (this.#held.length === 0) return;
    const file = `${this.#path}.${this.files.length}`;
    const fd = openSync(file, 'w', 0o600);
    try {
      const whole = Buffer.concat(
        this.#ordered().flatMap(({ key, bytes }) => [Buffer.from(key.padEnd(keyBytes).slice(0, keyBytes)), bytes, newline]),
      );
      for (let at = 0; at < whole.length; ) at += writeSync(fd, whole, at);
    } finally {
      closeSync(fd);
    }
    this.files.push(file);
    this.#held = [];
    this.#bytes = 0;
  }

  /** Lines that are still held. */
  *rest(): Generator<Buffer> {
    for (const { bytes } of this.#ordered()) {
      yield bytes;
      yield newline;
    }
  }

  #ordered(): Made[] {
    return this.#keepsOrder ? this.#held : this.#held.sort(inOrder);
  }
}

/** All lines of these runs. */
export function* together(files: readonly string[], keepsOrder: boolean): Generator<Buffer> {
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const buckets = keepsOrder ? 1 : Math.max(1, Math.ceil(bytes / bucketBytes));
  if (keepsOrder) {
    for (const file of files) for (const made of new Cursor(file).until('~')) yield Buffer.concat([made.bytes, newline]);
    return;
  }
  const cursors = files.map(file => new Cursor(file));
  for (let bucket = 1; bucket <= buckets; bucket++) {
    const end =
      bucket === buckets
        ? '~'
        : Math.floor((2 ** 32 * bucket) / buckets)
            .toString(16)
            .padStart(8, '0');
    const met = cursors.flatMap(cursor => [...cursor.until(end)]).sort(inOrder);
    yield Buffer.concat(met.flatMap(({ bytes }) => [bytes, newline]));
  }
}

/** Reads a run from its beginning on, and holds no file open in between. */
class Cursor {
  readonly #file: string;
  #position = 0;
  #held: Buffer = Buffer.alloc(0);
  #at = 0;
  #next: Made | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Lines with smaller keys. */
  *until(end: string): Generator<Made> {
    for (;;) {
      this.#next ??= this.#read();
      if (this.#next === undefined || this.#next.key >= end) return;
      yield this.#next;
      this.#next = undefined;
    }
  }

  #read(): Made | undefined {
    let found = this.#held.indexOf(newline, this.#at);
    while (found < 0) {
      if (!this.#more()) return undefined;
      found = this.#held.indexOf(newline, this.#at);
    }
    const line = this.#held.subarray(this.#at, found);
    this.#at = found + 1;
    return { key: line.toString('latin1', 0, keyBytes), bytes: line.subarray(keyBytes) };
  }

  #more(): boolean {
    const fd = openSync(this.#file, 'r');
    try {
      const more = Buffer.allocUnsafe(readBytes);
      const n = readSync(fd, more, 0, readBytes, this.#position);
      this.#position += n;
      this.#held = Buffer.concat([this.#held.subarray(this.#at), more.subarray(0, n)]);
      this.#at = 0;
      return n > 0;
    } finally {
      closeSync(fd);
    }
  }
}
