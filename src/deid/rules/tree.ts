/**
 * A resource as a tree of nodes, as the format speaks of it: each element, also a primitive, may have children, and each knows whether a rule has been there.
 * R4: https://hl7.org/fhir/R4/json.html
 * @module
 */
import { Decimal } from '../../fhir/model/json.ts';
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { InputError } from './errors.ts';
import { type Place, placesOf, typeOf } from './places.ts';

export type Primitive = string | number | boolean | Decimal;

export interface Node {
  /** What R4 says of the element; of a root the type alone. */
  readonly place: Place;
  /** FHIR type; of a group its path. */
  readonly type: string;
  readonly parent?: Node;
  value?: Primitive | undefined;
  children: Node[];
  /** Root of a resource. */
  readonly resource: boolean;
  visited: boolean;
}

export const isPrimitiveValue = (value: unknown): value is Primitive =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Decimal;

/** @throws InputError for what R4 does not have */
export const treeOf = (resource: AnyResource): Node => resourceOf(resource, typeOf(resource), undefined);

function resourceOf(json: Json, place: Place, parent: Node | undefined): Node {
  const { type } = typeOf(json);
  const made: Node = { place, type, ...(parent === undefined ? {} : { parent }), children: [], resource: true, visited: false };
  made.children = childrenOf(json, made);
  return made;
}

/** One element: its JSON and, of a primitive, what stands in the `_name` beside it. */
export function node(json: unknown, more: unknown, place: Place, parent: Node | undefined): Node {
  if (place.type === 'Resource') {
    if (!isObject(json)) throw new InputError(place.path, 'must be a resource');
    return resourceOf(json, place, parent);
  }
  const made: Node = {
    place,
    type: place.type,
    ...(parent === undefined ? {} : { parent }),
    children: [],
    resource: false,
    visited: false,
  };
  if (place.primitive) {
    if (json !== undefined && json !== null) {
      if (!isPrimitiveValue(json)) throw new InputError(place.path, 'must be a primitive');
      made.value = json;
    }
    if (more === undefined || more === null) return made;
    if (!isObject(more)) throw new InputError(place.path, 'must be an object');
    made.children = childrenOf(more, made);
  } else {
    if (!isObject(json) || json instanceof Decimal) throw new InputError(place.path, 'must be an object');
    made.children = childrenOf(json, made);
  }
  return made;
}

function childrenOf(json: Json, parent: Node): Node[] {
  const places = placesOf(parent.place.primitive ? 'Element' : parent.type);
  const children: Node[] = [];
  for (const key of Object.keys(json)) {
    const place = places.get(key);
    if (place === undefined) {
      if (key === 'resourceType' && parent.resource) continue;
      const beside = key.startsWith('_') ? places.get(key.slice(1)) : undefined;
      if (beside?.primitive !== true) throw new InputError(parent.place.path, 'has an element that R4 does not have');
      if (key.slice(1) in json) continue;
      children.push(...itemsOf(undefined, json[key], beside, parent));
    } else children.push(...itemsOf(json[key], place.primitive ? json['_' + key] : undefined, place, parent));
  }
  return children;
}

/** A single value is taken where a list belongs; not the other way round. */
function itemsOf(json: unknown, more: unknown, place: Place, parent: Node): Node[] {
  if (!place.array && (Array.isArray(json) || Array.isArray(more))) throw new InputError(place.path, 'must not be a list');
  const values: unknown[] = json === undefined ? [] : Array.isArray(json) ? json : [json];
  const beside: unknown[] = more === undefined ? [] : Array.isArray(more) ? more : [more];
  return Array.from({ length: Math.max(values.length, beside.length) }, (_, i) => node(values[i], beside[i], place, parent));
}

/** From the node itself down, each before what stands below it; nested resources with what they hold only if asked for. */
export function* within(from: Node, nested = false): Generator<Node> {
  yield from;
  for (const child of from.children) if (nested || !child.resource) yield* within(child, nested);
}

/** Takes away, from below, what has neither value nor children. Resources stay. */
export function prune(from: Node): void {
  for (const child of from.children) prune(child);
  from.children = from.children.filter(child => child.resource || child.value !== undefined || child.children.length > 0);
}

/** White space as .NET knows it: what it takes from both ends of a text that it writes. */
const white = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
/** A run is looked at from its head alone: else from each of a hundred thousand spaces. */
const ends = new RegExp(`^${white}+|(?<!${white})${white}+$`, 'g');

/** Surely no white space. */
const isInk = (c: number): boolean => (c > 0x20 && c < 0x7f) || c > 0x3000;

export const trimmed = (text: string): string =>
  isInk(text.charCodeAt(0)) && isInk(text.charCodeAt(text.length - 1)) ? text : text.replace(ends, '');

const written = (value: Primitive | undefined): Primitive | null => (typeof value === 'string' ? trimmed(value) : (value ?? null));

/** The JSON of a tree that has been pruned. */
export function jsonOf(from: Node): Json {
  const json: Json = from.resource ? { resourceType: from.type } : {};
  const lists = new Map<Place, Node[]>();
  for (const child of from.children) {
    const list = lists.get(child.place);
    if (list === undefined) lists.set(child.place, [child]);
    else list.push(child);
  }
  for (const [{ property, primitive, array }, nodes] of lists) {
    if (!primitive) {
      json[property] = array ? nodes.map(jsonOf) : jsonOf(nodes.at(-1)!);
      continue;
    }
    const values = nodes.map(one => written(one.value));
    const beside = nodes.map(one => (one.children.length === 0 ? null : jsonOf(one)));
    if (values.some(one => one !== null)) json[property] = array ? values : values.at(-1);
    if (beside.some(one => one !== null)) json['_' + property] = array ? beside : beside.at(-1);
  }
  return json;
}
