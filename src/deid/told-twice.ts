/**
 * What a policy would tell twice of one person, hidden and plain: a date that stays beside one that moves shows by how many days, and a UID in a file what its pseudonym stands for.
 * @module
 */
import { type Policy, PolicyError, type Rule } from './policy.ts';

const dates: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant']);

const moves = ({ method, options }: Rule): boolean =>
  method === 'date-shift' || (method === 'generalize-date' && options['shift'] !== false);
/** A year is no day: it may stay. */
const stays = ({ method, options }: Rule): boolean =>
  method === 'keep' || (method === 'generalize-date' && options['shift'] === false && options['to'] !== 'year');

export class ToldTwice {
  /** Where dates leave moved, and as they are: a place each. */
  #moved: string | undefined;
  #plain: string | undefined;
  #kept = false;

  /** @param placed rules of one place */
  note(placed: readonly { readonly rule: Rule }[], type: string, place: string): void {
    if (!dates.has(type)) return;
    if (place === 'dateTime') this.#kept = placed.some(({ rule }) => rule.method === 'keep');
    if (placed.some(({ rule }) => moves(rule))) this.#moved ??= place;
    else if (placed.some(({ rule }) => stays(rule))) this.#plain ??= place;
  }

  /** Whether days leave as they are: the rule for dateTime says so, one that a rule of its own keeps does not speak for all. */
  get kept(): boolean {
    return this.#kept;
  }

  /** @throws PolicyError */
  check({ groups }: Policy): void {
    const moved = this.#moved;
    if (moved !== undefined && this.#plain !== undefined)
      throw new PolicyError(this.#plain, `stays as it is, and ${moved} moves: ${byDays}`);
    const rules = groups.flatMap(group => group.rules);
    for (const { options, paths } of rules) {
      const retained = (options['dicom'] as { options?: unknown } | undefined)?.options;
      if (!Array.isArray(retained)) continue;
      const place = `${paths[0]}: dicom.options`;
      if (moved !== undefined && retained.includes('retainLongitudinalFullDates'))
        throw new PolicyError(place, `dates in files would stay as they are, and ${moved} moves: ${byDays}`);
      if (retained.includes('retainUids') && rules.some(one => one.options['domain'] === 'uid'))
        throw new PolicyError(
          place,
          'UIDs in files would stay as they are, and those in FHIR get pseudonyms: without "retainUids" both get the same',
        );
    }
  }
}

const byDays = 'whoever sees both knows by how many days; let both move, or none, or of what stays the year alone';
