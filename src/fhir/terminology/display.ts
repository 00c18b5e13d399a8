/**
 * What a concept is called, in which language; and which concepts a text means: every word of it somewhere in the code, the display or a designation, width,
 * case, accents, kana and punctuation aside.
 * R4: https://hl7.org/fhir/R4/valueset-operation-expand.html (displayLanguage, designation, filter)
 * @module
 */
import type { CodeSystemConceptDesignation } from '@medplum/fhirtypes';
import { fold } from '../model/fold.ts';
import { readCanonical } from './canonical.ts';

interface Named {
  readonly code: string;
  readonly display?: string;
  readonly designations: readonly CodeSystemConceptDesignation[];
}

/** `ja` is met by `ja-JP`; who asks for `ja-JP` takes `ja` too. */
const speaks = (language: string | undefined, wanted: string): boolean => {
  const [one, other] = [language?.toLowerCase(), wanted.toLowerCase()];
  return one !== undefined && (one === other || one.startsWith(`${other}-`) || other.startsWith(`${one}-`));
};

/** Uses of a designation that stands for the display: none said, or one of these. */
const preferred: ReadonlySet<string | undefined> = new Set([
  undefined,
  'display',
  'preferredForLanguage',
  'preferred',
  '900000000000003001',
]);

/**
 * The display in a language, or else the one that the concept has.
 * @param language that the code system is written in
 */
export function displayIn({ display, designations }: Named, wanted: string | undefined, language: string | undefined): string | undefined {
  if (wanted === undefined || speaks(language, wanted)) return display;
  const fitting = designations.filter(one => speaks(one.language, wanted));
  return (fitting.find(({ use }) => preferred.has(use?.code)) ?? fitting[0])?.value ?? display;
}

/** Every name of a concept, by which a display that came with a code is judged. */
export function isNameOf({ display, designations }: Named, text: string): boolean {
  const same = (name: string | undefined) => name !== undefined && plain(name) === plain(text);
  return same(display) || designations.some(({ value }) => same(value));
}

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

/** Designations that a token names: `system|code` of a use, `urn:ietf:bcp:47|ja` of a language, `|code` or `code` of either. */
export function designationTest(tokens: readonly string[]): (designation: CodeSystemConceptDesignation) => boolean {
  const wanted = tokens.map(token => {
    const { url, version } = readCanonical(token);
    return version === undefined ? { code: url } : { system: url, code: version };
  });
  return ({ language, use }) =>
    wanted.some(({ system, code }) => {
      if ((system === undefined || system === 'urn:ietf:bcp:47') && speaks(language, code)) return true;
      return use?.code === code && (system === undefined || system === '' || use.system === system);
    });
}

/** What is looked through for words, of each in a list; folded once for as long as the list is there. */
const texts = new WeakMap<readonly Named[], readonly string[]>();

function textsOf(list: readonly Named[]): readonly string[] {
  let folded = texts.get(list);
  if (folded === undefined) {
    folded = list.map(({ code, display = '', designations }) =>
      [code, display, ...designations.map(({ value = '' }) => value)].map(fold).join('\n'),
    );
    texts.set(list, folded);
  }
  return folded;
}

/** The words of a text as they are looked for, each once. */
export const wordsOf = (text: string): readonly string[] => [
  ...new Set(
    text
      .split(/[\s\u3000]+/)
      .map(fold)
      .filter(word => word !== ''),
  ),
];

/** Those of a list that have all the words. A text of punctuation alone has no words, and is in nobody. */
export function withText<One extends Named>(list: readonly One[], words: readonly string[]): readonly One[] {
  if (words.length === 0) return [];
  const folded = textsOf(list);
  return list.filter((_, index) => words.every(word => folded[index]!.includes(word)));
}
