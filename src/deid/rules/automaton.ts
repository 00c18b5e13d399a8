/**
 * Rules whose paths are static, worked out for each place that a walk can come to: the rule that settles it is the first in the list that finds it or an element above it.
 * A place is known by its type, the rule that it stands under, and the rules that have come a part of their way; each is worked out when a walk first comes there.
 * @module
 */

import { type Treat, treatOf } from './methods.ts';
import type { Step } from './path.ts';
import { isQuantity } from './perturb.ts';
import { type Place, placesOf } from './places.ts';
import type { Rule, RulesParameters } from './rule.ts';

/** No rule. */
export const none = Number.MAX_SAFE_INTEGER;

/** Only the evaluator by tree can do it: for all resources of the type, or, by what it holds, for this one. */
export class NeedsTree extends Error {
  readonly onlyThis: boolean;
  constructor(onlyThis = false) {
    super();
    this.onlyThis = onlyThis;
  }
}

/** What stands in a property: primitives and their `_name` with the element around them, everything else; one or a list. */
type Kind = 'primitive' | 'primitives' | 'beside' | 'besides' | 'complex' | 'list';

/** One property of an object. */
export interface Field {
  readonly place: Place;
  readonly kind: Kind;
  /** `_name` of a primitive. */
  readonly beside: string;
  /** Any resource may stand there. */
  readonly nested: boolean;
  /** A path leads into it from outside (`Bundle.entry.resource.id`). */
  readonly entered: boolean;
  /** Number of the rule that settles it. */
  readonly rule: number;
  /** Absent: the value stays as it is. */
  readonly treat: Treat | undefined;
  /** An object of this type that is there stops the work: it cannot be generalized. */
  readonly refused: boolean;
  /** What is inside; of a primitive the element around its id and extensions. */
  readonly shape: () => Shape;
  /** Data type with a `value` that gets noise, and so settles all that stands beside it. */
  readonly quantity: (() => Shape) | undefined;
}

export interface Shape {
  /** By the property in the JSON. */
  readonly fields: ReadonlyMap<string, Field>;
  /** It is one of a whole resource, with `resourceType`. */
  readonly resource: boolean;
}

/** How a place is come to: by the rules; settled from outside of the resource; beside the value of a quantity that gets noise, or below that. */
type Mode = 'rules' | 'settled' | 'beside' | 'still';

interface Pending {
  readonly rule: number;
  readonly at: number;
}

export interface Automaton {
  /** Of the resource itself. @param under number of the rule of the resource around it that settles all of it */
  readonly root: (name: string, under?: number) => Shape;
  /** First rule of this resource that finds the root of a nested one. */
  readonly around: (place: Place, type: string) => number;
}

const isStep = (step: Step, place: Place): boolean => step.name === place.name && (step.type === undefined || step.type === place.fhirType);

/**
 * @param rules all of the configuration; those that are not for this type are passed over
 * @param numbers of those that are
 */
export function automaton(type: string, rules: readonly Rule[], numbers: readonly number[], parameters: RulesParameters): Automaton {
  const anywhere = numbers.filter(number => rules[number]!.path.steps?.nodes !== undefined);
  const shapes = new Map<string, Shape>();

  const steps = (number: number): readonly Step[] => rules[number]!.path.steps!.steps;

  /** Whether a `nodesBy…` finds a place; `type` is that of the resource where one is nested. */
  const finds = (number: number, place: Place, fhirType: string): boolean => {
    const { by, argument } = rules[number]!.path.steps!.nodes!;
    return by === 'name' ? place.name === argument : fhirType === argument;
  };

  function shape(at: string, under: number, pending: readonly Pending[], mode: Mode): Shape {
    const key = `${at} ${under} ${mode} ${pending.map(one => `${one.rule}:${one.at}`).join(' ')}`;
    let made = shapes.get(key);
    if (made === undefined) {
      const all = new Map<string, Field>();
      for (const place of placesOf(at).values()) {
        const one = field(place, under, pending, mode);
        all.set(place.property, one);
        if (place.primitive) all.set(one.beside, { ...one, kind: place.array ? 'besides' : 'beside' });
      }
      made = { fields: all, resource: at === type };
      shapes.set(key, made);
    }
    return made;
  }

  function field(place: Place, under: number, pending: readonly Pending[], mode: Mode): Field {
    let own = none;
    const further: Pending[] = [];
    const go = (number: number, at: number): void => {
      if (at === steps(number).length) own = Math.min(own, number);
      else further.push({ rule: number, at });
    };
    const nested = place.type === 'Resource';
    if (mode !== 'settled' && !nested) {
      for (const { rule, at } of pending) if (isStep(steps(rule)[at]!, place)) go(rule, at + 1);
      for (const number of anywhere) if (finds(number, place, place.fhirType)) go(number, 0);
    }
    const rule = nested ? none : Math.min(under, own);
    const method = rules[rule]?.method.name;
    // With the noise of a value all around it and below is settled, and stays.
    const still = (mode === 'beside' || mode === 'still') && own >= under;
    const complex = !place.primitive && !nested;
    if (complex && method === 'substitute' && own === rule) throw new NeedsTree();
    const below = still ? 'still' : mode === 'settled' ? 'settled' : 'rules';
    const stays = method === undefined || (still && !(mode === 'beside' && place.name === 'value'));
    const type = place.primitive ? 'Element' : place.type;
    return {
      place,
      kind: place.primitive ? (place.array ? 'primitives' : 'primitive') : place.array ? 'list' : 'complex',
      beside: '_' + place.property,
      nested,
      entered: nested && mode !== 'settled' && pending.some(({ rule, at }) => steps(rule)[at]!.name === place.name),
      rule,
      treat: place.primitive && !stays ? treatOf(rules[rule]!, rule, place, parameters) : undefined,
      refused: complex && method === 'generalize',
      shape: lazy(() => shape(type, rule, further, below)),
      quantity:
        complex && !still && method === 'perturb' && isQuantity(place.type) ? lazy(() => shape(type, rule, further, 'beside')) : undefined,
    };
  }

  function root(name: string, under: number | undefined): Shape {
    if (under !== undefined) {
      if (rules[under]!.method.name === 'substitute') throw new NeedsTree();
      return shape(type, under, [], 'settled');
    }
    let whole = none;
    const pending: Pending[] = [];
    const root = { name, fhirType: type } as Place;
    for (const number of numbers) {
      const { path } = rules[number]!;
      const { nodes, steps = [] } = path.steps ?? {};
      if (path.root) whole = Math.min(whole, number);
      else if (nodes === undefined) pending.push({ rule: number, at: 0 });
      else if (!nodes.whole && finds(number, root, type)) {
        if (steps.length === 0) whole = Math.min(whole, number);
        else pending.push({ rule: number, at: 0 });
      }
    }
    const method = rules[whole]?.method.name;
    if (method === 'substitute' || method === 'generalize') throw new NeedsTree();
    return shape(type, whole, pending, 'rules');
  }

  function around(place: Place, nested: string): number {
    for (const number of anywhere) {
      const { nodes, steps } = rules[number]!.path.steps!;
      if (!nodes!.whole || !finds(number, place, nested)) continue;
      if (steps.length > 0 || rules[number]!.method.name === 'generalize') throw new NeedsTree();
      return number;
    }
    return none;
  }

  const roots = new Map<string, Shape>();
  const met = new Map<Place, Map<string, number>>();
  return {
    root: (name, under) => {
      if (under !== undefined) return root(name, under);
      let made = roots.get(name);
      if (made === undefined) roots.set(name, (made = root(name, under)));
      return made;
    },
    around: (place, nested) => {
      let types = met.get(place);
      if (types === undefined) met.set(place, (types = new Map()));
      let number = types.get(nested);
      if (number === undefined) types.set(nested, (number = around(place, nested)));
      return number;
    },
  };
}

function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
