/**
 * One search parameter with its values → one Predicate, along chains and `_has` to the parameter at their end.
 * R4: https://hl7.org/fhir/R4/search.html#modifiers, https://hl7.org/fhir/R4/search.html#chaining, https://hl7.org/fhir/R4/search.html#has
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { isId, isResourceType } from '../model/r4.ts';
import { implicitSystems } from './implicit-systems.ts';
import { hierarchyOf, type Parameter, searchParameters } from './parameters.ts';
import type { Component, Predicate, TokenTest } from './query.ts';
import {
  type Reading,
  readCircle,
  readComponent,
  readDateTest,
  readNumberTest,
  readQuantityTest,
  readReferenceTest,
  readText,
  readTokenTest,
  readTypedIdentifier,
  split,
} from './read-value.ts';
import { Excess, refuse, Unknown } from './refuse.ts';
import { readTextQuery } from './words.ts';

/** What one request may ask for; more is refused. */
export const caps = {
  /** Parameters in one request. */
  parameters: 200,
  /** Alternatives (OR) in one request, all parameters together. */
  alternatives: 10_000,
  /** Letters of one alternative. */
  letters: 2000,
  /** Steps of a chain, `_has` counted in. */
  steps: 10,
  /** Values read in one request: an alternative counts for each type that a chain may lead to. */
  readings: 200_000,
} as const;

/** What one request has asked so far, and how its values are read. */
export interface Asking extends Reading {
  alternatives: number;
  /** Shared by the types that are searched together. */
  readonly readings: { count: number };
  readonly parameters: (type: string) => ReadonlyMap<string, Parameter>;
}

export const asking = (
  reading: Reading,
  parameters: Asking['parameters'] = searchParameters,
  readings: Asking['readings'] = { count: 0 },
): Asking => ({
  ...reading,
  alternatives: 0,
  readings,
  parameters,
});

/** One parameter as it was written. */
interface Written {
  readonly whole: string;
  readonly alternatives: readonly string[];
  readonly asking: Asking;
  /** Ends of chains that were read already, by type: many ways lead to one. */
  readonly read: Map<string, Predicate | Problem>;
}

/** @param name as written, with modifier, chain or `_has` */
export function predicate(type: string, name: string, text: string, asking: Asking): Predicate {
  const alternatives = split(text, ',');
  count(asking, name, alternatives.length);
  if (alternatives.some(one => one.length > caps.letters)) throw new Excess(name, `has a value of more than ${caps.letters} letters`);
  if (alternatives.includes('')) throw refuse(name, 'has an empty value');
  return step(type, name, { whole: name, alternatives, asking, read: new Map() }, 0);
}

export function count(asking: Asking, name: string, alternatives: number): void {
  asking.alternatives += alternatives;
  if (asking.alternatives > caps.alternatives) throw new Excess(name, `asks for more than ${caps.alternatives} alternatives`);
}

/** @param at what is left of the name */
function step(type: string, at: string, written: Written, depth: number): Predicate {
  if (depth > caps.steps) throw new Excess(written.whole, `goes more than ${caps.steps} steps`);
  const key = `${type} ${at}`;
  let read = written.read.get(key);
  if (read === undefined) {
    try {
      read = at.startsWith('_has:')
        ? has(type, at, written, depth)
        : at.includes('.')
          ? chain(type, at, written, depth)
          : simple(type, at, written);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      read = thrown;
    }
    written.read.set(key, read);
  }
  if (read instanceof Problem) throw read;
  return read;
}

/** `_has:Observation:patient:code`, with whatever chain at its end. */
function has(type: string, at: string, written: Written, depth: number): Predicate {
  const [, source = '', code = '', ...rest] = at.split(':');
  if (!isResourceType(source) || rest.length === 0 || rest[0] === '') throw new Unknown(written.whole, type);
  const link = written.asking.parameters(source).get(code);
  if (link?.type !== 'reference' || !link.targets.includes(type)) throw new Unknown(written.whole, type);
  return { kind: 'has', type: source, code, where: step(source, rest.join(':'), written, depth + 1) };
}

/** `patient.gender`, `subject:Patient.name`. Where several types are meant, each that has the parameter and can use the value is tried. */
function chain(type: string, at: string, written: Written, depth: number): Predicate {
  const dot = at.indexOf('.');
  const [code = '', only, ...more] = at.slice(0, dot).split(':');
  const link = written.asking.parameters(type).get(code);
  const rest = at.slice(dot + 1);
  if (link?.type !== 'reference' || more.length > 0 || rest === '') throw new Unknown(written.whole, type);
  if (only !== undefined && !link.targets.includes(only)) throw refuse(written.whole, 'names a type that its reference does not lead to');
  return chained(code, only === undefined ? link.targets : [only], new Unknown(written.whole, type), target =>
    step(target, rest, written, depth + 1),
  );
}

/** @param none thrown where no type has what is asked */
export function chained(code: string, targets: readonly string[], none: Problem, at: (target: string) => Predicate): Predicate {
  const alternatives: { type: string; where: Predicate }[] = [];
  let graver: Problem | undefined;
  for (const type of targets) {
    try {
      alternatives.push({ type, where: at(type) });
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown instanceof Excess) throw thrown;
      if (!(thrown instanceof Unknown)) graver ??= thrown;
    }
  }
  if (alternatives.length === 0) throw graver ?? none;
  return { kind: 'chain', code, alternatives };
}

const everything: Predicate = { kind: 'and', all: [] };
const nothing: Predicate = { kind: 'or', any: [] };

/** @param at a parameter, with a modifier at most */
function simple(type: string, at: string, { whole, alternatives, asking }: Written): Predicate {
  const colon = at.indexOf(':');
  const code = colon < 0 ? at : at.slice(0, colon);
  const modifier = colon < 0 ? undefined : at.slice(colon + 1);
  const values = <T>(read: (text: string) => T | undefined): T[] => {
    asking.readings.count += alternatives.length;
    if (asking.readings.count > caps.readings) throw new Excess(whole, 'may lead to too many types for so many values');
    return alternatives.map(one => {
      const value = read(one);
      if (value === undefined) throw refuse(whole, 'has an unusable value');
      return value;
    });
  };
  const unknownModifier = (): Problem => refuse(whole, 'has a modifier that is not known for it');

  if (code === '_text' || code === '_content') {
    if (modifier !== undefined) throw unknownModifier();
    return {
      kind: 'words',
      within: code === '_text' ? 'narrative' : 'resource',
      query: { any: values(one => readTextQuery(readText(one) ?? '')) },
    };
  }
  if (code === '_query') throw refuse(whole, 'names a query, and there are none here');
  const parameter = asking.parameters(type).get(code);
  if (parameter === undefined) throw new Unknown(whole, type);

  if (modifier === 'missing') {
    const [answer, ...others] = alternatives;
    if (others.length > 0 || (answer !== 'true' && answer !== 'false')) throw refuse(whole, 'has an unusable value: true or false');
    if (code === '_id' || code === '_lastUpdated') return answer === 'true' ? nothing : everything;
    return { kind: 'missing', code, missing: answer === 'true' };
  }
  if (code === '_id' || code === '_lastUpdated') {
    if (modifier !== undefined && !(code === '_id' && modifier === 'not')) throw unknownModifier();
    return code === '_id'
      ? { kind: 'id', values: values(one => (isId(one) ? one : undefined)), ...(modifier === 'not' ? { not: true } : {}) }
      : { kind: 'lastUpdated', values: values(one => readDateTest(one, asking)) };
  }
  switch (parameter.type) {
    case 'token':
      return token(parameter, modifier, values, unknownModifier);
    case 'string':
      if (modifier !== undefined && modifier !== 'exact' && modifier !== 'contains') throw unknownModifier();
      return { kind: 'string', code, values: values(readText), match: modifier ?? 'starts' };
    case 'uri':
      if (modifier !== undefined && modifier !== 'above' && modifier !== 'below' && modifier !== 'contains') throw unknownModifier();
      return { kind: 'uri', code, values: values(readText), match: modifier ?? 'exact' };
    case 'reference': {
      if (modifier === 'identifier') return { kind: 'token', code: `${code}:identifier`, values: values(readTokenTest), not: false };
      if (modifier === 'above' || modifier === 'below') return along(parameter, modifier, values, whole, asking);
      if (modifier !== undefined && !parameter.targets.includes(modifier)) throw unknownModifier();
      const targets = modifier === undefined ? parameter.targets : [modifier];
      return { kind: 'reference', code, values: values(one => readReferenceTest(one, asking, modifier)), targets };
    }
    default:
      if (modifier !== undefined) throw unknownModifier();
  }
  switch (parameter.type) {
    case 'date':
      return { kind: 'date', code, values: values(one => readDateTest(one, asking)) };
    case 'number':
      return { kind: 'number', code, values: values(readNumberTest) };
    case 'quantity':
      return { kind: 'quantity', code, values: values(readQuantityTest) };
    case 'composite':
      return { kind: 'composite', code, values: values(one => composite(parameter, one, asking)) };
    case 'special':
      return { kind: 'near', code, values: values(readCircle) };
    default:
      throw new Unknown(whole, type);
  }
}

type Read = <T>(read: (text: string) => T | undefined) => T[];

/** MIME types have no code system to ask: those below one are itself with parameters. */
const mimeTypes = 'urn:ietf:bcp:13';

/** R4: https://hl7.org/fhir/R4/search.html#token */
function token(parameter: Parameter, modifier: string | undefined, values: Read, unknownModifier: () => Problem): Predicate {
  const { code } = parameter;
  const implicit = implicitSystems(parameter);
  switch (modifier) {
    case undefined:
    case 'not':
      return { kind: 'token', code, values: values(readTokenTest).map(test => withoutImplicit(parameter, test)), not: modifier === 'not' };
    case 'text':
      return { kind: 'string', code: `${code}:text`, values: values(readText), match: 'contains' };
    case 'of-type':
      return { kind: 'token', code: `${code}:of-type`, values: values(readTypedIdentifier), not: false };
    case 'in':
    case 'not-in':
      return { kind: 'concept', code, relation: 'in', values: values(valueSet), not: modifier === 'not-in', implicit };
    case 'above':
    case 'below': {
      if (modifier === 'below' && implicit.includes(mimeTypes))
        return { kind: 'token', code, values: values(readTokenTest), not: false, match: 'mime' };
      const only = implicit.length === 1 ? implicit[0] : undefined;
      return { kind: 'concept', code, relation: modifier, values: values(one => concept(one, only)), not: false, implicit };
    }
    default:
      throw unknownModifier();
  }
}

const valueSet = (text: string): { set: string } | undefined => {
  const set = readText(text);
  return set === undefined ? undefined : { set };
};

/** @param only the one system that goes without saying, if there is one */
function concept(text: string, only: string | undefined): { system: string; code: string } | undefined {
  const { system = only, code } = readTokenTest(text) ?? {};
  return typeof system === 'string' && code !== undefined ? { system, code } : undefined;
}

/** R4: https://hl7.org/fhir/R4/search.html#recursive, https://hl7.org/fhir/R4/search.html#versions */
function along({ code, targets }: Parameter, direction: 'above' | 'below', values: Read, whole: string, asking: Asking): Predicate {
  const ordered = targets.filter(type => hierarchyOf(type) !== undefined);
  const tests = values(one => readReferenceTest(one, asking));
  for (const { reference } of tests) {
    const type = reference === undefined ? undefined : /^([A-Z][A-Za-z]+)\/[^/]+$/.exec(reference)?.[1];
    const isCanonical = reference !== undefined && type === undefined;
    if (isCanonical ? direction === 'above' : !ordered.includes(type ?? ordered[0] ?? ''))
      throw refuse(whole, 'has a modifier that is not known for what it leads to');
  }
  return { kind: 'reference', code, values: tests, targets: ordered, along: direction };
}

/** Values of elements of type code are kept without the system that goes without saying. */
export const withoutImplicit = (parameter: Pick<Parameter, 'base' | 'code'>, test: TokenTest): TokenTest =>
  typeof test.system === 'string' && implicitSystems(parameter).includes(test.system) ? { ...test, system: null } : test;

/** `code$value`. R4: https://hl7.org/fhir/R4/search.html#combining */
function composite(parameter: Parameter, text: string, reading: Reading): Component[] | undefined {
  const components = parameter.components ?? [];
  const parts = split(text, '$');
  if (parts.length !== components.length) return undefined;
  const tests = components.flatMap(({ code, type }, i) => {
    const component = readComponent(type, parts[i]!, reading);
    if (component?.kind !== 'token') return component ?? [];
    return { ...component, test: withoutImplicit({ base: parameter.base, code }, component.test) };
  });
  return tests.length === components.length ? tests : undefined;
}
