/**
 * How the texts of each person of the input are cleaned: as in a release, by the names of the registries of the input and by what its records say of the person.
 * @module
 */
import type { Context } from '../deid/context.ts';
import type { Policy } from '../deid/policy.ts';
import { dictionary, type Known } from '../deid/text/index.ts';
import { cleanerFor } from '../release/cleaning.ts';
import { knownOfPerson, type SharedKnown } from './known.ts';
import type { Shelf } from './shelf.ts';

export interface SharedTexts {
  readonly known: SharedKnown;
  /** Staff and institutions of the whole input. */
  readonly registry: Known;
}

type Clean = NonNullable<Context['clean']>;

/** Dictionaries of persons that are held: resources of one stand together, or come by one after the other. */
const mostHeld = 64;

/** @returns the cleaner of a person, by his number; what is known of him is read when there is a text */
export function cleaners({ known, registry }: SharedTexts, shelf: Shelf, policy: Policy): (person: number) => Clean {
  const common = dictionary(registry);
  const held = new Map<number, Clean>();
  return person => (text, subject) => {
    let clean = held.get(person);
    if (clean === undefined) {
      if (held.size >= mostHeld) held.delete(held.keys().next().value!);
      clean = cleanerFor(common, knownOfPerson(shelf, known, person), policy);
    } else held.delete(person);
    // Who was asked for last goes last.
    held.set(person, clean);
    return clean(text, subject);
  };
}
