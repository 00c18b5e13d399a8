/**
 * Required bindings as tests. Value sets that the specification lists are sets of codes; of the others the format is held: mime types, languages,
 * currencies. UCUM units and one LOINC answer list are not checked.
 * R4: https://hl7.org/fhir/R4/terminologies.html#required
 * @module
 */
import type { Json } from '../model/r4.ts';
import { isObject } from './findings.ts';
import { valueSetCodes } from './table.ts';

/** RFC 6838 with parameters; CapabilityStatement.format has the three short names too. */
const mimeType = /^(?:[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+*-]{1,127}(?:\s*;\s*\S.*)?|xml|json|ttl)$/;
/** RFC 5646. */
const language = /^(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*|[xi](?:-[A-Za-z0-9]{1,8})+)$/;
/** ISO 4217's codes for funds, metals and tests, which Intl does not list. */
const specialCurrencies = [
  'XTS',
  'XXX',
  'XAG',
  'XAU',
  'XPD',
  'XPT',
  'XBA',
  'XBB',
  'XBC',
  'XBD',
  'XDR',
  'XSU',
  'XUA',
  'BOV',
  'CHE',
  'CHW',
  'COU',
  'CLF',
  'MXV',
  'USN',
  'UYI',
  'UYW',
];

const formats: Readonly<Record<string, () => (code: string) => boolean>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': () => code => mimeType.test(code),
  'http://hl7.org/fhir/ValueSet/all-languages': () => code => language.test(code),
  'http://hl7.org/fhir/ValueSet/currencies': () => {
    const known = new Set([...Intl.supportedValuesOf('currency'), ...specialCurrencies]);
    return code => known.has(code);
  },
};

/** Test of a `code`, `string` or `uri` against a value set, or undefined: nothing to hold it against. */
export function codeTest(valueSet: string): ((code: string) => boolean) | undefined {
  const codes = valueSetCodes(valueSet);
  if (codes === undefined) return Object.hasOwn(formats, valueSet) ? formats[valueSet]!() : undefined;
  const known = new Set(Object.values(codes).flat());
  return code => known.has(code);
}

/** Test of a Coding (or the code of a Quantity), or of a CodeableConcept, one of whose codings must be in the value set; or undefined. */
export function conceptTest(valueSet: string): ((value: Json) => boolean) | undefined {
  const codes = valueSetCodes(valueSet);
  if (codes === undefined) return undefined;
  const known = new Map(Object.entries(codes).map(([system, list]) => [system, new Set<unknown>(list)]));
  const holds = (coding: Json): boolean => known.get(coding['system'] as string)?.has(coding['code']) === true;
  return value => {
    const list = value['coding'];
    return Array.isArray(list) ? list.some(one => isObject(one) && holds(one)) : holds(value);
  };
}
