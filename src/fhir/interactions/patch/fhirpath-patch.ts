/**
 * FHIRPath Patch: a Parameters resource of operations, each at an element that a FHIRPath names.
 * R4: https://hl7.org/fhir/R4/fhirpatch.html
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import type { AnyResource, Json } from '../../model/r4.ts';
import { type Element, elementsOf } from '../../profile/elements.ts';
import { valueSetCodes } from '../../profile/table.ts';
import { locate, type Place, typeAt, valueAt } from './locate.ts';
import { type Budget, cloned } from './values.ts';

const types = ['add', 'insert', 'delete', 'replace', 'move'] as const;
type Type = (typeof types)[number];

/** Which parts an operation has beside type and path; all of them are needed. */
const needs: Readonly<Record<Type, readonly string[]>> = {
  add: ['name', 'value'],
  insert: ['value', 'index'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
};

/** An element as it was sent: a value of a data type, a resource, or parts that make up a group. */
type Given =
  | { readonly type: string; readonly value?: unknown; readonly beside?: unknown }
  | { readonly resource: unknown }
  | { readonly parts: readonly Json[] };

interface Operation {
  readonly type: Type;
  readonly path: string;
  readonly parts: ReadonlyMap<string, Given>;
  /** `Parameters.parameter[2]` */
  readonly place: string;
}

const wrong = (place: string, text: string): Problem => new Problem('invalid-request', text, { expression: place });
const impossible = (place: string, text: string): Problem => new Problem('unprocessable', text, { expression: place });

/** Throws 400 where a part holds nothing, or two things. */
function givenIn(part: Json, place: string): Given {
  const members = Object.keys(part).filter(name => !['name', 'id', 'extension', '_name'].includes(name));
  const carriers = new Set(members.map(name => name.replace(/^_/, '')));
  const [carrier] = carriers;
  if (carriers.size === 1 && carrier !== undefined) {
    if (carrier === 'part' && Array.isArray(part['part'])) return { parts: part['part'] as Json[] };
    if (carrier === 'resource') return { resource: part['resource'] };
    const type = /^value([A-Z]\w*)$/.exec(carrier)?.[1];
    if (type !== undefined)
      return {
        type,
        ...(part[carrier] === undefined ? {} : { value: part[carrier] }),
        ...(part[`_${carrier}`] === undefined ? {} : { beside: part[`_${carrier}`] }),
      };
  }
  throw wrong(place, 'A part of a patch has one value, one resource, or parts.');
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function understand(parameter: unknown, index: number): Operation {
  const place = `Parameters.parameter[${index}]`;
  if (!isObject(parameter) || parameter['name'] !== 'operation' || !Array.isArray(parameter['part']))
    throw wrong(place, 'A FHIRPath Patch has parameters of the name operation, with parts.');
  const parts = new Map<string, Given>();
  for (const [i, part] of parameter['part'].entries()) {
    const name = isObject(part) ? part['name'] : undefined;
    if (typeof name !== 'string' || parts.has(name)) throw wrong(`${place}.part[${i}]`, 'A part of an operation has a name, each its own.');
    parts.set(name, givenIn(part as Json, `${place}.part[${i}]`));
  }
  const text = (name: string): unknown => {
    const given = parts.get(name);
    return given && 'type' in given ? given.value : undefined;
  };
  const type = types.find(one => one === text('type'));
  if (type === undefined) throw wrong(place, `The type of an operation is ${types.join(', ')}.`);
  const path = text('path');
  if (typeof path !== 'string' || path.trim() === '') throw wrong(place, 'An operation has a path.');
  const allowed = ['type', 'path', ...needs[type]];
  const missing = needs[type].find(name => !parts.has(name));
  if (missing !== undefined) throw wrong(place, `The operation ${type} needs the part ${missing}.`);
  // Some name the element in every operation; where it means nothing it does no harm.
  for (const name of parts.keys())
    if (!allowed.includes(name) && name !== 'name') throw wrong(place, `The operation ${type} has no part of this name.`);
  return { type, path, parts, place };
}

function whole({ parts, place }: Operation, name: string): number {
  const given = parts.get(name)!;
  const value = 'type' in given ? given.value : undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw wrong(place, `The part ${name} is a whole number from 0.`);
  return value;
}

/** An element by the name that FHIRPath gives it (`value` for any `value[x]`) and the type of what was sent. */
function elementNamed(type: string | undefined, name: string, given: Given, place: string): readonly [member: string, element: Element] {
  const elements = type === undefined ? undefined : elementsOf(type);
  const plain = name.replace(/\[x\]$/, '');
  const member = 'type' in given && elements?.has(plain + given.type) ? plain + given.type : plain;
  const element = elements?.get(member);
  if (element === undefined) throw wrong(place, 'There is no element of this name and type at the path.');
  return [member, element];
}

/** What stands in the JSON: the value, and what stands beside a primitive. */
interface Made {
  readonly value?: unknown;
  readonly beside?: unknown;
}

function make(given: Given, { type, valueSet }: Element, place: string, budget: Budget): Made {
  if ('resource' in given) return { value: cloned(given.resource, budget) };
  if ('type' in given) {
    checkCode(given, type, valueSet, place);
    return {
      ...(given.value === undefined ? {} : { value: cloned(given.value, budget) }),
      ...(given.beside === undefined ? {} : { beside: cloned(given.beside, budget) }),
    };
  }
  const group: Json = {};
  for (const part of given.parts) {
    const name = isObject(part) ? part['name'] : undefined;
    if (typeof name !== 'string') throw wrong(place, 'A part of a patch has a name.');
    const inner = givenIn(part, place);
    const [member, element] = elementNamed(type, name, inner, place);
    put(group, member, element, make(inner, element, place, budget), undefined, place);
  }
  return { value: group };
}

/** A text of another type than the element's is taken as long as it is one of its codes; else it is no value of this element at all. */
function checkCode(
  given: { readonly type: string; readonly value?: unknown },
  type: string,
  valueSet: string | undefined,
  place: string,
): void {
  if (type !== 'code' || given.type === 'Code' || valueSet === undefined) return;
  const codes = valueSetCodes(valueSet);
  if (codes && !Object.values(codes).some(list => list.includes(given.value as string)))
    throw wrong(place, 'A value is neither of the type of its element nor one of its codes.');
}

/** Puts an element into its object: into its list at an index (the end, if none is given), or where there is none yet. */
function put(object: Json, member: string, { array }: Element, { value, beside }: Made, index: number | undefined, place: string): void {
  const besides = `_${member}`;
  if (!array) {
    if (object[member] !== undefined || object[besides] !== undefined) throw impossible(place, 'The element is there already.');
    if (value !== undefined) object[member] = value;
    if (beside !== undefined) object[besides] = beside;
    return;
  }
  const list = (object[member] ?? []) as unknown[];
  const at = index ?? Math.max(list.length, ((object[besides] ?? []) as unknown[]).length);
  list.splice(at, 0, value ?? null);
  object[member] = list;
  if (beside !== undefined || object[besides] !== undefined) {
    const others = (object[besides] ?? []) as unknown[];
    while (others.length < at) others.push(null);
    others.splice(at, 0, beside ?? null);
    object[besides] = others;
  }
}

/** Takes an element out, and what is empty without it. */
function remove(resource: AnyResource, place: Place): void {
  const last = place.at(-1);
  if (typeof last === 'number') {
    const member = place.at(-2) as string;
    const object = valueAt(resource, place.slice(0, -2)) as Json;
    for (const name of [member, `_${member}`]) {
      const list = object[name] as unknown[] | undefined;
      list?.splice(last, 1);
      if (list?.every(one => one === null)) delete object[name];
    }
  } else if (last !== undefined) {
    const object = valueAt(resource, place.slice(0, -1)) as Json;
    delete object[last];
    delete object[`_${last}`];
  }
  const above = place.slice(0, typeof last === 'number' ? -2 : -1);
  if (above.length > 0 && Object.keys(valueAt(resource, above) as Json).length === 0) remove(resource, above);
}

/** The one element of a path. */
function one(resource: AnyResource, { path, place }: Operation): Place {
  const [found, ...more] = locate(resource, path);
  if (found === undefined) throw impossible(place, 'The path leads to nothing.');
  if (more.length > 0) throw impossible(place, 'The path leads to more than one element.');
  return found;
}

/** The list that is the whole of what a path finds; undefined: it finds nothing. */
function listOf(resource: AnyResource, { path, place }: Operation): Place | undefined {
  const found = locate(resource, path);
  const [first] = found;
  if (first === undefined) return undefined;
  const list = first.slice(0, -1);
  const isOne = typeof first.at(-1) === 'number' && found.every(({ length }, i) => length === first.length && found[i]!.at(-1) === i);
  const inside = found.every(other => other.slice(0, -1).join('/') === list.join('/'));
  if (!isOne || !inside || (valueAt(resource, list) as unknown[]).length !== found.length)
    throw impossible(place, 'The path does not lead to a whole list.');
  return list;
}

type Does = (resource: AnyResource, operation: Operation, budget: Budget) => void;

/** An element goes into the object at a place; into what stands beside it, if that is a primitive. */
const addAt = (resource: AnyResource, at: Place, name: string, operation: Operation, budget: Budget): void => {
  const given = operation.parts.get('value')!;
  let place = at;
  const held = valueAt(resource, at);
  if (typeof held !== 'object' || held === null || held instanceof Number) {
    // An extension of a primitive.
    const member = typeof at.at(-1) === 'number' ? -2 : -1;
    place = [...at.slice(0, member), `_${at.at(member)}`, ...at.slice(at.length + member + 1)];
    if (valueAt(resource, place) == null) besides(resource, place);
  }
  const object = valueAt(resource, place) as Json;
  const [memberName, element] = elementNamed(typeAt(resource, place), name, given, operation.place);
  put(object, memberName, element, make(given, element, operation.place, budget), undefined, operation.place);
};

/** Makes the object beside a primitive, in line with its list. */
function besides(resource: AnyResource, place: Place): void {
  const last = place.at(-1)!;
  if (typeof last === 'string') {
    (valueAt(resource, place.slice(0, -1)) as Json)[last] = {};
    return;
  }
  const object = valueAt(resource, place.slice(0, -2)) as Json;
  const member = place.at(-2) as string;
  const list = (object[member] ??= []) as unknown[];
  while (list.length < last) list.push(null);
  list[last] = {};
}

const does: Readonly<Record<Type, Does>> = {
  add(resource, operation, budget) {
    const given = operation.parts.get('name')!;
    const name = 'type' in given ? given.value : undefined;
    if (typeof name !== 'string') throw wrong(operation.place, 'The part name is a string.');
    addAt(resource, one(resource, operation), name, operation, budget);
  },

  insert(resource, operation, budget) {
    const index = whole(operation, 'index');
    const list = listOf(resource, operation);
    const outside = () => impossible(operation.place, 'The index is beyond the end of the list.');
    if (list === undefined) {
      // Nothing is found of an empty list: what it would stand in is.
      const [, parent, name] = /^([\s\S]+)\.([A-Za-z]+)$/.exec(operation.path.trim()) ?? [];
      if (parent === undefined || name === undefined) throw impossible(operation.place, 'The path leads to nothing.');
      if (index > 0) throw outside();
      addAt(resource, one(resource, { ...operation, path: parent }), name, operation, budget);
      return;
    }
    if (index > (valueAt(resource, list) as unknown[]).length) throw outside();
    const above = list.slice(0, -1);
    const given = operation.parts.get('value')!;
    const [member, element] = elementNamed(typeAt(resource, above), list.at(-1) as string, given, operation.place);
    put(valueAt(resource, above) as Json, member, element, make(given, element, operation.place, budget), index, operation.place);
  },

  delete(resource, operation) {
    const found = locate(resource, operation.path);
    if (found.length > 1) throw impossible(operation.place, 'The path leads to more than one element: one can be deleted.');
    if (found[0] === undefined) return;
    if (found[0].length === 0) throw impossible(operation.place, 'The path leads to the resource itself.');
    remove(resource, found[0]);
  },

  replace(resource, operation, budget) {
    const place = one(resource, operation);
    if (place.length === 0) throw impossible(operation.place, 'The path leads to the resource itself.');
    const last = place.at(-1)!;
    const above = place.slice(0, typeof last === 'number' ? -2 : -1);
    const held = (typeof last === 'number' ? place.at(-2) : last) as string;
    const object = valueAt(resource, above) as Json;
    const given = operation.parts.get('value')!;
    const type = typeAt(resource, above);
    const known = type === undefined ? undefined : elementsOf(type).get(held);
    const name = known?.choice ? known.path.slice(known.path.lastIndexOf('.') + 1) : held;
    const [member, element] = elementNamed(type, name, given, operation.place);
    const made = make(given, element, operation.place, budget);
    if (typeof last === 'number') {
      for (const one of [held, `_${held}`]) (object[one] as unknown[] | undefined)?.splice(last, 1);
      put(object, member, element, made, last, operation.place);
      return;
    }
    delete object[held];
    delete object[`_${held}`];
    put(object, member, element, made, undefined, operation.place);
  },

  move(resource, operation) {
    const [source, destination] = [whole(operation, 'source'), whole(operation, 'destination')];
    const list = listOf(resource, operation);
    const length = list === undefined ? 0 : (valueAt(resource, list) as unknown[]).length;
    if (list === undefined || source >= length || destination >= length) throw impossible(operation.place, 'The list has no such places.');
    const object = valueAt(resource, list.slice(0, -1)) as Json;
    const member = list.at(-1) as string;
    for (const name of [member, `_${member}`]) {
      const values = object[name] as unknown[] | undefined;
      if (!values) continue;
      while (values.length < length) values.push(null);
      values.splice(destination, 0, ...values.splice(source, 1));
    }
  },
};

/**
 * The resource with the patch applied; the resource itself is used up. Throws 400 for what is no FHIRPath Patch, 422 for what cannot be done.
 * @param budget what the operations may cost
 */
export function applyFhirPathPatch(resource: AnyResource, patch: AnyResource, budget: Budget): AnyResource {
  const parameters = patch['parameter'] ?? [];
  if (!Array.isArray(parameters)) throw wrong('Parameters.parameter', 'Parameters.parameter is a list.');
  budget.operations(parameters.length);
  for (const operation of parameters.map(understand)) {
    budget.time();
    does[operation.type](resource, operation, budget);
  }
  return resource;
}
