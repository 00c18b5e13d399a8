/**
 * The embedded store: encrypted blocks in SQLite, the index in memory, one writer with group commit.
 * Everything that waits when the writer comes by is stored in one transaction and one sync; a refused commit does not touch its neighbours.
 * @module
 */
import type { Access } from '../../model/access.ts';
import type { Version } from '../../model/exchange.ts';
import { Problem } from '../../model/outcome.ts';
import type { AnyResource } from '../../model/r4.ts';
import { createExtractor } from '../../search/extract.ts';
import type { Predicate, SearchQuery } from '../../search/query.ts';
import { type Entry, open, openIndex, seal, sealBody, sealIndex } from '../block.ts';
import { Evaluation } from '../index/evaluate.ts';
import { cut, included } from '../index/page.ts';
import { Bits } from '../index/person-set.ts';
import { ascending } from '../index/postings.ts';
import { type CommitRecord, State } from '../index/state.ts';
import { tally } from '../index/tally.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Commit, Committed, Cursor, ListEntry, Page, Person, PersonSet, Store } from '../store.ts';
import { Bodies } from './bodies.ts';
import { openFiles } from './files.ts';
import { judge, type Making, prepare } from './prepare.ts';

export interface SqliteStoreOptions {
  /** Holds the database files; made with mode 0700. */
  readonly directory: string;
  readonly keyring: Keyring;
  /** Absolute references below it are our own. */
  readonly baseUrl: string;
  /** Zone of dates without one. */
  readonly timeZone: string;
  readonly synchronous?: 'full' | 'normal';
  /** Unpacked blocks kept in memory. */
  readonly cacheBytes?: number;
  /** Resources that one page may bring along by _include and _revinclude. */
  readonly maxIncluded?: number;
  readonly now?: () => number;
  /** 10-digit code of an institution by the sender it writes as; for patient numbers whose system does not name it. */
  readonly institutionCode?: (sender: string) => string | undefined;
}

interface Waiting {
  readonly commit: Commit;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (reason: unknown) => void;
}

/** Commits stored in one transaction at most: a longer queue waits for the next, so that answers go out in between. */
const groupSize = 64;

/** @throws Error with one sentence when the files cannot be used */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { keyring, baseUrl } = options;
  const now = options.now ?? Date.now;
  const files = openFiles(options.directory, options.synchronous ?? 'full');
  const bodies = new Bodies(files, keyring, options.cacheBytes ?? 96 * 1024 * 1024);
  const extract: (resource: AnyResource) => ReturnType<ReturnType<typeof createExtractor>> = createExtractor({
    base: baseUrl,
    timeZone: options.timeZone,
  });
  const state = new State();
  const { ledger } = state;
  /** Applies a run of blocks by the number of its first. */
  const applyRun = (first: number, entries: readonly Entry[]): void => {
    let block = 0;
    let offset = 0;
    for (const [record, length, at] of entries) {
      if (at !== block) offset = 0;
      block = at;
      state.apply(record, { block: first + at, offset, length });
      offset += length;
    }
  };
  const register = keyring.keyFor('legal', 'register').key;

  for (const stored of files.blocks()) {
    const key = keyring.key(stored.key);
    if (!key) continue;
    applyRun(stored.number, openIndex(stored.number, key, stored.index));
  }
  for (const stored of files.notes())
    state.note(JSON.parse(open(register, stored.body, `note ${stored.number}`).toString()) as CommitRecord);
  let nextBlock = files.lastBlock() + 1;
  let nextNote = files.lastNote() + 1;

  let broken = false;
  let closed = false;
  const usable = (): void => {
    if (broken || closed)
      throw new Problem('unavailable', 'The store cannot be used; restart the server.', { headers: { 'Retry-After': '10' } });
  };

  const versionAt = (seq: number): Version => {
    const name = ledger.name(ledger.resource(seq));
    const slash = name.indexOf('/');
    const place = ledger.place(seq);
    return {
      type: name.slice(0, slash),
      id: name.slice(slash + 1),
      versionId: ledger.versionId(seq),
      lastUpdated: ledger.time(seq),
      deleted: place.length === 0,
      bytes: bodies.at(place),
    };
  };
  const evaluation = (access: Access, snapshot = ledger.last): Evaluation => {
    usable();
    return new Evaluation(state, access, snapshot, now());
  };
  /** Last version of a resource, a deletion too, if this Access may know of the resource. */
  const known = (access: Access, type: string, id: string): number => {
    const seq = ledger.current(ledger.find(`${type}/${id}`));
    return seq !== 0 && evaluation(access).sees(type)(seq) ? seq : 0;
  };

  // ---- writing
  const waiting: Waiting[] = [];
  let due = false;

  const flush = (): void => {
    due = false;
    const group = waiting.splice(0, groupSize);
    if (waiting.length > 0) schedule();
    const done: { waiter: Waiting; committed: () => Committed }[] = [];
    try {
      usable();
      files.transaction(() => {
        for (const waiter of group) {
          try {
            done.push({ waiter, committed: store1(waiter.commit) });
          } catch (refusal) {
            if (broken) throw refusal;
            waiter.reject(refusal);
          }
        }
        keyring.save();
      });
    } catch (error) {
      // Memory may be ahead of the files now: nothing is answered from it any more, the next start reads the files.
      broken = true;
      for (const { waiter } of done) waiter.reject(error);
      for (const waiter of group) waiter.reject(error);
      return;
    }
    for (const { waiter, committed } of done) waiter.resolve(committed());
  };
  const schedule = (): void => {
    if (due) return;
    due = true;
    setImmediate(flush);
  };

  /** One commit within the open transaction; what is thrown before the first write refuses it alone. */
  const store1 = (commit: Commit): (() => Committed) => {
    const first = commit.receipt === undefined ? undefined : state.receipt(commit.receipt.key);
    if (first && first.shape !== commit.receipt?.shape) throw new Problem('conflict', 'This identifier came with another request before.');
    if (first) return () => ({ versions: first.versions.map(versionAt), repeated: true });
    const time = Math.max(now(), ledger.time(ledger.last));
    const making: Making = { state, keyring, extract, baseUrl, institutionCode: options.institutionCode ?? (() => undefined), now: time };
    judge(commit, making);
    const { runs, seqs } = prepare(commit, making);
    const record: CommitRecord = {
      lists: commit.lists ?? [],
      ...(commit.entries === undefined ? {} : { entries: commit.entries }),
      ...(commit.receipt === undefined ? {} : { receipt: { ...commit.receipt, versions: seqs } }),
    };
    broken = true;
    const bytes = new Map<number, Buffer>();
    for (const { key, entries, blocks } of runs) {
      const first = nextBlock;
      for (const bodies of blocks) {
        const number = nextBlock++;
        files.putBlock(number, key.id, number === first ? sealIndex(number, key.key, entries) : null, sealBody(number, key.key, bodies));
      }
      applyRun(first, entries);
      const all = blocks.flat();
      entries.forEach(([{ seq }], i) => {
        bytes.set(seq, all[i]!);
      });
    }
    if (record.lists.length > 0 || record.entries || record.receipt) {
      const number = nextNote++;
      files.putNote(number, seal(register, Buffer.from(JSON.stringify(record)), `note ${number}`));
      state.note(record);
    }
    broken = false;
    return () => ({ versions: seqs.map(seq => made(seq, bytes.get(seq)!)), repeated: false });
  };
  /** A version just written: its bytes are at hand, no block need be opened. */
  const made = (seq: number, bytes: Buffer): Version => {
    const name = ledger.name(ledger.resource(seq));
    const slash = name.indexOf('/');
    return {
      type: name.slice(0, slash),
      id: name.slice(slash + 1),
      versionId: ledger.versionId(seq),
      lastUpdated: ledger.time(seq),
      deleted: bytes.length === 0,
      bytes,
    };
  };

  const personOf = (seq: number): number => state.persons.person(state.persons.number(ledger.name(ledger.resource(seq))));

  return {
    async read(access, type, id) {
      const seq = known(access, type, id);
      return seq === 0 ? undefined : versionAt(seq);
    },

    async version(access, type, id, versionId) {
      const sees = evaluation(access).sees(type);
      let seq = ledger.current(ledger.find(`${type}/${id}`));
      while (seq !== 0 && ledger.versionId(seq) > versionId) seq = ledger.previous(seq);
      return seq !== 0 && ledger.versionId(seq) === versionId && sees(seq) ? versionAt(seq) : undefined;
    },

    async history(access, type, id, count, before) {
      const sees = evaluation(access).sees(type);
      const seqs: number[] = [];
      for (let seq = ledger.current(ledger.find(`${type}/${id}`)); seq !== 0; seq = ledger.previous(seq)) if (sees(seq)) seqs.push(seq);
      if (seqs.length === 0) return undefined;
      const older = before === undefined ? seqs : seqs.filter(seq => ledger.versionId(seq) < before);
      return { total: seqs.length, versions: older.slice(0, count).map(versionAt) };
    },

    async search(access: Access, query: SearchQuery, cursor?: Cursor): Promise<Page> {
      const asked = evaluation(access, cursor?.snapshot);
      const found = asked.run(query.type, query.where);
      if (query.count === 0 || query.summary === 'count')
        return { matches: [], included: [], total: found.length, truncatedIncludes: false };
      const page = cut(state, query, found, cursor?.after);
      const extra = included(asked, query, page.seqs, options.maxIncluded ?? 1000);
      return {
        matches: page.seqs.map(versionAt),
        included: extra.seqs.map(versionAt),
        total: found.length,
        truncatedIncludes: extra.truncated,
        ...(page.cursor ? { next: { snapshot: asked.snapshot, after: page.cursor } } : {}),
      };
    },

    async match(access, query, most) {
      const found = evaluation(access).run(query.type, query.where);
      return found.slice(0, most + 1).map(seq => ledger.name(ledger.resource(seq)).slice(query.type.length + 1));
    },

    commit(commit) {
      return new Promise<Committed>((resolve, reject) => {
        waiting.push({ commit, resolve, reject });
        schedule();
      });
    },

    async sender(access, type, id) {
      return known(access, type, id) === 0 ? undefined : ledger.sender(ledger.find(`${type}/${id}`));
    },

    async receipt(key) {
      usable();
      const found = state.receipt(key);
      return found && { shape: found.shape, versions: found.versions.map(versionAt) };
    },

    async book(name) {
      usable();
      return [...state.book(name)];
    },

    async lines(persons): Promise<readonly ListEntry[]> {
      usable();
      return state.lists.of(persons);
    },

    async persons(access, query): Promise<PersonSet> {
      const asked = evaluation(access);
      const having = (where: readonly Predicate[]): PersonSet => Bits.of(state.persons.size, asked.run('Patient', where).map(personOf));
      let set: PersonSet | undefined;
      for (const predicate of query.where) {
        const denied = opposite(predicate);
        if (denied) set = (set ?? having([])).minus(having([denied]));
        else set = set ? set.and(having([predicate])) : having([predicate]);
      }
      return set ?? having([]);
    },

    async *each(access, set): AsyncIterable<Person> {
      for (const root of set as Bits) {
        const asked = evaluation(access);
        const records = state.persons
          .names(root)
          .map(number => state.persons.label(number))
          .filter(name => name.startsWith('Patient/') && asked.at('Patient', ledger.find(name)) !== 0)
          .sort((a, b) => first(a) - first(b));
        if (records.length > 0) yield { number: root, anchor: anchorOf(root), records };
      }
    },

    async about(access, person, types): Promise<readonly Version[]> {
      return evaluation(access).about(person.number, types).map(versionAt);
    },

    async tally(access, patient) {
      const name = state.persons.find(patient);
      const asked = evaluation(access);
      return name < 0 ? [] : tally(state, asked.about(state.persons.person(name)), options.timeZone);
    },

    async referred(access, references): Promise<readonly Version[]> {
      const asked = evaluation(access);
      const seqs = references.map(name => asked.at(name.slice(0, name.indexOf('/')), ledger.find(name))).filter(seq => seq !== 0);
      return ascending(seqs).map(versionAt);
    },

    ready: () => !broken && !closed,

    async close() {
      while (waiting.length > 0) await new Promise(resolve => setImmediate(resolve));
      if (!closed) files.close();
      closed = true;
    },
  };

  /** Number of the first version of a resource. */
  function first(name: string): number {
    let seq = ledger.current(ledger.find(name));
    while (ledger.previous(seq) !== 0) seq = ledger.previous(seq);
    return seq;
  }

  /** The first Patient record of a person that ever came, readable or not: what keys are derived from must not hang on the asker. */
  function anchorOf(root: number): string {
    const records = state.persons
      .names(root)
      .map(number => state.persons.label(number))
      .filter(name => name.startsWith('Patient/') && first(name) !== 0);
    return records.reduce((a, b) => (first(b) < first(a) ? b : a));
  }
}

/** What a negative predicate denies; undefined for a positive one. */
const opposite = (predicate: Predicate): Predicate | undefined => {
  if (predicate.kind === 'token' && predicate.not) return { ...predicate, not: false };
  return predicate.kind === 'missing' && predicate.missing ? { ...predicate, missing: false } : undefined;
};
