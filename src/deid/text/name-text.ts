/**
 * HumanName.text as people fill it in: with a reading, a former or another name in brackets, a label before and an age behind, its parts between ^ and its writings between = or /.
 * Every name that it says becomes one of its own; what stands in brackets and is none (死亡, 循環器内科) becomes none.
 * R4: https://hl7.org/fhir/R4/datatypes.html#HumanName
 * @module
 */
import type { KnownName } from './known.ts';
import { divide, longest } from './person.ts';
import { namesNobody } from './role.ts';
import { surnameAt } from './surnames.ts';

/** Most texts are a name and nothing else. */
const more = /[()[\]{}<>「」『』【】〔〕〈〉《》"“”^=/|;\d（［｛＜＾＝／｜；０-９]|患者|氏名|名前|[:：]|[男女](?:性|児)?$|male$|\s\S+\s/i;
const brackets = /[([{<「『【〔〈《"“]([^()[\]{}<>「」『』【】〔〕〈〉《》"“”]{1,60})(?:[)\]}>」』】〕〉》"”]|$)/g;

const labelBefore =
  /^(?:(?:患者(?:氏名|名|様)?|お?名前|氏名)[\s:]*|(?:フリガナ|ふりがな|カナ氏名|カナ|漢字氏名|漢字|patient(?: name)?|pt|name)\s*[:.]\s*|\d+[\s:]+)/i;
const sexBehind = /(?<![\s,、])[\s,、]+(?:[男女](?:性|児)?|(?:fe)?male)$/i;
/** An age, a day or a number. */
const numberBehind = /\d{2}|\d ?[歳才かヶy]/i;

const familyOnly = /^(?:旧姓|née|nee|maiden(?: name)?|formerly)\s*[:は]?\s*/i;
const otherName =
  /^(?:旧(?:氏)?名|通称|通名|別名|本名|愛称|ふりがな|フリガナ|よみがな|よみ|読み仮名|読み|カナ|かな|ローマ字|a\.?k\.?a\.?|also known as)\s*[:は]?\s*(?=\S)/i;
const nobody =
  /^(?:[男女](?:性|児)?|故人?|deceased|dead|(?:fe)?male|inpatient|outpatient|test|dummy|new|old|temp|vip|he|she|they|him|her|jr|sr|i{2,3}|.*(?:科|部|室|課|病棟|センター|外来|病院|クリニック|医院|担当|師|員|長|者))\.?$/i;

const kanji = /[\u3400-\u9fff]/;
const kana = /^[\u3041-\u30ff\s・]+$/;
const latin = /^[\p{Script=Latin}\s.,'’-]+$/u;
const scriptOf = (word: string): 'kanji' | 'kana' | 'latin' => (latin.test(word) ? 'latin' : kana.test(word) ? 'kana' : 'kanji');

/** Names of one HumanName; those of a text that says one only, as it is. */
export function namesOf(name: KnownName): KnownName[] {
  if (name.text === undefined || !more.test(name.text)) return [name];
  const { text, ...parts } = name;
  const inside: string[] = [];
  const outside = text
    .slice(0, longest)
    .normalize('NFKC')
    .slice(0, longest)
    .replace(brackets, (_, one: string) => {
      inside.push(one.trim());
      return ' ';
    });
  const [first, ...others] = writings(bare(outside));
  const isOwn = name.role === 'patient' || name.role === 'related';
  const found: Spelled[] = [...others, ...inside.flatMap(one => inBrackets(one, outside, first, isOwn))];
  // Of a record that has parts too the text is another form of these.
  const whole =
    first === undefined
      ? []
      : [{ ...parts, ...first, ...(parts.family === undefined ? {} : { family: parts.family, given: parts.given }) }];
  return [
    ...(whole.length === 0 && (parts.family !== undefined || parts.given.length > 0) ? [parts] : whole),
    ...found.map(one => ({ role: name.role, ...one })),
  ];
}

type Spelled = Pick<KnownName, 'family' | 'given' | 'text'>;

/** Without label, age and sex. */
function bare(text: string): string {
  let rest = text.trim();
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(labelBefore, '');
  }
  const at = rest.search(numberBehind);
  return (at > 0 ? rest.slice(0, at).trimEnd() : rest)
    .replace(sexBehind, '')
    .replace(/^[\s,、:/]+/, '')
    .trim();
}

/** 山田^太郎=ヤマダ^タロウ, 高橋健一/タカハシケンイチ, ヤマダ タロウ 山田太郎; 山田/太郎 is one. */
function writings(text: string): Spelled[] {
  const several = text
    .split(/[=/;|]/)
    .map(one => one.trim())
    .filter(one => one !== '');
  const [family, given] = several;
  if (
    several.length === 2 &&
    several.every(one => !/[\s^]/.test(one) && divide(one) === undefined) &&
    scriptOf(family!) === scriptOf(given!) &&
    (scriptOf(family!) !== 'kana' || family!.length + given!.length < 8)
  )
    return [{ family: family!, given: [given!] }];
  return several.flatMap((one): Spelled[] => {
    if (!one.includes('^')) return byScript(one).map(text => ({ text, given: [] }));
    const [family, ...given] = one.split('^').map(part => part.trim());
    const givens = given.slice(0, 2).filter(part => part !== '');
    return family === '' && givens.length === 0 ? [] : [{ ...(family === '' ? {} : { family: family! }), given: givens }];
  });
}

/** Two names in a row, each in its script; 高橋 マイケル is one. */
function byScript(text: string): string[] {
  const words = text.split(/\s+/);
  const at = words.findIndex(word => scriptOf(word) !== scriptOf(words[0]!));
  const [one, other] = [words.slice(0, at).join(' '), words.slice(at).join(' ')];
  return at > 0 && divide(one) !== undefined && divide(other) !== undefined && new Set(words.slice(at).map(scriptOf)).size === 1
    ? [one, other]
    : [text];
}

/** What stands in brackets, as names: by its label, by its reading, by the surname that it begins with. */
function inBrackets(text: string, outside: string, first: Spelled | undefined, isOwn: boolean): Spelled[] {
  const family = text.replace(familyOnly, '');
  if (family !== text) {
    if (/[\s,]/.test(family)) return [{ text: family, given: [] }];
    const given = first?.family === undefined ? divide(first?.text ?? '')?.given : first.given.join(' ');
    return [{ family, given: given === undefined ? [] : [given] }];
  }
  const other = bare(text.replace(otherName, ''));
  if (other === '' || nobody.test(other) || namesNobody(other)) return [];
  const script = scriptOf(other);
  const words = other.split(/[\s^=/]+/).length;
  const isName =
    other !== text ||
    (script === 'kanji'
      ? (kanji.test(other) && !kanji.test(outside)) || (surnameAt(other)?.length ?? 9) < other.length
      : script === 'kana'
        ? words > 1 || other.length >= (isOwn ? 2 : 6)
        : isOwn
          ? /^[A-Z]/.test(other)
          : words > 1 && !latin.test(outside));
  if (!isName) return [];
  // Jack, of John Smith.
  if (script === 'latin' && words === 1) return [{ given: [other] }];
  return writings(other);
}
