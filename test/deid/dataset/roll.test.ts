// Rolling up: persons are counted who have a code in what leaves.
import { expect, test } from '@jest/globals';
import { Few, token } from '../../../src/deid/dataset/few.ts';
import { keyOfFact } from '../../../src/deid/dataset/keys.ts';
import { aboveCode, aboveFact, roll } from '../../../src/deid/dataset/roll.ts';
import { hierarchyOf } from '../../../src/deid/hierarchy/index.ts';

const who = (code: string): string => `http://hl7.org/fhir/sid/icd-10|${code}`;
const k = 5;
const few = (from: number, to: number): Few => {
  const made = new Few();
  for (let person = from; person < to; person++) made.add(person, k);
  return made;
};
const met = (key: string, from: number, to: number) => ({ key, few: few(from, to), persons: to - from });
const above = aboveCode(hierarchyOf);
const everything = { k, above, holds: () => true, trace: false };
const becomes = (given: Parameters<typeof roll>[0], more: Partial<Parameters<typeof roll>[1]> = {}) =>
  Object.fromEntries(roll(given, { ...everything, ...more }).becomes);

test('a code that k persons share stays; rare ones become what is above them when they are k together', () => {
  expect(becomes([met(who('A00.0'), 0, 5), met(who('A00.1'), 5, 8), met(who('A00.9'), 8, 10)])).toEqual({
    [who('A00.0')]: who('A00.0'),
    [who('A00.1')]: who('A00'),
    [who('A00.9')]: who('A00'),
  });
});

test('many persons below a code do not hide the one who alone would have it', () => {
  expect(becomes([met(who('A00.0'), 0, 500), met(who('A00.1'), 500, 501)])).toEqual({
    [who('A00.0')]: who('A00.0'),
    [who('A00.1')]: undefined,
  });
});

test('the same persons under several codes are counted once', () => {
  expect(becomes([met(who('A00.1'), 0, 4), met(who('A00.9'), 0, 4)])).toEqual({ [who('A00.1')]: undefined, [who('A00.9')]: undefined });
});

test('what cannot stay at one step is counted again at the next, together with what else came there', () => {
  expect(becomes([met(who('A00.1'), 0, 2), met(who('A01.0'), 2, 4), met(who('A02'), 4, 5), met(who('B15.0'), 5, 6)])).toEqual({
    [who('A00.1')]: who('A00-A09'),
    [who('A01.0')]: who('A00-A09'),
    [who('A02')]: who('A00-A09'),
    [who('B15.0')]: undefined,
  });
});

test('where going leaves a trace, the rarest code that would stay goes too, so that k persons bear it', () => {
  const given = [met(who('A00.0'), 0, 9), met(who('B15.0'), 9, 15), met('urn:x|rare', 15, 16)];
  expect(becomes(given, { trace: true })).toEqual({ [who('A00.0')]: who('A00.0'), [who('B15.0')]: undefined, 'urn:x|rare': undefined });
  expect(becomes(given)[who('B15.0')]).toBe(who('B15.0'));
  expect(roll([met('urn:x|rare', 0, 3)], { ...everything, trace: true }).whole).toBe(true);
});

test('of several codings of one concept the one with a hierarchy is what is above them', () => {
  const both = `http://a.example|1\n${who('A00.1')}`;
  expect(above(both)).toBe(who('A00.1'));
  expect(above('http://a.example|1\nhttp://b.example|2')).toBe('http://a.example|1');
  expect(becomes([met(both, 0, 2), met(who('A00.1'), 2, 5)])).toEqual({ [both]: who('A00.1'), [who('A00.1')]: who('A00.1') });
});

test('of a fact its value goes first, then its code goes up', () => {
  const up = aboveFact(above, (_, value) => (value === '=<0.3 |mg|' ? '~|mg|' : undefined));
  expect(up(keyOfFact('a', '=<0.3 |mg|'))).toBe(keyOfFact('a', '~|mg|'));
  expect(up(keyOfFact('a', '=<0.3 |g|'))).toBe(keyOfFact('a', '?'));
  expect(up(keyOfFact(who('A00'), '~||mg'))).toBe(keyOfFact(who('A00'), '?'));
  expect(up(keyOfFact(who('A00'), who('B15.0')))).toBe(keyOfFact(who('A00'), who('B15')));
  expect(up(keyOfFact(who('A00'), '?'))).toBe(keyOfFact(who('A00-A09'), '?'));
  expect(up(keyOfFact(who('A00-B99'), ''))).toBeUndefined();
});

test('a hierarchy that goes round ends', () => {
  const round = (key: string): string | undefined => ({ a: 'b', b: 'a' })[key];
  expect(becomes([met('a', 0, 3), met('b', 3, 5)], { above: round })).toEqual({ a: 'b', b: 'b' });
  expect(becomes([met('a', 0, 1), met('b', 1, 2)], { above: round })).toEqual({ a: undefined, b: undefined });
});

test('a person has the same number everywhere, and others have others', () => {
  expect(token('Patient/1')).toBe(token('Patient/1'));
  expect(new Set(Array.from({ length: 10_000 }, (_, n) => token(`Patient/${n}`))).size).toBe(10_000);
  expect(Number.isSafeInteger(token('Patient/1'))).toBe(true);
});
