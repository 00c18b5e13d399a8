/**
 * Resources that refer to each other in every written form, who refers to whom as a test means it, and whether what left has the same graph.
 * R4: https://hl7.org/fhir/R4/references.html
 * @module
 */
import { expect } from '@jest/globals';
import type { SeriesKeys } from '../../src/deid/keys.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { mayLead, type Place, pathOf, placesOf, put } from '../deid/places.ts';
import { base, hospital, keysFrom, type Name } from './ground.ts';

export interface Node {
  /** `Type/id`. */
  readonly name: string;
  readonly fullUrl: string;
  readonly resource: AnyResource;
}

/** Who refers to whom by which element; `to` as the test means it, undefined: to nothing that is there. */
export interface Edge {
  readonly from: string;
  readonly path: string;
  readonly to: string | undefined;
}

/** CarePlan.activity has an element of that name, which is none. */
const isReference = ({ reference, identifier }: Json): boolean =>
  typeof reference === 'string' || (typeof identifier === 'object' && identifier !== null && !Array.isArray(identifier));

/** Every reference of a resource with its path, lists passed over; what is contained is somebody of its own. */
function* referencesIn(name: string, resource: AnyResource): Generator<{ from: string; path: string; reference: Json }> {
  function* walk(value: unknown, path: string): Generator<{ from: string; path: string; reference: Json }> {
    if (Array.isArray(value)) for (const one of value) yield* walk(one, path);
    else if (typeof value === 'object' && value !== null)
      if (isReference(value as Json)) yield { from: name, path, reference: value as Json };
      else for (const [key, child] of Object.entries(value)) yield* walk(child, `${path}.${key}`);
  }
  const { contained, identifier: _, ...rest } = resource;
  for (const [key, value] of Object.entries(rest)) yield* walk(value, `${resource.resourceType}.${key}`);
  for (const one of (contained as AnyResource[] | undefined) ?? []) yield* referencesIn(`${name}#${one.id}`, one);
}

/** A generated hospital, each resource under an id; and with it things that belong to nobody, to which many elements may lead. */
export function world(patients: number): { nodes: Node[]; natural: Edge[] } {
  const given = hospital(patients)['entry'] as { fullUrl: string; resource: AnyResource }[];
  const nodes = given.map(({ fullUrl, resource }, i): Node => {
    const id = resource.id ?? `r${i}`;
    return { name: `${resource.resourceType}/${id}`, fullUrl, resource: { ...resource, id } };
  });
  const named = new Map(nodes.map(node => [node.fullUrl, node.name] as const));
  const natural = nodes.flatMap(({ name, resource }) =>
    [...referencesIn(name, resource)].map(({ from, path, reference }) => ({ from, path, to: named.get(String(reference['reference'])) })),
  );
  const more = ['Medication', 'Specimen', 'Device', 'ServiceRequest', 'Condition', 'Procedure', 'Observation', 'Location', 'Group'].flatMap(
    resourceType =>
      ['x', 'y'].map(
        (id): Node => ({
          name: `${resourceType}/${id}`,
          fullUrl: `${base}/${resourceType}/${id}`,
          resource: { resourceType, id, identifier: [{ system: `urn:things:${resourceType}`, value: id }] },
        }),
      ),
  );
  return { nodes: [...nodes, ...more], natural };
}

/** The forms in which a reference to somebody is written; undefined: this one cannot be said of it. */
export const forms: Readonly<Record<string, (to: Node) => Json | undefined>> = {
  relative: ({ name }) => ({ reference: name }),
  'with what it is called': ({ name }) => ({ reference: name, display: '山田', type: name.split('/')[0]! }),
  'with a version': ({ name }) => ({ reference: `${name}/_history/3` }),
  'absolute below the base': ({ name }) => ({ reference: `${base}/${name}` }),
  'absolute with a version': ({ name }) => ({ reference: `${base}/${name}/_history/3` }),
  'by full URL': ({ fullUrl }) => ({ reference: fullUrl }),
  conditional: ({ resource }) => byNumber(resource, (number, type) => ({ reference: `${type}?identifier=${number}` })),
  'conditional, encoded': ({ resource }) =>
    byNumber(resource, (number, type) => ({ reference: `${type}?identifier=${encodeURIComponent(number)}` })),
  'by a logical identifier': ({ resource }) => byIdentifier(resource, (identifier, type) => ({ type, identifier })),
  'by a logical identifier and the URL of its type': ({ resource }) =>
    byIdentifier(resource, (identifier, type) => ({ type: `http://hl7.org/fhir/StructureDefinition/${type}`, identifier })),
  'by a logical identifier alone': ({ resource }) => byIdentifier(resource, identifier => ({ identifier })),
};
/** Everything that has a number has one that is nobody else's. */
const byIdentifier = ({ resourceType, identifier }: AnyResource, said: (identifier: Json, type: string) => Json): Json | undefined => {
  const { system, value } = (identifier as Json[] | undefined)?.[0] ?? {};
  return value === undefined ? undefined : said({ system, value }, resourceType);
};
const byNumber = (resource: AnyResource, said: (number: string, type: string) => Json): Json | undefined =>
  byIdentifier(resource, ({ system, value }, type) => said(`${system}|${value}`, type));

/** What leads nowhere, and so must not leave. */
export const nowhere: readonly Json[] = [
  { reference: 'Observation/nowhere' },
  { reference: `${base}/Condition/nowhere` },
  { reference: 'https://other.example/fhir/Observation/x' },
  { reference: 'urn:uuid:00000000-0000-4000-8000-000000000000' },
  { reference: 'Observation?identifier=urn:x|1' },
  { reference: '#nothing' },
  { identifier: { system: 'urn:nobody', value: '1' } },
  { display: 'Observation/x' },
];

/** Whom a resource is about decides whether it leaves as a whole: these places are left to what is there. */
export const isAbout = ({ path }: Place): boolean => path.length === 1 && ['subject', 'patient', 'beneficiary'].includes(path[0]!);

/** Name of each node in the release, by the keys that the engine has as well; several records of one person are one. */
function names(nodes: readonly Node[], keys: SeriesKeys): (node: string) => string {
  const first = new Map<unknown, string>();
  const anchors = new Map<string, string>();
  for (const one of nodes.filter(({ resource }) => resource.resourceType === 'Patient')) {
    const { value } = (one.resource['identifier'] as Json[])[0]!;
    if (!first.has(value)) first.set(value, one.name);
    anchors.set(one.name, first.get(value)!);
  }
  return node => {
    const [whole, inside] = node.split('#') as [string, string?];
    const [type, id] = whole.split('/') as [string, string];
    const as = `${type}/${keys.pseudonym(type, anchors.get(whole) ?? id)}`;
    return inside === undefined ? as : `${as}#${inside}`;
  };
}

/** How often each edge is there. */
function counted(edges: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const edge of edges) counts[edge] = (counts[edge] ?? 0) + 1;
  return counts;
}

/** What is in one graph and not in the other, three edges of each. */
function difference(one: Record<string, number>, other: Record<string, number>) {
  const less = (a: Record<string, number>, b: Record<string, number>) =>
    Object.keys(a)
      .filter(edge => a[edge]! > (b[edge] ?? 0))
      .slice(0, 3);
  return { lost: less(one, other), invented: less(other, one) };
}

/** Holds the graph that left against what the test means. @param keys under which it left @returns how many edges there are */
export function compare(
  name: Name,
  nodes: readonly Node[],
  edges: readonly Edge[],
  resources: readonly AnyResource[],
  { keys }: { readonly keys: SeriesKeys } = keysFrom(1, name),
): number {
  const { types, policy } = policyNamed(name);
  const as = names(nodes, keys);
  const kept = new Set(placesOf(policyNamed(name)).map(pathOf));
  const shared = name === 'jp-anonymized-shared';
  const met = new Set(resources.map(one => one.resourceType));
  if (shared) for (const type of ['Patient', 'Observation', 'Condition', 'MedicationRequest', 'Encounter']) expect(met).toContain(type);
  // What fewer than ten persons have does not leave there: a type or a resource as a whole, a group of elements, what is contained.
  const there = new Set(resources.map(one => `${one.resourceType}/${one.id}`));
  const leaving = new Set(
    nodes
      .filter(({ resource }) => types.has(resource.resourceType))
      .map(one => as(one.name))
      .filter(one => !shared || there.has(one)),
  );
  expect(difference(counted(leaving), counted(resources.map(one => `${one.resourceType}/${one.id}`)))).toEqual({ lost: [], invented: [] });
  // Where nothing contained leaves, no edge from it or to it does.
  const inside = (node: string): boolean => policy.contained === 'remove' && node.includes('#');
  const meant = edges.flatMap(({ from, path, to }) =>
    to !== undefined &&
    !inside(from) &&
    !inside(to) &&
    kept.has(path) &&
    leaving.has(as(from.split('#')[0]!)) &&
    leaving.has(as(to).split('#')[0]!)
      ? `${as(from)} ${path} ${as(to)}`
      : [],
  );
  const left = resources.flatMap(resource => {
    const own = `${resource.resourceType}/${resource.id}`;
    return [...referencesIn(own, resource)].map(({ from, path, reference }) => {
      expect(Object.keys(reference)).toEqual(['reference']);
      const to = String(reference['reference']);
      return `${from} ${path} ${to === '#' ? own : to.startsWith('#') ? own + to : to}`;
    });
  });
  const whole = (edge: string): boolean => !shared || /^[^#]+ \w+\.\w+ [^#]+$/.test(edge);
  const { lost } = difference(counted(meant.filter(whole)), counted(left.filter(whole)));
  expect({ lost, invented: difference(counted(meant), counted(left)).invented }).toEqual({ lost: [], invented: [] });
  if (!shared) expect(left.length).toBe(meant.length);
  return left.length;
}

/** What a resource is about is somebody, if it does not say of what type: by a number that nobody of the release has, a stranger. */
const meansPerson = (form: string, { resource }: Node): boolean =>
  form.startsWith('conditional') || (form === 'by a logical identifier alone' && resource.resourceType !== 'Patient');

/** For each place, each type of target that is there and each form a resource that refers to it so. */
export function inEachForm(
  nodes: readonly Node[],
  places: readonly Place[],
): { readonly made: readonly Node[]; readonly edges: readonly Edge[] } {
  const made: Node[] = [];
  const edges: Edge[] = [];
  const targets = [...new Map(nodes.map(node => [node.resource.resourceType, node] as const)).values()];
  for (const place of places) {
    for (const to of targets.filter(({ resource }) => mayLead(place, resource.resourceType))) {
      for (const [form, write] of Object.entries(forms)) {
        const reference = write(to);
        if (reference === undefined || (isAbout(place) && meansPerson(form, to))) continue;
        // Beside a condition the resource says whose it is, or may not leave.
        const told = form.startsWith('conditional') && to.resource.resourceType === 'Patient';
        const about = told ? places.find(one => one.type === place.type && isAbout(one)) : undefined;
        if (told && about === undefined) continue;
        const node = { name: `${place.type}/e${made.length}`, fullUrl: `urn:x:${made.length}`, resource: {} as AnyResource };
        Object.assign(node.resource, { resourceType: place.type, id: `e${made.length}` });
        put(node.resource, place, reference);
        if (about !== undefined) {
          put(node.resource, about, { reference: to.name });
          edges.push({ from: node.name, path: pathOf(about), to: to.name });
        }
        made.push(node);
        edges.push({ from: node.name, path: pathOf(place), to: to.name });
      }
    }
  }
  return { made, edges };
}
