/**
 * What each method does to one primitive value. Decided once for a rule and a place; what the format leaves unchanged there has no treatment.
 * @module
 */
import { encrypted } from './cipher.ts';
import { redactedDate, shiftedDate } from './dates.ts';
import { ProcessingError, ValueError } from './errors.ts';
import { evaluate } from './fhirpath.ts';
import { textOf } from './json.ts';
import { isNumeric, perturbed } from './perturb.ts';
import type { Place } from './places.ts';
import type { Method, Rule, RulesParameters } from './rule.ts';
import { orderOf, type Run } from './run.ts';
import { isPrimitiveValue, type Primitive } from './tree.ts';

/** Value in, value out; undefined: it goes. Records what was done. */
export type Treat = (value: Primitive, run: Run) => Primitive | undefined;

const dates = new Set(['date', 'dateTime', 'instant']);

/** Empty texts count as no value: nothing is done and nothing recorded. */
const unlessEmpty =
  (treat: Treat): Treat =>
  (value, run) =>
    value === '' ? value : treat(value, run);

/** @param parameters flags for what stays in part */
export function redactOf(place: Place, parameters: RulesParameters): Treat {
  if (dates.has(place.type) && parameters.enablePartialDatesForRedact)
    return (value, run) => {
      run.record(orderOf.redact);
      return redactedDate(textOf(value), run.means.context.now);
    };
  if (place.type === 'decimal' && place.name === 'value' && place.parentType === 'Age' && parameters.enablePartialAgesForRedact)
    return (value, run) => {
      run.record(orderOf.redact);
      const text = textOf(value);
      if (!/^-?\d+$/.test(text)) throw new ValueError(place.path, 'is an age that is no whole number');
      return Number(text) > 89 ? undefined : value;
    };
  if (place.name.toLowerCase() === 'postalcode' && parameters.enablePartialZipCodesForRedact)
    return (value, run) => {
      run.record(orderOf.abstract);
      const text = textOf(value);
      if (parameters.restrictedZipCodeTabulationAreas.some(area => text.startsWith(area))) return text.replace(/\p{Nd}/gu, '0');
      return text.length < 3 ? text : text.slice(0, 3) + text.slice(3).replace(/\p{Nd}/gu, '0');
    };
  return (_value, run) => {
    run.record(orderOf.redact);
    return undefined;
  };
}

const encrypt: Treat = (value, run) => {
  run.record(orderOf.encrypt);
  const { encryptKey, context } = run.means;
  return encrypted(encryptKey, context.random(16), textOf(value));
};

function generalizeOf(method: Method & { name: 'generalize' }, place: Place): Treat {
  const ask = (expression: string, value: Primitive): unknown[] => {
    let found: unknown[];
    try {
      found = evaluate(expression, place.type, value);
    } catch {
      // The engine's own message may hold the value.
      throw new ProcessingError(place.path, 'an expression of generalize cannot be worked out');
    }
    return found;
  };
  return (value, run) => {
    for (const [condition, replacement] of method.cases) {
      // Nothing, and anything but one truth value, counts as true: also what cannot be decided.
      const decided = ask(condition, value);
      if (decided.length === 1 && decided[0] === false) continue;
      // Through the engine a decimal would lose its last zeros.
      const [made, ...more] = replacement.trim() === '$this' ? [value] : ask(replacement, value);
      if (more.length > 0) throw new ProcessingError(place.path, 'an expression of generalize gives more than one value');
      run.record(orderOf.generalize);
      return isPrimitiveValue(made) ? made : undefined;
    }
    run.record(orderOf.generalize);
    return method.otherValues === 'keep' ? value : undefined;
  };
}

/** How a rule treats a primitive at a place; undefined: not at all. @param number its place in the list, from 0 */
export function treatOf(rule: Rule, number: number, place: Place, parameters: RulesParameters): Treat | undefined {
  const { method } = rule;
  switch (method.name) {
    case 'keep':
    case 'unknown':
      return undefined;
    case 'redact':
      return unlessEmpty(redactOf(place, parameters));
    case 'dateShift': {
      if (!dates.has(place.type)) return undefined;
      const redact = redactOf(place, parameters);
      const withTime = place.type !== 'date';
      const instant = place.type === 'instant';
      return unlessEmpty((value, run) => {
        const shifted = shiftedDate(textOf(value), withTime, run, number, place.path);
        if (shifted === undefined) return redact(value, run);
        run.record(orderOf.dateShift);
        // The format writes the zone of a moved instant in digits, that of a dateTime as it was.
        return instant && shifted.endsWith('Z') ? `${shifted.slice(0, -1)}+00:00` : shifted;
      });
    }
    case 'cryptoHash': {
      const reference = place.name === 'reference' && place.parentType === 'Reference';
      return unlessEmpty((value, run) => {
        run.record(orderOf.cryptoHash);
        const text = textOf(value);
        return reference ? run.means.hashReference(text) : run.means.hash(text);
      });
    }
    case 'encrypt':
      return unlessEmpty(encrypt);
    case 'substitute':
      return (_value, run) => {
        run.record(orderOf.substitute);
        return method.text;
      };
    case 'perturb':
      if (!isNumeric(place.type)) return undefined;
      return unlessEmpty((value, run) => {
        run.record(orderOf.perturb);
        return perturbed(textOf(value), place, method, run.means.context.random);
      });
    case 'generalize':
      return generalizeOf(method, place);
  }
}
