/**
 * Patient lists: lines that a resource made (a notice, an objection), found for every record of the person.
 * What a line means its owner knows; here it is kept, and left out by.
 * @module
 */
import type { ListEntry } from '../store.ts';
import type { Persons } from './persons.ts';

export class Lists {
  readonly #persons: Persons;
  readonly #lines = new Map<string, ListEntry>();
  /** Number of a name → keys of the lines that name it. */
  readonly #byName = new Map<number, Set<string>>();
  #changes = 0;
  /** For each change of a line its list and the number of a name. */
  readonly #log: (readonly [list: string, number: number])[] = [];
  #cache = new Map<string, ReadonlyMap<number, readonly ListEntry[]>>();
  #cachedAt = '';

  constructor(persons: Persons) {
    this.#persons = persons;
  }

  put(line: ListEntry): void {
    const key = `${line.list} ${line.source}`;
    const before = this.#lines.get(key);
    if (before) for (const name of before.persons) this.#byName.get(this.#persons.number(name))?.delete(key);
    this.#lines.set(key, line);
    // The names of one line are one person's.
    this.#persons.join(line.persons);
    for (const name of line.persons) {
      const number = this.#persons.number(name);
      const keys = this.#byName.get(number);
      if (keys) keys.add(key);
      else this.#byName.set(number, new Set([key]));
    }
    this.#changes++;
    for (const name of line.persons) this.#log.push([line.list, this.#persons.number(name)]);
  }

  /** Length of the log of changes. */
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
    const keys = new Set<string>();
    for (const name of names) {
      const number = this.#persons.find(name);
      if (number < 0) continue;
      for (const one of this.#persons.names(this.#persons.person(number))) for (const key of this.#byName.get(one) ?? []) keys.add(key);
    }
    return [...keys].map(key => this.#lines.get(key)!);
  }

  /** Person → lines of one list; empty when nobody stands on it. */
  list(name: string): ReadonlyMap<number, readonly ListEntry[]> {
    const now = `${this.#changes} ${this.#persons.joins}`;
    if (this.#cachedAt !== now) {
      this.#cache = new Map();
      this.#cachedAt = now;
    }
    let found = this.#cache.get(name);
    if (!found) {
      const made = new Map<number, ListEntry[]>();
      for (const line of this.#lines.values()) {
        if (line.list !== name) continue;
        for (const root of new Set(line.persons.map(one => this.#persons.person(this.#persons.number(one)))))
          made.set(root, [...(made.get(root) ?? []), line]);
      }
      found = made;
      this.#cache.set(name, found);
    }
    return found;
  }
}
