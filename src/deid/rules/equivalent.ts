/**
 * What of a rule of the format Noren's own language says too: a value of the configuration, noise, a keyed hash, a cipher text.
 * Only what R4 lets stand in the element: a substitute of another type, or a hash in the place of a date, has no equivalent.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { faultOf } from '../../fhir/profile/value.ts';
import { methods } from '../methods/index.ts';
import { isNumeric, isQuantity } from './perturb.ts';
import type { Place } from './places.ts';
import type { Method } from './rule.ts';

/** A rule of Noren's language, but for its paths. */
export type Equivalent = Json & { readonly method: string };

/** Noren's noise is rounded to so many decimals at most. */
const mostDecimals = 12;

const canTreat = (method: string, { type, parentType, property }: Place): boolean => {
  const { types, sample } = methods.get(method)!;
  return types.includes(type) && (sample === undefined || faultOf(parentType, property, sample({})) === undefined);
};

/** The text of a configuration as JSON of a primitive type. */
function jsonOf(text: string, type: string): unknown {
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  if (isNumeric(type) && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  return text;
}

function substitute(method: Method & { name: 'substitute' }, { primitive, type, parentType, property }: Place): Equivalent | undefined {
  const value = primitive ? (method.text === undefined ? undefined : jsonOf(method.text, type)) : method.json;
  // A reference of the configuration would lead out of the release, or to somebody in it.
  if (value === undefined || type === 'Reference' || type === 'Extension' || faultOf(parentType, property, value) !== undefined)
    return undefined;
  return { method: 'substitute', value };
}

function perturb({ span, proportional, roundTo }: Method & { name: 'perturb' }, { type }: Place): Equivalent | undefined {
  if (!methods.get('perturb')!.types.includes(type) || !Number.isFinite(Number(span))) return undefined;
  // Without noise a rule rounds, as the format's does.
  return {
    ...{ method: 'perturb', span: Number(span), roundTo: Math.min(roundTo, mostDecimals) },
    ...(proportional ? { range: 'proportional' } : {}),
  };
}

/**
 * What Noren's language has for a rule that finds this element itself; undefined: nothing.
 * @param keyed whether hashes and cipher texts may leave: in anonymized data a hash links those of one name, and shows which are common, and a cipher text is the text for whoever has the keys
 */
export function equivalentOf(method: Method, place: Place, keyed: boolean): Equivalent | undefined {
  switch (method.name) {
    case 'substitute':
      return substitute(method, place);
    case 'perturb':
      return perturb(method, place);
    case 'encrypt':
      return keyed && canTreat('encrypt', place) ? { method: 'encrypt' } : undefined;
    case 'cryptoHash':
      if (!keyed) return undefined;
      // What names something is a keyed pseudonym, its system too.
      if (place.type === 'Identifier') return { method: 'pseudonymize' };
      return canTreat('hash', place) ? { method: 'hash' } : undefined;
    default:
      return undefined;
  }
}

/** Data types of which one element stands for the whole: the value of a quantity, the number of an identifier. */
export const standingFor = ({ type }: Place): string | undefined => (isQuantity(type) || type === 'Identifier' ? 'value' : undefined);

/** Methods that do to such a whole what they do to that element. */
export const namesWhole = ({ name }: Method): boolean => name === 'perturb' || name === 'cryptoHash';

/** Whether noise leaves a primitive as it is; a quantity never. */
export const isStill = ({ primitive, type }: Place): boolean => (primitive ? !isNumeric(type) : !isQuantity(type));
