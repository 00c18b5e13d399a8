/**
 * A form that is looked for, and what is told about it where it is found.
 * @module
 */
import { type Entity, entities, ordinal } from './entity.ts';
import type { Role } from './known.ts';

/**
 * How sure a form is by itself. `whole`: it names; `part`: it names unless its neighbours say otherwise; `capital`: with a capital letter, or beside a cue;
 * `cued`: only beside one; `called`: only before さん, ちゃん and the like.
 */
export type Sureness = 'whole' | 'part' | 'capital' | 'cued' | 'called';
export type Script = 'kanji' | 'kana' | 'latin' | 'number';

export interface Form {
  readonly text: string;
  readonly entity: Entity;
  readonly sureness: Sureness;
  /** The family name of the patient or of a relative. */
  readonly isFamily?: boolean;
}

/** What the automaton tells of a form, packed into one number. */
export interface Told {
  readonly entity: Entity;
  readonly sureness: Sureness;
  readonly script: Script;
  readonly isFamily: boolean;
}

export const surenesses: readonly Sureness[] = ['whole', 'part', 'capital', 'cued', 'called'];
const scripts: readonly Script[] = ['kanji', 'kana', 'latin', 'number'];

export const pack = (entity: Entity, sureness: Sureness, script: Script, isFamily = false): number =>
  1 +
  ordinal[entity] +
  64 * (surenesses.indexOf(sureness) + surenesses.length * (scripts.indexOf(script) + (isFamily ? scripts.length : 0)));

/** Every number that `pack` gives, unpacked once. */
const unpacked: (Told | undefined)[] = [];
for (const isFamily of [false, true])
  for (const script of scripts)
    for (const sureness of surenesses)
      for (const entity of entities) unpacked[pack(entity, sureness, script, isFamily)] = { entity, sureness, script, isFamily };

export const told = (packed: number): Told => unpacked[packed]!;

/** Whose a name is, as reports call it. */
export const entityOf: Readonly<Record<Role, Entity>> = {
  patient: 'name',
  related: 'relative',
  staff: 'staff',
  institution: 'institution',
};
