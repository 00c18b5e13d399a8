/**
 * Free text without the people in it. One pass over what is known, then numbers that check, then cues, then (where given) an analyser; dates move with their person.
 * What cannot be judged does not leave: a text that is not readable is dropped whole, a number that nobody knows goes, a date without a person goes.
 * Pure: nothing is kept between two texts.
 * @module
 */
import { dayOf } from '../calendar.ts';
import { addressEnd, findAddresses } from './address.ts';
import { findAges } from './age.ts';
import { findApart } from './apart.ts';
import { findBirths } from './birth.ts';
import { isMeant } from './context.ts';
import { findNames } from './cue.ts';
import { daysIn, type FoundDate, findDates } from './date.ts';
import type { Dictionary } from './dictionary.ts';
import { findDwellings } from './dwelling.ts';
import { type Emit, type Entity, entities, type Language, type Markers, ordinal, type Span, markers as usual } from './entity.ts';
import { type Folded, fold, type Refusal } from './fold.ts';
import { told } from './form.ts';
import { hidesLetters } from './hidden.ts';
import { findInitials, withInitials } from './initials.ts';
import { relativeAt } from './kin.ts';
import { ahead, back, isDigit } from './letters.ts';
import { moved, type Reference, referenceOf, type Window } from './moved.ts';
import { findNumbers } from './number.ts';
import { paddings } from './padding.ts';
import { findInstitutions } from './place.ts';
import { readingEnd, withoutReadings } from './reading.ts';
import { inRow, mayBeInRow } from './row.ts';
import { findSounds } from './sound.ts';
import { variants } from './variants.ts';

export interface TextOptions {
  /** What stands in place of a finding; default 【氏名】, [NAME] …, by the language of the text. */
  readonly markers?: Markers;
  /** Of the markers; default: Japanese where the text has a kanji or kana, else English. */
  readonly language?: Language;
  /** Age (years) from which an age goes; default 90. */
  readonly pooledFrom?: number;
  /** Finds more than records, numbers and cues do, persons by morphology for one. It reads the text in one width and in usual kanji; spans in UTF-16 units of what it reads. Where it throws, the text is dropped. */
  readonly analyse?: Analyse;
}

export type Analyse = (text: string) => Iterable<{ readonly start: number; readonly end: number; readonly kind: Entity }>;

export interface Cleaned {
  readonly text: string;
  /** How many of each kind were found; dates that moved are among them. */
  readonly found: Readonly<Record<Entity, number>>;
}

/** The person whom a text is about. */
export interface Whose extends Window {
  /** 90 years or older at some event: no age leaves, of whatever number and of whomever. */
  readonly pooled?: boolean;
}

export type TextCleaner = (text: string, subject?: Whose) => Cleaned | undefined;

const nothing: Readonly<Record<Entity, number>> = Object.freeze(Object.fromEntries(entities.map(name => [name, 0]))) as Readonly<
  Record<Entity, number>
>;
const japanese = /[\u3012\u3041-\u30ff\u3400-\u9fff\uff66-\uff9f]/;

const read = (text: string): Folded | Refusal | 'hidden-letters' => (hidesLetters(text) ? 'hidden-letters' : fold(text));

/** Why a text would be dropped; undefined: it is read. */
export function refusal(text: string): Refusal | 'hidden-letters' | undefined {
  const folded = read(text);
  return typeof folded === 'string' ? folded : undefined;
}

/** A span of the original text; `instead`: a date that moved. */
export interface Mark extends Span {
  readonly instead?: string;
}

/**
 * A function that cleans texts: `(text, subject) => { text, found }`, or undefined for a text that is dropped.
 * @param dictionaries what is known: that of the registries, made once, and that of the patient
 */
export function textCleaner(dictionaries: Dictionary | readonly Dictionary[], options: TextOptions = {}): TextCleaner {
  const find = textFinder(dictionaries, options);
  const { markers = usual } = options;
  return (text, subject) => {
    const marks = find(text, subject);
    if (marks === undefined) return undefined;
    if (marks.length === 0) return { text, found: nothing };
    return write(text, marks, markers, options.language ?? (japanese.test(text) ? 'ja' : 'en'));
  };
}

/** As `textCleaner`, but where what stands: in order, without overlap, in UTF-16 units of the text. */
export function textFinder(
  dictionaries: Dictionary | readonly Dictionary[],
  options: TextOptions = {},
): (text: string, subject?: Whose) => readonly Mark[] | undefined {
  const all: readonly Dictionary[] = 'automaton' in dictionaries ? [dictionaries] : dictionaries;
  const { markers = usual, pooledFrom = 90, analyse } = options;
  const own = new RegExp(
    Object.values(markers)
      .flatMap(one => Object.values(one))
      .map(escaped)
      .join('|'),
    'g',
  );

  return (text, subject) => {
    const folded = read(text);
    if (typeof folded === 'string') return undefined;
    const { plain } = folded;
    const found = known(all, folded);
    const emit: Emit = (start, end, entity) => {
      found.push({ start, end, entity });
    };
    const dates = findDates(plain);
    const free = freeOf(dates, plain.length);
    findNumbers(plain, emit, free);
    for (const { births, digits, sixDigits, initials, sounds } of all) {
      findApart(plain, digits, births, emit);
      if (sixDigits.size > 0) known6(plain, sixDigits, emit);
      if (initials.size > 0) findInitials(plain, initials, emit);
      if (sounds.length > 0) findSounds(plain, sounds, emit);
    }
    findNames(plain, emit);
    findInstitutions(plain, emit);
    findAddresses(plain, emit);
    findDwellings(plain, emit);
    findBirths(plain, emit);
    findAges(plain, pooledFrom, subject?.pooled === true, emit);

    const spans: Mark[] = found.map(({ start, end, entity }) => ({ start: folded.start[start]!, end: folded.end[end - 1]!, entity }));
    let before: Reference | undefined;
    const padded = paddings(dates, plain);
    for (const [i, date] of dates.entries()) {
      const start = folded.start[date.start]!;
      const end = folded.end[date.end - 1]!;
      if (date.verdict !== undefined || isBirth(date, all)) {
        spans.push({ start, end, entity: date.verdict === 'none' ? 'date' : 'birth-date' });
      } else {
        const instead = subject === undefined ? undefined : moved(date, originals(date, folded), subject, before, padded[i]!);
        spans.push(instead === undefined ? { start, end, entity: 'date' } : { start, end, entity: 'date', instead });
      }
      before = referenceOf(date, before);
    }
    if (analyse !== undefined) {
      try {
        for (const { start, end, kind } of analyse(inUsualKanji(plain))) {
          if (!(start >= 0 && end <= plain.length && start < end) || ordinal[kind] === undefined) return undefined;
          spans.push({ start: folded.start[start]!, end: folded.end[end - 1]!, entity: kind });
        }
      } catch {
        return undefined;
      }
    }
    return spans.length === 0 ? spans : joined(text, withoutOwn(text, spans, own));
  };
}

/** 髙橋 as a dictionary of words has it. */
const inUsualKanji = (plain: string): string =>
  plain.replace(/[\u3400-\u9fff]/g, one => {
    const usual = variants.get(one.charCodeAt(0));
    return usual === undefined ? one : String.fromCharCode(usual);
  });

function known(dictionaries: readonly Dictionary[], folded: Folded): Span[] {
  const { plain } = folded;
  const found: Span[] = [];
  const doubtful: Span[] = [];
  for (const [pass, { key, keyLength, at }] of withoutReadings(folded).entries()) {
    for (const { automaton, initials } of dictionaries) {
      automaton.scan(key, keyLength, (from, to, packed) => {
        const what = told(packed);
        const start = at[from]!;
        const last = at[to - 1]!;
        let end = last + (isPair(plain, last) ? 2 : 1);
        // The key has no 長音: サトー ends behind it.
        while (plain.charCodeAt(end) === longMark) end++;
        const { entity, script } = what;
        // Of 山(やま)田(だ) 様 the title stands behind the last reading.
        if (pass > 0) end = readingEnd(plain, end);
        const relative = what.isFamily ? relativeAt(what, plain, start, end) : undefined;
        if (relative !== undefined) found.push(relative);
        if (!isMeant(what, plain, start, end)) {
          if (entity === 'staff' && mayBeInRow(plain, start, end)) doubtful.push({ start, end, entity });
          return;
        }
        if (entity === 'address') end = addressEnd(plain, end);
        if (script === 'latin' && initials.size > 0 && (entity === 'name' || entity === 'relative')) {
          const [first, behind] = withInitials(plain, ...accountOf(plain, start, end), initials);
          found.push({ start: first, end: behind, entity });
        } else found.push({ start, end, entity });
      });
    }
  }
  if (doubtful.length > 0) found.push(...inRow(plain, doubtful, found));
  // Who is a patient and a doctor is called a patient.
  return found.sort((a, b) => ordinal[a.entity] - ordinal[b.entity]);
}

/** sakura_kato58 */
function accountOf(plain: string, start: number, end: number): readonly [start: number, end: number] {
  const joins = (c: number): boolean => isDigit(c) || c === 0x5f;
  return [back(plain, start, joins, 20), ahead(plain, end, joins, 20)];
}

const longMark = 0x30fc;

const isPair = (plain: string, at: number): boolean => {
  const c = plain.charCodeAt(at);
  return c >= 0xd800 && c <= 0xdbff;
};

function known6(plain: string, sixDigits: ReadonlySet<string>, emit: Emit): void {
  for (const { 0: text, index } of plain.matchAll(/(?<!\d|\d\.)\d{6}(?!\d|\.\d)/g)) if (sixDigits.has(text)) emit(index, index + 6, 'date');
}

/** A known birth date, whole, without its year or its day; the year in two digits is of either century, and 05/03/1948 of either order. */
const isBirth = ({ year, month, day, pieces }: FoundDate, dictionaries: readonly Dictionary[]): boolean => {
  if (month === undefined) return false;
  const slashed = pieces.filter(({ role }) => role !== 'between').length === 3 && pieces.at(-1)!.role === 'year' && month <= 12;
  return dictionaries.some(({ birthDays, birthdays }) => {
    if (year === undefined) return day !== undefined && birthdays.has(month * 100 + day);
    if (day === undefined) {
      for (let at = dayOf(year, month, 1); at < dayOf(year, month, 1) + daysIn(year, month); at++) if (birthDays.has(at)) return true;
      return false;
    }
    return [year, year - 100].some(
      one => birthDays.has(dayOf(one, month, day)) || (slashed && day <= 12 && birthDays.has(dayOf(one, day, month))),
    );
  });
};

/** The date's pieces as they stand in the original. */
function originals(date: FoundDate, { text, start, end }: Folded): string[] {
  let at = date.start;
  return date.pieces.map(piece => {
    const from = at;
    at += piece.text.length;
    return text.slice(start[from]!, end[at - 1]!);
  });
}

function freeOf(dates: readonly FoundDate[], length: number): (start: number, end: number) => boolean {
  if (dates.length === 0) return () => true;
  const taken = new Uint8Array(length);
  for (const { start, end } of dates) taken.fill(1, start, end);
  return (start, end) => {
    for (let i = start; i < end; i++) if (taken[i] === 1) return false;
    return true;
  };
}

/** Markers that stand in the text already are nobody's name. */
function withoutOwn(text: string, spans: readonly Mark[], own: RegExp): readonly Mark[] {
  if (!text.includes('【') && !text.includes('[')) return spans;
  const inside = new Uint8Array(text.length);
  for (const { 0: marker, index } of text.matchAll(own)) inside.fill(1, index, index + marker.length);
  return spans.filter(({ start, end }) => {
    for (let i = start; i < end; i++) if (inside[i] === 0) return true;
    return false;
  });
}

/**
 * In order and without overlap. Of spans that overlap the longest (of equals the one found first) says what was found, and all of what they cover goes: nothing of a name stays because another one began in it.
 * Two of a kind with only a space between are one.
 */
function joined(text: string, spans: readonly Mark[]): Mark[] {
  const out: Mark[] = [];
  let last: Mark | undefined;
  /** Length of the finding that gave `last` its kind. */
  let most = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const length = span.end - span.start;
    const both = span.instead === undefined && last?.instead === undefined;
    if (last !== undefined && (span.start < last.end || (both && span.entity === last.entity && near(text, last.end, span.start)))) {
      // What goes wins over what moves, whichever is longer.
      const says = both ? length > most : last.instead !== undefined;
      if (says) most = length;
      last = { start: last.start, end: Math.max(last.end, span.end), entity: says ? span.entity : last.entity };
      out[out.length - 1] = last;
    } else {
      out.push((last = span));
      most = length;
    }
  }
  return out;
}

/** A space or two between; over a line break what follows is another line's. */
const near = (text: string, from: number, to: number): boolean => to - from <= 2 && /^[ \t\u3000\u00a0]*$/.test(text.slice(from, to));

function write(text: string, marks: readonly Mark[], markers: Markers, language: Language): Cleaned {
  const found: Record<Entity, number> = { ...nothing };
  let out = '';
  let at = 0;
  for (const { start, end, entity, instead } of marks) {
    out += text.slice(at, start) + (instead ?? markers[entity][language]);
    at = end;
    found[entity]++;
  }
  return { text: out + text.slice(at), found };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
