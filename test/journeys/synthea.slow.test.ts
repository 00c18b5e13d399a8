// https://hl7.org/fhir/R4/http.html#transaction: bundles of whole patients as Synthea writes them
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { load } from '../../src/commands/load.ts';
import { isSlow } from '../slow.ts';
import { openWorld, total, type World } from './world.ts';

const data = path.resolve(import.meta.dirname, '../../../shared/data');
const here = existsSync(path.join(data, 'synthea'));
if (isSlow && !here) console.warn('SKIPPED: the Synthea bundles are not beside this checkout (../shared/data/synthea).');
const slow = isSlow && here ? test : test.skip;

let world: World;
beforeAll(async () => {
  if (isSlow && here) world = await openWorld(1);
}, 60_000);
afterAll(async () => world?.close());

slow(
  'transaction: all Synthea bundles load, none is rejected',
  async () => {
    const [blaze, hiv, smart] = ['synthea-2021-07-blaze', 'synthea-2021-10-hiv', 'synthea-2.4.0-smart'] as const;
    const take = async (kind: string, set: string, concurrency: number) => {
      const loaded = await load({
        paths: [path.join(data, kind, set)],
        client: 'tester',
        url: world.baseUrl,
        data: world.data,
        concurrency,
      });
      console.log(
        `${kind}/${set}: ${loaded.resources} resources in ${loaded.seconds.toFixed(1)} s, ${Math.round(loaded.resources / loaded.seconds)} a second`,
      );
      expect(loaded.rejected).toEqual([]);
      return loaded.resources;
    };
    // The 2021 sets name practitioners by identifier; the 2.4.0 set posts the same organizations again, after which such references are rightly ambiguous.
    let sent = 0;
    for (const set of [blaze, hiv]) sent += await take('synthea-infra', set, 1);
    for (const set of [blaze, hiv]) sent += await take('synthea', set, 4);
    sent += await take('synthea-infra', smart, 1);
    sent += await take('synthea', smart, 4);
    expect(sent).toBeGreaterThan(90_000);
    const tester = await world.as('tester');
    expect(await total(tester, 'Patient')).toBeGreaterThan(150);
  },
  600_000,
);
