/**
 * `_filter`: the grammar, and from it the same Predicates that parameters make. `and` and `or` are taken from left to right, neither binds stronger.
 * R4: https://hl7.org/fhir/R4/search_filter.html
 * @module
 */
import type { Problem } from '../model/outcome.ts';
import { isId } from '../model/r4.ts';
import { implicitSystems } from './implicit-systems.ts';
import type { Parameter } from './parameters.ts';
import { type Asking, caps, chained, count, withoutImplicit } from './predicate.ts';
import type { Component, Predicate, Ranged, StringMatch, TokenTest } from './query.ts';
import { readComponent, readDateTest, readNumberTest, readQuantityTest, readReferenceTest, readTokenTest } from './read-value.ts';
import { Excess, refuse, Unknown } from './refuse.ts';

/** Letters of a filter, and parentheses and brackets within each other. */
const longest = 20_000;
const deepest = 20;

interface Test {
  readonly path: readonly PathStep[];
  readonly operator: string;
  readonly value: string;
}

/** `name[filter]`. */
interface PathStep {
  readonly name: string;
  readonly filter?: Node;
}

type Node = Test | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node } | { readonly not: Node };

const unreadable = (): Problem => refuse('_filter', 'cannot be read as a filter');

/** Throws 400 for a filter that breaks the grammar, or names what the type does not have. */
export function filter(type: string, text: string, asking: Asking): Predicate {
  if (text.length > longest) throw new Excess('_filter', `is longer than ${longest} letters`);
  try {
    return { kind: 'and', all: [compile(type, parse(text, asking), asking)] };
  } catch (thrown) {
    // Not even a lenient search leaves a filter out because of one name in it.
    throw thrown instanceof Unknown ? refuse('_filter', `names a parameter that is not known for ${type}, or leads nowhere`) : thrown;
  }
}

function parse(text: string, asking: Asking): Node {
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    if (found) at = pattern.lastIndex;
    return found;
  };
  const need = (pattern: RegExp): RegExpExecArray => {
    const found = match(pattern);
    if (!found) throw unreadable();
    return found;
  };

  const path = (depth: number): PathStep[] => {
    const steps: PathStep[] = [];
    do {
      const [name] = need(/[_A-Za-z][-\w]*/y);
      if (match(/\[\s*/y)) {
        const inner = whole(depth + 1);
        need(/\s*\](?=\.)/y);
        steps.push({ name, filter: inner });
      } else steps.push({ name });
    } while (match(/\./y));
    if (steps.length > caps.steps + 1) throw new Excess('_filter', `goes more than ${caps.steps} steps`);
    return steps;
  };
  const value = (): string => {
    const quoted = match(/"(?:[^"\\]|\\.)*"/y);
    if (!quoted) return need(/[^\s\])"][^\s\])]*/y)[0];
    try {
      return JSON.parse(quoted[0]) as string;
    } catch {
      throw unreadable();
    }
  };
  const term = (depth: number): Node => {
    if (depth > deepest) throw new Excess('_filter', `is nested more than ${deepest} deep`);
    const not = match(/not\s*\(\s*/y);
    if (not || match(/\(\s*/y)) {
      const inner = whole(depth + 1);
      need(/\s*\)/y);
      return not ? { not: inner } : inner;
    }
    count(asking, '_filter', 1);
    const steps = path(depth);
    const [, operator = ''] = need(/\s+([a-z]{2})\s+/y);
    return { path: steps, operator, value: value() };
  };
  const whole = (depth: number): Node => {
    let left = term(depth);
    for (;;) {
      const word = match(/\s*\b(and|or)\b\s*/y)?.[1] as 'and' | 'or' | undefined;
      if (word === undefined) return left;
      left = { kind: word, left, right: term(depth) };
    }
  };

  need(/\s*/y);
  const parsed = whole(0);
  need(/\s*$/y);
  return parsed;
}

/** A long row of the same word is one list: a thousand alternatives nest no thousand calls. */
function row(node: Node, kind: 'and' | 'or'): Node[] {
  const list: Node[] = [];
  let left = node;
  while ('kind' in left && left.kind === kind) {
    list.push(left.right);
    left = left.left;
  }
  list.push(left);
  return list.reverse();
}

function compile(type: string, node: Node, asking: Asking): Predicate {
  if ('not' in node) return { kind: 'not', denied: compile(type, node.not, asking) };
  if ('kind' in node) {
    const parts = row(node, node.kind).map(one => compile(type, one, asking));
    return node.kind === 'and' ? { kind: 'and', all: parts } : { kind: 'or', any: parts };
  }
  return along(type, node, 0, asking);
}

/** The test at the end of a path, from one of its steps on. */
function along(type: string, node: Test, from: number, asking: Asking): Predicate {
  const { name, filter: among } = node.path[from]!;
  const parameters = asking.parameters(type);
  const parameter = parameters.get(name);
  if (from === node.path.length - 1) {
    if (parameter === undefined) throw new Unknown('_filter', type);
    return test(parameter, node.operator, node.value, asking);
  }
  const group = groups[`${type}.${name}`];
  if (group && among && from === node.path.length - 2) return together(parameters.get(group.composite)!, group.parts, among, node, asking);
  if (parameter?.type !== 'reference') throw new Unknown('_filter', type);
  return chained(name, parameter.targets, new Unknown('_filter', type), target => {
    if (++asking.readings.count > caps.readings) throw new Excess('_filter', 'may lead to too many types');
    const where = along(target, node, from + 1, asking);
    return among === undefined ? where : { kind: 'and', all: [compile(target, among, asking), where] };
  });
}

/** Names that are no parameters but lead to two within one element. R4: https://hl7.org/fhir/R4/search_filter.html#params */
const groups: Readonly<Record<string, { readonly composite: string; readonly parts: Readonly<Record<string, string>> }>> = {
  'Group.characteristic': { composite: 'characteristic-value', parts: { code: 'characteristic', value: 'value' } },
  'DocumentReference.relatesTo': { composite: 'relationship', parts: { target: 'relatesto', code: 'relation' } },
};

/** `relatesTo[code eq replaces].target re DocumentReference/1`: both hold within one element. */
function together(
  parameter: Parameter,
  parts: Readonly<Record<string, string>>,
  among: Node,
  { path, operator, value }: Test,
  asking: Asking,
): Predicate {
  if (!('path' in among) || among.path.length !== 1) throw refuse('_filter', 'has brackets that hold more than one test');
  const asked = new Map([
    [parts[among.path[0]!.name], { operator: among.operator, value: among.value }],
    [parts[path.at(-1)!.name], { operator, value }],
  ]);
  const tests = (parameter.components ?? []).map((part): Component => {
    const one = asked.get(part.code);
    if (one === undefined) throw new Unknown('_filter', parameter.base);
    if (one.operator !== (part.type === 'reference' ? 're' : 'eq')) throw wrongOperator();
    const component = readComponent(part.type, part.type === 'token' ? named(one.value) : one.value, asking);
    if (component === undefined) throw unusable();
    return component.kind === 'token'
      ? { ...component, test: withoutImplicit({ base: parameter.base, code: part.code }, component.test) }
      : component;
  });
  return { kind: 'composite', code: parameter.code, values: [tests] };
}

const unusable = (): Problem => refuse('_filter', 'has an unusable value');
const wrongOperator = (): Problem => refuse('_filter', 'has an operator that is not known for its parameter');

const strings: Readonly<Record<string, StringMatch>> = {
  eq: 'same',
  ne: 'other',
  co: 'contains',
  sw: 'starts',
  ew: 'ends',
  gt: 'gt',
  lt: 'lt',
  ge: 'ge',
  le: 'le',
};
const prefixes: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

/** Names of code systems that everybody knows. */
const systems: Readonly<Record<string, string>> = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ucum: 'http://unitsofmeasure.org',
};
const named = (text: string): string => text.replace(/^(loinc|snomed|rxnorm|ucum)(?=\|)/, name => systems[name]!);

/** One parameter, one operator, one value. */
function test(parameter: Parameter, operator: string, value: string, asking: Asking): Predicate {
  const { code } = parameter;
  if (operator === 'pr') {
    if (value !== 'true' && value !== 'false') throw unusable();
    if (code === '_id' || code === '_lastUpdated') return value === 'true' ? { kind: 'and', all: [] } : { kind: 'or', any: [] };
    return { kind: 'missing', code, missing: value === 'false' };
  }
  const usable = <T>(read: T | undefined): T => {
    if (read === undefined) throw unusable();
    return read;
  };
  const range = <T extends Ranged>(read: (text: string) => T | undefined, others: readonly string[]): T => {
    if (prefixes.has(operator)) return usable(read(operator + value));
    if (!others.includes(operator)) throw wrongOperator();
    return { ...usable(read(`eq${value}`)), prefix: operator as 'co' };
  };
  if (code === '_id') {
    if (operator !== 'eq' && operator !== 'ne') throw wrongOperator();
    return { kind: 'id', values: [usable(isId(value) ? value : undefined)], ...(operator === 'ne' ? { not: true } : {}) };
  }
  if (code === '_lastUpdated') return { kind: 'lastUpdated', values: [range(text => readDateTest(text, asking), ['co', 'po'])] };
  switch (parameter.type) {
    case 'string': {
      if (!Object.hasOwn(strings, operator)) throw wrongOperator();
      return { kind: 'string', code, values: [value], match: strings[operator]! };
    }
    case 'date':
      return { kind: 'date', code, values: [range(text => readDateTest(text, asking), ['co', 'po'])] };
    case 'number':
      return { kind: 'number', code, values: [range(readNumberTest, ['co'])] };
    case 'quantity':
      return {
        kind: 'quantity',
        code,
        values: [range(text => readQuantityTest(text.replace(/^..[^|]*\|ucum\|/, one => one.replace('ucum', systems['ucum']!))), [])],
      };
    case 'reference':
      if (operator !== 're' && operator !== 'eq') throw wrongOperator();
      return { kind: 'reference', code, values: [usable(readReferenceTest(value, asking))], targets: parameter.targets };
    case 'uri':
      if (operator !== 'eq') throw wrongOperator();
      return { kind: 'uri', code, values: [value], match: 'exact' };
    case 'token':
      return token(parameter, operator, value, usable);
    default:
      throw wrongOperator();
  }
}

function token(parameter: Parameter, operator: string, value: string, usable: <T>(read: T | undefined) => T): Predicate {
  const { code } = parameter;
  const implicit = implicitSystems(parameter);
  const read = (): TokenTest => usable(readTokenTest(named(value)));
  switch (operator) {
    case 'eq':
    case 'ne': {
      const tests = [withoutImplicit(parameter, read())];
      return { kind: 'token', code, values: tests, not: false, match: operator === 'eq' ? 'any-case' : 'other' };
    }
    case 'in':
    case 'ni':
      return { kind: 'concept', code, relation: 'in', values: [{ set: value }], not: operator === 'ni', implicit };
    case 'ss':
    case 'sb': {
      const { system = implicit.length === 1 ? implicit[0] : undefined, code: concept } = read();
      if (typeof system !== 'string' || concept === undefined) throw unusable();
      return {
        kind: 'concept',
        code,
        relation: operator === 'ss' ? 'below' : 'above',
        values: [{ system, code: concept }],
        not: false,
        implicit,
      };
    }
    default:
      throw wrongOperator();
  }
}
