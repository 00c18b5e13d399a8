/**
 * The one writer, with group commit: everything that waits when it comes by is stored in one transaction and one sync; a refused commit does not touch its neighbours.
 * A commit that erases is the last of its group: its transaction, then the keys, then memory, and only then anybody of the group is answered.
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import type { AnyResource } from '../../model/r4.ts';
import { createExtractor } from '../../search/extract.ts';
import type { Values } from '../../search/values.ts';
import { blockBytes, type Entry, open, openIndex, seal, sealBody, sealIndex } from '../block.ts';
import type { CommitRecord, IndexRecord, Intention, State } from '../index/state.ts';
import type { DataKey, Keyring } from '../keys/keyring.ts';
import { type NameMark, nameMark } from '../keys/mark.ts';
import { type Erased, Eraser, type Plan } from '../log/erase.ts';
import { judge, type Making, ownerOf, prepare } from '../log/prepare.ts';
import { stored } from '../reader.ts';
import type { Commit, Committed, LineName, ListEntry } from '../store.ts';
import type { Bodies } from './bodies.ts';
import type { Files } from './files.ts';
import { Forgetter, type Forgetting } from './forget.ts';

export interface WriterParts {
  readonly files: Files;
  readonly state: State;
  readonly bodies: Bodies;
  readonly keyring: Keyring;
  readonly baseUrl: string;
  readonly timeZone: string;
  readonly now: () => number;
  readonly institutionCode?: Making['institutionCode'];
  readonly keeps?: Making['keeps'];
  readonly erased?: (erasure: Erased) => Promise<void>;
  readonly failed?: (error: unknown) => void;
  /** Told what a start reads. */
  readonly met?: (entries: readonly Entry[]) => void;
  /** Told where an erasure stands: its commit is stored, the keys are destroyed, memory is clean. */
  readonly step?: (name: 'committed' | 'destroyed' | 'purged') => void;
}

interface Waiting {
  readonly commit: Commit;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (reason: unknown) => void;
}

export interface Adopted {
  readonly record: IndexRecord;
  readonly bytes: Buffer;
}

/** Blocks that share a key. */
interface Keyed {
  readonly key: DataKey;
  readonly entries: readonly Entry[];
  readonly blocks: readonly (readonly Buffer[])[];
}

interface Erasing {
  /** Number of the note with the intentions. */
  readonly note: number;
  readonly plans: readonly Plan[];
}

interface Stored {
  /** Told before anything is erased: by what is about to go. */
  readonly committed: () => Committed;
  /** What it put on the lists: a repeated request puts nothing. */
  readonly lines: readonly ListEntry[];
  readonly erasing?: Erasing;
  readonly forgetting?: Forgetting;
}

/** Commits stored in one transaction at most: a longer queue waits for the next, so that answers go out in between. */
const groupSize = 64;

const erases = ({ commit }: Waiting): boolean => (commit.erase ?? []).length > 0;

export class Writer {
  readonly mark: NameMark;
  readonly #parts: WriterParts;
  readonly #eraser: Eraser;
  readonly #forgetter: Forgetter;
  readonly #extract: (resource: AnyResource) => Values;
  readonly #keeps: Making['keeps'];
  /** Key of the notes. */
  readonly #register: Buffer;
  readonly #waiting: Waiting[] = [];
  /** Erasures whose entry is being written. */
  readonly #entering = new Set<Promise<void>>();
  #due = false;
  #broken = false;
  #nextBlock = 0;
  #nextNote = 0;

  constructor(parts: WriterParts) {
    const { keyring, files, state, bodies } = parts;
    this.#parts = parts;
    this.mark = nameMark(keyring);
    this.#keeps = parts.keeps ?? (() => false);
    this.#eraser = new Eraser({
      state,
      keeps: this.#keeps,
      keyOf: block => files.key(block)!,
      records: (id, firsts) => {
        const key = keyring.key(id);
        return key ? firsts.flatMap(first => openIndex(first, key, files.index(first)).map(([record]) => record)) : [];
      },
      drop: blocks => bodies.drop(blocks),
    });
    this.#forgetter = new Forgetter(parts);
    this.#extract = createExtractor({ base: parts.baseUrl, timeZone: parts.timeZone });
    this.#register = keyring.keyFor('legal', 'register').key;
  }

  /** Reads the files into the state, and finishes erasures that were cut off. */
  async start(): Promise<void> {
    const { files, state, keyring, met } = this.#parts;
    for (const { number, key: id, index } of files.blocks()) {
      const key = keyring.key(id);
      if (!key) continue;
      const entries = openIndex(number, key, index);
      met?.(entries);
      this.#applyRun(id, number, entries);
    }
    const unfinished = new Map<number, readonly Intention[]>();
    const retiring = new Map<number, readonly number[]>();
    for (const { number, body } of files.notes()) {
      const record = JSON.parse(open(this.#register, body, `note ${number}`).toString()) as CommitRecord;
      state.note(record);
      if (record.last) state.ledger.reserve(...record.last);
      if (record.erase) unfinished.set(number, record.erase);
      if (record.retire) retiring.set(number, record.retire);
      if (record.done === undefined) continue;
      unfinished.delete(record.done);
      retiring.delete(record.done);
    }
    this.#eraser.readTombstones(keyring.tombstones());
    this.#nextBlock = files.lastBlock() + 1;
    this.#nextNote = files.lastNote() + 1;
    for (const [note, intentions] of unfinished) {
      const plans = intentions.map(intention => this.#eraser.resume(intention));
      for (const plan of plans) this.#carryOut(plan);
      await this.#enter({ note, plans });
    }
    for (const [note, keys] of retiring) {
      keyring.destroy(keys);
      files.transaction(() => void this.#putNote({ lists: [], done: note }));
    }
  }

  /** Takes over what one commit stored elsewhere, within the caller's transaction; numbers and times stay. Names are marked already. */
  adopt(versions: readonly Adopted[]): void {
    const { state, keyring } = this.#parts;
    const { ledger } = state;
    const runs: { key: DataKey; entries: Entry[]; blocks: Buffer[][]; size: number }[] = [];
    for (const { record, bytes } of versions) {
      const current = ledger.current(ledger.find(`${record.type}/${record.id}`));
      const versionId = current === 0 ? {} : { versionId: ledger.versionId(current) + 1 };
      const { kind, owner } = ownerOf({ ...record, legal: record.legal === true }, { state, keeps: this.#keeps });
      const key = keyring.keyFor(kind, owner);
      // Numbers ascend from block to block, so a run ends where the key changes.
      let run = runs.at(-1);
      if (run?.key.id !== key.id || run.size + bytes.length > blockBytes) {
        run = { key, entries: [], blocks: [[]], size: 0 };
        runs.push(run);
      }
      run.entries.push([{ ...record, ...versionId }, bytes.length, 0]);
      run.blocks[0]!.push(bytes);
      run.size += bytes.length;
    }
    for (const run of runs) this.#putRun(run);
    keyring.save();
  }

  adoptNote(record: CommitRecord): void {
    this.#putNote(record);
  }

  /** False once memory may be ahead of the files, or a key is not destroyed that should be: the next start sees to it. */
  ready = (): boolean => !this.#broken;

  commit(commit: Commit): Promise<Committed> {
    return new Promise<Committed>((resolve, reject) => {
      this.#waiting.push({ commit, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise(resolve => setImmediate(resolve));
    await Promise.all(this.#entering);
  }

  #schedule(): void {
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#due = false;
    const { files, keyring, step } = this.#parts;
    // Nobody after it may write under a key that is about to go.
    const eraser = this.#waiting.findIndex(erases);
    const group = this.#waiting.splice(0, eraser < 0 ? groupSize : Math.min(groupSize, eraser + 1));
    if (this.#waiting.length > 0) this.#schedule();
    const done: { readonly waiter: Waiting; readonly stored: Stored }[] = [];
    let answers: Committed[];
    try {
      if (this.#broken) throw new Problem('unavailable', undefined, { headers: { 'Retry-After': '10' } });
      files.transaction(() => {
        for (const waiter of group) {
          try {
            done.push({ waiter, stored: this.#store(waiter.commit) });
          } catch (refusal) {
            if (this.#broken) throw refusal;
            waiter.reject(refusal);
          }
        }
        keyring.save();
      });
      for (const { stored } of done) if (stored.forgetting) this.#forgetter.settle(stored.forgetting, this.#eraser.isBare);
      for (const line of done.flatMap(({ stored }) => stored.lines)) {
        const stone = this.#eraser.changedStone(line);
        if (stone) keyring.destroy([], stone);
      }
      answers = done.map(({ stored }) => stored.committed());
      for (const { stored } of done) {
        if (!stored.erasing) continue;
        step?.('committed');
        for (const plan of stored.erasing.plans) this.#carryOut(plan);
      }
    } catch (error) {
      // Memory may be ahead of the files now: nothing is answered from it any more, the next start reads the files.
      this.#broken = true;
      for (const waiter of group) waiter.reject(error);
      return;
    }
    for (const [i, { waiter, stored }] of done.entries()) {
      const answer = answers[i]!;
      if (!stored.erasing) waiter.resolve(answer);
      else void this.#entered(stored.erasing).then(() => waiter.resolve(answer));
    }
  }

  /** Destroys the keys, then takes the versions out of memory. */
  #carryOut(plan: Plan): void {
    const { keyring, step } = this.#parts;
    keyring.destroy(plan.intention.keys, this.#eraser.stone(plan.intention));
    step?.('destroyed');
    this.#eraser.purge(plan);
    step?.('purged');
  }

  /** The keys are gone: an entry that cannot be written now is written at the next start. */
  #entered(erasing: Erasing): Promise<void> {
    const entered = this.#enter(erasing)
      .catch(() => {})
      .finally(() => this.#entering.delete(entered));
    this.#entering.add(entered);
    return entered;
  }

  /** What an erasure leaves in the book, once its keys are gone. */
  async #enter({ note, plans }: Erasing): Promise<void> {
    const { now, erased, files } = this.#parts;
    const done = now();
    const entries = plans.map(
      ({ intention: { source, counts, keys, time } }): Erased => ({ source, counts, keys: keys.length, time, done }),
    );
    for (const entry of entries) await erased?.(entry);
    const booked = entries.map(entry => ({ book: 'erasures', entry: { ...entry } }));
    files.transaction(() => void this.#putNote({ lists: [], entries: booked, done: note }));
  }

  /** One commit within the open transaction; what is thrown before the first write refuses it alone. */
  #store(commit: Commit): Stored {
    const { state, keyring, baseUrl, now, bodies, institutionCode = () => undefined } = this.#parts;
    const { ledger } = state;
    const first = commit.receipt === undefined ? undefined : state.receipt(commit.receipt.key);
    if (first && first.shape !== commit.receipt?.shape) throw new Problem('conflict', 'This identifier came with another request before.');
    if (first) {
      const versions = first.versions.map(seq => stored(ledger, seq, bodies.at(ledger.place(seq))));
      return { committed: () => ({ versions, repeated: true }), lines: [] };
    }
    const time = Math.max(now(), ledger.latest);
    const { mark } = this;
    const making: Making = { state, extract: this.#extract, baseUrl, institutionCode, mark, keeps: this.#keeps, now: time };
    judge(commit, making);
    const lists = (commit.lists ?? []).map(line => ({ ...line, persons: line.persons.map(mark) }));
    const erasing = (commit.erase ?? []).filter(name => this.#mayErase(name, lists, time));
    const { runs, seqs } = prepare(commit, making, ledger.last);
    const forgetting = this.#forgetter.plan(commit.forget ?? []);
    const record: CommitRecord = {
      lists: forgetting ? [...lists, ...forgetting.lines] : lists,
      ...(commit.entries === undefined ? {} : { entries: commit.entries }),
      ...(commit.receipt === undefined ? {} : { receipt: { ...commit.receipt, versions: seqs } }),
    };
    this.#broken = true;
    const bytes = new Map<number, Buffer>();
    for (const run of runs) {
      this.#putRun({ ...run, key: keyring.keyFor(run.owner.kind, run.owner.owner) });
      const all = run.blocks.flat();
      run.entries.forEach(([{ seq }], i) => void bytes.set(seq, all[i]!));
    }
    // A version just written: its bytes are at hand, no block need be opened.
    const committed = (): Committed => ({ versions: seqs.map(seq => stored(ledger, seq, bytes.get(seq)!)), repeated: false });
    if (forgetting) {
      this.#forgetter.carryOut(forgetting);
      this.#putNote({ ...record, last: [ledger.last, ledger.latest] });
      this.#broken = false;
      return { committed, lines: record.lists, forgetting };
    }
    if (erasing.length === 0) {
      if (lists.length > 0 || record.entries || record.receipt) this.#putNote(record);
      this.#broken = false;
      return { committed, lines: lists };
    }
    // The lines count before it is asked who is meant: the names of one are one person's.
    for (const line of lists) state.lists.put(line);
    const plans: Plan[] = [];
    for (const { list, source } of erasing)
      plans.push(this.#eraser.plan(state.lists.get(list, source)!, time, new Set(plans.flatMap(({ intention }) => intention.keys))));
    for (const { key, record } of this.#eraser.closings(plans))
      this.#putRun({
        key: { id: key, key: keyring.key(key)! },
        entries: [[{ ...record, seq: ledger.last + 1, time }, 0, 0]],
        blocks: [[Buffer.alloc(0)]],
      });
    const note = this.#putNote({ ...record, erase: plans.map(({ intention }) => intention), last: [ledger.last, time] });
    this.#broken = false;
    return { committed, lines: lists, erasing: { note, plans } };
  }

  /** Tried before anything is written. An objection is taken in any case: where it cannot be carried out, the person is left out, and somebody is told. */
  #mayErase({ list, source }: LineName, fresh: readonly ListEntry[], time: number): boolean {
    const { state, failed } = this.#parts;
    const line = fresh.find(one => one.list === list && one.source === source) ?? state.lists.get(list, source);
    if (!line) throw new Error('a line that is to erase somebody is not on record');
    try {
      this.#eraser.plan(line, time, new Set());
      return true;
    } catch (error) {
      failed?.(error);
      return false;
    }
  }

  #putRun({ key, entries, blocks }: Keyed): void {
    const { files } = this.#parts;
    const first = this.#nextBlock;
    for (const bodies of blocks) {
      const number = this.#nextBlock++;
      files.putBlock(number, key.id, number === first ? sealIndex(number, key.key, entries) : null, sealBody(number, key.key, bodies));
    }
    this.#applyRun(key.id, first, entries);
  }

  /** Applies a run of blocks by the number of its first. */
  #applyRun(key: number, first: number, entries: readonly Entry[]): void {
    this.#eraser.run(key, first);
    let block = 0;
    let offset = 0;
    for (const [record, length, at] of entries) {
      if (at !== block) offset = 0;
      block = at;
      this.#parts.state.apply(record, { block: first + at, offset, length });
      offset += length;
    }
  }

  #putNote(record: CommitRecord): number {
    const { files, state } = this.#parts;
    const number = this.#nextNote++;
    files.putNote(number, seal(this.#register, Buffer.from(JSON.stringify(record)), `note ${number}`));
    state.note(record);
    return number;
  }
}
