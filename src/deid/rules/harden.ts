/**
 * A configuration of the Microsoft-compatible format made into a policy of Noren: closed world, keyed pseudonyms, a secret shift for each person.
 * What leaves is what both let out: the configuration, and a built-in policy whose treatment of each type is taken over. Beside it a rule that Noren's language has too
 * (a substitute, noise; where the built-in policy pseudonymizes also a keyed hash, a cipher text) works on the element it finds.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { elementsOf } from '../../fhir/profile/elements.ts';
import { methods } from '../methods/index.ts';
import { type Policy, PolicyError, readPolicy } from '../policy.ts';
import { type Automaton, automaton, type Field, none, type Shape } from './automaton.ts';
import type { RulesConfiguration } from './configuration.ts';
import { equivalentOf, isStill, namesWhole, standingFor } from './equivalent.ts';
import { entersContained, letting, nestedOf } from './nested.ts';
import { isFor, readPath, type Step } from './path.ts';
import { isResource, type Place } from './places.ts';
import type { Rule } from './rule.ts';
import { type Found, Taken } from './taken.ts';

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
};
/** The same, of a method. */
const writtenBy: Readonly<Record<string, readonly string[]>> = {
  place: ['state', 'city'],
  'zip-area': ['state', 'postalCode'],
  pseudonymize: ['system', 'value'],
  link: ['system', 'value'],
  'clean-attachment': ['contentType', 'data', 'url', 'size', 'hash'],
};
const pseudonyms = new Set(['pseudonymize', 'link']);
const deepest = 8;
/** What a policy decides for every resource at once. */
const apart = new Set(['id', 'meta', 'implicitRules', 'language', 'text', 'contained', 'extension', 'modifierExtension']);

/** The static beginning of a path that goes on with something else: it finds more, and so is the safer one. */
const beginning = /^(?:nodesBy(?:Type|Name)\('[A-Za-z0-9]+'\)|[a-z][A-Za-z0-9]*(?![\w(]))(?:\.[a-z][A-Za-z0-9]*(?![\w(]))*/;

const removing = new Set(['redact', 'encrypt', 'substitute', 'perturb', 'generalize', 'unknown']);

/** Rules by type alone: of a condition only what it stands behind, of what cannot be told the whole resource. */
function widened(rules: readonly Rule[], exact: Set<Rule>, notes: string[]): Rule[] {
  return rules.flatMap((rule): Rule[] => {
    const { path, method, place } = rule;
    if (path.root || (path.steps !== undefined && path.steps.nodes?.whole !== true)) return [rule];
    const { type, expression } = path;
    const { nodes } = path.steps ?? {};
    const ofNested = nodes?.by === 'type' && isResource(nodes.argument);
    // What is removed of nested resources of a type is removed of all.
    if (ofNested && !letting.has(method.name)) return [];
    // What lets out some lets out no others: nested resources of a type, and not that type; what a condition holds for.
    if (letting.has(method.name) && (nodes === undefined || ofNested)) {
      const which = nodes === undefined ? 'with a condition' : 'of nested resources alone';
      notes.push(`${place}: "${method.name}" ${which} is not taken over: what it would have kept goes by the other rules.`);
      return [];
    }
    if (nodes !== undefined) {
      const long = { ...rule, path: readPath(`Resource.${expression}`) };
      exact.add(long);
      return [long];
    }
    const start = beginning.exec(expression)?.[0];
    const wider = readPath(start === undefined ? type || 'Resource' : `${type || 'Resource'}.${start}`);
    notes.push(`${place}: the condition of the path is left out, and the rule works on all that "${wider.written}" finds.`);
    const found = { ...rule, path: wider.root || wider.steps !== undefined ? wider : readPath(type || 'Resource') };
    // Of what it does not hold for the other rules may say anything.
    return [method.name === 'cryptoHash' ? { ...found, method: { name: 'redact' } } : found];
  });
}

/**
 * @param base JSON of a whole policy, none that extends another: its elements, methods for types, label
 * @throws PolicyError if nothing leaves
 */
export function harden(configuration: RulesConfiguration, base: Json): Hardened {
  const given = readPolicy(base);
  const notes: string[] = [];
  /** Rules that find what the file says: of one whose condition is left out, others of the file may mean what it finds beside. */
  const exact = new Set(configuration.rules);
  const own = widened(configuration.rules, exact, notes);
  const rules = [...configuration.rules.flatMap(nestedOf), ...own];
  const contained = configuration.rules.some(entersContained) ? 'remove' : given.contained;
  const taken = new Taken(given);
  const keyed = given.label.code === 'PSEUDED';

  /** Path → the method that begins there. */
  const methodsAt = new Map<string, string>();
  for (const { paths, method } of given.groups.flatMap(group => group.rules))
    for (const path of paths) if (!methodsAt.has(path)) methodsAt.set(path, method);

  const methodAt = ({ path, type }: Place): string => methodsAt.get(path) ?? methodsAt.get(type) ?? '';

  /** What the built-in policy may write of an element of a data type; undefined: nobody has said it. */
  const partsOf = (place: Place): readonly string[] | undefined =>
    written[place.type] ?? writtenBy[methodAt(place)] ?? given.elements[place.type];

  /** Whether what the policy makes of an element may leave by the configuration too. */
  function leaves(field: Field, depth = 0): boolean {
    const { place } = field;
    const rule = rules[field.rule];
    const name = rule?.method.name;
    // Noise keeps what is no number.
    if (name === 'perturb' ? !exact.has(rule!) || !isStill(place) : name !== undefined && removing.has(name)) return false;
    // A hash in the place of a text is one that can be guessed; ids and references get pseudonyms.
    if (name === 'cryptoHash' && place.type !== 'Reference' && !(place.parentType === 'Reference' && place.name === 'reference'))
      return false;
    if (place.primitive) return true;
    if (depth > deepest) return false;
    const parts = partsOf(place);
    // Nobody has said what of it is a number.
    if (parts === undefined) return name !== 'perturb';
    // A keyed pseudonym is a hash of it already.
    const isHashed = (part: string): boolean =>
      pseudonyms.has(methodAt(place)) && named(field.shape(), part).every(one => rules[one.rule]?.method.name === 'cryptoHash');
    return parts.every(part => whole(field.shape(), part.split('.'), depth + 1) || isHashed(part));
  }

  const named = (shape: Shape, name: string): Field[] =>
    [...shape.fields.values()].filter(
      ({ kind, place }) => kind !== 'beside' && kind !== 'besides' && (place.property === name || name === `${place.name}[x]`),
    );

  /** What Noren's language has for the rule that finds an element, or the one part of it that counts. @param above number of the rule of what is around it */
  function found({ place, rule: number, shape }: Field, above: number): Found | undefined {
    const rule = rules[number];
    const part = standingFor(place);
    const beside = place.type === 'Identifier' ? ['use'] : (written[place.type] ?? writtenBy[methodAt(place)] ?? []);
    if (rule !== undefined && number !== above && exact.has(rule)) {
      const made = equivalentOf(rule.method, place, keyed);
      // A rule before it may have removed some of it.
      const stays = (name: string): boolean => named(shape(), name).every(field => field.rule === number || leaves(field, 1));
      const isWhole = part === undefined || made?.method === 'substitute' || [part, ...beside].every(stays);
      if (made !== undefined && isWhole) return { rule, made };
    }
    if (place.primitive || removing.has(rule?.method.name ?? 'keep')) return undefined;
    const inner = part === undefined ? undefined : shape().fields.get(part);
    const own = inner === undefined || inner.rule === number ? undefined : rules[inner.rule];
    if (own === undefined || !exact.has(own) || !namesWhole(own.method)) return undefined;
    if (!beside.every(name => name === part || whole(shape(), [name], 1))) return undefined;
    const made = equivalentOf(own.method, place, keyed);
    return made === undefined ? undefined : { rule: own, made };
  }

  const isRemoved = (field: Field): boolean => removing.has(rules[field.rule]?.method.name ?? 'keep');

  /** Whether all that has a path inside a data type leaves. */
  function whole(shape: Shape, [name = '', ...rest]: readonly string[], depth: number): boolean {
    return named(shape, name).every(field =>
      rest.length === 0 ? leaves(field, depth) : !isRemoved(field) && whole(field.shape(), rest, depth),
    );
  }

  /** Properties at the end of a path of names that leave; of a choice each variant by itself. @param at path of the shape @param above number of the rule that settles it */
  function along(shape: Shape, names: readonly string[], at: string, above: number): string[] {
    const [name = '', ...rest] = names;
    return named(shape, name).flatMap((field): string[] => {
      const { property, type } = field.place;
      const path = `${at}.${property}`;
      // Of a group that is removed stays what an earlier rule has settled.
      if (rest.length > 0) return along(field.shape(), rest, path, field.rule).map(one => `${property}.${one}`);
      if (leaves(field)) return [property];
      const one = found(field, above);
      if (one === undefined || (one.made.method === 'perturb' && !taken.isTreated(type))) return [];
      taken.put(path, one);
      return [property];
    });
  }

  /** What a rule names that the built-in policy does not let out: a substitute of it may leave, a hash, a cipher text. @returns paths below the resource */
  function beyond(number: number, shape: Shape, steps: readonly Step[], at: readonly string[], above: number): string[] {
    const [step, ...rest] = steps;
    const [type = '', ...names] = at;
    const fields = named(shape, step!.name).filter(
      ({ place }) => place.name === step!.name && (step!.type === undefined || step!.type === place.fhirType),
    );
    return fields.flatMap((field): string[] => {
      const { place } = field;
      const below = [...names, place.property];
      const path = [type, ...below].join('.');
      if (field.nested || apart.has(place.name)) return [];
      if (rest.length > 0 && place.type.includes('.')) return beyond(number, field.shape(), rest, [type, ...below], field.rule);
      if (place.type.includes('.') || rest.length > 1 || taken.isSettled(type, below)) return [];
      const one = found(field, above);
      if (one?.rule === rules[number] && one?.made.method !== 'perturb') taken.put(path, one!);
      else if (rest.length === 0 || !ofPart(number, field, rest[0]!, path)) return [];
      return [below.join('.')];
    });
  }

  /** A rule for one primitive of a data type. @returns whether it is taken over */
  function ofPart(number: number, { place, shape }: Field, step: Step, path: string): boolean {
    const part = shape().fields.get(step.name);
    if (part === undefined || !part.place.primitive || part.rule !== number || step.type !== undefined) return false;
    const made = equivalentOf(rules[number]!.method, part.place, keyed);
    if (made === undefined || made.method === 'perturb') return false;
    return taken.putPart(path, place.type, step.name, { rule: rules[number]!, made });
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
      const left = along(shape, path.split('.'), type, none);
      if (left.length === 0) {
        removed.push(`${type}.${path}`);
        return [];
      }
      const all = path.endsWith('[x]') ? variants(type, path) : 1;
      return left.length === all || (left.length === 1 && left[0] === path) ? [path] : left;
    });
    const more = numbers.flatMap(number => {
      const { path } = rules[number]!;
      const named = path.type === type && path.steps !== undefined && path.steps.nodes === undefined && exact.has(rules[number]!);
      return named ? beyond(number, shape, path.steps!.steps, [type], none) : [];
    });
    // One method makes the whole of such a resource.
    const isCut = (methodsAt.get(type) ?? 'remove') !== 'remove' && listed.length < paths.length;
    const all = isCut ? [] : [...new Set([...listed, ...more])];
    if (all.length === 0) removed.push(type);
    else elements[type] = all;
  }
  for (const path of taken.settle()) {
    const type = path.slice(0, path.indexOf('.'));
    elements[type] = elements[type]!.filter(one => `${type}.${one}` !== path);
    if (elements[type].length === 0) delete elements[type];
  }
  const { lists } = taken;
  Object.assign(elements, lists);
  const types = Object.keys(elements).filter(isResource);
  if (types.length === 0) throw new PolicyError('fhirPathRules', 'nothing leaves by the configuration and the built-in policy both');

  const outside = new Set(rules.map(rule => rule.path.type).filter(type => isResource(type) && given.elements[type] === undefined));
  if (outside.size > 0) notes.push(`Of types that rules name, the built-in policy does not let out: ${[...outside].join(', ')}.`);
  for (const rule of rules) notes.push(...noteOn(rule, taken.placesOf(rule)));
  notes.push(
    'Free text, names, identifiers, URLs, attachments and extensions do not leave as they are, also where the configuration keeps them.',
    'Ids, references and dates go by the keys of a release: they do not match what the format’s own tool wrote before.',
  );
  if (removed.length > 0) notes.push(`The configuration removes of what the built-in policy gives: ${removed.join(', ')}.`);

  const inExtensions = new Set(valuesIn(given.extensions).map(property => elementsOf('Extension').get(property)?.type));
  // Where the base keeps dates and the configuration moves some, all of a person move together.
  const moved = configuration.rules.some(rule => rule.method.name === 'dateShift') ? dates.filter(type => taken.isKept(type)) : [];
  const ages = given.ages.filter(({ on }) => types.includes(on));
  const instants = given.instants?.filter(({ on }) => types.includes(on));
  // What a rule of the configuration makes stands for what the built-in policy would have made, but where it goes on with it.
  const more = [...movedBy(moved, elements), ...taken.rules];
  const instead = new Set(
    more.filter(rule => methods.get(String(rule['method']))?.goesOn !== true).flatMap(rule => rule['paths'] as string[]),
  );
  const groups: Json[] = given.groups.flatMap(group => {
    const kept = group.rules.flatMap(rule => {
      const paths = rule.paths.filter(path =>
        rule.method === 'remove'
          ? !Object.hasOwn(lists, path)
          : !instead.has(path) && (inExtensions.has(path) || isReached(path, elements)),
      );
      const { shift, ...others } = rule.options;
      const options = shift === false && moved.length > 0 ? others : rule.options;
      return paths.length === 0 ? [] : [{ paths: paths.flatMap(path => asListed(path, elements)), method: rule.method, ...options }];
    });
    return kept.length === 0 ? [] : [{ measure: group.measure, title: group.title, rules: kept }];
  });
  if (more.length > 0) groups.push({ measure: 'configuration', title: 'Rules of the configuration', rules: more });
  return {
    policy: {
      ...base,
      name: `${given.name}-hardened`,
      title: `A configuration of rules, hardened: ${given.title}`,
      groups,
      elements,
      ...(given.ages.length === 0 ? {} : { ages }),
      ...(instants === undefined ? {} : { instants }),
      ...(contained === undefined ? {} : { contained }),
    },
    // A rule for nested resources too has one sentence.
    notes: [...new Set(notes)],
  };
}

const dates = ['date', 'dateTime', 'instant'];

/** Rules that move dates of these types, and with them the days of the week. */
function movedBy(types: readonly string[], elements: Readonly<Record<string, readonly string[]>>): Json[] {
  if (types.length === 0) return [];
  const days = 'Timing.repeat.dayOfWeek';
  return [{ paths: types, method: 'date-shift' }, ...(isReached(days, elements) ? [{ paths: [days], method: 'weekday-shift' }] : [])];
}

const valuesIn = (extensions: Policy['extensions']): string[] =>
  Object.values(extensions).flatMap(value => (typeof value === 'string' ? [value] : valuesIn(value)));

/** How many properties a choice at the end of a path has. */
function variants(type: string, path: string): number {
  let at = type;
  const names = path.split('.');
  const last = names.pop()!;
  for (const name of names) at = elementsOf(at).get(name)?.type ?? '';
  return [...elementsOf(at).values()].filter(element => element.path.endsWith(`.${last}`)).length;
}

/** Sentences on what became of a rule. @param made where it works, by the method of Noren's that stands for it */
function noteOn({ place, method }: Rule, made: ReadonlyMap<string, readonly string[]>): string[] {
  if (method.name === 'unknown') return [`${place}: the method "${method.written}" is not known; what it finds is removed.`];
  const notes = [...made].map(
    ([one, paths]) => `${place}: "${method.name}" becomes Noren's "${one}" at ${paths.join(', ')}${remarks[one] ?? ''}.`,
  );
  if (method.name === 'redact' || method.name === 'cryptoHash' || !removing.has(method.name)) return notes;
  return notes.length === 0
    ? [`${place}: "${method.name}" is not taken over; what it finds is removed.`]
    : [...notes, `${place}: whatever else "${method.name}" finds is removed${method.name === 'perturb' ? ', if it holds a number' : ''}.`];
}

const remarks: Readonly<Record<string, string>> = {
  encrypt: ': whoever has the keys of the release has the text again',
  hash: ': a keyed hash, of which only the keys tell what it was; how often a value comes it does not hide',
  perturb: ': noise is drawn from the keys, and the same in each release under them',
  pseudonymize: ': a keyed pseudonym in a system of its own',
};

/** A rule for a choice of which single variants are listed is one for each of these. */
function asListed(path: string, elements: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const [type = '', ...names] = path.split('.');
  const [below, listed] = [names.join('.'), elements[type] ?? []];
  if (!below.endsWith('[x]') || listed.includes(below)) return [path];
  const variants = listed.filter(one => one.startsWith(below.slice(0, -3)) && /^[A-Z]\w*$/.test(one.slice(below.length - 3)));
  return variants.length === 0 ? [path] : variants.map(one => `${type}.${one}`);
}

/** Whether a rule still has something to work on: an element that is listed, or a type that a listed element has. */
function isReached(path: string, elements: Readonly<Record<string, readonly string[]>>): boolean {
  const [type = '', ...names] = path.split('.');
  if (type === 'Resource') return true;
  const types = reachedTypes(elements);
  if (names.length === 0) return types.has(path) || (isResource(type) && elements[type] !== undefined);
  const below = names.join('.');
  const plain = (one: string): string => one.replace('[x]', '');
  return (
    (isResource(type) || types.has(type)) &&
    (elements[type] ?? []).some(
      one =>
        one === below ||
        (below.endsWith('[x]') && one.startsWith(plain(below))) ||
        (one.endsWith('[x]') && below.startsWith(plain(one)) && /^[A-Z]\w*$/.test(below.slice(plain(one).length))),
    )
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
