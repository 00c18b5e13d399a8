/**
 * The smallest number of persons of whom anything is told: fewer in a cohort, and nothing leaves; fewer in a cell of a report, and the cell is masked.
 * Practice of the Japanese claims database (NDB): counts of 1 to 9 are not published, 0 is.
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';

/** Persons. */
export const fewest = 10;

/** Throws Problem `business-rule`; neither its text nor anything else says how many there are. */
export function enough(persons: number): void {
  if (persons < fewest)
    throw new Problem('business-rule', `A cohort needs at least ${fewest} persons before anything of it may leave.`, {
      expression: "Parameters.parameter.where(name='cohort')",
    });
}

/** Whether a count must not be told as it is. */
export const isSmall = (count: number): boolean => count > 0 && count < fewest;
