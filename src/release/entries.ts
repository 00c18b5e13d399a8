/**
 * The resources of a Bundle that stands by itself, each under a name of its own, their references by full URL become plain ones.
 * R4: https://hl7.org/fhir/R4/bundle.html#references
 * @module
 */
import { isObject } from '../deid/context.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';

export interface Entry {
  /** Its place in `Bundle.entry`. */
  readonly place: number;
  /** `Type/id`. */
  readonly name: string;
  readonly resource: AnyResource;
}

/** `https://a/fhir/Patient/1` → `https://a/fhir`. */
const rootOf = (fullUrl: unknown): string | undefined =>
  typeof fullUrl === 'string' ? /^(https?:.*)\/[A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.exec(fullUrl)?.[1] : undefined;

/** A UUID has one value in either case. RFC 9562: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-format */
export const uuidSmall = (url: string): string => (/^urn:uuid:/i.test(url) ? url.toLowerCase() : url);

/** @param idOf id of a resource that has none, or the same as one before it */
export function entriesOf(bundle: AnyResource, base: string, idOf: (place: number) => string = place => `entry-${place}`): Entry[] {
  const given = (Array.isArray(bundle['entry']) ? bundle['entry'] : []) as unknown[];
  const named = new Map<string, string>();
  /** By full URLs that are UUIDs in small letters; undefined: several entries', which only differ so. */
  const smalls = new Map<string, string | undefined>();
  /** Server that an entry is of, by its full URL. */
  const roots = new Map<string, string | undefined>();
  const taken = new Set<string>();
  const found = given.flatMap((entry, place): Entry[] => {
    const resource = isObject(entry) ? entry['resource'] : undefined;
    if (!isObject(entry) || !isObject(resource) || typeof resource['resourceType'] !== 'string') return [];
    const type = resource['resourceType'];
    let name = `${type}/${typeof resource['id'] === 'string' ? resource['id'] : idOf(place)}`;
    // Two entries of one id (a history, a careless sender) are two resources.
    for (let n = 0; taken.has(name); n++) name = `${type}/${idOf(place)}${n === 0 ? '' : `-${n}`}`;
    taken.add(name);
    roots.set(name, rootOf(entry['fullUrl']));
    if (typeof entry['fullUrl'] === 'string') {
      named.set(entry['fullUrl'], name);
      const small = uuidSmall(entry['fullUrl']);
      smalls.set(small, smalls.has(small) ? undefined : name);
    }
    return [{ place, name, resource: resource as AnyResource }];
  });
  const settle =
    (root: string | undefined) =>
    (text: string): string => {
      const met = named.get(text) ?? smalls.get(uuidSmall(text));
      const own = literal(text, base);
      if (met !== undefined || own === undefined) return met ?? text;
      const name = `${own.type}/${own.id}`;
      const other = roots.get(name);
      const from = text.startsWith(name) ? root : base;
      if (from === undefined || other === undefined || other === from) return name;
      // Two servers' resources in one Bundle: a relative reference is to the server that its entry is of. What is not here of our own must not lead to the other's.
      const there = `${from}/${name}`;
      return named.get(there) ?? (from === base ? `urn:${there}` : there);
    };
  return found.map(entry => ({
    ...entry,
    resource: {
      ...(settled(entry.resource, settle(roots.get(entry.name))) as AnyResource),
      id: entry.name.slice(entry.name.indexOf('/') + 1),
    },
  }));
}

/** With every reference settled, and every URL that leads to a Binary; what has none to settle is the very same. */
function settled(value: unknown, settle: (text: string) => string): unknown {
  if (Array.isArray(value)) {
    let out: unknown[] | undefined;
    for (const [i, one] of (value as unknown[]).entries()) {
      const child = typeof one === 'object' ? settled(one, settle) : one;
      if (child !== one) (out ??= [...(value as unknown[])])[i] = child;
    }
    return out ?? value;
  }
  // A Decimal is a number.
  if (!isObject(value) || value instanceof Number) return value;
  let out: Json | undefined;
  for (const name in value) {
    const given = value[name];
    const child =
      typeof given === 'object'
        ? settled(given, settle)
        : typeof given === 'string' && (name === 'reference' || name === 'url')
          ? settledText(name, given, settle)
          : given;
    // No element is called __proto__, and as a key it would be more than one.
    if (child !== given && name !== '__proto__') (out ??= { ...value })[name] = child;
  }
  return out ?? value;
}

/** A URL that leads to no Binary may lead anywhere. */
function settledText(name: 'reference' | 'url', given: string, settle: (text: string) => string): string {
  const to = settle(given);
  return name === 'reference' || (to !== given && /(?:^|\/)Binary\//.test(to)) ? to : given;
}
