/**
 * Referential integrity, where it is switched on: a literal reference must lead to something that is here, or that comes with the request.
 * R4: https://hl7.org/fhir/R4/http.html#trules
 * @module
 */
import type { Finding } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { literal } from '../model/reference.ts';
import type { Context } from './interaction.ts';
import { mapLinks } from './links.ts';
import type { Plan } from './plan.ts';
import { resourceOf } from './stored.ts';

/**
 * A finding for every reference that leads to nothing. Foreign URLs are not followed, so they are not judged; nor is what stood in the resource before (its target may have
 * been erased since), nor the patient in whose name an app acts.
 */
export async function dangling(
  resources: ReadonlyMap<Plan, AnyResource>,
  plans: readonly Plan[],
  { store, access, baseUrl }: Context,
): Promise<readonly Finding[]> {
  const places = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [plan, resource] of resources) {
    const before = plan.current === undefined || plan.current.deleted ? new Set() : linksOf(resourceOf(plan.current));
    mapLinks(resource, (link, kind, path) => {
      if (kind !== 'reference' || before.has(link) || link === access.agent.patient) return link;
      const expression = plan.place + path().slice(plan.type.length);
      const target = literal(link, baseUrl);
      if (target) places.set(`${target.type}/${target.id}`, expression);
      else if (link.startsWith('urn:')) findings.push({ kind: 'dangling-reference', expression });
      return link;
    });
  }
  for (const { type, id, method } of plans) if (method !== 'delete') places.delete(`${type}/${id}`);
  const gone = new Set(plans.filter(plan => plan.method === 'delete').map(({ type, id }) => `${type}/${id}`));
  const here = new Set((await store.referred(access, [...places.keys()])).map(({ type, id }) => `${type}/${id}`));
  for (const [reference, expression] of places) {
    if (!here.has(reference) || gone.has(reference)) findings.push({ kind: 'dangling-reference', expression });
  }
  return findings;
}

function linksOf(resource: AnyResource): ReadonlySet<string> {
  const links = new Set<string>();
  mapLinks(resource, (link, kind) => {
    if (kind === 'reference') links.add(link);
    return link;
  });
  return links;
}
