// https://hl7.org/fhir/R4/fhirpatch.html
import { expect, test } from '@jest/globals';
import { applyFhirPathPatch } from '../../../../src/fhir/interactions/patch/fhirpath-patch.ts';
import { createBudget } from '../../../../src/fhir/interactions/patch/values.ts';
import { parseJson } from '../../../../src/fhir/model/json.ts';
import { Problem } from '../../../../src/fhir/model/outcome.ts';
import type { AnyResource, Json } from '../../../../src/fhir/model/r4.ts';
import { cpuTime } from '../../../cpu-time.ts';

type Parts = Readonly<Record<string, unknown>>;

/** `{ type: 'add', path: 'Patient', name: 'gender', valueCode: 'male' }` as an operation; what starts with `value` is the value. */
const operation = ({ type, path, name, index, source, destination, part, resource, ...value }: Parts): Json => ({
  name: 'operation',
  part: [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
    ...(part === undefined ? [] : [{ name: 'value', part }]),
    ...(resource === undefined ? [] : [{ name: 'value', resource }]),
    ...(Object.keys(value).length === 0 ? [] : [{ name: 'value', ...value }]),
    ...Object.entries({ index, source, destination }).flatMap(([name, one]) => (one === undefined ? [] : [{ name, valueInteger: one }])),
  ],
});
const patchOf = (...operations: Parts[]): AnyResource => ({ resourceType: 'Parameters', parameter: operations.map(operation) });
const apply = (resource: string | Json, ...operations: Parts[]): Json =>
  JSON.parse(
    JSON.stringify(
      applyFhirPathPatch(
        parseJson(typeof resource === 'string' ? resource : JSON.stringify(resource)) as AnyResource,
        patchOf(...operations),
        createBudget(),
      ),
    ),
  );
const refusal = (resource: Json, patch: Parts | AnyResource): number => {
  try {
    applyFhirPathPatch(
      structuredClone(resource) as AnyResource,
      'resourceType' in patch ? (patch as AnyResource) : patchOf(patch),
      createBudget(),
    );
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.status;
    throw thrown;
  }
  return 200;
};
const patient = (more: Json = {}): Json => ({ resourceType: 'Patient', ...more });
const two = patient({ identifier: [{ value: '1' }, { value: '2' }] });

test('add: a primitive, a data type, a group made of parts, an element of a list', () => {
  expect(apply(patient(), { type: 'add', path: 'Patient', name: 'birthDate', valueDate: '1970-01-01' })).toEqual(
    patient({ birthDate: '1970-01-01' }),
  );
  expect(apply(patient(), { type: 'add', path: 'Patient', name: 'maritalStatus', valueCodeableConcept: { text: 'x' } })).toEqual(
    patient({ maritalStatus: { text: 'x' } }),
  );
  const contact = [
    { name: 'name', valueHumanName: { text: 'a' } },
    { name: 'telecom', valueContactPoint: { value: '1' } },
    { name: 'telecom', valueContactPoint: { value: '2' } },
  ];
  expect(apply(patient(), { type: 'add', path: 'Patient', name: 'contact', part: contact })).toEqual(
    patient({ contact: [{ name: { text: 'a' }, telecom: [{ value: '1' }, { value: '2' }] }] }),
  );
  expect(apply(two, { type: 'add', path: 'Patient', name: 'identifier', valueIdentifier: { value: '3' } })['identifier']).toEqual([
    { value: '1' },
    { value: '2' },
    { value: '3' },
  ]);
});

test('add: groups in groups, and value[x] by the type of what is sent', () => {
  const item = [
    { name: 'linkId', valueString: '1' },
    { name: 'answer', part: [{ name: 'value', valueInteger: 5 }] },
    { name: 'item', part: [{ name: 'linkId', valueString: '1.1' }] },
  ];
  const response = { resourceType: 'QuestionnaireResponse', status: 'completed' };
  expect(apply(response, { type: 'add', path: 'QuestionnaireResponse', name: 'item', part: item })).toEqual({
    ...response,
    item: [{ linkId: '1', answer: [{ valueInteger: 5 }], item: [{ linkId: '1.1' }] }],
  });
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
  for (const name of ['value', 'value[x]', 'valueQuantity'])
    expect(apply(observation, { type: 'add', path: 'Observation', name, valueQuantity: { value: 1 } })).toEqual({
      ...observation,
      valueQuantity: { value: 1 },
    });
});

test('add: an extension of a primitive stands beside it, in line with its list', () => {
  const extension = { url: 'urn:x', valueString: 'y' };
  expect(
    apply(patient({ birthDate: '1970' }), { type: 'add', path: 'Patient.birthDate', name: 'extension', valueExtension: extension }),
  ).toEqual(patient({ birthDate: '1970', _birthDate: { extension: [extension] } }));
  expect(
    apply(patient({ name: [{ given: ['a', 'b'] }] }), {
      type: 'add',
      path: 'Patient.name[0].given[1]',
      name: 'extension',
      valueExtension: extension,
    }),
  ).toEqual(patient({ name: [{ given: ['a', 'b'], _given: [null, { extension: [extension] }] }] }));
});

test('add: what is there already, a path to nothing or to several, an element that there is not: refused', () => {
  expect(refusal(patient({ gender: 'male' }), { type: 'add', path: 'Patient', name: 'gender', valueCode: 'female' })).toBe(422);
  expect(refusal(patient(), { type: 'add', path: 'Patient.name', name: 'family', valueString: 'x' })).toBe(422);
  expect(refusal(two, { type: 'add', path: 'Patient.identifier', name: 'system', valueUri: 'urn:x' })).toBe(422);
  for (const name of ['colour', '__proto__', 'constructor', 'resourceType'])
    expect([name, refusal(patient(), { type: 'add', path: 'Patient', name, valueString: 'x' })]).toEqual([name, 400]);
  expect(Object.hasOwn(Object.prototype, 'extension')).toBe(false);
});

test('insert: at the front, in the middle, at the end, into an empty list; not beyond the end, not into a part of a list', () => {
  const insert = (index: number, path = 'Patient.identifier') => ({ type: 'insert', path, index, valueIdentifier: { value: 'x' } });
  const values = (resource: Json) => (resource['identifier'] as Json[]).map(one => one['value']);
  expect([0, 1, 2].map(index => values(apply(two, insert(index))))).toEqual([
    ['x', '1', '2'],
    ['1', 'x', '2'],
    ['1', '2', 'x'],
  ]);
  expect(values(apply(patient(), insert(0)))).toEqual(['x']);
  expect([
    refusal(two, insert(3)),
    refusal(patient(), insert(1)),
    refusal(two, insert(0, "Patient.identifier.where(value = '2')")),
  ]).toEqual([422, 422, 422]);
});

test('delete: one element, and what is empty without it; nothing found changes nothing; several are refused', () => {
  expect(apply(patient({ birthDate: '1970', _birthDate: { id: 'a' } }), { type: 'delete', path: 'Patient.birthDate' })).toEqual(patient());
  expect(apply(patient({ contact: [{ name: { text: 'a' } }] }), { type: 'delete', path: 'Patient.contact[0].name.text' })).toEqual(
    patient(),
  );
  expect(apply(two, { type: 'delete', path: "Patient.identifier.where(value = '1')" })).toEqual(patient({ identifier: [{ value: '2' }] }));
  expect(apply(two, { type: 'delete', path: 'Patient.gender' })).toEqual(two);
  expect(
    apply(patient({ name: [{ given: ['a', 'b'], _given: [null, { id: 'x' }] }] }), { type: 'delete', path: 'Patient.name.given[0]' }),
  ).toEqual(patient({ name: [{ given: ['b'], _given: [{ id: 'x' }] }] }));
  expect([refusal(two, { type: 'delete', path: 'Patient.identifier' }), refusal(two, { type: 'delete', path: 'Patient' })]).toEqual([
    422, 422,
  ]);
});

test('replace: a primitive, an element of a list, a choice by another type; what is not there is refused', () => {
  expect(apply(patient({ birthDate: '1970' }), { type: 'replace', path: 'Patient.birthDate', valueDate: '1980' })).toEqual(
    patient({ birthDate: '1980' }),
  );
  expect(apply(two, { type: 'replace', path: 'Patient.identifier[1].value', valueString: 'x' })).toEqual(
    patient({ identifier: [{ value: '1' }, { value: 'x' }] }),
  );
  expect(apply(two, { type: 'replace', path: 'Patient.identifier.last()', valueIdentifier: { value: 'x' } })).toEqual(
    patient({ identifier: [{ value: '1' }, { value: 'x' }] }),
  );
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, valueQuantity: { value: 1 } };
  expect(apply(observation, { type: 'replace', path: 'Observation.value', valueString: 'x' })).toEqual({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    valueString: 'x',
  });
  expect(refusal(patient(), { type: 'replace', path: 'Patient.birthDate', valueDate: '1980' })).toBe(422);
});

test('a text of another type is taken for a code as long as it is one of its codes: else 400, as what is no value of the element', () => {
  const told = (value: object) => ({ type: 'replace', path: 'Patient.gender', ...value });
  expect(apply(patient({ gender: 'male' }), told({ valueString: 'female' }))).toEqual(patient({ gender: 'female' }));
  expect(refusal(patient({ gender: 'male' }), told({ valueString: 'femal' }))).toBe(400);
  // Of its type it is judged with the whole resource.
  expect(refusal(patient({ gender: 'male' }), told({ valueCode: 'femal' }))).toBe(200);
});

test('move: within a list, and what stands beside its primitives moves along', () => {
  const move = (source: number, destination: number) => ({ type: 'move', path: 'Patient.name[0].given', source, destination });
  const named = patient({ name: [{ given: ['a', 'b', 'c'], _given: [null, null, { id: 'x' }] }] });
  expect(apply(named, move(2, 0))).toEqual(patient({ name: [{ given: ['c', 'a', 'b'], _given: [{ id: 'x' }, null, null] }] }));
  expect(apply(named, move(0, 2))).toEqual(patient({ name: [{ given: ['b', 'c', 'a'], _given: [null, { id: 'x' }, null] }] }));
  expect([refusal(named, move(3, 0)), refusal(named, move(0, 3))]).toEqual([422, 422]);
});

test('operations follow each other; numbers that are not touched keep their digits', () => {
  const observation = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":7.20,"unit":"a"}}';
  const operations = [
    { type: 'replace', path: 'Observation.value.where(value > 7).unit', valueString: 'b' },
    { type: 'add', path: 'Observation', name: 'note', valueAnnotation: { text: 'n' } },
    { type: 'add', path: 'Observation.note[0]', name: 'time', valueDateTime: '2026' },
  ];
  expect(JSON.stringify(applyFhirPathPatch(parseJson(observation) as AnyResource, patchOf(...operations), createBudget()))).toBe(
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":7.20,"unit":"b"},"note":[{"text":"n","time":"2026"}]}',
  );
});

test.each([
  ['a repeat without end', 'Patient.repeat($this)'],
  ['descendants', 'Patient.descendants()'],
  ['10,000 letters', `Patient.${'a'.repeat(10_000)}`],
  ['deep brackets', `${'('.repeat(300)}Patient${')'.repeat(300)}`],
  ['a variable', '%resource.name'],
  ['a regular expression', "Patient.name.where(family.matches('(a+)+$'))"],
  ['what doubles', `Patient.name.select($this.combine($this))${'.select($this.combine($this))'.repeat(20)}`],
  ['a comment', 'Patient/* x */.name'],
  ['no FHIRPath', 'Patient.name['],
  ['a value that is no element', "Patient.name.family & 'x'"],
])('a path that is %s: 400, at once', (_name, path) => {
  const start = cpuTime();
  expect(refusal(patient({ name: [{ family: 'x' }] }), { type: 'delete', path })).toBe(400);
  expect(cpuTime() - start).toBeLessThan(2000);
});

test('what is no FHIRPath Patch: 400', () => {
  const operations: readonly (readonly unknown[])[] = [
    [{ name: 'x', part: [] }],
    [{ name: 'operation' }],
    [{ name: 'operation', part: [{ name: 'type', valueCode: 'add' }] }],
    [operation({ type: 'invent', path: 'Patient' })],
    [operation({ type: 'replace', path: 'Patient.gender' })],
    [operation({ type: 'insert', path: 'Patient.name', index: -1, valueHumanName: {} })],
    [null],
  ];
  for (const parameter of operations)
    expect([parameter, refusal(patient(), { resourceType: 'Parameters', parameter } as AnyResource)]).toEqual([parameter, 400]);
  expect(refusal(patient(), { resourceType: 'Parameters' } as AnyResource)).toBe(200);
});
