/**
 * What was measured of one thing in one unit, over all persons: enough to say beyond which bounds values are extreme. A bound lies at the percentile, or further in where fewer than k
 * persons lie at it or beyond: what protects somebody is not the percentile but the others who get the same bound. Each person counts once, with the least and the greatest value.
 * @module
 */
import { Few, type FewJson } from './few.ts';
import { Spread, type SpreadJson } from './spread.ts';

/** Person and value. */
type Reach = readonly [number, number];

export interface MeasuredJson {
  readonly least: readonly Reach[];
  readonly greatest: readonly Reach[];
  readonly lows: SpreadJson;
  readonly highs: SpreadJson;
  /** `<0.3` → who has it. */
  readonly compared: Readonly<Record<string, FewJson>>;
}

/** From which value on the bound stands in its place; absent: no value on that side is only few persons'. */
export interface Bounds {
  readonly low?: number;
  readonly high?: number;
}

export interface Percentiles {
  /** Of persons whose least value may lie at or below the lower bound, in percent. */
  readonly low: number;
  readonly high: number;
}

/** On which side a value lies at the bound or beyond. @param compared `<0.3`; a value that may be anything up to 0.3 lies beyond a lower bound from 0.3 on */
export function beyond({ low, high }: Bounds, compared: string): 'low' | 'high' | undefined {
  const number = Number(compared.replace(/^[<>]=?/, ''));
  if (compared.startsWith('<')) return low !== undefined && number <= low ? 'low' : undefined;
  return high !== undefined && number >= high ? 'high' : undefined;
}

/** The k persons who reach furthest. */
class Furthest {
  readonly reaches: Reach[] = [];
  readonly #sign: 1 | -1;

  /** @param sign 1: upwards, -1: downwards */
  constructor(sign: 1 | -1, reaches: readonly Reach[] = []) {
    this.#sign = sign;
    this.reaches = [...reaches];
  }

  add(person: number, value: number, k: number): void {
    const { reaches } = this;
    const sign = this.#sign;
    const last = reaches.at(-1);
    if (reaches.length >= k && sign * (value - last![1]) < 0) return;
    const at = reaches.findIndex(one => one[0] === person);
    if (at >= 0) {
      if (sign * (value - reaches[at]![1]) <= 0) return;
      reaches.splice(at, 1);
    }
    reaches.push([person, value]);
    // Of those who reach equally far the smaller number stays, so that the order in which they came does not matter.
    reaches.sort((a, b) => sign * (b[1] - a[1]) || a[0] - b[0]);
    if (reaches.length > k) reaches.pop();
  }
}

export class Measured {
  readonly #least: Furthest;
  readonly #greatest: Furthest;
  readonly #lows: Spread;
  readonly #highs: Spread;
  readonly #compared: Map<string, Few>;

  constructor(json?: MeasuredJson) {
    this.#least = new Furthest(-1, json?.least);
    this.#greatest = new Furthest(1, json?.greatest);
    this.#lows = new Spread(json?.lows);
    this.#highs = new Spread(json?.highs);
    this.#compared = new Map(Object.entries(json?.compared ?? {}).map(([text, few]) => [text, new Few(few)]));
  }

  /** A person's least and greatest value; of a person who comes in pieces, of each piece. */
  add(person: number, least: number, greatest: number, k: number): void {
    this.#least.add(person, least, k);
    this.#greatest.add(person, greatest, k);
    this.#lows.add(least);
    this.#highs.add(greatest);
  }

  /** A value that came with a comparator. @param text both, `<0.3` */
  addCompared(person: number, text: string, k: number): void {
    let few = this.#compared.get(text);
    if (few === undefined) this.#compared.set(text, (few = new Few()));
    few.add(person, k);
  }

  merge(other: Measured, k: number): void {
    for (const [person, value] of other.#least.reaches) this.#least.add(person, value, k);
    for (const [person, value] of other.#greatest.reaches) this.#greatest.add(person, value, k);
    this.#lows.merge(other.#lows);
    this.#highs.merge(other.#highs);
    for (const [text, few] of other.#compared) {
      const own = this.#compared.get(text);
      if (own === undefined) this.#compared.set(text, new Few(few.toJSON()));
      else own.union(few, k);
    }
  }

  /** undefined: fewer than k persons have it, or too few to have a lower and an upper bound: no value leaves. */
  bounds(k: number, percentiles: Percentiles): Bounds | undefined {
    const [least, greatest] = [this.#least.reaches, this.#greatest.reaches];
    if (greatest.length < k) return undefined;
    const persons = (share: number): number => Math.max(1, Math.floor((share / 100) * this.#highs.total));
    const high = Math.min(greatest[k - 1]![1], this.#highs.fromAbove(persons(100 - percentiles.high)));
    const low = Math.max(least[k - 1]![1], this.#lows.fromBelow(persons(percentiles.low)));
    // Where the outermost value is the bound itself, k persons share it already.
    const out: Bounds = { ...(least[0]![1] < low ? { low } : {}), ...(greatest[0]![1] > high ? { high } : {}) };
    return out.low !== undefined && out.high !== undefined && out.low >= out.high ? undefined : out;
  }

  /** Values with a comparator that k persons share, sorted. */
  shared(): string[] {
    return [...this.#compared].flatMap(([text, few]) => (few.enough ? [text] : [])).sort();
  }

  /** Largest relative error of the percentiles. */
  get error(): number {
    return Math.max(this.#lows.error, this.#highs.error);
  }

  toJSON(): MeasuredJson {
    return {
      least: this.#least.reaches,
      greatest: this.#greatest.reaches,
      lows: this.#lows.toJSON(),
      highs: this.#highs.toJSON(),
      compared: Object.fromEntries([...this.#compared].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, few]) => [text, few.toJSON()])),
    };
  }
}
