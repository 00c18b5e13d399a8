/**
 * What makes a resource part of a compartment: exactly the parameters that the CompartmentDefinition names.
 * R4: https://hl7.org/fhir/R4/compartmentdefinition.html#list
 * @module
 */
import type { CompartmentDefinition } from '@medplum/fhirtypes';
import { definition } from '../model/r4.ts';
import { searchParameters } from './parameters.ts';
import type { Predicate } from './query.ts';

type Rows = ReadonlyMap<string, readonly string[]>;

/** Two rows of the package's copy are not R4's: an Encounter belongs by `patient`, a Task to nobody. */
const asInR4: Readonly<Record<string, readonly string[]>> = { Encounter: ['patient'], Task: [] };

/** The definitions that the package does not bring along: parameter or parameters, then the types that belong by them. */
const others: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Device: {
    actor: 'Appointment AppointmentResponse Schedule',
    agent: 'AuditEvent Provenance',
    author: 'Composition DetectedIssue DocumentManifest DocumentReference Flag QuestionnaireResponse RequestGroup',
    device: 'DeviceRequest DeviceUseStatement MedicationAdministration Observation',
    'enterer performer-actor': 'ChargeItem',
    member: 'Group',
    participant: 'Invoice',
    performer: 'DeviceRequest RiskAssessment ServiceRequest',
    'procedure-udi item-udi detail-udi subdetail-udi': 'Claim ExplanationOfBenefit',
    requester: 'DeviceRequest ServiceRequest SupplyRequest',
    'sender recipient': 'Communication CommunicationRequest',
    source: 'List',
    subject: 'Account DeviceRequest DiagnosticReport DocumentManifest DocumentReference List Media Observation Specimen',
    target: 'MessageHeader',
  },
  Encounter: {
    context: 'ChargeItem MedicationAdministration',
    encounter:
      'CarePlan CareTeam Claim ClinicalImpression Communication CommunicationRequest Composition Condition DeviceRequest DiagnosticReport DocumentReference ExplanationOfBenefit Media MedicationRequest NutritionOrder Observation Procedure QuestionnaireResponse RequestGroup ServiceRequest VisionPrescription',
    'related-ref': 'DocumentManifest',
  },
  Practitioner: {
    actor: 'Appointment AppointmentResponse Schedule',
    agent: 'AuditEvent Provenance',
    assessor: 'ClinicalImpression',
    asserter: 'AllergyIntolerance Condition',
    attester: 'Composition',
    authenticator: 'DocumentReference',
    author:
      'Basic Composition DetectedIssue DocumentManifest DocumentReference Flag Linkage MessageHeader QuestionnaireResponse RequestGroup',
    'care-manager': 'EpisodeOfCare',
    collector: 'Specimen',
    'enterer provider': 'Claim CoverageEligibilityRequest ExplanationOfBenefit',
    'enterer performer-actor': 'ChargeItem',
    'general-practitioner': 'Patient',
    member: 'Group',
    operator: 'Media',
    participant: 'CareTeam Encounter Invoice RequestGroup',
    'payee care-team': 'Claim ExplanationOfBenefit',
    performer:
      'CarePlan DeviceRequest DiagnosticReport Immunization MedicationAdministration MedicationDispense Observation Procedure RiskAssessment ServiceRequest',
    practitioner: 'Encounter Person PractitionerRole',
    prescriber: 'VisionPrescription',
    principalinvestigator: 'ResearchStudy',
    provider: 'NutritionOrder PaymentNotice',
    receiver: 'MedicationDispense MessageHeader SupplyDelivery',
    recipient: 'DocumentManifest',
    recorder: 'AdverseEvent AllergyIntolerance',
    requester: 'CommunicationRequest DeviceRequest MedicationRequest ServiceRequest SupplyRequest',
    requestor: 'ClaimResponse CoverageEligibilityResponse PaymentReconciliation',
    'responsible enterer': 'MessageHeader',
    'sender recipient': 'Communication CommunicationRequest',
    source: 'List MedicationStatement QuestionnaireResponse',
    subject: 'Account Composition DocumentManifest DocumentReference Media',
    supplier: 'SupplyDelivery',
  },
  RelatedPerson: {
    actor: 'Appointment AppointmentResponse Schedule',
    agent: 'Provenance',
    asserter: 'AllergyIntolerance Condition',
    author: 'Basic Composition DocumentManifest DocumentReference QuestionnaireResponse',
    'enterer performer-actor': 'ChargeItem',
    link: 'Patient Person',
    participant: 'CareTeam Encounter RequestGroup',
    payee: 'Claim ExplanationOfBenefit',
    performer: 'CarePlan MedicationAdministration Observation Procedure ServiceRequest',
    'policy-holder subscriber payor': 'Coverage',
    recipient: 'DocumentManifest Invoice',
    recorder: 'AdverseEvent',
    requester: 'CommunicationRequest SupplyRequest',
    'sender recipient': 'Communication CommunicationRequest',
    source: 'MedicationStatement QuestionnaireResponse',
  },
};

let patients: Rows | undefined;
const tables = new Map<string, Rows>();

function rows(compartment: string): Rows {
  if (compartment === 'Patient') {
    patients ??= new Map(
      definition<CompartmentDefinition>('compartmentdefinition-patient.json').resource?.map(
        r => [r.code, asInR4[r.code ?? ''] ?? r.param ?? []] as const,
      ),
    );
    return patients;
  }
  let table = tables.get(compartment);
  if (table === undefined) {
    const made = new Map<string, string[]>();
    for (const [parameters, types] of Object.entries(others[compartment] ?? {}))
      for (const type of types.split(' ')) made.set(type, [...(made.get(type) ?? []), ...parameters.split(' ')]);
    tables.set(compartment, (table = made));
  }
  return table;
}

/** Codes of a type's reference parameters that put a resource into the compartment of the patient they lead to; none: never part of one. */
export const patientCompartment = (type: string): readonly string[] => rows('Patient').get(type) ?? [];

/** Whether there are compartments of this type. */
export const isCompartment = (type: string): boolean => type === 'Patient' || Object.hasOwn(others, type);

/** Types whose resources can be part of a compartment of this type: its own, and those of its definition. */
export const compartmentTypes = (compartment: string): readonly string[] => [
  ...new Set([compartment, ...[...rows(compartment)].flatMap(([type, codes]) => (codes.length > 0 ? [type] : []))]),
];

/** What puts a resource of a type into the compartment of one of these resources of one type: any of the predicates does. None: it cannot be part of one. */
export function membership(compartment: string, ids: readonly string[], type: string): readonly Predicate[] {
  const references = ids.map(id => ({ reference: `${compartment}/${id}` }));
  const predicates = (rows(compartment).get(type) ?? []).flatMap((code): Predicate[] =>
    searchParameters(type).get(code)?.type === 'reference' ? [{ kind: 'reference', code, values: references, targets: [compartment] }] : [],
  );
  // Every compartment holds the resource that it is named after.
  return type === compartment ? [{ kind: 'id', values: ids }, ...predicates] : predicates;
}
