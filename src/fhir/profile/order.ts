/**
 * Values in order, for the smallest and the greatest one that a profile allows.
 * R4: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_
 * @module
 */
import { isObject } from './findings.ts';

/** -1 less, 0 the same, 1 more; undefined: they cannot be compared. Dates of another precision are compared as far as both go. */
export function order(value: unknown, bound: unknown, type: string): -1 | 0 | 1 | undefined {
  if (isObject(value) && isObject(bound))
    return value['code'] === bound['code'] && value['system'] === bound['system']
      ? order(value['value'], bound['value'], 'decimal')
      : undefined;
  const [a, b] = /^(date|dateTime|instant)$/.test(type)
    ? [value, bound].map(one => {
        const text = String(one);
        const length = Math.min(String(value).length, String(bound).length);
        return length > 10 ? Date.parse(text) : text.slice(0, length);
      })
    : type === 'time'
      ? [String(value), String(bound)]
      : [Number(value), Number(bound)];
  if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b)) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}
