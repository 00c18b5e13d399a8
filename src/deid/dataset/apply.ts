/**
 * The second pass: one resource, as the policy leaves it, under a plan. What the plan does not know was not surveyed, and goes.
 * Pure: never changes what it is given, and needs nothing but the plan.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Quantity, https://hl7.org/fhir/R4/extension-data-absent-reason.html
 * @module
 */
import type { AnyResource } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { amountOf, codeOfKey, keyOf, keyOfConcept, keyOfNormal, keyOfUnit } from './keys.ts';
import { beyond } from './measured.ts';
import { type Fate, goes, hashOf, type Limits, type PlanJson, stays } from './plan.ts';
import { gone, type Spot, silent, type Visitor, walk } from './walk.ts';

export interface Applied {
  /** Absent: the resource does not leave. */
  readonly resource?: AnyResource;
  readonly counts: Readonly<Partial<Record<Done, number>>>;
}

/** `rolled-up`: a code became one above it; `removed`: a look or value goes; `bounded`: a value became its bound; `reference-range`: one goes; `withheld`: what holds something peculiar does not leave. */
export type Done = 'rolled-up' | 'removed' | 'bounded' | 'reference-range' | 'withheld';

export interface Applier {
  /** SHA-256 (hex) of the plan. */
  readonly hash: string;
  readonly apply: (resource: AnyResource) => Applied;
  /**
   * All resources of one person (or any that refer to each other): references to one that does not leave go with it, so that none leads to where something is missing.
   * @param nameOf what references call a resource; `Type/id` unless told
   */
  readonly applyAll: (resources: readonly AnyResource[], nameOf?: (resource: AnyResource) => string) => readonly Applied[];
}

/** What values belong to: the key of their code as it leaves; absent: it does not, and so they do not. */
interface Owner {
  readonly as?: string;
  /** Reference ranges that leave with it: none when it leaves as another code, of which they would tell. */
  readonly normals?: ReadonlySet<string>;
}

const table = <T>(json: Readonly<Record<string, Readonly<Record<string, T>>>>): ReadonlyMap<string, ReadonlyMap<string, T>> =>
  new Map(Object.entries(json).map(([place, keys]) => [place, new Map(Object.entries(keys))]));

const deep = <T>(json: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, T>>>>>>) =>
  new Map(Object.entries(json).map(([place, owners]) => [place, table(owners)] as const));

export function applier(json: PlanJson): Applier {
  const looks = deep<Fate>(json.looks);
  const limits = deep<Limits>(json.limits);
  const traces = table(json.traces);
  const normals = new Map(
    Object.entries(json.normals).map(
      ([place, keys]) => [place, new Map(Object.entries(keys).map(([key, list]) => [key, new Set(list)] as const))] as const,
    ),
  );
  let counts: Partial<Record<Done, number>> = {};
  const count = (done: Done): void => {
    counts[done] = (counts[done] ?? 0) + 1;
  };
  /** What stands in the place of a value that may not leave. */
  const without = ({ place, trace }: Spot, owner: string): undefined | typeof gone => {
    count('removed');
    return trace && traces.get(place)?.get(owner) !== goes ? gone : undefined;
  };
  const owners = new Map<string, Map<string, Owner>>();

  function ownerOf(code: unknown, place: string): Owner {
    const key = keyOfConcept(code);
    let known = owners.get(place);
    if (known === undefined) owners.set(place, (known = new Map()));
    let owner = known.get(key);
    if (owner === undefined) {
      const fate = key === '' ? stays : looks.get(place)?.get('')?.get(key);
      owner =
        fate === stays ? { as: key, normals: normals.get(place)?.get(key) ?? noNormals } : typeof fate === 'string' ? { as: fate } : {};
      if (known.size < mostOwners) known.set(key, owner);
    }
    return owner;
  }

  function look(value: unknown, spot: Spot, owner: Owner | undefined): unknown {
    const key = keyOf(value, spot.kind);
    if (key === undefined) return value;
    if (owner !== undefined && owner.as === undefined) return silent;
    const of = owner?.as ?? '';
    const fate = looks.get(spot.place)?.get(of)?.get(key);
    if (fate === stays) return value;
    if (typeof fate !== 'string') return without(spot, of);
    count('rolled-up');
    const { system, code } = codeOfKey(fate);
    const coding = { ...(system === '' ? {} : { system }), ...(code === '' ? {} : { code }) };
    return spot.kind === 'coding' ? coding : { coding: [coding] };
  }

  function measure(value: unknown, spot: Spot, owner: Owner | undefined): unknown {
    if (owner !== undefined && owner.as === undefined) return silent;
    const of = owner?.as ?? '';
    if (spot.kind === 'sampled') return without(spot, of);
    const amount = amountOf(value);
    // A quantity that has only a unit tells no amount.
    if (amount === undefined) return isObject(value) && value['value'] === undefined ? value : without(spot, of);
    const known = limits.get(spot.place)?.get(of)?.get(keyOfUnit(value));
    if (known === undefined) return without(spot, of);
    const { number, comparator } = amount;
    const text = `${comparator}${number}`;
    const side =
      comparator !== ''
        ? beyond(known, text)
        : known.low !== undefined && number <= known.low
          ? 'low'
          : known.high !== undefined && number >= known.high
            ? 'high'
            : undefined;
    if (side === undefined) return (comparator === '' ? known.plain !== false : known.shared?.includes(text)) ? value : without(spot, of);
    if (!isObject(value) || !spot.comparator) return without(spot, of);
    count('bounded');
    const { _value, _comparator, extension, id, ...rest } = value;
    return { ...rest, value: known[side], comparator: side === 'low' ? '<=' : '>=' };
  }

  const visitor: Visitor<Owner> = {
    owner: ownerOf,
    look,
    measure,
    normal: (value, owner) => {
      if (owner.normals?.has(keyOfNormal(value)) === true) return value;
      count('reference-range');
      return silent;
    },
  };

  function apply(resource: AnyResource): Applied {
    counts = {};
    const out = walk(resource, visitor);
    if (out === undefined) counts.withheld = 1;
    return { ...(out === undefined ? {} : { resource: out }), counts };
  }

  return {
    hash: hashOf(json),
    apply,
    applyAll: (resources, nameOf = one => `${one.resourceType}/${one.id}`) => {
      const done = resources.map(apply);
      const names = resources.map(nameOf);
      const missing = new Set<string>();
      const clearing: Visitor<undefined> = {
        ...nothing,
        reference: value => (missing.has(String(value['reference'])) ? undefined : value),
      };
      // What must refer to something that is missing is missing then itself.
      for (let before = -1; before < missing.size; ) {
        before = missing.size;
        done.forEach((one, i) => {
          if (one.resource === undefined) missing.add(names[i]!);
        });
        if (missing.size === before) break;
        done.forEach((one, i) => {
          if (one.resource === undefined) return;
          const resource = walk(one.resource, clearing);
          if (resource !== one.resource)
            done[i] = resource === undefined ? { counts: { ...one.counts, withheld: 1 } } : { ...one, resource };
        });
      }
      return done;
    },
  };
}

const mostOwners = 65_536;
const noNormals: ReadonlySet<string> = new Set();

/** Leaves everything as it is. */
const nothing: Visitor<undefined> = { owner: () => undefined, look: value => value, measure: value => value, normal: value => value };
