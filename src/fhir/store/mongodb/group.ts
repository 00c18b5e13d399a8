/**
 * Which commits may share a log entry: each of a group is judged against the state before the entry, so none may hang on what another of the group writes. What might is left for the next
 * entry; it is asked by names, and where that cannot tell, the answer is no.
 * @module
 */
import { asServer } from '../../model/access.ts';
import type { Predicate } from '../../search/query.ts';
import { Evaluation } from '../index/evaluate.ts';
import { type IndexRecord, State } from '../index/state.ts';
import type { NameMark } from '../keys/mark.ts';
import type { Prepared } from '../log/prepare.ts';
import type { Commit, Criteria } from '../store.ts';

/** Predicates that look at one resource alone. */
const plain: ReadonlySet<Predicate['kind']> = new Set([
  'token',
  'string',
  'date',
  'number',
  'quantity',
  'reference',
  'uri',
  'composite',
  'missing',
  'id',
  'lastUpdated',
]);

const server = asServer('judge commits of one group');
/** Commits in one entry, and bytes of their resources unless it is one alone. */
const mostCommits = 64;
const mostBytes = 4 * 1024 * 1024;

export class Group {
  readonly #state: State;
  readonly #mark: NameMark;
  readonly #receipts = new Set<string>();
  /** `Type/id` of what is written. */
  readonly #written = new Set<string>();
  /** Persons of whom a line or a joining says something: their numbers, or names not known yet. */
  readonly #persons = new Set<number | string>();
  readonly #books = new Set<string>();
  readonly #records: IndexRecord[] = [];
  /** Whether who is left out of something may change for others than those of the same commit. */
  #moves = false;
  #commits = 0;
  #bytes = 0;
  #alone = false;
  /** Holds what the group writes and nothing else. */
  #overlay: State | undefined;

  constructor(state: State, mark: NameMark) {
    this.#state = state;
    this.#mark = mark;
  }

  /** Whether the commit would be judged after the group as it is without it. */
  admits(commit: Commit, now: number): boolean {
    if (this.#commits === 0) return true;
    if (this.#alone || this.#commits >= mostCommits || isAlone(commit)) return false;
    if (commit.receipt && this.#receipts.has(commit.receipt.key)) return false;
    if (commit.writes.some(({ type, id }) => this.#written.has(`${type}/${id}`))) return false;
    if ((commit.checks ?? []).some(({ persons }) => persons.some(name => this.#persons.has(this.#person(name))))) return false;
    if ((commit.lists ?? []).some(({ persons }) => persons.some(name => this.#persons.has(this.#person(name))))) return false;
    return (commit.criteria ?? []).every(one => !this.#touches(one, now));
  }

  /** Whether an entry of a book is on its way. */
  adds(book: string): boolean {
    return this.#books.has(book);
  }

  /** False: there is no room for it. */
  add(commit: Commit, { runs }: Prepared): boolean {
    const bytes = runs.reduce((sum, { entries }) => entries.reduce((more, [, length]) => more + length, sum), 0);
    if (this.#commits > 0 && this.#bytes + bytes > mostBytes) return false;
    this.#bytes += bytes;
    this.#commits++;
    this.#alone = isAlone(commit);
    if (commit.receipt) this.#receipts.add(commit.receipt.key);
    for (const { book } of commit.entries ?? []) this.#books.add(book);
    for (const { persons } of commit.lists ?? []) {
      this.#moves = true;
      for (const name of persons) this.#persons.add(this.#person(name));
    }
    for (const { entries } of runs)
      for (const [record, length] of entries) {
        this.#written.add(`${record.type}/${record.id}`);
        if (length > 0) this.#records.push(record);
        if (record.mentions.same.length < 2) continue;
        const persons = record.mentions.same.map(name => this.#person(name));
        for (const person of persons) this.#persons.add(person);
        if (new Set(persons.filter(one => typeof one === 'number')).size > 1) this.#moves = true;
      }
    this.#overlay = undefined;
    return true;
  }

  #person(name: string): number | string {
    const { persons } = this.#state;
    const marked = this.#mark(name);
    const number = persons.find(marked);
    return number < 0 ? marked : persons.person(number);
  }

  /** Whether what criteria match may be another for what the group writes. */
  #touches({ query, ids }: Criteria, now: number): boolean {
    if (this.#moves || query.where.some(({ kind }) => !plain.has(kind))) return true;
    if (ids.some(id => this.#written.has(`${query.type}/${id}`))) return true;
    if (!this.#overlay) {
      this.#overlay = new State();
      this.#records.forEach((record, i) => void this.#overlay!.apply({ ...record, seq: i + 1 }, { block: 0, offset: 0, length: 1 }));
    }
    return new Evaluation(this.#overlay, server, this.#overlay.ledger.last, now).run(query.type, query.where).length > 0;
  }
}

/** Erasing means all there is of a person, a purge all that lies beside what goes, and a release everybody whom a line may have come for. */
const isAlone = (commit: Commit): boolean =>
  (commit.erase ?? []).length > 0 || (commit.forget ?? []).length > 0 || commit.unchanged !== undefined;
