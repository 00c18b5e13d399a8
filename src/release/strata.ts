/**
 * Strata by a value of the Patient: FHIRPath over a Patient that holds nothing but what a researcher's query may ask, so that no expression can say more.
 * In it: `gender`, `birthDate` (the year), `deceased` (yes or no), `address.state`; `%age` is the age reached this year, 90 for all who are older.
 * R4: https://hl7.org/fhir/R4/measure-definitions.html#Measure.group.stratifier, FHIRPath: https://hl7.org/fhirpath/N1/
 * @module
 */
import fhirpath from 'fhirpath';
import { civilOf, readDate } from '../deid/calendar.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Asks } from './asks.ts';
import { merged } from './individual.ts';

const longest = 200;

/** Functions that end, whatever they are given, and grow nothing: no regular expressions, no repetition, no calls to elsewhere. */
const functions: ReadonlySet<string> = new Set(
  'iif exists empty not where first last single count toString toInteger toDecimal toBoolean convertsToInteger hasValue substring startsWith endsWith contains indexOf length upper lower is as ofType all div mod and or xor implies in'.split(
    ' ',
  ),
);

/** An expression may be long and dear in many ways; only what is plainly cheap is evaluated. */
function isPlain(expression: string): boolean {
  if (expression.length > longest || /`|\/\*|\/\//.test(expression)) return false;
  const code = expression.replace(/'(?:[^'\\]|\\.)*'/g, "''");
  // Of the variables only this one: others lead to the library's own parts.
  if ([...code.matchAll(/%\s*(\w*)/g)].some(variable => variable[1] !== 'age')) return false;
  return [...code.matchAll(/([A-Za-z_]\w*)\s*\(/g)].every(call => functions.has(call[1]!));
}

/** What is left of a person for an expression. */
export interface Reduced {
  readonly patient: AnyResource;
  /** Years; absent: unknown. */
  readonly age?: number;
}

/** @param today day number */
export function reduced(records: readonly AnyResource[], { pooledFrom: from, stateOf }: Asks, today: number): Reduced {
  const patient = merged(records);
  const { gender, birthDate, deceasedBoolean, deceasedDateTime } = patient;
  const birth = readDate(birthDate);
  const year = birth === undefined ? undefined : civilOf(birth.first).year;
  const death = readDate(deceasedDateTime);
  const age = year === undefined ? undefined : civilOf(death?.last ?? today).year - year;
  const state = stateOf(patient);
  const left: AnyResource = {
    resourceType: 'Patient',
    ...(typeof gender === 'string' ? { gender } : {}),
    ...(year === undefined || age! >= from ? {} : { birthDate: String(year) }),
    deceasedBoolean: deceasedDateTime !== undefined || deceasedBoolean === true,
    ...(state === undefined ? {} : { address: [{ state }] }),
  };
  return { patient: left, ...(age === undefined ? {} : { age: Math.min(age, from) }) };
}

/** Value of one expression for one person; undefined: none, or more than one. */
export type Stratifier = (person: Reduced) => string | undefined;

/** @throws Problem `invalid-parameter` for what is no FHIRPath, or asks for what FHIRPath does not have here */
export function stratifier(expression: string): Stratifier {
  const refuse = () =>
    new Problem('invalid-parameter', 'A stratifier of the Measure is no FHIRPath expression that can be evaluated on a Patient.', {
      expression: 'Measure.group.stratifier.criteria',
    });
  if (!isPlain(expression)) throw refuse();
  const known = new Map<string, string | undefined>();
  let path: (resource: AnyResource, variables: Record<string, unknown>) => unknown;
  try {
    path = fhirpath.compile(expression, undefined, { async: false }) as typeof path;
  } catch {
    throw refuse();
  }
  return ({ patient, age }) => {
    const key = JSON.stringify([patient, age]);
    if (known.has(key)) return known.get(key);
    let found: unknown;
    try {
      found = path(patient, { age: age ?? [] });
    } catch {
      throw refuse();
    }
    const [first, ...more] = Array.isArray(found) ? (found as unknown[]) : [];
    const value = more.length === 0 && ['string', 'number', 'boolean'].includes(typeof first) ? String(first) : undefined;
    known.set(key, value);
    return value;
  };
}
