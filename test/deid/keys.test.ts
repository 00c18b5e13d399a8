// RFC 5869, RFC 2104, RFC 9562 §5.8; https://hl7.org/fhir/R4/datatypes.html#id
import { createHmac, hkdfSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { seriesKeys } from '../../src/deid/keys.ts';
import { isId } from '../../src/fhir/model/r4.ts';

const one = seriesKeys(Buffer.alloc(32, 1));
const two = seriesKeys(Buffer.alloc(32, 2));

test('pseudonym: a valid id, the same each time, another for another type, name or secret', () => {
  const id = one.pseudonym('Patient', 'Patient/1');
  expect(isId(id)).toBe(true);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(seriesKeys(Buffer.alloc(32, 1)).pseudonym('Patient', 'Patient/1')).toBe(id);
  expect(
    new Set([id, one.pseudonym('Observation', 'Patient/1'), one.pseudonym('Patient', 'Patient/2'), two.pseudonym('Patient', 'Patient/1')])
      .size,
  ).toBe(4);
});

test.each(['', 'A-1', '患者', 'x'.repeat(1000), '\u{20bb7}'.repeat(300)])('hash: HMAC-SHA-256 as Node has it, of %p', text => {
  const key = Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 1), 'noren', 'deidentify:hash', 32));
  expect(one.hash(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
});

test('pseudonyms are what they were: a study goes on with them', () =>
  expect(one.pseudonym('Patient', 'Patient/1')).toBe('29900799-f63d-8883-ab31-b1cab5aa913b'));

test('uid: below the arc of UUIDs, at most 64 characters', () => {
  expect(one.uid('1.2.392.1')).toMatch(/^2\.25\.(0|[1-9]\d{0,38})$/);
  expect(one.uid('1.2.392.1')).not.toBe(one.uid('1.2.392.2'));
});

test('shift: whole days from 1 to 365 before or after, never 0, and as likely as any other', () => {
  const seen = new Map<number, number>();
  const draws = 73_000;
  for (let i = 0; i < draws; i++) {
    const days = one.shiftDays(`Patient/${i}`);
    seen.set(days, (seen.get(days) ?? 0) + 1);
  }
  const days = [...seen.keys()].sort((a, b) => a - b);
  expect(days).toEqual([...Array.from({ length: 365 }, (_, i) => i - 365), ...Array.from({ length: 365 }, (_, i) => i + 1)]);
  // Chi square with 729 degrees of freedom: 857 has p = 0.0006.
  const mean = draws / 730;
  expect([...seen.values()].reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0)).toBeLessThan(857);
});

test('shift: those of another secret tell nothing of it', () => {
  const same = Array.from({ length: 2000 }, (_, i) => one.shiftDays(`Patient/${i}`) === two.shiftDays(`Patient/${i}`)).filter(
    Boolean,
  ).length;
  expect(same).toBeLessThan(15);
});

test('a secret of less than 32 bytes is refused', () => {
  expect(() => seriesKeys(Buffer.alloc(31))).toThrow('32 bytes');
});

test('shift by whole weeks: weekdays stay, up to the largest', () => {
  const weeks = seriesKeys(Buffer.alloc(32, 1), { mostDays: 30, wholeWeeks: true });
  const seen = new Set(Array.from({ length: 500 }, (_, i) => weeks.shiftDays(`Patient/${i}`)));
  expect([...seen].sort((a, b) => a - b)).toEqual([-28, -21, -14, -7, 7, 14, 21, 28]);
});

test('uniform: over [0, 1), decided by the name', () => {
  const drawn = Array.from({ length: 4000 }, (_, i) => one.uniform(`v${i}`));
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1);
  expect(drawn.reduce((sum, n) => sum + n, 0) / 4000).toBeCloseTo(0.5, 1);
  expect(one.uniform('v1')).toBe(drawn[1]);
  expect(two.uniform('v1')).not.toBe(drawn[1]);
});

test('link: a key of its own; without one there is none', () => {
  expect(one.link).toBeUndefined();
  const linked = seriesKeys(Buffer.alloc(32, 1), {}, Buffer.alloc(32, 1));
  expect(linked.link!('http://a|1')).toMatch(/^[0-9a-f]{64}$/);
  expect(linked.link!('http://a|1')).not.toBe(linked.hash('http://a|1'));
});
