/**
 * One invented person: who he is, at which hospitals, and what each of them wrote down of him. Every person is drawn from a stream of its own,
 * so person 7 is the same among ten and among ten thousand. Each fifty hold every special case once.
 * @module
 */
import { dayBefore, yearsBefore } from './calendar.ts';
import { inHalfWidth, inHiragana, inVariant, type Name, name } from './names.ts';
import { type Insurance, insurance } from './numbers.ts';
import { line, type Place, place } from './places.ts';
import { type Random, random } from './random.ts';

/** What the generator is asked; the same request gives the same bytes. */
export interface Request {
  readonly patients: number;
  readonly seed: string;
  /** The day that counts as today, `YYYY-MM-DD`. */
  readonly day: string;
}

export const institutions = {
  'hospital-1': { code: '1319999991', name: '野連第一病院', prefecture: '13', side: 'east' },
  'hospital-2': { code: '2719999992', name: '野連第二病院', prefecture: '27', side: 'west' },
} as const;

export type Institution = keyof typeof institutions;

export interface Person {
  /** Counts 1, 2, 3 … */
  readonly person: number;
  readonly name: Name;
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly ageYears: number;
  readonly deceased?: string;
  readonly place: Place;
  readonly phone: string;
  readonly email?: string;
  readonly insurance: Insurance;
  readonly at: readonly Institution[];
  /** Whether the records at both hospitals have an identifier in common; without it only linkage can tell. */
  readonly shared?: 'member-id' | 'nothing';
  readonly rare: boolean;
  readonly imaging: boolean;
  readonly twinOf?: number;
  /** Same name and gender as this other person. */
  readonly homonymOf?: number;
  /** What became of the notice: given in time, given too late, or never. */
  readonly notice: 'given' | 'young' | 'none';
}

/** What a hospital wrote down of a person. */
export interface Writing {
  readonly name: Name;
  readonly nameText: string;
  readonly kanaText: string;
  readonly birthDate: string;
  readonly place: Place;
  readonly line: string;
  readonly phone?: string;
  readonly insurance: Insurance;
  /** In which respects it differs from how the other hospital writes him. */
  readonly differs: readonly string[];
}

/** Place within each fifty → what is special there. */
const special = { old: 3, imaging: 5, twin: 8, dead: 11, homonym: 14, shared: 17, unshared: 21, rare: 29, none: 33, young: 38 } as const;

const slot = (person: number): number => person % 50;

const ages = [
  { from: 0, to: 15, weight: 8 },
  { from: 16, to: 39, weight: 14 },
  { from: 40, to: 64, weight: 30 },
  { from: 65, to: 89, weight: 46 },
  { from: 90, to: 103, weight: 2 },
];

function aged(r: Random, person: number): number {
  if (slot(person) === special.old) return r.whole(90, 103);
  if (slot(person) === special.rare) return r.whole(35, 60);
  if (slot(person) === special.homonym || slot(person) === special.twin) return r.whole(20, 70);
  const band = r.weighted(ages, one => one.weight)!;
  return r.whole(band.from, band.to);
}

/** Rare is one in five thousand; a small population has it once. */
const isRare = (person: number, { patients }: Request): boolean =>
  slot(person) === special.rare && (person < 50 || person % 5000 === special.rare) && person <= patients;

/** Person number `person`, drawn anew. */
export function personOf(request: Request, person: number): Person {
  const { seed, day } = request;
  const twin = slot(person) === special.twin ? personOf(request, person - 1) : undefined;
  const homonym = slot(person) === special.homonym ? personOf(request, person - 1) : undefined;
  const r = random(seed, 'person', person);
  const within = slot(person);

  const gender = twin?.gender ?? homonym?.gender ?? (r.chance(0.54) ? 'female' : 'male');
  const first = r.chance(0.55) ? 'hospital-1' : 'hospital-2';
  const home = twin?.at[0] ?? first;
  const wanted = aged(r, person);
  const birthDate = twin?.birthDate ?? yearsBefore(day, wanted, r.whole(0, 364));
  const ageYears = ageOn(birthDate, day);
  let own = homonym?.name ?? name(r, gender, twin?.name);
  while (twin !== undefined && own.givenKana === twin.name.givenKana) own = name(r, gender, twin.name);
  const lives = twin?.place ?? place(r, institutions[home].side);
  const insured = twin === undefined ? insurance(r, person, ageYears, institutions[home].prefecture) : { ...twin.insurance, branch: '02' };
  const both =
    within === special.shared || within === special.unshared || (r.chance(0.14) && within !== special.none && within !== special.young);
  const shared = !both ? undefined : within === special.unshared || (within !== special.shared && r.chance(0.25)) ? 'nothing' : 'member-id';
  const dead = ageYears > 0 && (within === special.dead || (ageYears > 70 && r.chance(0.03)));
  return {
    person,
    name: own,
    gender,
    birthDate,
    ageYears,
    ...(dead ? { deceased: dayBefore(day, r.whole(1, 200)) } : {}),
    place: lives,
    phone: `0${r.pick(['70', '80', '90'])}-0000-${String(r.whole(0, 9999)).padStart(4, '0')}`,
    ...(r.chance(0.3) ? { email: `kanja${person}@example.jp` } : {}),
    insurance: insured,
    at: both ? [home, home === 'hospital-1' ? 'hospital-2' : 'hospital-1'] : [home],
    ...(shared === undefined ? {} : { shared }),
    rare: isRare(person, request),
    imaging: within === special.imaging,
    ...(twin === undefined ? {} : { twinOf: twin.person }),
    ...(homonym === undefined ? {} : { homonymOf: homonym.person }),
    notice: within === special.none ? 'none' : within === special.young ? 'young' : 'given',
  };
}

/** Full years on a day. */
export function ageOn(birthDate: string, day: string): number {
  return Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (day.slice(5) < birthDate.slice(5) ? 1 : 0);
}

const text = (family: string, given: string, space = ' '): string => family + space + given;

/** As the person's first hospital has it; the second one differs in a few respects. */
export function writingOf(request: Request, who: Person, institution: Institution): Writing {
  const plain: Writing = {
    name: who.name,
    nameText: text(who.name.family, who.name.given),
    kanaText: text(who.name.familyKana, who.name.givenKana),
    birthDate: who.birthDate,
    place: who.place,
    line: line(who.place, 'kanji'),
    phone: who.phone,
    insurance: who.insurance,
    differs: [],
  };
  if (institution === who.at[0]) return plain;

  const r = random(request.seed, 'writing', who.person);
  const differs: string[] = [];
  const when = (what: string, probability: number): boolean => r.chance(probability) && differs.push(what) > 0;

  let { name: written, nameText, kanaText, birthDate, place: lives } = plain;
  const variant = inVariant(written.family);
  if (who.gender === 'female' && who.ageYears >= 25 && who.ageYears < 75 && when('surname-changed', 0.12)) {
    const { family, familyKana } = name(r, 'female');
    written = { ...written, family, familyKana };
    [nameText, kanaText] = [text(family, written.given), text(familyKana, written.givenKana)];
  } else if (variant !== undefined && when('kanji-variant', 0.6)) {
    written = { ...written, family: variant };
    nameText = text(variant, written.given);
  } else if (when('kanji-unshown', 0.04)) {
    written = { ...written, family: '●' + [...written.family].slice(1).join('') };
    nameText = text(written.family, written.given);
  }
  if (when('name-full-width-space', 0.3)) nameText = text(written.family, written.given, '　');
  if (when('kana-half-width', 0.4)) {
    written = { ...written, familyKana: inHalfWidth(written.familyKana), givenKana: inHalfWidth(written.givenKana) };
    kanaText = text(written.familyKana, written.givenKana);
  } else if (when('kana-as-hiragana', 0.1)) {
    written = { ...written, familyKana: inHiragana(written.familyKana), givenKana: inHiragana(written.givenKana) };
    kanaText = text(written.familyKana, written.givenKana);
  }
  if (when('moved', 0.15)) lives = place(r, institutions[institution].side);
  const style = r.pick(['kanji', 'hyphen', 'full-width'] as const);
  if (style !== 'kanji') differs.push('address-style');
  const [year, month, dayOfMonth] = birthDate.split('-') as [string, string, string];
  if (who.shared === 'member-id' && Number(dayOfMonth) <= 12 && month !== dayOfMonth && when('birth-date-transposed', 0.03))
    birthDate = `${year}-${dayOfMonth}-${month}`;
  const phone = when('no-phone', 0.25) ? undefined : who.phone;
  let insured = who.insurance;
  if (who.shared === 'nothing') {
    const branchless = r.chance(0.4);
    insured = branchless
      ? { ...insured, branch: '' }
      : insurance(r, who.person + 5_000_000, who.ageYears, institutions[institution].prefecture);
    differs.push(branchless ? 'no-branch-number' : 'insurance-changed');
  }
  return {
    name: written,
    nameText,
    kanaText,
    birthDate,
    place: lives,
    line: line(lives, style),
    ...(phone === undefined ? {} : { phone }),
    insurance: insured,
    differs,
  };
}
