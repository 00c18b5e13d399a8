/**
 * The state that the log makes: all indexes in memory, built from the same records whether they are being written or read back at a start.
 * The files hold these records only encrypted, so no index on disk can be read, and destroying a patient's key takes the index rows along.
 * @module
 */

import { Problem } from '../../model/outcome.ts';
import type { Json } from '../../model/r4.ts';
import type { Parameter } from '../../search/parameters.ts';
import { searchParameters } from '../../search/parameters.ts';
import type { Values } from '../../search/values.ts';
import type { BookEntry, LineName, ListEntry, Receipt } from '../store.ts';
import { integers } from './column.ts';
import { type CustomIndex, Indexes } from './indexes.ts';
import { Ledger, type Place } from './ledger.ts';
import { LeftOut } from './left-out.ts';
import { Lists } from './lists.ts';
import type { ParameterIndex } from './parameter.ts';
import { type Mentions, Persons } from './persons.ts';
import { add, gather, type Postings, rest, strike } from './postings.ts';
import { ReferenceIndex } from './references.ts';

/** What the index must know of one version; with its place it is all that a start needs. */
export interface IndexRecord {
  readonly seq: number;
  readonly type: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly sender: string;
  readonly values: Values;
  readonly mentions: Mentions;
  /** Stands where the version before it may be gone one day: it is not the first. */
  readonly versionId?: number;
  /** Part of the legal record: no objection erases it. */
  readonly legal?: true;
  /** Edition of the definitions by which the values were taken (log/edition.ts); absent: from before there were any, or a deletion. */
  readonly made?: string;
}

/** What a line erases, written down in the commit of the objection: a start that finds it unfinished finishes it. */
export interface Intention {
  readonly list: string;
  readonly source: string;
  /** Every name of the person at that moment. */
  readonly persons: readonly string[];
  /** Numbers of the data keys. */
  readonly keys: readonly number[];
  /** Versions, and how many of them of each type and sender. */
  readonly counts: readonly { readonly type: string; readonly sender: string; readonly versions: number }[];
  /** Milliseconds. */
  readonly time: number;
}

/** What a commit leaves behind besides its versions. */
export interface CommitRecord {
  readonly lists: readonly ListEntry[];
  readonly entries?: readonly BookEntry[];
  readonly receipt?: Receipt & { readonly versions: readonly number[] };
  /** Lines whose persons are to be erased; what that means is worked out in an entry after it. Where several processes share the log. */
  readonly asks?: readonly LineName[];
  readonly erase?: readonly Intention[];
  /** Number of the entry whose asks these intentions answer. */
  readonly answers?: number;
  /** Number and time of the last version at this moment: a start gives no number twice. */
  readonly last?: readonly [seq: number, time: number];
  /** Data keys to destroy of which nothing here hangs any more. */
  readonly retire?: readonly number[];
  /** Where several processes share the log. */
  readonly forget?: Forgotten;
  /** Number of the note whose intentions are done, or whose asks cannot be answered. */
  readonly done?: number;
}

/** Versions that are taken out, and where what lay beside them lies from then on. */
export interface Forgotten {
  readonly seqs: readonly number[];
  /** Where their records came. */
  readonly runs: readonly (readonly [entry: number, run: number])[];
  /** What stays of the blocks in which they lay; blocks are counted in the entry that says so. */
  readonly moved: readonly (readonly [seq: number, block: number, offset: number, length: number])[];
  /** Names of these blocks. */
  readonly blocks: readonly string[];
}

/** A version to be taken out; without values where they are not known. */
export type Gone = Pick<IndexRecord, 'seq' | 'type' | 'made'> & { readonly values?: Values };

/** A value of Binaries beside those of search parameters: the resource that stands for it when access is decided. Nobody can search by it: codes of parameters that are added begin with a letter. */
export const guard = '_securityContext';

const beingRead = (code: string): Problem =>
  new Problem(
    'unavailable',
    `What is stored is being read anew for ${code === guard ? 'Binary.securityContext' : code}: ask a little later.`,
    {
      headers: { 'Retry-After': '5' },
    },
  );

/** Whether it is a reference of the resource itself, not of one that stands inside. */
const leadsOut = (code: string): boolean => !code.includes('#');

/** All versions of one resource type, deletions apart, and the indexes of its parameters. */
export class TypeIndex {
  readonly all: number[] = [];
  /** The deletions of its resources. */
  readonly deletions: number[] = [];
  /** Grows with each version that comes or goes, deletions too. */
  changes = 0;
  readonly #standard: Indexes;
  /** Of what is being taken anew from earlier versions; nobody is answered by it until all are read. */
  #renewing: Indexes | undefined;
  readonly #ledger: Ledger;
  /** By code: of parameters that were stored as SearchParameters (custom.ts). */
  readonly custom = new Map<string, CustomIndex>();

  constructor(type: string, ledger: Ledger) {
    this.#ledger = ledger;
    const secured = type === 'Binary' ? [{ code: guard, type: 'reference' } as const] : [];
    this.#standard = new Indexes([...searchParameters(type).values(), ...secured], ledger);
  }

  /** Entries of the largest Map of its indexes. */
  get entries(): number {
    const all = [this.#standard, ...(this.#renewing ? [this.#renewing] : []), ...this.custom.values()];
    return all.reduce((most, { entries }) => Math.max(most, entries), 0);
  }

  /** Numbers must come in ascending order. */
  add(seq: number, values: Values): void {
    this.all.push(seq);
    this.#standard.add(seq, values);
  }

  /** From now on nobody is answered by these, until `renewed`. */
  renew(slots: Iterable<Pick<Parameter, 'code' | 'type'>>): void {
    this.#renewing = new Indexes(slots, this.#ledger);
  }

  /** A version with all its values, in ascending order, those that came since `renew` too. */
  readAnew(seq: number, values: Values): void {
    this.#renewing?.add(seq, values);
  }

  /** All versions were read: their indexes take the place of those from before. */
  renewed(): void {
    if (this.#renewing) this.#standard.take(this.#renewing);
    this.#renewing = undefined;
  }

  /** Undefined: there is no such parameter for this type, or nothing stands beside it. Throws Problem unavailable for one that is being read anew. */
  parameter = (code: string): ParameterIndex | undefined => {
    this.#checkRead(code);
    return this.#standard.get(code) ?? this.custom.get(/^[^:#]*/.exec(code)![0])?.indexes.get(code);
  };

  /** Versions in which a reference leads to something inside the resource: for each type of it, its ids. */
  inside = (code: string): readonly ParameterIndex[] => {
    this.#checkRead(`${code}#`);
    return (this.#standard.get(code) ? this.#standard : this.custom.get(code)?.indexes)?.inside(code) ?? [];
  };

  #checkRead(code: string): void {
    if (this.#renewing?.get(code) || (code.includes('#') && this.#renewing?.has(code))) throw beingRead(code);
  }

  reference(code: string): ReferenceIndex | undefined {
    const found = this.parameter(code);
    return found instanceof ReferenceIndex ? found : undefined;
  }

  /** Codes of all reference parameters. Throws Problem unavailable where one is being read anew. */
  *references(): Iterable<[string, ReferenceIndex]> {
    for (const [code] of this.#renewing?.references() ?? []) if (leadsOut(code)) throw beingRead(code);
    for (const found of this.allReferences()) if (leadsOut(found[0])) yield found;
  }

  /** Those that are being read anew among them, and those of what stands inside (`subject#Patient.organization`). */
  *allReferences(): Iterable<[string, ReferenceIndex]> {
    yield* this.#standard.references();
    if (this.#renewing) yield* this.#renewing.references();
    for (const { indexes } of this.custom.values()) yield* indexes.references();
  }

  /** Takes versions out of everything, ascending. */
  remove(records: readonly Gone[]): void {
    const seqs = records.map(({ seq }) => seq);
    strike(this.all, seqs);
    strike(this.deletions, seqs);
    this.#standard.remove(records);
    // Its values may be others than those of the record.
    this.#renewing?.remove(seqs.map(seq => ({ seq })));
    for (const one of this.custom.values()) one.remove(seqs);
  }
}

export type Fit = (record: Pick<IndexRecord, 'type' | 'made' | 'values'>) => Values;

/** A Map of V8 has room for 2^24 entries; what is on its way when this is reached needs some of the rest. */
const mostNames = 2 ** 24 - 2 ** 20;

export class State {
  readonly #mostNames: number;
  readonly #fit: Fit;
  #valued = 0;
  #valuedAt = 0;
  readonly ledger = new Ledger();
  readonly persons = new Persons();
  readonly lists = new Lists(this.persons, line => this.#leftOut.get(line.list)?.changed(line));
  /** By the name of a list, from the first question about it on. */
  readonly #leftOut = new Map<string, LeftOut>();
  readonly #types = new Map<string, TypeIndex>();
  readonly #books = new Map<string, Json[]>();
  readonly #receipts = new Map<string, NonNullable<CommitRecord['receipt']>>();
  /** Version → number of the name it mentions, and one more; 0: nobody, or several. */
  readonly #about = integers();
  /** Versions that mention several names. */
  readonly #aboutMany = new Map<number, readonly number[]>();
  /** Number of a name → versions that mention it. */
  readonly #mentioning = new Map<number, Postings>();

  /**
   * @param most names of resources, names of persons, values of one parameter, or receipts, from which on it is full
   * @param fit of what a record holds the values that mean today what they meant when they were taken (log/renewal.ts). Default: all of them do
   */
  constructor(most = mostNames, fit: Fit = ({ values }) => values) {
    this.#mostNames = most;
    this.#fit = fit;
  }

  /** There is no room for more resources, in whatever memory. */
  get isFull(): boolean {
    const most = this.#mostNames;
    return Math.max(this.ledger.size, this.persons.size, this.#receipts.size) >= most || this.#values() >= most;
  }

  /** How many values the indexes hold at most of one parameter; looked at now and then, and while they are too many. */
  #values(): number {
    if (this.#valued < this.#mostNames && this.ledger.last - this.#valuedAt < this.#mostNames >> 12) return this.#valued;
    this.#valuedAt = this.ledger.last;
    this.#valued = 0;
    for (const { entries } of this.#types.values()) this.#valued = Math.max(this.#valued, entries);
    return this.#valued;
  }

  /** Applies one version. Numbers must come in ascending order. */
  apply(record: IndexRecord, place: Place): void {
    const { seq, type, mentions } = record;
    this.ledger.add(this.ledger.number(`${type}/${record.id}`), seq, record.time, record.sender, place, record.versionId);
    const joined = mentions.same.length > 0 && this.persons.join(mentions.same);
    if (mentions.about.length > 0) {
      const numbers = mentions.about.map(name => this.persons.number(name));
      if (numbers.length === 1) this.#about.set(seq, numbers[0]! + 1);
      else this.#aboutMany.set(seq, numbers);
      for (const number of numbers) add(this.#mentioning, number, seq);
    }
    for (const one of this.#leftOut.values()) {
      if (joined) one.person(this.persons.person(this.persons.number(mentions.same[0]!)));
      one.version(seq);
    }
    const index = this.type(type);
    index.changes++;
    if (place.length === 0) index.deletions.push(seq);
    else index.add(seq, this.#fit(record));
  }

  /** The same, of those that are here, where nobody has their records any more. */
  strike(seqs: readonly number[]): void {
    const here = seqs.filter(seq => this.ledger.resource(seq) !== 0);
    if (here.length === 0) return;
    const typeOf = (name: string): string => name.slice(0, name.indexOf('/'));
    this.remove(here.map(seq => ({ seq, type: typeOf(this.ledger.name(this.ledger.resource(seq))) })));
  }

  /** Versions as if they had never been: no value, name or posting is left that only they had. What a later search would find is what a store without them finds. */
  remove(records: readonly Gone[]): void {
    const sorted = [...records].sort((a, b) => a.seq - b.seq);
    const byType = Map.groupBy(sorted, ({ type }) => type);
    const targets = new Set<number>();
    for (const [type, some] of byType) {
      const index = this.type(type);
      for (const [, reference] of index.allReferences())
        for (const { seq } of some) for (const target of reference.from(seq)) targets.add(target);
      // Of those that were taken otherwise it is not known which of today's are here.
      index.remove(some.map(({ values, ...one }) => (values && this.#fit({ ...one, values }) === values ? { ...one, values } : one)));
      index.changes++;
    }
    const names = new Map<number, number[]>();
    for (const { seq } of sorted) {
      for (const name of this.#named(seq)) gather(names, name, seq);
      if (seq < this.#about.length) this.#about.set(seq, 0);
      this.#aboutMany.delete(seq);
    }
    for (const [name, seqs] of names) {
      const left = rest(this.#mentioning.get(name), seqs);
      if (left === undefined) this.#mentioning.delete(name);
      else this.#mentioning.set(name, left);
    }
    const seqs = sorted.map(({ seq }) => seq);
    const gone = new Set(seqs);
    // A request of which a part is gone is no repeat when it comes again: it is judged anew.
    for (const [key, receipt] of this.#receipts) if (receipt.versions.some(seq => gone.has(seq))) this.#receipts.delete(key);
    for (const resource of [...this.ledger.forget(seqs), ...targets])
      if (resource !== 0 && this.ledger.current(resource) === 0 && !this.#isReferredTo(resource)) this.ledger.release(resource);
  }

  #isReferredTo(resource: number): boolean {
    for (const index of this.#types.values())
      for (const [, reference] of index.allReferences()) if (reference.refers(resource)) return true;
    return false;
  }

  note(commit: CommitRecord): void {
    for (const line of commit.lists) this.lists.put(line);
    for (const { book, entry } of commit.entries ?? []) {
      const entries = this.#books.get(book);
      if (entries) entries.push(entry);
      else this.#books.set(book, [entry]);
    }
    // A start finds receipts of versions that were erased.
    if (commit.receipt?.versions.every(seq => this.ledger.resource(seq) !== 0)) this.#receipts.set(commit.receipt.key, commit.receipt);
  }

  type(name: string): TypeIndex {
    let index = this.#types.get(name);
    if (!index) {
      index = new TypeIndex(name, this.ledger);
      this.#types.set(name, index);
    }
    return index;
  }

  /** Types that have indexes of stored SearchParameters. */
  customTypes = (): string[] => [...this.#types].flatMap(([name, { custom }]) => (custom.size > 0 ? [name] : []));

  book(name: string): readonly Json[] {
    return this.#books.get(name) ?? [];
  }

  receipt(key: string): CommitRecord['receipt'] {
    return this.#receipts.get(key);
  }

  #named(seq: number): readonly number[] {
    const one = this.#about.at(seq);
    return one > 0 ? [one - 1] : (this.#aboutMany.get(seq) ?? []);
  }

  /** Which versions are left out by a list at a time (ms); undefined: none. */
  leftOut(list: string, now: number): LeftOut | undefined {
    let found = this.#leftOut.get(list);
    if (!found) {
      found = new LeftOut(this, list);
      this.#leftOut.set(list, found);
    }
    found.advance(now);
    return found.some ? found : undefined;
  }

  /** Persons (roots) whom a version is about. */
  about(seq: number): readonly number[] {
    const one = this.#about.at(seq);
    if (one > 0) return [this.persons.person(one - 1)];
    return (this.#aboutMany.get(seq) ?? []).map(number => this.persons.person(number));
  }

  /** The names that a version mentions. */
  named(seq: number): string[] {
    return this.#named(seq).map(number => this.persons.label(number));
  }

  /** Versions that mention a name. */
  mentioning(name: number): Postings | undefined {
    return this.#mentioning.get(name);
  }
}
