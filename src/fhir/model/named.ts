/**
 * Every way in which a person can be in a resource: it is a Patient, holds one (contained, in a nested Bundle or in Parameters),
 * refers to one (literally, or by an identifier), or carries a patient's number in whatever element. A `display` alone names nobody.
 * Pure, one walk, blind to element definitions; what cannot be understood is told, not passed over.
 * R4: https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/patient.html
 * @module
 */
import { hospitalNumberPrefix, type PersonKey, personKey, personKeys } from './person.ts';
import { type AnyResource, isResourceType, type Json } from './r4.ts';
import { identifiedBy, literal } from './reference.ts';
import { nobodys, peoples } from './reference-elements.ts';

/** A Patient record that is the resource or stands in it. */
export interface NamedRecord {
  /** All of its identifiers that mean one person. */
  readonly keys: readonly PersonKey[];
  /** What other parts of the same resource call it: `Patient/<id>`, a nested entry's fullUrl. */
  readonly names: readonly string[];
  /** It is the resource itself. */
  readonly itself: boolean;
  /** As written. */
  readonly birthDate?: string;
}

export interface Identified {
  readonly key: PersonKey;
  /** As written. */
  readonly identifier: Json;
}

export interface Named {
  readonly records: readonly NamedRecord[];
  /** `Patient/<id>`, `RelatedPerson/<id>` outside of this resource. */
  readonly references: readonly string[];
  /** Identifiers that surely mean a person: logical references to one, hospitals' patient numbers anywhere. */
  readonly identifiers: readonly Identified[];
  /** Logical references without a type, in an element that may refer to a person or to somebody else (a performer). */
  readonly perhaps: readonly Identified[];
  /** Identifiers of people who are no patients by them (RelatedPerson, Person), but may have objected under them. */
  readonly others: readonly PersonKey[];
  /** Elements that refer to a person in a way that leads nowhere: a foreign URL, an open urn, criteria, a number that a family shares. */
  readonly unresolvable: readonly string[];
}

export interface Names {
  /** Base URL of this server: references below it are its own. */
  readonly base?: string;
  /** 10-digit code of the sending institution, for a patient number whose system does not name one. */
  readonly institution?: string;
  /** A condition (`Patient?identifier=system|value`) names whom the number names: of data that stand by themselves. Absent: it leads nowhere, since whom a store finds by it is known only when it has looked. */
  readonly conditions?: true;
}

/** Elements other than `reference` whose string may lead to a resource of this server. */
const addresses: ReadonlySet<string> = new Set(['url', 'uri', 'valueUri', 'valueUrl', 'valueCanonical']);

const people: ReadonlySet<unknown> = new Set(['Patient', 'RelatedPerson']);
/** A system that may be that of a hospital's patient numbers once it is folded; anything but ASCII may. */
const maybeNumber = /3\.51\.1|patientid|[^\x20-\x7e]/i;
const version = /\/_history\/[^/]*$/;

/** A Patient's birth date, where it has one. */
export const bornIn = ({ birthDate }: Json): { birthDate?: string } => (typeof birthDate === 'string' ? { birthDate } : {});

/** `Reference.type` by its name, however it is written; undefined: it says nothing that R4 knows. */
function typeIn({ type }: Json): string | undefined {
  const name = typeof type === 'string' ? type.slice(type.lastIndexOf('/') + 1) : '';
  return isResourceType(name) ? name : undefined;
}

/** A text that means to lead to a person, however it is written. */
const towardsPerson = /(^|[/#?])(patient|relatedperson)($|[/?#|])/i;

/** A resource on its way into the store is asked twice, by the gate and by the store; it is not changed in between. */
const asked = new WeakMap<AnyResource, { readonly names: Names; readonly named: Named }>();

export function personsIn(resource: AnyResource, names: Names = {}): Named {
  const before = asked.get(resource);
  if (before) {
    const { base, institution, conditions } = before.names;
    if (base === names.base && institution === names.institution && conditions === names.conditions) return before.named;
  }
  const named = look(resource, names);
  asked.set(resource, { names, named });
  return named;
}

function look(resource: AnyResource, { base, institution, conditions }: Names): Named {
  const records: NamedRecord[] = [];
  const identifiers = new Map<PersonKey, Identified>();
  const perhaps = new Map<PersonKey, Identified>();
  const others = new Set<PersonKey>();
  const unresolvable = new Set<string>();
  /** Full URLs of nested entries, by their resource; and what such an entry is called inside its Bundle. */
  const fullUrls = new Map<unknown, string>();
  const inside = new Set<string>();
  const links: { readonly name: string; readonly text: string; readonly element: string }[] = [];

  const record = (node: AnyResource): void => {
    const keys = personKeys(node, institution);
    const names = node === resource ? [`${node.resourceType}/${node.id}`] : entryNames(fullUrls.get(node));
    if (node !== resource) for (const name of names) inside.add(name);
    if (node.resourceType === 'Patient') records.push({ keys, names, itself: node === resource, ...bornIn(node) });
    else for (const key of keys) others.add(key);
  };

  const link = (text: string, element: string, type: unknown): void => {
    if (text.startsWith('#')) return;
    const meant = conditions === undefined || !text.includes('?') ? undefined : identifiedBy(text);
    const key = meant?.type === 'Patient' ? personKey(meant.identifier, institution) : undefined;
    if (key !== undefined) {
      identifiers.set(key, { key, identifier: meant!.identifier });
      return;
    }
    const found = towardsPerson.test(text) ? (literal(text, base) ?? 'open') : undefined;
    if (found === undefined || (found !== 'open' && !people.has(found.type))) {
      // Towards somebody else, unless it is said to be a person; an open urn may be anybody.
      if (people.has(type) || (type === undefined && !nobodys.has(element) && /^urn:/i.test(text)))
        links.push({ name: text, text, element });
    } else links.push({ name: found === 'open' ? text : `${found.type}/${found.id}`, text, element });
  };

  const logical = (identifier: Json, node: Json, element: string): void => {
    const { reference } = node;
    const type = typeIn(node);
    const key = personKey(identifier, institution);
    const sure = people.has(type) || (type === undefined && peoples.has(element));
    if (key !== undefined) {
      if (sure) identifiers.set(key, { key, identifier });
      else if (type === undefined && !nobodys.has(element)) perhaps.set(key, { key, identifier });
    } else if (sure && typeof reference !== 'string') {
      // Beside a literal reference the number says nothing more; alone it was to say who is meant.
      unresolvable.add(element);
    }
  };

  const walk = (node: Json, element: string): void => {
    const { resourceType, identifier, system, value, reference, fullUrl } = node;
    if (typeof fullUrl === 'string' && isObject(node['resource'])) fullUrls.set(node['resource'], fullUrl);
    if (typeof resourceType === 'string') {
      if (recordTypes.has(resourceType)) record(node as AnyResource);
    } else if (isObject(identifier) && !Array.isArray(identifier)) logical(identifier, node, element);
    if (typeof reference === 'string') link(reference, element, typeIn(node));
    if (typeof system === 'string' && typeof value === 'string' && maybeNumber.test(system)) {
      const key = personKey(node, institution);
      if (key?.startsWith(hospitalNumberPrefix)) identifiers.set(key, { key, identifier: node });
    }
    for (const name in node) {
      const child = node[name];
      if (typeof child === 'string') {
        if (addresses.has(name) && !('reference' in node)) linkOnly(child, name);
      } else if (isObject(child)) {
        // A Patient's own identifiers are the record's keys.
        if (name === 'identifier' && resourceType === 'Patient') continue;
        walkEach(child, name);
      }
    }
  };
  /** A list in a list is no FHIR, but whoever stands in it is there. */
  const walkEach = (child: Json | Json[], name: string): void => {
    if (!Array.isArray(child)) walk(child, name);
    else for (const one of child) if (isObject(one)) walkEach(one, name);
  };

  /** An address that is a Patient of this server; any other address is not looked at. */
  const linkOnly = (text: string, element: string): void => {
    const found = literal(text, base);
    if (found !== undefined && people.has(found.type)) links.push({ name: `${found.type}/${found.id}`, text, element });
  };

  walk(resource, resource.resourceType);
  const references = new Set<string>();
  for (const { name, text, element } of links) {
    // As written: `Patient/1` may mean an entry beside it where the same under our own base means the one in the store.
    if (inside.has(text.replace(version, ''))) continue;
    if (literal(name) === undefined) unresolvable.add(element);
    else references.add(name);
  }
  return {
    records,
    references: [...references],
    identifiers: [...identifiers.values()],
    perhaps: [...perhaps.values()],
    others: [...others],
    unresolvable: [...unresolvable],
  };
}

/** Everything by which a resource names people, as the store knows them: for lines on record. */
export const namesOf = (named: Named): string[] => [
  ...new Set([
    ...named.records.flatMap(one => [...(one.itself ? one.names : []), ...one.keys]),
    ...named.references,
    ...[...named.identifiers, ...named.perhaps].map(one => one.key),
    ...named.others,
  ]),
];

const recordTypes: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson', 'Person']);
const isObject = (value: unknown): value is Json => value !== null && typeof value === 'object';

/** R4: https://hl7.org/fhir/R4/bundle.html#references: a full URL, and the relative reference that it ends with. */
function entryNames(fullUrl: string | undefined): string[] {
  if (fullUrl === undefined) return [];
  const relative = /\/((?:Patient|RelatedPerson)\/[^/]+)$/.exec(fullUrl)?.[1];
  return relative === undefined ? [fullUrl] : [fullUrl, relative];
}
