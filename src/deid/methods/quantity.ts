/**
 * quantity: value and comparator leave; the unit when it is one (UCUM, or a counting word of the policy); system and code when the policy knows the system.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Quantity
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { unitTest } from '../units.ts';
import { formsOf } from './code-system.ts';
import { bitOf } from './mark.ts';
import { type Method, texts } from './method.ts';
import { formList, textList } from './option.ts';

const ucum = 'http://unitsofmeasure.org';
const comparators: ReadonlySet<unknown> = new Set(['<', '<=', '>=', '>']);

const removed = bitOf('removed');

/** The units that a policy lets out. */
export interface Units {
  /** As people read them. */
  readonly inWords: (unit: string) => boolean;
  readonly coded: (system: string, code: string) => boolean;
  /** Whether a text is a code of one of the systems beside UCUM. */
  readonly abbreviated: (code: string) => boolean;
}

/** From the options of `quantity`: `words`, counting words that are no UCUM; `annotations`, what may stand in UCUM's curly brackets; `systems`, code systems of units beside UCUM, each with the form of its codes, a regular expression. */
export function unitsOf(options: Json): Units {
  const words: ReadonlySet<unknown> = new Set(texts(options, 'words'));
  const isUcum = unitTest(new Set(texts(options, 'annotations')));
  const systems = formsOf(options, 'systems', 'system');
  return {
    inWords: unit => words.has(unit) || isUcum(unit),
    coded: (system, code) => (system === ucum ? isUcum(code) : systems.some(one => one.key === system && one.known(code))),
    abbreviated: code => systems.some(one => one.known(code)),
  };
}

export const quantity: Method = {
  types: ['Quantity', 'Age', 'Duration', 'Count', 'Distance'],
  options: { words: textList, annotations: textList, systems: formList('system') },
  make: options => {
    const units = unitsOf(options);
    return (given, run) => {
      if (!isObject(given)) return undefined;
      const { value, comparator, unit, system, code } = given;
      if (typeof value !== 'number' && !(value instanceof Number)) return undefined;
      const out: Json = { value };
      if (comparators.has(comparator)) out['comparator'] = comparator;
      if (typeof unit === 'string' && units.inWords(unit)) out['unit'] = unit;
      if (typeof system === 'string' && typeof code === 'string' && units.coded(system, code)) {
        out['system'] = system;
        out['code'] = code;
      }
      for (const name in given) if (!(name in out)) run.marks |= removed;
      return out;
    };
  },
};
