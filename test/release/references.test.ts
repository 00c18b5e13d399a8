// The graph of all references of a release is that of the source among what leaves, edge by edge, in whatever form they are written.
// https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/bundle.html#references, docs/deidentification.md (reference)
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';
import { mayLead, type Place, pathOf, placesOf, put } from '../deid/places.ts';
import { isSlow } from '../slow.ts';
import { base, hospital, keysFrom, type Name, type Released, released } from './ground.ts';

interface Node {
  /** `Type/id`. */
  readonly name: string;
  readonly fullUrl: string;
  readonly resource: AnyResource;
}

/** Who refers to whom by which element; `to` as the test means it, undefined: to nothing that is there. */
interface Edge {
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
function world(patients: number): { nodes: Node[]; natural: Edge[] } {
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
          resource: { resourceType, id },
        }),
      ),
  );
  return { nodes: [...nodes, ...more], natural };
}

/** The forms in which a reference to somebody is written; undefined: this one cannot be said of it. */
const forms: Readonly<Record<string, (to: Node) => Json | undefined>> = {
  relative: ({ name }) => ({ reference: name }),
  'with what it is called': ({ name }) => ({ reference: name, display: '山田', type: name.split('/')[0]! }),
  'with a version': ({ name }) => ({ reference: `${name}/_history/3` }),
  'absolute below the base': ({ name }) => ({ reference: `${base}/${name}` }),
  'absolute with a version': ({ name }) => ({ reference: `${base}/${name}/_history/3` }),
  'by full URL': ({ fullUrl }) => ({ reference: fullUrl }),
  conditional: ({ resource }) => ofPatient(resource, ({ system, value }) => ({ reference: `Patient?identifier=${system}|${value}` })),
  'conditional, encoded': ({ resource }) =>
    ofPatient(resource, ({ system, value }) => ({ reference: `Patient?identifier=${encodeURIComponent(`${system}|${value}`)}` })),
  'by a logical identifier': ({ resource }) =>
    ofPatient(resource, ({ system, value }) => ({ type: 'Patient', identifier: { system, value } })),
  'by a logical identifier alone': ({ resource }) => ofPatient(resource, ({ system, value }) => ({ identifier: { system, value } })),
};
const ofPatient = (resource: AnyResource, said: (identifier: Json) => Json): Json | undefined =>
  resource.resourceType === 'Patient' ? said((resource['identifier'] as Json[])[0]!) : undefined;

/** What leads nowhere, and so must not leave. */
const nowhere: readonly Json[] = [
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
const isAbout = ({ path }: Place): boolean => path.length === 1 && ['subject', 'patient', 'beneficiary'].includes(path[0]!);

/** Name of each node in the release, by the keys that the engine has as well; several records of one person are one. */
function names(nodes: readonly Node[], name: Name): (node: string) => string {
  const { keys } = keysFrom(1, name);
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

async function release(nodes: readonly Node[], name: Name): Promise<Released> {
  const entry = nodes.map(({ fullUrl, resource }) => ({ fullUrl, resource }));
  return released({ resourceType: 'Bundle', type: 'collection', entry } as AnyResource, keysFrom(1, name));
}

/** Holds the graph that left against what the test means. @returns how many edges there are */
function compare(name: Name, nodes: readonly Node[], edges: readonly Edge[], { resources }: Released): number {
  const { types, policy } = policyNamed(name);
  const as = names(nodes, name);
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

describe.each(builtIn)('references under %s', name => {
  const policy = policyNamed(name);
  const places = placesOf(policy);
  const { nodes, natural } = world(name === 'jp-anonymized-shared' ? 25 : 8);
  const containable = ['Specimen', 'Device', 'Medication', 'Condition', 'Observation', 'Procedure'];

  test('each element that may leave leads to a target of each type that is there, in each form', async () => {
    const made: Node[] = [];
    const edges: Edge[] = [];
    const targets = [...new Map(nodes.map(node => [node.resource.resourceType, node] as const)).values()];
    for (const place of places) {
      for (const to of targets.filter(({ resource }) => mayLead(place, resource.resourceType))) {
        for (const [form, write] of Object.entries(forms)) {
          const reference = write(to);
          // Whose a resource is, is not told by a condition: beside it the resource says whose it is, or does not leave.
          const about = form.startsWith('conditional') ? places.find(one => one.type === place.type && isAbout(one)) : undefined;
          if (reference === undefined || (form.startsWith('conditional') && (isAbout(place) || about === undefined))) continue;
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
    expect(new Set(edges.map(edge => edge.path)).size).toBeGreaterThan(60);
    const all = [...nodes, ...made];
    expect(compare(name, all, [...natural, ...edges], await release(all, name))).toBeGreaterThan(500);
  });

  test('what is there is as it was among what leaves, whatever else is referred to, and nothing is invented', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            from: fc.nat(),
            place: fc.nat(),
            to: fc.nat(),
            form: fc.constantFrom('nowhere', 'contained', ...Object.keys(forms)),
            more: fc.nat(),
          }),
          { minLength: 40, maxLength: 120 },
        ),
        async wishes => {
          const all = nodes.map(node => ({ ...node, resource: structuredClone(node.resource) }));
          const edges = [...natural];
          const any = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length];
          for (const { from, place: which, to, form, more } of wishes) {
            const source = any(all, from)!;
            const { resourceType } = source.resource;
            // What names nobody that is known, and somebody who is not, is a stranger's.
            if (!source.fullUrl.startsWith('urn:') && (form === 'nowhere' || form.startsWith('conditional'))) continue;
            const place = any(
              places.filter(one => one.type === resourceType && !isAbout(one)),
              which,
            );
            if (place === undefined) continue;
            const path = pathOf(place);
            if (form === 'nowhere') {
              put(source.resource, place, any(nowhere, to)!);
            } else if (form === 'contained') {
              const type = containable.filter(one => mayLead(place, one) && policy.types.has(one))[0];
              if (type === undefined) continue;
              const inside = (source.resource['contained'] as AnyResource[] | undefined) ?? [];
              const id = `c${inside.length + 1}`;
              const one: AnyResource = { resourceType: type, id: `inner-${id}` };
              if (!put(source.resource, place, { reference: `#inner-${id}` })) continue;
              edges.push({ from: source.name, path, to: `${source.name}#${id}` });
              source.resource['contained'] = [...inside, one];
              const own = any(
                places.filter(other => other.type === type && !isAbout(other)),
                more,
              )!;
              const target = any(
                all.filter(({ resource }) => mayLead(own, resource.resourceType)),
                to,
              );
              if (target !== undefined && put(one, own, { reference: target.name }))
                edges.push({ from: `${source.name}#${id}`, path: pathOf(own), to: target.name });
            } else {
              const target = any(
                all.filter(({ resource }) => mayLead(place, resource.resourceType)),
                to,
              );
              const reference = target === undefined ? undefined : forms[form]!(target);
              if (reference !== undefined && put(source.resource, place, reference))
                edges.push({ from: source.name, path, to: target!.name });
            }
          }
          compare(name, all, edges, await release(all, name));
        },
      ),
      { numRuns: (isSlow ? 3 : 1) * (name === 'jp-anonymized-shared' ? 2 : 4), endOnFailure: true },
    ));
});
