/**
 * How a search is refused: with the parameter's name, never its value.
 * R4: https://hl7.org/fhir/R4/search.html#errors
 * @module
 */
import { Problem } from '../model/outcome.ts';

/** A name that may be shown: what does not look like a parameter could be anything, a patient's name too. */
export const shown = (name: string): string | undefined => (/^[A-Za-z_][A-Za-z0-9_.:-]{0,99}$/.test(name) ? name : undefined);

const at = (name: string | undefined) => ({ expression: name === undefined ? 'http' : `http.${name}` });
const sentence = (name: string | undefined, why: string): string => `The parameter${name === undefined ? '' : ` ${name}`} ${why}.`;

/** @param why goes on after "The parameter x " */
export const refuse = (name: string, why: string): Problem => new Problem('invalid-parameter', sentence(shown(name), why), at(shown(name)));

/** Thrown where a cap is passed: whatever else could be tried, the request is refused. */
export class Excess extends Problem {
  constructor(name: string, why: string) {
    super('invalid-parameter', sentence(shown(name), why), at(shown(name)));
  }
}

/** Thrown where a parameter is unknown, or what it asks is not served, so that a lenient search can leave it out. */
export class Unknown extends Problem {
  constructor(name: string, type: string, why = `is not known for ${type}`) {
    const safe = shown(name);
    super('invalid-parameter', `${safe === undefined ? 'A parameter' : `The parameter ${safe}`} ${why}.`, at(safe));
  }
}
