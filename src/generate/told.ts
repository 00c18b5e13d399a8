/**
 * What all entries of one record share: who, where, by whom, and the bundle they go into.
 * @module
 */
import type { Condition, Extension, Patient, Practitioner, Reference } from '@medplum/fhirtypes';
import type { Disease } from './codes.ts';
import type { Transaction } from './parts.ts';
import type { Institution, Person, Writing } from './person.ts';
import type { Random } from './random.ts';

export interface Told {
  readonly r: Random;
  readonly bundle: Transaction;
  readonly who: Person;
  readonly written: Writing;
  readonly number: string;
  readonly institution: Institution;
  readonly extension: Extension[];
  readonly subject: Reference<Patient>;
  readonly doctor: Reference<Practitioner>;
  readonly second: Reference<Practitioner>;
  readonly doctorName: string;
  /** Conditions of the record so far. */
  readonly conditions: Map<Disease, Reference<Condition>>;
}
