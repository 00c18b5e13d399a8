/**
 * The course of a person's illnesses: what he has, and on which days he was seen for it.
 * @module
 */
import { dayAfter, dayBefore, daysBetween } from './calendar.ts';
import { type Disease, diseases, rareDisease } from './codes.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';

export interface Visit {
  readonly day: string;
  /** Nights in hospital; 0 for an outpatient. */
  readonly nights: number;
  readonly diseases: readonly Disease[];
  /** 1 for the first visit here, and so on. */
  readonly count: number;
  /** The last day that anything may be dated. */
  readonly last: string;
}

/** One to four diseases that fit age and sex; the rare one for who has it. */
export function diagnoses(r: Random, { ageYears, gender, rare }: Person): readonly Disease[] {
  const found: Disease[] = rare ? [rareDisease] : [];
  const wanted = found.length + 1 + r.whole(0, Math.min(3, Math.floor(ageYears / 22)));
  const fits = (d: Disease) =>
    ageYears >= d.from && ageYears <= d.to && (d.only ?? gender) === gender && !found.includes(d) ? d.weight : 0;
  while (found.length < wanted) {
    const next = r.weighted(diseases, fits);
    if (next === undefined) break;
    found.push(next);
  }
  return found;
}

/** Visits of about three years, oldest first, none before birth and none after death. */
export function visits(r: Random, { birthDate, deceased, imaging }: Person, has: readonly Disease[], day: string): readonly Visit[] {
  const chronic = has.some(d => d.chronic);
  const recent = deceased ?? dayBefore(day, r.whole(1, 40));
  const last = recent < birthDate ? birthDate : recent;
  const life = Math.max(0, daysBetween(birthDate, last));
  const first = dayBefore(last, Math.min(life, r.whole(60, 1000)));
  const many = chronic ? r.whole(2, 4) : r.whole(1, 2);
  const days = [...new Set(Array.from({ length: many }, () => dayAfter(first, r.whole(0, daysBetween(first, last)))))].sort();
  return days.map((on, i) => ({
    day: on,
    nights: r.chance(0.08) || (imaging && i === 0) ? Math.min(r.whole(2, 14), daysBetween(on, last)) : 0,
    diseases: has,
    count: i + 1,
    last,
  }));
}
