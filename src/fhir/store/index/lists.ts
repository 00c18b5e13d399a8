/**
 * Patient lists: lines that a resource made (a notice, an objection), found for every record of the person.
 * What a line means its owner knows; here it is kept, and left out by.
 * @module
 */
import type { ListEntry } from '../store.ts';
import type { Persons } from './persons.ts';

const manyNames = 100;

export class Lists {
  readonly #persons: Persons;
  readonly #lines = new Map<string, ListEntry>();
  /** Number of a name → keys of the lines that name it. */
  readonly #byName = new Map<number, Set<string>>();
  /** For each change of a line its list and the number of a name. */
  readonly #log: (readonly [list: string, number: number])[] = [];

  /** Root of who has many names → keys of the lines, as of so many joins. */
  readonly #kept = new Map<number, readonly string[]>();
  #keptAt = 0;

  readonly #changed: (line: ListEntry) => void;

  /** @param changed told of a line that is new or another, and of the one it takes the place of */
  constructor(persons: Persons, changed: (line: ListEntry) => void) {
    this.#persons = persons;
    this.#changed = changed;
  }

  /** @param isChange false: what a start reads beside the log, which is no change of anything */
  put(line: ListEntry, isChange = true): void {
    const key = `${line.list} ${line.source}`;
    const before = this.#lines.get(key);
    if (before) for (const name of before.persons) this.#byName.get(this.#persons.number(name))?.delete(key);
    this.#lines.set(key, line);
    this.#kept.clear();
    // The names of one line are one person's.
    this.#persons.join(line.persons);
    for (const name of line.persons) {
      const number = this.#persons.number(name);
      const keys = this.#byName.get(number);
      if (keys) keys.add(key);
      else this.#byName.set(number, new Set([key]));
    }
    if (isChange) for (const name of line.persons) this.#log.push([line.list, this.#persons.number(name)]);
    if (before) this.#changed(before);
    this.#changed(line);
  }

  /** Length of the log of changes: the same wherever the same log was read. */
  get moment(): number {
    return this.#log.length;
  }

  /** Numbers of all names of the persons whose lines on a list have changed since: whatever their number was then, it is among them. */
  changedSince(moment: number, list: string): number[] {
    const roots = new Set<number>();
    for (const [name, number] of this.#log.slice(moment)) if (name === list) roots.add(this.#persons.person(number));
    return [...roots].flatMap(root => this.#persons.names(root));
  }

  /** A line by what made it. */
  get(list: string, source: string): ListEntry | undefined {
    return this.#lines.get(`${list} ${source}`);
  }

  /** All lines of one list, in the order in which they first came. */
  lines(list: string): ListEntry[] {
    return [...this.#lines.values()].filter(line => line.list === list);
  }

  /** Lines on any record of these persons. */
  of(names: readonly string[]): ListEntry[] {
    const known = names.map(name => this.#persons.find(name)).filter(number => number >= 0);
    // Once for each person, however many of its names were given.
    const roots = new Set(known.map(number => this.#persons.person(number)));
    const keys = new Set<string>();
    for (const root of roots) for (const key of this.#keysOf(root)) keys.add(key);
    return [...keys].map(key => this.#lines.get(key)!);
  }

  /** Keys of a person's lines. Who has very many names is asked for by each of them, so the answer is kept until something changes. */
  #keysOf(root: number): readonly string[] {
    const names = this.#persons.names(root);
    if (names.length < manyNames) return this.#gathered(names);
    if (this.#keptAt !== this.#persons.joins) this.#kept.clear();
    this.#keptAt = this.#persons.joins;
    let keys = this.#kept.get(root);
    if (!keys) this.#kept.set(root, (keys = this.#gathered(names)));
    return keys;
  }

  #gathered(names: readonly number[]): string[] {
    const keys = new Set<string>();
    for (const name of names) for (const key of this.#byName.get(name) ?? []) keys.add(key);
    return [...keys];
  }
}
