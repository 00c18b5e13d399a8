/**
 * bands: a quantity is rounded to bands of its unit, and what lies beyond their ends leaves as the end with a comparator.
 * The bands of one measurement alone, by its code, are decided over a whole data set (src/deid/dataset).
 * R4: https://hl7.org/fhir/R4/datatypes.html#Quantity
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { type Method, number } from './method.ts';
import { bandTable } from './option.ts';

interface Band {
  readonly width: number;
  readonly bottom: number;
  readonly top: number;
}

function bandOf(value: unknown, unit: string): Band {
  if (!isObject(value)) throw new Error(`"units.${unit}" must be an object`);
  const band = {
    width: number(value, 'width'),
    bottom: value['bottom'] === undefined ? Number.NEGATIVE_INFINITY : number(value, 'bottom'),
    top: value['top'] === undefined ? Number.POSITIVE_INFINITY : number(value, 'top'),
  };
  if (band.width <= 0 || band.bottom >= band.top) throw new Error(`"units.${unit}" must have a width above 0, and a bottom below its top`);
  return band;
}

/** Digits behind the point that a width has: 0.5 → 1. */
const digits = (width: number): number => Math.min(12, (/\.(\d+)$/.exec(String(width))?.[1] ?? '').length);

/** Option: `units`, UCUM code → `width`, and where they end `bottom`, `top`. A quantity of a unit that is not there goes. */
export const bands: Method = {
  types: ['Quantity', 'Age', 'Duration', 'Count', 'Distance'],
  goesOn: true,
  options: { units: bandTable },
  mark: 'generalized',
  make: (options, inner) => {
    if (!isObject(options['units'])) throw new Error('"units" must be an object');
    const units = new Map(Object.entries(options['units']).map(([unit, value]) => [unit, bandOf(value, unit)] as const));
    return (given, run) => {
      const value = inner === undefined ? undefined : inner(given, run);
      if (!isObject(value)) return undefined;
      const band = units.get(String(value['code'] ?? value['unit']));
      if (band === undefined) return undefined;
      const n = Number(value['value'] ?? Number.NaN);
      const { comparator, ...rest } = value as Json & { comparator?: unknown };
      const [below, above] = [comparator === '<' || comparator === '<=', comparator === '>' || comparator === '>='];
      // Less than what lies beyond the top may lie in any band, and more than what lies below the bottom.
      if (Number.isNaN(n) || (below && n > band.top) || (above && n < band.bottom)) return undefined;
      if (n >= band.top && !below) return { ...rest, value: band.top, comparator: '>=' };
      if (n < band.bottom) return { ...rest, value: band.bottom, comparator: '<' };
      // What is less than a value is less than the end of its band.
      const rounded = Number(((below ? Math.ceil : Math.floor)(n / band.width) * band.width).toFixed(digits(band.width)));
      return { ...rest, value: rounded, ...(comparator === undefined ? {} : { comparator }) };
    };
  },
};
