// The whole: what is known, what is dropped, markers, the analyser. https://hl7.org/fhir/R4/narrative.html (text nodes are given as text)
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  dictionary,
  entities,
  knownOf,
  type Markers,
  markers,
  nothingKnown,
  refusal,
  type TextOptions,
  textCleaner,
  textFinder,
} from '../../../src/deid/text/index.ts';

const patient = {
  resourceType: 'Patient',
  name: [
    { family: '髙橋', given: ['健一'] },
    { family: 'タカハシ', given: ['ケンイチ'] },
  ],
  birthDate: '1950-03-05',
  telecom: [{ system: 'phone', value: '03-1234-5678' }],
  address: [{ state: '東京都', city: '港区', line: ['緑ヶ丘三丁目5番7号コーポ若葉305号'], postalCode: '105-0012' }],
  identifier: [{ value: '0047110' }, { value: 'K-77' }],
};
const staff = [
  {
    resourceType: 'Practitioner',
    name: [
      { family: '田中', given: ['太郎'] },
      { family: '林', given: ['進'] },
      { family: '橋本', given: ['明'] },
      { family: '千葉', given: ['実'] },
    ],
  },
  { resourceType: 'Organization', name: '医療法人社団青葉会 緑風総合病院' },
  { resourceType: 'Location', name: '外来' },
];
const registry = dictionary(knownOf(staff, 'staff'));
const own = dictionary(knownOf([patient], 'patient'));
const clean = textCleaner([registry, own]);
const cleaned = (text: string): string => clean(text, { shiftDays: 10 })!.text;

describe('names in old kanji, with 踊り字, over the end of a line and with titles in 片仮名', () => {
  const known = textCleaner(
    dictionary(
      knownOf(
        [
          {
            resourceType: 'Patient',
            name: [
              { family: '橋口', given: ['慎太郎'] },
              { family: 'ハシグチ', given: ['シンタロウ'] },
              { use: 'old', family: '金子', given: ['みすゞ'] },
            ],
          },
        ],
        'patient',
      ),
    ),
  );
  test.each([
    ['愼太郎は', '【氏名】は'],
    ['槗口', '【氏名】'],
    ['𣘺口', '【氏名】'],
    ['本日、慎太\n郎は', '本日、【氏名】は'],
    ['金子みすず', '【氏名】'],
    ['ミスズさん', '【氏名】さん'],
    ['本日ﾊｼｸﾞﾁｻﾝ来院', '本日【氏名】ｻﾝ来院'],
    ['ハシグチサンド', 'ハシグチサンド'],
  ])('%s', (text, gone) => expect(known(text)!.text).toBe(gone));
});

describe('what records know goes, in any writing', () => {
  test.each([
    ['高橋健一', '【氏名】'],
    ['髙\u{E0100}橋　健一様', '【氏名】様'],
    ['高 橋 健 一', '【氏名】'],
    ['●橋健一', '【氏名】'],
    ['健一さんは', '【氏名】さんは'],
    ['ﾀｶﾊｼ･ｹﾝｲﾁ', '【氏名】'],
    ['たかはし けんいち', '【氏名】'],
    ['ＴＡＫＡＨＡＳＨＩ　Ｋｅｎｉｃｈｉ', '[NAME]'],
    ['Kenichi Takahashi', '[NAME]'],
    ['Mr. Takahashi', 'Mr. [NAME]'],
    ['港区緑が丘３−５−７ コーポ若葉３０５', '【住所】'],
    ['東京都港区緑ケ丘3丁目5-7に住む', '【住所】に住む'],
    ['〒１０５－００１２', '〒【郵便番号】'],
    ['1234-5678', '[PHONE]'],
    ['+81 3 1234 5678', '[PHONE]'],
    ['カルテ47110', 'カルテ【識別番号】'],
    ['0047110', '[IDENTIFIER]'],
    ['番号：K-77', '番号：【識別番号】'],
    ['内科田中にコンサルト', '内科【医療者】にコンサルト'],
    ['執刀 林、助手 田中', '執刀 【医療者】、助手 【医療者】'],
    ['緑風総合病院に転院', '【施設】に転院'],
    ['医療法人社団 青葉会緑風総合病院', '【施設】'],
  ])('%s', (text, gone) => expect(cleaned(text)).toBe(gone));
});

test.each(['橋本病の既往', '千葉県の実家', '森林浴', '12.345', '1004711099', '外来にて', 'ABCK-77D'])('%s is nobody: it stays', text => {
  const stays = cleaned(text);
  // A long number goes, but not as the one that is known.
  expect(stays).toBe(text === '1004711099' ? '[NUMBER]' : text);
});

test('a patient’s name that is a word too is a name in kanji, and in Latin letters with a capital; a doctor’s only beside a title', () => {
  const word = (role: 'patient' | 'staff') =>
    textCleaner(
      dictionary({
        ...nothingKnown,
        names: [
          { role, family: '下部', given: ['直美'] },
          { role, family: 'White', given: ['Grace'] },
        ],
      }),
    );
  expect(word('patient')('下部は離床')!.text).toBe('【氏名】は離床');
  expect(word('patient')('Grace has white spots')!.text).toBe('[NAME] has white spots');
  expect(word('staff')('下部消化管 White blood cells')!.text).toBe('下部消化管 White blood cells');
  expect(word('staff')('下部先生、Dr. White')!.text).toBe('【医療者】先生、Dr. 【医療者】');
});

test.each([
  [{ family: "O'Connor", given: ['Seán Patrick'] }, ["O'Connor", 'O’CONNOR', 'Sean O’Connor', "O'Connor, Seán", 'Sean P. O’Connor']],
  [{ family: 'Smith-Jones', given: ['Mary'] }, ['Smith-Jones', 'Smith‐Jones', 'Mary Smith Jones', 'SMITH-JONES Mary', 'Jones']],
  [{ family: 'van der Berg', given: ['Jan'] }, ['van der Berg', 'Van Der Berg', 'Jan van der Berg', 'Berg']],
  [{ family: 'Müller', given: ['Jürgen'] }, ['Müller', 'Muller', 'Mueller', 'Juergen Mueller', 'MÜLLER, Jürgen']],
  [{ text: '勘解由小路太郎' }, ['勘解由小路太郎', '勘解由小路　太郎', '勘解由小路', '太郎']],
  [{ text: '御手洗 花子' }, ['御手洗花子', '御手洗', '花子']],
])('a patient %j in other ways', (name, ways) => {
  const find = textFinder(dictionary(knownOf([{ resourceType: 'Patient', name: [name] }], 'patient')));
  for (const way of ways) {
    const [first, last] = [4, 4 + way.length];
    const marks = find(`saw ${way} today`)!;
    const left = [...way]
      .filter((c, i) => /[\p{L}]/u.test(c) && !marks.some(({ start, end }) => start <= first + i && first + i < end))
      .join('');
    expect({ way, left }).toEqual({ way, left: '' });
    expect(marks.every(({ start, end }) => start >= first && end <= last)).toBe(true);
  }
});

describe('addresses without their beginning, in one piece, with の', () => {
  const find = textCleaner(
    dictionary(
      knownOf(
        [
          {
            resourceType: 'Patient',
            address: [
              { state: '大阪府', city: '大阪市北区', line: ['梅田一丁目2番3-405号'] },
              { text: '〒198-0212 東京都西多摩郡奥多摩町氷川215-6' },
            ],
          },
        ],
        'patient',
      ),
    ),
  );
  test.each([
    ['大阪市北区梅田1-2-3-405', '【住所】'],
    ['北区梅田に在住', '【住所】に在住'],
    ['梅田1の2の3', '【住所】'],
    ['梅田１丁目２－３', '【住所】'],
    ['奥多摩町氷川の自宅', '【住所】の自宅'],
    ['氷川215-6', '【住所】'],
    ['西多摩郡奥多摩町', '【住所】'],
    ['梅田で買い物', '梅田で買い物'],
    ['大阪府の出身', '大阪府の出身'],
  ])('%s', (text, gone) => expect(find(text)!.text).toBe(gone));
});

test('what it cannot know: somebody else of the same family name is taken for the one in the registry', () => {
  expect(cleaned('田中角栄の伝記を読んでいる')).toBe('【医療者】角栄の伝記を読んでいる');
});

test('every kind is counted, dates that move too; nothing found is all zeros', () => {
  const { found } = clean('2024年3月5日 高橋健一様、1950年3月5日生、田中医師、田中記載', { shiftDays: 1 })!;
  expect(Object.entries(found).filter(([, n]) => n > 0)).toEqual([
    ['name', 1],
    ['staff', 2],
    ['birth-date', 1],
    ['date', 1],
  ]);
  expect(Object.keys(clean('異常なし')!.found)).toEqual(entities);
  expect(Object.values(clean('異常なし')!.found).every(n => n === 0)).toBe(true);
});

test('of findings that overlap the longest says what it is, and all of both goes', () => {
  const both = textCleaner(
    dictionary({ ...nothingKnown, names: [{ role: 'patient', given: [], text: '山田太郎' }], institutions: ['太郎坊診療所'] }),
  );
  expect(both('山田太郎坊診療所')!.text).toBe('【施設】');
});

test('markers: by the language of the text, of one language, or others', () => {
  expect(clean('Takahashi Kenichi')!.text).toBe('[NAME]');
  expect(textCleaner(own, { language: 'ja' })('Takahashi Kenichi')!.text).toBe('【氏名】');
  const stars = Object.fromEntries(entities.map(name => [name, { ja: '＊＊', en: '**' }])) as unknown as Markers;
  expect(textCleaner(own, { markers: stars })('高橋健一様')!.text).toBe('＊＊様');
});

test('a marker that stands in a text already is nobody', () => {
  for (const { ja, en } of Object.values(markers)) {
    expect(cleaned(`${ja}様が来院、主治医：${ja}`)).toBe(`${ja}様が来院、主治医：${ja}`);
    expect(cleaned(`Name: ${en}, seen by ${en}.`)).toBe(`Name: ${en}, seen by ${en}.`);
  }
});

describe('fail closed', () => {
  test.each([
    ['a\ud800', 'unpaired-surrogate'],
    ['a\u0007', 'control-character'],
    ['渡\ue001様', 'private-use'],
    ['<b>髙</b>橋', 'hidden-letters'],
    ['&#39658;橋', 'hidden-letters'],
    ['\u202e橋髙', 'hidden-letters'],
    ['%E9%AB%99%E6%A9%8B', 'hidden-letters'],
    ['=?UTF-8?B?6auZ5qmL?=', 'hidden-letters'],
    ['山\ufffd', 'undecodable'],
    ['山'.repeat(1_000_001), 'too-long'],
  ])('a text that cannot be judged is dropped, and why can be asked', (text, why) => {
    expect(clean(text)).toBeUndefined();
    expect(refusal(text)).toBe(why);
  });
  test.each(['異常なし', 'SpO2 98%、WBC < 4000、CRP <0.3', 'A & B', '37.2℃<38℃ (50%) + 5 = 10', '<A>発熱'])('%s can', text =>
    expect(refusal(text)).toBeUndefined(),
  );
  test('an analyser that throws, or tells of what is not there, drops the text', () => {
    expect(textCleaner(own, { analyse: () => [{ start: 0, end: 2, kind: '人名' as 'name' }] })('異常なし')).toBeUndefined();
    const failing = textCleaner(own, {
      analyse: () => {
        throw new Error('no model');
      },
    });
    expect(failing('異常なし')).toBeUndefined();
    for (const span of [
      [-1, 2],
      [0, 99],
      [2, 2],
      [Number.NaN, 1],
    ] as const)
      expect(textCleaner(own, { analyse: () => [{ start: span[0], end: span[1], kind: 'name' }] })('異常なし')).toBeUndefined();
  });
});

test('an analyser finds what nothing else does; its findings join the others', () => {
  const analyse: NonNullable<TextOptions['analyse']> = text =>
    [...text.matchAll(/勘解由小路/g)].map(({ index }) => ({ start: index, end: index + 5, kind: 'name' as const }));
  expect(textCleaner(own, { analyse })('勘解由小路と高橋健一')!.text).toBe('【氏名】と【氏名】');
});

test('ages: from which on they go is the caller’s', () => {
  expect(textCleaner(own, { pooledFrom: 80 })('85歳')!.text).toBe('【高齢】歳');
  expect(textCleaner(own, { pooledFrom: 80 })('八十五歳')!.text).toBe('【高齢】歳');
  expect(textCleaner(own, { pooledFrom: 80 })('79歳')!.text).toBe('79歳');
});

test('the text between the findings is the text as it was, to the unit', () => {
  const find = textFinder([registry, own]);
  const part = fc.constantFrom(
    '高橋健一',
    'ﾀｶﾊｼ',
    '様',
    '㈱',
    'が',
    '\u{E0100}',
    '𠮷',
    'a',
    '1',
    '２０２４年',
    '3月5日',
    '　',
    '。',
    '田中',
    'Dr.',
    'か\u3099',
    '-',
    '0047110',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.integer({ min: -365, max: 365 }), (parts, shiftDays) => {
      const text = parts.join('');
      const marks = find(text, { shiftDays })!;
      let at = 0;
      let kept = '';
      for (const { start, end } of marks) {
        expect(start).toBeGreaterThanOrEqual(at);
        expect(end).toBeGreaterThan(start);
        kept += text.slice(at, start) + '\u0001';
        at = end;
      }
      kept += text.slice(at);
      expect(at).toBeLessThanOrEqual(text.length);
      const language = /[\u3041-\u30ff\u3400-\u9fff\uff66-\uff9f]/.test(text) ? 'ja' : 'en';
      const instead = marks.map(mark => mark.instead ?? markers[mark.entity][language]);
      expect(clean(text, { shiftDays })!.text).toBe(kept.split('\u0001').reduce((out, piece, i) => out + instead[i - 1]! + piece));
    }),
    { numRuns: 1000 },
  );
});

test('a family name of one kanji is found before the given name in brackets', () => {
  const known = knownOf([{ resourceType: 'Patient', id: 'p', name: [{ family: '森', given: ['一'] }] }], 'patient');
  expect(textCleaner(dictionary(known))('本日、森(一)来院')!.text).toBe('本日、【氏名】(【氏名】)来院');
});

test.each(['1482 maple hollow', '1482 Maple Hollow Road', 'the house in Maple Hollow'])(
  'a street of the patient in %s is found without its kind',
  text => {
    const address = [{ line: ['1482 Maple Hollow Rd'], city: 'Brattleboro', state: 'VT' }];
    expect(textCleaner(dictionary(knownOf([{ resourceType: 'Patient', id: 'p', address }], 'patient')))(text)!.text).not.toMatch(
      /maple|hollow/i,
    );
  },
);

test('house numbers in kanji go with the address before them', () => {
  const address = [{ state: '愛知県', city: '安城市', line: ['御幸本町12-1'] }];
  const known = knownOf([{ resourceType: 'Patient', id: 'p', address }], 'patient');
  expect(textCleaner(dictionary(known))('御幸本町十二の一に在住')!.text).toBe('【住所】に在住');
});

test.each([
  ['Takahashisan called', '[NAME]san called'],
  ['with Takahashi Kenichi-sensei', 'with [NAME]-sensei'],
  ['Takahashisandwich', 'Takahashisandwich'],
])('a Japanese title behind a name in Latin letters is no part of another word: %s', (text, there) => expect(cleaned(text)).toBe(there));
