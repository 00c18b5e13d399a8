/**
 * The scopes asked for → the scopes that can be granted: what the client is registered for, its kind can use, and this launch gives a meaning to.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 * @module
 */
import { errors } from 'oidc-provider';
import type { Client } from './clients.ts';
import { isWord, type Word, withoutWords } from './launch-scopes.ts';
import { contextsOf } from './roles.ts';
import { intersection, parseScopes, type Scope } from './scopes.ts';

/** What a person's sign-in can bring beside the scopes for resources; undefined: nobody signs in. */
export interface SignIn {
  /** Started from a record system, with a launch handle. */
  readonly launched: boolean;
}

/** The scope parameter → the scopes that can be granted, as text. @throws InvalidScope */
export function grant(client: Client, asked: string | undefined, signIn?: SignIn): string {
  const patientComes = client.kind === 'patient-app' || (signIn?.launched ?? false);
  const ofKind = (scopes: readonly Scope[]) =>
    scopes.filter(scope => contextsOf(client.kind).includes(scope.context) && (scope.context !== 'patient' || patientComes));
  const registered = client.scope.split(' ').filter(isWord);
  const allowed = ofKind(parseScopes(withoutWords(client.scope)).known);
  const text = asked ?? client.scope;
  const { known, restricted, tooMany } = parseScopes(withoutWords(text));
  if (restricted) throw new errors.InvalidScope('the query of a scope cannot be used');
  if (tooMany) throw new errors.InvalidScope('too many scopes');
  const words =
    signIn === undefined ? [] : [...new Set(text.split(' '))].filter(isWord).filter(word => registered.includes(word) && means(word));
  const granted = [...words, ...intersection(ofKind(known), allowed).map(scope => scope.text)];
  if (granted.length === 0) throw new errors.InvalidScope('none of the requested scopes can be granted');
  return granted.join(' ');

  /** `launch` and `launch/encounter` need a launch; `launch/patient` needs one as well, or a person with patients of his own. */
  function means(word: Word): boolean {
    if (word === 'launch' || word === 'launch/encounter') return signIn?.launched ?? false;
    return word !== 'launch/patient' || patientComes;
  }
}
