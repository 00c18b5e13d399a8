/**
 * The second pass: one resource, as the policy leaves it, under a plan. What the plan does not know was not surveyed, and goes.
 * Pure: never changes what it is given, and needs nothing but the plan.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Quantity, https://hl7.org/fhir/R4/extension-data-absent-reason.html
 * @module
 */
import type { AnyResource } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import {
  amountOf,
  codeOfKey,
  codesOf,
  inOrder,
  isMeasured,
  keyOf,
  keyOfConcept,
  keyOfFact,
  keyOfNormal,
  keyOfUnit,
  keyOfValue,
  partsOfFact,
  targetOf,
} from './keys.ts';
import { beyond } from './measured.ts';
import { type Fate, hashOf, type Limits, type PlanJson } from './plan-json.ts';
import { gone, type Spot, silent, type Visitor, walk } from './walk.ts';

export interface Applied {
  /** Absent: the resource does not leave. */
  readonly resource?: AnyResource;
  readonly counts: Readonly<Partial<Record<Done, number>>>;
}

/** `rolled-up`: a code became one above it; `removed`: a code or value goes; `bounded`: a value became its bound; `reference-range`: one goes; `withheld`: the resource, or a group in it, does not leave. */
export type Done = 'rolled-up' | 'removed' | 'bounded' | 'reference-range' | 'withheld';

export interface Applier {
  /** SHA-256 (hex) of the plan. */
  readonly hash: string;
  /** @param gone names (`Type/id`) of resources that do not leave: references to them go */
  readonly apply: (resource: AnyResource, gone?: ReadonlySet<string>) => Applied;
}

interface Fact {
  /** Key of the code and of the value, as they came. */
  readonly code: string;
  readonly value: string;
  readonly fate: Fate;
  readonly limits?: Limits;
  /** Reference ranges that leave. */
  readonly normals?: ReadonlySet<string>;
}

type Table<T> = ReadonlyMap<string, ReadonlyMap<string, T>>;
const table = <T, U>(json: Readonly<Record<string, Readonly<Record<string, T>>>>, of: (value: T) => U): Table<U> =>
  new Map(Object.entries(json).map(([place, keys]) => [place, new Map(Object.entries(keys).map(([key, value]) => [key, of(value)]))]));

const coding = (key: string) => {
  const { system, code } = codeOfKey(key);
  return { ...(system === '' ? {} : { system }), ...(code === '' ? {} : { code }) };
};

export function applier(json: PlanJson): Applier {
  const looks = table(json.looks, fate => fate);
  const limits = table(json.limits, one => one);
  const normals = table(json.normals, list => new Set(list) as ReadonlySet<string>);
  const withheld: ReadonlySet<string> = new Set(json.withheld);
  let counts: Partial<Record<Done, number>> = {};
  let lost: ReadonlySet<string> | undefined;
  const count = (done: Done): void => {
    counts[done] = (counts[done] ?? 0) + 1;
  };

  /** A quantity between its limits, or its bound; undefined: it goes. */
  function within(value: unknown, known: Limits | undefined): unknown {
    const amount = amountOf(value);
    // A quantity that has only a unit tells no amount.
    if (amount === undefined) return isObject(value) && value['value'] === undefined ? value : undefined;
    if (known === undefined) return undefined;
    const { number, comparator } = amount;
    const { low, high } = known;
    const side =
      comparator !== ''
        ? beyond(known, `${comparator}${number}`)
        : low !== undefined && number <= low
          ? 'low'
          : high !== undefined && number >= high
            ? 'high'
            : undefined;
    if (side === undefined)
      return (comparator === '' ? known.plain !== false : known.shared?.includes(`${comparator}${number}`)) ? value : undefined;
    if (!isObject(value)) return undefined;
    count('bounded');
    const { _value, _comparator, extension, id, ...rest } = value;
    return { ...rest, value: known[side], comparator: side === 'low' ? '<=' : '>=' };
  }

  const without = (): undefined => {
    count('removed');
    return undefined;
  };

  function look(value: unknown, { place, kind, trace }: Spot): unknown {
    const key = keyOf(value, kind);
    if (key === undefined) return value;
    const fate = looks.get(place)?.get(key);
    if (fate === 0) return kind === 'concept' ? inOrder(value) : value;
    if (typeof fate !== 'string') {
      without();
      return fate === undefined && trace ? gone : undefined;
    }
    count('rolled-up');
    return kind === 'coding' ? coding(fate) : { coding: [coding(fate)] };
  }

  const visitor: Visitor<Fact | undefined> = {
    leaves: place => {
      if (!withheld.has(place)) return true;
      count('withheld');
      return false;
    },
    fact: (place, code, value, kind) => {
      const codeKey = keyOfConcept(code);
      const valueKey = keyOfValue(value, kind);
      const key = keyOfFact(codeKey, valueKey);
      const fate = looks.get(place)?.get(key);
      if (fate === undefined) return undefined;
      const leaves = typeof fate === 'string' ? fate : key;
      const own = isMeasured(partsOfFact(leaves)[1]) ? limits.get(place)?.get(leaves) : undefined;
      const ranges = normals.get(place)?.get(key);
      return {
        code: codeKey,
        value: valueKey,
        fate,
        ...(own === undefined ? {} : { limits: own }),
        ...(ranges === undefined ? {} : { normals: ranges }),
      };
    },
    code: (value, fact) => {
      if (fact === undefined) return gone;
      if (fact.fate === 1) return without();
      const key = fact.fate === 0 ? fact.code : partsOfFact(fact.fate)[0];
      if (key === fact.code) return inOrder(value);
      count('rolled-up');
      return { coding: [coding(key)] };
    },
    value: (value, fact) => {
      if (fact === undefined) return gone;
      if (fact.fate === 1) return silent;
      if (fact.limits !== undefined) return within(value, fact.limits) ?? without();
      const key = fact.fate === 0 ? fact.value : partsOfFact(fact.fate)[1];
      if (key === fact.value) return inOrder(value);
      if (codesOf(key).length === 0) return without();
      count('rolled-up');
      return { coding: [coding(key)] };
    },
    normal: (value, fact) => {
      if (fact?.normals?.has(keyOfNormal(value)) === true) return value;
      count('reference-range');
      return silent;
    },
    look,
    measure: (value, { place, kind }) =>
      (kind === 'quantity' ? within(value, limits.get(place)?.get(keyOfUnit(value))) : undefined) ?? without(),
    reference: value => {
      if (withheld.size > 0 && withheld.has(targetOf(value) ?? '')) return without();
      return lost !== undefined && isObject(value) && lost.has(String(value['reference'])) ? without() : value;
    },
  };

  return {
    hash: hashOf(json),
    apply: (resource, gone) => {
      counts = {};
      lost = gone;
      const out = walk(resource, visitor);
      if (out === undefined) counts.withheld = 1;
      return { ...(out === undefined ? {} : { resource: out }), counts };
    },
  };
}
