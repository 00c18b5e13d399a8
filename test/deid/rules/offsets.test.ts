// https://hl7.org/fhir/R4/security.html: a treatment that a deadline stops and that begins again moves dates by the same days
import { expect, test } from '@jest/globals';
import { offsets } from '../../../src/deid/rules/offsets.ts';
import { withDeadline } from '../../../src/fhir/model/deadline.ts';

test('who is stopped while the days of a prefix are reckoned gets its own days the next time', () => {
  const long = 'second'.repeat(5_000_000);
  const own = offsets('key')(long);
  const days = offsets('key');
  expect(days('first')).not.toBe(own);
  expect(() => withDeadline(2, () => days(long))).toThrow();
  expect(days(long)).toBe(own);
});
