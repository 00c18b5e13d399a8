// docs/consent.md: who stands on a list is left out from its line's beginning on, under every record, as its sender and end say
import { expect, test } from '@jest/globals';
import { State } from '../../../../src/fhir/store/index/state.ts';
import type { ListEntry } from '../../../../src/fhir/store/store.ts';
import { seeded } from '../../search/resources.ts';

/** The plain way: every line of everybody whom the version is about. */
function covered(state: State, seq: number, now: number): boolean {
  const { ledger, persons, lists } = state;
  return state
    .about(seq)
    .some(root =>
      lists
        .of(persons.names(root).map(name => persons.label(name)))
        .some(
          ({ list, from, until, sender }) =>
            list === 'objection' &&
            from <= now &&
            (sender === undefined || sender === ledger.sender(ledger.resource(seq))) &&
            (until === undefined || ledger.time(seq) <= until),
        ),
    );
}

test.each([1, 2, 3, 4])('left out: after whatever happens, the versions that a look at every line leaves out (%s)', seed => {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const state = new State();
  const senders = ['Organization/h1', 'Organization/h2'];
  let now = 1000;
  let seq = 0;
  const lines = new Map<string, ListEntry>();
  const check = () => {
    const left = state.leftOut('objection', now);
    for (let one = 1; one <= seq; one++) expect([seed, one, left?.has(one) ?? false]).toEqual([seed, one, covered(state, one, now)]);
  };
  for (let step = 0; step < 400; step++) {
    const person = below(12);
    const deed = random();
    if (deed < 0.5) {
      const [name, other] = [`Patient/${person}`, `Patient/${below(12)}`];
      const isPatient = random() < 0.4;
      const about = isPatient ? [name, `n|${person}`] : random() < 0.2 ? [name, other] : [name];
      // A record that brings another's name makes one person of both.
      const same = isPatient ? [name, `n|${person}`, ...(random() < 0.15 ? [other] : [])] : [];
      const id = isPatient ? String(person) : `o${below(40)}`;
      state.apply(
        {
          seq: ++seq,
          type: isPatient ? 'Patient' : 'Observation',
          id,
          time: now,
          sender: senders[below(2)]!,
          values: {},
          mentions: { about, same },
        },
        { block: 1, offset: 0, length: random() < 0.1 ? 0 : 1 },
      );
    } else if (deed < 0.75) {
      const source = `Consent/${below(8)}`;
      const line: ListEntry = {
        list: random() < 0.8 ? 'objection' : 'notice',
        source,
        persons: (random() < 0.8 && lines.get(source)?.persons) || (random() < 0.5 ? [`Patient/${person}`] : [`n|${person}`]),
        from: random() < 0.3 ? now + below(200) : now - below(200),
        ...(random() < 0.4 ? { sender: senders[below(2)]! } : {}),
        ...(random() < 0.3 ? { until: random() < 0.5 ? now : now - 100 + below(200) } : {}),
      };
      lines.set(source, line);
      state.lists.put(line);
    } else now += below(60);
    if (step % 7 === 0) check();
  }
  check();
  expect(state.leftOut('objection', now)?.some).toBe(true);
});

test('left out: a list on which nobody stands asks nothing of a query', () => {
  const state = new State();
  expect(state.leftOut('objection', 0)).toBeUndefined();
  state.lists.put({ list: 'notice', source: 'Communication/1', persons: ['Patient/1'], from: 0 });
  expect(state.leftOut('objection', 1)).toBeUndefined();
});

test('left out: a line holds from its very millisecond on, and for what came up to the very end of it', () => {
  const state = new State();
  const version = (seq: number, time: number) =>
    state.apply(
      {
        seq,
        type: 'Observation',
        id: `o${seq}`,
        time,
        sender: 'Organization/h1',
        values: {},
        mentions: { about: ['Patient/1'], same: [] },
      },
      { block: 1, offset: 0, length: 1 },
    );
  const left = (now: number) => [1, 2].filter(seq => state.leftOut('objection', now)?.has(seq));
  version(1, 1000);
  expect(left(1000)).toEqual([]);
  state.lists.put({ list: 'objection', source: 'Consent/1', persons: ['Patient/1'], from: 2000, until: 3000 });
  expect(left(1999)).toEqual([]);
  expect(left(2000)).toEqual([1]);
  version(2, 3001);
  expect(left(3001)).toEqual([1]);
  // Made at the moment at which it begins.
  state.lists.put({ list: 'objection', source: 'Consent/2', persons: ['Patient/1'], from: 3001 });
  expect(left(3001)).toEqual([1, 2]);
});
