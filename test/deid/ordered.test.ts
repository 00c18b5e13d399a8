// https://hl7.org/fhir/R4/json.html: the order of elements tells nothing
import { expect, test } from '@jest/globals';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { out } from './ground.ts';

const masked = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };
const concept = { coding: [{ system: 'http://loinc.org', code: '2339-0' }], text: 'Yamada' };
const quantity = { value: 7, comparator: '<', unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' };
const observation: AnyResource = {
  ...{
    resourceType: 'Observation',
    id: '1',
    meta: { versionId: '7' },
    language: 'ja',
    status: 'final',
    category: [concept],
    code: concept,
  },
  ...{
    subject: { reference: 'Patient/1', display: 'Yamada' },
    effectivePeriod: { start: '2024-01-01', end: '2024-01-02' },
    _issued: masked,
  },
  ...{ valueQuantity: quantity, note: [{ text: 'Yamada' }], referenceRange: [{ low: quantity, high: quantity, appliesTo: [concept] }] },
  component: [
    { code: concept, valueQuantity: quantity, interpretation: [concept] },
    { code: concept, dataAbsentReason: concept },
  ],
};

/** The same, its elements written in another order at every depth. */
const rewritten = (value: unknown, order: (names: string[]) => string[]): unknown =>
  Array.isArray(value)
    ? value.map(one => rewritten(one, order))
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(order(Object.keys(value)).map(name => [name, rewritten((value as Record<string, unknown>)[name], order)]))
      : value;

const text = (resource: unknown): string => JSON.stringify(out(resource as AnyResource));

test.each<[string, (names: string[]) => string[]]>([
  ['backwards', names => names.toReversed()],
  ['by their names', names => names.toSorted()],
  ['turned by one', names => [...names.slice(1), ...names.slice(0, 1)]],
])('elements leave in the order of R4, also where they were written %s', (_, order) => {
  const left = text(rewritten(observation, order));
  expect(left).toBe(text(observation));
  const names = Object.keys(JSON.parse(left) as object);
  expect(names).toEqual([
    ...['resourceType', 'id', 'meta', 'status', 'category', 'code', 'subject', 'effectivePeriod', '_issued', 'valueQuantity'],
    ...['referenceRange', 'component'],
  ]);
});
