// https://hl7.org/fhir/R4/security.html: work that somebody else wrote the rules of ends when it must
import { expect, test } from '@jest/globals';
import { withDeadline } from '../../../src/fhir/model/deadline.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';

const kindOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return thrown instanceof Problem ? thrown.kind : thrown;
  }
};

test('what ends in time gives its result, and what it throws', () => {
  expect(withDeadline(1000, () => 1 + 1)).toBe(2);
  const wrong = new TypeError('wrong');
  expect(() =>
    withDeadline(1000, () => {
      throw wrong;
    }),
  ).toThrow(wrong);
});

test.each<[string, () => unknown]>([
  [
    'a loop',
    () => {
      for (;;);
    },
  ],
  ['a regular expression that goes back and forth', () => /^(a+)+$/.test(`${'a'.repeat(60)}b`)],
  [
    'a loop that catches everything',
    () => {
      for (;;) {
        try {
          for (;;);
        } catch {
          // Goes on.
        }
      }
    },
  ],
])('%s is stopped, and the next one runs', (_, work) => {
  const start = performance.now();
  expect(kindOf(() => withDeadline(50, work))).toBe('too-costly');
  expect(performance.now() - start).toBeLessThan(1500);
  expect(withDeadline(1000, () => 'next')).toBe('next');
});
