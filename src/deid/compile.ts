/**
 * A policy compiled once: for each resource type one function that builds the new resource out of what is listed, and sees nothing else.
 * Closed world: what the policy does not list does not leave. Every path is checked against R4's elements, every method against the type it shall treat.
 * R4: https://hl7.org/fhir/R4/json.html
 * @module
 */
import { createHash } from 'node:crypto';
import type { Json } from '../fhir/model/r4.ts';
import { codeTest } from '../fhir/profile/bindings.ts';
import { type Element, elementsOf, isPrimitive, typesOf } from '../fhir/profile/elements.ts';
import { faultOf } from '../fhir/profile/value.ts';
import { absentOf } from './absent.ts';
import { judging } from './age-value.ts';
import { agesOf } from './ages.ts';
import { bound, counted, each } from './around.ts';
import { canonicalJson } from './canonical-json.ts';
import { concept } from './concept.ts';
import { absentReason, isObject, type Run, type Treat } from './context.ts';
import { type DataSetOptions, optionsOf } from './dataset/index.ts';
import { type Decision, Decisions } from './decisions.ts';
import { listedOf, pathOf, type ValueTreat } from './extensions.ts';
import { instantsOf } from './instants.ts';
import { leavesAnyway } from './leaves-anyway.ts';
import { unlessAge } from './methods/age-top-code.ts';
import { methods } from './methods/index.ts';
import { bitOf } from './methods/mark.ts';
import { wrongOption } from './methods/option.ts';
import { type Build, type Field, objects, type Required, type Slot, slotOf, treatedApart } from './object.ts';
import { checkPath, lastOf, type Names, tree } from './paths.ts';
import { type Policy, PolicyError, type Rule } from './policy.ts';
import { ToldTwice } from './told-twice.ts';

export interface CompiledPolicy {
  readonly policy: Policy;
  /** SHA-256 (hex) of the policy in canonical JSON: the same rules, the same hash. */
  readonly hash: string;
  /** Names of the counts: the measures in the policy's order, then `unlisted`, `withheld`. */
  readonly counters: readonly string[];
  /** Resource type → its treatment; undefined: nothing of the resource leaves. A type that is not in it does not leave. */
  readonly types: ReadonlyMap<string, (resource: Json, run: Run) => Json | undefined>;
  /** Whether it lets out texts or files that are cleaned: then what the records know of people is needed. */
  readonly cleans: boolean;
  /** Days leave as they are: then they do so in texts and files, too. */
  readonly keepsDays: boolean;
  /** What is done over the whole of a data set; absent: nothing. */
  readonly dataSet?: DataSetOptions;
  /** What becomes of each element of each R4 type, and of each resource type that does not leave, by path: `Patient.birthDate`, `Coding.display`, `Account`. */
  readonly decisions: ReadonlyMap<string, Decision>;
}

interface Placed {
  readonly rule: Rule;
  readonly counter: number;
}

/** That an element can hold what the rules for it make: a value of the policy, a hash, a cipher text. @throws PolicyError */
function checkMade(placed: readonly Placed[] | undefined, parent: string, property: string, place: string): void {
  if (placed === undefined || !elementsOf(parent).has(property)) return;
  for (const { rule } of placed) {
    const sample = methods.get(rule.method)!.sample?.(rule.options);
    const fault = sample === undefined ? undefined : faultOf(parent, property, sample);
    if (fault !== undefined)
      throw new PolicyError(place, `what the method "${rule.method}" makes cannot stand there: ${fault.replace(/\.$/, '')}`);
  }
}

/** That there is its method, and that the method knows all that the rule says. @throws PolicyError */
function checkRule({ method: name, options, paths }: Rule, place: string): void {
  const method = methods.get(name);
  if (method === undefined) throw new PolicyError(paths[0]!, `there is no method "${name}"`);
  const wrong = wrongOption(name, method.options, options);
  if (wrong !== undefined) throw new PolicyError(`${place}.${wrong.name}`, `${wrong.text} (rule for ${paths.join(', ')})`);
}

/** @throws PolicyError for a path that R4 does not have, an option that its method does not know, or a method that cannot treat its element */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const hash = createHash('sha256').update(canonicalJson(policy)).digest('hex');
  const counters = [...policy.groups.map(group => group.measure), 'unlisted', 'withheld'];
  const unlisted = counters.length - 2;
  const rules = new Map<string, Placed[]>();
  policy.groups.forEach((group, counter) => {
    group.rules.forEach((rule, at) => {
      checkRule(rule, `groups[${counter}].rules[${at}]`);
      for (const path of rule.paths) {
        checkPath(path);
        rules.set(path, [...(rules.get(path) ?? []), { rule, counter }]);
      }
    });
  });
  const decisions = new Decisions(policy);
  const used = new Set<string>();
  const take = (path: string): readonly Placed[] => {
    used.add(path);
    return rules.get(path) ?? [];
  };
  const makers = new Map<string, Treat | undefined>();

  // An extension may hold a data type, and a data type extensions.
  const object = objects((given, run) => extensions(given, run), unlisted);

  /** Of pooled persons no age may leave: what can be one is asked, unless nothing of the value leaves. @param own rules for the path, beside those of its type */
  function checkAges(own: readonly Placed[], type: string, place: string): void {
    if (policy.pooledFrom === undefined || !mayBeAge.has(type)) return;
    const goesOn = own.length === 0 || methods.get(own[0]!.rule.method)!.goesOn === true;
    if (
      [...own, ...(goesOn ? (rules.get(type) ?? []) : [])].some(
        ({ rule }) => rule.method === 'age-top-code' || nothingOfIt.has(rule.method),
      )
    )
      return;
    throw new PolicyError(
      place,
      `may hold an age, and the policy pools persons ("pooledFrom"): "age-top-code" belongs behind its other rules`,
    );
  }

  /** Types of which a rule makes the whole, whatever is listed of them or removed. */
  const wholes = new Set<string>();

  const twice = new ToldTwice();

  /** Rules of one path, each given what the one before makes. */
  function chain(placed: readonly Placed[], type: string, place: string, first: Treat | undefined): Treat | undefined {
    let inner = first;
    const begins = placed[0]?.rule.method;
    twice.note(placed, type, place);
    if (begins !== undefined && !nothingOfIt.has(begins) && methods.get(begins)!.goesOn !== true) wholes.add(type);
    for (const [at, { rule, counter }] of placed.entries()) {
      const method = methods.get(rule.method)!;
      if (at > 0 && method.goesOn !== true)
        throw new PolicyError(
          place,
          `the method "${rule.method}" would undo the rule before it, "${placed[at - 1]!.rule.method}": of both keep one`,
        );
      if (!method.types.includes('*') && !method.types.includes(type))
        throw new PolicyError(place, `the method "${rule.method}" cannot treat ${type}`);
      let treat: Treat;
      try {
        treat = method.make({ ...rule.options, pooledFrom: policy.pooledFrom }, inner, type);
      } catch (error) {
        throw new PolicyError(place, (error as Error).message);
      }
      inner = rule.method === 'keep' ? treat : counted(treat, counter, method.mark === undefined ? 0 : bitOf(method.mark));
    }
    return inner;
  }

  /** How a data type is treated wherever a listed element has it; undefined: the policy says nothing of it. */
  function ofType(type: string): Treat | undefined {
    if (makers.has(type)) return makers.get(type);
    makers.set(type, (value, run) => makers.get(type)?.(value, run));
    const listed = policy.elements[type];
    const inner = listed === undefined ? undefined : walk(type, tree(listed), type);
    checkMade(rules.get(type), 'Extension', `value${type[0]!.toUpperCase()}${type.slice(1)}`, type);
    const made = chain(take(type), type, type, inner);
    makers.set(type, made);
    return made;
  }

  const isRemoved = (path: string): boolean => rules.get(path)?.at(-1)?.rule.method === 'remove';

  /** The treatment of one listed element; undefined for a variant of a choice whose type does not leave. */
  function field(element: Element, parent: string, name: string, names: Names, place: string): Field | undefined {
    const { primitive, array, type } = element;
    const group = type.includes('.');
    const children = Object.keys(names).length > 0;
    if (children !== group)
      throw new PolicyError(
        place,
        group ? 'is a group: list what of it leaves' : 'has a data type: what of it leaves is listed for the type',
      );
    if (type === 'Extension') throw new PolicyError(place, 'extensions are listed by their URL, under "extensions"');
    const nearest = namesOf(element, name, place).flatMap(take);
    const own = nearest.length > 0 || !isResource(parent) ? nearest : namesOf(element, name, `Resource.${name}`).flatMap(take);
    let treat: Treat | undefined;
    if (group) treat = chain(own, type, place, walk(type, names, place));
    else if (own.length > 0) treat = chain(own, type, place, type === 'Resource' ? undefined : ofType(type));
    else treat = ofType(type);
    const removed = own.length > 0 ? own.at(-1)!.rule.method === 'remove' : isRemoved(type);
    if (treat === undefined || removed) {
      if (element.choice) return undefined;
      throw new PolicyError(
        place,
        removed ? 'is listed, but its method removes it' : `has the type ${type}, for which the policy has no method`,
      );
    }
    checkAges(own, type, place);
    checkMade(own.length > 0 ? own : rules.get(type), parent, name, place);
    decisions.leaves(place, name, own.length > 0 ? own.map(one => one.rule) : (rules.get(type) ?? []).map(one => one.rule));
    const test = type === 'code' && element.valueSet !== undefined ? codeTest(element.valueSet) : undefined;
    if (test !== undefined)
      treat = bound(
        treat,
        test,
        (own.length > 0 ? own : (rules.get(type) ?? [])).every(({ rule }) => rule.method === 'keep' && rule.options['codes'] === undefined),
      );
    const { list, missing, order } = own.length > 0 ? methods.get(own.at(-1)!.rule.method)! : {};
    return {
      treat: array && list !== true ? each(treat, order) : treat,
      item: treat,
      primitive: primitive && !(array && order !== undefined),
      array,
      ...(missing === undefined ? {} : { missing: array ? [missing] : missing }),
    };
  }

  /** Builds an object out of the listed elements of a type or group. */
  function walk(path: string, names: Names, place: string): Build {
    const elements = elementsOf(path);
    if (elements.size === 0) throw new PolicyError(place, 'R4 has no such type');
    const fields = new Map<string, Field>();
    for (const [name, below] of Object.entries(names)) {
      const met = [...elements].filter(([property, element]) => property === name || (element.choice && lastOf(element.path) === name));
      if (met.length === 0) throw new PolicyError(`${place}.${name}`, 'R4 has no such element');
      for (const [property, element] of met) {
        const made = field(element, path, property, below, `${place}.${name}`);
        if (made !== undefined) fields.set(property, made);
      }
    }
    const always = (property: string): unknown => fields.get(property)?.missing;
    const required = [...elements]
      .filter(([property, element]) => element.required || always(property) !== undefined)
      .map(
        ([property, element], i): Required => ({
          bit: 1 << i,
          property,
          hidden: `_${property}`,
          primitive: element.primitive,
          absent: always(property) ?? absentOf(element),
          always: always(property) !== undefined,
        }),
      );
    const bits = new Map(required.map(({ property, bit }) => [property, bit] as const));
    const slots = new Map<string, Slot>();
    for (const [property, element] of elements) {
      const made = fields.get(property);
      const counter = made === undefined ? goes(property, element, place, place === path) : unlisted;
      slots.set(property, slotOf(property, made, { counter, bit: bits.get(property) ?? 0, rank: slots.size }));
      if (element.primitive) slots.set(`_${property}`, slotOf(`_${property}`, undefined, { counter: unlisted, bit: 0, rank: slots.size }));
    }
    const built = object(slots, required, place === path && isResource(path));
    if (path !== 'CodeableConcept' || fields.size !== 1 || !fields.has('coding')) return built;
    return concept(fields.get('coding')!.item, slots.get('text')!.counter, built) as Build;
  }

  /** Decides that a property does not leave. @returns the counter of the measure that asks for it */
  function goes(property: string, element: Element, place: string, root: boolean): number {
    const removing = [...[place, 'Resource'].flatMap(above => namesOf(element, property, `${above}.${property}`)), element.type]
      .flatMap(at => rules.get(at) ?? [])
      .find(({ rule }) => rule.method === 'remove');
    const counter = removing?.counter ?? unlisted;
    if (!(root && everywhere.has(property))) decisions.removed(`${place}.${property}`, counters[counter]!);
    return counter;
  }

  /** A type of resource with a rule of its own (Binary): the method gets the whole resource, and of what it makes the listed elements leave. */
  function whole(type: string, names: readonly string[], placed: readonly Placed[]): Build {
    const other = placed.find(({ rule }) => methods.get(rule.method)?.types.includes(type) !== true);
    if (other !== undefined) throw new PolicyError(type, `the method "${other.rule.method}" cannot treat ${type}`);
    const treat = chain(placed, type, type, undefined)!;
    const elements = elementsOf(type);
    const gone = new Map<string, number>();
    const unknown = names.find(name => !elements.has(name));
    if (unknown !== undefined) throw new PolicyError(`${type}.${unknown}`, 'R4 has no such element');
    for (const [property, element] of elements) {
      const path = `${type}.${property}`;
      if (!names.includes(property)) gone.set(property, goes(property, element, type, true));
      else
        decisions.leaves(
          path,
          property,
          placed.map(one => one.rule),
        );
    }
    return (value, run, begun = {}) => {
      const made = treat(value, run);
      if (!isObject(made)) return undefined;
      for (const property in value as Json) {
        if (names.includes(property) || treatedApart.has(property)) continue;
        run.tally[gone.get(property) ?? unlisted]!++;
        run.marks |= removedBit;
      }
      for (const name of names) if (made[name] !== undefined) begun[name] = made[name];
      return begun;
    };
  }

  /** How the value of the extension at a path is treated: by rules of its own, or by those of its type. */
  function treatOf(path: string, property: string): ValueTreat {
    const element = elementsOf('Extension').get(property);
    const type = element?.type ?? '';
    const own = take(path);
    const placed = own.length > 0 ? own : (rules.get(type) ?? []);
    const treat = element === undefined ? undefined : own.length > 0 ? chain(own, type, path, ofType(type)) : ofType(type);
    const place = `extensions.${path}`;
    if (treat === undefined || placed.at(-1)?.rule.method === 'remove')
      throw new PolicyError(place, `"${property}" is no value that the policy can treat`);
    checkAges(own, type, place);
    // No value set says which codes there may be, and a name is a code by its form.
    const isOpen = type === 'code' && placed.every(({ rule }) => rule.method === 'keep' && rule.options['codes'] === undefined);
    if (isOpen && path !== pathOf(absentReason))
      throw new PolicyError(place, 'a code needs a rule of its own for this path: "keep" with the "codes" that there may be');
    if (policy.pooledFrom !== undefined && numbers.has(type) && own.length === 0)
      throw new PolicyError(
        place,
        'a number may be an age, and the policy pools persons ("pooledFrom"): it needs a rule of its own for this path',
      );
    if (type === 'id' && placed.some(({ rule }) => rule.method === 'pseudonymize' && rule.options['domain'] !== 'uid'))
      throw new PolicyError(
        place,
        'what names no resource has no pseudonym of one: "pseudonymize" with "domain": "uid", or another method',
      );
    checkMade(placed, 'Extension', property, place);
    decisions.extension(
      path,
      placed.map(one => one.rule),
    );
    const asks = policy.pooledFrom !== undefined && mayBeAge.has(type);
    return { treat: asks ? unlessAge(treat, policy.pooledFrom!) : treat, primitive: element!.primitive };
  }

  const extensions = listedOf(policy.extensions, treatOf);

  const born = rules.get('Patient.birthDate') ?? rules.get('date') ?? [];
  const judged = judging(policy, born.length > 0 && born.every(({ rule }) => asIs.has(rule.method)));
  const types = new Map<string, (resource: Json, run: Run) => Json | undefined>();
  const ofIds = take('Resource.id');
  if (ofIds.some(({ rule }) => rule.method !== 'pseudonymize' && rule.method !== 'remove'))
    throw new PolicyError('Resource.id', 'an id becomes a pseudonym, or goes: references follow it there, and to nothing else');
  const id = chain(ofIds, 'id', 'Resource.id', undefined);
  if (id === undefined) throw new PolicyError('Resource.id', 'a policy says what becomes of ids');
  for (const [type, paths] of Object.entries(policy.elements)) {
    if (!isResource(type)) continue;
    if (isRemoved(type)) throw new PolicyError(type, 'is listed, but its method removes it');
    const own = take(type);
    const body = own.length > 0 ? whole(type, paths, own) : walk(type, tree(paths), type);
    const beside = [agesOf(policy, type), instantsOf(policy, type, () => ofType('dateTime'))].flatMap(told => told ?? []);
    types.set(type, (given, run) => {
      const resource = type === 'Observation' ? judged(given, run.context.subject) : given;
      const begun: Json = { resourceType: type };
      const name = id(resource['id'] ?? '', run);
      if (name !== undefined) begun['id'] = name;
      // Its place: what it says is known when everything is done.
      if (run.inside === undefined) begun['meta'] = undefined;
      const out = body(resource, run, begun);
      if (out === undefined) return undefined;
      if (beside.length === 0) return out;
      const told = beside.flatMap(one => one(resource, run));
      if (told.length > 0) out['extension'] = [...((out['extension'] as Json[] | undefined) ?? []), ...told];
      return out;
    });
  }
  if (types.size === 0) throw new PolicyError('elements', 'no resource type leaves');
  for (const path of rules.keys()) {
    const why = used.has(path) ? undefined : leavesAnyway(path, policy, wholes);
    if (why !== undefined) throw new PolicyError(path, `has a rule that would change nothing: ${why}`);
  }
  const idle = [...rules.keys()].find(
    path => !used.has(path) && !isPrimitive(path) && rules.get(path)!.some(({ rule }) => rule.method !== 'remove'),
  );
  if (idle !== undefined) throw new PolicyError(idle, 'has a rule, but is not listed among the elements that leave');
  for (const { on } of policy.ages) if (!types.has(on)) throw new PolicyError('ages', `the type ${on} does not leave`);
  for (const { on } of policy.instants ?? []) if (!types.has(on)) throw new PolicyError('instants', `the type ${on} does not leave`);
  for (const type of typesOf('resource')) {
    if (types.has(type)) continue;
    const measure = rules.get(type)?.find(({ rule }) => rule.method === 'remove')?.counter ?? unlisted;
    decisions.removed(type, counters[measure]!);
  }
  decisions.check();
  twice.check(policy);
  const cleans = policy.groups.some(group => group.rules.some(rule => methods.get(rule.method)?.cleansTexts?.(rule.options) === true));
  if (policy.analyser !== undefined && !cleans) throw new PolicyError('analyser', 'has nothing to read: no text leaves that is cleaned');
  const dataSet = policy.dataSet === undefined ? {} : { dataSet: optionsOf(policy.dataSet) };
  return { policy, hash, counters, types, cleans, keepsDays: twice.kept, ...dataSet, decisions: decisions.all };
}

/** How rules may name a property: as the element, and as one form of a choice. @param place of it, by either name */
function namesOf({ path }: Element, property: string, place: string): readonly string[] {
  const above = place.slice(0, -lastOf(place).length);
  return [...new Set([lastOf(path), property])].map(name => above + name);
}

/** Data types in which an age may stand. */
const mayBeAge: ReadonlySet<string> = new Set(['Age', 'Quantity', 'Duration', 'Count', 'Distance', 'Range']);
const numbers: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'unsignedInt', 'decimal', 'Ratio']);

/** Methods under which a birth date leaves as exact as it is. */
const asIs: ReadonlySet<string> = new Set(['keep', 'date-shift']);
/** Methods that let nothing of a value leave. */
const nothingOfIt: ReadonlySet<string> = new Set(['substitute', 'mask', 'remove']);
const isResource = (type: string): boolean => elementsOf(type).has('meta');

/** What the policy decides by URL, or by the rule for `Resource.id`, and what follows from the types that leave. */
const everywhere: ReadonlySet<string> = new Set(['id', 'contained', 'extension', 'modifierExtension']);

const removedBit = bitOf('removed');
