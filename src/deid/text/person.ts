/**
 * The forms of one name of a person: whole, turned round, family name alone, given name alone; from kana also in Latin letters, from a text in one piece also its parts.
 * @module
 */
import { everyday } from './everyday.ts';
import { keyString } from './fold.ts';
import { entityOf, type Form, type Sureness } from './form.ts';
import type { KnownName } from './known.ts';
import { isKanji, isKatakana } from './letters.ts';
import { nicknames } from './nicknames.ts';
import { namesNobody } from './role.ts';
import { romaji } from './romaji.ts';
import { surnameAt } from './surnames.ts';

interface Parts {
  readonly family: string;
  readonly given: string;
}

const every = (text: string, test: (c: number) => boolean): boolean => {
  for (let i = 0; i < text.length; i++) if (!test(text.charCodeAt(i))) return false;
  return text !== '';
};

/** Longest text that is read as a name or a part of one, UTF-16 units; forms of it are cut before (dictionary.ts). */
export const longest = 200;
/** Longest name, and beginning of one, of which forms are made letter by letter. */
const longestLetters = 20;

/** Titles and departments that a display has around a name. */
const around =
  /^(?:.*(?:科|部|室|課|病棟|センター|外来|病院|クリニック|医院)[\s　]+)|(?:先生|医師|様|さん|氏|殿|看護師|薬剤師|技師|教授|部長|医長|院長|Dr\.?)\s*$|^(?:Dr|Mr|Mrs|Ms|Miss|Prof)\.?\s+|^(?:医師|看護師|薬剤師|担当医|主治医)[:：\s　]*|,?\s*(?:M\.?D\.?|Ph\.?D\.?|R\.?N\.?)\s*$|,?\s(?:Jr|Sr|I{2,3})\.?\s*$/i;

/** A name written in one piece, as two parts, as well as can be told. */
export function divide(text: string): Parts | undefined {
  const words = text
    .trim()
    .split(/[\s　・,，]+/)
    .filter(word => word !== '');
  if (words.length >= 2) {
    const latin = /^[\p{Script=Latin}.'-]+$/u.test(words[0]!);
    // Smith, John; John Smith; 山田 太郎.
    if (!latin || /^[^\s]+\s*[,，]/.test(text)) return { family: words[0]!, given: words.slice(1).join(' ') };
    return { family: words.at(-1)!, given: words.slice(0, -1).join(' ') };
  }
  const family = surnameAt(text);
  return family === undefined || family.length >= text.length ? undefined : { family, given: text.slice(family.length) };
}

/** A name in kana in one piece, cut wherever the family name may end: タカハシケンイチ. */
function cuts(text: string): string[] {
  const key = keyString(text).slice(0, longestLetters);
  if (!every(key, isKatakana)) return [];
  return Array.from({ length: Math.max(0, key.length - 3) }, (_, i) => [key.slice(0, i + 2), key.slice(i + 2)]).flat();
}

/** Where no list tells where the family name ends, it may be of two to five kanji. */
function guesses(text: string): Parts[] {
  if (!every(text, isKanji)) return [];
  return [2, 3, 4, 5].filter(n => n < text.length).map(n => ({ family: text.slice(0, n), given: text.slice(n) }));
}

/** @param own a patient's or relative's, of which more forms are made and fewer need a word beside them; those of staff are too many, and too often words */
export function personForms({ role, text, representation, ...parts }: KnownName, own: boolean): Form[] {
  const family = parts.family?.slice(0, longest);
  const given = parts.given.join(' ').slice(0, longest);
  const entity = entityOf[role];
  const forms: Form[] = [];
  const add = (written: string, sureness: Sureness, isFamily = false): void => {
    forms.push({ text: written, entity, sureness, isFamily });
  };

  const pairs: Parts[] = [];
  if (family !== undefined) pairs.push({ family, given });
  else if (given !== '') pairs.push({ family: '', given });
  const bare = text === undefined || namesNobody(text) ? undefined : text.slice(0, longest).replace(around, '').replace(around, '').trim();
  if (bare !== undefined && bare !== '' && !namesNobody(bare)) {
    const parts = divide(bare);
    if (parts !== undefined) pairs.push(parts);
    else if (own && pairs.length === 0) {
      pairs.push(...guesses(bare));
      for (const cut of cuts(bare)) {
        add(cut, cut.length > 2 ? 'part' : 'cued');
        if (cut.length > 2) for (const written of romaji(cut)) add(written, written.length > 4 ? 'part' : 'capital');
      }
    }
    if (pairs.length === 0 || keyString(bare).length > 1) whole(bare);
  }

  function whole(written: string): void {
    const key = keyString(written);
    if (key.length < 2 && !/[\u3400-\u9fff]/.test(key)) return;
    add(written, key.length >= 3 || (key.length === 2 && /[\u4e00-\u9fff]/.test(key)) ? 'whole' : 'cued');
    // A kanji that could not be shown.
    if (own && every(key, isKanji) && key.length >= 3 && key.length <= longestLetters)
      for (let i = 0; i < key.length; i++) add(key.slice(0, i) + '●' + key.slice(i + 1), 'whole');
  }
  const part = (written: string, isFamily: boolean): void => {
    const key = keyString(written);
    // One letter or kana is an initial or a mark.
    // 誠に is no doctor.
    if (key === '' || (key.length === 1 && (!/[\u3400-\u9fff]/.test(key) || (!own && !isFamily)))) return;
    const kanji = every(key, isKanji);
    const kana = !kanji && every(key, isKatakana);
    const latin = !kanji && !kana && /^[a-z]+$/.test(key);
    const least = kanji ? 2 : kana ? (own ? 2 : 3) : latin ? (own ? 3 : 4) : 2;
    // Staff are called by the family name.
    const sure = key.length >= least && (own || (isFamily && !kana));
    // 下部 is a patient's name in all of his texts; May is only with its capital letter.
    const word = (everyday.has(key) && !(own && kanji)) || (latin && key.length < 4);
    add(written, !sure || (word && !own) ? 'cued' : !word ? 'part' : latin ? 'capital' : 'cued', own && isFamily);
    if (!own) return;
    // Van Ek and O Neil, as the record has them: of five letters no other words.
    if (latin && key.length > 4 && /[\s'’-]/.test(written.trim())) add(written, 'whole');
    // 太ちゃん, たろちゃん, ゆうさん; Johnny.
    if (kanji && key.length > 1) add(written[0]!, 'called');
    if (kana) for (let n = 2; n < Math.min(key.length, longestLetters); n++) add(key.slice(0, n), 'called');
    if (latin && !isFamily) for (const name of nicknames(key)) add(name, name.length < 3 ? 'cued' : 'capital');
    // 山ロ, エ藤.
    const alike = kanji ? key.replace(/[口工力二八夕卜]/g, c => 'ロエカニハタト'['口工力二八夕卜'.indexOf(c)]!) : key;
    if (alike !== key && key.length > 1) add(alike, 'part');
  };

  for (const pair of pairs) {
    for (const one of kanaWays(pair, representation)) {
      const written = one === pair;
      if (one.family !== '' && one.given !== '') {
        whole(one.family + ' ' + one.given);
        if (!every(keyString(one.family), isKanji)) whole(one.given + ' ' + one.family);
      }
      // この様: コウノ said shortly is a word too often; ケンイチロー is none.
      if (!written) {
        if (own) for (const word of [one.family, one.given]) if (keyString(word).length > 3) part(word, word === one.family);
        continue;
      }
      part(one.family, true);
      part(one.given, false);
      // Of Garcia Lopez and van der Berg one is used alone.
      const families = one.family.split(/[\s-]+/);
      if (own && families.length > 1) for (const word of families) if (word.length > 3) part(word, true);
      // Two given names are used one by one.
      const words = one.given.split(/[\s\-\u2010-\u2015・=＝]+/).filter(word => word !== '');
      if (words.length > 1) for (const word of words) part(word, false);
      // KIM, M. and M. Kim, of a name that is too short to be found alone in capitals.
      if (own && /^[a-z]{2,3}$/.test(keyString(one.family)) && one.given !== '')
        for (const initial of [`${one.family} ${one.given[0]}`, `${one.given[0]} ${one.family}`]) add(initial, 'whole');
      // John F. Smith, and without what stands between.
      if (words.length > 1) whole(words[0] + ' ' + one.family);
    }
    for (const one of latinWays(pair, own)) {
      whole(one.family + ' ' + one.given);
      whole(one.given + ' ' + one.family);
      part(one.family, true);
      if (own) part(one.given, false);
    }
  }
  return forms;
}

const afterO = /(?<=[オコソトノホモヨロゴゾドボポョおこそとのほもよろごぞどぼぽょ])[ウオうお]/g;
const afterU = /(?<=[ュユゅゆ])[ウう]/g;

/** Long vowels are written オウ, オオ or オー (and the key has no ー): サトウ, サトオ, サト. As written first. */
function kanaWays(pair: Parts, representation: KnownName['representation']): Parts[] {
  if (representation === 'IDE') return [pair];
  const ways = (text: string): string[] => {
    const plain = text.normalize('NFKC');
    const other = plain.replace(afterO, vowel => 'オウおう'['ウオうお'.indexOf(vowel)]!);
    return [...new Set([text, plain.replace(afterO, '').replace(afterU, ''), other, plain.replace(afterO, 'オ')])];
  };
  const [families, givens] = [ways(pair.family), ways(pair.given)];
  if (families.length === 1 && givens.length === 1) return [pair];
  const crossed = families.flatMap(family => givens.map(given => ({ family, given })));
  return [pair, ...crossed.slice(1).filter(way => keyString(way.family).length > 1)];
}

function latinWays({ family, given }: Parts, own: boolean): Parts[] {
  const kana = (text: string): string =>
    text
      .normalize('NFKC')
      .replace(/[ぁ-ゖ]/g, c => String.fromCharCode(c.charCodeAt(0) + 0x60))
      .trim();
  const german = (text: string): string =>
    text.replace(/[äöüåø]/gi, c => ({ ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' })[c.toLowerCase()]!);
  if (/[äöüåø]/i.test(family + given)) return [{ family: german(family), given: german(given) }];
  const [families, givens] = [romaji(kana(family)), romaji(kana(given))];
  if (families.length === 0 || givens.length === 0) return [];
  const most = own ? 16 : 2;
  return families.slice(0, most).flatMap(one => givens.slice(0, most).map(other => ({ family: one, given: other })));
}
