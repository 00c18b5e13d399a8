/**
 * The methods that a policy may name, one line each.
 * @module
 */
import { ageTopCode } from './age-top-code.ts';
import { codeSystem } from './code-system.ts';
import { dateShift } from './date-shift.ts';
import { generalizeDate } from './generalize-date.ts';
import { keep } from './keep.ts';
import type { Method } from './method.ts';
import { place } from './place.ts';
import { pseudonymize } from './pseudonymize.ts';
import { quantity } from './quantity.ts';
import { reference } from './reference.ts';
import { remove } from './remove.ts';
import { weekdayShift } from './weekday-shift.ts';

export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    keep,
    remove,
    'weekday-shift': weekdayShift,
    'age-top-code': ageTopCode,
    'code-system': codeSystem,
    'date-shift': dateShift,
    'generalize-date': generalizeDate,
    place,
    pseudonymize,
    quantity,
    reference,
  }),
);
