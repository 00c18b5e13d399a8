/**
 * How long the extraction of search values takes, as a ratio to JSON.parse + JSON.stringify of the same bytes.
 * `npm run bench:extract`
 * @module
 */

import type { AnyResource } from '../src/fhir/model/r4.ts';
import { createExtractor } from '../src/fhir/search/extract.ts';

const base = 'http://127.0.0.1:8080/fhir';
const laboratory: AnyResource = {
  resourceType: 'Observation',
  id: 'lab-1',
  meta: {
    versionId: '1',
    lastUpdated: '2026-01-31T09:00:00.000+09:00',
    profile: ['http://jpfhir.jp/fhir/core/StructureDefinition/JP_Observation_LabResult'],
    tag: [{ system: 'urn:example:tag', code: 'x' }],
  },
  identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.11318814790', value: 'L-000123456' }],
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory', display: 'Laboratory' }] },
  ],
  code: {
    coding: [
      { system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin [Mass/volume] in Blood' },
      { system: 'http://medis.or.jp/CodeSystem/master-JLAC10-17digits', code: '2A030000001930101', display: '血色素測定' },
    ],
    text: 'ヘモグロビン',
  },
  subject: { reference: 'Patient/example-1' },
  encounter: { reference: 'Encounter/example-7' },
  effectiveDateTime: '2025-11-04T08:12:00+09:00',
  issued: '2025-11-04T10:00:00.000+09:00',
  performer: [{ reference: 'Organization/hospital-1' }],
  valueQuantity: { value: 13.4, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
  interpretation: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'N' }] }],
  referenceRange: [{ low: { value: 11.6, unit: 'g/dL' }, high: { value: 14.8, unit: 'g/dL' } }],
};
const patient: AnyResource = {
  resourceType: 'Patient',
  id: 'example-1',
  identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.11318814790', value: '00000010' }],
  active: true,
  name: [
    { use: 'official', text: '山田 太郎', family: '山田', given: ['太郎'] },
    { use: 'official', text: 'ヤマダ タロウ', family: 'ヤマダ', given: ['タロウ'] },
  ],
  telecom: [{ system: 'phone', value: '03-1234-5678', use: 'home' }],
  gender: 'male',
  birthDate: '1970-01-01',
  address: [
    { text: '東京都新宿区西新宿2-8-1', state: '東京都', city: '新宿区', line: ['西新宿2-8-1'], postalCode: '163-8001', country: 'JP' },
  ],
  managingOrganization: { reference: 'Organization/hospital-1' },
};

const microseconds = (work: () => unknown): number => {
  for (let i = 0; i < 2000; i++) work();
  const rounds: number[] = [];
  for (let round = 0; round < 15; round++) {
    const from = performance.now();
    for (let i = 0; i < 1000; i++) work();
    rounds.push(performance.now() - from);
  }
  return rounds.sort((a, b) => a - b)[7]!;
};

const extract = createExtractor({ base });
console.log('resource      extract µs   parse+stringify µs   ratio');
for (const resource of [laboratory, patient]) {
  const text = JSON.stringify(resource);
  const ours = microseconds(() => extract(resource));
  const ceiling = microseconds(() => JSON.stringify(JSON.parse(text)));
  console.log(
    `${resource.resourceType.padEnd(12)}  ${ours.toFixed(1).padStart(10)}   ${ceiling.toFixed(1).padStart(18)}   ${(ours / ceiling).toFixed(2).padStart(5)}`,
  );
}
