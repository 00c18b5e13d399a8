/**
 * The first pass over a piece: whether it can be read, its hash, and of the persons in it what a release has to know before it may write a line.
 * Kept of a Patient: what tells that two records are one person's, and what leaves of somebody who has several; of everything else the latest day that it tells of somebody.
 * @module
 */
import type { CompiledPolicy } from '../deid/compile.ts';
import { withheld } from '../deid/deidentify.ts';
import { allKnown, type Known } from '../deid/text/index.ts';
import { namesOf, personsIn } from '../fhir/model/named.ts';
import { personKeys } from '../fhir/model/person.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { registered } from '../release/cleaning.ts';
import { lastDay, lastPlanned, merged } from '../release/individual.ts';
import { tiesOf } from '../release/persons.ts';
import { isTold, nameWords, readable, wordIn } from './file-names.ts';
import type { Input } from './inputs.ts';
import { type Laid, once, Telling } from './known.ts';
import { type Notes, Noting } from './notes.ts';
import { type Asked, addAsked } from './numbers.ts';
import { bareName, type Records, tie } from './people.ts';
import { hashing, type Piece, textsOf } from './pieces.ts';
import { namelessIn, resourcesOf, rootOf, type Where } from './resources.ts';
import { Scan } from './scan.ts';
import type { Shelf } from './shelf.ts';
import { type Bad, reasonOf } from './stop.ts';
import { type Fingerprints, fingerprintsOf, type Table } from './table.ts';

export interface Survey {
  /** SHA-256 of the piece, hex. */
  readonly hash: string;
  readonly lines: number;
  readonly notes: Notes;
  readonly bad: readonly Bad[];
  readonly patients: Records;
  /** Names of somebody, and the latest day of each. */
  readonly dated: Fingerprints;
  readonly days: Int32Array<ArrayBuffer>;
  /** Of resources of types that leave. */
  readonly names: Fingerprints;
  /** Numbers by which others than patients are referred to: of each two, as `AllAsked` takes them. */
  readonly asked: Fingerprints;
  /** What the input says of people and places, where the policy cleans texts: by persons, and of all. */
  readonly laid?: readonly Laid[];
  readonly registered?: Known;
  /** The file's name holds a name, an id or a number of a Patient in it. */
  readonly tells: boolean;
  /** Words of names of files that are an id, a number or a name of a Patient here. */
  readonly words: readonly string[];
}

export interface Surveying {
  /** Absent: persons need not be known. */
  readonly compiled: CompiledPolicy | undefined;
  /** Day number. */
  readonly today: number;
  readonly base: string;
  /** Words of the names of all files. */
  readonly words: Table;
  /** Persons must be found by what a DICOM object says of them. */
  readonly objects: boolean;
  /** Where what is kept of people lies. */
  readonly shelf: Shelf;
}

export async function survey(input: Input, piece: Piece, { compiled, today, base, words, objects, shelf }: Surveying): Promise<Survey> {
  const read = hashing();
  const bad: Bad[] = [];
  const notes = new Noting();
  const patients = new Packing();
  const lastDays = new Map<string, number>();
  const names: string[] = [];
  const asked: Asked = new Map();
  const told = new Set<string>();
  const fileName = readable(input);
  let tells = false;
  const until = lastPlanned(today);
  const telling = compiled?.cleans === true ? new Telling() : undefined;
  const laid: Laid[] = [];
  const registers: Known[] = [];
  const asksDays = compiled?.policy.pooledFrom !== undefined;
  const scan = new Scan(asksDays ? until : undefined, base);

  const dated = (name: string, day: number): void => {
    if (!((lastDays.get(name) ?? Number.NEGATIVE_INFINITY) >= day)) lastDays.set(name, day);
  };
  const take = (name: string, resource: AnyResource, at: string, policy: CompiledPolicy): void => {
    if (resource.resourceType === 'Patient') {
      const ties = tiesOf(name, resource, base);
      const keys = personKeys(resource);
      const bare = objects ? [name, ...keys].map(one => bareName(one.slice(one.indexOf(one === name ? '/' : '|') + 1))) : [];
      patients.add(at, ties, 1 + keys.length, bare, JSON.stringify(merged([resource])));
      tells ||= isTold(fileName, resource);
      for (const word of [...ties.map(wordIn), ...nameWords(resource)]) if (word !== undefined && words.has(word)) told.add(word);
    }
    if (policy.types.has(resource.resourceType) && !withheld(resource)) {
      if (resource.resourceType !== 'Patient') names.push(name);
      addAsked(resource, policy, asked);
    }
    if (telling !== undefined) {
      telling.add(resource, [...namesOf(personsIn(resource, { base, conditions: true })), name]);
      const staff = registered([resource]);
      if (Object.values(staff).some(values => values.length > 0)) registers.push(staff);
    }
    if (!asksDays) return;
    const day = lastDay([resource], until);
    if (day === Number.NEGATIVE_INFINITY) return;
    for (const whose of namesOf(personsIn(resource, { base, conditions: true }))) dated(whose, day);
    // Of what names nobody the latest day tells of nobody.
    if (resource.resourceType === 'Patient') dated(name, day);
  };
  /** The same of what was read without its value. */
  const takePlain = (where: Where, { types: leaving }: CompiledPolicy): void => {
    if (leaving.has(scan.type) && !scan.withheld) names.push(`${scan.type}/${scan.id ?? namelessIn(where)}`);
    if (scan.lastDay > Number.NEGATIVE_INFINITY) for (const whose of scan.persons) dated(whose, scan.lastDay);
  };

  let unlaid: unknown;
  /** After each megabyte of a compressed file, which is one piece, however long it is. */
  const lay = (): void => {
    try {
      patients.lay(shelf);
      if (telling !== undefined) laid.push(telling.lay(shelf));
    } catch (error) {
      unlaid = error;
      throw error;
    }
  };

  try {
    for await (const texts of textsOf(input, piece, read)) {
      if (compiled === undefined) continue;
      for (const { line, bytes } of texts) {
        const where: Where = { file: input.name, folder: input.folder, piece: piece.number, line };
        try {
          scan.read(bytes);
          notes.add(scan);
          if (scan.plain && telling === undefined) takePlain(where, compiled);
          else
            for (const { place, name, resource } of resourcesOf(rootOf(bytes, scan), where, base))
              take(name, resource, atOf(where, place), compiled);
        } catch (error) {
          bad.push({ file: input.name, ...(line === 0 ? {} : { line }), reason: reasonOf(error) });
        }
      }
      lay();
    }
  } catch (error) {
    // A full disk is no fault of the input's, and must not be skipped.
    if (error === unlaid) throw error;
    bad.push({ file: input.name, reason: reasonOf(error) });
  }
  return {
    hash: read.hash.digest('hex'),
    lines: read.lines,
    notes: notes.taken(),
    bad,
    patients: patients.packed(),
    dated: fingerprintsOf([...lastDays.keys()]),
    days: Int32Array.from(lastDays.values()),
    names: fingerprintsOf(names),
    asked: fingerprintsOf([...asked].flat()),
    ...(telling === undefined ? {} : { laid }),
    ...(registers.length === 0 ? {} : { registered: once(allKnown(registers)) }),
    tells,
    words: [...told],
  };
}

/** Patient records while they are met. */
class Packing {
  readonly #facts: number[] = [];
  readonly #ties: string[] = [];
  readonly #own: number[] = [];
  #kept: string[] = [];
  readonly #places: number[] = [];

  /** @param own how many of the ties, the first ones, are its own name and numbers @param bare these without their systems */
  add(at: string, ties: readonly string[], own: number, bare: readonly string[], kept: string): void {
    this.#facts.push(...fingerprintsOf([at]), ties.length + bare.length);
    this.#ties.push(...ties, ...bare);
    for (let i = 0; i < ties.length; i++) this.#own.push(i < own ? tie.own : tie.other);
    for (const _ of bare) this.#own.push(tie.bare);
    this.#kept.push(kept);
  }

  /** What is kept of those who were met since the last time. */
  lay(shelf: Shelf): void {
    for (const word of shelf.lay(this.#kept)) this.#places.push(word);
    this.#kept = [];
  }

  packed(): Records {
    return {
      facts: Uint32Array.from(this.#facts),
      ties: fingerprintsOf(this.#ties),
      own: Uint8Array.from(this.#own),
      kept: Float64Array.from(this.#places),
    };
  }
}

/** The place of a resource in the input. */
export const atOf = ({ file, piece, line }: Where, place: number): string => `${piece}.${line}.${place}.${file}`;
