/**
 * The institution that an operation is about: an institution's own, or the one that the operator names.
 * R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import { ownNumbersOf } from '../consent/legal.ts';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Given } from './operation.ts';

export interface InstitutionParts {
  /** `Organization/<id>` → its patient number system and 10-digit code; undefined: no institution known here. */
  readonly institutions: (sender: string) => { readonly numberSystem: string; readonly code: string } | undefined;
  readonly baseUrl: string;
}

export interface TheInstitution {
  /** `Organization/<id>` */
  readonly reference: string;
  readonly numberSystem: string;
  readonly code: string;
  /** Start of its person keys. */
  readonly ownNumbers: string;
}

/** Throws 400 where the operator names none, 403 where an institution names another, 404 where it is not known here. */
export function institutionIn(given: Given, { agent }: Access, { institutions, baseUrl }: InstitutionParts): TheInstitution {
  const at = { expression: "Parameters.parameter.where(name='institution')" };
  const named = given.get('institution')?.[0] as Json | undefined;
  const target = named === undefined ? undefined : literal(String(named['reference'] ?? ''), baseUrl);
  if (named !== undefined && target?.type !== 'Organization')
    throw new Problem('invalid-parameter', 'The parameter institution is a reference to an Organization.', at);
  const own = agent.role === 'institution' ? agent.sender : undefined;
  const reference = target === undefined ? own : `Organization/${target.id}`;
  if (reference === undefined) throw new Problem('invalid-parameter', 'The parameter institution is required.', at);
  if (own !== undefined && reference !== own) throw new Problem('forbidden', 'An institution asks for itself alone.', at);
  const found = institutions(reference);
  if (found === undefined) throw new Problem('not-found', 'There is no such institution with patient numbers of its own here.', at);
  return { reference, ...found, ownNumbers: ownNumbersOf(found) };
}
