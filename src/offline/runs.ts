/**
 * Lines of one file on their way to their order, in bounded memory: pieces are put in order by themselves and laid aside (runs); then ranges of the keys are gone through,
 * each over all runs, by whoever is free: where a range stands in the file is known from the sums of the runs, where it stands in a run is told at that run's end.
 * Where the order of the input stays, runs are put one behind the other.
 * @module
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { Made } from './treatment.ts';

/** Bytes of lines that are held until they are laid aside. */
const runBytes = 8 * 1024 * 1024;
/** Bytes of lines that are put in order at a time, about: keys are spread evenly. */
const rangeBytes = 8 * 1024 * 1024;
/** Beginnings of a key, its first three hexadecimal digits, by which a run tells where they stand. */
const beginnings = 16 ** 3;
const beginningOf = (key: string): number => Number.parseInt(key.slice(0, 3), 16);
const keyBytes = 36;
const newline = 0x0a;

/** What was laid aside. */
export interface Run {
  /** Of its lines, and of their keys. */
  readonly bytes: number;
  /** Absent: lines are in the order of the input, and without keys. */
  readonly keyed?: {
    /** Of the lines of each beginning of a key, and of their keys. */
    readonly bytes: Uint32Array<ArrayBuffer>;
    /** How many there are. */
    readonly lines: Uint32Array<ArrayBuffer>;
  };
}

/** Lines that stand together in the file: of some beginnings of keys in all runs, or one run of one piece. */
export type Range = {
  /** Where they begin in the file. */
  readonly at: number;
} & ({ readonly from: number; readonly to: number } | { readonly piece: number; readonly run: number });

/** @param beginning of the runs' names, before the number of the piece */
export const runFile = (beginning: string, piece: number, run: number): string => `${beginning}.${piece}.${run}`;

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
  readonly #beginning: string;
  readonly #piece: number;
  readonly #keepsOrder: boolean;
  readonly #held: Lines;
  readonly #ordered: Lines;
  #keys: string[] = [];
  /** Where lines begin, and at the end where the last one ends. */
  #starts: number[] = [0];

  /** @param beginning of the names of runs @param space of nobody else until `layAside` or `whole` */
  constructor(beginning: string, piece: number, keepsOrder: boolean, space: readonly [Lines, Lines]) {
    this.#beginning = beginning;
    this.#piece = piece;
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
    const bytes = this.#keepsOrder ? this.whole() : this.#inOrder(true);
    const keyed = this.#keepsOrder ? undefined : this.#told();
    const fd = openSync(runFile(this.#beginning, this.#piece, this.laid.length), 'w', 0o600);
    try {
      for (const part of keyed === undefined ? [bytes] : [bytes, endsOf(keyed.bytes)])
        for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
    } finally {
      closeSync(fd);
    }
    this.laid.push({ bytes: bytes.length, ...(keyed === undefined ? {} : { keyed }) });
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

  #told(): NonNullable<Run['keyed']> {
    const bytes = new Uint32Array(beginnings);
    const lines = new Uint32Array(beginnings);
    for (const [line, key] of this.#keys.entries()) {
      bytes[beginningOf(key)]! += this.#starts[line + 1]! - this.#starts[line]! + keyBytes;
      lines[beginningOf(key)]! += 1;
    }
    return { bytes, lines };
  }
}

/** What stands at the end of a run: where the lines of each beginning of a key end. */
function endsOf(bytes: Uint32Array): Buffer {
  const ends = Buffer.alloc(beginnings * 4);
  let end = 0;
  for (const [i, more] of bytes.entries()) ends.writeUInt32LE((end += more), i * 4);
  return ends;
}

/** All runs of one file, as whoever says what is to be done knows them: 64 KiB, and a few bytes a piece. */
export class AllRuns {
  /** Bytes of each run of each piece. */
  readonly #runs: number[][] = [];
  #keyed: { readonly bytes: Float64Array; readonly lines: Float64Array } | undefined;

  /** @param piece each once */
  add(piece: number, runs: readonly Run[]): void {
    this.#runs[piece] = runs.map(({ bytes }) => bytes);
    for (const { keyed } of runs) {
      if (keyed === undefined) continue;
      const sums = (this.#keyed ??= { bytes: new Float64Array(beginnings), lines: new Float64Array(beginnings) });
      for (const part of ['bytes', 'lines'] as const) for (let i = 0; i < beginnings; i++) sums[part][i]! += keyed[part][i]!;
    }
  }

  /** How many there are of each piece. */
  get counts(): number[] {
    return this.#runs.map(runs => runs.length);
  }

  /** All lines, in ranges that follow one another in the file. */
  *ranges(): Generator<Range> {
    let at = 0;
    if (this.#keyed === undefined) {
      for (const [piece, runs] of this.#runs.entries())
        for (const [run, bytes] of runs.entries()) {
          yield { at, piece, run };
          at += bytes;
        }
      return;
    }
    const { bytes, lines } = this.#keyed;
    let from = 0;
    let held = 0;
    let left = 0;
    for (let to = 1; to <= beginnings; to++) {
      held += bytes[to - 1]!;
      left += bytes[to - 1]! - lines[to - 1]! * keyBytes;
      if (held === 0 || (held < rangeBytes && to < beginnings)) continue;
      yield { at, from, to };
      at += left;
      [from, held, left] = [to, 0, 0];
    }
  }
}

/** Appends bytes of a file. */
function readInto(lines: Lines, fd: number, from: number, to: number): void {
  lines.need(to - from);
  for (let at = from; at < to; ) {
    const n = readSync(fd, lines.bytes, lines.end, to - at, at);
    if (n === 0) throw new Error('what was laid aside is shorter than it was');
    at += n;
    lines.end += n;
  }
}

/** Where the lines of a beginning end in a run. */
function endIn(fd: number, size: number, beginning: number, told: Lines): number {
  if (beginning < 0) return 0;
  told.end = 0;
  const at = size - (beginnings - beginning) * 4;
  readInto(told, fd, at, at + 4);
  return told.bytes.readUInt32LE(0);
}

/** The lines of a range, as they stand in the file; good until the next is asked for. @param counts of the runs of each piece */
export function together(range: Range, beginning: string, counts: readonly number[], [read, ordered]: readonly [Lines, Lines]): Buffer {
  read.end = 0;
  const each = (piece: number, run: number): void => {
    const fd = openSync(runFile(beginning, piece, run), 'r');
    try {
      const { size } = fstatSync(fd);
      if ('run' in range) readInto(read, fd, 0, size);
      else readInto(read, fd, endIn(fd, size, range.from - 1, ordered), endIn(fd, size, range.to - 1, ordered));
    } finally {
      closeSync(fd);
    }
  };
  if ('run' in range) each(range.piece, range.run);
  else for (const [piece, count] of counts.entries()) for (let run = 0; run < count; run++) each(piece, run);
  const bytes = read.bytes.subarray(0, read.end);
  if ('run' in range) return bytes;
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
