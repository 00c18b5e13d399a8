/**
 * How a search is refused: with the parameter's name, never its value.
 * R4: https://hl7.org/fhir/R4/search.html#errors
 * @module
 */
import { Problem } from '../model/outcome.ts';

/** A name that may be shown: what does not look like a parameter could be anything, a patient's name too. */
export const shown = (name: string): string | undefined => (/^[A-Za-z_][A-Za-z0-9_.:-]{0,99}$/.test(name) ? name : undefined);

/** @param why goes on after "The parameter x " */
export function refuse(name: string, why: string): Problem {
  const safe = shown(name);
  return new Problem('invalid-parameter', `The parameter${safe === undefined ? '' : ` ${safe}`} ${why}.`, {
    expression: safe === undefined ? 'http' : `http.${safe}`,
  });
}

/** Thrown where a parameter is unknown, so that a lenient search can leave it out. */
export class Unknown extends Problem {
  constructor(name: string, type: string) {
    const safe = shown(name);
    super('invalid-parameter', `${safe === undefined ? 'A parameter' : `The parameter ${safe}`} is not known for ${type}.`, {
      expression: safe === undefined ? 'http' : `http.${safe}`,
    });
  }
}
