/**
 * The embedded store: encrypted blocks in SQLite, the index in memory, one writer (writer.ts). Here it is opened, read and closed.
 * @module
 */
import type { Access } from '../../model/access.ts';
import type { Version } from '../../model/exchange.ts';
import { Problem } from '../../model/outcome.ts';
import type { Predicate, SearchQuery } from '../../search/query.ts';
import { Evaluation } from '../index/evaluate.ts';
import { cut, included } from '../index/page.ts';
import { Bits } from '../index/person-set.ts';
import { ascending } from '../index/postings.ts';
import { State } from '../index/state.ts';
import { tally } from '../index/tally.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Cursor, ListEntry, Page, Person, PersonSet, Store } from '../store.ts';
import { Bodies } from './bodies.ts';
import { openFiles } from './files.ts';
import { migrate } from './migrate.ts';
import { type Erased, stored, Writer } from './writer.ts';

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
  /** Whether what a sender has of a type outlives the persons that it names by reference alone (lists that the operator keeps); absent: nothing does. */
  readonly keeps?: (sender: string, type: string) => boolean;
  /** Told of each erasure when the keys are destroyed, before the commit is answered; told again at the next start if it fails. */
  readonly erased?: (erasure: Erased) => Promise<void>;
  /** Told of an erasure that cannot be carried out: its line is stored all the same. */
  readonly failed?: (error: unknown) => void;
  /** Told where an erasure stands. */
  readonly step?: (name: 'committed' | 'destroyed' | 'purged') => void;
}

/** @throws Error with one sentence when the files cannot be used */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { keyring } = options;
  const now = options.now ?? Date.now;
  const synchronous = options.synchronous ?? 'full';
  let files = openFiles(options.directory, synchronous);
  if (files.isOld) files = await migrate(files, options.directory, synchronous, { ...options, now });
  const bodies = new Bodies(files, keyring, options.cacheBytes ?? 96 * 1024 * 1024);
  const state = new State();
  const { ledger } = state;
  const writer = new Writer({ ...options, now, files, state, bodies });
  await writer.start();

  let closed = false;
  const usable = (): void => {
    if (!writer.ready() || closed)
      throw new Problem('unavailable', 'The store cannot be used; restart the server.', { headers: { 'Retry-After': '10' } });
  };
  const versionAt = (seq: number): Version => stored(ledger, seq, bodies.at(ledger.place(seq)));
  const evaluation = (access: Access, snapshot = ledger.last): Evaluation => {
    usable();
    return new Evaluation(state, access, snapshot, now());
  };
  /** Last version of a resource, a deletion too, if this Access may know of the resource. */
  const known = (access: Access, type: string, id: string): number => {
    const seq = ledger.current(ledger.find(`${type}/${id}`));
    return seq !== 0 && evaluation(access).sees(type)(seq) ? seq : 0;
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

    async commit(commit) {
      usable();
      return await writer.commit(commit);
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
      return state.lists.of(persons.map(writer.mark));
    },

    async list(name): Promise<readonly ListEntry[]> {
      usable();
      return state.lists.lines(name);
    },

    mark: writer.mark,

    async moment() {
      usable();
      return state.lists.moment;
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

    ready: () => writer.ready() && !closed,

    async close() {
      await writer.idle();
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
