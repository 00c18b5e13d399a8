// docs/operation/de-identify.md: files that were made for one client, as they are kept and given out
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Access } from '../../src/fhir/model/access.ts';
import { asServer } from '../../src/fhir/model/access.ts';
import { createFiles, type Shelf, shelfOfAll, shelfOfOne } from '../../src/http/files.ts';
import { createHeld } from '../../src/http/held.ts';
import { dropDatabase, freshUri, openKept, server } from '../fhir/store/mongodb/database.ts';

const start = Date.now();
let [now, moment] = [start, 1];
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  [now, moment] = [start, 1];
});

/** Of two processes; where there is one, twice the same. */
async function ofTwo(): Promise<readonly [Shelf, Shelf]> {
  const uri = freshUri();
  ends.push(() => dropDatabase(uri));
  const both: Shelf[] = [];
  for (let i = 0; i < 2; i++) {
    const [kept, close] = await openKept(uri, () => now);
    ends.push(close);
    both.push(shelfOfAll(kept, () => now));
  }
  return both as unknown as readonly [Shelf, Shelf];
}
async function ofOne(): Promise<readonly [Shelf, Shelf]> {
  const shelf = shelfOfOne(() => now);
  return [shelf, shelf];
}

const whoAsks = (client: string, operations: readonly string[] = ['anonymize']): Access => ({
  ...asServer('test'),
  agent: { client, role: 'institution', sender: `client/${client}`, purpose: 'TREAT' },
  operations,
});
const asker = whoAsks('a');
const patients = new Map([
  ['Patient', [Buffer.from('{"resourceType":'), Buffer.from('"Patient"}\n')]],
  ['Provenance', [Buffer.from('{}\n')]],
]);

const kinds: [string, () => Promise<readonly [Shelf, Shelf]>][] = [['one process', ofOne]];
if (server !== undefined) kinds.push(['two processes', ofTwo]);

describe.each(kinds)('files of %s', (_, open) => {
  const opened = async (room = 1000) => {
    const shelves = await open();
    return shelves.map(shelf =>
      createFiles({
        baseUrl: 'http://noren.test/fhir',
        lifeSeconds: 60,
        shelf,
        held: createHeld(room, () => now),
        moment: async () => moment,
        now: () => now,
      }),
    ) as [ReturnType<typeof createFiles>, ReturnType<typeof createFiles>];
  };
  const offer = async (files: ReturnType<typeof createFiles>, by: Access = asker) => {
    const { offered } = await files.offer(patients, { access: by, operation: 'anonymize', moment });
    return offered.map(({ url }) => url.slice('http://noren.test/fhir/_file/'.length));
  };

  test('one offers, the other gives: the bytes as they are, until when, and then no more', async () => {
    const [one, other] = await opened();
    const { offered, until } = await one.offer(patients, { access: asker, operation: 'anonymize', moment });
    expect(offered.map(({ type }) => type)).toEqual(['Patient', 'Provenance']);
    for (const { url } of offered) expect(url).toMatch(/^http:\/\/noren\.test\/fhir\/_file\/[\w-]{24}$/);
    const id = offered[0]!.url.split('/').at(-1)!;
    const { status, content, headers } = await other.fetch(id, asker);
    expect([status, content!.type, Buffer.concat(content!.bytes).toString(), Date.parse(headers!['expires']!)]).toEqual([
      200,
      'application/fhir+ndjson',
      '{"resourceType":"Patient"}\n',
      Math.floor(until / 1000) * 1000,
    ]);
    now = until;
    await expect(other.fetch(id, asker)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('another client does not get it, nor may it forget it; without the right to the operation it is not given', async () => {
    const [one, other] = await opened();
    const [id] = (await offer(one)) as [string];
    const foreign = await other.fetch(id, whoAsks('b')).catch(thrown => thrown);
    const never = await other.fetch('never', asker).catch(thrown => thrown);
    expect([foreign.kind, foreign.message]).toEqual(['not-found', never.message]);
    await expect(other.forget(id, whoAsks('b'))).rejects.toMatchObject({ kind: 'not-found' });
    await expect(other.fetch(id, whoAsks('a', ['de-identify']))).rejects.toMatchObject({ kind: 'forbidden' });
    expect((await other.fetch(id, asker)).status).toBe(200);
  });

  test('where anything has come in about anybody it is gone for good', async () => {
    const [one, other] = await opened();
    const [id] = (await offer(one)) as [string];
    moment++;
    await expect(other.fetch(id, asker)).rejects.toMatchObject({ kind: 'deleted' });
    moment--;
    await expect(one.fetch(id, asker)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('all of a call are kept, or none: beyond the room 422; what is forgotten or over gives its room back', async () => {
    const [one] = await opened(50);
    const [id, rest] = (await offer(one)) as [string, string];
    await expect(offer(one)).rejects.toMatchObject({ kind: 'too-costly' });
    await one.forget(id, asker);
    await expect(one.fetch(id, asker)).rejects.toMatchObject({ kind: 'not-found' });
    expect((await one.fetch(rest, asker)).status).toBe(200);
    await offer(one);
    await expect(offer(one)).rejects.toMatchObject({ kind: 'too-costly' });
    now += 60_000;
    expect(await offer(one)).toHaveLength(2);
  });
});
