// contract: silence of an institution holds its intake (law-and-japan, test c). https://hl7.org/fhir/R4/operations.html
import { expect, test } from '@jest/globals';
import { reportCheck } from '../../src/consent/reconciliation.ts';
import { day, noon } from './ground.ts';

const books =
  (...reports: object[]) =>
  (name: string) =>
    (name === 'reports' ? reports : []) as never;
const held =
  (days: number, now: number, ...reports: object[]) =>
  () =>
    reportCheck('Organization/hospital-1', days, () => now, 'Bundle').judge([], books(...reports));
const report = (time: number, more: object = {}) => ({
  institution: 'Organization/hospital-1',
  match: true,
  time,
  end: '2100-01-01',
  ...more,
});

test('silence: held after so many days without a matching report of this institution, to the millisecond', () => {
  expect(held(7, noon + 7 * day, report(noon))).not.toThrow();
  expect(held(7, noon + 7 * day + 1, report(noon))).toThrow('too long');
  expect(held(7, noon + 7 * day + 1, report(noon), report(noon + day))).not.toThrow();
  expect(held(7, noon)).toThrow('too long');
});

test('silence: reports that do not match, or of another institution, do not break it', () => {
  expect(held(7, noon, report(noon, { match: false }))).toThrow('too long');
  expect(held(7, noon, report(noon, { institution: 'Organization/hospital-2' }))).toThrow('too long');
});

test('silence: a report speaks of its own days; an old one that comes again is silence', () => {
  expect(held(7, noon, report(noon, { end: '1990-01-01' }))).toThrow('too long');
  const yesterday = new Date(noon - day).toISOString().slice(0, 10);
  expect(held(7, noon, report(noon, { end: yesterday }))).not.toThrow();
  expect(held(7, noon + 8 * day, report(noon + 8 * day, { end: yesterday }))).toThrow('too long');
});

test('silence: 0 days: it does not matter', () => {
  expect(held(0, noon)).not.toThrow();
});
