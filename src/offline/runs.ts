/**
 * Lines of one file on their way to their order, in bounded memory: pieces are put in order by themselves and laid aside (runs); then ranges of the keys are gone through,
 * each over all runs, by whoever is free: where a range stands in the file is known from the runs. Where the order of the input stays, runs are put one behind the other.
 * @module
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Made } from './treatment.ts';

/** Bytes of lines that are held until they are laid aside. */
const runBytes = 8 * 1024 * 1024;
/** Bytes of lines that are put in order at a time, about: keys are spread evenly. */
const rangeBytes = 8 * 1024 * 1024;
/** Hexadecimal digits of the key by which a run tells where they stand. */
const toldDigits = 3;
const keyBytes = 36;
const newline = 0x0a;

/** What was laid aside of a file. */
export interface Run {
  readonly file: string;
  readonly bytes: number;
  /** Where the lines of each beginning of a key end; absent: in the order of the input, and without keys. */
  readonly ends?: Uint32Array<ArrayBuffer>;
  /** And how many lines there are up to there. */
  readonly lines?: Uint32Array<ArrayBuffer>;
}

/** Lines of some runs that stand together in the file. */
export interface Range {
  readonly parts: readonly { readonly file: string; readonly from: number; readonly to: number }[];
  /** Where they begin in the file. */
  readonly at: number;
  /** They have keys, and are to be put in their order. */
  readonly keyed: boolean;
}

/** Where lines are held: one for all files of a worker, since it does one after the other. */
export class Lines {
  bytes = Buffer.allocUnsafeSlow(1 << 20);
  end = 0;

  /** Makes room. */
  need(bytes: number): void {
    if (this.end + bytes <= this.bytes.length) return;
    const more = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.end + bytes));
    this.bytes.copy(more, 0, 0, this.end);
    this.bytes = more;
  }

  add(text: string | Buffer): void {
    if (typeof text === 'string') {
      this.need(text.length * 3 + 1);
      this.end += this.bytes.write(text, this.end);
    } else {
      this.need(text.length + 1);
      this.end += text.copy(this.bytes, this.end);
    }
    this.bytes[this.end++] = newline;
  }
}

export class Runs {
  readonly laid: Run[] = [];
  readonly #path: string;
  readonly #keepsOrder: boolean;
  readonly #held: Lines;
  readonly #ordered: Lines;
  #keys: string[] = [];
  /** Where lines begin, and at the end where the last one ends. */
  #starts: number[] = [0];

  /** @param path of the files, without the number at the end @param space of nobody else until `layAside` or `whole` */
  constructor(path: string, keepsOrder: boolean, space: readonly [Lines, Lines]) {
    this.#path = path;
    this.#keepsOrder = keepsOrder;
    [this.#held, this.#ordered] = space;
    this.#held.end = 0;
  }

  add({ key, text }: Made): void {
    this.#held.add(text);
    this.#keys.push(key);
    this.#starts.push(this.#held.end);
    if (this.#held.end >= runBytes) this.layAside();
  }

  layAside(): void {
    if (this.#keys.length === 0) return;
    const file = `${this.#path}.${this.laid.length}`;
    const bytes = this.#keepsOrder ? this.whole() : this.#inOrder(true);
    const fd = openSync(file, 'w', 0o600);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    this.laid.push({ file, bytes: bytes.length, ...(this.#keepsOrder ? {} : this.#told()) });
    this.#keys = [];
    this.#starts = [0];
    this.#held.end = 0;
  }

  /** Lines that are still held, as they stand in the file. */
  whole(): Buffer {
    return this.#keepsOrder ? this.#held.bytes.subarray(0, this.#held.end) : this.#inOrder(false);
  }

  #inOrder(keyed: boolean): Buffer {
    const { bytes } = this.#held;
    const order = Array.from(this.#keys.keys()).sort((a, b) => {
      const [one, other] = [this.#keys[a]!, this.#keys[b]!];
      if (one !== other) return one < other ? -1 : 1;
      return Buffer.compare(this.#line(a), this.#line(b));
    });
    const out = this.#ordered;
    out.end = 0;
    out.need(this.#held.end + (keyed ? keyBytes * order.length : 0));
    for (const line of order) {
      if (keyed) out.end += out.bytes.write(this.#keys[line]!, out.end, 'latin1');
      out.end += bytes.copy(out.bytes, out.end, this.#starts[line]!, this.#starts[line + 1]!);
    }
    return out.bytes.subarray(0, out.end);
  }

  #line(number: number): Buffer {
    return this.#held.bytes.subarray(this.#starts[number]!, this.#starts[number + 1]!);
  }

  #told(): Pick<Required<Run>, 'ends' | 'lines'> {
    const ends = new Uint32Array(16 ** toldDigits);
    const lines = new Uint32Array(ends.length);
    for (const [line, key] of this.#keys.entries()) {
      const beginning = Number.parseInt(key.slice(0, toldDigits), 16);
      ends[beginning]! += this.#starts[line + 1]! - this.#starts[line]! + keyBytes;
      lines[beginning]! += 1;
    }
    for (let i = 1; i < ends.length; i++) {
      ends[i]! += ends[i - 1]!;
      lines[i]! += lines[i - 1]!;
    }
    return { ends, lines };
  }
}

/** All lines of these runs, in ranges that follow one another in the file. */
export function* rangesOf(runs: readonly Run[]): Generator<Range> {
  let at = 0;
  if (runs[0]?.ends === undefined) {
    for (const { file, bytes } of runs) {
      yield { parts: [{ file, from: 0, to: bytes }], at, keyed: false };
      at += bytes;
    }
    return;
  }
  const beginnings = 16 ** toldDigits;
  const from = new Uint32Array(runs.length);
  let lines = 0;
  let before = 0;
  for (let beginning = 0; beginning < beginnings; beginning++) {
    const bytes = runs.reduce((sum, { ends }) => sum + ends![beginning]!, 0);
    const isLast = beginning === beginnings - 1;
    if (bytes - before < rangeBytes && !isLast) continue;
    const parts = runs.map(({ file, ends }, i) => ({ file, from: from[i]!, to: ends![beginning]! })).filter(part => part.to > part.from);
    if (parts.length > 0) yield { parts, at, keyed: true };
    const now = runs.reduce((sum, run) => sum + run.lines![beginning]!, 0);
    at += bytes - before - (now - lines) * keyBytes;
    [before, lines] = [bytes, now];
    for (const [i, { ends }] of runs.entries()) from[i] = ends![beginning]!;
  }
}

/** The lines of a range, as they stand in the file; good until the next is asked for. */
export function together({ parts, keyed }: Range, [read, ordered]: readonly [Lines, Lines]): Buffer {
  read.end = 0;
  read.need(parts.reduce((sum, { from, to }) => sum + to - from, 0));
  for (const { file, from, to } of parts) {
    const fd = openSync(file, 'r');
    try {
      for (let at = from; at < to; ) {
        const n = readSync(fd, read.bytes, read.end, to - at, at);
        if (n === 0) throw new Error('what was laid aside is shorter than it was');
        at += n;
        read.end += n;
      }
    } finally {
      closeSync(fd);
    }
  }
  const bytes = read.bytes.subarray(0, read.end);
  if (!keyed) return bytes;
  const lines: { readonly key: string; readonly from: number; readonly to: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const to = bytes.indexOf(newline, at) + 1;
    lines.push({ key: bytes.toString('latin1', at, at + keyBytes), from: at + keyBytes, to });
    at = to;
  }
  lines.sort((a, b) =>
    a.key < b.key ? -1 : a.key > b.key ? 1 : Buffer.compare(bytes.subarray(a.from, a.to), bytes.subarray(b.from, b.to)),
  );
  ordered.end = 0;
  ordered.need(read.end);
  for (const { from, to } of lines) ordered.end += bytes.copy(ordered.bytes, ordered.end, from, to);
  return ordered.bytes.subarray(0, ordered.end);
}
