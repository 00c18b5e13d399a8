/**
 * Configurations of the format that are drawn, for a few resources, and what of a resource leaves by them that should not.
 * @module
 */
import fc from 'fast-check';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';

const ucum = 'http://unitsofmeasure.org';
const coded = (system: string, code: string) => ({ coding: [{ system, code, display: 'shown' }], text: 'told' });
const quantity = (value: number) => ({ value, comparator: '<', unit: 'mmHg', system: ucum, code: 'mm[Hg]' });

export const resources: readonly AnyResource[] = [
  {
    ...{ resourceType: 'Patient', id: 'p', active: true, gender: 'male', birthDate: '1980-03-05', deceasedDateTime: '2024-02-03' },
    name: [{ use: 'official', text: '髙橋健一', family: '髙橋', given: ['健一'] }],
    identifier: [{ use: 'official', system: 'urn:x', value: 'ID123' }],
    address: [{ use: 'home', state: '東京都', city: '港区', line: ['1-2-3'], postalCode: '105-0012' }],
    maritalStatus: coded('http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', 'M'),
  },
  {
    ...{ resourceType: 'Observation', id: 'o', status: 'final', issued: '2024-03-05T10:00:00Z', effectiveDateTime: '2024-03-05' },
    contained: [
      {
        resourceType: 'Specimen',
        id: 's',
        status: 'available',
        receivedTime: '2024-03-04',
        type: coded('http://snomed.info/sct', '119297000'),
      },
    ],
    specimen: { reference: '#s' },
    category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory')],
    code: coded('http://loinc.org', '8480-6'),
    subject: { reference: 'Patient/p', display: '髙橋' },
    valueQuantity: quantity(95),
    note: [{ text: 'note' }],
    referenceRange: [{ low: quantity(60), high: quantity(80), text: 'told' }],
    component: [
      { code: coded('http://loinc.org', '8462-4'), valueQuantity: quantity(70) },
      { code: coded('http://loinc.org', '8867-4'), valueInteger: 7 },
    ],
  },
  {
    ...{ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/p' }, recordedDate: '2024-03-06' },
    code: coded('http://hl7.org/fhir/sid/icd-10', 'E11'),
    onsetAge: { value: 40, unit: 'a', system: ucum, code: 'a' },
    severity: coded('http://snomed.info/sct', '24484000'),
  },
  {
    ...{ resourceType: 'Encounter', id: 'e', status: 'finished', subject: { reference: 'Patient/p' } },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    period: { start: '2024-03-05', end: '2024-03-06' },
  },
];

const isPlain = (value: unknown): value is Json => typeof value === 'object' && value !== null && !(value instanceof Number);

/** Path → the values that stand there, in every repetition. */
function leaves(value: Json, at: string, found = new Map<string, string[]>()): Map<string, string[]> {
  for (const [name, child] of Object.entries(value)) {
    if (name === 'resourceType' || name === 'meta') continue;
    const path = `${at}.${name}`;
    for (const one of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (isPlain(one)) leaves(one, path, found);
      else found.set(path, [...(found.get(path) ?? []), String(one)]);
    }
  }
  return found;
}

/** What has a pseudonym in its place, or says why nothing is there. */
const apart = /extension|\.id$|\.reference$|\.identifier\.(?:use|system)$/;

/** Paths at which a value leaves that the configuration removes, or one that stands for it. */
export function beyond(given: AnyResource, configured: Json, hardened: Json): string[] {
  const [before, wanted, left] = [given, configured, hardened].map(one => leaves(one, given.resourceType)) as Map<string, string[]>[];
  const count = (list: readonly string[], value: string): number => list.filter(one => one === value).length;
  return [...left!].flatMap(([path, values]) => {
    if (apart.test(path)) return [];
    const may = wanted!.get(path) ?? [];
    const holds = values.every(value => (before!.get(path)?.includes(value) ? count(values, value) <= count(may, value) : may.length > 0));
    return holds ? [] : [path];
  });
}

/** `valueQuantity` → `value`: a choice as FHIRPath names it. */
const named = (path: string): string => path.replace(/(value|onset|effective|deceased)[A-Z]\w*/g, '$1');
const pathsIn = (value: Json, at: string): string[] =>
  Object.entries(value).flatMap(([name, child]) => {
    if (name === 'resourceType') return [];
    const one: unknown = Array.isArray(child) ? child[0] : child;
    return [`${at}.${name}`, ...(isPlain(one) ? pathsIn(one, `${at}.${name}`) : [])];
  });

const types =
  'Quantity Coding Coding.code date dateTime Period Period.start Reference CodeableConcept CodeableConcept.coding Age Observation Specimen.status'
    .split(' ')
    .map(one => one.replace(/^(\w+)/, "nodesByType('$1')"));
const names = "nodesByName('value') nodesByName('code') nodesByName('system') nodesByName('start') nodesByName('contained')".split(' ');
const whole = 'Resource Patient Observation Condition Encounter Resource.id Observation.contained Resource.contained.status'.split(' ');
const nested = [
  "nodesByType('Specimen')|nodesByType('Observation').status|nodesByType('Patient').gender|Bundle.entry.resource.code|Resource.entry.resource.status",
  "Observation.descendants()|Observation.contained.where(status = 'available').type|Bundle.entry.where(true).resource|nodesByName('resource').status",
].flatMap(one => one.split('|'));
const conditions = [
  "Patient.where(active = true)|Patient.address.where(use = 'home').city|Observation.where(status = 'entered-in-error')|Observation.component[0].value",
  "Observation.component.where(code.exists()).value|Observation.subject.where(type = 'Group')|Observation.value.where($this is Quantity)",
  'Encounter.period.where(true)|Patient.descendants()|Observation.component.first()|Observation.value as Quantity|Observation.value.as(Quantity).value',
  "Condition.onset as Age|Observation.nodesByName('code')|Observation.nodesByType('Quantity')|Resource.descendants().where($this is Coding)",
].flatMap(one => one.split('|'));

const path = fc.oneof(
  fc.constantFrom(...new Set(resources.flatMap(one => pathsIn(one, one.resourceType).map(named)))),
  fc.constantFrom(...types, ...names, ...whole),
  fc.constantFrom(...conditions),
  fc.constantFrom(...nested),
);
const method = fc.constantFrom<Json>(
  ...[{ method: 'redact' }, { method: 'redact' }, { method: 'keep' }, { method: 'keep' }, { method: 'dateShift' }, { method: 'dateShift' }],
  ...[{ method: 'cryptoHash' }, { method: 'encrypt' }, { method: 'substitute', replaceWith: 'other' }],
  // Noise that leaves no number as it is, and none.
  ...[
    { method: 'perturb', span: 1e6, roundTo: 3 },
    { method: 'perturb', span: 0, roundTo: 2 },
  ],
  { method: 'generalize', cases: { '$this > 5': '5' }, otherValues: 'keep' },
);
const rule = fc.tuple(path, method).map(([at, how]): Json => ({ path: at, ...how }));

/** Rules, often with one behind them that settles what no other does. */
export const configurations = fc
  .tuple(fc.array(rule, { minLength: 1, maxLength: 4 }), fc.constantFrom('redact', 'redact', 'keep', undefined))
  .map(([rules, last]): Json[] => (last === undefined ? rules : [...rules, { path: 'Resource', method: last }]));
