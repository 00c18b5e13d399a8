/**
 * The objection as FHIR has it: a Consent that denies research, for all institutions or one, made by the patient or by somebody who stands for him.
 * R4: https://hl7.org/fhir/R4/consent.html, relations: http://terminology.hl7.org/CodeSystem/v3-RoleCode
 * @module
 */
import { type Json, listIn, type Resource } from '../smart/fhir.ts';

const terminology = 'http://terminology.hl7.org/CodeSystem';

export const objectionCategory = { system: 'http://loinc.org', code: '59284-0' } as const;

/** Who objects: the patient, a guardian or carer, or one of the bereaved family. */
export const relations = ['self', 'guardian', 'bereaved'] as const;
export type Relation = (typeof relations)[number];

/** Of bereaved family, by the law's list. Codes of v3-RoleCode. */
export const kin = ['SPS', 'CHILD', 'GRNDCHILD', 'PRN', 'GRPRN', 'SIB', 'FAMMEMB'] as const;
export type Kin = (typeof kin)[number];

export interface Choice {
  /** `Organization/1`, or nothing for all institutions. */
  readonly institution?: string;
  readonly institutionName?: string;
  readonly relation: Relation;
  /** With `bereaved`. */
  readonly kin?: Kin;
}

const concept = (system: string, code: string) => ({ coding: [{ system: `${terminology}/${system}`, code }] });

/** How a RelatedPerson is related: a guardian, or next of kin and which. */
const relationship = ({ relation, kin: which }: Choice) =>
  relation === 'guardian' ? [concept('v3-RoleCode', 'GUARD')] : [concept('v2-0131', 'N'), concept('v3-RoleCode', which ?? 'FAMMEMB')];

/** What is written in `Consent.performer`, with the person himself where no Patient is. */
export function performerOf(choice: Choice, patient: Json): { readonly performer: readonly Json[]; readonly contained?: readonly Json[] } {
  if (choice.relation === 'self') return { performer: [patient] };
  return {
    performer: [{ reference: '#asker' }],
    contained: [{ resourceType: 'RelatedPerson', id: 'asker', patient, relationship: relationship(choice) }],
  };
}

/** By name as well: when all else is erased, the objection still says whom it is about. */
const institutionOf = ({ institution, institutionName }: Choice): Json => ({
  reference: institution,
  ...(institutionName === undefined || institutionName === '' ? {} : { display: institutionName }),
});

/** @param patient how the patient is named: a reference, or an identifier where nobody knows a reference yet */
export function objectionOf(choice: Choice, patient: Json, now: Date): Resource {
  return {
    resourceType: 'Consent',
    ...performerOf(choice, patient),
    status: 'active',
    scope: concept('consentscope', 'research'),
    category: [{ coding: [objectionCategory] }],
    patient,
    dateTime: now.toISOString(),
    policyRule: concept('v3-ActCode', 'OPTOUT'),
    provision: {
      type: 'deny',
      ...(choice.institution === undefined
        ? {}
        : { actor: [{ role: concept('v3-ParticipationType', 'CST'), reference: institutionOf(choice) }] }),
    },
  };
}

export interface Objection {
  readonly resource: Resource;
  readonly id: string;
  readonly isActive: boolean;
  /** Instant or day. */
  readonly made: string;
  /** When it was last changed: for one that is withdrawn, its withdrawal. */
  readonly changed: string;
  /** `Organization/1`; absent: general. */
  readonly institution?: string;
  /** As it was called then. */
  readonly institutionName?: string;
  /** An institution or the operator wrote it down: there it is withdrawn. */
  readonly isElsewhere: boolean;
}

const codesIn = (concepts: unknown): unknown[] =>
  [concepts].flat().flatMap(one => listIn((one as Json | undefined)?.['coding']).map(coding => coding['code']));

/** A Consent as an objection; undefined for one that is none, or entered in error. */
export function asObjection(resource: Resource): Objection | undefined {
  const provision = (resource['provision'] ?? {}) as Json;
  const isOne =
    codesIn(resource['scope']).includes('research') && (provision['type'] === 'deny' || codesIn(resource['policyRule']).includes('OPTOUT'));
  const status = resource['status'];
  if (resource.resourceType !== 'Consent' || resource.id === undefined || !isOne || (status !== 'active' && status !== 'inactive'))
    return undefined;
  const { reference: actor, display } = (listIn(provision['actor'])[0]?.['reference'] ?? {}) as Json;
  const end = (provision['period'] as Json | undefined)?.['end'];
  const performer = String(listIn(resource['performer'])[0]?.['reference'] ?? '');
  return {
    resource,
    id: resource.id,
    isActive: status === 'active' && !(typeof end === 'string' && Date.parse(end) < Date.now()),
    made: String(resource['dateTime'] ?? ''),
    changed: String((resource['meta'] as Json | undefined)?.['lastUpdated'] ?? ''),
    ...(typeof actor === 'string' ? { institution: actor } : {}),
    ...(typeof display === 'string' ? { institutionName: display } : {}),
    isElsewhere: /^(?:Organization|Practitioner|PractitionerRole)\//.test(performer) || listIn(resource['organization']).length > 0,
  };
}

/** The objection in force that covers a choice already. */
export const covering = (objections: readonly Objection[], institution: string | undefined): Objection | undefined =>
  objections.find(one => one.isActive && (one.institution === undefined || one.institution === institution));
