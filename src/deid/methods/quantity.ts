/**
 * quantity: value and comparator leave; the unit when it is one (UCUM, or a counting word of the policy); system and code when the policy knows the system.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Quantity
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { unitTest } from '../units.ts';
import { bitOf } from './mark.ts';
import { type Method, texts } from './method.ts';

const ucum = 'http://unitsofmeasure.org';
const comparators: ReadonlySet<unknown> = new Set(['<', '<=', '>=', '>']);

const removed = bitOf('removed');

/** Options: `words`, counting words that are no UCUM; `annotations`, what may stand in UCUM's curly brackets; `systems`, code systems of units beside UCUM. */
export const quantity: Method = {
  types: ['Quantity', 'Age', 'Duration', 'Count', 'Distance'],
  make: options => {
    const words: ReadonlySet<unknown> = new Set(texts(options, 'words'));
    const isUcum = unitTest(new Set(texts(options, 'annotations')));
    const systems: ReadonlySet<unknown> = new Set(texts(options, 'systems'));
    return (given, run) => {
      if (!isObject(given)) return undefined;
      const { value, comparator, unit, system, code } = given;
      if (typeof value !== 'number' && !(value instanceof Number)) return undefined;
      const out: Json = { value };
      if (comparators.has(comparator)) out['comparator'] = comparator;
      if (typeof unit === 'string' && (words.has(unit) || isUcum(unit))) out['unit'] = unit;
      if (typeof code === 'string' && (system === ucum ? isUcum(code) : systems.has(system) && /^[A-Za-z0-9._-]{1,20}$/.test(code))) {
        out['system'] = system;
        out['code'] = code;
      }
      for (const name in given) if (!(name in out)) run.marks |= removed;
      return out;
    };
  },
};
