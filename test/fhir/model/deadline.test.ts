// https://hl7.org/fhir/R4/security.html: work that somebody else wrote the rules of ends when it must
import { expect, test } from '@jest/globals';
import { withDeadline } from '../../../src/fhir/model/deadline.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import { cpuTime } from '../../cpu-time.ts';

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
  const start = cpuTime();
  expect(kindOf(() => withDeadline(50, work))).toBe('too-costly');
  expect(cpuTime() - start).toBeLessThan(1500);
  expect(withDeadline(1000, () => 'next')).toBe('next');
});

/** Waits without working. */
const wait = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('work that only waited, because the machine stood still, is begun again', () => {
  let begun = 0;
  const work = () => {
    if (++begun === 1) wait(500);
    return begun;
  };
  expect(withDeadline(250, work)).toBe(2);
});

test('it is not begun again and again', () => {
  let begun = 0;
  const work = () => {
    begun++;
    wait(80);
  };
  expect(kindOf(() => withDeadline(40, work))).toBe('too-costly');
  expect(begun).toBe(2);
});

test('work that had the processor is not begun again', () => {
  const begun: number[] = [];
  const work = () => {
    begun.push(cpuTime());
    for (;;);
  };
  expect(kindOf(() => withDeadline(200, work))).toBe('too-costly');
  const worked = begun.slice(1).map((time, i) => time - begun[i]!);
  // Nothing, but on a machine that stood still.
  expect(worked.filter(ms => ms > 105)).toEqual([]);
});
