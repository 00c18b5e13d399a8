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
  /** For each change of a line its list and the number of a name. */
  readonly #log: (readonly [list: string, number: number])[] = [];

  readonly #changed: (line: ListEntry) => void;

  /** @param changed told of a line that is new or another, and of the one it takes the place of */
  constructor(persons: Persons, changed: (line: ListEntry) => void) {
    this.#persons = persons;
    this.#changed = changed;
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
    for (const name of line.persons) this.#log.push([line.list, this.#persons.number(name)]);
    if (before) this.#changed(before);
    this.#changed(line);
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
}
