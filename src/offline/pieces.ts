/**
 * Pieces of files that one worker takes at a time, and the texts in them: the whole of a .json file, the lines of an .ndjson file that begin within a range of its bytes.
 * A compressed file is one piece, read as a stream: where its lines begin is known only on the way.
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readFileSync, readSync } from 'node:fs';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { Input } from './inputs.ts';
import { Stop } from './stop.ts';

export interface Piece {
  /** Of its file, from 0. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** Bytes of lines that are one piece. */
export const pieceBytes = 4 * 1024 * 1024;
/** Longest .json file, and longest line, in bytes: each is held whole, as text and as what is parsed of it. */
export const longestBytes = 256 * 1024 * 1024;
const newline = 0x0a;

export function piecesOf({ lines, gz, bytes }: Input): Piece[] {
  if (!lines || gz) return [{ number: 0, from: 0, to: bytes }];
  return Array.from({ length: Math.max(1, Math.ceil(bytes / pieceBytes)) }, (_, number) => ({
    number,
    from: number * pieceBytes,
    to: Math.min(bytes, (number + 1) * pieceBytes),
  }));
}

export interface Text {
  /** Line of the piece, from 1; 0: the whole file. */
  readonly line: number;
  readonly bytes: Buffer;
}

/** What is known when all texts were read. */
export interface Read {
  lines: number;
  /** Of the bytes; absent: they were hashed before. */
  readonly hash?: Hash;
}

export const reading = (): Read => ({ lines: 0 });
export const hashing = (): Required<Read> => ({ lines: 0, hash: createHash('sha256') });

/** Texts in batches; lines with nothing in them are counted and not given. @throws Stop for what cannot be read */
export async function* textsOf(input: Input, piece: Piece, read: Read): AsyncGenerator<readonly Text[]> {
  if (!input.lines) {
    yield [{ line: 0, bytes: whole(input, read) }];
    return;
  }
  if (!input.gz) {
    yield linesIn(rangeOf(input, piece, read), read);
    return;
  }
  let rest: Buffer[] = [];
  let restBytes = 0;
  try {
    for await (const chunk of createReadStream(input.file, { highWaterMark: 1 << 20 }).pipe(createGunzip({ chunkSize: 1 << 20 }))) {
      const bytes = chunk as Buffer;
      read.hash?.update(bytes);
      const end = bytes.lastIndexOf(newline);
      if (end < 0) {
        if ((restBytes += bytes.length) > longestBytes) throw new Stop('has a line that is too long');
        rest.push(bytes);
        continue;
      }
      yield linesIn(Buffer.concat([...rest, bytes.subarray(0, end + 1)]), read);
      rest = [bytes.subarray(end + 1)];
      restBytes = rest[0]!.length;
    }
  } catch (error) {
    throw error instanceof Stop ? error : new Stop('cannot be read, or is not compressed as gzip');
  }
  if (restBytes > 0) yield linesIn(Buffer.concat(rest), read);
}

function whole({ file, gz, bytes }: Input, { hash }: Read): Buffer {
  const tooLong = new Stop(`is longer than ${longestBytes} bytes: a .json file is held whole; .ndjson is not`);
  if (bytes > longestBytes) throw tooLong;
  let text: Buffer;
  try {
    text = readFileSync(file);
    if (gz) text = gunzipSync(text, { maxOutputLength: longestBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong;
    throw new Stop(gz ? 'cannot be read, or is not compressed as gzip' : 'cannot be read');
  }
  hash?.update(text);
  return text;
}

/** Where ranges are read into: one of a thread at a time. */
let space = Buffer.alloc(0);
const moreBytes = 1 << 16;

/** The lines that begin in the range, the last of them to its end; good until the next range is read. */
function rangeOf({ file, bytes }: Input, { from, to }: Piece, { hash }: Read): Buffer {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    throw new Stop('cannot be read');
  }
  try {
    // One byte before tells whether a line begins at the range's own start.
    const at = Math.max(0, from - 1);
    let length = to - at;
    need(length, 0);
    readAt(fd, at, 0, length);
    const range = space.subarray(0, length);
    hash?.update(range.subarray(from > 0 ? 1 : 0));
    const start = from > 0 ? range.indexOf(newline) + 1 : 0;
    if (from > 0 && start === 0) return range.subarray(0, 0);
    if (start < length && range.at(-1) !== newline)
      for (let next = to; next < bytes; ) {
        const more = Math.min(moreBytes, bytes - next);
        need(length + more, length);
        readAt(fd, next, length, more);
        const end = space.subarray(length, length + more).indexOf(newline);
        length += end < 0 ? more : end;
        if (end >= 0) break;
        next += more;
        if (length - start > longestBytes) throw new Stop('has a line that is too long');
      }
    return space.subarray(start, length);
  } finally {
    closeSync(fd);
  }
}

/** @param held bytes that stay */
function need(length: number, held: number): void {
  if (space.length >= length) return;
  const more = Buffer.allocUnsafeSlow(Math.max(length + moreBytes, held * 2));
  space.copy(more, 0, 0, held);
  space = more;
}

function readAt(fd: number, position: number, into: number, length: number): void {
  for (let filled = 0; filled < length; ) {
    const n = readSync(fd, space, into + filled, length - filled, position + filled);
    if (n === 0) throw new Stop('has become shorter while it was read');
    filled += n;
  }
}

function linesIn(bytes: Buffer, read: Read): Text[] {
  const texts: Text[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(newline, at);
    const end = found < 0 ? bytes.length : found;
    read.lines++;
    const line = bytes.subarray(at, end);
    if (!isBlank(line)) texts.push({ line: read.lines, bytes: line });
    at = end + 1;
  }
  return texts;
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte > 0x20) return false;
  return true;
}
