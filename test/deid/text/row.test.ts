// Staff whose names are everyday words: by a title, a label or a row beside them, and by nothing else.
import { describe, expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';

const staff = [
  ['佐々木', '祐介'],
  ['森', '隆'],
  ['林', 'さくら', 'サクラ'],
  ['南', '大輔'],
  ['東', '清'],
  ['岡', '実'],
  ['原', '光'],
  ['平野', '歩'],
  ['小野寺', 'まゆみ', 'マユミ'],
  ['Rose', 'Emily'],
  ['Long', 'Grace'],
  ['Young', 'Mark'],
  ['Will', 'Sarah'],
].map(([family, ...given], i) => ({
  resourceType: 'Practitioner' as const,
  id: `d${i}`,
  name: given.map(one => ({ family: family!, given: [one] })),
}));
const clean = textCleaner(dictionary(knownOf(staff, 'staff')));
const cleaned = (text: string): string => clean(text, { shiftDays: 10 })!.text;

describe('a word that is a name goes', () => {
  test.each([
    ['術者 佐々木/森/南', '術者 【医療者】/【医療者】/【医療者】'],
    ['Op: 佐々木, 森, 南', 'Op: 【医療者】, 【医療者】, 【医療者】'],
    ['（森/佐々木）', '（【医療者】/【医療者】）'],
    ['森・林回診', '【医療者】・【医療者】回診'],
    ['出席者　森　林　平野', '出席者　【医療者】'],
    ['依頼医 森 / 実施者 岡', '依頼医 【医療者】 / 実施者 【医療者】'],
    ['文責：南', '文責：【医療者】'],
    ['日直:南', '日直:【医療者】'],
    ['麻酔 東', '麻酔 【医療者】'],
    ['林(Ns)', '【医療者】(Ns)'],
    ['林ナース', '【医療者】ナース'],
    ['受持林', '受持【医療者】'],
    ['DR森', 'DR【医療者】'],
    ['ドクター森', 'ドクター【医療者】'],
    ['林㊞', '【医療者】㊞'],
    ['岡Ph', '【医療者】Ph'],
    ['まゆみ看護師', '【医療者】看護師'],
    ['さくらさん（担当Ns）', '【医療者】さん（担当Ns）'],
    ['nurse Sarah', 'nurse [STAFF]'],
    ['/s/ E. Rose', '/s/ E. [STAFF]'],
    ['Consult: Long', 'Consult: [STAFF]'],
    ['Referring: Young', 'Referring: [STAFF]'],
    ['cc: Long, Young', 'cc: [STAFF], [STAFF]'],
    ['Drs. Young and Rose', 'Drs. [STAFF] and [STAFF]'],
    ['Per Rose, continue', 'Per [STAFF], continue'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

describe('the same word stays where nothing says that it is one', () => {
  test.each([
    '森の中',
    '東病棟',
    '南側',
    '原因',
    '森/南/東 3病棟',
    '原疾患/関連',
    '印象',
    'a long walk',
    'young man',
    'Will follow up',
    'Dr. will review',
    'nurse will call',
    'Long history of HTN',
    'Per long discussion',
    'Consult: Long discussion with family',
    'Consult: Young man with pain',
  ])('%s', text => expect(cleaned(text)).toBe(text));
  test.each([
    ['佐々木・東病棟', '【医療者】・東病棟'],
    ['佐々木、南側へ', '【医療者】、南側へ'],
    ['Dr. Rose, will follow', 'Dr. [STAFF], will follow'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});
