/**
 * Counts → bars: sums by kind and by year, and where each bar stands in a picture. Pure.
 * @module
 */
import { type Kind, kindOf, kinds } from './kinds.ts';

export interface Count {
  readonly type: string;
  /** Absent: the institution did not say when. */
  readonly year?: number;
  readonly number: number;
}

const sum = (counts: readonly Count[]): number => counts.reduce((total, one) => total + one.number, 0);

/** Largest first; kinds without any are left out. */
export function byKind(counts: readonly Count[]): readonly { readonly kind: Kind; readonly number: number }[] {
  return kinds
    .map(kind => ({ kind, number: sum(counts.filter(one => kindOf(one.type) === kind)) }))
    .filter(one => one.number > 0)
    .sort((a, b) => b.number - a.number);
}

/** More years than this do not fit on a phone: what is older is one bar. */
const mostYears = 10;

export interface Year {
  /** Last year of the bar; undefined: no year is known. */
  readonly year: number | undefined;
  /** The bar stands for this year and all before it. */
  readonly andBefore: boolean;
  readonly number: number;
}

/** Every year from the first to the last, those without records too: a gap is something to see. */
export function byYear(counts: readonly Count[]): readonly Year[] {
  const known = counts.flatMap(({ year }) => year ?? []);
  const years: Year[] = [];
  if (known.length > 0) {
    const last = Math.max(...known);
    const first = Math.min(...known);
    const start = Math.max(first, last - mostYears + 1);
    for (let year = start; year <= last; year++) {
      const andBefore = year === start && first < start;
      years.push({
        year,
        andBefore,
        number: sum(counts.filter(one => one.year === year || (andBefore && one.year !== undefined && one.year < year))),
      });
    }
  }
  const unknown = sum(counts.filter(one => one.year === undefined));
  return unknown === 0 ? years : [...years, { year: undefined, andBefore: false, number: unknown }];
}

/** How many of a kind there are in one bar's years. */
export const cell = (counts: readonly Count[], kind: Kind, { year, andBefore }: Year): number =>
  sum(
    counts.filter(
      one =>
        kindOf(one.type) === kind && (one.year === year || (andBefore && one.year !== undefined && year !== undefined && one.year < year)),
    ),
  );

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Columns side by side, the largest as high as the picture; what is there at all is at least 2 high, so that it is seen. */
export function columns(values: readonly number[], { width, height }: { readonly width: number; readonly height: number }): readonly Bar[] {
  const top = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  const wide = Math.min(48, step * 0.64);
  return values.map((value, i) => {
    const high = value === 0 ? 0 : Math.max(2, (value / top) * height);
    return { x: i * step + (step - wide) / 2, y: height - high, width: wide, height: high };
  });
}
