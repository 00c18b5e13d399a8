/**
 * One visit: the Encounter and what came of it: diagnoses at the first, tests with their report, prescriptions, procedures, pictures, letters.
 * R4: https://hl7.org/fhir/R4/encounter.html
 * @module
 */
import type { Encounter, Observation, Reference } from '@medplum/fhirtypes';
import { at, dayAfter, earlier } from './calendar.ts';
import { type Disease, panel, systems, type TestName, tests } from './codes.ts';
import type { Visit } from './course.ts';
import { imagingStudy, letter } from './documents.ts';
import { coding, hl7, instance, narrative, quantity } from './parts.ts';
import { institutions } from './person.ts';
import type { Random } from './random.ts';
import type { Told } from './told.ts';

const category = (code: string) => [{ coding: [hl7('observation-category', code)] }];

export function visit(told: Told, seen: Visit): void {
  const { r, bundle, institution, extension, subject, doctor, number } = told;
  const [code, name] = seen.diseases[0]?.department ?? ['01', '内科'];
  const hour = r.whole(8, 16);
  const start = at(seen.day, `${String(hour).padStart(2, '0')}:${r.pick(['00', '15', '30', '45'])}`);
  const end = seen.nights > 0 ? at(dayAfter(seen.day, seen.nights), '10:00') : at(seen.day, `${String(hour + 1).padStart(2, '0')}:30`);
  const encounter = bundle.add({
    resourceType: 'Encounter',
    extension,
    identifier: [instance(institution, number, `ENC${seen.count}`)],
    status: 'finished',
    class: seen.nights > 0 ? hl7('v3-ActCode', 'IMP') : hl7('v3-ActCode', 'AMB'),
    serviceType: { coding: [coding(systems.department, code, name)] },
    subject,
    participant: [{ type: [{ coding: [hl7('v3-ParticipationType', 'ATND')] }], individual: doctor }],
    period: { start, end },
    reasonCode: seen.diseases.slice(0, 1).map(d => ({ text: d.name })),
    serviceProvider: { reference: `Organization/${institution}`, display: institutions[institution].name },
  });
  if (seen.count === 1) for (const disease of seen.diseases) diagnose(told, disease, seen, encounter);
  report(told, seen, encounter, start);
  prescribe(told, seen, encounter);
  if (seen.nights > 0) {
    procedure(told, seen, encounter);
    letter(told, seen, encounter);
  }
  if (seen.count === 1 && told.who.imaging) imagingStudy(told, seen, encounter);
}

function diagnose(told: Told, disease: Disease, seen: Visit, encounter: Reference<Encounter>): void {
  const { r, bundle, institution, extension, subject, doctor, number, written, doctorName } = told;
  const codes = [coding(systems.icd10jp, disease.icd10, disease.name), coding(systems.icd10, disease.icd10)];
  const note = r.chance(0.25)
    ? [
        {
          text: `${written.nameText}様、${disease.name}にて経過観察。${doctorName}医師より家族（${written.name.family}様）へ説明済み。連絡先 ${written.phone ?? told.who.phone}`,
        },
      ]
    : undefined;
  const condition = bundle.add({
    resourceType: 'Condition',
    extension,
    ...(disease.icd10.startsWith('C') && r.chance(0.2)
      ? { meta: { tag: [coding('http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication', 'UNINFORMED')] } }
      : {}),
    identifier: [instance(institution, number, `CON${told.conditions.size + 1}`)],
    clinicalStatus: { coding: [hl7('condition-clinical', disease.chronic ? 'active' : 'resolved')] },
    verificationStatus: { coding: [hl7('condition-ver-status', 'confirmed')] },
    category: [{ coding: [hl7('condition-category', 'encounter-diagnosis')] }],
    code: {
      coding: disease.keyNumber === undefined ? codes : [coding(systems.disease, disease.keyNumber, disease.name), ...codes],
      text: disease.name,
    },
    subject,
    encounter,
    onsetDateTime: seen.day,
    ...(disease.chronic ? {} : { abatementDateTime: earlier(dayAfter(seen.day, 7), seen.last) }),
    recordedDate: seen.day,
    recorder: doctor,
    ...(note === undefined ? {} : { note }),
  });
  told.conditions.set(disease, condition);
}

/** Value of a test: in its range, or moved out of it by a disease that shows. */
function measured(r: Random, name: TestName, has: readonly Disease[]): number {
  const { low, high, digits } = tests[name];
  const factor = has.flatMap(d => d.shows).find(([shown]) => shown === name)?.[1];
  const value =
    factor === undefined
      ? r.normal((low + high) / 2, (high - low) / 5)
      : r.normal((factor < 1 ? low : high) * factor, ((factor < 1 ? low : high) * Math.abs(factor - 1)) / 4);
  return Number(Math.max(0, value).toFixed(digits));
}

function observation(told: Told, name: TestName, seen: Visit, encounter: Reference<Encounter>, time: string): Observation {
  const { institution, extension, subject, doctor, number } = told;
  const { loinc, jlac10, name: display, unit, ucum, low, high } = tests[name];
  const value = measured(told.r, name, seen.diseases);
  return {
    resourceType: 'Observation',
    extension,
    identifier: [instance(institution, number, `OBS${loinc}-${seen.count}`)],
    status: 'final',
    category: category('laboratory'),
    code: {
      coding: [...(jlac10 === undefined ? [] : [coding(systems.jlac10, jlac10, display)]), coding(systems.loinc, loinc)],
      text: display,
    },
    subject,
    encounter,
    effectiveDateTime: time,
    performer: [doctor],
    valueQuantity: quantity(value, unit, ucum),
    interpretation: [{ coding: [hl7('v3-ObservationInterpretation', value > high ? 'H' : value < low ? 'L' : 'N')] }],
    referenceRange: [{ low: quantity(low, unit, ucum), high: quantity(high, unit, ucum) }],
  };
}

function bloodPressure(
  { r, who, institution, extension, subject, number, second }: Told,
  seen: Visit,
  encounter: Reference<Encounter>,
  time: string,
): Observation {
  const high = seen.diseases.some(d => d.icd10 === 'I10');
  const systolic = Math.round(r.normal(high ? 148 : who.ageYears < 16 ? 105 : 122, 9));
  const part = (code: string, value: number) => ({
    code: { coding: [coding(systems.loinc, code)] },
    valueQuantity: quantity(value, 'mmHg', 'mm[Hg]'),
  });
  return {
    resourceType: 'Observation',
    extension,
    identifier: [instance(institution, number, `VIT${seen.count}`)],
    status: 'final',
    category: category('vital-signs'),
    code: { coding: [coding(systems.loinc, '85354-9')], text: '血圧' },
    subject,
    encounter,
    effectiveDateTime: time,
    performer: [second],
    component: [part('8480-6', systolic), part('8462-4', Math.round(systolic * r.normal(0.6, 0.03)))],
  };
}

function report(told: Told, seen: Visit, encounter: Reference<Encounter>, time: string): void {
  const { r, bundle, institution, extension, subject, number, written, doctor } = told;
  const shown = seen.diseases.flatMap(d => d.shows.map(([name]) => name));
  const chosen = [...new Set([...shown, ...panel.filter(() => r.chance(seen.nights > 0 ? 0.6 : 0.2))])];
  bundle.add(bloodPressure(told, seen, encounter, time));
  if (chosen.length === 0) return;
  const result = chosen.map(name => bundle.add(observation(told, name, seen, encounter, time)));
  bundle.add({
    resourceType: 'DiagnosticReport',
    text: narrative(`検査報告書　${written.nameText}様（${number}）　${seen.day}`),
    extension,
    identifier: [instance(institution, number, `REP${seen.count}`)],
    status: 'final',
    category: [{ coding: [hl7('v2-0074', 'LAB')] }],
    code: { coding: [coding(systems.loinc, '11502-2')], text: '検体検査報告書' },
    subject,
    encounter,
    effectiveDateTime: time,
    issued: time,
    performer: [doctor],
    result,
    ...(r.chance(0.1) ? { conclusion: `${written.name.family}様、前回と著変なし。` } : {}),
  });
}

function prescribe(
  { r, bundle, institution, extension, subject, number, doctor, conditions }: Told,
  seen: Visit,
  encounter: Reference<Encounter>,
): void {
  const days = r.pick([14, 28, 30]);
  for (const [i, disease] of seen.diseases.entries()) {
    const drug = disease.drug;
    if (drug === undefined || (!disease.chronic && seen.count > 1)) continue;
    const [usage, text, frequency] = drug.usage;
    const reason = conditions.get(disease);
    const amount = { value: drug.dose, unit: '錠', system: systems.unit, code: 'TAB' };
    bundle.add({
      resourceType: 'MedicationRequest',
      extension,
      identifier: [instance(institution, number, `RX${seen.count}-${i + 1}`)],
      status: 'completed',
      intent: 'order',
      medicationCodeableConcept: {
        coding: [coding(systems.yj, drug.yj, drug.name), ...(drug.hot9 === undefined ? [] : [coding(systems.hot9, drug.hot9, drug.name)])],
        text: drug.name,
      },
      subject,
      encounter,
      authoredOn: seen.day,
      requester: doctor,
      ...(reason === undefined ? {} : { reasonReference: [reason] }),
      dosageInstruction: [
        {
          text: `${text}　${days}日分`,
          timing: {
            repeat: { boundsDuration: quantity(days, '日', 'd'), frequency, period: 1, periodUnit: 'd' },
            code: { coding: [coding(systems.usage, usage, text)], text },
          },
          doseAndRate: [{ doseQuantity: amount }],
        },
      ],
      dispenseRequest: { quantity: { ...amount, value: drug.dose * frequency * days }, expectedSupplyDuration: quantity(days, '日', 'd') },
    });
  }
}

const procedures = ['上部消化管内視鏡検査', '心臓カテーテル検査', 'リハビリテーション'] as const;

function procedure(
  { r, bundle, institution, extension, subject, number, doctor, second, doctorName }: Told,
  seen: Visit,
  encounter: Reference<Encounter>,
): void {
  bundle.add({
    resourceType: 'Procedure',
    extension,
    identifier: [instance(institution, number, `PRO${seen.count}`)],
    status: 'completed',
    code: { text: r.pick(procedures) },
    subject,
    encounter,
    performedPeriod: { start: at(seen.day, '13:00'), end: at(seen.day, '14:10') },
    performer: [{ actor: doctor, onBehalfOf: { reference: `Organization/${institution}` } }, { actor: second }],
    note: [{ text: `術者 ${doctorName}。合併症なし。` }],
  });
}
