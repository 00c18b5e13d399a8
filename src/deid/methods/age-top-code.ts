/**
 * age-top-code: an age, or any quantity in a unit of time, of the policy's `pooledFrom` years or more leaves as "≥ 90 years".
 * Of somebody who is, or may be, pooled no age leaves at all: one of 70 beside its date, and a date twenty years later, tell as much.
 * Ages are met in Age, in Quantity (an Observation of the age, a Duration since birth) and in Range.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Age, https://hl7.org/fhir/R4/datatypes.html#Range
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject, type Run, type Treat } from '../context.ts';
import { secondsIn } from '../units.ts';
import { atLeast } from './generalize-date.ts';
import { bitOf } from './mark.ts';
import type { Method } from './method.ts';
import { flag } from './option.ts';

const perYearOf: Readonly<Record<string, number>> = { years: 1, months: 12, weeks: 365.25 / 7, days: 365.25, hours: 365.25 * 24 };
const secondsOfYear = 365.25 * 86_400;
/** What people write for times that is no UCUM, in small letters → how many of it make a year. */
const inWords: ReadonlyMap<string, number> = new Map<string, number>([
  ...'a_j a_g a_t yrs y y. yr. yrs. 年 才 an ans jahr jahre año años annum annus'.split(' ').map(unit => [unit, 1] as const),
  ...'mo_j mo_g mo_s mos month months ヶ月 か月 カ月 ヵ月 箇月 月'.split(' ').map(unit => [unit, perYearOf.months!] as const),
  ...'wks week weeks 週 週間'.split(' ').map(unit => [unit, perYearOf.weeks!] as const),
  ...'day days 日 日間'.split(' ').map(unit => [unit, perYearOf.days!] as const),
  ...'hr hrs hour hours 時間'.split(' ').map(unit => [unit, perYearOf.hours!] as const),
  ...'mins minute minutes 分 分間'.split(' ').map(unit => [unit, secondsOfYear / 60] as const),
  ...'sec secs second seconds 秒 秒間'.split(' ').map(unit => [unit, secondsOfYear] as const),
]);

/** What people write for years beside that: "years old", "(yrs)", "age in years", "満年齢", "歳代". */
const ofAge = /^[[({]?(?:(?:age|in)[ ,:_]*)*[[({]?(?:years?|yrs?|y[./-]?o|age)(?![a-z])|[歳才]|年[齢令]|^(?:さい|サイ)$/;

/** Years that a value in a unit means; undefined for what is no unit of time. */
export const yearsIn = (value: number, unit: string): number | undefined => {
  const per = perYearIn(unit);
  return per === undefined ? undefined : value / per;
};

/** Where code and unit say different times, the longer one. */
function perYear({ code, unit }: Json): number | undefined {
  const one = perYearIn(code);
  if (unit === code) return one;
  const other = perYearIn(unit);
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** Whether a quantity is in a unit of time. */
export const isTime = (quantity: Json): boolean => perYear(quantity) !== undefined;

/** 0: no unit of time. */
const units = new Map<string, number>();

function perYearIn(unit: unknown): number | undefined {
  if (typeof unit !== 'string') return undefined;
  const known = units.get(unit);
  if (known !== undefined) return known === 0 ? undefined : known;
  const per = perYearRead(unit.normalize('NFKC').trim());
  if (units.size < 4096 && unit.length <= 40) units.set(unit, per ?? 0);
  return per;
}

/** UCUM is asked first, with its case (A is an ampere, a is a year); a text of nothing but curly brackets is one of words. */
function perYearRead(text: string): number | undefined {
  const words = /^1?\{([^{}]*)\}$/.exec(text)?.[1];
  const seconds = words === undefined ? secondsIn(text) : undefined;
  if (seconds !== undefined) return seconds === 0 ? undefined : secondsOfYear / seconds;
  const said = (words ?? text).trim().toLowerCase();
  const coded = words === undefined ? undefined : secondsIn(said);
  return coded ? secondsOfYear / coded : (inWords.get(said) ?? (ofAge.test(said) ? 1 : undefined));
}

/** Years that a quantity of time means; undefined for every other quantity. An Age without a unit is one in years. */
function years(quantity: unknown, bare: boolean): number | undefined {
  const value = isObject(quantity) ? quantity['value'] : undefined;
  if (!isObject(quantity) || (typeof value !== 'number' && !(value instanceof Number))) return undefined;
  const unitless = quantity['unit'] === undefined && quantity['code'] === undefined;
  const per = bare && unitless ? 1 : perYear(quantity);
  // Below 0 is no age, and may be one with a slip of the pen.
  return per === undefined ? undefined : Math.abs(Number(value)) / per;
}

/** Years that somebody may have lived, and in which somebody may have been born. */
const longestLife = 130;
const [firstBirth, lastBirth] = [1850, 2100];

/** 19300505 */
function isDayOfBirth(number: number): boolean {
  const [year, month, day] = [Math.floor(number / 10_000), Math.floor(number / 100) % 100, number % 100];
  return Number.isInteger(number) && year >= firstBirth && year <= lastBirth && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** How "no unit" is written in UCUM: 1, or {what was counted}. */
const noUnit = /^(?:1|10[*^]0)?(?:\{[^{}]*\})*$/;
const isUnitless = ({ unit, code }: Json): boolean =>
  [unit, code].every(one => one === undefined || (typeof one === 'string' && noUnit.test(one.trim())));

/** Whether a number, a Quantity or a Ratio without a unit may be an age from so many years on, or a year or day of birth. */
export function mayBeAge(value: unknown, from: number): boolean {
  if (!isObject(value) || value instanceof Number) {
    const years = Math.abs(Number(value));
    return (years >= from && years <= longestLife) || (years >= firstBirth && years <= lastBirth) || isDayOfBirth(years);
  }
  const { numerator, denominator } = value;
  if (!isObject(numerator) || !isObject(denominator)) return isUnitless(value) && mayBeAge(Number(value['value']), from);
  if (mayBeAge(numerator, from) || mayBeAge(denominator, from)) return true;
  return isUnitless(numerator) && isUnitless(denominator) && mayBeAge(Number(numerator['value']) / Number(denominator['value']), from);
}

const generalized = bitOf('generalized');

/** Around the value of an extension, of which no code says what it counts: in no unit nothing leaves that may be an age, as of somebody who may be pooled. */
export const unlessAge =
  (treat: Treat, from: number): Treat =>
  (value, run) =>
    run.context.subject?.pooled !== false && mayBeAge(value, from) ? undefined : treat(value, run);

/** A Range as it leaves, without the ends that leave in no unit: each may be an age. @param isNumber of an end whose unit is none (1, {score}), and which may be one */
function withUnits(range: unknown, run: Run, isNumber: (end: Json) => boolean): Json | undefined {
  if (!isObject(range)) return undefined;
  const ends = Object.entries(range).filter(
    ([, end]) => isObject(end) && (end['unit'] !== undefined || end['code'] !== undefined) && !isNumber(end),
  );
  if (ends.length < Object.keys(range).length) run.marks |= generalized;
  return ends.length === 0 ? undefined : Object.fromEntries(ends);
}

/** A Ratio has two ends, or is none. */
const withBoth = (given: Json, ratio: unknown): unknown =>
  isObject(ratio) && ['numerator', 'denominator'].every(end => (given[end] === undefined) === (ratio[end] === undefined))
    ? ratio
    : undefined;

/**
 * Options: `bare`, a number without a unit is one of years, and every quantity is an age; `unitless`, what may be an age does not leave in no unit, as of
 * somebody who may be pooled. What has lost its unit on the way never does.
 */
export const ageTopCode: Method = {
  types: ['Age', 'Quantity', 'Duration', 'Count', 'Distance', 'Range', 'Ratio', 'integer'],
  goesOn: true,
  options: { bare: flag, unitless: flag },
  make: (options, inner, type) => {
    const from = options['pooledFrom'];
    if (!Number.isInteger(from)) throw new Error('"pooledFrom" must be a whole number of years');
    if (inner === undefined) throw new Error('the elements of the type must be listed');
    const bare = options['bare'] === true;
    const old = (age: number | undefined): boolean => age !== undefined && age >= (from as number);
    // The limit in place of the age, or nothing of somebody pooled.
    const instead = (run: Run, value?: Json): Json | undefined => {
      run.marks |= generalized;
      return value;
    };
    const unitless = options['unitless'] === true;
    const mayTell = (given: unknown, run: Run): boolean =>
      unitless && run.context.subject?.pooled !== false && mayBeAge(given, from as number);
    // Of what has lost a unit that nobody knows, as of what came without.
    const asLeft = (given: Json, left: unknown, run: Run): unknown => {
      if (!isObject(left) || left['unit'] !== undefined || left['code'] !== undefined || isUnitless(given)) return left;
      return run.context.subject?.pooled !== false && mayBeAge(left, from as number) ? instead(run) : left;
    };
    if (type === 'integer') return (value, run) => (mayTell(value, run) ? instead(run) : inner(value, run));
    return (value, run) => {
      if (!isObject(value)) return undefined;
      if (mayTell(value, run)) return instead(run);
      if (type === 'Ratio') return withBoth(value, inner(value, run));
      // Of nobody's, and of several persons', one may be pooled: beside what it refers to, an encounter, stands a date.
      const pooled = run.context.subject?.pooled !== false;
      if (value['low'] !== undefined || value['high'] !== undefined) {
        const [low, high] = [years(value['low'], false), years(value['high'], false)];
        if (pooled && ((low ?? 0) >= 1 || (high ?? 0) >= 1)) return instead(run);
        // The ends of a Range have no comparator: an upper end above the limit goes, a lower one comes down to it.
        const { comparator: _, ...limit } = atLeast(from as number);
        if (old(low)) return instead(run, { low: limit });
        const left = inner(old(high) ? instead(run, { ...value, high: undefined }) : value, run);
        return withUnits(left, run, end => pooled && mayBeAge(end, from as number));
      }
      const age = years(value, bare);
      // An Age is one whatever stands as its unit: without the unit it would leave as years.
      if (bare && age === undefined) return instead(run);
      // Not even that it is above the limit: the first time that somebody says so tells when he reached it, and its date how old he is by now.
      if (pooled && age !== undefined && (bare || age >= 1)) return instead(run);
      if (!old(age)) return asLeft(value, inner(value, run), run);
      const comparator = value['comparator'];
      return instead(run, comparator === '<' || comparator === '<=' ? undefined : atLeast(from as number));
    };
  },
};
