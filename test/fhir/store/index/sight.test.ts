// house: Access is data. Clauses of a reach are alternatives, conditions of one hold together, and lists and tags take away from every one of them.
import { expect, test } from '@jest/globals';
import { type Access, asServer, type Clause } from '../../../../src/fhir/model/access.ts';
import { sight } from '../../../../src/fhir/store/index/sight.ts';
import { State } from '../../../../src/fhir/store/index/state.ts';
import type { ListEntry } from '../../../../src/fhir/store/store.ts';

const [h1, h2] = ['Organization/h1', 'Organization/h2'];
const now = 1000;

/** Versions 1 to 4: a (h1, about p1), b (h2, about p1), c (h1, about p2), d (h2, about p2); what follows is a test's own. */
function ground(): State {
  const state = new State();
  for (const [i, [id, sender, person]] of (
    [
      ['a', h1, 'p1'],
      ['b', h2, 'p1'],
      ['c', h1, 'p2'],
      ['d', h2, 'p2'],
    ] as const
  ).entries())
    state.apply(
      { seq: i + 1, type: 'Observation', id, time: now, sender, values: {}, mentions: { about: [`Patient/${person}`], same: [] } },
      { block: 1, offset: 0, length: 1 },
    );
  return state;
}
const line = (person: string, more: Partial<ListEntry> = {}): ListEntry => ({
  list: 'objection',
  source: `Consent/${person}`,
  persons: [`Patient/${person}`],
  from: 0,
  ...more,
});
function seen(state: State, reach: readonly Clause[], more: Partial<Access> = {}, having: readonly number[] = []): number[] {
  const access: Access = { ...asServer('test'), reach: { Observation: reach }, ...more };
  const sees = sight(state, access, 'Observation', now, () => having);
  return Array.from({ length: state.ledger.last }, (_, i) => i + 1).filter(sees);
}
const objectors = { without: ['objection'] };

test('reach: clauses are alternatives', () => {
  expect(seen(ground(), [])).toEqual([]);
  expect(seen(ground(), [{ ids: ['a'] }, { ids: ['d'] }])).toEqual([1, 4]);
  expect(seen(ground(), [{ ids: ['a'] }, {}])).toEqual([1, 2, 3, 4]);
});

test('reach: conditions of one clause hold together', () => {
  expect(seen(ground(), [{ sender: h1, ids: ['a', 'b'] }])).toEqual([1]);
  expect(seen(ground(), [{ sender: h2, where: [{ kind: 'token' }] }], {}, [1, 2])).toEqual([2]);
});

test('reach: a deletion is where the version before it was', () => {
  const state = ground();
  state.apply(
    { seq: 5, type: 'Observation', id: 'a', time: now, sender: h1, values: {}, mentions: { about: [], same: [] } },
    { block: 1, offset: 0, length: 0 },
  );
  expect(seen(state, [{ where: [{ kind: 'token' }] }], {}, [1, 3])).toEqual([1, 3, 5]);
  expect(seen(state, [{ where: [{ kind: 'token' }] }], {}, [3])).toEqual([3]);
});

test('lists: they take away from a limited reach, and give nothing back', () => {
  const state = ground();
  state.lists.put(line('p1'));
  expect(seen(state, [{}], objectors)).toEqual([3, 4]);
  expect(seen(state, [{ sender: h1 }], objectors)).toEqual([3]);
  expect(seen(state, [{ ids: ['a'] }, { ids: ['b'] }], objectors)).toEqual([]);
  expect(seen(state, [{ sender: h1 }])).toEqual([1, 3]);
});

test('lists: whoever stands on any of several is left out', () => {
  const state = ground();
  state.lists.put(line('p1', { sender: h1 }));
  state.lists.put(line('p2', { list: 'held', sender: h2 }));
  expect(seen(state, [{}], { without: ['objection', 'held'] })).toEqual([2, 3]);
  expect(seen(state, [{}], { without: ['held', 'objection'] })).toEqual([2, 3]);
  expect(seen(state, [{}], { without: ['held', 'nobody'] })).toEqual([1, 2, 3]);
});

test('tags: what they leave is still limited by reach and lists', () => {
  const state = ground();
  state.lists.put(line('p2'));
  expect(seen(state, [{ sender: h1 }], { ...objectors, withoutTags: ['UNINFORMED'] })).toEqual([1]);
});
