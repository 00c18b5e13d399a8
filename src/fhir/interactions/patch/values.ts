/**
 * JSON values in a patch: copied, compared, and counted, so that a small patch does not make a large resource.
 * Numbers are compared by value, with every digit (RFC 6902 §4.6).
 * @module
 */
import { Decimal } from '../../model/json.ts';
import { Problem } from '../../model/outcome.ts';
import type { Json } from '../../model/r4.ts';

/** Operations of one patch. */
const mostOperations = 1000;
/** Members and elements that the operations of one patch may copy; sixteen characters count as one. */
const mostCopied = 1_000_000;
/** How long the operations of one patch may take together. */
const mostMs = 2000;

export interface Budget {
  /** Throws 422 for more than a patch may have. */
  operations(number: number): void;
  /** Throws 422 when too much was copied. */
  copy(size: number): void;
  /** Throws 422 when it took too long; to be called between operations. */
  time(): void;
}

export function createBudget(clock: () => number = () => performance.now()): Budget {
  const start = clock();
  let copied = 0;
  return {
    operations(number) {
      if (number > mostOperations) throw new Problem('too-costly', `A patch may have ${mostOperations} operations.`);
    },
    copy(size) {
      copied += size;
      if (copied > mostCopied) throw new Problem('too-costly', 'The operations of the patch copy more than one request may ask for.');
    },
    time() {
      if (clock() - start > mostMs)
        throw new Problem('too-costly', 'The operations of the patch take longer than one request may ask for.');
    },
  };
}

/** Gives an object a member. `__proto__` is one like any other, which an assignment would not make it. */
export function put(object: Json, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}

/** A copy that shares nothing with the original but what cannot change. */
export function cloned(value: unknown, budget: Budget): unknown {
  budget.copy(typeof value === 'string' ? 1 + value.length / 16 : 1);
  if (Array.isArray(value)) return value.map(one => cloned(one, budget));
  if (typeof value !== 'object' || value === null || value instanceof Number) return value;
  const copy: Json = {};
  for (const [name, one] of Object.entries(value)) put(copy, name, cloned(one, budget));
  return copy;
}

/** `1.20` and `12e-1` are `12` times ten to the power of -1. */
function digits(value: number | Decimal): string {
  const text = typeof value === 'number' ? String(value) : value.text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  const significant = all.replace(/0+$/, '');
  return significant === '' ? '0' : `${sign}${significant}e${Number(exponent) - fraction.length + all.length - significant.length}`;
}

const isNumber = (value: unknown): value is number | Decimal => typeof value === 'number' || value instanceof Decimal;

/** Equal as JSON values: the order of members means nothing, that of a list does. */
export function isSame(one: unknown, other: unknown): boolean {
  if (isNumber(one) || isNumber(other)) return isNumber(one) && isNumber(other) && digits(one) === digits(other);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one) || Array.isArray(other))
    return Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((value, i) => isSame(value, other[i]));
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(name => Object.hasOwn(other, name) && isSame((one as Json)[name], (other as Json)[name]))
  );
}
