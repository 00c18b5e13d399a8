/**
 * Foreign names that the records have in katakana alone (マイケル・スミス), found in Latin letters (Michael Smith). How they are spelled no record says: both are compared by
 * their consonants, of which katakana keeps what Japanese can tell apart (l and r, b and v, th and s are one).
 * @module
 */
import { monthNames } from './date.ts';
import { each } from './each.ts';
import type { Emit, Entity } from './entity.ts';
import { entityOf } from './form.ts';
import type { KnownName } from './known.ts';
import { englishNames, nicknames, wholeNames } from './nicknames.ts';
import { divide, longest } from './person.ts';
import { romaji } from './romaji.ts';

/** What somebody's names sound like. */
export interface Sounds {
  readonly entity: Entity;
  readonly family: ReadonlySet<string>;
  readonly given: ReadonlySet<string>;
  /** English given names of that sound, and what people of these names are called. */
  readonly english: ReadonlySet<string>;
  /** Surely no Japanese name, which may sound like a word. */
  readonly isForeign: boolean;
}

const onlyKatakana = /^[\u30a1-\u30fa\u30fc\s・]+$/;
const foreign = /[ァィゥェォヴー]/;
/** Names of one role whose sounds are looked for. */
const mostNames = 20;
const longestWord = 24;
/** Consonants that tell a word, and two words together. */
const [enough, enoughOfTwo] = [3, 4];

const soundOfRomaji: readonly (readonly [RegExp, string])[] = [
  [/^[aeiouwy]/, 'A'],
  [/tch|ch|j/g, 'J'],
  [/sh|ts|[sz]/g, 'S'],
  [/^h/, 'H'],
  [/[aeiouwyh]/g, ''],
  [/v/g, 'B'],
];
const squeezed = (sound: string): string => sound.toUpperCase().replace(/(.)\1+/g, '$1');

function soundOfKana(kana: string): string | undefined {
  const latin = romaji(kana)[0];
  return latin && squeezed(soundOfRomaji.reduce((sound, [from, to]) => sound.replace(from, to), latin));
}

/** Letters and what they may sound like; the longer first. */
const letters: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(?:tch|dge|zh)/, ['J']],
  [/^sch/, ['S', 'SK']],
  [/^ph/, ['F']],
  [/^t?th/, ['S', 'T']],
  [/^ch/, ['J', 'K', 'S']],
  [/^(?:ck|qu|q)/, ['K']],
  [/^(?:sh|t[sz])/, ['S']],
  [/^gh/, ['', 'G']],
  [/^ng/, ['NG', 'N']],
  [/^x/, ['KS']],
  [/^c(?=[eiy])/, ['S']],
  [/^[ck]/, ['K']],
  [/^g(?=[eiy])/, ['J', 'G']],
  [/^l(?=[fkm])/, ['', 'R']],
  [/^l+/, ['R']],
  [/^p(?=b)/, ['']],
  [/^dt/, ['T']],
  [/^v$/, ['F', 'B']],
  [/^r+(?=[aiouy]|e.)/, ['R']],
  [/^r+/, ['', 'R']],
  [/^m(?=[pb])/, ['N']],
  [/^[sz]/, ['S']],
  [/^[bv]/, ['B']],
  [/^[dfgjmnpt]/, []],
];
const mostSounds = 16;
const first: readonly (readonly [RegExp, string])[] = [
  [/^wr/, 'r'],
  [/^kn/, 'n'],
  [/^wh/, 'h'],
];

function soundsOfLatin(word: string): string[] {
  let rest = first.reduce((text, [from, to]) => text.replace(from, to), word.slice(0, longestWord).toLowerCase());
  let sounds = [/^[aeiouwy]/.test(rest) ? 'A' : rest.startsWith('h') ? 'H' : ''];
  while (rest !== '') {
    const found = letters.find(([expression]) => expression.test(rest));
    const text = found?.[0].exec(rest)?.[0] ?? rest[0]!;
    if (found !== undefined) {
      const ways = found[1].length === 0 ? [text] : found[1];
      sounds = sounds.flatMap(sound => ways.map(way => sound + way)).slice(0, mostSounds);
    }
    rest = rest.slice(text.length);
  }
  return sounds.map(squeezed);
}

let bySound: Map<string, string[]> | undefined;
/** English given names of a sound: all are heard when the first person asks who is known in kana alone. */
function englishOf(asked: string): readonly string[] {
  if (bySound === undefined) {
    bySound = new Map();
    for (const name of englishNames) for (const sound of soundsOfLatin(name)) bySound.set(sound, [...(bySound.get(sound) ?? []), name]);
  }
  return bySound.get(asked) ?? [];
}

/** Of patients and relatives of whom nothing is known but kana. */
export function soundsOf(names: readonly KnownName[]): Sounds[] {
  const found: Sounds[] = [];
  for (const role of ['patient', 'related'] as const) {
    const all = names.filter(name => name.role === role).map(({ family, given, text }) => ({ family, given: given.join(' '), text }));
    const isKana = (text: string): boolean => onlyKatakana.test(text.normalize('NFKC'));
    if (all.length === 0 || all.length > mostNames) continue;
    if (!all.every(({ family = '', given, text = '' }) => isKana(family + given + text))) continue;
    for (const { text, ...parts } of all) {
      const name =
        parts.family === undefined
          ? divide((text ?? '').slice(0, longest).normalize('NFKC'))
          : { family: parts.family, given: parts.given };
      if (name === undefined) continue;
      const words = (written: string): string[] =>
        written
          .slice(0, longest)
          .normalize('NFKC')
          .split(/[\s・]+/)
          .filter(word => word !== '' && word.length <= longestWord);
      const sounds = (written: string): Set<string> => new Set(words(written).flatMap(word => soundOfKana(word) ?? []));
      const [family, given] = [sounds(name.family), sounds(name.given)];
      const isForeign =
        [...given].some(sound => sound.length >= enough && englishOf(sound).some(one => wholeNames.has(one))) ||
        (text ?? '').includes('・') ||
        foreign.test(name.family + name.given);
      // Yuri is no Will.
      const called = isForeign ? [...given].flatMap(englishOf) : [];
      found.push({
        entity: entityOf[role],
        family,
        given,
        english: new Set(called.flatMap(one => [one, ...nicknames(one)])),
        isForeign,
      });
    }
  }
  return found;
}

const titleBefore = /(?<![A-Za-z])(?:Mr|Mrs|Ms|Miss|Mx|Pt|[Pp]atient|Dear|[Nn]amed?|[Cc]alled)[.:]? $/;
/** May is no Mary. */
const ofCalendar = new RegExp(
  `^(?:${monthNames.join('|')}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)$`,
  'i',
);
const between = /^(?:,? |[_.^-]| [A-Z]\.? )$/;
export function findSounds(plain: string, known: readonly Sounds[], emit: Emit): void {
  for (const { entity, family, given, english, isForeign } of known) {
    let last: { readonly start: number; readonly end: number; readonly isFamily: boolean; readonly length: number } | undefined;
    each(/(?<![A-Za-z])[A-Za-z]{2,24}(?![A-Za-z])/g, plain, ({ 0: word, index: start }) => {
      if (ofCalendar.test(word)) return;
      const end = start + word.length;
      const sounds = soundsOfLatin(word);
      const isCapital = /^[A-Z]/.test(word);
      if (isCapital && english.has(word.toLowerCase())) emit(start, end, entity);
      const ofFamily = sounds.find(sound => family.has(sound));
      const ofGiven = sounds.find(sound => given.has(sound));
      const sound = ofFamily ?? ofGiven;
      // Without a capital a short sound is one of many words.
      if (sound === undefined || (!isCapital && sound.length < enough)) return;
      const before = last;
      last = { start, end, isFamily: ofFamily !== undefined, length: sound.length };
      if (before !== undefined && between.test(plain.slice(before.end, start)) && before.length + sound.length >= enoughOfTwo) {
        if ((before.isFamily ? ofGiven : ofFamily) !== undefined) return emit(before.start, end, entity);
      }
      const isTitled = sound.length > 1 && titleBefore.test(plain.slice(Math.max(0, start - 10), start));
      if (isCapital && (isTitled || (isForeign && sound.length >= enough && /^.[a-z]/.test(word)))) emit(start, end, entity);
    });
  }
}
