/**
 * A small made hospital whose persons have common and rare things: what the tests of the two passes go over, and who looks at what has left.
 * @module
 */
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';

export const who = 'http://hl7.org/fhir/sid/icd-10';
export const jp = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full';
export const medis = 'http://medis.or.jp/CodeSystem/master-disease-keyNumber';
export const jlac = 'http://medis.or.jp/CodeSystem/master-JLAC10-17digits';
export const yj = 'http://capstandard.jp/iyaku.info/CodeSystem/YJ-code';

export interface Person {
  readonly name: string;
  readonly resources: readonly AnyResource[];
}

export const coded = (...coding: readonly (readonly [string, string])[]): Json => ({
  coding: coding.map(([system, code]) => ({ system, code })),
});
export const quantity = (value: number, unit = 'mg/dL'): Json => ({ value, unit, system: 'http://unitsofmeasure.org', code: unit });
export const condition = (code: Json): AnyResource => ({ resourceType: 'Condition', code, subject: { reference: 'Patient/p' } });
export const observation = (code: Json, rest: Json): AnyResource => ({ resourceType: 'Observation', status: 'final', code, ...rest });

/** Numbers from 0 to below 1, the same for the same seed. */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const diseases = [
  'E11.9',
  'I10',
  'J20.9',
  'K29.7',
  'M54.5',
  'E11.2',
  'E11.3',
  'J45.0',
  'C16.2',
  'G35',
  'D56.1',
  'Q87.4',
  'A00.1',
  'A82.9',
  'E75.2',
  'Z99.9',
];
const tests = ['3D010000001926101', '3B035000002327201', '3F050000002327101', '5A010000002302301', '8A065000002304101'];
const drugs = ['2149032F1021', '2149032F1030', '3962002F2027', '1124023F2029', '6132005F1020', '4291017F1020'];

/** @param persons how many; the first has what nobody else has */
export function hospital(persons: number, seed: number): Person[] {
  const next = random(seed);
  /** The earlier in the list, the more often. */
  const pick = <T>(list: readonly T[]): T => list[Math.floor(list.length * next() ** 3)]!;
  const disease = (): Json => {
    const code = pick(diseases);
    const draw = next();
    if (draw < 0.3) return coded([who, code]);
    if (draw < 0.6) return coded([jp, code.replace('.', '')], [who, code]);
    if (draw < 0.7) return coded([medis, String(20_000_000 + diseases.indexOf(code))]);
    return coded([medis, String(20_000_000 + diseases.indexOf(code))], [jp, code.replace('.', '')], [who, code]);
  };
  const lab = (): AnyResource => {
    const test = pick(tests);
    const draw = next();
    const range = { low: quantity(70), high: quantity(draw < 0.02 ? 99 : 110) };
    const rest: Json = {
      interpretation: [coded(['http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', draw < 0.1 ? 'HH' : 'N'])],
    };
    if (draw < 0.75)
      rest['valueQuantity'] = quantity(Math.round(1000 * Math.exp(3 * (next() - 0.5))) / 10, draw < 0.01 ? 'mmol/L' : 'mg/dL');
    else if (draw < 0.8) rest['valueQuantity'] = { ...quantity(Math.ceil(40 * next() ** 2)), comparator: draw < 0.78 ? '<' : '>' };
    else if (draw < 0.85) rest['valueInteger'] = Math.round(20 * next());
    else if (draw < 0.9) rest['valueCodeableConcept'] = coded(['http://snomed.info/sct', draw < 0.86 ? '10828004' : '260385009']);
    else if (draw < 0.92) rest['valueBoolean'] = draw < 0.915;
    else if (draw < 0.94) rest['valueRatio'] = { numerator: { value: 1 }, denominator: { value: 40 * 2 ** Math.floor(4 * next()) } };
    else if (draw < 0.95) rest['valueRange'] = { low: quantity(1), high: quantity(Math.round(3 * next())) };
    return observation(coded([jlac, test]), { ...rest, referenceRange: [range] });
  };
  const pressure = (): AnyResource =>
    observation(coded(['http://loinc.org', '85354-9']), {
      component: ['8480-6', '8462-4', ...(next() < 0.03 ? ['8478-0'] : [])].map(code => ({
        code: coded(['http://loinc.org', code]),
        valueQuantity: quantity(Math.round(80 + 60 * next()), 'mm[Hg]'),
      })),
    });
  const some = (most: number, make: () => AnyResource): AnyResource[] => Array.from({ length: Math.floor(next() * most) }, make);
  return Array.from({ length: persons }, (_, n) => {
    const resources: AnyResource[] = [
      { resourceType: 'Patient', gender: next() < 0.5 ? 'male' : 'female', birthDate: `${1930 + Math.floor(next() * 80)}-05` },
      {
        resourceType: 'Encounter',
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: pick(['AMB', 'AMB', 'AMB', 'IMP', 'EMER']) },
      },
      ...some(4, () => condition(disease())),
      ...some(6, lab),
      ...some(3, pressure),
      ...some(3, () => ({
        resourceType: 'MedicationRequest',
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: coded([yj, pick(drugs)]),
        dosageInstruction: [{ doseAndRate: [{ doseQuantity: { value: Math.ceil(5 * next() ** 4), unit: '錠' } }] }],
      })),
    ];
    if (next() < 0.05)
      resources.push({
        resourceType: 'AllergyIntolerance',
        patient: { reference: 'Patient/p' },
        clinicalStatus: coded(['http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', 'active']),
        code: coded(['urn:allergen', pick(['1', '2'])]),
      });
    if (next() < 0.06) {
      resources.push(
        { resourceType: 'Medication', id: 'm', code: coded([yj, pick(drugs)]) },
        { resourceType: 'MedicationRequest', status: 'active', intent: 'order', medicationReference: { reference: 'Medication/m' } },
        { resourceType: 'List', status: 'current', mode: 'working', entry: [{ item: { reference: 'Medication/m' } }] },
      );
    }
    return { name: `Patient/${n}`, resources };
  });
}
