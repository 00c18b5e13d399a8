/**
 * What stands in a resource for profiles: resources inside it, the profiles that they name, their extensions.
 * R4: https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/extensibility.html
 * @module
 */
import type { AnyResource, Json } from '../model/r4.ts';
import { isObject } from './findings.ts';
import type { Item } from './items.ts';

/** Extensions of one resource that are looked at. */
const mostExtensions = 2_000;

/** A resource with what stands around it. */
export interface Inside {
  readonly resource: AnyResource;
  readonly place: string;
  readonly container?: AnyResource;
  readonly bundle?: AnyResource;
}

const isResource = (value: unknown): value is AnyResource => isObject(value) && typeof value['resourceType'] === 'string';
const objectsIn = (list: unknown): [Json, number][] =>
  Array.isArray(list) ? list.flatMap((one: unknown, i) => (isObject(one) ? [[one, i] as [Json, number]] : [])) : [];

/** A resource and all inside it: contained, of entries, of parameters. */
export function* resourcesIn(inside: Inside): Generator<Inside> {
  yield inside;
  const { resource, place, container, bundle } = inside;
  if (container === undefined)
    for (const [one, i] of objectsIn(resource['contained']))
      if (isResource(one)) yield { resource: one, place: `${place}.contained[${i}]`, container: resource, ...(bundle ? { bundle } : {}) };
  if (resource.resourceType === 'Bundle')
    for (const [entry, i] of objectsIn(resource['entry']))
      if (isResource(entry['resource']))
        yield* resourcesIn({ resource: entry['resource'], place: `${place}.entry[${i}].resource`, bundle: resource });
  if (resource.resourceType === 'Parameters') yield* inParameters(resource['parameter'], `${place}.parameter`);
}

function* inParameters(list: unknown, place: string): Generator<Inside> {
  for (const [one, i] of objectsIn(list)) {
    if (isResource(one['resource'])) yield* resourcesIn({ resource: one['resource'], place: `${place}[${i}].resource` });
    yield* inParameters(one['part'], `${place}[${i}].part`);
  }
}

/** The profiles that a resource names. */
export const claimed = ({ meta }: AnyResource): readonly string[] => {
  const list = isObject(meta) ? meta['profile'] : undefined;
  return Array.isArray(list) ? list.filter(one => typeof one === 'string') : [];
};

/** Extensions in a resource, those of resources inside it apart. */
export function extensionsIn(resource: AnyResource, place: string): Item[] {
  const items: Item[] = [];
  const visit = (value: unknown, at: string): void => {
    if (items.length >= mostExtensions) return;
    if (Array.isArray(value)) for (const [i, one] of value.entries()) visit(one, `${at}[${i}]`);
    else if (isObject(value) && (value === resource || value['resourceType'] === undefined)) {
      for (const [key, one] of Object.entries(value)) {
        // What stands beside a primitive has its place.
        const inner = `${at}.${key.startsWith('_') ? key.slice(1) : key}`;
        if (key === 'extension' || key === 'modifierExtension')
          for (const [extension, i] of objectsIn(one))
            items.push({ value: extension, type: 'Extension', path: 'Extension', place: `${inner}[${i}]` });
        visit(one, inner);
      }
    }
  };
  visit(resource, place);
  return items;
}

/** Whether the url of an extension can be looked up. */
export const isAbsolute = (url: unknown): url is string => typeof url === 'string' && url.includes(':');

/** Whether there are few elements in a resource: what takes time in line with it takes little. */
export function isSmall(resource: AnyResource): boolean {
  let left = 2_000;
  const visit = (value: unknown): void => {
    if (--left < 0 || typeof value !== 'object' || value === null) return;
    for (const one of Array.isArray(value) ? value : Object.values(value)) visit(one);
  };
  visit(resource);
  return left >= 0;
}
