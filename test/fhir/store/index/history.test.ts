// https://hl7.org/fhir/R4/http.html#history: a history of very many versions
import { expect, test } from '@jest/globals';
import { type Access, asServer } from '../../../../src/fhir/model/access.ts';
import { Deadline } from '../../../../src/fhir/store/index/deadline.ts';
import { Evaluation } from '../../../../src/fhir/store/index/evaluate.ts';
import { history } from '../../../../src/fhir/store/index/history.ts';
import { State } from '../../../../src/fhir/store/index/state.ts';

const most = 50_000;
const start = Date.parse('2026-01-01T00:00:00Z');
const state = new State();
for (let seq = 1; seq <= most; seq++) {
  const ofOne = seq % 10_000 === 0;
  const record = {
    seq,
    type: ofOne ? 'Observation' : 'Basic',
    id: `r${seq}`,
    time: start + seq,
    sender: 'Organization/h1',
    values: ofOne ? { subject: ['Patient/p'], patient: ['Patient/p'] } : {},
    mentions: { same: [], about: [] },
  };
  state.apply(record, { block: 0, offset: 0, length: 2 });
}
const all = asServer('test');
const asked = (access: Access, ms = 10_000) => new Evaluation(state, access, most, start + most, { deadline: new Deadline(ms) });

test('a page of a very long history is there without a total, the last one too; where few versions are left the total is', () => {
  expect(history(asked(all), {}, { count: 2 })).toEqual({ seqs: [most, most - 1], next: { snapshot: most, before: most - 1 } });
  expect(history(asked(all), {}, { count: 2, cursor: { snapshot: most, before: 3 } })).toEqual({ seqs: [2, 1] });
  expect(history(asked(all), {}, { count: 2, since: start + most - 2 })).toEqual({
    seqs: [most, most - 1],
    total: 3,
    next: { snapshot: most, before: most - 1 },
  });
  expect(history(asked(all), { type: 'Observation' }, { count: 1 })).toMatchObject({ seqs: [most], total: 5 });
});

test('whose access is one patient’s gets the whole, with its total, from that record alone', () => {
  const own: Access = { ...all, reach: { Patient: [{ patient: 'Patient/p' }], Observation: [{ patient: 'Patient/p' }] } };
  expect(history(asked(own), {}, { count: 10 })).toEqual({ seqs: [50_000, 40_000, 30_000, 20_000, 10_000], total: 5 });
});

test('what would take longer than one request may ends as too costly', () => {
  const few: Access = { ...all, reach: { '*': [{ sender: 'Organization/h2' }] } };
  expect(() => history(asked(few, 0), {}, { count: 10 })).toThrow(expect.objectContaining({ kind: 'too-costly' }));
});
