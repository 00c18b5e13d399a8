/**
 * What the texts of a release are cleaned by: what each person's own records say of people and places, and the names of staff and institutions that the registries know.
 * @module
 */

import type { Subject } from '../deid/context.ts';
import { allKnown, type Dictionary, dictionary, type Known, knownOf, textCleaner } from '../deid/text/index.ts';
import { asServer } from '../fhir/model/access.ts';
import { parseJson } from '../fhir/model/json.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { searchFor } from '../fhir/search/query.ts';
import type { Store } from '../fhir/store/store.ts';
import { Turn } from './turn.ts';

/** Types whose resources are registries of names. What a HealthcareService is called is a word of medicine. */
const registers = ['Practitioner', 'PractitionerRole', 'Organization', 'Location'] as const;
/** Resources of one type that are read; a registry of more is a nation's. */
const most = 1_000_000;
const atOnce = 1000;

/** What one person's records know: his own names, those of people around him, of those who treated him. */
export function knownAbout(resources: Iterable<AnyResource>): Known {
  const own: AnyResource[] = [];
  const related: AnyResource[] = [];
  const others: AnyResource[] = [];
  for (const resource of resources)
    (resource.resourceType === 'Patient' ? own : ['RelatedPerson', 'Person'].includes(resource.resourceType) ? related : others).push(
      resource,
    );
  return allKnown(knownOf(own, 'patient'), knownOf(related, 'related'), knownOf(others, 'staff'));
}

/** What the registries among some resources know. */
export const registered = (resources: readonly AnyResource[]): Known =>
  knownOf(
    resources.filter(({ resourceType }) => registers.some(type => type === resourceType)),
    'staff',
  );

/** Names of the registries among some resources. */
export const registryIn = (resources: readonly AnyResource[]): Dictionary => dictionary(registered(resources));

/** Names of the registries that are stored here. */
export async function registryOf(store: Store): Promise<Dictionary> {
  const access = asServer('the names of staff and institutions, which texts are cleaned of');
  const turn = new Turn();
  const known: Known[] = [];
  for (const type of registers) {
    const ids = await store.match(access, searchFor(type, [], most), most);
    for (let at = 0; at < ids.length; at += atOnce) {
      const versions = await store.referred(
        access,
        ids.slice(at, at + atOnce).map(id => `${type}/${id}`),
      );
      known.push(
        knownOf(
          versions.filter(version => !version.deleted).map(version => parseJson(version.bytes) as AnyResource),
          'staff',
        ),
      );
      await turn.pause();
    }
  }
  return dictionary(allKnown(...known));
}

/** @param known of the person whose texts they are */
export function cleanerFor(registry: Dictionary, known: Known, pooledFrom: number | undefined) {
  const clean = textCleaner([registry, dictionary(known)], pooledFrom === undefined ? {} : { pooledFrom });
  return (text: string, subject: Subject | undefined): string | undefined => clean(text, subject)?.text;
}
