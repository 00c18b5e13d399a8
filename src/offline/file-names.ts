/**
 * Names of files that tell who they are about: exports call files by patients' numbers or names.
 * @module
 */
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Input } from './inputs.ts';

/** Shorter ids and numbers stand in names of files by chance: `Observation-12.ndjson`. */
const shortest = 4;

/** Longest name in kanji and kana that is looked for in any file's name. */
const longest = 8;

/** One width, small letters without accents, katakana: ﾔﾏﾀﾞ, やまだ and ヤマダ are one name, García and garcia. */
const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/([a-z])[\u0300-\u036f]+/g, '$1')
    .normalize('NFKC')
    .replace(/[\u3041-\u3096]/g, kana => String.fromCharCode(kana.charCodeAt(0) + 0x60));

/** Without what stands between its words: an id with hyphens, Smith-Jones, O'Brien and 山田 太郎 are one word each. */
const compact = (text: string): string => folded(text).replace(/[^\p{L}\p{N}]+/gu, '');

/** A file's name as words are looked for in it. */
export const readable = ({ name }: Input): string => folded(name);

/** Words that are joined in a file's name: a UUID has five. */
const mostJoined = 6;

/** The words of a file's name that may be an id, a number or a name, several of them as one, too; of kanji and kana, between which no spaces stand, every part. */
export function wordsOf(input: Input): string[] {
  const all = readable(input).match(/[\p{L}\p{N}]+/gu) ?? [];
  const words: string[] = [];
  for (const [at, first] of all.entries()) {
    let joined = '';
    for (const word of all.slice(at, at + mostJoined)) words.push((joined += word));
    for (const run of first.match(/[\p{Script=Han}\p{Script=Katakana}々ー]{2,}/gu) ?? [])
      for (let from = 0; from < run.length; from++)
        for (let to = from + 2; to <= Math.min(run.length, from + longest); to++) words.push(run.slice(from, to));
  }
  return words;
}

/** What a tie of a Patient (`Patient/id`, `system|value`) is in the name of a file; undefined: too short to tell. */
export function wordIn(tie: string): string | undefined {
  const word = compact(tie.slice(Math.max(tie.lastIndexOf('|'), tie.startsWith('Patient/') ? 7 : -1) + 1));
  return word.length >= shortest ? word : undefined;
}

/** Names of a Patient, in the ways in which files are called by them. */
function namesOf(patient: AnyResource): unknown[] {
  return list(patient, 'name').flatMap(one => {
    const parts = [one?.['family'], ...(Array.isArray(one?.['given']) ? (one['given'] as unknown[]) : [])];
    return [...[one?.['text'], parts.join(' '), parts.toReversed().join(' ')].flatMap(ways), ...parts];
  });
}
const list = (patient: AnyResource, element: string): AnyResource[] =>
  Array.isArray(patient[element]) ? (patient[element] as AnyResource[]) : [];

/** Names of a Patient as words of a file's name, whoever else is in that file: in kanji and kana of any length, where one kanji stands by itself, else from three letters on. */
export const nameWords = (patient: AnyResource): string[] =>
  namesOf(patient).flatMap(one => {
    const word = typeof one === 'string' ? compact(one) : '';
    return inKanji.test(word) || word.length >= 3 ? [word] : [];
  });
const inKanji = /^[\p{Script=Han}\p{Script=Katakana}々ー]+$/u;

/** Whether the readable name of a file holds what tells who it is about, as words of their own; in kanji and kana, between which no spaces stand, anywhere. */
export function isTold(text: string, patient: AnyResource): boolean {
  const said = [patient.id, ...list(patient, 'identifier').flatMap(one => ways(one?.['value'])), ...namesOf(patient)];
  return said.some(one => {
    if (typeof one !== 'string' || one.length < 2) return false;
    const word = folded(one);
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
      if (unspaced.test(word) || (!isPart(text[at - 1]) && !isPart(text[at + word.length]))) return true;
    return false;
  });
}

/** As written, in one piece, and, of a name, word by word: files are called 山田太郎, yamada_taro, 001234. */
function ways(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return [value, value.replace(/[\s\u3000,・_.-]+/g, ''), ...value.split(/[\s\u3000,・]+/)];
}

const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}々ー]{2,}$/u;
const isPart = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);
