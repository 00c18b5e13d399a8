/**
 * Chapters and blocks of a classification of diseases as ranges of its three-character categories: what a range lies in is the smallest one that holds it and more.
 * @module
 */

export interface Ranges {
  /** The smallest range around a category (`A00`); undefined outside of the classification. */
  readonly around: (category: string) => string | undefined;
  /** The smallest range that holds a range of the table (`A00-A09`) and more. */
  readonly above: (range: string) => string | undefined;
}

interface Row {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/**
 * @param text ranges, separated by blanks
 * @param place position of a category in the order of the classification; NaN for what is none
 */
export function ranges(text: string, place: (category: string) => number): Ranges {
  const rows: readonly Row[] = text
    .split(/\s+/)
    .filter(one => one !== '')
    .map(one => ({ text: one, first: place(one.slice(0, 3)), last: place(one.slice(4)) }))
    .sort((a, b) => a.last - a.first - (b.last - b.first));
  const known = new Map(rows.map((row, i) => [row.text, i]));
  const find = (first: number, last: number, from: number): string | undefined =>
    rows.slice(from).find(row => row.first <= first && row.last >= last)?.text;
  const above = new Map(rows.map((row, i) => [row.text, find(row.first, row.last, i + 1)]));
  const around = new Map<string, string | undefined>();
  return {
    around: category => {
      if (!around.has(category)) {
        const at = place(category);
        around.set(category, Number.isNaN(at) ? undefined : find(at, at, 0));
      }
      return around.get(category);
    },
    above: range => (known.has(range) ? above.get(range) : undefined),
  };
}
