/**
 * How R4's types look in XML: which elements they have, in which order, and which of them are attributes. Made from the table of the validator.
 * R4: https://hl7.org/fhir/R4/xml.html
 * @module
 */
import { isResourceType } from '../model/r4.ts';
import { elementsOf } from '../profile/elements.ts';

export const fhirNamespace = 'http://hl7.org/fhir';
export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml';

/** What stands in an element: other elements, a resource, a value, or a narrative. */
export type Content = 'elements' | 'resource' | 'value' | 'xhtml';

/** One JSON property of a type, which is an element (or attribute) of the same name. */
export interface Slot {
  /** `given`, `valueQuantity`. */
  readonly key: string;
  /** `_given` */
  readonly beside: string;
  /** Name in a FHIRPath: `value` for valueQuantity. */
  readonly place: string;
  /** Path of the element: `Observation.value[x]`. */
  readonly path: string;
  /** Type, or path of the group. */
  readonly type: string;
  /** Where it stands among its neighbours; the properties of one choice stand at the same place. */
  readonly order: number;
  readonly array: boolean;
  readonly content: Content;
  /** Element.id and Extension.url are attributes. */
  readonly attribute: boolean;
}

/** A type's slots by JSON property. */
export type Shape = ReadonlyMap<string, Slot>;

const shapes = new Map<string, Shape>();

/** The shape of a resource type, data type or group; empty: R4 has none of this name. */
export function shapeOf(type: string): Shape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const slots = new Map<string, Slot>();
  let order = 0;
  let before = '';
  for (const [key, { path, type: inner, primitive, array }] of elementsOf(type)) {
    if (path !== before) order++;
    before = path;
    const name = path.slice(path.lastIndexOf('.') + 1);
    slots.set(key, {
      key,
      beside: `_${key}`,
      place: name.replace('[x]', ''),
      path,
      type: inner,
      order,
      array,
      content: inner === 'Resource' ? 'resource' : inner === 'xhtml' ? 'xhtml' : primitive ? 'value' : 'elements',
      // The id of a resource is of type id and an element; that of an element is a string.
      attribute: (key === 'id' && inner === 'string') || path === 'Extension.url',
    });
  }
  if (slots.size > 0) shapes.set(type, slots);
  return slots;
}

/** Whether a resource of this type can stand in XML. */
export const isConcrete = (type: string): boolean => isResourceType(type) || type === 'Parameters';
