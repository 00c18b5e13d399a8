// docs/deidentification.md (threats), docs/deidentification/offline.md#in-and-out: files of the same persons under two keys
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { inputsOf } from '../../src/offline/inputs.ts';
import { keysUnder } from '../../src/offline/keys.ts';
import { deidentifyFiles } from '../../src/offline/run.ts';
import { policyNamed } from '../../src/release/policies.ts';
import { base } from '../release/ground.ts';
import { byChance, type Dossier, dossiers, foundByNearest, foundByShared, nearest, patientOf, shared } from '../release/joining.ts';
import { population, shuffled } from '../release/same-persons.ts';

/** So many have their lines in a file together, and as many a file each. */
const half = 30;
const people = population(2 * half);
let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-unlinkable-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Written {
  readonly files: readonly { readonly file: string; readonly text: string }[];
  /** Resources in the order of the files' names, and of the lines in each. */
  readonly persons: readonly Dossier[];
}

async function released(folder: string, key: number): Promise<Written> {
  const out = `${folder}-${key}`;
  const { policy, hash } = policyNamed('jp-anonymized');
  const secret = Buffer.alloc(32, key);
  const plan = { policy, secret, base, now: Date.parse('2026-06-15'), timeZone: 'Asia/Tokyo' };
  await deidentifyFiles(
    {
      ...{ plan, policy: { name: policy.name, version: policy.version, hash }, inputs: inputsOf([folder], out), out, workers: 1 },
      ...{ resume: false, rename: true, skipBad: false },
    },
    { at: () => {}, bad: () => {}, fileDone: () => {} },
  );
  const keys = keysUnder(secret, policy);
  const truth = new Map(people.map((person, i) => [keys.pseudonym('Patient', person.name), i]));
  const names = readdirSync(out).filter(file => file !== 'provenance.json');
  const files = names.sort().map(file => ({ file, text: readFileSync(path.join(out, file), 'utf8') }));
  const lines = files.flatMap(({ text }) => text.split('\n').filter(line => line !== ''));
  const resources = lines.map(line => JSON.parse(line) as AnyResource);
  return { files, persons: dossiers(resources, resource => truth.get(patientOf(resource))!) };
}
const asLines = (resources: readonly AnyResource[]): string => resources.map(one => `${JSON.stringify(one)}\n`).join('');
/** References by the full URL of an entry are those of Bundles. */
const plain = (person: (typeof people)[number]): AnyResource[] => {
  const names = new Map(person.entries.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`]));
  return person.entries.map(
    ({ resource }) => JSON.parse(JSON.stringify(resource).replace(/urn:uuid:[0-9a-f-]{36}/g, url => names.get(url) ?? url)) as AnyResource,
  );
};
/** The attacks whose person is found more often than chance finds one. */
const successful = (one: readonly Dossier[], two: readonly Dossier[]): string[] => [
  ...Object.entries(nearest).flatMap(([name, of]) => (foundByNearest(one.map(of), two.map(of)) > byChance ? [name] : [])),
  ...Object.entries(shared).flatMap(([name, of]) => (foundByShared(one.map(of), two.map(of)) > byChance ? [name] : [])),
];

test('files: the same persons under two keys are not found again, neither where their lines stand together in a file, nor where each has a file, by its name, its place or its size', async () => {
  const folder = path.join(root, 'in');
  mkdirSync(folder);
  const sender = new Map(people.flatMap((person, i) => plain(person).map(resource => [resource, i] as const)));
  const sent = shuffled([...sender.keys()]);
  const of = (i: number): AnyResource[] => sent.filter(resource => sender.get(resource) === i);
  writeFileSync(path.join(folder, 'all.ndjson'), asLines(sent.filter(resource => sender.get(resource)! < half)));
  for (let i = half; i < 2 * half; i++) writeFileSync(path.join(folder, `${String(i).padStart(3, '0')}.ndjson`), asLines(of(i)));
  const [one, two] = [await released(folder, 1), await released(folder, 2)];
  expect(one.persons.map(dossier => dossier.length)).toEqual(new Array(2 * half).fill(7));
  const inFiles = dossiers(
    [...sent.filter(resource => sender.get(resource)! < half), ...people.flatMap((_, i) => (i < half ? [] : of(i)))],
    resource => sender.get(resource)!,
  );
  for (const [from, to] of [
    [0, half],
    [half, 2 * half],
  ] as const) {
    expect(successful(one.persons.slice(from, to), two.persons.slice(from, to))).toEqual([]);
    // What the attacks find in the files that were sent.
    expect(successful(inFiles.slice(from, to), inFiles.slice(from, to))).toEqual([...Object.keys(nearest), ...Object.keys(shared)]);
  }
  const names = new Set(one.files.map(({ file }) => file));
  expect(names.size).toBe(half + 1);
  expect(two.files.filter(({ file }) => names.has(file))).toEqual([]);
  // The common file has a size of its own.
  expect(new Set([...one.files, ...two.files].map(({ text }) => text.length)).size).toBe(2);
});
