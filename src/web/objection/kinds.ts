/**
 * Resource types in words that a patient knows: what is counted is said by kind, never one by one.
 * R4: https://hl7.org/fhir/R4/resourcelist.html
 * @module
 */

const types = {
  person: 'Patient RelatedPerson Person',
  visits: 'Encounter EpisodeOfCare Appointment',
  diagnoses: 'Condition ClinicalImpression',
  tests: 'Observation DiagnosticReport Specimen',
  images: 'ImagingStudy Media',
  drugs: 'MedicationRequest MedicationDispense MedicationAdministration MedicationStatement',
  treatments: 'Procedure ServiceRequest CarePlan CareTeam',
  vaccines: 'Immunization ImmunizationRecommendation',
  allergies: 'AllergyIntolerance',
  insurance: 'Coverage Claim ClaimResponse ExplanationOfBenefit Account',
  documents: 'DocumentReference Composition',
} as const;

/** In the order in which they are told when their numbers are the same. */
export const kinds = [...(Object.keys(types) as (keyof typeof types)[]), 'other'] as const;
export type Kind = (typeof kinds)[number];

const kindOfType: ReadonlyMap<string, Kind> = new Map(
  (Object.entries(types) as [Kind, string][]).flatMap(([kind, names]) => names.split(' ').map(name => [name, kind] as const)),
);

export const kindOf = (type: string): Kind => kindOfType.get(type) ?? 'other';
