import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Led } from '../../src/deid/led.ts';

test('a reference leads where it led before, nowhere too, and is looked for once as long as no other takes its place', () => {
  const led = new Led();
  const asked: string[] = [];
  const find = (text: string) => {
    asked.push(text);
    return text.startsWith('x') ? undefined : { reference: `to ${text}` };
  };
  for (const text of ['Patient/1', 'Patient/1', 'x', 'x', '', 'Patient/1', 'x']) led.to(text, find);
  expect(asked).toEqual(['Patient/1', 'x', '']);
  fc.assert(
    fc.property(fc.string(), text => expect(led.to(text, find)).toEqual(text.startsWith('x') ? undefined : { reference: `to ${text}` })),
  );
});
