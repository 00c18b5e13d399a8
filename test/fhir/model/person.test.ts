// One key for one person's number, however it is written.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, personKey } from '../../../src/fhir/model/person.ts';
import { cpuTime } from '../../cpu-time.ts';

const hospital = 'urn:oid:1.2.392.100495.20.3.51.11311234567';

describe('the key of an Identifier', () => {
  test.each([
    [hospital, '00012345'],
    ['1.2.392.100495.20.3.51.11311234567', '00012345'],
    ['URN:OID:1.2.392.100495.20.3.51.11311234567', '００012345'],
    [` ${hospital}/`, ' 00012345 '],
    [`${hospital}///`, '0001\u200b2345'],
  ])('%s|%s', (system, value) => expect(personKey({ system, value })).toBe(`${hospital}|00012345`));

  test.each([
    ['', '1'],
    ['///', '1'],
    ['urn:x', ''],
    ['urn:x', ' \u200b '],
    ['http://jpfhir.jp/fhir/core/mhlw/idsystem/InsurerNumber', '12345678'],
  ])('none: %s|%s', (system, value) => expect(personKey({ system, value })).toBeUndefined());

  test('a system of 200,000 slashes takes no longer than one of letters', () => {
    const before = cpuTime();
    expect(personKey({ system: `${'/'.repeat(200_000)}x`, value: '1' })).toBe(`${'/'.repeat(200_000)}x|1`);
    // An expression that begins anew at each of them takes a minute.
    expect(cpuTime() - before).toBeLessThan(1000);
  });
});

test('folding is NFKC without what nobody sees and without space around', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), text => {
      expect(fold(text)).toBe(
        text
          .normalize('NFKC')
          .replace(/\p{Cf}/gu, '')
          .trim(),
      );
    }),
  );
});
