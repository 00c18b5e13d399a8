/**
 * The first pass over a piece: whether it can be read, its hash, and of the persons in it what a release has to know before it may write a line.
 * Kept of a Patient: what tells that two records are one person's, and what leaves of somebody who has several; of everything else the latest day that it tells of somebody.
 * @module
 */
import type { CompiledPolicy } from '../deid/compile.ts';
import { withheld } from '../deid/deidentify.ts';
import { namesOf, personsIn } from '../fhir/model/named.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { lastDay, lastPlanned, merged } from '../release/individual.ts';
import { tiesOf } from '../release/persons.ts';
import type { Input } from './inputs.ts';
import { type Fingerprints, fingerprintsOf } from './names.ts';
import { type Piece, reading, textsOf } from './pieces.ts';
import { resourcesOf, rootOf, type Where } from './resources.ts';
import { type Bad, reasonOf } from './stop.ts';

/** One Patient record. */
export interface PatientRecord {
  readonly name: string;
  /** Its place in the input: that of its text, and in the text. */
  readonly at: string;
  readonly ties: readonly string[];
  /** JSON of what a release merges. */
  readonly kept: string;
}

export interface Survey {
  /** SHA-256 of the piece, hex. */
  readonly hash: string;
  readonly lines: number;
  readonly bad: readonly Bad[];
  readonly patients: readonly PatientRecord[];
  /** Name of somebody → latest day. */
  readonly lastDays: readonly (readonly [string, number])[];
  readonly names: Fingerprints;
  /** Resources by type. */
  readonly types: Readonly<Record<string, number>>;
  /** The file's name holds a name, an id or a number of a Patient in it. */
  readonly tells: boolean;
}

/** @param compiled absent: persons need not be known @param today day number */
export async function survey(
  input: Input,
  piece: Piece,
  { compiled, today, base }: { compiled: CompiledPolicy | undefined; today: number; base: string },
): Promise<Survey> {
  const read = reading();
  const bad: Bad[] = [];
  const patients: PatientRecord[] = [];
  const lastDays = new Map<string, number>();
  const names: string[] = [];
  const types: Record<string, number> = {};
  let tells = false;
  const until = lastPlanned(today);

  const take = (name: string, resource: AnyResource, at: string, { policy, types: leaving }: CompiledPolicy): void => {
    types[resource.resourceType] = (types[resource.resourceType] ?? 0) + 1;
    if (resource.resourceType === 'Patient') {
      const kept = merged([resource]);
      patients.push({ name, at, ties: tiesOf(name, resource, base), kept: JSON.stringify(kept) });
      tells ||= isTold(input.name, resource);
    } else if (leaving.has(resource.resourceType) && !withheld(resource)) names.push(name);
    if (policy.pooledFrom === undefined) return;
    const day = lastDay([resource], until);
    if (day === Number.NEGATIVE_INFINITY) return;
    for (const whose of new Set([...namesOf(personsIn(resource, { base })), name])) {
      // Of what names nobody the latest day tells of nobody.
      if (whose === name && resource.resourceType !== 'Patient') continue;
      if (!((lastDays.get(whose) ?? Number.NEGATIVE_INFINITY) >= day)) lastDays.set(whose, day);
    }
  };

  try {
    for await (const texts of textsOf(input, piece, read)) {
      if (compiled === undefined) continue;
      for (const { line, bytes } of texts) {
        const where: Where = { file: input.name, piece: piece.number, line };
        try {
          for (const { place, name, resource } of resourcesOf(rootOf(bytes), where, base))
            take(name, resource, atOf(where, place), compiled);
        } catch (error) {
          bad.push({ file: input.name, ...(line === 0 ? {} : { line }), reason: reasonOf(error) });
        }
      }
    }
  } catch (error) {
    bad.push({ file: input.name, reason: reasonOf(error) });
  }
  return {
    hash: read.hash.digest('hex'),
    lines: read.lines,
    bad,
    patients,
    lastDays: [...lastDays],
    names: fingerprintsOf(names),
    types,
    tells,
  };
}

/** The place of a resource in the input. */
export const atOf = ({ file, piece, line }: Where, place: number): string => `${piece}.${line}.${place}.${file}`;

/** Whether a name of a file holds what tells who it is about, as words of their own; in kanji and kana, between which no spaces stand, anywhere. */
function isTold(file: string, patient: AnyResource): boolean {
  const list = (element: string): AnyResource[] => (Array.isArray(patient[element]) ? (patient[element] as AnyResource[]) : []);
  const said = [
    patient.id,
    ...list('identifier').flatMap(one => ways(one?.['value'])),
    ...list('name').flatMap(one => {
      const parts = [one?.['family'], ...(Array.isArray(one?.['given']) ? (one['given'] as unknown[]) : [])];
      return [...[one?.['text'], parts.join(' '), parts.toReversed().join(' ')].flatMap(ways), ...parts];
    }),
  ];
  const text = file.normalize('NFKC').toLowerCase();
  return said.some(one => {
    if (typeof one !== 'string' || one.length < 2) return false;
    const word = one.normalize('NFKC').toLowerCase();
    if (unspaced.test(word)) return text.includes(word);
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
      if (!isPart(text[at - 1]) && !isPart(text[at + word.length])) return true;
    return false;
  });
}

/** As written, in one piece, and, of a name, word by word: files are called 山田太郎, yamada_taro, 001234. */
function ways(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return [value, value.replace(/[\s\u3000,・_.-]+/g, ''), ...value.split(/[\s\u3000,・]+/)];
}

const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}々ー]{2,}$/u;
const isPart = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);
