// https://dicom.nema.org/medical/dicom/current/output/chtml/part15/chapter_E.html#table_E.1-1a
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { optionNames, readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { actionOf, edition, needOf, rowOf, settle } from '../../../src/deid/dicom/table.ts';

const ct = '1.2.840.10008.5.1.4.1.1.2';
interface Row {
  readonly tag: string;
  readonly name: string;
  readonly basic: string;
  readonly options: Readonly<Record<string, string>>;
}
const { attributes } = JSON.parse(readFileSync(new URL('../../../profiles/dicom/confidentiality.json', import.meta.url), 'utf8')) as {
  attributes: Row[];
};

test('table E.1-1: all rows of the edition, with known actions and the ten options', () => {
  expect(edition).toBe('2026d');
  expect(attributes.length).toBe(657);
  expect([...new Set(attributes.map(row => row.basic))].sort()).toEqual(['D', 'U', 'X', 'X/D', 'X/Z', 'X/Z/D', 'X/Z/U*', 'Z', 'Z/D']);
  expect([...new Set(attributes.flatMap(row => Object.keys(row.options)))].sort()).toEqual([...optionNames, 'retainSafePrivate'].sort());
});

test('every row is found by its tag, repeating groups by each of theirs', () => {
  for (const { tag, basic } of attributes)
    if (tag !== 'private' && tag !== '50xxxxxx') expect(rowOf(Number.parseInt(tag.replaceAll('x', '0'), 16))?.basic).toBe(basic);
  for (const tag of [0x50003000, 0x50160010, 0x601e3000, 0x60024000]) expect(rowOf(tag)?.basic).toBe('X');
  expect(rowOf(0x00180050)).toBeUndefined();
});

test('compound actions: what the object needs decides, and where that is not known the way that stays valid', () => {
  expect((['0', '1', '2', '3'] as const).map(need => settle('X/Z/D', Number(need) as 0 | 1 | 2 | 3))).toEqual(['D', 'D', 'Z', 'X']);
  expect(settle('X/Z', 1)).toBe('Z');
  expect(settle('X/D', 2)).toBe('D');
  expect(settle('Z/D', 3)).toBe('Z');
  expect(settle('X/Z/U*', 3)).toBe('X');
  expect(settle('X/Z/U*', 0)).toBe('U');
  expect(settle('K', 3)).toBe('K');
});

test('what an object needs is of its SOP class', () => {
  expect(needOf(ct, 0x00100010)).toBe(2);
  expect(needOf(ct, 0x00080018)).toBe(1);
  expect(needOf(ct, 0x00080080)).not.toBe(0);
  expect(needOf('1.2.3', 0x00100010)).toBe(0);
  expect(needOf(ct, 0x00189999)).toBe(0);
});

test('options: what is retained stays though it could be cleaned; what is neither follows the basic profile', () => {
  const both = attributes.filter(row => Object.values(row.options).includes('K') && Object.values(row.options).includes('C'));
  expect(both.length).toBeGreaterThan(10);
  for (const row of attributes)
    for (const [option, action] of Object.entries(row.options)) {
      if (option === 'retainSafePrivate') continue;
      expect(actionOf(row as Parameters<typeof actionOf>[0], readDicomProfile({ options: [option] }))).toBe(
        action === 'X' ? row.basic : action,
      );
      expect(actionOf(row as Parameters<typeof actionOf>[0], readDicomProfile({}))).toBe(row.basic);
    }
});
