// docs/deidentification/offline.md: pieces of files and the lines in them
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Input } from '../../src/offline/inputs.ts';
import { type Piece, reading, textsOf } from '../../src/offline/pieces.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-pieces-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function textsIn(input: Input, pieces: readonly Piece[]): Promise<{ texts: string[]; lines: number; numbers: number[] }> {
  const texts: string[] = [];
  const numbers: number[] = [];
  let lines = 0;
  for (const piece of pieces) {
    const read = reading();
    for await (const batch of textsOf(input, piece, read))
      for (const { line, bytes } of batch) {
        texts.push(bytes.toString());
        numbers.push(lines + line);
      }
    lines += read.lines;
  }
  return { texts, lines, numbers };
}

const written = (text: string, gz = false): Input => {
  const file = path.join(root, gz ? 'x.ndjson.gz' : 'x.ndjson');
  const bytes = gz ? gzipSync(text) : Buffer.from(text);
  writeFileSync(file, bytes);
  return { file, name: 'x.ndjson', folder: 'in', lines: true, gz, bytes: bytes.length };
};

test('pieces: however a file is cut, each line comes once, whole, and with its number', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('', '{}', 'aあ', 'longer than a piece'), { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (lines, ends, size) => {
        const text = lines.join('\n') + (ends ? '\n' : '');
        const input = written(text);
        const pieces = Array.from({ length: Math.max(1, Math.ceil(input.bytes / size)) }, (_, number) => ({
          number,
          from: number * size,
          to: Math.min(input.bytes, (number + 1) * size),
        }));
        const { texts, numbers } = await textsIn(input, pieces);
        expect(texts).toEqual(lines.filter(line => line !== ''));
        expect(numbers).toEqual(lines.flatMap((line, i) => (line === '' ? [] : [i + 1])));
      },
    ),
    { numRuns: 300 },
  ));

test('pieces: a compressed file gives the same lines, a cut one is told of without what is in it', async () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => (i % 7 === 0 ? '' : `{"number":${i},"text":"${'x'.repeat(i % 90)}"}`));
  const input = written(lines.join('\n'), true);
  const { texts, numbers } = await textsIn(input, [{ number: 0, from: 0, to: input.bytes }]);
  expect(texts).toEqual(lines.filter(line => line !== ''));
  expect(numbers).toEqual(lines.flatMap((line, i) => (line === '' ? [] : [i + 1])));
  writeFileSync(input.file, gzipSync(lines.join('\n')).subarray(0, 2000));
  await expect(textsIn(input, [{ number: 0, from: 0, to: 2000 }])).rejects.toThrow(/^cannot be read, or is not compressed as gzip$/);
});
