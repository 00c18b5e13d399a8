// https://hl7.org/fhir/R4/references.html#canonical, https://hl7.org/fhir/R4/terminology-module.html#versions
import { describe, expect, test } from '@jest/globals';
import { chosen, readCanonical, writeCanonical } from '../../../src/fhir/terminology/canonical.ts';

test('a canonical is a URL, with or without a version', () => {
  expect(readCanonical('http://example.org/a')).toEqual({ url: 'http://example.org/a' });
  expect(readCanonical('http://example.org/a|')).toEqual({ url: 'http://example.org/a' });
  expect(readCanonical('http://example.org/a|1|2')).toEqual({ url: 'http://example.org/a', version: '1|2' });
  expect([writeCanonical('a', undefined), writeCanonical('a', '1')]).toEqual(['a', 'a|1']);
});

describe('of several versions', () => {
  const one = (version: string, status = 'active') => ({ version, status });
  test('the one that is named, or none', () => {
    expect(chosen([one('1'), one('2')], '1')).toEqual(one('1'));
    expect(chosen([one('1'), one('2')], '3')).toBeUndefined();
  });
  test('the newest, numbers as numbers; an active one before a draft before a retired one; of equals the later', () => {
    expect(chosen([one('2.10'), one('2.9'), one('2.2')], undefined)).toEqual(one('2.10'));
    expect(chosen([one('1'), one('3', 'draft'), one('4', 'retired')], undefined)).toEqual(one('1'));
    expect(chosen([one('3', 'draft'), one('4', 'retired')], undefined)).toEqual(one('3', 'draft'));
    const [first, second] = [
      { ...one('1'), n: 1 },
      { ...one('1'), n: 2 },
    ];
    expect(chosen([first, second], undefined)).toBe(second);
    expect(chosen([], undefined)).toBeUndefined();
  });
});
