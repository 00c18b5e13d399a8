/**
 * Which elements R4's types have, by their JSON property names: for whoever must know all of them (a closed-world policy, an extractor).
 * R4: https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/elementdefinition.html
 * @module
 */
import { typePaths, typeRow } from './table.ts';

export interface Element {
  /** Path with `[x]` for a choice: `Observation.value[x]`, `HumanName.family`. */
  readonly path: string;
  /** A primitive (`dateTime`), a data type (`Quantity`), a group's path (`Observation.component`), or `Resource` (contained, Bundle.entry.resource …). Ask `elementsOf` for what is inside. */
  readonly type: string;
  /** Starts with a small letter and is no group: JSON string, number or boolean, with a `_name` beside it. */
  readonly primitive: boolean;
  readonly array: boolean;
  readonly required: boolean;
  /** Part of a summary (`_summary=true`). */
  readonly summary: boolean;
  /** One of several properties of a choice element, of which at most one may be there. */
  readonly choice: boolean;
  /** For a Reference: the resource types it may lead to; absent: all. */
  readonly targets?: readonly string[];
  /** Value set of a required binding. */
  readonly valueSet?: string;
}

const cache = new Map<string, ReadonlyMap<string, Element>>();
const none: ReadonlyMap<string, Element> = new Map();

/** `dateTime` and its kin; data types have a capital, groups a dot. */
export const isPrimitive = (type: string): boolean => /^[a-z][A-Za-z0-9]*$/.test(type);

/**
 * JSON property name (choices expanded: `valueQuantity`) → element, for a resource type, a data type or a group (`Patient.contact`); empty when R4
 * has no such type. `resourceType` and the `_name` properties beside primitives are not listed.
 */
export function elementsOf(typeOrPath: string): ReadonlyMap<string, Element> {
  const known = cache.get(typeOrPath);
  if (known !== undefined) return known;
  const row = typeRow(typeOrPath);
  if (row === undefined) return none;
  const elements = new Map<string, Element>();
  for (const { name, required, array, summary, types, valueSet } of row.elements) {
    const choice = name.endsWith('[x]');
    for (const { code, targets } of types) {
      elements.set(choice ? name.slice(0, -3) + code[0]!.toUpperCase() + code.slice(1) : name, {
        path: `${row.path}.${name}`,
        type: code,
        primitive: isPrimitive(code),
        array: array === true,
        required: required === true,
        summary: summary === true,
        choice,
        ...(targets === undefined ? {} : { targets }),
        ...(valueSet === undefined ? {} : { valueSet }),
      });
    }
  }
  cache.set(typeOrPath, elements);
  return elements;
}

/** Names of R4's types: those of resources (Parameters too, abstract ones not), or data types (Extension, HumanName, …, Element and BackboneElement too). */
export const typesOf = (kind: 'resource' | 'datatype'): string[] =>
  typePaths().filter(path => {
    if (path.includes('.')) return false;
    const row = typeRow(path)!;
    return row.kind === kind && !(kind === 'resource' && row.abstract === true);
  });
