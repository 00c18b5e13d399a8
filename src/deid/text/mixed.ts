/**
 * Names half in kanji and half in kana (高ハシ, タカ橋, 高はし けん一), of a patient or relative whose name is known in both.
 * Which kana belong to which kanji nobody says: they are cut wherever they may be.
 * @module
 */
import { keyString } from './fold.ts';
import { entityOf, type Form } from './form.ts';
import type { KnownName } from './known.ts';
import { isKanji, isKatakana } from './letters.ts';
import { divide } from './person.ts';

interface Parts {
  readonly family: string;
  readonly given: string;
}

const every = (text: string, test: (c: number) => boolean): boolean => text !== '' && [...text].every(c => test(c.charCodeAt(0)));

/** Of one person's names so many in each script are crossed; a name has so many halves. */
const mostNames = 4;
const mostHalves = 16;
/** Kana that one kanji is read as. */
const mostKana = 4;
/** 山した is 登山した too. */
const word = /^.(?:シタ|シテ|スル|ニシ)$/;

function keys({ family, given, text }: KnownName): Parts | undefined {
  const parts = family === undefined ? divide(text ?? '') : { family, given: given.join('') };
  return parts && { family: keyString(parts.family), given: keyString(parts.given) };
}

function halves(kanji: string, kana: string): string[] {
  const found: string[] = [];
  for (let i = 1; i < kanji.length; i++)
    for (let j = i; j < kana.length && j <= mostKana * i; j++) {
      if (kana.length - j > mostKana * (kanji.length - i)) continue;
      found.push(kanji.slice(0, i) + kana.slice(j), kana.slice(0, j) + kanji.slice(i));
    }
  return found.slice(0, mostHalves);
}

/** @param names of patients and relatives */
export function mixedForms(names: readonly KnownName[]): Form[] {
  const forms: Form[] = [];
  for (const role of ['patient', 'related'] as const) {
    const all = names
      .filter(name => name.role === role)
      .map(keys)
      .filter(parts => parts !== undefined);
    const of = (test: (c: number) => boolean): Parts[] =>
      all.filter(({ family, given }) => every(family + given, test)).slice(0, mostNames);
    for (const written of of(isKanji))
      for (const read of of(isKatakana)) {
        const [families, givens] = [halves(written.family, read.family), halves(written.given, read.given)];
        for (const text of families)
          if (/[\u30a1-\u30fa]{2}/.test(text) && !word.test(text)) forms.push({ text, entity: entityOf[role], sureness: 'cued' });
        for (const family of [...families, written.family, read.family])
          for (const given of [...givens, written.given, read.given])
            if (given !== '' && family !== '' && (families.includes(family) || givens.includes(given)))
              forms.push({ text: family + given, entity: entityOf[role], sureness: 'whole' });
      }
  }
  return forms;
}
