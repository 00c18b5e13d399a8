/**
 * From a resource to what a search finds it by: each type's expressions are compiled once, at the first resource of the type.
 * Any valid resource is taken; what has no value gives no key.
 * R4: https://hl7.org/fhir/R4/search.html#ptypes
 * @module
 */
import type { AnyResource, Json } from '../model/r4.ts';
import { compile, containedIn, firstKey, type Selector, select } from './compile.ts';
import { type Converter, converter, identifier, type Setting, textsOf, typedIdentifier } from './convert.ts';
import { dateReader } from './dates.ts';
import { parseExpression } from './expression.ts';
import { type Parameter, searchParameters } from './parameters.ts';
import type { CompositeValue, ParameterType, SimpleValue, Value, Values } from './values.ts';

export interface ExtractorSettings {
  /** Own base URL, cut off from references. */
  readonly base: string;
  /** IANA zone of dates that name none; default Asia/Tokyo. */
  readonly timeZone?: string;
}

export type Extractor = (resource: AnyResource) => Values;

/** Elements of one type, and how they become values. */
interface Way {
  readonly selector: Selector;
  /** Property without which there is nothing to select. */
  readonly key: string | undefined;
  readonly convert: Converter;
  /** What is a value of its own, under the code with this ending: `:identifier` of a Reference, `:text` of a coding, `:of-type` of an Identifier. */
  readonly beside: readonly { readonly ending: number; readonly convert: Converter }[];
}

const endings = [':identifier', ':text', ':of-type'] as const;
type Ending = (typeof endings)[number];

/**
 * What is taken by the same definition changes with these: whoever changes what a type of parameter, an ending, what is inside (#) or the guard of a Binary gives counts its number up, and every
 * store takes anew what it holds. A test compares what is taken from many resources with what these numbers gave before.
 */
export const taking: Readonly<Record<ParameterType | Ending | '#' | 'guard', number>> = {
  token: 1,
  string: 1,
  date: 1,
  number: 1,
  quantity: 1,
  reference: 1,
  uri: 1,
  composite: 1,
  special: 1,
  ':identifier': 1,
  ':text': 1,
  ':of-type': 1,
  '#': 1,
  guard: 1,
};

/** What may stand beside a parameter of a type, and the type of its values. */
export const besideCodes = (type: ParameterType): readonly (readonly [Ending, ParameterType])[] =>
  type === 'reference'
    ? [[':identifier', 'token']]
    : type === 'token'
      ? [
          [':text', 'string'],
          [':of-type', 'token'],
        ]
      : [];

interface Plan {
  readonly code: string;
  /** Keys of what stands beside, by the ending's number. */
  readonly keys: readonly string[];
  readonly ways: readonly Way[];
  readonly isReference: boolean;
}

const plans = new Map<string, readonly Plan[]>();

function plansOf(type: string): readonly Plan[] {
  let list = plans.get(type);
  if (list === undefined) {
    list = planned([...searchParameters(type).values()].filter(p => p.code !== '_id' && p.code !== '_lastUpdated'));
    plans.set(type, list);
  }
  return list;
}

const planned = (parameters: readonly Parameter[]): readonly Plan[] =>
  parameters
    .map(p => ({ code: p.code, keys: endings.map(ending => p.code + ending), ways: waysOf(p), isReference: p.type === 'reference' }))
    .filter(plan => plan.ways.length > 0);

const waysOf = (parameter: Parameter): Way[] =>
  compile(parseExpression(parameter.expression), parameter.base).flatMap(selector => {
    const convert = parameter.components === undefined ? converter(parameter.type, selector.type) : together(parameter, selector.type);
    return convert === undefined ? [] : [{ selector, key: firstKey(selector), convert, beside: besides(parameter.type, selector.type) }];
  });

/** The logical identifier of a Reference. */
const logical: Converter = (element, out, setting) => {
  const named = (element as Json)['identifier'];
  if (typeof named === 'object' && named !== null) identifier(named, out, setting);
};

function besides(type: ParameterType, elementType: string): Way['beside'] {
  if (type === 'reference') return elementType === 'Reference' ? [{ ending: 0, convert: logical }] : [];
  const texts = type === 'token' ? textsOf(elementType) : undefined;
  if (texts === undefined) return [];
  return [{ ending: 1, convert: texts }, ...(elementType === 'Identifier' ? [{ ending: 2, convert: typedIdentifier }] : [])];
}

/** The resource is the first argument of what `%resource` means in a part of a composite. */
type Part = (element: unknown, resource: AnyResource, setting: Setting) => SimpleValue[];

/** A composite: one value for each element in which every part has one. */
function together(parameter: Parameter, elementType: string): Converter {
  const parts = parameter.components!.map(c => partOf(c, elementType, parameter.base));
  return (element, out, setting) => {
    const { resource } = setting as Setting & { resource: AnyResource };
    const value: SimpleValue[][] = [];
    for (const part of parts) {
      const one = part(element, resource, setting);
      if (one.length === 0) return;
      value.push(one);
    }
    out.push(value satisfies CompositeValue);
  };
}

function partOf(component: { readonly type: ParameterType; readonly expression: string }, elementType: string, base: string): Part {
  const ways = compile(parseExpression(component.expression), elementType, base).flatMap(selector => {
    const convert = converter(component.type, selector.type);
    return convert === undefined ? [] : [{ selector, convert }];
  });
  return (element, resource, setting) => {
    const out: Value[] = [];
    for (const way of ways) for (const one of select(way.selector, element, resource)) way.convert(one, out, setting);
    return distinct(out) as SimpleValue[];
  };
}

const fewEnough = 8;

/** Values are strings, numbers, null, and lists of such. */
const same = (a: unknown, b: unknown): boolean =>
  a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => same(one, b[i])));

/** Without repeats, order kept. */
function distinct(values: Value[]): Value[] {
  if (values.length < 2) return values;
  if (values.length <= fewEnough) return values.filter((one, i) => values.findIndex(other => same(other, one)) === i);
  const seen = new Set<string>();
  return values.filter(one => seen.size !== seen.add(JSON.stringify(one)).size);
}

/** The extractor of a server: its base and zone are settled, its plans are shared with all others. */
export const createExtractor = (settings: ExtractorSettings): Extractor => extractorOf(plansOf, settings);

/** An extractor of these parameters alone, all of one type. */
export function extractorFor(parameters: readonly Parameter[], settings: ExtractorSettings): Extractor {
  const plans = planned(parameters);
  return extractorOf(() => plans, settings);
}

/** Values of what references lead to inside a resource, which are taken once. */
function valuesInside(resource: AnyResource, plans: readonly Plan[], extract: Extractor): Values {
  const found: Record<string, (readonly Value[])[]> = {};
  const contained = containedIn(resource);
  const known = new Map<string, Values>();
  for (const plan of contained.size === 0 ? [] : plans.filter(({ isReference }) => isReference)) {
    const ids = new Set<string>();
    for (const { selector } of plan.ways)
      for (const element of select(selector, resource, resource)) {
        const { reference } = element as Json;
        if (typeof reference === 'string' && reference.startsWith('#')) ids.add(reference.slice(1));
      }
    for (const id of ids) {
      const one = contained.get(id);
      if (one === undefined) continue;
      const name = `${plan.code}#${one.resourceType}`;
      let inner = known.get(id);
      if (inner === undefined) known.set(id, (inner = extract(one)));
      (found[name] ??= []).push([[null, id]]);
      for (const code in inner) (found[`${name}.${code}`] ??= []).push(inner[code]!);
    }
  }
  const values: Record<string, readonly Value[]> = {};
  // Those of one resource are distinct already.
  for (const code in found) values[code] = found[code]!.length === 1 ? found[code]![0]! : distinct(found[code]!.flat());
  return values;
}

function extractorOf(plansFor: (type: string) => readonly Plan[], { base, timeZone }: ExtractorSettings): Extractor {
  const readDate = dateReader(timeZone);
  const extract = (resource: AnyResource, plans: readonly Plan[]): Record<string, readonly Value[]> => {
    const values: Record<string, readonly Value[]> = {};
    const setting: Setting & { resource: AnyResource } = { base, readDate, resource };
    for (const plan of plans) {
      let found: Value[] | undefined;
      let beside: Value[][] | undefined;
      for (const way of plan.ways) {
        if (way.key !== undefined && resource[way.key] === undefined) continue;
        for (const element of select(way.selector, resource, resource)) {
          way.convert(element, (found ??= []), setting);
          for (const { ending, convert } of way.beside) convert(element, (beside ??= [[], [], []])[ending]!, setting);
        }
      }
      if (found !== undefined && found.length > 0) values[plan.code] = distinct(found);
      beside?.forEach((some, i) => {
        if (some.length > 0) values[plan.keys[i]!] = distinct(some);
      });
    }
    return values;
  };
  return resource => {
    const plans = plansFor(resource.resourceType);
    const values = extract(resource, plans);
    if (resource['contained'] === undefined) return values;
    return Object.assign(
      values,
      valuesInside(resource, plans, one => extract(one, plansOf(one.resourceType))),
    );
  };
}

const extractors = new Map<string, Extractor>();

/** Values of one resource, with dates that name no zone being Tokyo's. */
export function extract(resource: AnyResource, base: string): Values {
  let one = extractors.get(base);
  if (one === undefined) extractors.set(base, (one = createExtractor({ base })));
  return one(resource);
}
