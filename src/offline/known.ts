/**
 * What the input says of people and places, for texts that are cleaned: written down by person in the first pass, beside the output, under a key that is gone with the call;
 * read again in the second when somebody's first text comes. In memory stands where to find it: 24 bytes for each piece of a file that tells of somebody.
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { allKnown, type Known, nothingKnown } from '../deid/text/index.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { knownAbout } from '../release/cleaning.ts';
import { type Fingerprints, fingerprintsOf } from './table.ts';

/** Where it is written down. */
export interface Shelf {
  /** Directory that is gone when the work is whole. */
  readonly folder: string;
  /** 32 bytes of this call. */
  readonly key: Uint8Array;
}

/** What a piece tells of people, by their names and numbers. */
export interface Laid {
  /** Of names and numbers of patients. */
  readonly of: Fingerprints;
  /** Of each three: number of the file, first byte, bytes. */
  readonly at: Float64Array<ArrayBuffer>;
}
const words = 3;

/** Where to read what is known of each person, for all workers. */
export interface SharedKnown {
  /** By person: where his places begin; one more at the end. */
  readonly starts: SharedArrayBuffer;
  readonly at: SharedArrayBuffer;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const fileOf = ({ folder }: Shelf, number: number): string => path.join(folder, `known.${number}`);

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

  /** Writes it behind what stands in a file. */
  lay(shelf: Shelf, number: number): Laid {
    let end = statSync(fileOf(shelf, number), { throwIfNoEntry: false })?.size ?? 0;
    const at: number[] = [];
    const parts: Buffer[] = [];
    for (const several of this.#of.values()) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, shelf.key, nonce);
      const sealed = [nonce, cipher.update(JSON.stringify(once(allKnown(...several)))), cipher.final(), cipher.getAuthTag()];
      const bytes = sealed.reduce((sum, part) => sum + part.length, 0);
      at.push(number, end, bytes);
      end += bytes;
      parts.push(...sealed);
    }
    if (parts.length > 0) {
      const fd = openSync(fileOf(shelf, number), 'a', 0o600);
      try {
        const whole = Buffer.concat(parts);
        for (let done = 0; done < whole.length; ) done += writeSync(fd, whole, done);
      } finally {
        closeSync(fd);
      }
    }
    return { of: fingerprintsOf([...this.#of.keys()]), at: Float64Array.from(at) };
  }
}

/** Sorts what was laid by persons. @param all in the order of the input @param personOf fingerprint → number from 0 to `count`; undefined: nobody of the input */
export function shareKnown(all: readonly Laid[], count: number, personOf: (a: number, b: number) => number | undefined): SharedKnown {
  const starts = new Uint32Array(new SharedArrayBuffer((count + 2) * 4));
  const each = (take: (person: number, at: Float64Array) => void): void => {
    for (const { of, at } of all)
      for (let i = 0; i * 2 < of.length; i++) {
        const person = personOf(of[i * 2]!, of[i * 2 + 1]!);
        if (person !== undefined) take(person, at.subarray(i * words, (i + 1) * words));
      }
  };
  each(person => void starts[person + 2]!++);
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const places = new Float64Array(new SharedArrayBuffer(starts.at(-1)! * words * 8));
  // Filled from where the person before ends: then each stands where he begins.
  each((person, at) => places.set(at, starts[person + 1]!++ * words));
  return { starts: starts.buffer, at: places.buffer };
}

/** What is known of a person. Throws where it is not what was written. */
export function knownOfPerson(shelf: Shelf, shared: SharedKnown, person: number): Known {
  const starts = new Uint32Array(shared.starts);
  const places = new Float64Array(shared.at);
  const all: Known[] = [nothingKnown];
  for (let i = starts[person]!; i < starts[person + 1]!; i++) {
    const [number, from, bytes] = places.subarray(i * words, (i + 1) * words) as unknown as [number, number, number];
    const sealed = Buffer.alloc(bytes);
    const fd = openSync(fileOf(shelf, number), 'r');
    try {
      for (let done = 0; done < bytes; ) {
        const n = readSync(fd, sealed, done, bytes - done, from + done);
        if (n === 0) throw new Error('what was written down of a person is not there');
        done += n;
      }
    } finally {
      closeSync(fd);
    }
    const open = createDecipheriv(algorithm, shelf.key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes }).setAuthTag(
      sealed.subarray(-tagBytes),
    );
    all.push(JSON.parse(Buffer.concat([open.update(sealed.subarray(nonceBytes, -tagBytes)), open.final()]).toString()) as Known);
  }
  return allKnown(...all);
}
