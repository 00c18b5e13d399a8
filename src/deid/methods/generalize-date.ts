/**
 * generalize-date: a date leaves as month, season, quarter, year or span of years; first it is shifted like all dates of the person, unless the policy says otherwise.
 * A season, a quarter and a span of years are written as the month or year in which they begin (December for winter).
 * Of a date of birth (`birth`) nothing leaves from `pooledFrom` years on (at any event); an extension says that it is there and above that age, so that nobody takes "old" for "missing".
 * R4: https://hl7.org/fhir/R4/datatypes.html#dateTime, https://hl7.org/fhir/R4/patient-definitions.html#Patient.birthDate
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { civilOf, dayOf, isOfLife, middle, type Precision, readDate, writeDate } from '../calendar.ts';
import { Absent, masked } from '../context.ts';
import { type Method, number, oneOf } from './method.ts';
import { flag, oneOfWords, wholeNumber } from './option.ts';

/** Age that is only known to be at least this: profiles/StructureDefinition-pooled-age.json. */
export const pooledAge = 'https://noren.example/fhir/StructureDefinition/pooled-age';

export const atLeast = (years: number): Json => ({
  value: years,
  comparator: '>=',
  unit: 'a',
  system: 'http://unitsofmeasure.org',
  code: 'a',
});

/** First month of the season: March, June, September, December. */
function season(day: number): number {
  const { year, month } = civilOf(day);
  return month < 3 ? dayOf(year - 1, 12, 1) : dayOf(year, month - (month % 3), 1);
}

function quarter(day: number): number {
  const { year, month } = civilOf(day);
  return dayOf(year, month - ((month - 1) % 3), 1);
}

type Cut = (day: number, precision: Precision) => string | undefined;

const cuts: Record<'month' | 'season' | 'quarter' | 'year', Cut> = {
  month: (day, precision) => writeDate(day, precision === 'year' ? 'year' : 'month'),
  season: (day, precision) => (precision === 'year' ? writeDate(day, 'year') : writeDate(season(day), 'month')),
  quarter: (day, precision) => (precision === 'year' ? writeDate(day, 'year') : writeDate(quarter(day), 'month')),
  year: day => writeDate(day, 'year'),
};

/** Options: `to` (month, season, quarter, year; default month), `years` (with `to: year`, how many make a span; default 1), `shift` (default true), `birth` (default false). */
export const generalizeDate: Method = {
  types: ['date', 'dateTime'],
  options: { to: oneOfWords('month', 'season', 'quarter', 'year'), years: wholeNumber(1), shift: flag, birth: flag },
  mark: 'generalized',
  make: options => {
    const to = oneOf(options, 'to', ['month', 'season', 'quarter', 'year']);
    const years = number(options, 'years', 1);
    if (!Number.isInteger(years) || years < 1 || (years > 1 && to !== 'year'))
      throw new Error('"years" must be a whole number of years, with "to": "year"');
    const cut: Cut = years === 1 ? cuts[to] : day => writeDate(dayOf(Math.floor(civilOf(day).year / years) * years, 1, 1), 'year');
    const shifted = options['shift'] !== false;
    const birth = options['birth'] === true;
    const from = options['pooledFrom'];
    const old = from === undefined ? undefined : new Absent([masked, { url: pooledAge, valueQuantity: atLeast(from as number) }]);
    return (value, run) => {
      const { subject, today } = run.context;
      // Of several persons one may be pooled: then not even the year may be told.
      if (subject === undefined && (shifted || birth || from !== undefined)) return undefined;
      const date = readDate(value);
      if (birth && date !== undefined && subject!.pooled) return old;
      if (date === undefined || (subject !== undefined && !isOfLife(date, subject))) return undefined;
      // One that is still to come stands for no birth: 2030-01-01, moved, would show the shift, where another record knows when it was.
      if (birth && today !== undefined && date.first > today) return undefined;
      return cut(middle(date) + (shifted ? subject!.shiftDays : 0), date.precision);
    };
  },
};
