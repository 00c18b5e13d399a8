/**
 * What a number of a query means: half a unit of its last digit on either side.
 * R4: https://hl7.org/fhir/R4/search.html#number
 * @module
 */

const form = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** `100` → 99.5 to 100.5; `1e2` → 95 to 105, as the specification has it (a mantissa stands for one digit more). */
export function readNumber(text: string): { readonly value: number; readonly low: number; readonly high: number } | undefined {
  const m = form.exec(text);
  if (m === null) return undefined;
  const [, sign, whole = '', decimals = '', exponent] = m;
  const value = Number(text);
  const digits = BigInt((sign ?? '') + whole + decimals) * 10n;
  // The bounds are written out in decimal and read back, so that 5.4 begins at 5.35 and not a hair beside it.
  const power = Number(exponent ?? 0) - decimals.length - 1 - (exponent === undefined ? 0 : 1);
  const scaled = exponent === undefined ? digits : digits * 10n;
  const low = Number(`${scaled - 5n}e${power}`);
  const high = Number(`${scaled + 5n}e${power}`);
  return [value, low, high].every(Number.isFinite) ? { value, low, high } : undefined;
}
