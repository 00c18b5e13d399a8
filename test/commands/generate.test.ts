// noren generate: DIR/notices/<institution>.ndjson, DIR/<institution>/*.json, DIR/truth.json
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command, today, writeHospitals } from '../../src/commands/generate.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-generate-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(f => /json$/.test(f))
    .sort();
const request = { patients: 60, seed: 's', day: '2026-04-01' };

test('generate: the same seed, day and number give the same files, byte for byte', () => {
  const [a, b] = ['a', 'b'].map(name => path.join(root, name));
  writeHospitals(request, a!);
  writeHospitals(request, b!);
  expect(files(a!).length).toBeGreaterThan(60);
  expect(files(a!)).toEqual(files(b!));
  for (const file of files(a!))
    expect([file, readFileSync(path.join(a!, file)).equals(readFileSync(path.join(b!, file)))]).toEqual([file, true]);
});

test('generate: truth.json names every bundle once, and notices say who was told', () => {
  const out = path.join(root, 'truth');
  const written = writeHospitals(request, out);
  const truth = JSON.parse(readFileSync(path.join(out, 'truth.json'), 'utf8'));
  const records = truth.persons.flatMap((p: { records: unknown[] }) => p.records) as {
    file: string;
    cleared: boolean;
    noticed?: string;
    institution: string;
    number: string;
  }[];
  expect(truth.persons).toHaveLength(60);
  expect(records.map(r => r.file).sort()).toEqual(files(out).filter(f => f.includes('hospital-') && !f.startsWith('notices')));
  expect(records.filter(r => !r.cleared).map(r => r.file.startsWith('uncleared/'))).toEqual([true, true]);
  const lines = ['hospital-1', 'hospital-2'].flatMap(i =>
    readFileSync(path.join(out, 'notices', `${i}.ndjson`), 'utf8')
      .trim()
      .split('\n'),
  );
  expect(lines.map(l => JSON.parse(l).subject.identifier.value).sort()).toEqual(
    records
      .filter(r => r.noticed !== undefined)
      .map(r => r.number)
      .sort(),
  );
  expect(written).toMatchObject({ patients: 60, notices: lines.length, uncleared: 2 });
  expect(written.bundles['hospital-1']! + written.bundles['hospital-2']! + 2).toBe(records.length);
});

test('generate: a directory that is not empty is refused and left as it is', () => {
  const out = mkdtempSync(path.join(root, 'full-'));
  writeFileSync(path.join(out, 'mine.txt'), 'x');
  expect(() => writeHospitals(request, out)).toThrow('is not empty');
  expect(readdirSync(out)).toEqual(['mine.txt']);
});

test('generate: a wrong or missing flag is refused with one sentence, and nothing is written', async () => {
  const out = path.join(root, 'never');
  const good = ['--patients', '3', '--seed', '1', '--out', out];
  for (const [args, sentence] of [
    [good.slice(2), '--patients must be a whole number'],
    [['--patients', '0', ...good.slice(2)], '--patients must be a whole number'],
    [['--patients', '1e3', ...good.slice(2)], '--patients must be a whole number'],
    [[...good.slice(0, 2), ...good.slice(4)], '--seed must be given'],
    [good.slice(0, 4), '--out must be given'],
    [[...good, '--day', '2026-02-30'], '--day must be a day'],
    [[...good, '--day', 'today'], '--day must be a day'],
    [[...good, '--fast'], '--help lists the flags'],
  ] as const) {
    await expect(command.run([...args])).rejects.toThrow(sentence);
  }
  expect(existsSync(out)).toBe(false);
  expect(await command.run([...good, '--day', '2026-04-01'])).toBe(0);
});

test('generate: today is the day in Japan', () => {
  expect(today(Date.parse('2026-03-31T14:59:59Z'))).toBe('2026-03-31');
  expect(today(Date.parse('2026-03-31T15:00:00Z'))).toBe('2026-04-01');
});
