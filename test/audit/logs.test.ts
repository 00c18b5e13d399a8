// docs/audit.md: the logs of several processes are read as one; https://hl7.org/fhir/R4/auditevent.html#search
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { type Audit, openAudit } from '../../src/audit/log.ts';
import { logOf, logsIn } from '../../src/audit/logs.ts';
import { forget, read, scratch, start } from './ground.ts';

const base = 'https://noren.test/fhir';
let data: string;
let now = start;
const logs: Audit[] = [];
const open = (worker?: number) =>
  openAudit({ ...logOf(data, worker), all: () => logsIn(data), now: () => now, sync: 'normal', maxSegmentBytes: 900, base });
const ids = (bundle: Bundle<AuditEvent>) => (bundle.entry ?? []).map(one => one.resource!.id!);
const patients = ['Patient/p1', 'Patient/p2'];

beforeAll(async () => {
  data = scratch();
  const before = await open();
  await before.record(read({ id: 'before' }));
  await before.close();
  for (const worker of [1, 2]) logs.push(await open(worker));
  for (let n = 0; n < 12; n++) {
    now += 1000;
    await logs[n % 3 === 0 ? 0 : 1]!.record(read({ id: `o${n}`, ...(n === 4 ? { patients } : {}) }));
  }
  // Two of one moment.
  now += 1000;
  for (const log of logs) await log.record(read({ id: 'together' }));
});
afterAll(async () => {
  for (const log of logs) await log.close();
  forget(data);
});

const oldest = '1 w1.1 w2.1 w2.2 w1.2 w2.3-1 w2.3-2 w2.4 w1.3 w2.5 w2.6 w1.4 w2.7 w2.8 w1.5 w2.9'.split(' ');

test('each process finds what all have recorded, newest first or oldest first', async () => {
  expect((await logsIn(data)).map(({ name }) => name)).toEqual(['', 'w1', 'w2']);
  for (const log of logs) {
    expect(ids(await log.search([['_sort', 'date']]))).toEqual(oldest);
    expect(ids(await log.search([]))).toEqual(oldest.toReversed().map(id => ({ 'w2.3-1': 'w2.3-2', 'w2.3-2': 'w2.3-1' })[id] ?? id));
    expect((await log.search([['_summary', 'count']])).total).toBe(16);
  }
});

test.each(['date', '-date'])(
  'pages by _sort=%s go through all logs, each event once, in whatever process the next page is asked for',
  async sort => {
    const whole = ids(await logs[0]!.search([['_sort', sort]]));
    for (const count of ['1', '3', '5']) {
      const found: string[] = [];
      let position: string | undefined;
      let turn = 0;
      do {
        const query: [string, string][] = [
          ['_sort', sort],
          ['_count', count],
          ...(position === undefined ? [] : [['_position', position] as [string, string]]),
        ];
        const page: Bundle<AuditEvent> = await logs[turn++ % 2]!.search(query, { link: p => `next:${p}` });
        found.push(...ids(page));
        position = page.link!.find(({ relation }) => relation === 'next')?.url?.slice('next:'.length);
      } while (position !== undefined);
      expect(found).toEqual(whole);
    }
  },
);

test('an event is read by its id in any process; a number without a log is one of who serves alone', async () => {
  for (const log of logs) for (const id of oldest) expect((await log.read(id))?.id).toBe(id);
  for (const id of ['2', 'w3.1', 'w1.6', 'w2.3', 'w0.1', 'w1.0']) expect(await logs[0]!.read(id)).toBeUndefined();
});

test('a line that another process is just writing is passed over', async () => {
  mkdirSync(logOf(data, 3).directory, { recursive: true });
  const third = await open(3);
  await third.record(read({ id: 'third' }));
  appendFileSync(path.join(logOf(data, 3).directory, '000001.log'), '2 half a li');
  expect(ids(await logs[0]!.search([['entity', 'Observation/third']]))).toEqual(['w3.1']);
  await third.close();
});
