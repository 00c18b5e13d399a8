import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Recent } from '../../src/deid/recent.ts';

const counting = () => {
  const asked: string[] = [];
  const make = (text: string): string | undefined => {
    asked.push(text);
    return text.startsWith('x') ? undefined : `of ${text}`;
  };
  return { asked, make };
};

test('what was made of a text is made once as long as no other takes its place; that nothing came of it is remembered too', () => {
  const { asked, make } = counting();
  const recent = new Recent<string | undefined>();
  for (const text of ['Patient/1', 'Patient/1', 'x', 'x', '', 'Patient/1', 'x']) recent.of(text, make);
  expect(asked).toEqual(['Patient/1', 'x', '']);
  recent.clear();
  expect(recent.of('x', make)).toBeUndefined();
  expect(asked).toEqual(['Patient/1', 'x', '', 'x']);
});

test('of every text comes what is made of it, whatever came before and however texts share places', () => {
  for (const recent of [
    new Recent<string | undefined>(),
    new Recent<string | undefined>(2, () => -1),
    new Recent<string | undefined>(4, text => text.length),
  ]) {
    const { make } = counting();
    fc.assert(
      fc.property(fc.string({ maxLength: 3 }), text => expect(recent.of(text, make)).toBe(text.startsWith('x') ? undefined : `of ${text}`)),
    );
  }
});

test('where nothing can be made of a text, another text in its place is not taken for it', () => {
  const recent = new Recent<string>(1);
  recent.of('a', text => text);
  expect(() =>
    recent.of('b', () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(recent.of('b', text => text)).toBe('b');
});
