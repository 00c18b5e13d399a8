/**
 * What the texts of a release are cleaned by: what each person's own records say of people and places, and the names of staff and institutions that the registries know.
 * @module
 */

import type { Subject } from '../deid/context.ts';
import type { Policy } from '../deid/policy.ts';
import { allKnown, type Dictionary, dictionary, type Known, knownOf, textCleaner } from '../deid/text/index.ts';
import { asServer } from '../fhir/model/access.ts';
import { parseJson } from '../fhir/model/json.ts';
import { personsIn } from '../fhir/model/named.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { searchFor } from '../fhir/search/query.ts';
import type { Store } from '../fhir/store/store.ts';
import { analyser } from './analyser.ts';
import { Turn } from './turn.ts';

/** Types whose resources are registries of names. What a HealthcareService is called is a word of medicine. */
const registers = ['Practitioner', 'PractitionerRole', 'Organization', 'Location'] as const;
/** Resources of one type that are read; a registry of more is a nation's. */
const most = 1_000_000;
const atOnce = 1000;

/** What names somebody beside the one whom the records are about; a resource that names more people is a list, and no family. */
const mostBeside = 20;
const people: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson', 'Person']);

/**
 * References to people (`Patient/id`, `RelatedPerson/id`) by which a person's records lead to somebody else's: to a mother by her child's
 * RelatedPerson, to whoever pays, to a twin.
 * @param met what was led to before, or is his own
 */
const besides = (resources: Iterable<AnyResource>, met: ReadonlySet<string>, base: string): string[] => [
  ...new Set(
    [...resources].flatMap(resource => {
      const { references } = personsIn(resource, { base });
      return references.length > mostBeside ? [] : references.filter(reference => !met.has(reference));
    }),
  ),
];

/**
 * Records of other people to whom a person's own lead, in three steps at most (RelatedPerson.patient, Patient.link, Coverage.subscriber): of
 * relatives who are patients here too.
 * @param names of the person's records
 * @param read the resources that are called so, and Patients who link to them
 */
export async function relativesOf(
  resources: readonly AnyResource[],
  names: readonly string[],
  base: string,
  read: (references: readonly string[]) => Promise<readonly AnyResource[]>,
): Promise<AnyResource[]> {
  const own = new Set(resources.map(nameOf));
  const met = new Set(names);
  const found = new Map<string, AnyResource>();
  let fresh: readonly AnyResource[] = resources;
  for (let step = 0; step < 3 && fresh.length > 0; step++) {
    const wanted = new Set([
      ...besides(fresh, met, base),
      ...fresh.filter(({ resourceType }) => resourceType === 'RelatedPerson').map(nameOf),
    ]);
    for (const reference of wanted) met.add(reference);
    const next = wanted.size === 0 ? [] : await read([...wanted]);
    fresh = next.filter(resource => people.has(resource.resourceType) && !own.has(nameOf(resource)) && !found.has(nameOf(resource)));
    for (const one of fresh) found.set(nameOf(one), one);
  }
  return [...found.values()];
}

const nameOf = ({ resourceType, id }: AnyResource): string => `${resourceType}/${id}`;

/** The same of a store: whom they lead to there, whatever the caller may see of them. */
export const relativesIn =
  (store: Store): Parameters<typeof relativesOf>[3] =>
  async references => {
    const access = asServer('the names of relatives, which texts are cleaned of');
    const related = references.filter(reference => reference.startsWith('RelatedPerson/')).map(reference => ({ reference }));
    const linked =
      related.length === 0
        ? []
        : await store.match(
            access,
            searchFor('Patient', [{ kind: 'reference', code: 'link', values: related, targets: ['Patient', 'RelatedPerson'] }], mostBeside),
            mostBeside,
          );
    const versions = await store.referred(access, [...new Set([...references, ...linked.map(id => `Patient/${id}`)])]);
    return versions.filter(version => !version.deleted).map(version => parseJson(version.bytes) as AnyResource);
  };

/**
 * What one person's records know: his own names, those of people around him, of those who treated him.
 * @param names of his own records (`Patient/id`); default: every Patient among the resources is his
 * @param relatives records of other people, to whom his lead
 */
export function knownAbout(resources: Iterable<AnyResource>, names?: readonly string[], relatives: Iterable<AnyResource> = []): Known {
  const own: AnyResource[] = [];
  const related: AnyResource[] = [];
  const others: AnyResource[] = [];
  for (const resource of resources) {
    const isOwn = resource.resourceType === 'Patient' && names?.includes(nameOf(resource)) !== false;
    (isOwn ? own : people.has(resource.resourceType) ? related : others).push(resource);
  }
  return allKnown([knownOf(own, 'patient'), knownOf([...related, ...relatives], 'related'), knownOf(others, 'staff')]);
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
  return dictionary(allKnown(known));
}

/** @param known of the person whose texts they are */
export function cleanerFor(registry: Dictionary, known: Known, policy: Pick<Policy, 'pooledFrom' | 'analyser'>) {
  const clean = textCleaner([registry, dictionary(known)], {
    ...(policy.pooledFrom === undefined ? {} : { pooledFrom: policy.pooledFrom }),
    ...(policy.analyser === undefined ? {} : { analyse: analyser() }),
  });
  return (text: string, subject: Subject | undefined): string | undefined => clean(text, subject)?.text;
}
