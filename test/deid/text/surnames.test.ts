// Every surname of a dictionary (IPADIC): how many are found beside a cue though no record knows them, and how many names of diseases are taken for doctors when all are staff.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { dictionary, knownOf, nothingKnown, textFinder } from '../../../src/deid/text/index.ts';
import { isSlow } from '../../slow.ts';

const data = path.resolve(import.meta.dirname, '../../../../shared/data/jp-codes');
const here = existsSync(data);
if (!here) console.warn('SKIPPED: ../shared/data/jp-codes is not there, so surnames and diseases of dictionaries are not tried');

const column = (file: string, at: number): string[] =>
  gunzipSync(readFileSync(path.join(data, file)))
    .toString()
    .split('\n')
    .slice(1)
    .map(line => line.split('\t')[at] ?? '')
    .filter(text => text !== '');
const inKanji = (list: readonly string[]): string[] => list.filter(text => /^[\u4e00-\u9fff々]+$/.test(text));

/** Share of surnames that are found whole. */
function recall(names: readonly string[], before: string, behind: string): number {
  const find = textFinder(dictionary(nothingKnown));
  const found = names.filter(name =>
    find(before + name + behind)!.some(({ start, end }) => start <= before.length && end >= before.length + name.length),
  );
  return found.length / names.length;
}

(here ? test : test.skip)('surnames that no record knows are found by what stands beside them', () => {
  const surnames = inKanji(column('surnames-ipadic.tsv.gz', 0));
  expect(surnames.length).toBeGreaterThan(10_000);
  expect(recall(surnames, '本日', '先生より連絡あり')).toBeGreaterThan(0.95);
  expect(recall(surnames, '内科の', '医師が診察')).toBeGreaterThan(0.95);
  expect(recall(surnames, '主治医：', '')).toBeGreaterThan(0.99);
  expect(recall(surnames, '隣室の', 'さんと談笑')).toBeGreaterThan(0.9);
  expect(recall(surnames, '', '様が来院')).toBeGreaterThan(0.9);
});

(here ? test : test.skip)('with every surname in the registry, names of diseases stay: fewer than one in 500 is touched', () => {
  const [kanji, kana] = [column('surnames-ipadic.tsv.gz', 0), column('surnames-ipadic.tsv.gz', 1)];
  const staff = kanji.map((family, i) => ({
    resourceType: 'Practitioner',
    name: [
      { family, given: ['花子'] },
      { family: kana[i]!, given: ['ハナコ'] },
    ],
  }));
  const find = textFinder(dictionary(knownOf(staff, 'staff')));
  const diseases = [
    ...new Set(['disease-medis-exchange-codes', 'disease-receipt-codes', 'icd10-ja'].flatMap(file => column(`${file}.tsv.gz`, 1))),
  ];
  expect(diseases.length).toBeGreaterThan(30_000);
  expect(diseases.filter(text => find(text)?.length !== 0).length / diseases.length).toBeLessThan(0.002);
});

(here ? test : test.skip)('every surname and given name of the dictionary together, as a patient’s, is found in kanji and kana', () => {
  const surnames = inKanji(column('surnames-ipadic.tsv.gz', 0));
  const [given, givenKana] = [column('given-names-ipadic.tsv.gz', 0), column('given-names-ipadic.tsv.gz', 1)];
  const kana = column('surnames-ipadic.tsv.gz', 1);
  const readings = new Map(column('surnames-ipadic.tsv.gz', 0).map((kanji, i) => [kanji, kana[i]!]));
  const missed: string[] = [];
  for (let i = 0; i < surnames.length; i += isSlow ? 7 : 35) {
    const family = surnames[i]!;
    const familyKana = readings.get(family)!;
    const at = (i * 11) % given.length;
    const patient = {
      resourceType: 'Patient',
      name: [
        { family, given: [given[at]!] },
        { family: familyKana, given: [givenKana[at]!] },
      ],
    };
    const find = textFinder(dictionary(knownOf([patient], 'patient')));
    for (const name of [
      family + given[at]!,
      `${family}　${given[at]!}`,
      `${familyKana} ${givenKana[at]!}`,
      family.length > 1 ? family : `${family}様`,
    ]) {
      const marks = find(`昨日、${name}と面談`)!;
      const end = 3 + name.replace(/様$/, '').length;
      if (!marks.some(mark => mark.start <= 3 && mark.end >= end)) missed.push(name);
    }
  }
  expect(missed).toEqual([]);
});
