/**
 * Where references may stand in what leaves: every element of type Reference that a policy lets out, in every type of resource.
 * R4: https://hl7.org/fhir/R4/references.html
 * @module
 */
import type { CompiledPolicy } from '../../src/deid/compile.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { elementsOf } from '../../src/fhir/profile/elements.ts';

/** A place for a reference in a type that leaves. */
export interface Place {
  readonly type: string;
  /** Property names from the root; a group that repeats holds a list. */
  readonly path: readonly string[];
  /** Types that R4 names; absent: the element may lead to any. */
  readonly targets?: readonly string[];
}

/** `Observation.component.valueQuantity`, as decisions are named. */
export const pathOf = ({ type, path }: Place): string => `${type}.${path.join('.')}`;

/** Whether its definition lets it lead to this type. */
export const mayLead = ({ targets }: Place, type: string): boolean => targets?.includes(type) ?? true;

export function placesOf({ types, decisions }: CompiledPolicy): Place[] {
  const search = (type: string, at: string, path: readonly string[]): Place[] =>
    [...elementsOf(at)].flatMap(([name, element]): Place[] => {
      const place = { type, path: [...path, name], ...(element.targets === undefined ? {} : { targets: element.targets }) };
      if ((decisions.get(pathOf(place))?.by ?? 'remove') === 'remove') return [];
      if (element.type.includes('.')) return search(type, element.type, place.path);
      return element.type === 'Reference' ? [place] : [];
    });
  return [...types.keys()].flatMap(type => search(type, type, []));
}

/** Puts a reference there, beside those that are there. @returns false where one stands that does not repeat */
export function put(resource: Json, { type, path }: Place, reference: Json): boolean {
  const into = (node: Json, at: string, [name, ...rest]: readonly string[]): boolean => {
    const element = elementsOf(at).get(name!)!;
    if (rest.length > 0) {
      const group: Json = {};
      if (element.array) node[name!] = [...((node[name!] as Json[] | undefined) ?? []), group];
      else node[name!] ??= group;
      return into(element.array ? group : (node[name!] as Json), element.type, rest);
    }
    // Of a choice one property may be there.
    const choice = element.choice && Object.keys(node).some(key => elementsOf(at).get(key)?.path === element.path);
    if (element.array) node[name!] = [...((node[name!] as Json[] | undefined) ?? []), reference];
    else if (node[name!] !== undefined || choice) return false;
    else node[name!] = reference;
    return true;
  };
  return into(resource, type, path);
}

/** A resource that has nothing but a reference in this place. */
export function holding(place: Place, reference: string): AnyResource {
  const resource: AnyResource = { resourceType: place.type, id: 'container' };
  put(resource, place, { reference });
  return resource;
}
