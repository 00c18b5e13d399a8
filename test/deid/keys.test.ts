// RFC 5869, RFC 2104, RFC 9562 §5.8; https://hl7.org/fhir/R4/datatypes.html#id
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
