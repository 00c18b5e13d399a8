/**
 * Invariants of the data types.
 * R4: https://hl7.org/fhir/R4/datatypes.html, https://hl7.org/fhir/R4/metadatatypes.html, https://hl7.org/fhir/R4/elementdefinition.html
 * @module
 */
import { Decimal } from '../../model/json.ts';
import type { Json } from '../../model/r4.ts';
import { isObject } from '../findings.ts';
import { inOrder } from './order.ts';
import { count, has, hasChoice, isDistinct, items, type Rules, ucum, values } from './rule.ts';

const number = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : value instanceof Decimal ? value.valueOf() : undefined;

const quantityCode = (q: Json): boolean => (has(q, 'code') || !has(q, 'value')) && (!has(q, 'system') || q['system'] === ucum);

const comparable = (low: Json, high: Json): boolean =>
  low['system'] === high['system'] && (low['code'] ?? low['unit']) === (high['code'] ?? high['unit']);

const integer = (text: unknown): number => (typeof text === 'string' && /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN);

const path = /^[^\s.,:;'"/|?!@#$%&*()[\]{}]{1,64}(\.[^\s.,:;'"/|?!@#$%&*()[\]{}]{1,64}(\[x\])?(:[^\s.]+)?)*$/;

export const datatypes: Rules = {
  'age-1': age => {
    const value = number(age['value']);
    return quantityCode(age) && (value === undefined || value > 0);
  },
  'att-1': a => !has(a, 'data') || has(a, 'contentType'),
  'cnt-3': count => {
    const value = count['value'];
    return (
      quantityCode(count) &&
      (!has(count, 'code') || count['code'] === '1') &&
      (!(value instanceof Decimal) || !value.text.includes('.')) &&
      (typeof value !== 'number' || Number.isInteger(value))
    );
  },
  'cpt-2': c => !has(c, 'value') || has(c, 'system'),
  'dis-1': quantityCode,
  'drt-1': d => !has(d, 'code') || (d['system'] === ucum && has(d, 'value')),
  'drq-1': f => has(f, 'path') !== has(f, 'searchParam'),
  'drq-2': f => has(f, 'path') !== has(f, 'searchParam'),
  'exp-1': e => has(e, 'expression') || has(e, 'reference'),
  'mqty-1': m => (has(m, 'code') || !has(m, 'value')) && (!has(m, 'system') || m['system'] === 'urn:iso:std:iso:4217'),
  'per-1': p => inOrder(p['start'], p['end']),
  'qty-3': q => !has(q, 'code') || has(q, 'system'),
  'rat-1': r => !has(r, 'numerator') !== has(r, 'denominator') && (has(r, 'numerator') || has(r, 'extension')),
  // Quantities of different units cannot be put in order without UCUM; FHIRPath's answer is empty then, which refuses nothing.
  'rng-2': r => {
    const { low, high } = r;
    if (!isObject(low) || !isObject(high) || !comparable(low, high)) return true;
    const a = number(low['value']);
    const b = number(high['value']);
    return a === undefined || b === undefined || a <= b;
  },
  'sqty-1': q => !has(q, 'comparator'),
  'tim-1': t => !has(t, 'duration') || has(t, 'durationUnit'),
  'tim-2': t => !has(t, 'period') || has(t, 'periodUnit'),
  'tim-4': t => (number(t['duration']) ?? 0) >= 0,
  'tim-5': t => (number(t['period']) ?? 0) >= 0,
  'tim-6': t => !has(t, 'periodMax') || has(t, 'period'),
  'tim-7': t => !has(t, 'durationMax') || has(t, 'duration'),
  'tim-8': t => !has(t, 'countMax') || has(t, 'count'),
  'tim-9': t => !has(t, 'offset') || (has(t, 'when') && !values(t['when']).some(w => ['C', 'CM', 'CD', 'CV'].includes(w as string))),
  'tim-10': t => !has(t, 'timeOfDay') || !has(t, 'when'),
  'trd-1': t => !has(t, 'data') || !hasChoice(t, 'timing'),
  'trd-2': t => !has(t, 'condition') || has(t, 'data'),
  'trd-3': t => {
    const type = t['type'];
    if (type === 'named-event') return has(t, 'name');
    if (type === 'periodic') return hasChoice(t, 'timing');
    return typeof type !== 'string' || !type.startsWith('data-') || has(t, 'data');
  },

  'eld-1': s => has(s, 'discriminator') || has(s, 'description'),
  'eld-2': e => {
    const most = integer(e['max']);
    return !has(e, 'min') || !has(e, 'max') || e['max'] === '*' || Number.isNaN(most) || (number(e['min']) ?? 0) <= most;
  },
  'eld-4': t => !has(t, 'aggregation') || t['code'] === 'Reference' || t['code'] === 'canonical',
  'eld-5': e =>
    !has(e, 'contentReference') ||
    (!['type', 'example', 'maxLength', 'binding'].some(name => has(e, name)) &&
      !['defaultValue', 'fixed', 'pattern', 'minValue', 'maxValue'].some(name => hasChoice(e, name))),
  'eld-6': e => count(e, 'type') <= 1 || !hasChoice(e, 'fixed'),
  'eld-7': e => count(e, 'type') <= 1 || !hasChoice(e, 'pattern'),
  'eld-8': e => !hasChoice(e, 'pattern') || !hasChoice(e, 'fixed'),
  // As R4 wrote it, `select(…).exists()` is true for any type at all.
  'eld-11': () => true,
  'eld-12': b => !has(b, 'valueSet') || /^(?:http:|https|urn:)/.test(String(b['valueSet'])),
  'eld-13': e => isDistinct(items(e['type']).flatMap(t => values(t['code']))),
  'eld-14': e => isDistinct(items(e['constraint']).flatMap(c => values(c['key']))),
  'eld-15': e => !hasChoice(e, 'defaultValue') || !has(e, 'meaningWhenMissing'),
  'eld-16': e => !has(e, 'sliceName') || /^[a-zA-Z0-9/\-_[\]@]+$/.test(String(e['sliceName'])),
  'eld-17': t => t['code'] === 'Reference' || t['code'] === 'canonical' || !has(t, 'targetProfile'),
  'eld-18': e => e['isModifier'] !== true || has(e, 'isModifierReason'),
  'eld-19': e => typeof e['path'] !== 'string' || path.test(e['path']),
  'eld-22': e => !has(e, 'sliceIsConstraining') || has(e, 'sliceName'),
};
