// No known form of a name survives in any writing: every patient of the corpus, each way of writing drawn apart from how the forms are made.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Dictionary, dictionary, knownOf, refusal, textCleaner, textFinder } from '../../../src/deid/text/index.ts';
import { inHalfWidth, inHiragana, inVariant } from '../../../src/generate/names.ts';
import { random } from '../../../src/generate/random.ts';
import { isSlow } from '../../slow.ts';
import { corpus, writtenDay } from './corpus.ts';

const { patients, registry, sentences } = corpus('tuned', 2000);
const house = dictionary(knownOf(registry, 'staff'));
const own = patients.map(of => dictionary(knownOf(of, 'patient')));
const finders = own.map(one => textFinder([house, one]));
const cleaners = own.map(one => textCleaner([house, one]));

interface Written {
  readonly family: string;
  readonly given: string;
  readonly kana: readonly [family: string, given: string];
  readonly birthDate: string;
}
const names: readonly Written[] = patients.map(of => {
  const [kanji, kana] = of[0]!['name'] as { family: string; given: string[] }[];
  return {
    family: kanji!.family,
    given: kanji!.given[0]!,
    kana: [kana!.family, kana!.given[0]!],
    birthDate: of[0]!['birthDate'] as string,
  };
});

const fullWidth = (text: string): string => text.replace(/[!-~]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
const between = (text: string, what: string): string => [...text].join(what);

const kanjiWays: readonly ((text: string) => string)[] = [
  text => text,
  text => inVariant(text) ?? text,
  text => [...text].map(c => inVariant(c) ?? c).join(''),
  text => text.replace(/[\u4e00-\u9fff]/g, '$&\u{E0101}'),
  text => between(text, ' '),
  text => between(text, '　'),
  text => between(text, '\u200b'),
  text => text.replaceAll('々', text[text.indexOf('々') - 1] ?? ''),
  text => text.normalize('NFD'),
  text => between(text, '\u3164'),
  text => between(text, '|'),
  text => text.replace(/[\u3400-\u9fff]/g, '$&(よみ)'),
  text => text.replace(/[\u3400-\u9fff々]/g, '$&（ヨミ）'),
];
const kanaWays: readonly ((text: string) => string)[] = [
  text => text,
  inHiragana,
  inHalfWidth,
  text => text.normalize('NFD'),
  text => text.replace(/[ャュョッ]/g, c => 'ヤユヨツ'['ャュョッ'.indexOf(c)]!),
  text => text.replace(/([オコソトノホモヨロゴゾドボポョ])[ウオ]/g, '$1ー'),
  text => inHiragana(text.replace(/([オコソトノホモヨロゴゾドボポョ])ウ/g, '$1オ')),
  text => text.replaceAll('ヅ', 'ズ').replaceAll('ヂ', 'ジ'),
  text => between(text, ' '),
];
const separators = ['', ' ', '　', '・', '･', '\t', '\n', '-', '‐', ' - '];
const around: readonly (readonly [string, string])[] = [
  ['', ''],
  ['患者は', '様である。'],
  ['（', '）'],
  ['本日', 'と面談'],
  ['ID12 ', ' 65歳'],
  ['主治医、', '、家族'],
];

/** What is left of a span, without what nobody sees and without separators. */
function left(finder: (typeof finders)[number], before: string, name: string, behind: string): string {
  const marks = finder(before + name + behind)!;
  return [...name.matchAll(/(?!\p{Variation_Selector})[^\s・･\u200b‐-]/gu)]
    .filter(({ index }) => !marks.some(({ start, end }) => start <= before.length + index && before.length + index < end))
    .map(one => one[0])
    .join('');
}

const who = fc.nat(names.length - 1);
const where = fc.constantFrom(...around);

const runs = isSlow ? 4000 : 200;

test('a whole name in kanji: old kanji, variation selectors, spaces, invisible characters', () => {
  fc.assert(
    fc.property(who, fc.constantFrom(...kanjiWays), fc.constantFrom(...separators), where, (i, way, separator, [before, behind]) => {
      const { family, given } = names[i]!;
      expect(left(finders[i]!, before, way(family) + separator + way(given), behind)).toBe('');
    }),
    { numRuns: runs },
  );
});

test('a whole name in kana: script, width, small and large, 長音, 四つ仮名', () => {
  fc.assert(
    fc.property(
      who,
      fc.constantFrom(...kanaWays),
      fc.constantFrom(...separators),
      fc.boolean(),
      where,
      (i, way, separator, turned, [before, behind]) => {
        const [family, given] = names[i]!.kana.map(way) as [string, string];
        // Hiragana run into hiragana has no end that can be seen.
        fc.pre(!/[ぁ-ん]/.test(family) || !/[ぁ-ん]$/.test(before));
        expect(left(finders[i]!, before, turned ? given + separator + family : family + separator + given, behind)).toBe('');
      },
    ),
    { numRuns: runs },
  );
});

test('a family name alone, from two kanji on, anywhere; one kanji beside a title', () => {
  for (const [i, { family }] of names.entries()) {
    for (const way of [kanjiWays[0]!, kanjiWays[1]!, kanjiWays[2]!, kanjiWays[3]!, kanjiWays[6]!]) {
      for (const [before, behind] of family.length > 1
        ? around
        : ([
            ['', '様'],
            ['主治医：', ''],
            ['患者名 ', ''],
          ] as const))
        expect(left(finders[i]!, before, way(family), behind)).toBe('');
    }
  }
});

test('a family or given name in katakana, wherever katakana begins and ends with it', () => {
  for (const [i, { kana }] of names.entries())
    for (const part of kana) for (const [before, behind] of around) expect(left(finders[i]!, before, part, behind)).toBe('');
});

test.each([
  [
    'サトウ',
    'ヨウコ',
    ['Sato Yoko', 'Satou Youko', 'SATOH YOHKO', 'Yoko Sato', 'Ｓａｔｏ　Ｙｏｋｏ', 'Sato, Yoko', 'Sato-Yoko', 'satoyoko', 'Mrs. Sato'],
  ],
  ['オオノ', 'ユウキ', ['Ohno Yuuki', 'Oono Yûki', 'Ono Yūki', 'Ohno Yuhki', 'Yuki Ohno', 'Оno Yuki']],
  ['オオノ', 'シンイチ', ['Ono Shinichi', 'Ohno Shinichi', 'Oono Sinichi', 'Shinichi OHNO']],
  ['ハットリ', 'ジュンコ', ['Hattori Junko', 'Hattori Zyunko', 'JUNKO HATTORI']],
  ['ツジ', 'チヅル', ['Tsuji Chizuru', 'Tuzi Tizuru']],
  ['ナンバ', 'ショウタ', ['Namba Shota', 'Nanba Syouta']],
  ['ワタナベ', 'フミオ', ['Watanabe Fumio', 'WATANABE Humio']],
])('a name known in kana is found in Latin letters: %s %s', (family, given, ways) => {
  const find = textFinder(dictionary(knownOf([{ resourceType: 'Patient', name: [{ family, given: [given] }] }], 'patient')));
  for (const way of ways) expect(left(find, 'Saw ', way, ' today')).toBe(way.startsWith('Mrs') ? 'Mrs.' : '');
});

test('birth dates in every form', () => {
  for (const [i, { birthDate }] of names.entries()) {
    for (let form = 0; form < 12; form++) {
      const written = writtenDay(random('form'), birthDate, form);
      expect(left(finders[i]!, '', written, 'に')).toBe('');
      expect(cleaners[i]!(written, { shiftDays: 3 })!.found['birth-date']).toBe(1);
    }
  }
});

test('full width, half width: a text in the other width loses the same', () => {
  for (const { text, patient } of sentences.slice(0, 1500)) {
    const count = (one: string) => Object.entries(cleaners[patient]!(one)!.found).filter(([, n]) => n > 0);
    if (/^[\x20-\x7e\u3041-\u9fff。、]*$/.test(text)) expect(count(fullWidth(text))).toEqual(count(text));
  }
});

test('cleaning what is clean changes nothing', () => {
  for (const style of ['tuned', 'held-out', 'letters', 'shorthand'] as const) {
    for (const { text, patient } of corpus(style, 5000).sentences) {
      const once = cleaners[patient]!(text)!.text;
      expect(cleaners[patient]!(once)!.text).toBe(once);
    }
  }
});

test('what goes from a line goes from a text that has the line: read at once, a text loses no less than its lines', () => {
  for (const style of ['tuned', 'held-out', 'letters', 'shorthand'] as const) {
    const { sentences: all } = corpus(style, 6000);
    for (let i = 0; i + 4 <= all.length; i += 4) {
      const lines = [...all.slice(i, i + 4).map(({ text }) => text), names[i % names.length]!.family];
      const find = finders[i % names.length]!;
      const whole = find(lines.join('\n'), { shiftDays: 5 })!;
      let at = 0;
      for (const line of lines) {
        for (const { start, end } of find(line, { shiftDays: 5 })!) {
          const text = line.slice(start, end);
          expect({ line, text, gone: whole.some(mark => mark.start <= at + start && mark.end >= at + end) }).toEqual({
            line,
            text,
            gone: true,
          });
        }
        at += line.length + 1;
      }
    }
  }
});

test('of any text at all: an answer, or a reason for none', () => {
  const unit = fc.constantFrom(
    '山',
    '田',
    '様',
    '先生',
    'Dr. ',
    '1',
    '２',
    '年',
    '月',
    '日',
    '-',
    '/',
    '〒',
    '@',
    '病院',
    '市',
    ' ',
    '\n',
    'a',
    'A',
    '\ud800',
    '\udc00',
    '\u{E0100}',
    '\u3099',
    '【',
    '】',
    ':',
    '：',
    '\u0007',
    'R',
    '令和',
    '歳',
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit, maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 })), text => {
      const out = cleaners[0]!(text, { shiftDays: -17 });
      expect(out === undefined).toBe(refusal(text) !== undefined);
    }),
    { numRuns: runs },
  );
});

test('hostile long texts end', () => {
  const length = isSlow ? 100_000 : 20_000;
  const units = [
    ...'a A 1 一 山 ー の ア あ 市 様 先生 Dr. 病院 株式会社 東京都 1- 1/ 〒 記号 番号 ID: @ a@ 氏名: 主治医: 3月 R6. 前 林 (03 \u3099 ㈱ 1丁目 歳 平成 火曜 療養 ﷺ 外科外科 光が原 の病院 3/5、 1/5から S56山 ノ駅 ハイツ グループホームや 山(やま) LINE@ a.b A. 勤務 58年に'.split(
      ' ',
    ),
    'Dr. A',
    'A b ',
    'March 1 ',
    '1 A ',
    'A B C D Hospital',
    '1 2 ',
    '1 A B C Street, ',
    'http://a',
    'MMT',
    '山に勤務TEL',
    names[0]!.family,
  ];
  for (const unit of units) expect(finders[0]!(unit.repeat(Math.ceil(length / unit.length)), { shiftDays: 3 })).toBeDefined();
});

test('a hundred nested names in one place: each unit is looked at as often as names end at it, no oftener', () => {
  const nested: Dictionary = dictionary({
    ...knownOf([], 'patient'),
    institutions: Array.from({ length: 100 }, (_, n) => '病'.repeat(n + 3)),
  });
  expect(textFinder(nested)('病'.repeat(20_000))).toEqual([{ start: 0, end: 20_000, entity: 'institution' }]);
});
