/**
 * A FHIRPath → the places in a resource that it means. The expression is a client's: it may only walk and choose, so that it costs no more than the resource is long.
 * FHIRPath: http://hl7.org/fhirpath/N1/, R4: https://hl7.org/fhir/R4/fhirpatch.html
 * @module
 */
import fhirpath from 'fhirpath';
import model from 'fhirpath/fhir-context/r4';
import { Problem } from '../../model/outcome.ts';
import type { AnyResource, Json } from '../../model/r4.ts';
import { elementsOf } from '../../profile/elements.ts';

/** From the resource down: names of members and indexes of lists. The element of a primitive is its value, not the `_name` beside it. */
export type Place = readonly (string | number)[];

const longest = 1000;
const deepest = 20;

/** None of them leads back up, goes on by itself, or makes more than it was given. */
const functions: ReadonlySet<string> = new Set(
  [
    'where exists all empty not count first last single tail skip take ofType as is extension hasValue iif',
    'startsWith endsWith contains indexOf length lower upper substring toString toInteger today now',
    // Operators before a bracket.
    'and or xor implies in div mod',
  ].flatMap(line => line.split(' ')),
);

/** Whether an expression is plainly cheap. */
function isPlain(expression: string): boolean {
  if (expression.length > longest || /`|\/\*|\/\/|%/.test(expression.replace(/'(?:[^'\\]|\\.)*'/g, "''"))) return false;
  const code = expression.replace(/'(?:[^'\\]|\\.)*'/g, "''");
  let depth = 0;
  for (const letter of code) {
    if (letter === '(' || letter === '[' || letter === '{') depth++;
    if (letter === ')' || letter === ']' || letter === '}') depth--;
    if (depth > deepest) return false;
  }
  return [...code.matchAll(/([A-Za-z_]\w*)\s*\(/g)].every(call => functions.has(call[1]!));
}

/** What the library knows of an element that it found. */
interface Node {
  readonly data: unknown;
  readonly parentResNode: Node | null;
  /** Without the type of a choice: `value`. */
  readonly propName: string | null;
  readonly index: number | null;
  readonly fhirNodeDataType: string | null;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'parentResNode' in value;

/** Every object and list of a tree, and where it lies. */
function placesIn(value: unknown, place: Place, found: Map<unknown, Place>): Map<unknown, Place> {
  if (typeof value !== 'object' || value === null) return found;
  found.set(value, place);
  if (Array.isArray(value)) value.forEach((one, i) => void placesIn(one, [...place, i], found));
  else for (const name of Object.keys(value)) placesIn((value as Json)[name], [...place, name], found);
  return found;
}

/** The member of an object that a node is; undefined: it is none that could be named. */
function memberOf({ data }: Node, { propName, fhirNodeDataType }: Node): string | undefined {
  if (propName === null || typeof data !== 'object' || data === null) return undefined;
  const isHere = (name: string) => Object.hasOwn(data, name) || Object.hasOwn(data, `_${name}`);
  if (isHere(propName)) return propName;
  const typed = propName + (fhirNodeDataType === null ? '' : fhirNodeDataType[0]!.toUpperCase() + fhirNodeDataType.slice(1));
  return isHere(typed) ? typed : undefined;
}

function placeOf(node: Node, known: ReadonlyMap<unknown, Place>): Place | undefined {
  const object = known.get(node.data);
  if (object) return object;
  const above = node.parentResNode && placeOf(node.parentResNode, known);
  const member = node.parentResNode && memberOf(node.parentResNode, node);
  return above && member ? [...above, member, ...(node.index === null ? [] : [node.index])] : undefined;
}

/** Where the elements lie that an expression finds, in its order. Throws 400 for an expression that is none, or that asks for more than walking and choosing. */
export function locate(resource: AnyResource, expression: string): readonly Place[] {
  const refuse = (text: string) => new Problem('invalid-request', text);
  if (!isPlain(expression)) throw refuse('A path of the patch is no FHIRPath expression that only walks and chooses.');
  // The library marks what it is given, and computes with plain numbers.
  const plain = JSON.parse(JSON.stringify(resource)) as AnyResource;
  let found: unknown;
  try {
    found = fhirpath.evaluate(plain, expression, {}, model, { async: false, resolveInternalTypes: false });
  } catch {
    throw refuse('A path of the patch is no FHIRPath expression that can be evaluated on the resource.');
  }
  const known = placesIn(plain, [], new Map());
  return (found as readonly unknown[]).map(node => {
    const place = isNode(node) ? placeOf(node, known) : undefined;
    if (!place) throw refuse('A path of the patch leads to a value that is no element of the resource.');
    return place;
  });
}

/** What lies at a place. */
export const valueAt = (resource: AnyResource, place: Place): unknown =>
  place.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], resource);

/** Type of the element at a place, as `elementsOf` takes it: `HumanName`, `Patient.contact`; undefined: R4 has no such element. */
export function typeAt(resource: AnyResource, place: Place): string | undefined {
  let type: string | undefined = resource.resourceType;
  let value: unknown = resource;
  for (const step of place) {
    value = (value as Record<string | number, unknown> | undefined)?.[step];
    if (typeof step === 'number') {
      if (type === 'Resource') type = (value as AnyResource | undefined)?.resourceType;
      continue;
    }
    type = step.startsWith('_') ? 'Element' : type === undefined ? undefined : elementsOf(type).get(step)?.type;
    if (type === 'Resource' && !Array.isArray(value)) type = (value as AnyResource | undefined)?.resourceType;
  }
  return type;
}
