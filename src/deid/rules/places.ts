/**
 * What R4 says of each element, as rules ask for it: its name without the type of a choice, its FHIR type, whether it repeats.
 * R4: https://hl7.org/fhir/R4/elementdefinition.html
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { elementsOf, isPrimitive, typesOf } from '../../fhir/profile/elements.ts';
import { InputError } from './errors.ts';

export interface Place {
  /** Where R4 defines it: `Observation.value[x]`. */
  readonly path: string;
  /** Property of the JSON: `valueQuantity`. */
  readonly property: string;
  /** Name of the element: `value`. */
  readonly name: string;
  /** FHIR type; of a group its path; `Resource` where any resource may stand. */
  readonly type: string;
  /** FHIR type as a rule names it: groups are BackboneElement or Element. */
  readonly fhirType: string;
  readonly primitive: boolean;
  readonly array: boolean;
  /** FHIR type of the element that it is a child of. */
  readonly parentType: string;
}

const cache = new Map<string, ReadonlyMap<string, Place>>();

const fhirTypeOf = (type: string): string =>
  type.includes('.') ? (elementsOf(type).has('modifierExtension') ? 'BackboneElement' : 'Element') : type;

/** JSON property → place, of a resource type, a data type or a group; of a primitive the properties of Element. */
export function placesOf(type: string): ReadonlyMap<string, Place> {
  let places = cache.get(type);
  if (places === undefined) {
    const made = [...elementsOf(isPrimitive(type) ? 'Element' : type)].map(([property, element]): [string, Place] => [
      property,
      {
        path: element.path,
        property,
        name: element.path.slice(element.path.lastIndexOf('.') + 1).replace('[x]', ''),
        type: element.type,
        fhirType: fhirTypeOf(element.type),
        primitive: element.primitive,
        array: element.array,
        parentType: type,
      },
    ]);
    cache.set(type, (places = new Map(made)));
  }
  return places;
}

let resources: ReadonlySet<string> | undefined;

/** Whether R4 has a resource type of this name; Parameters too. */
export const isResource = (type: unknown): type is string => (resources ??= new Set(typesOf('resource'))).has(type as string);

const roots = new Map<string, Place>();

/** The place of a root. @throws InputError if R4 has no such resource */
export function typeOf(json: Json): Place {
  const type = json['resourceType'];
  if (!isResource(type)) throw new InputError('resourceType', 'is none of R4');
  let place = roots.get(type);
  if (place === undefined) {
    place = { path: type, property: type, name: type, type, fhirType: type, primitive: false, array: false, parentType: '' };
    roots.set(type, place);
  }
  return place;
}

let choices: ReadonlySet<string> | undefined;

/** Names that only the JSON has, wherever they stand: `valueString` for the element `value`. FHIRPath does not know them. */
export function isChoiceProperty(name: string): boolean {
  if (choices === undefined) {
    const types = [...typesOf('resource'), ...typesOf('datatype')];
    const seen = new Set(types);
    const properties = new Set<string>();
    const names = new Set<string>();
    for (const type of types) {
      for (const place of placesOf(type).values()) {
        if (place.property !== place.name) properties.add(place.property);
        names.add(place.name);
        if (place.type.includes('.') && !seen.has(place.type)) {
          seen.add(place.type);
          types.push(place.type);
        }
      }
    }
    for (const one of names) properties.delete(one);
    choices = properties;
  }
  return choices.has(name);
}
