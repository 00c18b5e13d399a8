/**
 * $validate: whether a resource would do, generally or as a create, an update or a delete, by R4 itself, by the profiles that it names and by one that is asked for.
 * All that is found is told, warnings too; nothing is stored.
 * Definition: profiles/OperationDefinition-Resource-validate.json; R4: https://hl7.org/fhir/R4/resource-operation-validate.html
 * @module
 */
import type { OperationOutcome } from '@medplum/fhirtypes';
import { patientsOf } from '../fhir/interactions/patients.ts';
import { type Access, askedFor, type Letter, permits } from '../fhir/model/access.ts';
import type { Answer, Version } from '../fhir/model/exchange.ts';
import { parseJson } from '../fhir/model/json.ts';
import { type Finding, issue, Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Profiles } from '../fhir/profile/profiles.ts';
import type { Store } from '../fhir/store/store.ts';
import { type At, definitionOf, type Given, type Operation } from './operation.ts';

export interface ValidateParts {
  readonly store: Store;
  /** By R4 itself. */
  readonly validate: (resource: AnyResource) => readonly Finding[];
  readonly profiles: Profiles;
}

const modes = { create: 'c', update: 'u', delete: 'd' } as const satisfies Record<string, Letter>;
type Mode = keyof typeof modes;

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

/** Findings that are told. */
const most = 200;

export function validate({ store, validate: byR4, profiles }: ValidateParts): Operation {
  async function run(given: Given, access: Access, { type = '', id }: At): Promise<Answer> {
    const mode = modeIn(given, id);
    const profile = given.get('profile')?.[0] as string | undefined;
    const current = id === undefined ? undefined : await store.read(askedFor(access, 'r', type), type, id);
    const isThere = current !== undefined && !current.deleted;
    const sent = given.get('resource')?.[0] as AnyResource | undefined;
    const findings: Finding[] = [];
    if (mode !== undefined) findings.push(...(await leave(mode, current, access, type, id)));
    if (mode === 'delete') {
      if (!isThere) findings.push({ kind: 'not-found', expression: type });
      return answer(findings, current);
    }
    if (sent === undefined && (id === undefined || mode !== undefined))
      throw wrong('resource', 'The parameter resource is required, but for the mode delete and to validate what is stored.');
    if (sent === undefined && !isThere) throw new Problem(current?.deleted ? 'deleted' : 'not-found');
    const resource = sent ?? (parseJson(current!.bytes) as AnyResource);
    if (resource.resourceType !== type)
      findings.push({ kind: 'invalid-request', text: 'The resource is of another type than the URL says.', expression: 'resourceType' });
    if (mode === 'update' && resource.id !== id)
      findings.push({
        kind: 'invalid-request',
        text: 'The resource must have the id that the URL names.',
        expression: `${resource.resourceType}.id`,
      });
    findings.push(...(await judged(resource, profile)));
    return answer(findings, current);
  }

  /** What R4 finds, then what profiles find beyond that. */
  async function judged(resource: AnyResource, profile: string | undefined): Promise<Finding[]> {
    const found = byR4(resource);
    const known = new Set(found.map(({ kind, expression }) => `${kind} ${expression}`));
    const byProfiles = await profiles.check(resource, profile === undefined ? [] : [profile]);
    const asDefinition = found.length === 0 ? await profiles.checkDefinition(resource) : [];
    return [...found, ...byProfiles.filter(({ kind, expression }) => !known.has(`${kind} ${expression}`)), ...asDefinition];
  }

  /** Whether this agent may do that: what it may not, it would be refused. */
  async function leave(mode: Mode, current: Version | undefined, access: Access, type: string, id: string | undefined): Promise<Finding[]> {
    const isOthers =
      access.agent.role === 'institution' &&
      mode !== 'create' &&
      current !== undefined &&
      (await store.sender(access, type, id!)) !== access.agent.sender;
    return permits(access, modes[mode], type) && !isOthers ? [] : [{ kind: 'forbidden', expression: type }];
  }

  return { definition: definitionOf('Resource-validate'), run };
}

/** What is to be tried; `profile` is the general check of what is stored, by the profile that is then required. */
function modeIn(given: Given, id: string | undefined): Mode | undefined {
  const mode = given.get('mode')?.[0] as string | undefined;
  if (mode === undefined) return undefined;
  if (mode === 'profile') {
    if (!given.has('profile')) throw wrong('profile', 'The mode profile needs the parameter profile.');
    if (id === undefined || given.has('resource')) throw wrong('mode', 'The mode profile is asked of an instance, without a resource.');
    return undefined;
  }
  if (!Object.hasOwn(modes, mode)) throw wrong('mode', 'The parameter mode is create, update, delete or profile.');
  if (mode === 'create' && id !== undefined) throw wrong('mode', 'The mode create is asked of a type.');
  if (mode !== 'create' && id === undefined) throw wrong('mode', `The mode ${mode} is asked of an instance.`);
  return mode as Mode;
}

function answer(findings: readonly Finding[], current: Version | undefined): Answer {
  const issues = findings.slice(0, most).map(finding => {
    const one = issue(finding);
    return one.expression === undefined ? one : { ...one, location: one.expression };
  });
  const fine = { severity: 'information', code: 'informational', details: { text: 'No issues were found.' } } as const;
  const outcome: OperationOutcome = { resourceType: 'OperationOutcome', issue: issues.length === 0 ? [fine] : issues };
  return { status: 200, resource: outcome as unknown as AnyResource, patients: current === undefined ? [] : patientsOf([current]) };
}
