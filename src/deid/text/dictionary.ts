/**
 * From what is known to the forms that are looked for: each name whole and in parts, in kanji, kana and Latin letters, each address with and without its beginning,
 * each number with its digits alone. All as keys (fold.ts), so that one form stands for every width, case, script of kana, old kanji, space and hyphen.
 * @module
 */
import { readDate } from '../calendar.ts';
import { addressForms } from './address-forms.ts';
import { digitsOf, type KnownDigits } from './apart.ts';
import { Automaton } from './automaton.ts';
import { eras } from './date.ts';
import { type Entity, ordinal } from './entity.ts';
import { keyString } from './fold.ts';
import { type Form, pack, type Script, surenesses, told } from './form.ts';
import { initialsOf } from './initials.ts';
import { institutionForms } from './institution.ts';
import type { Known, KnownName, Role } from './known.ts';
import { isDigit, isKatakana, isLetter } from './letters.ts';
import { mixedForms } from './mixed.ts';
import { namesOf } from './name-text.ts';
import { personForms } from './person.ts';
import { type Sounds, soundsOf } from './sound.ts';

export interface Dictionary {
  readonly automaton: Automaton;
  /** Number of different forms. */
  readonly forms: number;
  /** Day numbers of known birth dates, and their month and day alone (100 × month + day). */
  readonly birthDays: ReadonlySet<number>;
  readonly birthdays: ReadonlySet<number>;
  /** First letters of the patient's names and of those of his family: YT, TY, Y. */
  readonly initials: ReadonlySet<string>;
  /** Numbers of the patient and his family, by their digits. */
  readonly digits: KnownDigits;
  /** Their birth dates, `year/month/day`, the year in four digits, in two, and of its era. */
  readonly births: ReadonlySet<string>;
  /** Known days as six digits, YYMMDD; of birth dates also MMDDYY, DDMMYY and with the year of the era. */
  readonly sixDigits: ReadonlySet<string>;
  /** Names that are known in katakana alone. */
  readonly sounds: readonly Sounds[];
}

/** Of the same form, the surer one and then the kind that comes first in reports. */
const surer = (one: number, other: number): number => {
  const [a, b] = [told(one), told(other)];
  const difference = surenesses.indexOf(a.sureness) - surenesses.indexOf(b.sureness) || ordinal[a.entity] - ordinal[b.entity];
  const [{ entity, sureness, script }, isFamily] = [difference <= 0 ? a : b, a.isFamily || b.isFamily];
  return pack(entity, sureness, script, isFamily);
};

function scriptOf(key: string): Script {
  let digits = false;
  let letters = false;
  let kana = false;
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    if (isDigit(c)) digits = true;
    else if (isLetter(c)) letters = true;
    else if (isKatakana(c)) kana = true;
    else return 'kanji';
  }
  return digits ? (kana ? 'kanji' : 'number') : letters ? (kana ? 'kanji' : 'latin') : 'kana';
}

/** Longest form, units of its key: nobody's name is longer, and an address is found by its beginning. */
const longest = 120;

/** All forms of what is known. For one patient a millisecond; for registries of hundreds of thousands some seconds, once. */
export function dictionary(known: Known): Dictionary {
  const forms = new Map<string, number>();
  const add = ({ text, entity, sureness, isFamily }: Form): void => {
    const key = keyString(text).slice(0, longest);
    if (key === '') return;
    const packed = pack(entity, sureness, scriptOf(key), isFamily);
    const before = forms.get(key);
    forms.set(key, before === undefined ? packed : surer(before, packed));
  };

  const seen = new Set<string>();
  const initials = new Set<string>();
  let own = 0;
  const names = known.names.flatMap(namesOf);
  for (const name of names) {
    const signature = nameSignature(name);
    if (seen.has(signature)) continue;
    seen.add(signature);
    for (const form of personForms(name, isOwn(name.role) && own++ < mostOwn)) add(form);
    if (isOwn(name.role)) for (const one of initialsOf(name)) initials.add(one);
  }
  for (const form of mixedForms(names.filter(({ role }) => isOwn(role)).slice(0, mostOwn))) add(form);
  for (const name of new Set(known.institutions)) for (const form of institutionForms(name)) add(form);
  for (const one of known.addresses) for (const form of addressForms(one)) add(form);
  const digits = new Map<string, Entity>();
  const apart = (value: string, role: Role, entity: Entity): void => {
    if (isOwn(role)) for (const one of digitsOf(value, entity === 'phone')) digits.set(one, entity);
  };
  for (const { value, role } of known.identifiers) {
    number(value, role === 'institution' ? 'institution-number' : 'identifier', 4, add);
    apart(value, role, 'identifier');
  }
  for (const { value, role } of known.phones) {
    number(value, 'phone', 6, add);
    apart(value, role, 'phone');
  }
  for (const { value } of known.emails) {
    add({ text: value, entity: 'email', sureness: 'whole' });
    // The part before the @ is often the name, or used alone.
    const local = value.slice(0, Math.max(0, value.indexOf('@')));
    if (keyString(local).length >= 6) add({ text: local, entity: 'email', sureness: 'whole' });
  }
  for (const value of known.urls) if (keyString(value).length >= 6) add({ text: value, entity: 'url', sureness: 'whole' });

  const birthDays = new Set<number>();
  const birthdays = new Set<number>();
  const births = new Set<string>();
  const sixDigits = new Set<string>();
  for (const text of known.birthDates) {
    const date = readDate(text);
    if (date?.precision !== 'day') continue;
    birthDays.add(date.first);
    const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
    birthdays.add(month * 100 + day);
    const era = eras.find(({ from }) => date.first >= from);
    const inEra = era === undefined ? year : year - era.first + 1;
    for (const one of [year, year % 100, inEra]) births.add(`${one}/${month}/${day}`);
    const [yy, mm, dd] = [text.slice(2, 4), text.slice(5, 7), text.slice(8, 10)];
    for (const six of [mm + dd + yy, dd + mm + yy, String(inEra).padStart(2, '0') + mm + dd]) sixDigits.add(six);
  }
  for (const text of [...known.birthDates, ...known.dates])
    if (readDate(text)?.precision === 'day') sixDigits.add(text.slice(2, 10).replaceAll('-', ''));
  return {
    automaton: new Automaton(forms),
    forms: forms.size,
    birthDays,
    birthdays,
    births,
    digits,
    initials,
    sixDigits,
    sounds: soundsOf(names),
  };
}

/** The patient's, or his family's. */
const isOwn = (role: Role): boolean => role === 'patient' || role === 'related';
/** Names of the patient and his family that are spelled in every way; of one name there may be a thousand. Of further ones forms are made as of staff's. */
const mostOwn = 100;

const nameSignature = ({ role, family, given, text, representation }: KnownName): string =>
  [role, representation, family, ...given, text].join('\u0000');

/** A number: as written and, where letters or words surround its digits, the digits alone. Short ones need a cue, shorter ones say nothing. */
function number(value: string, entity: Entity, least: number, add: (form: Form) => void): void {
  const key = keyString(value.replace(/[()（）]/g, '').replace(/^\s*(?:tel|fax|phone|℡)?[:：]?/i, ''));
  const sure = key.length >= least;
  if (key.length >= 2 && key.length < longest) add({ text: key, entity, sureness: sure ? 'whole' : 'cued' });
  // +81-90-… is 090-….
  const national = /^\+81(?=\d{8})/.exec(key) ? '0' + key.slice(3) : undefined;
  if (national !== undefined) add({ text: national, entity, sureness: 'whole' });
  else if (entity === 'phone' && /^0\d{8,10}$/.test(key)) {
    add({ text: '+81' + key.slice(1), entity, sureness: 'whole' });
    // Without the area code.
    add({ text: key.slice(-8), entity, sureness: 'whole' });
  }
  // K-77812 is written 77812 too.
  const alone = entity === 'identifier' ? /^[a-z]+(\d{5,})$|^(\d{5,})[a-z]+$/.exec(key) : null;
  const bare = alone === null ? key : (alone[1] ?? alone[2])!;
  if (bare !== key) add({ text: bare, entity, sureness: 'whole' });
  // Leading zeros are often left out.
  if (entity !== 'phone' && /^0\d{5,}$/.test(bare))
    add({ text: bare.slice(Math.min(bare.search(/[^0]|$/), bare.length - 5)), entity, sureness: 'whole' });
}
