/**
 * Numbers with noise, in exact decimal arithmetic: value + u, u uniform in [−span/2, span/2], rounded half to even.
 * R4: https://hl7.org/fhir/R4/datatypes.html#decimal
 * @module
 */
import { type Decimal, longestNumber, numeral } from '../../fhir/model/json.ts';
import { ValueError } from './errors.ts';
import { decimalText } from './json.ts';
import type { Place } from './places.ts';
import type { PerturbOptions } from './rule.ts';

const whole = new Set(['integer', 'positiveInt', 'unsignedInt']);
const quantities = new Set(['Age', 'Count', 'Duration', 'Distance', 'Money', 'MoneyQuantity', 'Quantity', 'SimpleQuantity']);

/** Primitive types that get noise. */
export const isNumeric = (type: string): boolean => type === 'decimal' || whole.has(type);
/** Data types whose `value` gets it. */
export const isQuantity = (type: string): boolean => quantities.has(type);

interface Scaled {
  readonly digits: bigint;
  readonly scale: number;
}

function scaled(text: string): Scaled | undefined {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (parts === null || (parts[2] === '' && (parts[3] ?? '') === '') || text.length > longestNumber) return undefined;
  const fraction = parts[3] ?? '';
  const digits = BigInt(parts[2] + fraction);
  return { digits: parts[1] === '-' ? -digits : digits, scale: fraction.length };
}

const ten = (n: number): bigint => 10n ** BigInt(n);

/** n / d, the nearest; of two the even one. d is positive. */
function halfToEven(n: bigint, d: bigint): bigint {
  const sign = n < 0n ? -1n : 1n;
  const size = n * sign;
  const floor = size / d;
  const twice = (size - floor * d) * 2n;
  return sign * (twice > d || (twice === d && floor % 2n === 1n) ? floor + 1n : floor);
}

const written = (digits: bigint, scale: number): string => {
  const size = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const sign = digits < 0n ? '-' : '';
  return scale === 0 ? sign + size : `${sign}${size.slice(0, -scale)}.${size.slice(-scale)}`;
};

const most = 2n ** 64n - 1n;

/** @throws ValueError for what is no number, and for a negative one with a proportional span */
export function perturbed(
  text: string,
  { type, path }: Place,
  { span, proportional, roundTo }: PerturbOptions,
  random: (bytes: number) => Uint8Array,
): number | Decimal {
  const value = scaled(/[eE]/.test(text) ? decimalText(numeral(text)) : text);
  const width = scaled(span);
  if (value === undefined || width === undefined) throw new ValueError(path, 'is no number');
  if (proportional && value.digits < 0n) throw new ValueError(path, 'is negative, and the span is proportional');
  const decimals = whole.has(type) ? 0 : roundTo;
  const factor = proportional ? value : { digits: 1n, scale: 0 };
  // noise = span · (2r − most) / (2 · most), r uniform in 0 … most
  const draw = 2n * Buffer.from(random(8)).readBigUInt64BE() - most;
  const noise = width.digits * factor.digits * draw;
  let digits: bigint;
  let scale = decimals;
  if (noise === 0n) {
    scale = Math.min(value.scale, decimals);
    digits = halfToEven(value.digits * ten(scale), ten(value.scale));
  } else {
    const below = width.scale + factor.scale;
    const common = 2n * most * ten(below + value.scale);
    digits = halfToEven((value.digits * 2n * most * ten(below) + noise * ten(value.scale)) * ten(decimals), common);
  }
  if (type === 'positiveInt' && digits <= 0n) digits = 1n;
  if (type === 'unsignedInt' && digits < 0n) digits = 0n;
  return numeral(written(digits, scale));
}
