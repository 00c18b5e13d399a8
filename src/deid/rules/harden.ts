/**
 * A configuration of the Microsoft-compatible format made into a policy of Noren: closed world, keyed pseudonyms, a secret shift for each person.
 * What leaves is what both let out: the configuration, and a built-in policy whose treatment of each type is taken over. Nothing leaves that one of them would not give.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { elementsOf, typesOf } from '../../fhir/profile/elements.ts';
import { PolicyError, readPolicy } from '../policy.ts';
import { type Automaton, automaton, type Field, type Shape } from './automaton.ts';
import type { RulesConfiguration } from './configuration.ts';
import { isFor, readPath } from './path.ts';
import { isResource, placesOf } from './places.ts';
import type { Rule } from './rule.ts';

export interface Hardened {
  /** JSON of a policy, as readPolicy takes it. */
  readonly policy: Json;
  /** What became of rules that could not be taken over, and what does not leave although the configuration keeps it: sentences. */
  readonly notes: readonly string[];
}

const ofQuantity = ['value', 'comparator', 'unit', 'system', 'code'];
/** What the method for a data type may write of it: if the configuration removes one of these, nothing of it leaves. */
const written: Readonly<Record<string, readonly string[]>> = {
  Coding: ['system', 'code'],
  Quantity: ofQuantity,
  Age: ofQuantity,
  Duration: ofQuantity,
  Count: ofQuantity,
  Distance: ofQuantity,
  Reference: ['reference'],
  Address: ['state', 'city'],
};
const deepest = 8;

/** The static beginning of a path that goes on with something else: it finds more, and so is the safer one. */
const beginning = /^(?:nodesBy(?:Type|Name)\('[A-Za-z0-9]+'\)|[a-z][A-Za-z0-9]*(?![\w(]))(?:\.[a-z][A-Za-z0-9]*(?![\w(]))*/;

const removing = new Set(['redact', 'encrypt', 'substitute', 'perturb', 'generalize', 'unknown']);

/** What a path finds in a nested resource that it leads into (`Bundle.entry.resource.id`) is removed from any resource (`Resource.id`). */
function withNested(rule: Rule): Rule[] {
  const { type, steps: found } = rule.path;
  if (found === undefined || !removing.has(rule.method.name)) return [rule];
  const start = found.nodes === undefined ? type : found.nodes.by === 'type' ? found.nodes.argument : '';
  let types = isResource(start) || elementsOf(start).size > 0 ? [start] : typesOf('resource');
  const rest = found.steps.findIndex(({ name }) => {
    const places = types.flatMap(at => [...placesOf(at).values()].filter(place => place.name === name));
    types = places.map(place => place.type);
    return types.includes('Resource');
  });
  if (rest < 0) return [rule];
  return [rule, { ...rule, path: readPath(['Resource', ...found.steps.slice(rest + 1).map(({ name }) => name)].join('.')) }];
}

/** Rules by type alone: of a condition only what it stands behind, of what cannot be told the whole resource. */
function widened(rules: readonly Rule[], notes: string[]): Rule[] {
  return rules.flatMap((rule): Rule[] => {
    const { path, method, place } = rule;
    if (path.root || (path.steps !== undefined && path.steps.nodes?.whole !== true)) return [rule];
    const { type, expression } = path;
    if (path.steps?.nodes !== undefined) return [{ ...rule, path: readPath(`Resource.${expression}`) }];
    if (method.name === 'keep') {
      notes.push(`${place}: "keep" with a condition is not taken over: what it would have kept goes by the other rules.`);
      return [];
    }
    const start = beginning.exec(expression)?.[0];
    const wider = readPath(start === undefined ? type || 'Resource' : `${type || 'Resource'}.${start}`);
    notes.push(`${place}: the condition of the path is left out, and the rule works on all that "${wider.written}" finds.`);
    return [{ ...rule, path: wider.root || wider.steps !== undefined ? wider : readPath(type || 'Resource') }];
  });
}

/**
 * @param base JSON of a whole policy, none that extends another: its elements, methods for types, label
 * @throws PolicyError if nothing leaves
 */
export function harden(configuration: RulesConfiguration, base: Json): Hardened {
  const given = readPolicy(base);
  const notes: string[] = [];
  const rules = widened(configuration.rules, notes).flatMap(withNested);
  for (const { place, method } of rules) {
    if (method.name === 'unknown') notes.push(`${place}: the method "${method.written}" is not known; what it finds is removed.`);
    else if (removing.has(method.name) && method.name !== 'redact')
      notes.push(`${place}: "${method.name}" is not taken over; what it finds is removed.`);
  }

  /** Whether what the policy makes of an element may leave by the configuration too. */
  function leaves(field: Field, depth = 0): boolean {
    const { place } = field;
    const name = rules[field.rule]?.method.name;
    if (name !== undefined && removing.has(name)) return false;
    // A hash in the place of a text is one that can be guessed; ids and references get pseudonyms.
    if (name === 'cryptoHash' && place.type !== 'Reference' && !(place.parentType === 'Reference' && place.name === 'reference'))
      return false;
    if (place.primitive) return true;
    if (depth > deepest) return false;
    const parts = written[place.type] ?? given.elements[place.type];
    return parts === undefined || parts.every(part => whole(field.shape(), part.split('.'), depth + 1));
  }

  const named = (shape: Shape, name: string): Field[] =>
    [...shape.fields.values()].filter(
      ({ kind, place }) => kind !== 'beside' && kind !== 'besides' && (place.property === name || name === `${place.name}[x]`),
    );
  const isRemoved = (field: Field): boolean => removing.has(rules[field.rule]?.method.name ?? 'keep');

  /** Whether all that has a path inside a data type leaves. */
  function whole(shape: Shape, [name = '', ...rest]: readonly string[], depth: number): boolean {
    return named(shape, name).every(field =>
      rest.length === 0 ? leaves(field, depth) : !isRemoved(field) && whole(field.shape(), rest, depth),
    );
  }

  /** Properties at the end of a path of names that leave; of a choice each variant by itself. */
  function along(shape: Shape, names: readonly string[]): string[] {
    const [name = '', ...rest] = names;
    const fields = named(shape, name);
    if (rest.length === 0) return fields.filter(field => leaves(field)).map(field => field.place.property);
    return fields
      .filter(field => !isRemoved(field))
      .flatMap(field => along(field.shape(), rest).map(one => `${field.place.property}.${one}`));
  }

  const elements: Record<string, readonly string[]> = {};
  const removed: string[] = [];
  for (const [type, paths] of Object.entries(given.elements)) {
    if (!isResource(type)) {
      elements[type] = paths;
      continue;
    }
    const numbers = rules.flatMap((rule, number) => (isFor(rule.path.type, type) ? [number] : []));
    // A method that only works on trees removes here; as redact it can be walked.
    const walked = rules.map((rule): Rule => (removing.has(rule.method.name) ? { ...rule, method: { name: 'redact' } } : rule));
    const machine: Automaton = automaton(type, walked, numbers, configuration.parameters);
    const shape = machine.root(type);
    const listed = paths.flatMap(path => {
      const left = along(shape, path.split('.'));
      if (left.length === 0) {
        removed.push(`${type}.${path}`);
        return [];
      }
      const all = path.endsWith('[x]') ? variants(type, path) : 1;
      return left.length === all || (left.length === 1 && left[0] === path) ? [path] : left;
    });
    if (listed.length === 0) removed.push(type);
    else elements[type] = listed;
  }
  const types = Object.keys(elements).filter(isResource);
  if (types.length === 0) throw new PolicyError('fhirPathRules', 'nothing leaves by the configuration and the built-in policy both');

  const outside = new Set(rules.map(rule => rule.path.type).filter(type => isResource(type) && given.elements[type] === undefined));
  if (outside.size > 0) notes.push(`Of types that rules name, the built-in policy does not let out: ${[...outside].join(', ')}.`);
  notes.push(
    'Free text, names, identifiers, URLs, attachments and extensions do not leave, also where the configuration keeps them.',
    'Ids, references and dates go by the keys of a release: they do not match what the format’s own tool wrote before.',
  );
  if (removed.length > 0) notes.push(`The configuration removes of what the built-in policy gives: ${removed.join(', ')}.`);

  const groups = given.groups.flatMap(group => {
    const kept = group.rules.flatMap(rule => {
      const paths = rule.paths.filter(path => rule.method === 'remove' || isReached(path, elements));
      return paths.length === 0 ? [] : [{ paths, method: rule.method, ...rule.options }];
    });
    return kept.length === 0 ? [] : [{ measure: group.measure, title: group.title, rules: kept }];
  });
  return {
    policy: { ...base, name: `${given.name}-hardened`, title: `A configuration of rules, hardened: ${given.title}`, groups, elements },
    notes,
  };
}

/** How many properties a choice at the end of a path has. */
function variants(type: string, path: string): number {
  let at = type;
  const names = path.split('.');
  const last = names.pop()!;
  for (const name of names) at = elementsOf(at).get(name)?.type ?? '';
  return [...elementsOf(at).values()].filter(element => element.path.endsWith(`.${last}`)).length;
}

/** Whether a rule still has something to work on: an element that is listed, or a type that a listed element has. */
function isReached(path: string, elements: Readonly<Record<string, readonly string[]>>): boolean {
  const [type = '', ...names] = path.split('.');
  if (type === 'Resource') return true;
  const types = reachedTypes(elements);
  if (names.length === 0) return types.has(path);
  const below = names.join('.');
  const plain = (one: string): string => one.replace('[x]', '');
  return (
    (isResource(type) || types.has(type)) &&
    (elements[type] ?? []).some(one => one === below || (below.endsWith('[x]') && one.startsWith(plain(below))))
  );
}

const reached = new WeakMap<object, ReadonlySet<string>>();

/** Data types and primitives of all that is listed. */
function reachedTypes(elements: Readonly<Record<string, readonly string[]>>): ReadonlySet<string> {
  const known = reached.get(elements);
  if (known !== undefined) return known;
  const types = new Set<string>();
  const visit = (type: string): void => {
    for (const path of elements[type] ?? []) {
      let at = [type];
      for (const name of path.split('.'))
        at = at.flatMap(one =>
          [...elementsOf(one)]
            .filter(([property, { path: of }]) => property === name || of.endsWith(`.${name}`))
            .map(([, { type: is }]) => is),
        );
      for (const one of at) {
        if (types.has(one)) continue;
        types.add(one);
        visit(one);
      }
    }
  };
  for (const type of Object.keys(elements)) if (isResource(type)) visit(type);
  reached.set(elements, types);
  return types;
}
