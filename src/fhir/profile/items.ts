/**
 * Elements of a resource by the names that definitions give them: choices by `value[x]`, primitives with what stands beside them.
 * R4: https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/elementdefinition.html#path
 * @module
 */
import type { Json } from '../model/r4.ts';
import { type Element, elementsOf, isPrimitive } from './elements.ts';
import { isObject } from './findings.ts';

/** One element that is there. */
export interface Item {
  /** As JSON; undefined: only `beside` is there, or the element is known by its type alone. */
  readonly value: unknown;
  /** The `_name` of a primitive. */
  readonly beside?: Json;
  /** Data type, group (`Patient.contact`) or resource type. */
  readonly type: string;
  /** Path in R4's own definitions: `Coding.code`. */
  readonly path: string;
  /** FHIRPath of the element in its resource. */
  readonly place: string;
}

type Property = readonly [key: string, element: Element];
const byName = new Map<string, ReadonlyMap<string, readonly Property[]>>();
const none: readonly Property[] = [];
const nothing: readonly Item[] = [];

function propertiesOf(type: string, name: string): readonly Property[] {
  let names = byName.get(type);
  if (names === undefined) {
    const made = new Map<string, Property[]>();
    for (const [key, element] of elementsOf(type)) {
      const full = element.path.slice(element.path.lastIndexOf('.') + 1);
      for (const one of full.endsWith('[x]') ? [full, full.slice(0, -3)] : [full])
        made.set(one, [...(made.get(one) ?? []), [key, element]]);
    }
    names = made;
    byName.set(type, names);
  }
  return names.get(name) ?? none;
}

/** Whether a type has an element of this name, `value[x]` or `value`. */
export const hasElement = (type: string, name: string): boolean => propertiesOf(isPrimitive(type) ? 'Element' : type, name).length > 0;

export const resourceItem = (resource: Json, place: string): Item => {
  const type = String(resource['resourceType']);
  return { value: resource, type, path: type, place };
};

/** The elements of this name in an element, in their order; `value` and `value[x]` are one name. */
export function itemsIn(item: Item, name: string): readonly Item[] {
  const inside = isPrimitive(item.type) ? item.beside : item.value;
  if (!isObject(inside)) return nothing;
  let items: Item[] | undefined;
  for (const [key, { type, primitive, path }] of propertiesOf(isPrimitive(item.type) ? 'Element' : item.type, name)) {
    const value = inside[key];
    const beside = primitive ? inside[`_${key}`] : undefined;
    if (value === undefined && beside === undefined) continue;
    const list = (items ??= []);
    const place = `${item.place}.${name.endsWith('[x]') ? name.slice(0, -3) : name}`;
    const add = (one: unknown, extra: unknown, at: string) => {
      if ((one === undefined || one === null) && !isObject(extra)) return;
      const is = type === 'Resource' && isObject(one) ? String(one['resourceType']) : type;
      list.push({
        value: one ?? undefined,
        type: is,
        path: is === type ? path : is,
        place: at,
        ...(isObject(extra) ? { beside: extra } : {}),
      });
    };
    if (!Array.isArray(value) && !Array.isArray(beside)) add(value, beside, place);
    else {
      const values = Array.isArray(value) ? value : [];
      const extras = Array.isArray(beside) ? beside : [];
      for (let i = 0; i < Math.max(values.length, extras.length); i++) add(values[i], extras[i], `${place}[${i}]`);
    }
  }
  return items ?? nothing;
}
