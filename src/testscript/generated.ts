/**
 * A valid resource of a type, made from the specification's own table: every required element with a value of its type, and nothing else.
 * What comes out is held against the validator, so a type whose invariants ask for more is a fault and no invalid resource.
 * R4: https://hl7.org/fhir/R4/resourcelist.html
 * @module
 */
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { type Element, elementsOf } from '../fhir/profile/elements.ts';
import { valueSetCodes } from '../fhir/profile/table.ts';
import { validate } from '../fhir/profile/validate.ts';
import { Fault } from './fault.ts';

const primitives: Readonly<Record<string, unknown>> = {
  boolean: true,
  integer: 1,
  positiveInt: 1,
  unsignedInt: 1,
  decimal: 1,
  base64Binary: 'dGVzdA==',
  instant: '2024-01-01T00:00:00Z',
  date: '2024-01-01',
  dateTime: '2024-01-01T00:00:00Z',
  time: '12:00:00',
  code: 'test',
  id: 'test',
  oid: 'urn:oid:2.16.840.1.113883.3.1',
  uuid: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  uri: 'http://example.org/test',
  url: 'http://example.org/test',
  canonical: 'http://example.org/test',
  string: 'Test',
  markdown: 'Test',
  xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">Test</div>',
};

/** Data types whose elements are all optional, and that must not be empty. */
const dataTypes: Readonly<Record<string, Json>> = {
  CodeableConcept: { text: 'Test' },
  Coding: { system: 'http://example.org/test', code: 'test' },
  Identifier: { system: 'http://example.org/test', value: 'test' },
  Attachment: { contentType: 'text/plain', data: 'dGVzdA==' },
  Period: { start: '2024-01-01', end: '2024-12-31' },
  Quantity: { value: 1, unit: '1' },
  Money: { value: 1, currency: 'USD' },
};

const concept = dataTypes['CodeableConcept']!;
const actor = { actor: { reference: 'Patient/test' } };

/** More than the table asks for: what an invariant wants, or what a person expects of such a resource. */
const additions: Readonly<Record<string, Json>> = {
  AllergyIntolerance: {
    clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }] },
  },
  Appointment: { participant: [{ ...actor, status: 'accepted' }] },
  AppointmentResponse: actor,
  Bundle: { type: 'collection' },
  CapabilityStatement: { kind: 'capability', software: { name: 'Test' }, rest: [{ mode: 'server' }] },
  Consent: { policyRule: concept },
  EventDefinition: { trigger: [{ type: 'named-event', name: 'test' }] },
  ImmunizationRecommendation: {
    recommendation: [{ vaccineCode: [concept], forecastStatus: concept }],
  },
  InsurancePlan: { name: 'Test' },
  Linkage: {
    item: [
      { type: 'source', resource: { reference: 'Patient/test' } },
      { type: 'alternate', resource: { reference: 'Patient/test-2' } },
    ],
  },
  Organization: { active: true, name: 'Test' },
  Patient: { active: true, name: [{ family: 'Test', given: ['Generated'] }], gender: 'unknown', birthDate: '1970-01-01' },
  Practitioner: { active: true, name: [{ family: 'Test', given: ['Generated'] }] },
  StructureDefinition: {
    kind: 'resource',
    abstract: false,
    derivation: 'constraint',
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    differential: { element: [{ id: 'Patient', path: 'Patient' }] },
  },
  TerminologyCapabilities: { description: 'Test', kind: 'capability', software: { name: 'Test' } },
};

function sample({ type, valueSet, targets }: Element, depth: number): unknown {
  if (type in primitives) {
    if (valueSet?.endsWith('/mimetypes')) return 'text/plain';
    const codes = type === 'code' && valueSet !== undefined ? Object.values(valueSetCodes(valueSet) ?? {})[0] : undefined;
    return codes?.[0] ?? primitives[type];
  }
  if (type === 'Reference') return { reference: `${targets?.[0] ?? 'Patient'}/test` };
  if (type in dataTypes) return dataTypes[type];
  if (type === 'Extension') return undefined;
  return depth > 6 ? undefined : object(type, depth + 1);
}

function object(type: string, depth: number): Json {
  const json: Json = {};
  const choices = new Set<string>();
  for (const [name, element] of elementsOf(type)) {
    if (!element.required || (element.choice && choices.has(element.path))) continue;
    const value = sample(element, depth);
    if (value === undefined) continue;
    choices.add(element.path);
    json[name] = element.array ? [value] : value;
  }
  return json;
}

/** @throws Fault when R4 has no such type, or no valid resource of it can be made in this way */
export function generated(type: string): AnyResource {
  if (elementsOf(type).size === 0 || !/^[A-Z]/.test(type))
    throw new Fault('A fixture is to be generated of a type that FHIR R4 does not have.');
  const resource = { resourceType: type, ...object(type, 0), ...additions[type] } as AnyResource;
  const [finding] = validate(resource);
  if (finding !== undefined) throw new Fault(`No valid ${type} can be generated: ${finding.text}`);
  return resource;
}
