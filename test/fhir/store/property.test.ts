// https://hl7.org/fhir/R4/search.html: every search gives what a slow, obvious evaluation gives, under every access

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Access, asServer } from '../../../src/fhir/model/access.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { searchParameters } from '../../../src/fhir/search/parameters.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { CompositeValue, Value } from '../../../src/fhir/search/values.ts';
import { openKeyring } from '../../../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/store.ts';
import type { Store } from '../../../src/fhir/store/store.ts';
import { evaluate, type Stored } from '../search/oracle.ts';
import { randomResource, seeded } from '../search/resources.ts';

const settings = { base: 'http://noren.test/fhir', timeZone: 'Asia/Tokyo' };
const types = ['Patient', 'Observation', 'Condition', 'Encounter', 'Organization'];
const random = seeded(20_260_401);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-property-'));
const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 1) });
let store: Store;
interface Sent extends Stored {
  readonly sender: string;
}
const current = new Map<string, Sent>();

/** Half of the references lead to resources that are there, so that chains have somewhere to go. */
const aim = (node: unknown): void => {
  if (node === null || typeof node !== 'object') return;
  const object = node as Record<string, unknown>;
  if (typeof object['reference'] === 'string' && random() < 0.7) object['reference'] = `${pick(types)}/r${Math.floor(random() * 12)}`;
  for (const child of Object.values(object)) aim(child);
};

beforeAll(async () => {
  store = await openSqliteStore({
    directory: path.join(directory, 'store'),
    keyring,
    baseUrl: settings.base,
    timeZone: settings.timeZone,
    synchronous: 'normal',
  });
  for (let n = 0; n < 160; n++) {
    const type = pick(types);
    const id = `r${Math.floor(random() * 12)}`;
    const key = `${type}/${id}`;
    const sender = current.get(key)?.sender ?? `Organization/h${Math.floor(random() * 2)}`;
    current.delete(key);
    if (random() < 0.1) {
      await store.commit({ writes: [{ type, id, expect: 'any', sender }] });
      continue;
    }
    const resource = { ...randomResource(type, random), id } as AnyResource;
    aim(resource);
    const { versions } = await store.commit({ writes: [{ type, id, resource, expect: 'any', sender }] });
    current.set(key, { type, id, resource: JSON.parse(versions[0]!.bytes.toString()), lastUpdated: versions[0]!.lastUpdated, sender });
  }
}, 120_000);
afterAll(async () => {
  await store.close();
  keyring.close();
  rmSync(directory, { recursive: true, force: true });
});

const extract = createExtractor(settings);
const escaped = (text: string): string => text.replace(/[\\$|,]/g, mark => `\\${mark}`);
const day = (ms: number): string => new Date(Math.max(-6e13, Math.min(2e14, ms))).toISOString();

/** A value as a client would write it, or one that nobody has. */
function written(type: string, value: Value): string {
  const v = value as readonly (string | number | null)[];
  const prefix = pick(['', '', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb']);
  switch (type) {
    case 'token':
      return pick([
        `${escaped(String(v[1] ?? ''))}`,
        `${escaped(String(v[0] ?? ''))}|${escaped(String(v[1] ?? ''))}`,
        `|${escaped(String(v[1] ?? ''))}`,
        `${escaped(String(v[0] ?? 'urn:none'))}|`,
      ]);
    case 'string':
      return escaped(String(value).slice(0, 1 + Math.floor(random() * 6)));
    case 'date':
      return prefix + day(v[0] as number).slice(0, pick([4, 7, 10, 10]));
    case 'number':
      return prefix + String(v[0]);
    case 'quantity':
      return (
        prefix +
        pick([
          String(v[0]),
          `${v[0]}|${escaped(String(v[2] ?? ''))}|${escaped(String(v[3] ?? ''))}`,
          `${v[0]}||${escaped(String(v[3] ?? v[4] ?? ''))}`,
        ])
      );
    default:
      return escaped(String(value));
  }
}

function ask(type: string): [string, string] {
  const parameters = [...searchParameters(type).values()].filter(one => one.type !== 'special' && !one.code.startsWith('_'));
  const parameter = pick(parameters);
  const holders = [...current.values()].filter(one => one.type === type);
  const values = holders.flatMap(one => extract(one.resource)[parameter.code] ?? []);
  const asWritten = (value: Value): string =>
    parameter.components
      ? parameter.components.map((part, i) => written(part.type, pick((value as CompositeValue)[i] ?? ['x']))).join('$')
      : written(parameter.type, value);
  const value = values.length > 0 ? asWritten(pick(values)) : pick(['x', '2020', '1', 'x$1']);
  const name =
    parameter.code +
    (random() < 0.1
      ? ':missing'
      : parameter.type === 'token' && random() < 0.15
        ? ':not'
        : parameter.type === 'string'
          ? pick(['', '', ':exact', ':contains'])
          : '');
  if (name.endsWith(':missing')) return [name, pick(['true', 'false'])];
  return [name, random() < 0.2 && values.length > 0 ? `${value},${asWritten(pick(values))}` : value];
}

function question(type: string): [string, string][] {
  const asked: [string, string][] = [];
  for (let n = 1 + Math.floor(random() * 2); n > 0; n--) {
    const kind = random();
    const references = [...searchParameters(type).values()].filter(
      one => one.type === 'reference' && one.targets.some(target => types.includes(target)),
    );
    if (kind < 0.15 && references.length > 0) {
      const reference = pick(references);
      const target = pick(reference.targets.filter(one => types.includes(one)));
      const [name, value] = ask(target);
      asked.push([`${reference.code}:${target}.${name}`, value]);
    } else if (kind < 0.3) {
      const source = pick(types);
      const back = [...searchParameters(source).values()].filter(one => one.type === 'reference' && one.targets.includes(type));
      if (back.length === 0) continue;
      const [name, value] = ask(source);
      asked.push([`_has:${source}:${pick(back).code}:${name}`, value]);
    } else asked.push(ask(type));
  }
  if (random() < 0.3)
    asked.push([
      '_sort',
      pick(['', '-']) +
        pick(
          [...searchParameters(type).values()]
            .filter(one => one.type === 'date' || one.type === 'string' || one.type === 'quantity')
            .map(one => one.code)
            .concat('_id', '_lastUpdated'),
        ),
    ]);
  return asked;
}

const all = asServer('property test');
const accesses: [string, Access, (one: Sent) => boolean][] = [
  ['everything', all, () => true],
  ['one sender', { ...all, reach: { '*': [{ sender: 'Organization/h0' }] } }, one => one.sender === 'Organization/h0'],
  [
    'some types',
    { ...all, reach: { Patient: [{}], Observation: [{ sender: 'Organization/h1' }] } },
    one => one.type === 'Patient' || (one.type === 'Observation' && one.sender === 'Organization/h1'),
  ],
];

test('search: 1,500 generated queries find what the obvious evaluation finds, in its order, with its total', async () => {
  let compared = 0;
  let found = 0;
  const wrong: unknown[] = [];
  for (let n = 0; n < 1500; n++) {
    const type = pick(types);
    const pairs = question(type);
    let query: ReturnType<typeof parseSearch>['query'];
    try {
      ({ query } = parseSearch(type, pairs, { defaultCount: 1000, maxCount: 1000, base: settings.base, timeZone: settings.timeZone }));
    } catch (error) {
      // A modifier that this type of parameter does not take, or a value that another type's is no example of.
      if (error instanceof Problem && error.status === 400) continue;
      throw error;
    }
    for (const [name, access, sees] of accesses) {
      const expected = evaluate(query, [...current.values()].filter(sees), settings);
      const page = await store.search(access, query);
      const got = page.matches.map(version => version.id);
      compared++;
      found += got.length;
      if (JSON.stringify(got) !== JSON.stringify(expected) || page.total !== expected.length)
        wrong.push({ type, pairs, access: name, expected, got });
    }
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(compared).toBeGreaterThan(2500);
  expect(found).toBeGreaterThan(2000);
}, 120_000);
