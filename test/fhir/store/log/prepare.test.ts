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
