/**
 * The methods that a policy may name, one line each.
 * @module
 */
import { ageTopCode } from './age-top-code.ts';
import { bands } from './bands.ts';
import { cleanAttachment } from './clean-attachment.ts';
import { cleanText } from './clean-text.ts';
import { codeSystem } from './code-system.ts';
import { dateShift } from './date-shift.ts';
import { encrypt } from './encrypt.ts';
import { generalizeCode } from './generalize-code.ts';
import { generalizeDate } from './generalize-date.ts';
import { hash } from './hash.ts';
import { keep } from './keep.ts';
import { link } from './link.ts';
import { listed } from './listed.ts';
import { mask } from './mask.ts';
import type { Method } from './method.ts';
import { perturb } from './perturb.ts';
import { place } from './place.ts';
import { pseudonymize } from './pseudonymize.ts';
import { quantity } from './quantity.ts';
import { reference } from './reference.ts';
import { remove } from './remove.ts';
import { substitute } from './substitute.ts';
import { weekdayShift } from './weekday-shift.ts';
import { zipArea } from './zip-area.ts';

export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    keep,
    listed,
    remove,
    mask,
    'weekday-shift': weekdayShift,
    'age-top-code': ageTopCode,
    bands,
    'code-system': codeSystem,
    'generalize-code': generalizeCode,
    'date-shift': dateShift,
    'generalize-date': generalizeDate,
    place,
    'zip-area': zipArea,
    perturb,
    substitute,
    hash,
    encrypt,
    pseudonymize,
    link,
    quantity,
    reference,
    'clean-text': cleanText,
    'clean-attachment': cleanAttachment,
  }),
);
