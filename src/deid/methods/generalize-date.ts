/**
 * generalize-date: a date of birth, shifted like all dates of the person, leaves as year and month at most.
 * From `pooledFrom` years on (at any event) it does not leave at all; an extension says that it is there and above that age, so that nobody takes "old" for "missing".
 * R4: https://hl7.org/fhir/R4/patient-definitions.html#Patient.birthDate
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { middle, readDate, writeDate } from '../calendar.ts';
import { Absent, masked } from '../context.ts';
import type { Method } from './method.ts';

/** Age that is only known to be at least this: profiles/StructureDefinition-pooled-age.json. */
export const pooledAge = 'https://noren.example/fhir/StructureDefinition/pooled-age';

export const atLeast = (years: number): Json => ({
  value: years,
  comparator: '>=',
  unit: 'a',
  system: 'http://unitsofmeasure.org',
  code: 'a',
});

export const generalizeDate: Method = {
  types: ['date'],
  make: options => {
    const from = options['pooledFrom'];
    if (!Number.isInteger(from)) throw new Error('"pooledFrom" must be a whole number of years');
    const old = new Absent([masked, { url: pooledAge, valueQuantity: atLeast(from as number) }]);
    return (value, run) => {
      const subject = run.context.subject;
      if (subject === undefined) return undefined;
      if (subject.pooled) return old;
      const date = readDate(value);
      if (date === undefined) return undefined;
      return writeDate(middle(date) + subject.shiftDays, date.precision === 'year' ? 'year' : 'month');
    };
  },
};
