// https://www.w3.org/TR/WCAG22/#readable: the dictionaries of the pages say the same in both languages, and every key that a page uses is in them
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { en as deskEn } from '../../src/web/desk/text/en.ts';
import { ja as deskJa } from '../../src/web/desk/text/ja.ts';
import { en } from '../../src/web/objection/text/en.ts';
import { ja } from '../../src/web/objection/text/ja.ts';
import { dayOf, languageOf, momentOf, piecesOf, plainOf } from '../../src/web/page/text.ts';

const blanksIn = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(m => m[1]!).sort();

describe.each([
  ['objection', ja, en],
  ['desk', deskJa, deskEn],
] as const)('dictionaries of %s', (page, japanese: Record<string, string>, english: Record<string, string>) => {
  test('have the same keys, the same blanks, and no empty text', () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(japanese).sort());
    const apart = Object.keys(japanese).filter(key => blanksIn(japanese[key]!).join() !== blanksIn(english[key]!).join());
    expect(apart).toEqual([]);
    expect(Object.values({ ...japanese, ...english }).filter(text => text.trim() === '')).toEqual([]);
  });

  test('are Japanese where they say so, and English without Japanese but the switch', () => {
    expect(Object.entries(english).filter(([key, text]) => key !== 'frame.other' && /[぀-ヿ一-鿿]/.test(text))).toEqual([]);
    const foreign = Object.entries(japanese).filter(([key, text]) => key !== 'frame.other' && !/[぀-ヿ一-鿿]/.test(text));
    expect(foreign).toEqual([]);
  });

  test('have every key that the page’s sources use, and none that nothing uses', () => {
    const root = path.resolve(import.meta.dirname, '../../src/web');
    const used = ['page', page]
      .flatMap(folder =>
        readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => path.join(root, folder, file)),
      )
      .filter(file => /\.tsx$/.test(file))
      .map(file => readFileSync(file, 'utf8'))
      .join('\n');
    const literal = new Set([...used.matchAll(/['"]([a-z][a-z0-9.-]*)['"]/g)].map(m => m[1]!));
    // `kind.${kind}` → every key that begins so.
    const made = [...used.matchAll(/`([^`]*\$\{[^`]*)`/g)].map(
      m => new RegExp(`^${m[1]!.replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '[\\w-]+')}$`),
    );
    const idle = Object.keys(japanese).filter(key => !literal.has(key) && !made.some(one => one.test(key)));
    expect(idle).toEqual([]);
    const asked = [...used.matchAll(/\bk="([a-z][^"]*)"|\bt\('([^']+)'/g)].map(m => m[1] ?? m[2]!);
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter(key => !(key in japanese))).toEqual([]);
  });
});

test('text: blanks are filled, readings are cut out, and a value is never read as markup', () => {
  expect(piecesOf('[加工|かこう]する{what}', { what: '[人|ひと]' })).toEqual([
    { text: '加工', reading: 'かこう' },
    { text: 'する[人|ひと]' },
  ]);
  expect(plainOf('[加工|かこう]する')).toBe('加工する');
  expect(plainOf('{date} から {none}', { date: '1' })).toBe('1 から {none}');
  expect(plainOf('[')).toBe('[');
});

test('text: days and moments are Japan’s, whatever the device’s time zone', () => {
  expect(dayOf('2026-04-01', 'ja')).toBe('2026年4月1日');
  expect(dayOf('2026-03-31T15:30:00Z', 'ja')).toBe('2026年4月1日');
  expect(dayOf('2026-03-31T15:30:00Z', 'en')).toBe('1 April 2026');
  expect(dayOf('2026', 'en')).toBe('2026');
  expect(dayOf(undefined, 'en')).toBe('');
  expect(momentOf('2026-03-31T15:30:00Z', 'ja')).toMatch(/4月1日 0:30/);
  expect(momentOf('never', 'ja')).toBe('');
});

test('text: the address wins over the choice, the choice over the browser; Japanese where nothing is said', () => {
  expect(languageOf('en', 'ja', ['ja'])).toBe('en');
  expect(languageOf('xx', 'en', ['ja'])).toBe('en');
  expect(languageOf(null, null, ['fr-FR', 'en-GB', 'ja'])).toBe('en');
  expect(languageOf(null, null, ['fr'])).toBe('ja');
});
