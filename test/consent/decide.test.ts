// The decision table of docs/consent.md.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Decision, decide, type Question } from '../../src/consent/decide.ts';
import type { ListEntry } from '../../src/fhir/store/store.ts';

const timeZone = 'Asia/Tokyo';
const h1 = 'Organization/hospital-1';
const h2 = 'Organization/hospital-2';
const mine = 'urn:n1|1';
const other = 'urn:n1|2';
const at = (text: string): number => Date.parse(text);
const notice = (sent: string, more: Partial<ListEntry> = {}): ListEntry => ({
  list: 'notice',
  source: 'Communication/1',
  persons: [mine],
  sender: h1,
  from: at(sent),
  ...more,
});
const objection = (more: Partial<ListEntry> = {}): ListEntry => ({
  list: 'objection',
  source: 'Consent/1',
  persons: [mine],
  from: 0,
  ...more,
});
const ask = (lines: ListEntry[], now: string, more: Partial<Question> = {}): Decision =>
  decide({ purpose: 'intake', lines, institution: h1, number: mine, now: at(now), waitDays: 30, timeZone, ...more });

describe('the waiting period', () => {
  test.each([
    ['day 29', '2026-05-01T10:00:00+09:00', '2026-05-30T10:00:00+09:00', 'wait'],
    ['day 30, its last minute', '2026-05-01T10:00:00+09:00', '2026-05-31T23:59:59+09:00', 'wait'],
    ['day 31, its first minute', '2026-05-01T10:00:00+09:00', '2026-06-01T00:00:00+09:00', 'clear'],
    ['23:30 in Tokyo is the day before in UTC', '2026-05-01T23:30:00+09:00', '2026-06-01T00:30:00+09:00', 'clear'],
    ['00:30 in Tokyo is the day before in UTC', '2026-05-02T00:30:00+09:00', '2026-06-01T23:30:00+09:00', 'wait'],
    ['the same instant written in UTC', '2026-05-01T15:30:00Z', '2026-06-01T14:59:00Z', 'wait'],
    ['over a leap day', '2028-02-10T10:00:00+09:00', '2028-03-11T10:00:00+09:00', 'wait'],
    ['over a leap day, the day after', '2028-02-10T10:00:00+09:00', '2028-03-12T10:00:00+09:00', 'clear'],
    ['over a month’s end without a leap day', '2026-02-10T10:00:00+09:00', '2026-03-13T10:00:00+09:00', 'clear'],
    ['a notice of tomorrow', '2026-06-16T10:00:00+09:00', '2026-06-15T10:00:00+09:00', 'no-notice'],
  ])('%s', (_, sent, now, expected) => expect(ask([notice(sent)], now)).toBe(expected));

  test('a wait of no days: the day after the notice', () => {
    expect(ask([notice('2026-05-01T10:00:00+09:00')], '2026-05-01T23:00:00+09:00', { waitDays: 0 })).toBe('wait');
    expect(ask([notice('2026-05-01T10:00:00+09:00')], '2026-05-02T00:00:00+09:00', { waitDays: 0 })).toBe('clear');
  });
});

describe('whose notice', () => {
  const now = '2026-06-15T12:00:00+09:00';
  const old = '2026-01-01T10:00:00+09:00';
  test('another institution’s counts for nothing', () => expect(ask([notice(old, { sender: h2 })], now)).toBe('no-notice'));
  test('one without an institution counts for nothing', () => {
    const { sender: _, ...line } = notice(old);
    expect(ask([line], now)).toBe('no-notice');
  });
  test('2022 b: a notice for A never covers B, though both are one person after a link', () => {
    expect(ask([notice(old, { persons: [other] })], now)).toBe('no-notice');
    expect(ask([notice(old, { persons: [other] }), notice('2026-06-01T10:00:00+09:00', { source: 'Communication/2' })], now)).toBe('wait');
  });
  test('one taken back counts for nothing', () => expect(ask([notice(old, { until: at(now) })], now)).toBe('no-notice'));
  test('without a number, or without an institution: not clear', () => {
    const {
      number: _,
      institution: __,
      ...question
    } = { purpose: 'intake', lines: [notice(old)], institution: h1, number: mine, now: at(now), waitDays: 30, timeZone } as const;
    expect(decide({ ...question, institution: h1 })).toBe('no-number');
    expect(decide({ ...question, number: mine })).toBe('no-number');
  });
});

describe('which notice the wait is counted from', () => {
  const now = '2026-06-15T12:00:00+09:00';
  const old = notice('2026-01-01T10:00:00+09:00');
  const fresh = notice('2026-06-01T10:00:00+09:00', { source: 'Communication/2' });
  test('one that is outdated does not spare the wait of the one that takes its place', () => {
    expect(ask([old, fresh], now)).toBe('clear');
    expect(ask([old, fresh], now, { outdated: new Set([old.source]) })).toBe('wait');
  });
  test('one that no guardian heard does not either', () => {
    expect(ask([old, fresh], now, { guarded: new Set([fresh.source]) })).toBe('wait');
  });
  test('the rule of the month is kept where it is set', () => {
    const told = notice('2026-01-31T10:00:00+09:00');
    const question = { waitDays: 0, waitRule: 'later-of-month' } as const;
    expect(ask([told], '2026-02-01T10:00:00+09:00', { waitDays: 0 })).toBe('clear');
    expect(ask([told], '2026-02-28T10:00:00+09:00', question)).toBe('wait');
    expect(ask([told], '2026-03-01T10:00:00+09:00', question)).toBe('clear');
  });
});

describe('objections', () => {
  const now = '2026-06-15T12:00:00+09:00';
  const cleared = notice('2026-01-01T10:00:00+09:00');
  test.each<[string, Partial<ListEntry>, Decision]>([
    ['general', {}, 'objection'],
    ['limited to this institution', { sender: h1 }, 'objection'],
    ['limited to another', { sender: h2 }, 'clear'],
    ['not yet begun', { from: at('2026-07-01') }, 'clear'],
    ['begun', { from: at('2026-06-01') }, 'objection'],
    ['ends in time to come', { until: at('2026-07-01') }, 'objection'],
    ['withdrawn, notice older', { until: at('2026-03-01') }, 'no-notice'],
    ['withdrawn before the notice', { until: at('2025-12-31') }, 'clear'],
    ['withdrawn, limited to another', { until: at('2026-03-01'), sender: h2 }, 'clear'],
    ['of another record of the person', { persons: [other] }, 'objection'],
    ['with a time that is none', { until: Number.NaN }, 'objection'],
  ])('%s', (_, more, expected) => expect(ask([cleared, objection(more)], now)).toBe(expected));

  test('after a withdrawal a new notice has to wait like the first', () => {
    const withdrawn = objection({ until: at('2026-03-01') });
    expect(ask([cleared, withdrawn, notice('2026-06-01T10:00:00+09:00', { source: 'Communication/2' })], now)).toBe('wait');
    expect(ask([cleared, withdrawn, notice('2026-05-01T10:00:00+09:00', { source: 'Communication/2' })], now)).toBe('clear');
  });
  test('a notice of the moment at which the objection ended is none from after it', () => {
    const end = '2026-03-01T10:00:00+09:00';
    expect(ask([objection({ until: at(end) }), notice(end)], now)).toBe('no-notice');
    expect(ask([objection({ until: at(end) }), notice('2026-03-01T10:00:00.001+09:00')], now)).toBe('clear');
  });
  test('an objection that ended as it began, or before, ends what was said up to then', () => {
    expect(ask([cleared, objection({ from: at(now), until: at('2026-06-01') })], now)).toBe('no-notice');
  });
  test('with a beginning that is no time: in force', () => {
    expect(ask([cleared, objection({ from: Number.NaN })], now)).toBe('objection');
  });
  test('who needs no notice is bound by objections', () => {
    expect(ask([], now, { purpose: 'care' })).toBe('clear');
    expect(ask([objection()], now, { purpose: 'care' })).toBe('objection');
  });
  test('research on data of unknown origin: every objection covers it', () => {
    expect(decide({ purpose: 'research', lines: [objection({ sender: h2 })], now: at(now), waitDays: 30, timeZone })).toBe('objection');
    expect(decide({ purpose: 'research', lines: [objection({ sender: h2 })], institution: h1, now: at(now), waitDays: 30, timeZone })).toBe(
      'clear',
    );
  });
});

/** The rule once more, slowly: day after day on a calendar of its own, and only by what is written in the law's words. */
function slow(q: Question): Decision {
  const tokyo = (ms: number): string => new Date(ms + 9 * 3_600_000).toISOString().slice(0, 10);
  const dayAfter = (date: string): string => new Date(Date.parse(`${date}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  const here = q.lines.filter(l => l.list === 'objection').filter(l => !l.sender || !q.institution || l.sender === q.institution);
  for (const o of here) if (o.from <= q.now && (o.until === undefined || q.now <= o.until)) return 'objection';
  if (q.purpose !== 'intake') return 'clear';
  if (!q.institution || !q.number) return 'no-number';
  let best: Decision = 'no-notice';
  for (const n of q.lines) {
    if (n.list !== 'notice' || n.sender !== q.institution || n.until !== undefined || !n.persons.includes(q.number) || n.from > q.now)
      continue;
    if (here.some(o => o.from <= q.now && o.until !== undefined && o.until >= n.from)) continue;
    if (best === 'no-notice') best = 'wait';
    let date = dayAfter(tokyo(n.from));
    for (let waited = 0; waited < q.waitDays; waited++) date = dayAfter(date);
    if (tokyo(q.now) >= date) best = 'clear';
  }
  return best;
}

test('decide is the slow rule, for all combinations of purpose, institution, period, status and identifier', () => {
  const span = 100 * 86_400_000;
  const start = at('2028-01-15T00:00:00+09:00');
  const time = fc.oneof(
    fc.integer({ min: start, max: start + span }),
    fc.integer({ min: 0, max: 100 }).map(d => start + d * 86_400_000),
  );
  const persons = fc.constantFrom([mine], [mine, other], [other], ['Patient/1']);
  const given = fc.record({
    list: fc.constant('notice'),
    source: fc.constant('Communication/1'),
    persons,
    from: time,
    sender: fc.constantFrom(h1, h1, h2),
  });
  const any = fc.record(
    {
      list: fc.constantFrom('notice', 'objection', 'objection', 'something'),
      source: fc.constant('x/1'),
      persons,
      from: fc.oneof(time, fc.constant(0)),
      sender: fc.constantFrom(h1, h2),
      until: time,
    },
    { requiredKeys: ['list', 'source', 'persons', 'from'] },
  );
  const question = fc
    .record({
      purpose: fc.constantFrom('intake', 'intake', 'intake', 'care', 'research'),
      notices: fc.array(given, { maxLength: 3 }),
      more: fc.array(any, { maxLength: 2 }),
      institution: fc.option(fc.constantFrom(h1, h1, h1, h2), { nil: undefined, freq: 8 }),
      number: fc.option(fc.constantFrom(mine, mine, other), { nil: undefined, freq: 8 }),
      now: time,
      waitDays: fc.integer({ min: 0, max: 40 }),
      timeZone: fc.constant(timeZone),
    })
    .map(({ notices, more, ...rest }) => ({ ...rest, lines: [...notices, ...more] }));
  const met: Record<string, number> = {};
  fc.assert(
    fc.property(question as unknown as fc.Arbitrary<Question>, q => {
      const decision = decide(q);
      met[decision] = (met[decision] ?? 0) + 1;
      expect(decision).toBe(slow(q));
    }),
    { numRuns: 4000, seed: 7 },
  );
  for (const decision of ['clear', 'objection', 'no-number', 'no-notice', 'wait']) expect(met[decision]).toBeGreaterThan(20);
});
