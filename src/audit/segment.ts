/**
 * A segment: one append-only file of the log. First a line that ties it to the segment before, then one line a record:
 * `<number> <hash> <JSON>`. Read forwards or backwards in blocks, never whole.
 * @module
 */
import type { FileHandle } from 'node:fs/promises';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface Line {
  readonly seq: number;
  readonly hash: string;
  readonly json: string;
}

/** First line of a segment. */
export interface Head {
  readonly algorithm: string;
  /** Number of the first record. */
  readonly first: number;
  /** Hash of the last line before it. */
  readonly before: string;
  /** Milliseconds: when it was begun. */
  readonly begun: number;
}

export const headText = (head: Head): string => `noren-audit-1 ${head.algorithm} ${head.first} ${head.before} ${head.begun}`;
export const lineText = (line: Line): string => `${line.seq} ${line.hash} ${line.json}`;
/** What a line's hash covers, after the hash before. */
export const covered = (seq: number, json: string): string => `${seq} ${json}`;

export function parseHead(text: string): Head | undefined {
  const m = /^noren-audit-1 (sha256|hmac-sha256) (\d{1,15}) ([A-Za-z0-9_-]{43}) (\d{1,16})$/.exec(text);
  return m ? { algorithm: m[1]!, first: Number(m[2]), before: m[3]!, begun: Number(m[4]) } : undefined;
}

export function parseLine(text: string): Line | undefined {
  const a = text.indexOf(' ');
  const b = a + 44;
  if (a < 1 || a > 15 || text[b] !== ' ' || !/^\d+$/.test(text.slice(0, a))) return undefined;
  return { seq: Number(text.slice(0, a)), hash: text.slice(a + 1, b), json: text.slice(b + 1) };
}

/** The segments of a log in order: their numbers. */
export async function segmentNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names
    .flatMap(name => /^(\d{6,})\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export const segmentPath = (directory: string, number: number): string => path.join(directory, `${String(number).padStart(6, '0')}.log`);

const block = 1 << 18;
const lf = 10;

/**
 * Lines from a place on, oldest first, with the place after each. What has no line feed at the end is no line: it is given as `torn`.
 * @param to read no further than this many bytes into the file
 */
export async function* linesForward(
  file: FileHandle,
  from: number,
  to: number,
): AsyncGenerator<{ text: string; end: number; torn: boolean }[]> {
  let rest = Buffer.alloc(0);
  let place = from;
  let end = from;
  while (place < to) {
    const buffer = Buffer.alloc(Math.min(block, to - place));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, place);
    if (bytesRead === 0) break;
    place += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const lines = [];
    let start = 0;
    for (let at = rest.indexOf(lf); at >= 0; at = rest.indexOf(lf, start)) {
      lines.push({ text: rest.toString('utf8', start, at), end: (end += at + 1 - start), torn: false });
      start = at + 1;
    }
    rest = rest.subarray(start);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [{ text: rest.toString('utf8'), end: end + rest.length, torn: true }];
}

/** Whole lines that end before `to`, newest first; the segment's own first line comes last. */
export async function* linesBackward(file: FileHandle, to: number): AsyncGenerator<string[]> {
  let rest = Buffer.alloc(0);
  let place = to;
  while (place > 0) {
    const length = Math.min(block, place);
    place -= length;
    const buffer = Buffer.alloc(length);
    await file.read(buffer, 0, length, place);
    rest = Buffer.concat([buffer, rest]);
    const first = place === 0 ? 0 : rest.indexOf(lf) + 1;
    if (place > 0 && first === 0) continue;
    const lines = rest.toString('utf8', first).split('\n');
    if (lines.at(-1) === '') lines.pop();
    rest = rest.subarray(0, first);
    if (lines.length > 0) yield lines.reverse();
  }
}

/** The first line of a segment, or undefined where it is none of ours. */
export async function readHead(directory: string, number: number): Promise<Head | undefined> {
  const file = await open(segmentPath(directory, number), 'r');
  try {
    const buffer = Buffer.alloc(256);
    const { bytesRead } = await file.read(buffer, 0, 256, 0);
    const end = buffer.subarray(0, bytesRead).indexOf(lf);
    return end < 0 ? undefined : parseHead(buffer.toString('utf8', 0, end));
  } finally {
    await file.close();
  }
}
