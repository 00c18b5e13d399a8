// A bar on anything longer than a second, for a terminal only.
import { expect, test } from '@jest/globals';
import { progress } from '../../src/commands/progress.ts';

const drawn = (isTTY: boolean, steps: readonly (readonly [ms: number, done: number])[], of?: number): string[] => {
  const written: string[] = [];
  let time = 0;
  const bar = progress('files', of, { isTTY, write: (text: unknown) => written.push(String(text)) > 0 }, () => time);
  for (const [ms, done] of steps) {
    time = ms;
    bar.at(done);
  }
  bar.end();
  return written;
};

test('progress: nothing is drawn in the first second, nor where nobody looks', () => {
  expect(
    drawn(
      true,
      [
        [500, 1],
        [999, 2],
      ],
      10,
    ),
  ).toEqual([]);
  expect(drawn(false, [[5000, 5]], 10)).toEqual([]);
});

test('progress: after a second it shows how much of how much, and is gone at the end', () => {
  const [first, end, ...more] = drawn(true, [[2000, 5]], 10);
  expect(first).toContain(`${'█'.repeat(15)}${'░'.repeat(15)}  50 % 5 of 10, 3/s`);
  expect(end).toBe('\r\u001b[K');
  expect(more).toEqual([]);
});

test('progress: it is drawn ten times a second at most, and without a bar when the whole is not known', () => {
  const written = drawn(true, [
    [2000, 5],
    [2050, 6],
    [2100, 7],
  ]);
  expect(written).toHaveLength(3);
  expect(written[1]).toContain('files 7, 3/s');
});
