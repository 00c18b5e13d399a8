/**
 * One search parameter with its values → one Predicate; chains and `_has` of one step are built from the parameter at their end.
 * R4: https://hl7.org/fhir/R4/search.html#modifiers, https://hl7.org/fhir/R4/search.html#chaining, https://hl7.org/fhir/R4/search.html#has
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { isId, isResourceType } from '../model/r4.ts';
import { implicitSystems } from './implicit-systems.ts';
import { type Parameter, searchParameters } from './parameters.ts';
import type { Component, Predicate, TokenTest } from './query.ts';
import {
  type Reading,
  readComponent,
  readDateTest,
  readNumberTest,
  readQuantityTest,
  readReferenceTest,
  readText,
  readTokenTest,
  split,
} from './read-value.ts';
import { refuse, Unknown } from './refuse.ts';

/** What one request may ask for; more is refused. */
export const caps = {
  /** Parameters in one request. */
  parameters: 200,
  /** Alternatives (OR) in one request, all parameters together. */
  alternatives: 2000,
  /** Letters of one alternative. */
  letters: 2000,
} as const;

/** Counts the alternatives of one request. */
export interface Asking extends Reading {
  alternatives: number;
}

/** @param name as written, with modifier, chain or `_has` */
export function predicate(type: string, name: string, text: string, asking: Asking): Predicate {
  const alternatives = split(text, ',');
  asking.alternatives += alternatives.length;
  if (asking.alternatives > caps.alternatives) throw refuse(name, `asks for more than ${caps.alternatives} alternatives`);
  if (alternatives.some(one => one.length > caps.letters)) throw refuse(name, `has a value of more than ${caps.letters} letters`);
  if (alternatives.includes('')) throw refuse(name, 'has an empty value');
  if (name.startsWith('_has:')) return has(type, name, alternatives, asking);
  return name.includes('.') ? chain(type, name, alternatives, asking) : simple(type, name, name, alternatives, asking);
}

/** `_has:Observation:patient:code`. */
function has(type: string, name: string, alternatives: readonly string[], asking: Asking): Predicate {
  const [, source = '', code = '', ...rest] = name.split(':');
  const at = rest.join(':');
  if (at === '_has' || at.startsWith('_has:') || at.includes('.')) throw refuse(name, 'goes more than one step');
  if (!isResourceType(source) || at === '') throw new Unknown(name, type);
  const link = searchParameters(source).get(code);
  if (link?.type !== 'reference' || !link.targets.includes(type)) throw new Unknown(name, type);
  return { kind: 'has', type: source, code, where: simple(source, at, name, alternatives, asking) };
}

/** `patient.gender`, `subject:Patient.name`. Where several types are meant, each that has the parameter and can use the value is tried. */
function chain(type: string, name: string, alternatives: readonly string[], asking: Asking): Predicate {
  const dot = name.indexOf('.');
  const [code = '', only, ...more] = name.slice(0, dot).split(':');
  const at = name.slice(dot + 1);
  const link = searchParameters(type).get(code);
  if (link?.type !== 'reference' || more.length > 0 || at === '') throw new Unknown(name, type);
  if (at.includes('.') || at.startsWith('_has:')) throw refuse(name, 'goes more than one step');
  if (only !== undefined && !link.targets.includes(only)) throw refuse(name, 'names a type that its reference does not lead to');
  const tried = (only === undefined ? link.targets : [only]).map((target): { type: string; where: Predicate } | Problem => {
    try {
      return { type: target, where: simple(target, at, name, alternatives, asking) };
    } catch (thrown) {
      if (thrown instanceof Problem) return thrown;
      throw thrown;
    }
  });
  const usable = tried.flatMap(one => (one instanceof Problem ? [] : [one]));
  if (usable.length > 0) return { kind: 'chain', code, alternatives: usable };
  const problems = tried.flatMap(one => (one instanceof Problem ? [one] : []));
  throw problems.find(one => !(one instanceof Unknown)) ?? new Unknown(name, type);
}

/** @param name with a modifier at most; @param whole what the client wrote, for its error */
function simple(type: string, name: string, whole: string, alternatives: readonly string[], asking: Asking): Predicate {
  const colon = name.indexOf(':');
  const code = colon < 0 ? name : name.slice(0, colon);
  const modifier = colon < 0 ? undefined : name.slice(colon + 1);
  const parameter = searchParameters(type).get(code);
  if (parameter === undefined) throw new Unknown(whole, type);

  const values = <T>(read: (text: string) => T | undefined): T[] =>
    alternatives.map(one => {
      const value = read(one);
      if (value === undefined) throw refuse(whole, 'has an unusable value');
      return value;
    });
  const unknownModifier = (): Problem => refuse(whole, 'has a modifier that is not known for it');

  if (code === '_id' || code === '_lastUpdated') {
    if (modifier !== undefined && !(code === '_id' && modifier === 'not')) throw unknownModifier();
    return code === '_id'
      ? { kind: 'id', values: values(one => (isId(one) ? one : undefined)), ...(modifier === 'not' ? { not: true } : {}) }
      : { kind: 'lastUpdated', values: values(one => readDateTest(one, asking)) };
  }
  if (modifier === 'missing') {
    const [answer, ...others] = alternatives;
    if (others.length > 0 || (answer !== 'true' && answer !== 'false')) throw refuse(whole, 'has an unusable value: true or false');
    return { kind: 'missing', code, missing: answer === 'true' };
  }
  switch (parameter.type) {
    case 'token':
      if (modifier !== undefined && modifier !== 'not') throw unknownModifier();
      return { kind: 'token', code, values: values(readTokenTest).map(test => withoutImplicit(parameter, test)), not: modifier === 'not' };
    case 'string': {
      if (modifier !== undefined && modifier !== 'exact' && modifier !== 'contains') throw unknownModifier();
      return { kind: 'string', code, values: values(readText), match: modifier ?? 'starts' };
    }
    case 'uri':
      if (modifier !== undefined && modifier !== 'above' && modifier !== 'below') throw unknownModifier();
      return { kind: 'uri', code, values: values(readText), match: modifier ?? 'exact' };
    case 'reference':
      if (modifier === 'identifier') return { kind: 'token', code: `${code}:identifier`, values: values(readTokenTest), not: false };
      if (modifier !== undefined && !parameter.targets.includes(modifier)) throw unknownModifier();
      return {
        kind: 'reference',
        code,
        values: values(one => readReferenceTest(one, asking, modifier)),
        targets: modifier === undefined ? parameter.targets : [modifier],
      };
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
    default:
      throw new Unknown(whole, type);
  }
}

/** Values of elements of type code are kept without the system that goes without saying. */
const withoutImplicit = (parameter: Pick<Parameter, 'base' | 'code'>, test: TokenTest): TokenTest =>
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
