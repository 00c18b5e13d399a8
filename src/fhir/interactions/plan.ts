/**
 * One write, decided but not yet stored: what an interaction and an entry of a transaction have in common.
 * R4: https://hl7.org/fhir/R4/http.html#trules
 * @module
 */

import type { Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import { type AnyResource, isId } from '../model/r4.ts';
import type { Criteria } from '../store/store.ts';
import type { Context } from './interaction.ts';

export interface Plan {
  readonly method: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  /** HTTP status of the answer when all is well. */
  readonly status: 200 | 201 | 204;
  /** As sent; absent: a deletion, or nothing to store. */
  readonly sent?: AnyResource;
  /** What is stored now, for an update, a deletion, or a conditional create that found it. */
  readonly current?: Version;
  /** False: everything is as asked already, nothing is stored. */
  readonly writes: boolean;
  /** What the conditions were decided on. */
  readonly criteria?: Criteria;
  /** Where the resource stands in the request: `Bundle.entry[3].resource`, or the resource type. */
  readonly place: string;
}

/** Conditions of one write, as headers or as elements of Bundle.entry.request. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifNoneExist?: string | undefined;
}

export const conditionsOf = (headers: Readonly<Record<string, string>>): Conditions => ({
  ifMatch: headers['if-match'],
  ifNoneMatch: headers['if-none-match'],
  ifNoneExist: headers['if-none-exist'],
});

/** An id that has a URL: `.` and `..` have none. */
export const isUsableId = (text: string): boolean => isId(text) && text !== '.' && text !== '..';

/** The body, if it is a resource of the type that the URL names. */
export function bodyOf(type: string, body: AnyResource | undefined): AnyResource {
  if (body === undefined) throw new Problem('invalid-request', `The body must be a ${type} resource.`);
  if (body.resourceType !== type)
    throw new Problem('invalid-request', `The body must be a ${type} resource, as the URL says.`, { expression: `${type}.resourceType` });
  if (body.id !== undefined && !(typeof body.id === 'string' && isUsableId(body.id))) {
    throw new Problem('invalid-value', 'An id has 1 to 64 letters, digits, "-" and ".".', { expression: `${type}.id` });
  }
  return body;
}

/**
 * Whether this agent may change a resource that it may know of: an institution only what it sent itself.
 * For the others reach and permissions say all.
 */
export async function isOwn(type: string, id: string, { store, access }: Context): Promise<boolean> {
  if (access.agent.role !== 'institution') return true;
  return (await store.sender(access, type, id)) === access.agent.sender;
}

/** Ids are the server's, but for those who may bring their own. */
export const bringsIds = ({ access }: Context): boolean => ['tester', 'operator', 'server'].includes(access.agent.role);
