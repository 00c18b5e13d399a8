/**
 * The audit log: append-only, hash-chained, in the file before `record` resolves. Records that wait together are written and synced together.
 * After `kill -9` nothing acknowledged is lost: a torn last line was never acknowledged; the next start sets it aside and says so.
 * @module
 */
import { fdatasync, fdatasyncSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { appendFile, mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { chain, origin } from './chain.ts';
import type { AuditLog } from './logs.ts';
import { type Mark, MarkFile, readMark } from './mark.ts';
import { type AuditRecord, checkedRecord, type Note, onlyReads, type Recorded } from './record.ts';
import { find, type SearchOptions, type Snapshot, search } from './search.ts';
import { covered, headText, linesForward, lineText, parseHead, parseLine, segmentNumbers, segmentPath } from './segment.ts';

export interface AuditOptions {
  /** Made with owner-only permissions where absent. */
  readonly directory: string;
  readonly now: () => number;
  /** At least 32 bytes: the chain is then an HMAC. A log written with a key needs it for ever. */
  readonly key?: Buffer;
  /** A segment longer than this is followed by a new one. Default 64 MiB. */
  readonly maxSegmentBytes?: number;
  /** `full`: on the disk (fdatasync) before a record counts. `normal`: given to the operating system; survives a killed process, not a power cut. */
  readonly sync?: 'full' | 'normal';
  /** With `full`: for how many milliseconds the record of a request that only reads may wait for its sync after its answer has left. Default 0: it may not. */
  readonly readSyncMs?: number;
  /** Default: ``, the log of a process that serves alone. */
  readonly name?: string;
  /** The logs of all processes of this server, for who reads. Default: this one. */
  readonly all?: () => Promise<readonly AuditLog[]>;
  /** Base URL of this server, for the rendered AuditEvents. */
  readonly base?: string;
}

export interface Audit {
  /** Resolves when the record is kept as `sync` and `readSyncMs` say; rejects when it could not be written, and the request must then fail. */
  record(entry: AuditRecord): Promise<void>;
  /** AuditEvents of what was recorded, newest first. Throws Problem for an unknown parameter. */
  search(parameters: readonly (readonly [string, string])[], options?: SearchOptions): Promise<Bundle<AuditEvent>>;
  /** One AuditEvent by its id, or undefined. */
  read(id: string): Promise<AuditEvent | undefined>;
  /** False once a write has failed in a way that cannot be mended without a new start. */
  ready(): boolean;
  close(): Promise<void>;
}

interface Waiting {
  readonly entry: AuditRecord & { readonly note?: Note };
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export async function openAudit(options: AuditOptions): Promise<Audit> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const log = new Log(options);
  await log.start();
  return log;
}

class Log implements Audit {
  readonly #options: AuditOptions;
  readonly #chain;
  readonly #maxSegmentBytes: number;
  #segment = 0;
  #file: FileHandle | undefined;
  #mark!: MarkFile;
  /** Bytes of the segment that count. */
  #length = 0;
  #seq = 0;
  /** Hash that the next line follows. */
  #hash = origin;
  /** The last record; its hash differs from `#hash` only where a segment has just begun. */
  #last: Mark = { seq: 0, hash: origin };
  #recorded = 0;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #failed: Error | undefined;
  #closed = false;
  /** How many of the next syncs are left to another thread. */
  #elsewhere = 0;
  /** How long a sync took of late, in the mean: one long one is no slow disk. */
  #syncMs = 0;
  /** The sync that records of reads are left to: on its way, or waited for with a timer. */
  #following: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#chain = chain(options.key);
    this.#maxSegmentBytes = options.maxSegmentBytes ?? 64 * 2 ** 20;
  }

  async start(): Promise<void> {
    const { directory } = this.#options;
    const mark = await readMark(directory, this.#chain);
    const last = (await segmentNumbers(directory)).at(-1);
    const notes: Note[] = [];
    if (last !== undefined) {
      if (mark === 'false') notes.push('mark-false');
      if (mark === 'absent') notes.push('mark-missing');
      notes.push(...(await this.#resume(last, typeof mark === 'object' ? mark : undefined)));
    } else if (typeof mark === 'object' && mark.seq > 0) {
      notes.push('records-missing');
      this.#seq = mark.seq;
      this.#hash = mark.hash;
      this.#last = mark;
    }
    this.#mark = new MarkFile(directory, this.#chain);
    this.#mark.set(this.#last);
    if (this.#file === undefined) await this.#begin((last ?? 0) + 1);
    for (const note of notes) await this.#add({ time: this.#options.now(), requestId: 'start', interaction: 'audit', status: 200 }, note);
  }

  record(entry: AuditRecord): Promise<void> {
    return this.#add(checkedRecord(entry));
  }

  async search(parameters: readonly (readonly [string, string])[], options: SearchOptions = {}): Promise<Bundle<AuditEvent>> {
    return search(await this.#snapshots(), parameters, {
      ...(this.#options.base === undefined ? {} : { base: this.#options.base }),
      ...options,
    });
  }

  async read(id: string): Promise<AuditEvent | undefined> {
    return find(await this.#snapshots(), id, this.#options.base);
  }

  ready(): boolean {
    return this.#failed === undefined && !this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    while (this.#flushing !== undefined) await this.#flushing;
    clearTimeout(this.#timer);
    await this.#following;
    await this.#file!.datasync();
    await this.#file!.close();
    if (this.#failed === undefined) this.#mark.set(this.#last);
    this.#mark.close();
  }

  /** What a reader may see: of this log durable lines only; of the others what is in their files. */
  async #snapshots(): Promise<readonly Snapshot[]> {
    const { directory, name = '', all } = this.#options;
    const others = (await all?.())?.filter(other => other.name !== name) ?? [];
    return [
      { name, directory, segment: this.#segment, bytes: this.#length },
      ...others.map(other => ({ ...other, segment: Number.POSITIVE_INFINITY, bytes: 0 })),
    ];
  }

  #add(entry: AuditRecord, note?: Note): Promise<void> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    if (this.#closed) return Promise.reject(new Error('the audit log is closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry: note === undefined ? entry : { ...entry, note }, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Writes what waits, as long as something waits. */
  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      // One turn of the event loop, so that requests that end together are written together: a write with its sync costs more than several reads.
      await turn();
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch);
        for (const one of batch) one.resolve();
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    this.#flushing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#length > this.#maxSegmentBytes) await this.#turn();
    let seq = this.#seq;
    let hash = this.#hash;
    const recorded = Math.max(this.#recorded, this.#options.now());
    const lines: string[] = [];
    for (const { entry } of batch) {
      seq++;
      // An entry always has its time: what follows the brace is a member.
      const json = `{"recorded":${recorded},${JSON.stringify(entry).slice(1)}`;
      hash = this.#chain.next(hash, covered(seq, json));
      lines.push(lineText({ seq, hash, json }));
    }
    const bytes = Buffer.from(lines.join('\n') + '\n');
    const settled = await this.#append(bytes, !batch.every(({ entry }) => onlyReads(entry)));
    this.#length += bytes.length;
    this.#seq = seq;
    this.#hash = hash;
    this.#recorded = recorded;
    this.#last = { seq, hash };
    if (settled) this.#mark.set(this.#last);
  }

  /** All bytes in the file, or none that count; on the disk at once if something in them `waits` for it. False if their sync is still to come. */
  async #append(bytes: Buffer, waits: boolean): Promise<boolean> {
    try {
      let done = 0;
      // Into the system's memory, at once; what waits for the disk is the sync, in another thread.
      while (done < bytes.length) done += writeSync(this.#file!.fd, bytes, done, bytes.length - done, this.#length + done);
    } catch (error) {
      // A full disk, for one: what was written of it is taken back, the next attempt may succeed.
      await this.#file!.truncate(this.#length).catch(() => {
        this.#failed = new Error('the audit log cannot be written', { cause: error });
      });
      throw error;
    }
    if (this.#options.sync === 'normal') return true;
    const { readSyncMs = 0 } = this.#options;
    if (!waits && readSyncMs > 0) {
      this.#timer ??= setTimeout(() => this.#follow(), readSyncMs);
      return false;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await this.#synced(this.#file!.fd);
      return true;
    } catch (error) {
      throw this.#lost(error);
    }
  }

  /** Syncs what the answers did not wait for, in another thread. */
  #follow(): void {
    this.#timer = undefined;
    const before = this.#following;
    this.#following = (async () => {
      await before;
      const last = this.#last;
      await synced(this.#file!.fd);
      this.#mark.set(last);
    })().catch(error => void this.#lost(error));
  }

  /** After a failed sync nobody knows what is on the disk: only a new start, which reads it, can tell. */
  #lost(cause: unknown): Error {
    this.#failed = new Error('the audit log cannot be synced', { cause });
    return this.#failed;
  }

  /**
   * On a disk that syncs at once, to wait costs less than to hand over to another thread and back, and what comes meanwhile makes the next batch larger;
   * a slow disk must not hold up the whole server.
   */
  async #synced(file: number): Promise<void> {
    if (this.#elsewhere > 0) {
      this.#elsewhere--;
      return synced(file);
    }
    const began = performance.now();
    fdatasyncSync(file);
    this.#syncMs += (performance.now() - began - this.#syncMs) / 8;
    if (this.#syncMs <= shortMs) return;
    this.#elsewhere = elsewhere;
    this.#syncMs = shortMs;
  }

  /** Ends this segment and begins the next. */
  async #turn(): Promise<void> {
    const old = this.#file!;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#following;
    await old.datasync();
    await this.#begin(this.#segment + 1);
    await old.close();
  }

  async #begin(number: number): Promise<void> {
    const head = { algorithm: this.#chain.algorithm, first: this.#seq + 1, before: this.#hash, begun: this.#options.now() };
    const text = headText(head);
    const { directory } = this.#options;
    // Begun under another name, so that no segment is ever without its first line.
    const begun = path.join(directory, 'next');
    const file = await open(begun, 'w+', 0o600);
    await file.write(text + '\n', 0, 'utf8');
    await file.sync();
    await rename(begun, segmentPath(directory, number));
    await syncDirectory(directory);
    this.#file = file;
    this.#segment = number;
    this.#length = Buffer.byteLength(text) + 1;
    this.#hash = this.#chain.next(this.#hash, text);
  }

  /**
   * Reads the last segment to its last good line, and goes on there. What follows the good lines and was never acknowledged is torn: set aside, cut off.
   * What does not fit although it was acknowledged stays where it is, for `verify` to find; the log goes on in a new segment.
   */
  async #resume(number: number, mark: Mark | undefined): Promise<Note[]> {
    const { directory } = this.#options;
    const file = await open(segmentPath(directory, number), 'r+');
    const size = (await file.stat()).size;
    const { seq, hash, line, recorded, good, highest } = await this.#goodLines(file, size);
    this.#recorded = recorded;
    if ((mark !== undefined && seq < mark.seq) || (good < size && mark === undefined) || good === 0) {
      await file.close();
      this.#seq = Math.max(seq, highest, mark?.seq ?? 0);
      this.#hash = mark?.hash ?? line;
      this.#last = { seq: this.#seq, hash: this.#hash };
      return ['records-missing'];
    }
    this.#seq = seq;
    this.#hash = hash;
    this.#last = { seq, hash: line };
    this.#file = file;
    this.#segment = number;
    this.#length = good;
    if (good === size) return [];
    const rest = Buffer.alloc(size - good);
    await file.read(rest, 0, rest.length, good);
    await appendFile(segmentPath(directory, number).replace(/log$/, 'torn'), rest, { mode: 0o600 });
    await file.truncate(good);
    await file.sync();
    return ['torn-end'];
  }

  /** The segment's lines as far as the chain holds: the last one's number and hash, the place after it, and the highest number that stands anywhere. */
  async #goodLines(file: FileHandle, size: number) {
    const state = { seq: 0, hash: origin, line: origin, recorded: 0, good: 0, highest: 0 };
    let broken = false;
    for await (const lines of linesForward(file, 0, size)) {
      for (const { text, end, torn } of lines) {
        if (state.good === 0 && !broken) {
          const head = torn ? undefined : parseHead(text);
          if (head !== undefined && head.algorithm !== this.#chain.algorithm) {
            await file.close();
            throw new Error(
              this.#options.key === undefined
                ? 'the audit log needs the key that it was written with'
                : 'the audit log was written without a key',
            );
          }
          if (head === undefined) broken = true;
          else
            Object.assign(state, {
              seq: head.first - 1,
              hash: this.#chain.next(head.before, text),
              line: head.before,
              recorded: head.begun,
              good: end,
            });
          continue;
        }
        const line = torn ? undefined : parseLine(text);
        if (line !== undefined) state.highest = Math.max(state.highest, line.seq);
        const fits =
          line !== undefined && line.seq === state.seq + 1 && this.#chain.next(state.hash, covered(line.seq, line.json)) === line.hash;
        if (!fits) broken = true;
        if (fits && !broken)
          Object.assign(state, {
            seq: line.seq,
            hash: line.hash,
            line: line.hash,
            recorded: (JSON.parse(line.json) as Recorded).recorded,
            good: end,
          });
      }
    }
    return state;
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

const synced = (file: number): Promise<void> =>
  new Promise((resolve, reject) => fdatasync(file, error => (error === null ? resolve() : reject(error))));

/** Syncs that take up to this long in the mean are waited for where they are asked for. */
const shortMs = 2;
/** Where they take longer, so many are left to another thread before one is tried again. */
const elsewhere = 256;

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
