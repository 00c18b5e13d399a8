/**
 * Rules of a configuration that Noren's language has too, with the elements that they work on, beside the policy that is hardened.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { elementsOf } from '../../fhir/profile/elements.ts';
import type { Policy } from '../policy.ts';
import type { Equivalent } from './equivalent.ts';
import type { Rule } from './rule.ts';

/** A rule of the configuration, and what stands for it. */
export interface Found {
  readonly rule: Rule;
  readonly made: Equivalent;
}

interface Part extends Found {
  readonly path: string;
  readonly type: string;
  readonly part: string;
}

export class Taken {
  readonly #given: Policy;
  /** Path → the methods that the policy has for it. */
  readonly #methods: ReadonlyMap<string, readonly string[]>;
  readonly #whole = new Map<string, Found>();
  #parts: Part[] = [];

  constructor(given: Policy) {
    this.#given = given;
    const all = given.groups.flatMap(group => group.rules.flatMap(({ paths, method }) => paths.map(path => ({ path, method }))));
    this.#methods = new Map([...Map.groupBy(all, ({ path }) => path)].map(([path, list]) => [path, list.map(one => one.method)]));
  }

  #isRemoved(path: string): boolean {
    return this.#methods.get(path)?.at(-1) === 'remove';
  }

  /** Whether the policy leaves all of this type as it is. */
  isKept(type: string): boolean {
    return this.#methods.get(type)?.at(-1) === 'keep';
  }

  /** Whether the policy lets out something of this type wherever it is listed. */
  isTreated(type: string): boolean {
    return (this.#methods.has(type) || this.#given.elements[type] !== undefined) && !this.#isRemoved(type);
  }

  /** Whether the policy lists a path below a resource, or removes it by a rule of its own. */
  isSettled(type: string, names: readonly string[]): boolean {
    const element = elementsOf(type).get(names[0]!)!;
    const listed = this.#given.elements[type] ?? [];
    const inWords = names.length === 1 ? [names[0]!, element.path.slice(type.length + 1)] : [names.join('.')];
    const above = names.map((_, i) => names.slice(0, i + 1).join('.'));
    return inWords.some(one => listed.includes(one)) || [...inWords, ...above].some(one => this.#isRemoved(`${type}.${one}`));
  }

  put(path: string, found: Found): void {
    this.#whole.set(path, found);
  }

  /** One element of a data type of which the policy lets out nothing. @returns whether it is such a one */
  putPart(path: string, type: string, part: string, found: Found): boolean {
    if (this.isTreated(type)) return false;
    this.#parts.push({ ...found, path, type, part });
    return true;
  }

  /**
   * A data type has one list of elements, wherever it stands: what another place asks for otherwise does not leave.
   * @returns paths that do not
   */
  settle(): readonly string[] {
    const gone: string[] = [];
    for (const ofType of Map.groupBy(this.#parts, ({ type }) => type).values()) {
      const places = [...Map.groupBy(ofType, ({ path }) => path)];
      const said = ([, parts]: (typeof places)[number]): string =>
        JSON.stringify(parts.map(({ part, made }): [string, Equivalent] => [part, made]).sort(([a], [b]) => (a < b ? -1 : 1)));
      gone.push(...places.filter(place => said(place) !== said(places[0]!)).map(([path]) => path));
    }
    this.#parts = this.#parts.filter(({ path }) => !gone.includes(path));
    return gone;
  }

  /** Data type → elements of it that leave. */
  get lists(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(
      [...Map.groupBy(this.#parts, ({ type }) => type)].map(([type, parts]) => [type, [...new Set(parts.map(({ part }) => part))]]),
    );
  }

  get rules(): readonly Json[] {
    const rules = [...this.#whole].map(([path, { made }]) => ({ paths: [path], ...made }) as Json);
    const places = new Set(this.#parts.map(({ path }) => path));
    if (places.size > 0) rules.push({ paths: [...places], method: 'listed' });
    const ofParts = new Map(this.#parts.map(({ type, part, made }) => [`${type}.${part}`, made]));
    return [...rules, ...[...ofParts].map(([path, made]): Json => ({ paths: [path], ...made }))];
  }

  /** Where a rule works, by the method that stands for it. */
  placesOf(rule: Rule): ReadonlyMap<string, readonly string[]> {
    const found = [
      ...[...this.#whole].map(([path, one]) => ({ ...one, at: path })),
      ...this.#parts.map(one => ({ ...one, at: `${one.path}.${one.part}` })),
    ].filter(one => one.rule === rule);
    return new Map([...Map.groupBy(found, ({ made }) => made.method)].map(([method, list]) => [method, list.map(({ at }) => at)]));
  }
}
