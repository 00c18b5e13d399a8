// The second pass, element by element. https://hl7.org/fhir/R4/datatypes.html#Quantity, https://hl7.org/fhir/R4/extension-data-absent-reason.html
import { expect, test } from '@jest/globals';
import { applier } from '../../../src/deid/dataset/apply.ts';
import { type PlanOptions, plan } from '../../../src/deid/dataset/plan.ts';
import { readPopulation } from '../../../src/deid/dataset/population.ts';
import { Survey } from '../../../src/deid/dataset/survey.ts';
import { PolicyError } from '../../../src/deid/policy.ts';
import { Decimal } from '../../../src/fhir/model/json.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { coded, condition, jp, medis, observation, quantity, who } from './hospital.ts';

const k = 3;
/** A plan over persons who have one list of resources each. */
function under(persons: readonly (readonly AnyResource[])[], options: PlanOptions = {}) {
  const survey = new Survey({ k });
  for (const [n, resources] of persons.entries()) survey.add(`Patient/${n}`, resources);
  return applier(plan(survey, options).json);
}
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const masked = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] };
const reason = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }] };
const sodium = coded(['http://loinc.org', '2947-0']);
const measured = (valueQuantity: Json, rest: Json = {}): AnyResource => observation(sodium, { valueQuantity, ...rest });

test('a common code stays with all that the policy left of it; a rolled-up one is system and code alone', () => {
  const told = { coding: [{ system: who, code: 'I10', display: 'Hypertension' }], text: 'Hypertension' };
  const rare = (code: string): AnyResource => ({
    ...condition({ ...coded([who, code]), text: 'told' }),
    text: { status: 'generated', div: '<div>told</div>' },
  });
  const { apply } = under([...times(3, () => [condition(told)]), [rare('A00.0')], [rare('A00.1')], [rare('A01.0')]]);
  expect(apply(condition(told)).resource!['code']).toBe(told);
  expect(apply(rare('A00.1'))).toEqual({ resource: condition(coded([who, 'A00-A09'])), counts: { 'rolled-up': 1 } });
});

test('a disease key without a hierarchy goes, and `masked` stands where the code was', () => {
  const { apply } = under([
    ...times(3, () => [condition(coded([medis, '1']))]),
    ...times(9, i => [condition(coded([medis, String(10 + i)]))]),
  ]);
  expect(apply(condition(coded([medis, '12'])))).toEqual({ resource: condition(masked), counts: { removed: 1 } });
});

test('a code that is rare in the population goes up, however many have it here', () => {
  const set = times(9, () => [condition(coded([jp, 'A00.1']))]);
  expect(under(set).apply(set[0]![0]!).resource).toBe(set[0]![0]);
  const population = readPopulation([
    { system: jp, code: 'A00.1', patients: 2 },
    { system: jp, code: 'A00.2', patients: 99 },
  ]);
  expect(under(set, { population }).apply(set[0]![0]!).resource!['code']).toEqual(
    coded(['http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-3digits', 'A00']),
  );
});

test('a list of a population that is none is refused', () => {
  const row = { system: jp, code: 'A00.1', patients: 2 };
  for (const one of [
    undefined,
    {},
    [1],
    [{ ...row, code: '' }],
    [{ ...row, system: 1 }],
    [{ ...row, patients: -1 }],
    [{ ...row, patients: '2' }],
    [row, row],
  ])
    expect(() => readPopulation(one)).toThrow(PolicyError);
});

test('a coding that an Encounter must have is masked; one that it need not have goes', () => {
  const encounter = (code: string, reasonCode?: Json): AnyResource => ({
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'urn:c', code },
    ...(reasonCode === undefined ? {} : { reasonCode: [reasonCode] }),
  });
  const set = [...times(4, () => [encounter('AMB')]), [encounter('X')], [encounter('Y')], [encounter('Z', coded([who, 'A00.1']))]];
  expect(under(set).apply(encounter('Z', coded([who, 'A00.1']))).resource).toEqual({ ...encounter('Z'), class: masked });
  const roll = [...set, [encounter('AMB', coded([who, 'A00.2']))], [encounter('AMB', coded([who, 'A00.3']))]];
  expect(under(roll).apply(encounter('AMB', coded([who, 'A00.3']))).resource).toEqual(encounter('AMB'));
  expect(under(roll, { rollUpEverywhere: true }).apply(encounter('AMB', coded([who, 'A00.3']))).resource).toEqual(
    encounter('AMB', coded([who, 'A00'])),
  );
});

test('a status that FHIR requires one of a few codes for is left alone', () => {
  const one = {
    ...condition(coded([who, 'I10'])),
    clinicalStatus: coded(['http://terminology.hl7.org/CodeSystem/condition-clinical', 'relapse']),
  };
  expect(under([...times(3, () => [condition(coded([who, 'I10']))]), [one]]).apply(one).resource).toBe(one);
});

test('a measured value beyond a bound becomes the bound with a comparator; unit and interpretation stay', () => {
  const range = { referenceRange: [{ low: quantity(135), high: quantity(145) }] };
  const { apply } = under(times(30, i => [measured(quantity(130 + i), range)]));
  const given = measured({ ...quantity(159), value: new Decimal('159.0') }, { ...range, interpretation: [coded(['urn:i', 'HH'])] });
  const { resource, counts } = apply(given);
  expect(resource!['valueQuantity']).toEqual({ ...quantity(157), comparator: '>=' });
  expect(resource!['referenceRange']).toEqual(range.referenceRange);
  expect(counts.bounded).toBe(1);
  expect(apply(measured(quantity(132), range)).resource!['valueQuantity']).toEqual({ ...quantity(132), comparator: '<=' });
  expect(apply(measured(quantity(133), range)).resource!['valueQuantity']).toEqual(quantity(133));
});

test('a value with a comparator stays when k persons share it, becomes the bound when it lies beyond, else goes', () => {
  const less = (value: number): AnyResource => measured({ ...quantity(value), comparator: '<' });
  const { apply } = under([
    ...times(30, i => [measured(quantity(130 + i))]),
    ...times(3, () => [less(140)]),
    [less(131)],
    [less(138)],
    [less(139)],
    [less(141)],
  ]);
  expect(apply(less(140)).resource).toEqual(less(140));
  expect(apply(less(131)).resource!['valueQuantity']).toEqual({ ...quantity(132), comparator: '<=' });
  expect(apply(less(139)).resource).toEqual(observation(sodium, { dataAbsentReason: reason }));
});

test('the order in which codings were written does not leave', () => {
  const [a, b] = [coded(['urn:a', '1'], ['urn:b', '2']), coded(['urn:b', '2'], ['urn:a', '1'], ['urn:b', '2'])];
  const { apply } = under([...times(3, () => [condition(a)]), [condition(b)]]);
  expect(apply(condition(b)).resource).toEqual(condition(a));
  const both = [observation(a, {}), observation(b, {})];
  expect(under(times(3, () => both)).apply(both[1]!).resource).toEqual(both[0]);
});

test('a value in a unit that few have is masked as dataAbsentReason when enough persons are so', () => {
  const { apply } = under([...times(20, i => [measured(quantity(130 + i))]), ...times(3, i => [measured(quantity(3, `unit${i}`))])]);
  expect(apply(measured(quantity(3, 'unit1'))).resource).toEqual(observation(sodium, { dataAbsentReason: reason }));
});

test('a reference range that few share goes, and none stays beside a code that was rolled up', () => {
  const common = { referenceRange: [{ low: quantity(135) }] };
  const own = { referenceRange: [{ low: quantity(121) }, { low: quantity(135) }] };
  const { apply } = under([...times(20, i => [measured(quantity(130 + i), common)]), [measured(quantity(140), own)]]);
  expect(apply(measured(quantity(140), own)).resource).toEqual(measured(quantity(140), common));
  const jlac = 'http://medis.or.jp/CodeSystem/master-JLAC10-17digits';
  const test_ = (n: number): AnyResource =>
    observation(coded([jlac, `3B0350000023271${10 + n}`]), { valueQuantity: quantity(n), ...common });
  expect(under(times(6, n => [test_(n)])).apply(test_(1)).resource).toEqual(
    observation(coded(['https://noren.example/fhir/CodeSystem/jlac10-group', '3B0350000023271']), { dataAbsentReason: reason }),
  );
});

test('SampledData never leaves', () => {
  const wave = observation(sodium, { valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: '1 2 3' } });
  expect(under(times(9, () => [wave])).apply(wave).resource).toEqual(observation(sodium, { dataAbsentReason: reason }));
});

test('a dose has no comparator: it leaves when k persons have the same, else it goes, and nothing empty is left', () => {
  const request = (value: number): AnyResource => ({
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: coded(['urn:d', '1']),
    dosageInstruction: [{ doseAndRate: [{ doseQuantity: { value, unit: '錠' } }] }],
  });
  const { apply } = under([...times(5, () => [request(1)]), [request(17)]]);
  expect(apply(request(1)).resource).toEqual(request(1));
  const { dosageInstruction, ...rest } = request(17);
  expect(apply(request(17)).resource).toEqual(rest);
});

test('Money leaves when k persons have the same in one currency, and is masked where it must be there', () => {
  const yen = (value: number, currency = 'JPY') => ({ value, currency });
  const bill = (total: object): AnyResource => ({
    resourceType: 'ExplanationOfBenefit',
    status: 'active',
    item: [{ sequence: 1, unitPrice: yen(100), net: total }],
    total: [{ category: coded(['urn:t', '1']), amount: total }],
  });
  const rare = [...times(9, i => yen(3_000_000 + i)), yen(100, 'USD')];
  const { apply } = under([...times(30, () => [bill(yen(100))]), ...rare.map(total => [bill(total)])]);
  expect(apply(bill(yen(100))).resource).toEqual(bill(yen(100)));
  for (const total of rare)
    expect(apply(bill(total)).resource).toEqual({
      ...bill(masked),
      item: [{ sequence: 1, unitPrice: yen(100) }],
    });
});

test('a component is a fact of its own', () => {
  const panel = (...values: [string, number][]): AnyResource =>
    observation(coded(['http://loinc.org', '85354-9']), {
      component: values.map(([code, value]) => ({ code: coded(['http://loinc.org', code]), valueQuantity: quantity(value, 'mm[Hg]') })),
    });
  const { apply } = under(times(30, i => [panel(['8480-6', 100 + i], ['8462-4', 60 + i])]));
  expect(apply(panel(['8480-6', 129], ['8462-4', 70])).resource!['component']).toEqual([
    { code: coded(['http://loinc.org', '8480-6']), valueQuantity: { ...quantity(127, 'mm[Hg]'), comparator: '>=' } },
    { code: coded(['http://loinc.org', '8462-4']), valueQuantity: quantity(70, 'mm[Hg]') },
  ]);
});

test('a type that fewer than k persons have does not leave, and references to it go', () => {
  const medication: AnyResource = { resourceType: 'Medication', code: coded(['urn:d', '7']) };
  const detected: AnyResource = {
    resourceType: 'DetectedIssue',
    status: 'final',
    code: coded(['urn:i', '1']),
    implicated: [{ reference: 'Medication/m' }, { reference: 'Device/d' }],
  };
  const { apply } = under([[medication, detected], [detected], [detected]]);
  expect(apply(medication)).toEqual({ counts: { withheld: 1 } });
  expect(apply(detected).resource!['implicated']).toEqual([{ reference: 'Device/d' }]);
});

test('a type without any code is counted too: that somebody has it at all tells something', () => {
  const team: AnyResource = { resourceType: 'CareTeam', status: 'active' };
  expect(under(times(3, () => [team])).apply(team).resource).toBe(team);
  expect(under([...times(2, () => [team]), [condition(sodium)]]).apply(team).resource).toBeUndefined();
});

test('what must refer to a type that does not leave is masked, and `masked` stands in one place of a choice', () => {
  const medication: AnyResource = { resourceType: 'Medication', id: 'm', code: coded(['urn:d', '7']) };
  const request = (rest: Json): AnyResource => ({ resourceType: 'MedicationRequest', status: 'active', intent: 'order', ...rest });
  const refers = request({ medicationReference: { reference: 'Medication/m' } });
  const { apply } = under([
    [medication, refers],
    ...times(4, () => [refers]),
    ...times(4, () => [request({ medicationCodeableConcept: coded(['urn:d', '1']) })]),
  ]);
  expect(apply(medication).resource).toBeUndefined();
  expect(apply(refers).resource).toEqual(request({ medicationCodeableConcept: masked }));
});

test('a container does not leave when something contained may not', () => {
  const statement = (code: string): AnyResource => ({
    resourceType: 'MedicationStatement',
    status: 'active',
    contained: [{ resourceType: 'Medication', id: 'c1', code: coded(['urn:d', code]) }],
    medicationReference: { reference: '#c1' },
  });
  const { apply } = under(times(4, () => [statement('1')]));
  expect(apply(statement('1')).resource).toEqual(statement('1'));
  expect(apply(statement('unknown')).resource).toBeUndefined();
});

test('what is contained counts in its container, and an extension under its URL', () => {
  const request = (code: string, extra: string): AnyResource => ({
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    contained: [{ resourceType: 'Medication', id: 'c1', code: coded([who, code]) }],
    medicationReference: { reference: '#c1' },
    extension: [{ url: 'urn:e', valueCoding: { system: 'urn:s', code: extra } }],
  });
  const { apply } = under([
    ...times(5, () => [request('I10', 'a')]),
    [request('A00.0', 'b')],
    [request('A00.1', 'c')],
    [request('A00.2', 'a')],
  ]);
  const left = apply(request('A00.1', 'c')).resource!;
  expect((left['contained'] as Json[])[0]!['code']).toEqual(coded([who, 'A00']));
  expect(left['extension']).toBeUndefined();
  expect(apply(request('I10', 'a')).resource).toEqual(request('I10', 'a'));
});

test('an extension inside another, and one beside a primitive, count alike; what repeats stays in line', () => {
  const value = (code: string) => ({ url: 'urn:e', valueCoding: { system: 'urn:s', code } });
  const request = (code: string): AnyResource => ({
    resourceType: 'ServiceRequest',
    status: 'active',
    _status: { extension: [value(code)] },
    intent: 'order',
    extension: [{ url: 'urn:outer', extension: [value(code), { url: 'urn:other', valueBoolean: true }] }],
    occurrenceTiming: {
      event: [null, '2020-01-01', '2020-01-02'],
      _event: [{ extension: [value(code)] }, null, { extension: [value(code)] }],
    },
  });
  const { apply } = under([...times(4, () => [request('a')]), [request('rare')]]);
  expect(apply(request('a')).resource).toEqual(request('a'));
  expect(apply(request('rare')).resource).toEqual({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    extension: [{ url: 'urn:outer', extension: [{ url: 'urn:other', valueBoolean: true }] }],
    occurrenceTiming: { event: ['2020-01-01', '2020-01-02'] },
  });
});

test('what stands beside a value goes with it, whichever comes first', () => {
  const beside = { _valueInteger: { extension: [{ url: 'urn:e', valueBoolean: true }] } };
  for (const rest of [
    { valueInteger: 5, ...beside },
    { ...beside, valueInteger: 5 },
  ]) {
    const { apply } = under(times(4, () => [observation(sodium, { valueInteger: 4 })]));
    const left = apply(observation(sodium, rest)).resource;
    if (left !== undefined) expect(Object.keys(left)).not.toContain('_valueInteger');
    expect(left?.['valueInteger']).toBeUndefined();
  }
});

test('what the plan was not made for goes', () => {
  const { apply } = under(times(5, () => [condition(coded([who, 'I10']))]));
  expect(apply(condition(coded([who, 'I11'])))).toEqual({ counts: { removed: 1, withheld: 1 } });
  expect(apply(measured(quantity(1)))).toEqual({ counts: { withheld: 1 } });
  expect(apply({ resourceType: 'Procedure', status: 'completed', reasonCode: [coded([who, 'I10'])] }).resource).toEqual({
    resourceType: 'Procedure',
    status: 'completed',
  });
});
