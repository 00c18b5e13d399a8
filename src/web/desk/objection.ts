/**
 * A patient says no at the desk: the same objection as on his own page, by his number, taken down by the institution.
 * R4: https://hl7.org/fhir/R4/consent.html
 * @module
 */
import { type Choice, objectionOf } from '../objection/consent.ts';
import type { Resource } from '../smart/fhir.ts';
import type { Institution } from './institution.ts';

export interface Said {
  readonly number: string;
  readonly relation: Choice['relation'];
  readonly kin?: Choice['kin'];
  /** Only what this institution sends; otherwise all. */
  readonly isLimited: boolean;
}

export function deskObjection(
  { number, relation, kin, isLimited }: Said,
  { reference, name, numberSystem }: Institution,
  now: Date,
): Resource {
  const patient = { type: 'Patient', identifier: { system: numberSystem, value: number } };
  const choice: Choice = {
    relation,
    ...(kin === undefined ? {} : { kin }),
    ...(isLimited ? { institution: reference, institutionName: name } : {}),
  };
  return { ...objectionOf(choice, patient, now), organization: [{ reference, ...(name === '' ? {} : { display: name }) }] };
}
