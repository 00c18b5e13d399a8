/**
 * age-top-code: an age, or any quantity in a unit of time, of the policy's `pooledFrom` years or more leaves as "≥ 90 years".
 * Of somebody who is pooled no age leaves at all: one of 70 beside its date, and a date twenty years later, tell as much.
 * Ages are met in Age, in Quantity (an Observation of the age, a Duration since birth) and in Range.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Age, https://hl7.org/fhir/R4/datatypes.html#Range
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject, type Run } from '../context.ts';
import { atLeast } from './generalize-date.ts';
import { bitOf } from './mark.ts';
import type { Method } from './method.ts';
import { flag } from './option.ts';

/** How many of a unit make a year: UCUM codes and what people write. */
const perYear: ReadonlyMap<string, number> = new Map<string, number>([
  ...['a', 'a_j', 'a_g', 'a_t', 'yr', 'yrs', 'y', 'year', 'years', '年', '歳', '才', '年齢'].map(unit => [unit, 1] as const),
  ...['mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months', 'ヶ月', 'か月', 'カ月', '月'].map(unit => [unit, 12] as const),
  ...['wk', 'week', 'weeks', '週'].map(unit => [unit, 365.25 / 7] as const),
  ...['d', 'day', 'days', '日'].map(unit => [unit, 365.25] as const),
  ...['h', 'hr', 'hour', 'hours', '時間'].map(unit => [unit, 365.25 * 24] as const),
  ...['min', 'minute', 'minutes', '分'].map(unit => [unit, 365.25 * 1440] as const),
  ...['s', 'second', 'seconds', '秒'].map(unit => [unit, 365.25 * 86_400] as const),
]);

/** What people write for years beside what the table knows: "years old", "{yrs}", "満歳". */
const inWords = /^\{?(?:years?|yrs?|y\.?\/?o\.?)(?![a-z])|[歳才]$/;

/** Years that a value in a unit means; undefined for what is no unit of time. */
export const yearsIn = (value: number, unit: string): number | undefined => {
  const per = perYearIn(unit);
  return per === undefined ? undefined : value / per;
};

/** Where code and unit say different times, the longer one. */
function perYearOf({ code, unit }: Json): number | undefined {
  const [one, other] = [perYearIn(code), perYearIn(unit)];
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** Whether a quantity is in a unit of time. */
export const isTime = (quantity: Json): boolean => perYearOf(quantity) !== undefined;

const units = new Map<string, number | undefined>();

function perYearIn(unit: unknown): number | undefined {
  if (typeof unit !== 'string') return undefined;
  if (units.has(unit)) return units.get(unit);
  const text = unit.normalize('NFKC').trim().toLowerCase();
  const per = perYear.get(text) ?? (inWords.test(text) ? 1 : undefined);
  if (units.size < 4096 && unit.length <= 40) units.set(unit, per);
  return per;
}

/** Years that a quantity of time means; undefined for every other quantity. An Age without a unit is one in years. */
function years(quantity: unknown, bare: boolean): number | undefined {
  const value = isObject(quantity) ? quantity['value'] : undefined;
  if (!isObject(quantity) || (typeof value !== 'number' && !(value instanceof Number))) return undefined;
  const unitless = quantity['unit'] === undefined && quantity['code'] === undefined;
  const per = bare && unitless ? 1 : perYearOf(quantity);
  return per === undefined ? undefined : Number(value) / per;
}

const generalized = bitOf('generalized');

/** A Range without the ends that leave in no unit: each may be an age. */
function withUnits(range: unknown, run: Run): Json | undefined {
  if (!isObject(range)) return undefined;
  const ends = Object.entries(range).filter(([, end]) => isObject(end) && (end['unit'] !== undefined || end['code'] !== undefined));
  if (ends.length < Object.keys(range).length) run.marks |= generalized;
  return ends.length === 0 ? undefined : Object.fromEntries(ends);
}

export const ageTopCode: Method = {
  types: ['Age', 'Quantity', 'Duration', 'Range'],
  goesOn: true,
  options: { bare: flag },
  make: (options, inner) => {
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
    return (value, run) => {
      if (!isObject(value)) return undefined;
      const pooled = run.context.subject?.pooled === true;
      if (value['low'] !== undefined || value['high'] !== undefined) {
        const [low, high] = [years(value['low'], false), years(value['high'], false)];
        if (pooled && ((low ?? 0) >= 1 || (high ?? 0) >= 1)) return instead(run);
        // The ends of a Range have no comparator: an upper end above the limit goes, a lower one comes down to it.
        const { comparator: _, ...limit } = atLeast(from as number);
        if (old(low)) return instead(run, { low: limit });
        return withUnits(inner(old(high) ? instead(run, { ...value, high: undefined }) : value, run), run);
      }
      const age = years(value, bare);
      // An Age is one whatever stands as its unit: without the unit it would leave as years.
      if (bare && age === undefined) return instead(run);
      if (!old(age)) return pooled && age !== undefined && (bare || age >= 1) ? instead(run) : inner(value, run);
      const comparator = value['comparator'];
      return instead(run, comparator === '<' || comparator === '<=' ? undefined : atLeast(from as number));
    };
  },
};
