// Lists of numbers that hospitals send: what is made to stall whoever reads it takes no longer than any other of its length.
import { expect, test } from '@jest/globals';
import { readNumberList } from '../../src/operations/number-list.ts';
import { cpuTime } from '../cpu-time.ts';

test.each(['\n', '\r', '"', ',', ' ', '"\n', '" '])('a field of 300,000 times %j', fill => {
  const csv = `value,system\n"${fill.repeat(300_000 / fill.length)}x",urn:x\n`;
  const before = cpuTime();
  const { rows } = readNumberList({ contentType: 'text/csv', data: Buffer.from(csv).toString('base64') }, undefined, 1_000_000);
  expect(rows.length).toBeGreaterThan(0);
  expect(cpuTime() - before).toBeLessThan(2000);
});
