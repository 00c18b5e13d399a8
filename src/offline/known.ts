/**
 * What the input says of people and places, for texts that are cleaned: laid on the shelf by person in the first pass,
 * read again in the second when somebody's first text comes. In memory stands where to find it: 40 bytes for each of his names and numbers and each piece of a file that tells of him by it.
 * @module
 */
import { allKnown, type Known, nothingKnown } from '../deid/text/index.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { knownAbout } from '../release/cleaning.ts';
import { type Places, placeWords, type Shelf } from './shelf.ts';
import { type Fingerprints, fingerprintsOf } from './table.ts';

/** What a piece tells of people, by their names and numbers. */
export interface Laid {
  /** Of names and numbers of patients. */
  readonly of: Fingerprints;
  readonly at: Places;
}

/** Where to read what is known of each person, for all workers. */
export interface SharedKnown {
  /** By person: where his places begin; one more at the end. */
  readonly starts: SharedArrayBuffer;
  readonly at: SharedArrayBuffer;
}

/** Each value once. */
export const once = (known: Known): Known =>
  Object.fromEntries(
    Object.entries(known as unknown as Record<string, readonly unknown[]>).map(([part, values]) => [
      part,
      [...new Map(values.map(value => [JSON.stringify(value), value])).values()],
    ]),
  ) as unknown as Known;

/** What one piece tells of people. */
export class Telling {
  readonly #of = new Map<string, Known[]>();

  /** @param names by which the resource names people, Patient/id and numbers among them */
  add(resource: AnyResource, names: readonly string[]): void {
    const patients = names.filter(name => name.startsWith('Patient/') || name.includes('|'));
    if (patients.length === 0) return;
    const known = knownAbout([resource]);
    for (const name of patients) {
      const met = this.#of.get(name);
      if (met === undefined) this.#of.set(name, [known]);
      else met.push(known);
    }
  }

  /** What was told since the last time. */
  lay(shelf: Shelf): Laid {
    const parts = [...this.#of.values()].map(several => JSON.stringify(once(allKnown(several))));
    const laid = { of: fingerprintsOf([...this.#of.keys()]), at: shelf.lay(parts) };
    this.#of.clear();
    return laid;
  }
}

/** Sorts what was laid by persons. @param all in the order of the input @param personOf fingerprint → number from 0 to `count`; undefined: nobody of the input */
export function shareKnown(all: readonly Laid[], count: number, personOf: (a: number, b: number) => number | undefined): SharedKnown {
  const starts = new Uint32Array(new SharedArrayBuffer((count + 2) * 4));
  const each = (take: (person: number, at: Float64Array) => void): void => {
    for (const { of, at } of all)
      for (let i = 0; i * 2 < of.length; i++) {
        const person = personOf(of[i * 2]!, of[i * 2 + 1]!);
        if (person !== undefined) take(person, at.subarray(i * placeWords, (i + 1) * placeWords));
      }
  };
  each(person => void starts[person + 2]!++);
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const places = new Float64Array(new SharedArrayBuffer(starts.at(-1)! * placeWords * 8));
  // Filled from where the person before ends: then each stands where he begins.
  each((person, at) => places.set(at, starts[person + 1]!++ * placeWords));
  return { starts: starts.buffer, at: places.buffer };
}

/** What is known of a person. Throws where it is not what was written. */
export function knownOfPerson(shelf: Shelf, shared: SharedKnown, person: number): Known {
  const starts = new Uint32Array(shared.starts);
  const places = new Float64Array(shared.at);
  const all: Known[] = [nothingKnown];
  for (let i = starts[person]!; i < starts[person + 1]!; i++) all.push(JSON.parse(shelf.takeUp(places, i).toString()) as Known);
  return allKnown(all);
}
