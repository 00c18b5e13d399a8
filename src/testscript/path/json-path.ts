/**
 * JSONPath, as far as scripts use it: names, `['…']`, indexes (from the end too), `*`, `..`, lists, slices, and filters that compare with a constant.
 * What is none of these is a fault. A path without `$` begins at the root as well: `id`, `.name[0].family`.
 * JSONPath: https://www.rfc-editor.org/rfc/rfc9535
 * @module
 */
import { Fault } from '../fault.ts';
import { textOf } from '../message.ts';
import { isJson } from '../pick.ts';
import { Budget } from './budget.ts';

type Select = (value: unknown) => Iterable<unknown>;

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isJson(value) && textOf(value) === undefined ? Object.values(value) : [];
}

/** A name on a list means that of its members, as those who write `name.family` expect. */
const named =
  (name: string, spread: boolean): Select =>
  value => {
    if (Array.isArray(value)) return spread ? value.flatMap(v => [...named(name, true)(v)]) : [];
    return isJson(value) && Object.hasOwn(value, name) ? [value[name]] : [];
  };

const indexed =
  (index: number): Select =>
  value => {
    if (!Array.isArray(value)) return [];
    const found = value.at(index);
    return found === undefined ? [] : [found];
  };

class Reader {
  at = 0;
  readonly path: string;
  readonly budget = new Budget();
  constructor(path: string) {
    this.path = path;
  }

  fail(): never {
    throw new Fault(`The JSONPath cannot be understood at its character ${this.at + 1}.`);
  }

  take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.path);
    if (found === null) return undefined;
    this.at = sticky.lastIndex;
    return found[1] ?? found[0];
  }

  get more(): boolean {
    return this.at < this.path.length;
  }

  steps(end: RegExp | undefined, spread: boolean): Select[] {
    const steps: Select[] = [];
    while (this.more && !(end !== undefined && new RegExp(end.source, 'y').test(this.path.slice(this.at)))) steps.push(this.step(spread));
    return steps;
  }

  walk(values: readonly unknown[], steps: readonly Select[]): unknown[] {
    let now = [...values];
    for (const step of steps) {
      const next: unknown[] = [];
      for (const value of now)
        for (const found of step(value)) {
          this.budget.spend(1);
          next.push(found);
        }
      now = next;
    }
    return now;
  }

  private step(spread: boolean): Select {
    const deep = this.take(/\.\./) !== undefined;
    const dot = !deep && this.take(/\./) !== undefined;
    const inner = this.take(/\*/) !== undefined ? children : this.name(dot || deep, spread && !deep);
    return deep ? value => [...this.below(value)].flatMap(v => [...inner(v)]) : inner;
  }

  /** A value with all that is below it. */
  private *below(value: unknown): Generator<unknown> {
    this.budget.spend(1);
    yield value;
    for (const child of children(value)) yield* this.below(child);
  }

  private name(dotted: boolean, spread: boolean): Select {
    if (dotted) {
      const name = this.take(/[A-Za-z_$\u0080-\uffff][\w$-]*/);
      if (name !== undefined) return named(name, spread);
    }
    if (this.take(/\[\s*/) === undefined) return this.fail();
    const select = this.bracket();
    if (this.take(/\s*\]/) === undefined) return this.fail();
    return select;
  }

  private bracket(): Select {
    if (this.take(/\*/) !== undefined) return children;
    if (this.take(/\?\s*/) !== undefined) {
      const test = this.filter();
      return value => children(value).filter(test);
    }
    const slice = this.take(/(-?\d*\s*:\s*-?\d*)(?=\s*\])/);
    if (slice !== undefined) {
      const [from, to] = slice.split(':').map(t => (t.trim() === '' ? undefined : Number(t)));
      return value => (Array.isArray(value) ? value.slice(from, to) : []);
    }
    const all: Select[] = [];
    do {
      const number = this.take(/-?\d+/);
      if (number !== undefined) all.push(indexed(Number(number)));
      else all.push(named(this.quoted() ?? this.fail(), false));
    } while (this.take(/\s*,\s*/) !== undefined);
    return value => all.flatMap(select => [...select(value)]);
  }

  private quoted(): string | undefined {
    return this.take(/'([^'\\]*)'/) ?? this.take(/"([^"\\]*)"/);
  }

  private filter(): (value: unknown) => boolean {
    const bare = this.take(/\(\s*/) === undefined;
    const test = this.or();
    if (!bare && this.take(/\s*\)/) === undefined) this.fail();
    return test;
  }

  private or(): (value: unknown) => boolean {
    const parts = [this.and()];
    while (this.take(/\s*\|\|\s*/) !== undefined) parts.push(this.and());
    return value => parts.some(part => part(value));
  }

  private and(): (value: unknown) => boolean {
    const parts = [this.comparison()];
    while (this.take(/\s*&&\s*/) !== undefined) parts.push(this.comparison());
    return value => parts.every(part => part(value));
  }

  private comparison(): (value: unknown) => boolean {
    if (this.take(/!\s*(?=[@(])/) !== undefined) {
      const inner = this.comparison();
      return value => !inner(value);
    }
    if (this.path[this.at] === '(') return this.filter();
    if (this.take(/@/) === undefined) return this.fail();
    const steps = this.steps(/\s*(?:==|!=|<=|>=|<|>|&&|\|\||\)|\])/, false);
    const operator = this.take(/\s*(==|!=|<=|>=|<|>)\s*/);
    if (operator === undefined) return value => this.walk([value], steps).length > 0;
    const text = this.quoted() ?? this.take(/-?\d+(?:\.\d+)?|true|false/) ?? this.fail();
    return value => {
      const found = this.walk([value], steps).map(textOf);
      if (operator === '!=') return !found.includes(text);
      return found.some(actual => actual !== undefined && compared(actual, operator, text));
    };
  }
}

function compared(actual: string, operator: string, text: string): boolean {
  if (operator === '==') return actual === text;
  const [a, b] = [Number(actual), Number(text)];
  const numbers = actual.trim() !== '' && !Number.isNaN(a) && !Number.isNaN(b);
  const order = numbers ? a - b : actual < text ? -1 : actual > text ? 1 : 0;
  return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
}

/** Texts of the primitives found; an object or list as its JSON. @throws Fault for what is no JSONPath that is supported here */
export function jsonPath(json: unknown, path: string): string[] {
  const rooted = path.startsWith('$');
  const first = /^[A-Z][A-Za-z]+(?=\.|$)/.exec(path)?.[0];
  const own = first !== undefined && isJson(json) && json['resourceType'] === first ? path.slice(first.length) : path;
  const reader = new Reader(rooted ? own.slice(1) : own === '' || own.startsWith('.') || own.startsWith('[') ? own : `.${own}`);
  const found = reader.walk([json], reader.steps(undefined, !rooted));
  return (rooted ? found : found.flat()).map(value => textOf(value) ?? JSON.stringify(value));
}
