// https://hl7.org/fhir/R4/http.html#concurrency
import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { inTurn, Overtaken, untilSettled } from '../../../src/fhir/interactions/tries.ts';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import { Stale } from '../../../src/fhir/store/store.ts';

test('tries: done again while others were faster, and no longer', async () => {
  let done = 0;
  const work = async () => {
    done++;
    if (done === 1) throw new Stale();
    if (done === 2) throw new Overtaken();
    return done;
  };
  expect(await untilSettled(work)).toBe(3);
});

test('tries: after ten it is 409 with Retry-After; any other failure is thrown at once', async () => {
  let done = 0;
  const never = async () => {
    done++;
    throw new Stale();
  };
  const thrown = await untilSettled(never).catch((error: unknown) => error as Problem);
  expect(thrown).toMatchObject({ kind: 'conflict', headers: { 'Retry-After': '1' } });
  expect(done).toBe(10);
  let once = 0;
  await expect(
    untilSettled(async () => {
      once++;
      throw new Problem('precondition-failed');
    }),
  ).rejects.toThrow(Problem);
  expect(once).toBe(1);
});

test('turns: one after the other under one key, a failure holds nobody up, other keys do not wait', async () => {
  const order: string[] = [];
  const work = (name: string, ms: number) => async () => {
    order.push(`${name} begins`);
    await setTimeout(ms);
    order.push(`${name} ends`);
    if (name === 'a') throw new Error('a');
  };
  const a = inTurn('x', work('a', 20)).catch(() => 'failed');
  const b = inTurn('x', work('b', 1));
  const c = inTurn('y', work('c', 1));
  await Promise.all([a, b, c]);
  expect(order.filter(line => !line.startsWith('c'))).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(order.indexOf('c ends')).toBeLessThan(order.indexOf('a ends'));
  expect(await a).toBe('failed');
});
