// docs/interaction/async.md, docs/mongodb.md: requests that are answered later, as they are remembered

import { afterEach, describe, expect, test } from '@jest/globals';
import { type Done, type Job, type Jobs, jobsOfAll, jobsOfOne } from '../../src/http/jobs.ts';
import { dropDatabase, freshUri, openKept, server } from '../fhir/store/mongodb/database.ts';

let now = Date.now();
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Of two processes; where there is one, twice the same. */
type Two = readonly [Jobs, Jobs];
async function ofTwo(): Promise<Two> {
  const uri = freshUri();
  ends.push(() => dropDatabase(uri));
  const both: Jobs[] = [];
  for (let i = 0; i < 2; i++) {
    const [kept, close] = await openKept(uri, () => now);
    ends.push(close);
    both.push(
      jobsOfAll(
        kept,
        () => now,
        () => {},
      ),
    );
  }
  return both as unknown as Two;
}
async function ofOne(): Promise<Two> {
  const jobs = jobsOfOne(() => now);
  return [jobs, jobs];
}

const job: Job = {
  owner: 'tester',
  rights: 'all',
  request: { method: 'GET', path: 'Patient', query: [['name', 'x']], headers: { prefer: 'respond-async' } },
  isRead: true,
};
const done = (more: Partial<Done> = {}): Done => ({
  entry: {
    fullUrl: 'urn:x',
    resource: [Buffer.from('{"resourceType":'), Buffer.from('"Patient"}')],
    rest: { response: { status: '200 OK' } },
  },
  patients: ['Patient/p'],
  lines: undefined,
  moment: 7,
  until: now + 60_000,
  ...more,
});
const resourceOf = ({ entry: { resource } }: Done) => Buffer.concat([resource as Buffer].flat()).toString();

const kinds: [string, () => Promise<Two>][] = [['one process', ofOne]];
if (server !== undefined) kinds.push(['two processes', ofTwo]);

describe.each(kinds)('jobs of %s', (_, open) => {
  test('what one has begun and finished the other finds, whole, until its time is over', async () => {
    const [one, other] = await open();
    expect(await one.begin('a', job, 2)).toBe(true);
    expect(await other.get('a')).toEqual(job);
    expect(await one.finish('a', { ...job, done: done() })).toBe(true);
    const found = (await other.get('a'))!;
    expect([resourceOf(found.done!), found.done!.lines, found.done!.moment]).toEqual(['{"resourceType":"Patient"}', undefined, 7]);
    expect([found.request, found.done!.entry.rest, found.done!.patients]).toEqual([
      job.request,
      { response: { status: '200 OK' } },
      ['Patient/p'],
    ]);
    now += 60_001;
    expect(await other.get('a')).toBeUndefined();
  });

  test('an owner has so many and no more, until one is dropped; another owner has his own', async () => {
    const [one, other] = await open();
    expect([await one.begin('a', job, 2), await other.begin('b', job, 2), await one.begin('c', job, 2)]).toEqual([true, true, false]);
    expect([await other.get('c'), await other.begin('d', { ...job, owner: 'another' }, 2)]).toEqual([undefined, true]);
    await other.drop('a');
    expect(await one.begin('e', job, 2)).toBe(true);
  });

  test('what is dropped while it is worked on stays gone when it is finished', async () => {
    const [one, other] = await open();
    await one.begin('a', job, 2);
    await other.drop('a');
    expect([await one.get('a'), await one.finish('a', { ...job, done: done() }), await other.get('a')]).toEqual([
      undefined,
      false,
      undefined,
    ]);
  });

  test('a decimal of what was asked keeps its digits', async () => {
    const [one, other] = await open();
    const { parseJson } = await import('../../src/fhir/model/json.ts');
    const body = parseJson('{"resourceType":"Parameters","parameter":[{"name":"x","valueDecimal":7.20}]}') as never;
    await one.begin('a', { ...job, request: { ...job.request, body } }, 2);
    expect(JSON.stringify((await other.get('a'))!.request.body)).toContain('7.20');
  });
});

(server === undefined ? test.skip : test)('one whose process is gone is waited for no longer than a minute', async () => {
  const [one, other] = await ofTwo();
  await one.begin('a', job, 2);
  now += 61_000;
  expect([await other.get('a'), await other.begin('b', job, 1)]).toEqual([undefined, true]);
});
