/**
 * Who is left out by a patient list, as one cell a version: kept true by what changes it (a line, records that become one person, a new version, a line that begins), so that a
 * query pays one look a candidate, however many stand on the list.
 * @module
 */
import type { ListEntry } from '../store.ts';
import { integers } from './column.ts';
import type { Ledger } from './ledger.ts';
import type { Lists } from './lists.ts';
import type { Persons } from './persons.ts';
import { listOf, type Postings } from './postings.ts';

/** What it must know of the state that it belongs to. */
interface Known {
  readonly ledger: Ledger;
  readonly persons: Persons;
  readonly lists: Lists;
  /** Persons (roots) whom a version is about. */
  about(seq: number): readonly number[];
  /** Versions that mention a name. */
  mentioning(name: number): Postings | undefined;
}

export class LeftOut {
  readonly #state: Known;
  readonly #list: string;
  /** 1: left out. */
  readonly #cells = integers();
  #some = false;
  /** Up to which time (ms) lines count that begin. */
  #at = Number.NEGATIVE_INFINITY;
  /** Lines that begin after that. */
  #later: { readonly from: number; readonly name: string }[] = [];

  constructor(state: Known, list: string) {
    this.#state = state;
    this.#list = list;
    for (const line of state.lists.lines(list)) this.changed(line);
  }

  /** Whether anybody is, or was, left out at all. */
  get some(): boolean {
    return this.#some;
  }

  has = (seq: number): boolean => this.#cells.at(seq) === 1;

  /** Lines that have begun by now count. Time does not go back. */
  advance(now: number): void {
    if (!(now > this.#at)) return;
    this.#at = now;
    const begun = this.#later.filter(({ from }) => from <= now);
    if (begun.length === 0) return;
    this.#later = this.#later.filter(({ from }) => !(from <= now));
    for (const { name } of begun) this.person(this.#state.persons.person(this.#state.persons.number(name)));
  }

  /** A line is new, or another than it was. */
  changed({ from, persons: names }: ListEntry): void {
    const { persons } = this.#state;
    if (from > this.#at) for (const name of names) this.#later.push({ from, name });
    for (const root of new Set(names.map(name => persons.person(persons.number(name))))) this.person(root);
  }

  /** Everything about a person (a root) is judged anew. */
  person(root: number): void {
    const { persons } = this.#state;
    const known = new Map<number, readonly ListEntry[]>();
    for (const name of persons.names(root)) for (const seq of listOf(this.#state.mentioning(name))) this.#judge(seq, known);
  }

  /** A version is new. */
  version(seq: number): void {
    this.#judge(seq, new Map());
  }

  #judge(seq: number, known: Map<number, readonly ListEntry[]>): void {
    const { persons, lists } = this.#state;
    for (const root of this.#state.about(seq)) {
      let lines = known.get(root);
      if (lines === undefined) {
        lines = lists.of([persons.label(root)]).filter(line => line.list === this.#list);
        known.set(root, lines);
      }
      if (lines.some(line => this.#covers(line, seq))) {
        this.#cells.set(seq, 1);
        this.#some = true;
        return;
      }
    }
    if (this.has(seq)) this.#cells.set(seq, 0);
  }

  #covers({ from, until, sender }: ListEntry, seq: number): boolean {
    const { ledger } = this.#state;
    return (
      !(this.#at < from) &&
      (sender === undefined || sender === ledger.sender(ledger.resource(seq))) &&
      (until === undefined || ledger.time(seq) <= until)
    );
  }
}
