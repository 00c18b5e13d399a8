/**
 * The doctors of a hospital: a few dozen, the same for all its patients, so that bundles name them again and again.
 * @module
 */
import { name } from './names.ts';
import type { Institution } from './person.ts';
import { random } from './random.ts';

export interface Doctor {
  readonly name: readonly [family: string, given: string];
  readonly kana: readonly [family: string, given: string];
  readonly gender: 'female' | 'male';
  /** Number inside the hospital. */
  readonly number: string;
}

const many = 40;

function doctor(seed: string, institution: Institution, place: number): Doctor {
  const r = random(seed, 'doctor', institution, place);
  const gender = r.chance(0.3) ? 'female' : 'male';
  const { family, given, familyKana, givenKana } = name(r, gender);
  return {
    name: [family, given],
    kana: [familyKana, givenKana],
    gender,
    number: `D${String(place).padStart(4, '0')}-${r.whole(100, 999)}`,
  };
}

/** Two different doctors who see this patient. */
export function doctors(seed: string, institution: Institution, person: number): readonly [Doctor, Doctor] {
  const r = random(seed, 'doctors of', institution, person);
  const first = r.whole(1, many);
  return [doctor(seed, institution, first), doctor(seed, institution, ((first + r.whole(0, many - 2)) % many) + 1)];
}
