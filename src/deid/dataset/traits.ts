/**
 * What anybody may know of a person: the ten years of birth, sex, prefecture, as the policy leaves them. Counted together with each clinical look for the report.
 * R4: https://hl7.org/fhir/R4/patient.html
 * @module
 */
import type { AnyResource } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';

/** `1950-1959 female 東京都`, `?` for what the Patient does not tell; undefined: there is no Patient among the resources. */
export function traitsOf(resources: readonly AnyResource[]): string | undefined {
  const patient = resources.find(one => one.resourceType === 'Patient');
  if (patient === undefined) return undefined;
  const { birthDate, gender, address } = patient;
  const decade = typeof birthDate === 'string' && /^\d{4}/.test(birthDate) ? `${birthDate.slice(0, 3)}0-${birthDate.slice(0, 3)}9` : '?';
  const first: unknown = Array.isArray(address) ? address[0] : undefined;
  const state = isObject(first) && typeof first['state'] === 'string' ? first['state'] : '?';
  return `${decade} ${typeof gender === 'string' ? gender : '?'} ${state}`;
}
