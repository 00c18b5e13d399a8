// docs/deidentification/offline.md: who does what
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Crew } from '../../src/offline/crew.ts';
import { piecesOf } from '../../src/offline/pieces.ts';
import { placeWords } from '../../src/offline/shelf.ts';
import { Table } from '../../src/offline/table.ts';
import type { Surveyed } from '../../src/offline/worker.ts';
import { policyNamed } from '../../src/release/policies.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-crew-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const crewOf = (size: number): Crew =>
  new Crew(size, {
    plan: {
      ...{ policy: policyNamed('jp-anonymized').policy, secret: Buffer.alloc(32, 7), base: 'https://noren.example/fhir' },
      ...{ now: Date.parse('2026-04-01'), timeZone: 'Asia/Tokyo' },
    },
    words: new Table(2).shared,
    shelf: { folder, key: Buffer.alloc(32, 1) },
  });

test('crew: pieces are given out in turn, so that nobody is idle while another has two; each is answered once', async () => {
  const file = path.join(folder, 'o.ndjson');
  writeFileSync(file, `${JSON.stringify({ resourceType: 'Observation', id: 'o', note: [{ text: 'x'.repeat(1000) }] })}\n`.repeat(15_000));
  const input = { file, name: 'o.ndjson', folder: 'in', lines: true, gz: false, bytes: statSync(file).size };
  const pieces = piecesOf(input);
  expect(pieces).toHaveLength(4);
  const crew = crewOf(2);
  try {
    const by: [piece: number, thread: number][] = [];
    await crew.all(
      pieces.map(piece => ({ kind: 'survey', input, piece }) as const),
      (answer, { piece }) => {
        by.push([piece.number, (answer as Surveyed).notes![0]!]);
        return [];
      },
    );
    expect(by.map(([piece]) => piece).toSorted()).toEqual([0, 1, 2, 3]);
    const [first] = by;
    expect(by.filter(([, thread]) => thread === first![1])).toHaveLength(2);
  } finally {
    await crew.end();
  }
});

test('crew: where a task fails, the work ends with a sentence, whatever else was given out', async () => {
  const crew = crewOf(2);
  const groups = (from: number) => ({
    ...{ from, counts: Uint32Array.of(1), kept: new Float64Array(placeWords).fill(99), lastDays: Float64Array.of(0) },
  });
  try {
    await expect(
      crew.all(
        [0, 1, 2, 3, 4, 5].map(from => ({ kind: 'persons', groups: groups(from), rows: new SharedArrayBuffer(1024) }) as const),
        () => [],
      ),
    ).rejects.toThrow('A worker failed: ENOENT.');
  } finally {
    await crew.end();
  }
});
