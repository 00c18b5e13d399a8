// Aho and Corasick 1975, doi:10.1145/360825.360855
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Automaton } from '../../../src/deid/text/automaton.ts';

const units = (text: string): Uint16Array => Uint16Array.from(text, c => c.charCodeAt(0));

function hits(forms: ReadonlyMap<string, number>, text: string): string[] {
  const out: string[] = [];
  new Automaton(forms).scan(units(text), text.length, (start, end, told) => out.push(`${start}-${end}:${told}`));
  return out.sort();
}

/** Every form at every place, one by one. */
function slowly(forms: ReadonlyMap<string, number>, text: string): string[] {
  const out: string[] = [];
  for (const [form, told] of forms)
    for (let at = text.indexOf(form); form !== '' && at >= 0; at = text.indexOf(form, at + 1))
      out.push(`${at}-${at + form.length}:${told}`);
  return out.sort();
}

test('every form is found at every place, also inside of another', () => {
  const forms = new Map([
    ['山田太郎', 1],
    ['山田', 2],
    ['田太', 3],
    ['郎', 4],
  ]);
  expect(hits(forms, '山田太郎と山田')).toEqual(['0-2:2', '0-4:1', '1-3:3', '3-4:4', '5-7:2']);
});

test('what it finds is what a look for each form finds', () => {
  const text = (most: number) => fc.string({ unit: fc.constantFrom('a', 'b', 'c', '山'), maxLength: most });
  fc.assert(
    fc.property(fc.array(text(6), { maxLength: 30 }), text(80), (list, where) => {
      const forms = new Map(list.filter(form => form !== '').map((form, i) => [form, i + 1]));
      expect(hits(forms, where)).toEqual(slowly(forms, where));
    }),
    { numRuns: 1000 },
  );
});

test('without forms nothing is found; an empty form is none', () => {
  expect(hits(new Map(), 'abc')).toEqual([]);
  expect(hits(new Map([['', 1]]), 'abc')).toEqual([]);
});

test('many forms: each is found, in a few dozen bytes per state', () => {
  const forms = new Map(Array.from({ length: 50_000 }, (_, i) => [`n${(i * 7919).toString(36)}x`, i + 1]));
  const automaton = new Automaton(forms);
  let found = 0;
  for (const [form, told] of forms)
    automaton.scan(units(form), form.length, (_start, end, what) => (found += end === form.length && what === told ? 1 : 0));
  expect(found).toBe(forms.size);
  expect(automaton.bytes / automaton.states).toBeLessThan(64);
});
