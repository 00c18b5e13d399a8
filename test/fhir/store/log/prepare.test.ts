// https://hl7.org/fhir/R4/http.html#create
import { expect, test } from '@jest/globals';
import { Problem } from '../../../../src/fhir/model/outcome.ts';
import { State } from '../../../../src/fhir/store/index/state.ts';
import { judge } from '../../../../src/fhir/store/log/prepare.ts';
import type { Commit } from '../../../../src/fhir/store/store.ts';

const write = (type: string, id: string): Commit => ({
  writes: [{ type, id, resource: { resourceType: type, id }, expect: 'absent', sender: 'Organization/hospital-1' }],
});
const line = { list: 'objection', source: 'Consent/1', persons: ['Patient/1'], from: 0 };
const refusal = (commit: Commit, state: State): unknown => {
  try {
    judge(commit, { state, mark: name => name, now: 0 });
  } catch (error) {
    return error;
  }
  return undefined;
};

test('commit: where there are as many names as a memory has room for, resources are refused with 503; who objects is still written down', () => {
  const state = new State(2);
  state.ledger.number('Patient/1');
  expect(refusal(write('Observation', '1'), state)).toBeUndefined();
  state.ledger.number('Patient/2');
  const refused = refusal(write('Observation', '1'), state);
  expect(refused).toBeInstanceOf(Problem);
  expect((refused as Problem).kind).toBe('unavailable');
  expect(refusal({ ...write('Consent', '1'), lists: [line] }, state)).toBeUndefined();
  expect(refusal({ writes: [], entries: [{ book: 'stops', entry: {} }] }, state)).toBeUndefined();
});

test('commit: persons count as names too', () => {
  const state = new State(2);
  state.persons.join(['Patient/1', 'urn:numbers|1']);
  expect(refusal(write('Observation', '1'), state)).toBeInstanceOf(Problem);
});

test.each([
  [
    'a token',
    'identifier',
    [
      ['urn:x', '1'],
      ['urn:x', '2'],
    ],
  ],
  [
    'systems of one code',
    'identifier',
    [
      ['urn:x', '1'],
      ['urn:y', '1'],
    ],
  ],
  ['a string', 'family', ['A', 'B']],
  ['what stands inside', 'general-practitioner#Practitioner.family', ['A', 'B']],
] as const)('commit: values of one parameter count as names do: %s', (_name, code, values) => {
  const state = new State(2);
  expect(refusal(write('Patient', '2'), state)).toBeUndefined();
  state.type('Patient').add(2, { [code]: values } as never);
  expect(refusal(write('Patient', '2'), state)).toBeInstanceOf(Problem);
  state.type('Patient').remove([{ seq: 2, type: 'Patient', values: { [code]: values } as never }]);
  expect(refusal(write('Patient', '2'), state)).toBeUndefined();
});

test('commit: receipts count as names too', () => {
  const state = new State(2);
  for (const key of ['a', 'b']) {
    expect(refusal(write('Patient', '1'), state)).toBeUndefined();
    state.note({ lists: [], receipt: { key, shape: 's', versions: [] } } as never);
  }
  expect(refusal(write('Patient', '1'), state)).toBeInstanceOf(Problem);
});
