/**
 * The clinical date of a resource: that of the first of these search parameters that has a value: when it happened, was ordered, was written down; a birth is none.
 * R4: https://hl7.org/fhir/R4/searchparameter-registry.html
 * @module
 */
import { searchParameters } from './parameters.ts';

const first = ['date', 'authoredon', 'recorded-date', 'started', 'collected', 'sent', 'created', 'onset-date', 'period'];
const noEvent = new Set(['birthdate', 'death-date', '_lastUpdated']);

/** Codes of the date parameters of a type, the telling ones first. */
export function dateCodes(type: string): string[] {
  const rank = (code: string): number => (first.includes(code) ? first.indexOf(code) : first.length);
  return [...searchParameters(type).values()]
    .filter(({ code, type }) => type === 'date' && !noEvent.has(code))
    .map(({ code }) => code)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
