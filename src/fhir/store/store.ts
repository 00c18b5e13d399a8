/**
 * The port: what a store must do, in the words of FHIR; SQLite and MongoDB stand behind it.
 * Every read takes an Access, and its limit is part of the query, never a filter on the result.
 * A commit is one value: all of it is stored, or nothing.
 * @module
 */
import type { Access, Criterion } from '../model/access.ts';
import type { Version } from '../model/exchange.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import type { Parameter } from '../search/parameters.ts';
import type { Predicate, SearchQuery } from '../search/query.ts';

/** A business identifier that tells a person: [system, value], normalized by `personKey` (model/person.ts). */
export type PersonKey = string;

/**
 * One line of a patient list. What a list means, its owner (consent/) knows; the store keeps it in the commit of the resource that makes it,
 * finds it for every record of the person, and leaves out by it.
 */
export interface ListEntry {
  /** `notice`, `objection` … */
  readonly list: string;
  /** `Communication/<id>`, `Consent/<id>`: a later commit with the same list and source replaces this line. */
  readonly source: string;
  /** Who is meant: Patient references (`Patient/<id>`) and person keys, which are stored as keyed hashes. */
  readonly persons: readonly (string | PersonKey)[];
  /** Only data sent by this sender (`Organization/hospital-1`); absent: everybody's. */
  readonly sender?: string;
  /** Milliseconds from which the line holds. */
  readonly from: number;
  /** What was received up to this time (ms) stays left out; absent: no end. */
  readonly until?: number;
}

/** Which line: there is one for each list and source. */
export type LineName = Pick<ListEntry, 'list' | 'source'>;

/** Judges the lines on record of one person inside the commit; what it returns as a text refuses the whole commit (business-rule). */
export interface ListCheck {
  /** Patient references and person keys that mean the same person; the store widens them to every record of the person. */
  readonly persons: readonly (string | PersonKey)[];
  /** Throws a Problem to refuse the commit. `lines` holds the lines of all lists; `book` gives the entries of a book, oldest first. */
  readonly judge: (lines: readonly ListEntry[], book: (name: string) => readonly Json[]) => void;
}

/** One resource to write. */
export interface Write {
  readonly type: string;
  readonly id: string;
  /** Absent: a deletion. `meta.versionId` and `meta.lastUpdated` are set by the store. */
  readonly resource?: AnyResource;
  /** The version that must be current: a number, `absent` (never was), `any`. A deleted resource's number is that of its deletion. Else `precondition-failed` (conflict-safe: nothing is stored). */
  readonly expect: number | 'absent' | 'any';
  /** The resource must meet one of these lists of criteria, else `forbidden`; absent: whatever it is. */
  readonly within?: readonly (readonly Criterion[])[];
  /** Recorded with a first version; later versions keep the first one's. */
  readonly sender: string;
  /** Part of the legal record, which no objection erases. Absent: a Consent is, and what makes a line. */
  readonly legal?: boolean;
}

/** Versions of one resource that are taken out for good: all, all but the current one, or one that is not current. */
export interface Forget {
  readonly type: string;
  readonly id: string;
  readonly what: 'all' | 'history' | 'version';
  /** Of `version` the one that goes. Of `history` the one that stays: another one that is current refuses it (precondition-failed). */
  readonly versionId?: number;
}

/** Criteria that a conditional interaction decided on: inside the commit they must still match these ids, else `conflict` with `retry`. */
export interface Criteria {
  readonly access: Access;
  readonly query: SearchQuery;
  /** Ids found before, sorted. */
  readonly ids: readonly string[];
}

/** A request that is stored once, however often it is sent. */
export interface Receipt {
  /** Sender and Bundle.identifier. */
  readonly key: string;
  /** What the request asked for: another request under the same key is a conflict, not a repeat. */
  readonly shape: string;
}

/** What must last besides resources: an entry of a book (releases, erasures, stops …). Entries are added and never changed; what they mean their owner knows. */
export interface BookEntry {
  readonly book: string;
  /** JSON. */
  readonly entry: Json;
}

/** Persons whose lines on a list must not have changed since a moment (`Store.moment`): else the commit is Stale. */
export interface Unchanged {
  readonly moment: number;
  readonly list: string;
  readonly persons: PersonSet;
}

export interface Commit {
  readonly writes: readonly Write[];
  readonly entries?: readonly BookEntry[];
  readonly lists?: readonly ListEntry[];
  /**
   * Lines, of this commit or on record, whose persons are erased with it: everything that is stored about them by the line's sender (by all, if it names none) can never be
   * read again once the commit is answered. Who is meant is settled inside the commit. The legal record stays.
   */
  readonly erase?: readonly LineName[];
  /**
   * What is taken out of memory and of the files, as if it had never been; not together with `erase`. Refused: what there is not (not-found), a current version alone (conflict),
   * the legal record (business-rule).
   */
  readonly forget?: readonly Forget[];
  readonly checks?: readonly ListCheck[];
  readonly criteria?: readonly Criteria[];
  readonly unchanged?: Unchanged;
  /** Sender and Bundle.identifier: a second commit under the same key stores nothing and gives back what the first one wrote. */
  readonly receipt?: Receipt;
}

/** Thrown by `commit` when criteria no longer match what they matched before, or somebody’s lines have changed: ask again and try again. */
export class Stale extends Error {}

export interface Committed {
  /** In the order of the writes. */
  readonly versions: readonly Version[];
  /** True when the receipt was there already: `versions` are those of the first time. */
  readonly repeated: boolean;
}

/** A place in a result list, at a snapshot; made by the store, carried sealed by the caller. */
export interface Cursor {
  readonly snapshot: number;
  /** Sort keys of the last resource of the page before, then its number; absent: the first page. */
  readonly after?: readonly (string | number | null)[];
  /** The same of the first resource of the page behind. */
  readonly before?: readonly (string | number | null)[];
  /** So many of what the page brings along were told before: only what comes then is told, and no match. */
  readonly told?: number;
}

export interface Page {
  /** The matches of this page. */
  readonly matches: readonly Version[];
  readonly included: readonly Version[];
  /** Set when `total` was asked for, or costs nothing. */
  readonly total?: number;
  /** Set when there are more. */
  readonly next?: Cursor;
  /** Set when something comes before. */
  readonly previous?: Cursor;
  /** More would have been included than the cap allows. */
  readonly truncatedIncludes: boolean;
  /** Where the rest of what this page brings along is told; absent too where even that would be too much. */
  readonly rest?: Cursor;
}

/** Whose versions: of one resource, of a type, or of everything. */
export interface HistoryOf {
  readonly type?: string;
  readonly id?: string;
}

/** Which of them. */
export interface HistoryQuery {
  /** Versions a page; 0: the total alone. */
  readonly count: number;
  /** Milliseconds; stored then or later. */
  readonly since?: number;
  /** Current at some moment from the first to the last of these milliseconds. */
  readonly at?: readonly [from: number, to: number];
  readonly cursor?: HistoryCursor;
}

/** A place in a history, at a snapshot; made by the store, carried sealed by the caller. */
export interface HistoryCursor {
  readonly snapshot: number;
  /** Number of the last version of the page before. */
  readonly before: number;
}

/** Versions newest first, deletions too. */
export interface HistoryPage {
  readonly versions: readonly Version[];
  /** Of all pages; absent where counting would cost too much. */
  readonly total?: number;
  readonly next?: HistoryCursor;
}

/**
 * A set of persons at a snapshot: every Patient record of one person counts once. Made by `Store.persons`, of use with the same store only.
 */
export interface PersonSet {
  readonly size: number;
  and(other: PersonSet): PersonSet;
  or(other: PersonSet): PersonSet;
  minus(other: PersonSet): PersonSet;
}

/** One person as a release sees it. */
export interface Person {
  /** Number that stays the same while the store lives; never leaves the server. */
  readonly number: number;
  /** Stable secret-free name of the person to derive keys from: the reference of the person's first Patient record, `Patient/<id>`. */
  readonly anchor: string;
  /** References of the person's Patient records that this Access may know of, oldest first. */
  readonly records: readonly string[];
}

/** How many resources one sender sent of a type and year. */
export interface Tally {
  readonly sender: string;
  readonly type: string;
  /** Of the clinical date, in the server's zone; absent: the resource has none. */
  readonly year?: number;
  readonly number: number;
}

/** A SearchParameter for one of its bases: a stored one, or one of the server's own whose values earlier versions lack. */
export interface Indexing {
  readonly type: string;
  readonly code: string;
  /** Canonical of its definition. */
  readonly url: string;
  /** Versions read, of so many. */
  readonly indexed: number;
  readonly of: number;
}

/** A condition of a search, as the indexes are asked for it. */
export interface Step {
  readonly kind: Predicate['kind'];
  /** Search parameter. */
  readonly code?: string;
  /** A power of ten: so many versions, or more, are guessed to meet it; 0: fewer than a thousand. */
  readonly atLeast: number;
}

export interface Store {
  /** Current version of one resource (a deletion too), or undefined: not there for this Access. */
  read(access: Access, type: string, id: string): Promise<Version | undefined>;
  version(access: Access, type: string, id: string, versionId: number): Promise<Version | undefined>;
  /** Of one resource: undefined when it is not there for this Access. */
  history(access: Access, of: HistoryOf, asked: HistoryQuery): Promise<HistoryPage | undefined>;
  search(access: Access, query: SearchQuery, cursor?: Cursor): Promise<Page>;
  /** The search parameters of a type, by code: the specification's, this server's, and those that were stored as SearchParameters. */
  parameters(): Promise<(type: string) => ReadonlyMap<string, Parameter>>;
  /** The conditions of a search in the order in which they are looked at. */
  plan(query: SearchQuery): Promise<readonly Step[]>;
  /** How far what is stored has been read: for stored SearchParameters, and for what an earlier state of the program did not index. */
  indexing(): Promise<readonly Indexing[]>;
  /** Ids that match, at most `most` + 1, in no special order: for conditional interactions. */
  match(access: Access, query: SearchQuery, most: number): Promise<readonly string[]>;
  commit(commit: Commit): Promise<Committed>;
  /** Who sent a resource (its first version's sender), if this Access may know of it. */
  sender(access: Access, type: string, id: string): Promise<string | undefined>;
  /** What a first commit under this receipt wrote, if there was one. */
  receipt(key: string): Promise<{ readonly shape: string; readonly versions: readonly Version[] } | undefined>;
  /** The entries of a book, oldest first. */
  book(name: string): Promise<readonly Json[]>;
  /** The lines on record about a person, under every record of the person; in their `persons` keys are in the form that `mark` gives. */
  lines(persons: readonly (string | PersonKey)[]): Promise<readonly ListEntry[]>;
  /** All lines of one list. */
  list(name: string): Promise<readonly ListEntry[]>;
  /** A name of a person as lines on record have it: a person key as a keyed hash, a reference (and what is marked already) as it is. */
  mark(name: string | PersonKey): string;
  /** Where the log of changes to patient lists stands. */
  moment(): Promise<number>;

  /**
   * Persons for whom all predicates hold, each in one or another of the person's Patient records; `query.type` is Patient.
   * A negative predicate (`:not`, `:missing=true`) holds when no record has it.
   */
  persons(access: Access, query: SearchQuery): Promise<PersonSet>;
  /** The persons of a set, in order of their number. */
  each(access: Access, set: PersonSet): AsyncIterable<Person>;
  /** Current versions of everything that is about a person: Patient records, their compartments, whatever names one of them; `types` limits it. */
  about(access: Access, person: Person, types?: readonly string[]): Promise<readonly Version[]>;
  /** Current versions about the person of a Patient record that are there for this Access, counted by sender, type and year; in that order. No resource is opened. */
  tally(access: Access, patient: string): Promise<readonly Tally[]>;
  /** Current versions of these references (`Type/id`) that are there for this Access; the others are left out. */
  referred(access: Access, references: readonly string[]): Promise<readonly Version[]>;

  /** True while writes can be taken. */
  ready(): boolean;
  close(): Promise<void>;
}
