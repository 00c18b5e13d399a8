/**
 * The mark: number and hash of the last durable line, in a small file beside the segments, so that a cut tail is seen.
 * It is written when the lines are safe: before the answers leave of those that wait for the disk, with the next sync for those that do not (reads).
 * A killed process leaves it behind by no other line. A power cut may take it back to an older state, since it is not synced; it never runs ahead.
 * With a key it is sealed like the chain.
 * @module
 */
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Chain } from './chain.ts';

export interface Mark {
  readonly seq: number;
  readonly hash: string;
}

export const markPath = (directory: string): string => path.join(directory, 'mark');

const seal = (chain: Chain, mark: Mark): string => chain.next('mark', `${mark.seq} ${mark.hash}`);
/** One length for all, so that a write over the old mark leaves nothing of it. */
const text = (chain: Chain, mark: Mark): string => `${String(mark.seq).padStart(15, '0')} ${mark.hash} ${seal(chain, mark)}\n`;

/** The mark; `absent` where there is none, `false` where what stands there is not genuine. */
export async function readMark(directory: string, chain: Chain): Promise<Mark | 'absent' | 'false'> {
  const found = await readFile(markPath(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined || found === '') return 'absent';
  const m = /^(\d{15}) ([A-Za-z0-9_-]{43}) ([A-Za-z0-9_-]{43})\n$/.exec(found);
  if (!m) return 'false';
  const mark = { seq: Number(m[1]), hash: m[2]! };
  return seal(chain, mark) === m[3] ? mark : 'false';
}

/** The mark's file. Written in place and not synced: into the system's memory, which takes some microseconds. */
export class MarkFile {
  readonly #file: number;
  readonly #chain: Chain;

  #seq = -1;

  /** Opens the mark of a log, makes it where there is none. */
  constructor(directory: string, chain: Chain) {
    const name = markPath(directory);
    this.#file = openSync(name, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#chain = chain;
  }

  /** The mark never goes back: of two syncs on their way the earlier may end last. */
  set(mark: Mark): void {
    if (mark.seq < this.#seq) return;
    this.#seq = mark.seq;
    try {
      writeSync(this.#file, text(this.#chain, mark), 0, 'latin1');
    } catch {
      // A mark that lags is a weaker witness, not a lost record.
    }
  }

  /** Everything set so far is on the disk. */
  close(): void {
    fdatasyncSync(this.#file);
    closeSync(this.#file);
  }
}
