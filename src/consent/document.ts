/**
 * What stands in a notice or an objection beside the patient whom it is about: nobody else, and no clinical word. They come in before the wait and in spite of an
 * objection, so nothing may travel with them.
 * R4: https://hl7.org/fhir/R4/communication.html, https://hl7.org/fhir/R4/consent.html
 * @module
 */
import { type Names, personsIn } from '../fhir/model/named.ts';
import type { Finding } from '../fhir/model/outcome.ts';
import type { PersonKey } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { refuse } from './refusal.ts';
import type { Found, Resolver } from './resolve.ts';
import { recipientExtension } from './told.ts';

/** Who gives, takes down or asks: no patient by it. */
const bystanders: ReadonlySet<unknown> = new Set(['Organization', 'Practitioner', 'PractitionerRole', 'RelatedPerson']);
/** Elements of a notice: what else a Communication may hold (a payload, a topic, a reason) could tell what somebody suffers from. */
const ofNotice: ReadonlySet<string> = new Set(
  'resourceType id meta implicitRules language text contained extension identifier instantiatesCanonical instantiatesUri status category priority medium subject recipient sender sent received note'.split(
    ' ',
  ),
);

interface Place {
  readonly expression: string;
  readonly names: Names;
  readonly resolver: Resolver;
  /** Sent by a patient's app, which must not learn who else is here. */
  readonly byPatient: boolean;
  /** Names as lines on record have them. */
  readonly mark: (name: string) => string;
}

/** @param persons references and keys of the patient whom the document is about */
export async function besides(
  resource: AnyResource,
  persons: readonly (string | PersonKey)[],
  { expression, names, resolver, byPatient, mark }: Place,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const contained = Array.isArray(resource['contained']) ? (resource['contained'] as Json[]) : [];
  if (!contained.every(one => bystanders.has(one['resourceType']))) findings.push(refuse('beside', `${expression}.contained`));
  if (resource.resourceType === 'Communication') {
    for (const element of Object.keys(resource).filter(name => !ofNotice.has(name.replace(/^_/, ''))))
      findings.push(refuse('beside', `${expression}.${element}`));
    const extensions = [resource['extension'] ?? []].flat() as Json[];
    if (!extensions.every(one => one['url'] === recipientExtension)) findings.push(refuse('beside', `${expression}.extension`));
  }

  const whose = new Set(persons.map(mark));
  const isSame = ({ reference, keys }: Found): boolean =>
    (reference !== undefined && whose.has(reference)) || keys.some(key => whose.has(mark(key)));
  const named = personsIn(resource, names);
  for (const reference of named.references) {
    if (whose.has(reference)) continue;
    const found = await resolver.reference(reference);
    // A guardian who is not here leads to nobody's data.
    const isGuardian = !byPatient && found.length === 0 && reference.startsWith('RelatedPerson/');
    if (!isGuardian && !(found.length > 0 && found.every(isSame))) findings.push(refuse('somebody-else', expression));
  }
  for (const identified of named.identifiers) {
    if (whose.has(mark(identified.key))) continue;
    const found = await resolver.identifier(identified);
    if (!(found.length > 0 && found.every(isSame))) findings.push(refuse('somebody-else', expression));
  }
  for (const element of named.unresolvable) findings.push(refuse('unresolvable', `${expression}.${element}`));
  return findings;
}
