// The graph of all references of a release is that of the source among what leaves, edge by edge, in whatever form they are written.
// https://hl7.org/fhir/R4/references.html, https://hl7.org/fhir/R4/bundle.html#references, docs/deidentification.md (reference)
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';
import { mayLead, pathOf, placesOf, put } from '../deid/places.ts';
import { isSlow } from '../slow.ts';
import { keysFrom, type Name, released } from './ground.ts';
import { compare, forms, inEachForm, isAbout, type Node, nowhere, world } from './reference-graph.ts';

async function release(nodes: readonly Node[], name: Name): Promise<readonly AnyResource[]> {
  const entry = nodes.map(({ fullUrl, resource }) => ({ fullUrl, resource }));
  return (await released({ resourceType: 'Bundle', type: 'collection', entry } as AnyResource, keysFrom(1, name))).resources;
}

describe.each(builtIn)('references under %s', name => {
  const policy = policyNamed(name);
  const places = placesOf(policy);
  const { nodes, natural } = world(name === 'jp-anonymized-shared' ? 25 : 8);
  const containable = ['Specimen', 'Device', 'Medication', 'Condition', 'Observation', 'Procedure'];

  test('each element that may leave leads to a target of each type that is there, in each form', async () => {
    const { made, edges } = inEachForm(nodes, places);
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
