/**
 * The search parameters of R4, by resource type, and those that profiles/ adds (JP Core's); read at first use.
 * R4: https://hl7.org/fhir/R4/searchparameter-registry.html
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { SearchParameter } from '@medplum/fhirtypes';
import { definitions, isResourceType } from '../model/r4.ts';
import { corrected } from './corrections.ts';
import type { ParameterType } from './values.ts';

export interface Parameter {
  readonly code: string;
  readonly type: ParameterType;
  /** The resource type it is looked up for, also where the definition is shared by many. */
  readonly base: string;
  /** Only what applies to `base`. */
  readonly expression: string;
  /** Types that a reference may lead to; empty for other parameter types. */
  readonly targets: readonly string[];
  /** Parts of a composite; expressions start at the element that `expression` selects. */
  readonly components?: readonly { readonly code: string; readonly type: ParameterType; readonly expression: string }[];
  /** Canonical URL of the definition. */
  readonly url: string;
}

/** Parameters of all resources whose definitions have no expression: two are answered from the bytes (`_text`, `_content`), the third not at all. */
export const withoutExpression: readonly string[] = ['_text', '_content', '_query'];

const wanted = (one: SearchParameter): boolean => one.expression !== undefined;

let byBase: ReadonlyMap<string, readonly SearchParameter[]> | undefined;
const byType = new Map<string, ReadonlyMap<string, Parameter>>();
const none: ReadonlyMap<string, Parameter> = new Map();

/** Parameters by code; those of Resource (`_id`, `_tag` …) are in it. An unknown type has none. */
export function searchParameters(type: string): ReadonlyMap<string, Parameter> {
  let map = byType.get(type);
  if (map === undefined) {
    if (!isResourceType(type)) return none;
    byBase ??= load();
    const definitions = [...(byBase.get('Resource') ?? []), ...(byBase.get('DomainResource') ?? []), ...(byBase.get(type) ?? [])];
    map = new Map(definitions.flatMap(one => parameter(one, type) ?? []).map(one => [one.code, one]));
    byType.set(type, map);
  }
  return map;
}

/** The definitions by base, with nothing kept but what is used. */
function load(): ReadonlyMap<string, readonly SearchParameter[]> {
  const map = new Map<string, SearchParameter[]>();
  const all = (definitions<SearchParameter>('search-parameters.json').entry ?? []).flatMap(({ resource }) => resource ?? []);
  for (const resource of [...corrected(all), ...added()]) {
    if (!wanted(resource)) continue;
    const { url, code, type, expression, target, component } = resource;
    const lean = { url, code, type, expression, target, component } as SearchParameter;
    types.set(url, { code: code!, type: type as ParameterType });
    for (const base of resource.base ?? []) {
      const list = map.get(base);
      if (list === undefined) map.set(base, [lean]);
      else list.push(lean);
    }
  }
  return map;
}

const profiles = new URL('../../../profiles/', import.meta.url);

/** profiles/SearchParameter-*.json. */
const added = (): SearchParameter[] =>
  readdirSync(profiles)
    .filter(name => /^SearchParameter-.*\.json$/.test(name))
    .sort()
    .map(name => JSON.parse(readFileSync(new URL(name, profiles), 'utf8')) as SearchParameter);

/** Canonical URL → code and type, for the parts of composites. */
const types = new Map<string, { code: string; type: ParameterType }>();

function parameter(one: SearchParameter, base: string): Parameter | undefined {
  const expression = forBase(one.expression!, base);
  const components = (one.component ?? []).flatMap(part => {
    const referred = types.get(part.definition!);
    return referred === undefined ? [] : [{ ...referred, expression: part.expression! }];
  });
  if (expression === '') return undefined;
  return {
    code: one.code!,
    type: one.type as ParameterType,
    base,
    expression,
    targets: one.type === 'reference' ? targets(one, expression) : [],
    ...(one.type === 'composite' ? { components } : {}),
    url: one.url!,
  };
}

/** The alternatives of a shared expression that begin at `base`; `A.x | B.y` for B is `B.y`. */
function forBase(expression: string, base: string): string {
  const parts = split(expression).filter(part => {
    const root = /^\(*\s*([A-Za-z]+)/.exec(part)?.[1] ?? '';
    return root === base || root === 'Resource' || root === 'DomainResource' || /^[a-z]/.test(root);
  });
  return parts.join(' | ');
}

/** The paths of which an expression is the union, without parentheses around them. */
export const alternatives = (expression: string): string[] =>
  split(expression).map(one => /^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(one)?.[1] ?? one);

/** Splits at those `|` that stand in no parentheses. */
function split(expression: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < expression.length; i++) {
    const c = expression[i];
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === '|' && depth === 0) {
      parts.push(expression.slice(from, i).trim());
      from = i + 1;
    }
  }
  parts.push(expression.slice(from).trim());
  return parts;
}

/** Where the expression asks for one type, only that one: `patient` is a Patient and no Group. */
const targets = (one: SearchParameter, expression: string): readonly string[] => {
  const only = /resolve\(\) is ([A-Za-z]+)/.exec(expression)?.[1];
  return only === undefined ? (one.target ?? []) : [only];
};

/** The parameter by which resources of a type stand below one of their own type (Location.partOf …); undefined: there is no such order. */
export const hierarchyOf = (type: string): string | undefined => {
  const parameters = searchParameters(type);
  return ['partof', 'part-of', 'parent'].find(code => parameters.get(code)?.targets.includes(type));
};
