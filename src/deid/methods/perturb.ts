/**
 * perturb: a number moves by noise, uniform over `span` around it (`proportional`: over span times its size), and is rounded to `roundTo` decimals.
 * The noise is drawn from the keys by resource and value (of equal ones, by how many came before): who gets the same series again gets the same number, and cannot average the noise
 * away, also when elements have come or gone beside it; and a value that was corrected has noise of its own, so that two releases do not tell by how much.
 * R4: https://hl7.org/fhir/R4/datatypes.html#decimal, https://hl7.org/fhir/R4/datatypes.html#Quantity
 * @module
 */
import { isPrimitive } from '../../fhir/profile/elements.ts';
import { isObject, type Run } from '../context.ts';
import { type Method, number, oneOf } from './method.ts';
import { notNegative, oneOfWords, wholeNumber } from './option.ts';

const largest = 2_147_483_647;

/** Beyond these a value would be none of its type. R4: https://hl7.org/fhir/R4/datatypes.html#integer, rule age-1 */
function limitsOf(type: string, roundTo: number): readonly [number, number] {
  if (type === 'integer') return [-largest - 1, largest];
  if (type === 'positiveInt') return [1, largest];
  if (type === 'unsignedInt') return [0, largest];
  if (type === 'Count') return [0, Number.POSITIVE_INFINITY];
  if (type === 'Age') return [Number((10 ** -roundTo).toFixed(roundTo)), Number.POSITIVE_INFINITY];
  return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** Options: `span` (≥ 0, required), `range` (fixed, proportional; default fixed), `roundTo` (decimals, 0 to 12; default 2). An integer stays one of R4's, and what must be positive stays so. */
export const perturb: Method = {
  types: ['decimal', 'integer', 'positiveInt', 'unsignedInt', 'Quantity', 'Age', 'Duration', 'Count', 'Distance', 'Money'],
  goesOn: true,
  options: { span: notNegative, range: oneOfWords('fixed', 'proportional'), roundTo: wholeNumber(0, 12) },
  mark: 'perturbed',
  make: (options, inner, type) => {
    const span = number(options, 'span');
    if (span < 0) throw new Error('"span" must not be negative');
    const proportional = oneOf(options, 'range', ['fixed', 'proportional']) === 'proportional';
    const roundTo = number(options, 'roundTo', 2);
    if (!Number.isInteger(roundTo) || roundTo < 0 || roundTo > 12) throw new Error('"roundTo" must be a whole number from 0 to 12');
    const whole = type === 'Count' || type.endsWith('nteger') || type.endsWith('Int');
    if (!isPrimitive(type) && inner === undefined) throw new Error('the elements of the type must be listed');
    const [least, most] = limitsOf(type, roundTo);
    const moved = (value: number, run: Run): number => {
      const { context } = run;
      const times = (run.perturbed ??= new Map<number, number>()).get(value) ?? 0;
      run.perturbed.set(value, times + 1);
      const drawn = context.keys.uniform(`${context.id}/${value}/${times}`) - 0.5;
      const noise = drawn * span * (proportional ? Math.abs(value) : 1);
      return Math.min(most, Math.max(least, Number((value + noise).toFixed(whole ? 0 : roundTo))));
    };
    return (value, run) => {
      if (typeof value === 'number' || value instanceof Number) return moved(Number(value), run);
      const kept = inner === undefined ? undefined : inner(value, run);
      if (!isObject(kept) || kept['value'] === undefined) return undefined;
      return { ...kept, value: moved(Number(kept['value']), run) };
    };
  },
};
