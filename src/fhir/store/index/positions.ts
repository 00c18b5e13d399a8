/**
 * Positions on the earth: a row per value, in order of the version; those within a circle are found by a walk over latitudes and an exact distance for the few that are left.
 * R4: https://hl7.org/fhir/R4/location.html#positional
 * @module
 */
import { metresBetween } from '../../search/compare.ts';
import type { Circle, Predicate } from '../../search/query.ts';
import type { PositionValue, Value } from '../../search/values.ts';
import { floats, integers } from './column.ts';
import { Base, type Gone, type SortKey } from './parameter.ts';
import { place } from './postings.ts';

/** Metres of a degree of latitude at the least: none within the circle is left out by rounding. */
const perDegree = 111_000;

export class PositionIndex extends Base {
  readonly #seqs = integers();
  readonly #latitudes = floats();
  readonly #longitudes = floats();

  protected put(seq: number, value: Value): void {
    const [latitude, longitude] = value as PositionValue;
    this.#seqs.push(seq);
    this.#latitudes.push(latitude);
    this.#longitudes.push(longitude);
  }

  /** Rows stay, nowhere. */
  protected take(gone: readonly Gone[]): void {
    const { cells, length } = this.#seqs;
    for (const [seq] of gone) {
      for (let row = place(cells, seq, 0, length); row < length && cells[row] === seq; row++) {
        this.#latitudes.cells[row] = Number.NaN;
        this.#longitudes.cells[row] = Number.NaN;
      }
    }
  }

  find(predicate: Predicate): readonly number[] {
    const { values } = predicate as Extract<Predicate, { kind: 'near' }>;
    const { cells, length } = this.#seqs;
    const found: number[] = [];
    for (let row = 0; row < length; row++) {
      const seq = cells[row]!;
      if (found.at(-1) !== seq && values.some(circle => this.#isWithin(row, circle))) found.push(seq);
    }
    return found;
  }

  #isWithin(row: number, circle: Circle): boolean {
    const latitude = this.#latitudes.cells[row]!;
    if (!(Math.abs(latitude - circle.latitude) * perDegree <= circle.metres)) return false;
    return metresBetween([latitude, this.#longitudes.cells[row]!], circle) <= circle.metres;
  }

  estimate(): number {
    return this.present.length;
  }

  keys(candidates: readonly number[]): SortKey[] {
    return candidates.map(() => null);
  }
}
