/**
 * Numbers that tell a person without anybody knowing them beforehand: by a check digit, by their form, by the word beside them, or only by their length.
 * マイナンバー: 行政手続における特定の個人を識別するための番号の利用等に関する省令 5条; 保険者番号: weights 2,1,2,1… from the right; cards: ISO/IEC 7812-1 (Luhn).
 * Every expression is bounded, so that a hostile text costs no more than a long one.
 * @module
 */
import { daysIn } from './date.ts';
import { each } from './each.ts';
import type { Emit, Entity } from './entity.ts';
import { isDigit } from './letters.ts';

/** Sum of digits times weights, `weight(n)` for the n-th digit from the right, n from 1. */
const weighed = (digits: string, weight: (n: number) => number, of: (product: number) => number = product => product): number => {
  let sum = 0;
  for (let n = 1; n <= digits.length; n++) sum += of(Number(digits[digits.length - n]) * weight(n));
  return sum;
};
const digitSum = (product: number): number => (product > 9 ? product - 9 : product);

/** マイナンバー: 12 digits, the last one checks: 123456789018. */
export function isMyNumber(digits: string): boolean {
  if (!/^\d{12}$/.test(digits)) return false;
  const rest = weighed(digits.slice(0, 11), n => (n <= 6 ? n + 1 : n - 5)) % 11;
  return Number(digits[11]) === (rest <= 1 ? 0 : 11 - rest);
}

/** 保険者番号 (8 digits, 6 of the national health insurance) and 公費負担者番号 (8): 33120015. */
export function isInsurerNumber(digits: string): boolean {
  if (!/^(?:\d{6}|\d{8})$/.test(digits)) return false;
  const sum = weighed(digits.slice(0, -1), n => (n % 2 === 1 ? 2 : 1), digitSum);
  return Number(digits.at(-1)) === (10 - (sum % 10)) % 10;
}

/** Card numbers: 13 to 19 digits, Luhn. */
export const isCardNumber = (digits: string): boolean =>
  /^\d{13,19}$/.test(digits) && !/^0+$/.test(digits) && weighed(digits, n => (n % 2 === 0 ? 2 : 1), digitSum) % 10 === 0;

/** 医療機関コード: prefecture, 点数表, seven digits (CLINS rule R1021). */
export const isInstitutionNumber = (digits: string): boolean => /^[0-4]\d[1-3]\d{7}$/.test(digits);

/** Public payers, by the law that the first two digits name; employees' insurers begin with 01–07, 31–34, 39, 63, 72–75. */
const isPublicPayer = (digits: string): boolean => /^(?:1[0-9]|2[0-9]|3[08]|5[1-6]|6[26]|7[9]|8[0-9]|9[0-9])/.test(digits);

interface Cue {
  readonly expression: RegExp;
  readonly entity: Entity;
}

const value = '[A-Za-z0-9](?:[A-Za-z0-9]|[-/・.](?=[A-Za-z0-9])){1,39}';
const separator = '\\s?(?:は|が|[:=＝]|\\(|\\[|番号|No\\.?|#)?\\s?[:=(]?\\s?';

/** A word, and the number beside it. The number is the last group; what stands before it stays. */
const cues: readonly Cue[] = [
  { expression: new RegExp(`(マイナンバー|個人番号|my ?number)(${separator})(\\d[\\d ・._-]{9,24}\\d)`, 'gi'), entity: 'my-number' },
  { expression: new RegExp(`(保険者番号|insurer (?:number|no\\.?))(${separator})(\\d[\\d-]{3,9})`, 'gi'), entity: 'insurer-number' },
  {
    expression: new RegExp(`(公費負担者番号|公費|受給者番号|負担者番号)(${separator})(\\d[\\d-]{4,9})`, 'g'),
    entity: 'public-payer-number',
  },
  {
    expression:
      /((?:被保険者(?:証|手帳)?[の(]?)?(?:等)?記号[・、と]?(?:番号)?)(\s?[:=]\s?|\s|(?=[0-9A-Za-z]|[一-龠ぁ-ん]{1,3}\d))([0-9A-Za-zぁ-んァ-ヶ一-龠]{1,10}(?:\s?[・\-/]\s?[0-9A-Za-z]{1,12})?)(?=\s|[、。,:)）]|番号|枝番|$)/g,
    entity: 'insured-number',
  },
  { expression: /(被保険者(?:証)?番号|(?<=記号[^。]{0,20})番号)(\s?[:=]?\s?)(\d{1,12})(?=\D|$)/g, entity: 'insured-number' },
  { expression: /((?:被保険者|組合員|加入者)(?:証|手帳)?(?:番号)?)(\s?[:=]?\s?)([0-9A-Za-z-]{3,20})/g, entity: 'insured-number' },
  { expression: /((?:健康)?保険証(?:番号)?)(\s?[:=は]?\s?)(\d[\d-]{2,14}\d)/g, entity: 'insured-number' },
  { expression: /(枝番(?:号)?)(\s?[:=は]?\s?)(\d{1,2})/g, entity: 'insured-number' },
  { expression: /(医療機関(?:コード|番号)|施設(?:コード|番号))(\s?[:=は]?\s?)(\d[\d-]{5,11}\d)/g, entity: 'institution-number' },
  {
    expression:
      /(運転免許(?:証)?(?:番号)?|(?:driver'?s?|driving) licen[cs]e(?: number| no\.?)?|在留カード(?:番号)?|旅券(?:番号)?|パスポート(?:番号)?|passport(?: number| no\.?)?)(\s?[:=は#]?\s?)((?:第\s?)?[A-Za-z]{0,3}\d[A-Za-z0-9-]{4,15}(?:\s?号)?)/gi,
    entity: 'document-number',
  },
  {
    expression:
      /((?:麻薬(?:施用者|管理者|取扱者)?|医師|看護師|薬剤師|歯科医師)?(?:免許|医籍登録|医籍|登録)(?:証)?(?:番号)?)(\s?[:=は]?\s?)(第?\s?[A-Za-z]?\d[\d-]{2,14}\s?号?)/g,
    entity: 'licence-number',
  },
  {
    expression: new RegExp(
      `((?:患者|診察券|カルテ|診療録|受付|登録|症例|検体|オーダー?|伝票|受診|入院|会員|口座|社員|学籍|管理|製造|シリアル|ロット|個体)(?:番号|ID|No\\.?)|(?<![A-Za-z])(?:ID|MRN|MR(?= ?#)|SSN|NHS|PID|Lot|S/N|acct|account|chart|record|patient|member|policy|specimen|accession|serial)(?: ?(?:number|no\\.?|id|#))?(?![A-Za-z])|(?<![A-Za-z])No\\.)(${separator})((?=[A-Za-z/.-]{0,12}\\d)${value})`,
      'gi',
    ),
    entity: 'identifier',
  },
  {
    expression: /((?:暗証番号|パスワード|passwords?|(?<![A-Za-z])PIN(?![A-Za-z])))(\s?(?:は|is|[:=])?\s?)([A-Za-z0-9!#$%&*+@_-]{4,30})/gi,
    entity: 'identifier',
  },
  { expression: /(番号)(\s?[:=は]?\s?)(\d{4,11})(?=\D|$)/g, entity: 'identifier' },
  // カルテ 2024年 and カルテ20240305 are days.
  { expression: /(診察券|カルテ)(\s?[:=は]?\s?)((?!(?:19|20)\d{6}(?!\d))\d{4,10}(?![\d年.]|[/-]\d))/g, entity: 'identifier' },
  {
    expression: /((?:TEL|FAX|電話|携帯|自宅|phone|mobile|cell|call)(?:番号)?)(\s?[:は#]?\s?)(\+?(?:\(\d{2,5}\) ?)?\d[\d() -]{2,17}\d)/gi,
    entity: 'phone',
  },
  {
    expression: /((?:内線|PHS|pager|短縮|(?<![A-Za-z])ext(?:ension|\.)?)(?:番号)?)(\s?[:は#]?\s?)(\d{2,6})(?!\d|\.\d|\s?(?:回|mm|cm))/gi,
    entity: 'phone',
  },
  {
    expression:
      /((?<![A-Za-z])(?:room|rm\.?|bed|病室|ベッド)(?: ?(?:No\.?|番号))?)( ?[:#]? ?)(\d{1,4}(?:-\d{1,4})?[A-Za-z]?)(?![\dA-Za-z]|\.\d| ?(?:times|visits?|hours?|days?|weeks?|min|deg|air|度|回|日|分|時間|台|床|人|名|%|°|,\d))/gi,
    entity: 'number',
  },
  {
    expression:
      /((?:(?:障害者?|療育|福祉|母子|年金|介護|免状|証書)(?:健康)?(?:手帳|証)(?:番号|\s?\d級)?|手帳番号|手帳(?=\s?(?:第|\d{5}))))(\s?[:=は]?\s?)(第?\s?[A-Za-z]?\d[\d-]{2,14}\s?号?)/g,
    entity: 'identifier',
  },
  {
    expression:
      /((?<![A-Za-z])(?:medicare|medicaid|VIN|NPI|license plate|plate|serial|device id|UDI)(?: ?(?:number|no\.?|id|#))?(?![A-Za-z]))(\s?[:=#]?\s?)((?=[A-Za-z-]{0,17}\d)[A-Za-z0-9][A-Za-z0-9-]{3,30})/gi,
    entity: 'identifier',
  },
  { expression: /(SSN|social security(?: number| no\.?)?)(\s?[:=#]?\s?)(\d{3}[ -]?\d{2}[ -]?\d{4})(?!\d)/gi, entity: 'identifier' },
  { expression: /(〒)(\s?)(\d{3}-?\d{4}|\d{3})/g, entity: 'postal-code' },
];

const phone =
  /(?<!\d)(?:(?<!\d\.)|(?=0\d{1,4}-))(?:\(?0\d{1,4}[- .()]{1,2}\d{1,4}[- .()]{1,2}\d{3,4}|0[5789]0\d{8}|0\d{9}|\+\d{1,3}[- .]?\(?\d{1,4}\)?[- .]?\d{1,4}[- .]?\d{3,4}(?:[- .]?\d{2,4})?|\(\d{3}\) ?\d{3}-\d{4}|\d{3}[-.]\d{3}[-.]\d{4})(?![\d]|\.\d)/g;
/** 090・1111・2222, 03／1234／5678; 090 in one cell of a table and the rest in the next. */
const phoneBetween = /(?<!\d)(?<!\d[.,])(0\d{1,4})([・/、,，_\t\n])\d{1,4}\2\d{3,4}(?!\d|[.,]\d)/g;
/** Objects of DICOM, institutions: 1.2.840.113619.2.55.3.604688119. What the standard itself defines names nobody. */
const oid = /(?<!\d)(?<!\d\.)(?!1\.2\.840\.10008\.)(?:1\.2\.\d{3}|1\.3\.\d{1,2}|2\.16\.\d{3})(?:\.\d{1,40}){2,30}(?!\d|\.\d)/g;
/** 〇三-一二三四-五六七八, in documents that are written downwards. */
const phoneInKanji =
  /(?<![〇零一二三四五六七八九十百千万])[〇零][〇零一二三四五六七八九]{1,4}[-ー・の(][〇零一二三四五六七八九]{1,4}[-ー・の)][〇零一二三四五六七八九]{3,4}(?![〇零一二三四五六七八九十百千万])/g;
/** 〇九〇一二三四五六七八, and any other number of seven digits or more in kanji. */
const inKanji = /[〇零一二三四五六七八九]{7,40}/g;
const at = '(?: at | ?[(\\[<{] ?(?:at|@) ?[)\\]>}] ?| ?(?:アットマーク|アット|あっと) ?)';
const dot = '(?:\\.| dot | ?[(\\[<{] ?(?:dot|\\.) ?[)\\]>}] ?| ?(?:ドット|どっと) ?)';
/** t.yamada at example dot jp */
const mailInWords = new RegExp(
  `(?<![A-Za-z0-9._-])[A-Za-z0-9](?:[A-Za-z0-9_-]|${dot}(?=[A-Za-z0-9])){1,40}${at}[A-Za-z0-9-]{2,40}(?:${dot}[A-Za-z0-9-]{2,20}){1,4}(?![A-Za-z])`,
  'gi',
);
const topDomain = 'com|net|org|jp|info|biz|edu|gov|io|me|tv|us|uk|de|fr|co';
/** t.yamada @ example.jp, info@病院.jp, root@[192.0.2.1] */
const mailApart = new RegExp(
  `(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{2,64}(?: ?@ ?[\\p{L}\\p{N}-]{1,40}(?:\\.[\\p{L}\\p{N}-]{1,40}){0,3}\\.(?:${topDomain})(?![A-Za-z0-9])|@\\[?\\d{1,3}(?:\\.\\d{1,3}){3}\\]?)`,
  'gu',
);
/** yamada-taro.example.jp/about */
const domain = new RegExp(
  `(?<![A-Za-z0-9@._-])(?:[A-Za-z0-9-]{2,40}\\.){1,4}(?:${topDomain})(?![A-Za-z0-9-])(?:/[A-Za-z0-9_./?=&%#~-]{0,200})?`,
  'g',
);
/** @taro_y31; @ 37.5 and @home are none. */
const handle = /(?<![A-Za-z0-9._%+-])@(?=[A-Za-z]*[_\d.])[A-Za-z_][A-Za-z0-9_.]{2,40}/g;
/** LINE ID: taro; a line that is placed, and how to handle something, are none. */
const account =
  /(?<![A-Za-z])(?:LINE|Twitter|Instagram|Facebook|TikTok|YouTube|Skype|WeChat|WhatsApp|Telegram|Discord|ライン|ツイッター|インスタ(?:グラム)?|フェイスブック|SNS|アカウント|ユーザー名|[Uu]ser ?name)の? ?(?:(?:ID|アカウント|名|account|handle)[ :は@]{1,3}|[:は「@)] ?@?)([A-Za-z0-9_][A-Za-z0-9_.-]{3,40})/g;
const address =
  /(?<!\d)(?<!\d\.)(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)|(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])/g;
/** 1 2 3 4 …, 1234・5678・9018, 123 456 789 018 */
const spread =
  /(?<!\d)(?:\d(?:[ ・._-]\d){11}|\d{4}[ ・._/-]{1,2}\d{4}[ ・._/-]{1,2}\d{4}|\d{3}(?:[ ・._-]\d{3}){3}|\d{6}[ ・._-]\d{6})(?!\d)/g;
/** 305号室 */
const room = /(?<!\d)\d{2,4}(?=号室)/g;
const postal = /(?<![\d-])(?<!\d\.)\d{3}-\d{4}(?![\d-]|\.\d)/g;
const url = /(?:https?|ftp):\/\/[^\s<>"'「」『』（）()、。]{1,2000}|www\.[^\s<>"'「」『』（）()、。]{2,2000}/gi;
const vehicle = /(?:[一-龠]{1,4}|[ぁ-ん]{3})\s?\d{2,3}\s?[ぁ-ん]\s?(?:\d{1,2}-\d{2}|[・.]{1,3}\d{1,3}|\d{4})(?!\d)/g;
/** JP_Insurance_memberID: insurer, symbol, number, branch. */
const member = /(?<!\d)\d{8}:[^:\s]{0,20}:[^:\s]{0,20}:(?:\d\d)?/g;
/** RFC 4122, and other urns. */
const uuid = /(?:urn:(?:uuid|oid):)?(?:(?<![0-9a-f-])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])|(?<=urn:oid:)\d[\d.]{3,80})/gi;
const motorcycle = /[一-龠]{1,4} [あ-えかきくけこさすせそたちつてなぬねひふほまみむめやゆらりるろわ] \d{1,2}-\d{2}(?!\d)/g;
const passport = /(?<![A-Za-z0-9])[A-Z]{2}\d{7}(?![A-Za-z0-9])/g;
const digits = /\d(?:\d|-(?=\d)){5,40}/g;
/** In groups, as cards and letters have them: four by four, 4-6-5. */
const grouped = /(?<!\d)(?:\d{4}[ -]\d{4}[ -]\d{4}(?:[ -]\d{1,7})?|\d{4}[ -]\d{6}[ -]\d{4,5})(?!\d)/g;
const mixed = /(?<![A-Za-z0-9])(?=[A-Za-z-]{0,11}\d)[A-Za-z]{1,6}-?\d(?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){4,39}/g;
const mailUnit = /[A-Za-z0-9._%+-]/;
const hostUnit = /[A-Za-z0-9.-]/;

/** Units of measure behind a long number: then it is a count, not a name. */
const measured = /^\s?(?:\/|個|円|歩|copies|cells?|IU|U\b|mg|µ?g\b|mL|万|千|人|kcal|ppm|kg|cfu|コピー|単位|国際単位)/i;

/**
 * @param free whether none of these units is told of already (a date, for one)
 */
export function findNumbers(plain: string, emit: Emit, free: (start: number, end: number) => boolean): void {
  if (plain.includes('@')) {
    mails(plain, emit);
    each(mailApart, plain, match => emit(match.index, match.index + match[0].length, 'email'));
  }
  if (/:\/\/|www\./i.test(plain)) each(url, plain, match => emit(match.index, match.index + match[0].length, 'url'));
  if (/[〇零]/.test(plain)) each(phoneInKanji, plain, match => emit(match.index, match.index + match[0].length, 'phone'));
  each(inKanji, plain, ({ 0: text, index }) =>
    emit(index, index + text.length, /^[〇零][一二三四五六七八九].{8,9}$/.test(text) ? 'phone' : 'number'),
  );
  if (/[A-Za-z]/.test(plain)) {
    if (/at|アット|あっと/i.test(plain)) each(mailInWords, plain, match => emit(match.index, match.index + match[0].length, 'email'));
    if (plain.includes('.')) each(domain, plain, match => emit(match.index, match.index + match[0].length, 'url'));
    if (plain.includes('@')) each(handle, plain, match => emit(match.index, match.index + match[0].length, 'url'));
    each(account, plain, ({ 0: text, 1: name, index }) => emit(index + text.length - name!.length, index + text.length, 'url'));
  }
  if (!/\d/.test(plain)) return;

  for (const { expression, entity } of cues) {
    each(expression, plain, match => {
      const end = match.index + match[0].length;
      const start = end - match.at(-1)!.length;
      // 患者ID 20240305 is no day.
      if (free(start, end) || /^\d+$/.test(match.at(-1)!)) emit(start, end, entity);
    });
  }
  each(phone, plain, match => {
    const start = match.index;
    const end = start + match[0].length;
    const count = match[0].replace(/\D/g, '').length;
    if (count >= 9 && count <= 15 && free(start, end)) emit(start, end, 'phone');
  });
  each(phoneBetween, plain, ({ 0: text, index }) => {
    if (/^\d{10,11}$/.test(text.replace(/\D/g, ''))) emit(index, index + text.length, 'phone');
  });
  if (plain.includes('.')) each(oid, plain, match => emit(match.index, match.index + match[0].length, 'identifier'));
  each(postal, plain, match => {
    if (free(match.index, match.index + 8)) emit(match.index, match.index + 8, 'postal-code');
  });
  each(room, plain, match => emit(match.index, match.index + match[0].length, 'number'));
  each(vehicle, plain, match => emit(match.index, match.index + match[0].length, 'vehicle-number'));
  each(motorcycle, plain, match => emit(match.index, match.index + match[0].length, 'vehicle-number'));
  each(member, plain, match => emit(match.index, match.index + match[0].length, 'insured-number'));
  if (plain.includes('-') || plain.includes('urn:'))
    each(uuid, plain, match => emit(match.index, match.index + match[0].length, 'identifier'));
  each(passport, plain, match => emit(match.index, match.index + match[0].length, 'document-number'));
  each(address, plain, match => {
    if (match[0].length > 8 && free(match.index, match.index + match[0].length))
      emit(match.index, match.index + match[0].length, 'identifier');
  });
  each(spread, plain, match => {
    if (isMyNumber(match[0].replace(/\D/g, ''))) emit(match.index, match.index + match[0].length, 'my-number');
  });
  each(grouped, plain, match => {
    const bare = match[0].replace(/\D/g, '');
    if (isMyNumber(bare) || isCardNumber(bare))
      emit(match.index, match.index + match[0].length, isMyNumber(bare) ? 'my-number' : 'card-number');
  });
  each(digits, plain, match => long(plain, match, emit, free));
  each(mixed, plain, match => {
    const start = match.index;
    const end = start + match[0].length;
    if (match[0].replace(/\D/g, '').length >= 5 && free(start, end)) emit(start, end, 'identifier');
  });
}

/** YYYYMMDD of this century or the last. */
function isDay(digits: string): boolean {
  const [year, month, day] = [Number(digits.slice(0, 4)), Number(digits.slice(4, 6)), Number(digits.slice(6))];
  return year >= 1900 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** A run of digits, with single hyphens inside: what it is by its check digit, else by its length. */
function long(plain: string, match: RegExpExecArray, emit: Emit, free: (start: number, end: number) => boolean): void {
  const start = match.index;
  const end = start + match[0].length;
  const bare = match[0].replace(/\D/g, '');
  if (!free(start, end)) return;
  const decimal =
    (plain[start - 1] === '.' && isDigit(plain.charCodeAt(start - 2))) || (plain[end] === '.' && isDigit(plain.charCodeAt(end + 1)));
  if (isMyNumber(bare)) emit(start, end, 'my-number');
  // 20240305CT is a day that stands too close to be moved.
  else if (/^\d{8}$/.test(match[0]) && isDay(bare)) emit(start, end, 'date');
  else if (isCardNumber(bare)) emit(start, end, 'card-number');
  else if (decimal && bare.length < 12) return;
  else if (isInstitutionNumber(bare)) emit(start, end, 'institution-number');
  else if (bare.length === 8 && isInsurerNumber(bare)) emit(start, end, isPublicPayer(bare) ? 'public-payer-number' : 'insurer-number');
  else if (bare.length >= 7 && !(bare.length <= 9 && measured.test(plain.slice(end, end + 6)))) emit(start, end, 'number');
}

function mails(plain: string, emit: Emit): void {
  for (let at = plain.indexOf('@'); at >= 0; at = plain.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < 64 && mailUnit.test(plain[start - 1]!)) start--;
    let end = at + 1;
    while (end < plain.length && end - at < 255 && hostUnit.test(plain[end]!)) end++;
    while (end > at + 1 && /[.-]/.test(plain[end - 1]!)) end--;
    if (start < at && end > at + 1) emit(start, end, 'email');
  }
}
