// Sentences of invented charts with the truth of what they tell: base rates of a Japanese teaching hospital (per 1,000 sentences: 1.5 patient names with 様, 25 staff names
// of which 20 without a title, 300 other 様, 10 患者様 and 奥様), and every other kind of identifier in every way in which it is written.
import type { Entity } from '../../../src/deid/text/index.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { inHalfWidth, inHiragana, inVariant, name } from '../../../src/generate/names.ts';
import { type Person, personOf } from '../../../src/generate/person.ts';
import { line } from '../../../src/generate/places.ts';
import { type Random, random } from '../../../src/generate/random.ts';
import { type Style, templates } from './templates.ts';

export interface Truth {
  readonly start: number;
  readonly end: number;
  readonly entity: Entity;
  /** patient: what names him, his family or his life; staff: of the registry; other: known to no record. */
  readonly whose: 'patient' | 'staff' | 'other';
  readonly slot: string;
}

export interface Sentence {
  readonly text: string;
  readonly truth: readonly Truth[];
  /** Place in `patients`. */
  readonly patient: number;
}

export interface Corpus {
  /** Per patient his own resources. */
  readonly patients: readonly (readonly AnyResource[])[];
  readonly registry: readonly AnyResource[];
  readonly sentences: readonly Sentence[];
}

const request = { patients: 1000, seed: 'text', day: '2026-03-01' };
const english = [
  'Smith/Emily',
  'Johnson/Robert',
  'Garcia/Maria',
  'Nguyen/Thanh',
  "O'Connor/Sean",
  'Müller/Jürgen',
  'Williams/Grace',
  'Kowalski/Anna',
];

interface Known {
  readonly person: Person;
  readonly number: string;
  readonly romaji: readonly [family: string, given: string];
  readonly relative: { readonly family: string; readonly given: string };
  readonly email: string;
  readonly myNumber: string;
  readonly resources: readonly AnyResource[];
}

const fullWidth = (text: string): string => text.replace(/[!-~]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

function myNumber(r: Random): string {
  const digits = Array.from({ length: 11 }, () => r.whole(0, 9));
  const sum = digits.reduce((total, digit, i) => {
    const n = 11 - i;
    return total + digit * (n <= 6 ? n + 1 : n - 5);
  }, 0);
  return [...digits, sum % 11 <= 1 ? 0 : 11 - (sum % 11)].join('');
}

/** Hepburn as passports have it, written down apart from the sources under test. */
const syllables: Readonly<Record<string, string>> = Object.fromEntries(
  'アa イi ウu エe オo カka キki クku ケke コko サsa シshi スsu セse ソso タta チchi ツtsu テte トto ナna ニni ヌnu ネne ノno ハha ヒhi フfu ヘhe ホho マma ミmi ムmu メme モmo ヤya ユyu ヨyo ラra リri ルru レre ロro ワwa ンn ガga ギgi グgu ゲge ゴgo ザza ジji ズzu ゼze ゾzo ダda ヂji ヅzu デde ドdo バba ビbi ブbu ベbe ボbo パpa ピpi プpu ペpe ポpo キャkya キュkyu キョkyo シャsha シュshu ショsho チャcha チュchu チョcho ニャnya ニュnyu ニョnyo ヒャhya ヒュhyu ヒョhyo ミャmya ミュmyu ミョmyo リャrya リュryu リョryo ギャgya ギュgyu ギョgyo ジャja ジュju ジョjo ビャbya ビュbyu ビョbyo'
    .split(' ')
    .map(one => [/^[^a-z]+/.exec(one)![0], one.replace(/^[^a-z]+/, '')]),
);

function passport(kana: string): string {
  let out = '';
  for (let i = 0; i < kana.length; i++) {
    if (kana[i] === 'ッ') {
      const next = syllables[kana.slice(i + 1, i + 3)] ?? syllables[kana[i + 1]!]!;
      out += next.startsWith('ch') ? 't' : next[0]!;
      continue;
    }
    const two = syllables[kana.slice(i, i + 2)];
    out += two ?? syllables[kana[i]!] ?? '';
    if (two !== undefined) i++;
  }
  return out.replace(/ou|oo/g, 'o').replace(/uu/g, 'u');
}

function knownPatient(place: number): Known {
  const person = personOf(request, place + 1);
  const r = random('text', 'patient', place);
  const number = String(7_100_000 + place * 37);
  const relativeName = name(r, r.chance(0.5) ? 'female' : 'male', person.name);
  const email = `${passport(person.name.givenKana)}.${place}@mail.example.jp`;
  const representation = (valueCode: string) => [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode }];
  const { insurance } = person;
  const street = line(person.place, 'kanji');
  return {
    person,
    number,
    romaji: [passport(person.name.familyKana), passport(person.name.givenKana)],
    relative: { family: relativeName.family, given: relativeName.given },
    email,
    myNumber: myNumber(r),
    resources: [
      {
        resourceType: 'Patient',
        id: `p${place}`,
        identifier: [
          { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: number },
          {
            system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID',
            value: `${insurance.insurer}:${insurance.symbol}:${insurance.number}:${insurance.branch}`,
          },
        ],
        name: [
          {
            extension: representation('IDE'),
            text: `${person.name.family} ${person.name.given}`,
            family: person.name.family,
            given: [person.name.given],
          },
          {
            extension: representation('SYL'),
            text: `${person.name.familyKana} ${person.name.givenKana}`,
            family: person.name.familyKana,
            given: [person.name.givenKana],
          },
        ],
        birthDate: person.birthDate,
        telecom: [
          { system: 'phone', value: person.phone },
          { system: 'email', value: email },
        ],
        address: [
          {
            state: person.place.state,
            city: person.place.city,
            line: [street],
            postalCode: person.place.postalCode,
            text: person.place.state + person.place.city + street,
          },
        ],
      },
      { resourceType: 'RelatedPerson', id: `r${place}`, name: [{ family: relativeName.family, given: [relativeName.given] }] },
    ],
  };
}

/** Doctors of one big house: 400, each family name as often as in life. */
const staffSize = 400;
const staffNames = Array.from({ length: staffSize }, (_, i) => {
  const r = random('text', 'staff', i);
  return name(r, r.chance(0.3) ? 'female' : 'male');
});
const institutionNames =
  '野連第一病院 野連第二病院 医療法人社団青葉会みどり台総合病院 若草記念病院 東雲リハビリテーション病院 松風大学医学部附属病院 光が原こどもクリニック 泉川整形外科医院'.split(
    ' ',
  );
/** Known to no record. */
const outsiders = '佐久間 宇佐美 三好 相沢 浅野 熊谷 丹羽 児玉 植田 片桐'.split(' ');
const clinics = 'ひまわり内科クリニック 北大路医院 山手通りクリニック 白樺病院 聖ルチア病院 さざんか病院 大和田眼科 双葉皮膚科クリニック'
  .split(' ')
  .filter(one => !one.endsWith('眼科'));
const workplaces = '株式会社緑山製作所 若竹小学校 東雲高等学校 (株)ミツバ運輸 月見台保育園'.split(' ');

const registry: readonly AnyResource[] = [
  ...staffNames.map((one, i) => ({
    resourceType: 'Practitioner',
    id: `s${i}`,
    name: [
      { family: one.family, given: [one.given], text: `${one.family} ${one.given}` },
      { family: one.familyKana, given: [one.givenKana] },
    ],
  })),
  ...institutionNames.map((one, i) => ({ resourceType: 'Organization', id: `o${i}`, name: one })),
];

type Filled = readonly [text: string, entity: Entity, whose: Truth['whose']];

const ivs = (text: string): string => text.replace(/([\u4e00-\u9fff])(?=[^\u4e00-\u9fff]|$)/, '$1\u{E0100}');
const digits = (r: Random, text: string): string => (r.chance(0.3) ? fullWidth(text) : text);
const hyphens = (r: Random, text: string): string => text.replaceAll('-', r.pick(['-', '-', '-', '‐', '−', 'ー', '－', '–']));
const spaces = (r: Random): string => r.pick([' ', '　', '', '', '・']);

function kanjiName(r: Random, family: string, given: string): string {
  let one = family;
  if (r.chance(0.4)) one = inVariant(family) ?? family;
  if (r.chance(0.1)) one = ivs(one);
  if (r.chance(0.05)) return [...one, ...given].join(r.pick([' ', '　']));
  return one + spaces(r) + given;
}

function kanaName(r: Random, family: string, given: string): string {
  const whole = family + r.pick([' ', '　', '', '・']) + given;
  const long = r.chance(0.3) ? whole.replace(/([オコソトノホモヨロゴゾドボポョ])[ウオ]/g, '$1ー') : whole;
  return r.pick([(text: string) => text, inHiragana, inHalfWidth, (text: string) => text.normalize('NFD')])(long);
}

function latinName(r: Random, [family, given]: readonly [string, string]): string {
  const [f, g] = [capital(family), capital(given)];
  return r.pick([
    `${g} ${f}`,
    `${f} ${g}`,
    `${f.toUpperCase()} ${g}`,
    `${f}, ${g}`,
    `${f.toUpperCase()} ${g.toUpperCase()}`,
    fullWidth(f) + '　' + fullWidth(g),
  ]);
}

const kanjiNumber = (n: number): string => {
  const ones = '〇一二三四五六七八九';
  return (n >= 10 ? (n >= 20 ? ones[Math.floor(n / 10)] : '') + '十' : '') + (n % 10 > 0 || n === 0 ? ones[n % 10]! : '');
};

/** A day in any of the forms in which charts have it. */
export function writtenDay(r: Random, iso: string, form?: number): string {
  const [y, m, d] = iso.split('-').map(Number) as [number, number, number];
  const [era, letter, first] =
    y >= 2020 ? ['令和', 'R', 2019] : y >= 1990 ? ['平成', 'H', 1989] : y >= 1927 ? ['昭和', 'S', 1926] : ['大正', 'T', 1912];
  const e = y - first + 1;
  const forms = [
    () => `${y}年${m}月${d}日`,
    () => `${era}${e}年${m}月${d}日`,
    () => `${y}/${m}/${d}`,
    () => `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`,
    () => `${letter}${e}.${m}.${d}`,
    () => `${y}.${m}.${d}`,
    () => fullWidth(`${y}年${m}月${d}日`),
    () => `${era}${e === 1 ? '元' : kanjiNumber(e)}年${kanjiNumber(m)}月${kanjiNumber(d)}日`,
    () => `${letter}${e}/${m}/${d}`,
    () => `${y}${String(m).padStart(2, '0')}${String(d).padStart(2, '0')}`,
    () => fullWidth(`${letter}${e}.${m}.${d}`),
    () => `${[...String(y)].map(c => '〇一二三四五六七八九'[Number(c)]!).join('')}年${kanjiNumber(m)}月${kanjiNumber(d)}日`,
  ];
  return (form === undefined ? r.pick(forms) : forms[form % forms.length]!)();
}

const anyDay = (r: Random): string =>
  `${r.whole(2015, 2025)}-${String(r.whole(1, 12)).padStart(2, '0')}-${String(r.whole(1, 28)).padStart(2, '0')}`;

/** What a slot of a template is filled with. */
const slots: Readonly<Record<string, (r: Random, of: Known) => Filled>> = {
  P: (r, { person: { name: n } }) => [kanjiName(r, n.family, n.given), 'name', 'patient'],
  PF: (r, { person: { name: n } }) => [r.chance(0.3) ? (inVariant(n.family) ?? n.family) : n.family, 'name', 'patient'],
  PG: (_r, { person: { name: n } }) => [n.given, 'name', 'patient'],
  PK: (r, { person: { name: n } }) => [kanaName(r, n.familyKana, n.givenKana), 'name', 'patient'],
  PR: (r, { romaji }) => [latinName(r, romaji), 'name', 'patient'],
  PRF: (_r, { romaji }) => [capital(romaji[0]), 'name', 'patient'],
  R: (r, { relative: n }) => [kanjiName(r, n.family, n.given), 'relative', 'patient'],
  RG: (_r, { relative: n }) => [n.given, 'relative', 'patient'],
  S: r => [r.pick(staffNames).family, 'staff', 'staff'],
  SF: r => {
    const n = r.pick(staffNames);
    return [kanjiName(r, n.family, n.given), 'staff', 'staff'];
  },
  SR: r => {
    const n = r.pick(staffNames);
    return [latinName(r, [passport(n.familyKana), passport(n.givenKana)]), 'staff', 'staff'];
  },
  O: r => [r.pick(outsiders), 'staff', 'other'],
  OE: r => [r.pick(english).split('/')[0]!, 'staff', 'other'],
  H: r => [r.pick(institutionNames), 'institution', 'staff'],
  X: r => [r.pick(clinics), 'institution', 'other'],
  W: r => [r.pick(workplaces), 'workplace', 'other'],
  A: (r, { person: { place: p } }) => {
    const street = line(p, r.pick(['kanji', 'hyphen', 'full-width'] as const));
    return [r.pick([p.state + p.city, p.city, p.state + ' ' + p.city]) + r.pick(['', ' ', '　']) + street, 'address', 'patient'];
  },
  Z: (r, { person: { place: p } }) => [digits(r, hyphens(r, p.postalCode)), 'postal-code', 'patient'],
  T: (r, { person: { phone } }) => [
    digits(
      r,
      r.pick([
        hyphens(r, phone),
        phone.replaceAll('-', ''),
        phone.replaceAll('-', ' '),
        phone.replace(/-(\d+)-/, '($1)'),
        '+81-' + phone.slice(1),
      ]),
    ),
    'phone',
    'patient',
  ],
  M: (_r, { email }) => [email, 'email', 'patient'],
  B: (r, { person: { birthDate } }) => [writtenDay(r, birthDate), 'birth-date', 'patient'],
  N: (r, { number }) => [digits(r, number), 'identifier', 'patient'],
  I: (r, { person: { insurance: i } }) => [digits(r, i.insurer), 'insurer-number', 'patient'],
  Y: (r, { person: { insurance: i } }) => [digits(r, i.number), 'insured-number', 'patient'],
  MN: (r, { myNumber: n }) => [
    digits(r, r.pick([n, n.replace(/(\d{4})(?=\d)/g, '$1 '), n.replace(/(\d{4})(?=\d)/g, '$1-')])),
    'my-number',
    'patient',
  ],
  V: r => [
    `${r.pick(['品川', '大阪', '横浜'])} ${r.whole(300, 599)} ${r.pick(['あ', 'さ', 'ね'])} ${r.whole(10, 99)}-${r.whole(10, 99)}`,
    'vehicle-number',
    'patient',
  ],
  C: () => ['4111 1111 1111 1111', 'card-number', 'patient'],
  CT: r => [r.pick(['川崎市', '大垣市', '港区', 'さいたま市', '東村山市']), 'address', 'other'],
  L: r => [String(r.whole(1_000_000_000, 9_999_999_999)), 'number', 'other'],
  D: r => [writtenDay(r, anyDay(r)), 'date', 'patient'],
  DM: r => [
    r.pick([
      `${r.whole(1, 12)}月${r.whole(1, 28)}日`,
      `${r.whole(1, 12)}/${r.whole(1, 28)}`,
      `${r.whole(2015, 2025)}年${r.whole(1, 12)}月`,
      `${r.whole(2015, 2025)}/${r.whole(1, 12)}`,
    ]),
    'date',
    'patient',
  ],
  DE: r => [`${r.pick(['January', 'March', 'June', 'October'])} ${r.whole(1, 28)}, ${r.whole(2015, 2025)}`, 'date', 'patient'],
  AG: r => [String(r.whole(90, 104)), 'age', 'patient'],
};
/** Numbers of medicine, which stay. */
const plainSlots: Readonly<Record<string, (r: Random) => string>> = {
  n1: r => String(r.whole(1, 9)),
  n2: r => String(r.whole(10, 89)),
  n3: r => String(r.whole(100, 280)),
  n4: r => String(r.whole(3000, 12_000)),
  n6: r => String(r.whole(100_000, 400_000)),
  dec: r => `${r.whole(1, 12)}.${r.whole(0, 9)}`,
};

function filled(template: string, r: Random, known: Known, patient: number): Sentence {
  const truth: Truth[] = [];
  let text = '';
  for (const part of template.split(/(\{\w+\})/)) {
    const slot = /^\{(\w+)\}$/.exec(part)?.[1];
    if (slot === undefined) text += part;
    else if (plainSlots[slot] !== undefined) text += plainSlots[slot](r);
    else {
      const [value, entity, whose] = slots[slot]!(r, known);
      truth.push({ start: text.length, end: text.length + value.length, entity, whose, slot });
      text += value;
    }
  }
  return { text, truth, patient };
}

const patientsInCorpus = 200;

/** @param count of sentences; those of one style are the same for the same count */
export function corpus(style: Style, count: number): Corpus {
  const of = templates[style];
  const patients = Array.from({ length: patientsInCorpus }, (_, i) => knownPatient(i));
  const r = random('text', 'sentences', style);
  const sentences = Array.from({ length: count }, (_, i) => {
    const patient = r.whole(0, patientsInCorpus - 1);
    // Of 1,000 sentences so many of each kind; what is left are plain ones.
    let at = (i % 1000) + (Math.floor(i / 1000) % 2) * 0.5;
    const kind = of.find(({ perThousand }) => (at -= perThousand) < 0) ?? of.at(-1)!;
    return filled(r.pick(kind.sentences), r, patients[patient]!, patient);
  });
  return { patients: patients.map(one => one.resources), registry, sentences };
}
