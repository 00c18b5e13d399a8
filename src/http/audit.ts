/**
 * What the audit learns of one request, gathered on its way: names of parameters, never their values; references, never contents.
 * R4: https://hl7.org/fhir/R4/auditevent.html, https://hl7.org/fhir/R4/valueset-type-restful-interaction.html
 * @module
 */
import type { AuditRecord } from '../audit/record.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { type AnyResource, isId, isResourceType } from '../fhir/model/r4.ts';
import { operationDefinitions } from '../operations/index.ts';
import type { Reply } from './respond.ts';
import type { Pairs } from './url.ts';

/** Filled in step by step; what a refused request did not reach stays empty. */
export interface Trail {
  readonly time: number;
  readonly requestId: string;
  readonly method: string;
  readonly address: string | undefined;
  /** What is asked of when it is no path below the base: `token`, `page` … */
  interaction: string | undefined;
  segments: readonly string[];
  query: Pairs;
  access: Access | undefined;
  body: AnyResource | undefined;
  answer: Answer | undefined;
  /** Of a request to the authorization server: who acts, and the jti of a token that was given. */
  issued: { readonly client?: string; readonly user?: string; readonly patient?: string; readonly token?: string } | undefined;
}

export const newTrail = (time: number, requestId: string, method: string, address: string | undefined): Trail => ({
  time,
  requestId,
  method,
  address,
  interaction: undefined,
  segments: [],
  query: [],
  access: undefined,
  body: undefined,
  answer: undefined,
  issued: undefined,
});

const onInstance: Readonly<Record<string, string>> = { GET: 'read', HEAD: 'read', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const onType: Readonly<Record<string, string>> = {
  GET: 'search-type',
  HEAD: 'search-type',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** A word after `$` that names no operation may be anything. */
const served: ReadonlySet<string> = new Set(operationDefinitions().map(({ code }) => `$${code}`));

/** Code of the interaction that a request asks for. */
function interactionOf(method: string, segments: readonly string[], body?: AnyResource): string {
  const last = segments.at(-1) ?? '';
  if (method === 'OPTIONS') return 'options';
  if (last.startsWith('$')) return served.has(last) ? last : '$unknown';
  const [first = '', second, third, fourth] = segments;
  if (first === '')
    return method === 'POST' ? (['transaction', 'collection'].includes(String(body?.['type'])) ? 'transaction' : 'batch') : 'search-system';
  if (first === 'metadata') return 'capabilities';
  if (first === '.well-known') return 'discovery';
  if (first === '_async') return method === 'DELETE' ? 'async-cancel' : 'async-status';
  if (first === '_file') return method === 'DELETE' ? 'file-delete' : 'file-read';
  if (first === '_history') return 'history-system';
  if (first === '_search') return 'search-system';
  if (second === undefined) return onType[method] ?? 'unknown';
  if (second === '_search') return 'search-type';
  if (second === '_history') return 'history-type';
  if (third === undefined) return onInstance[method] ?? 'unknown';
  if (third !== '_history') return 'search-type';
  if (method === 'DELETE') return fourth === undefined ? 'delete-history' : 'delete-history-version';
  return fourth === undefined ? 'history-instance' : 'vread';
}

type Draft = { -readonly [element in keyof AuditRecord]: AuditRecord[element] };

/** The record of a finished request. */
export function recordOf(trail: Trail, reply: Reply): AuditRecord {
  const { segments, access, answer, body } = trail;
  const record: Draft = {
    time: trail.time,
    requestId: trail.requestId,
    interaction: trail.interaction ?? interactionOf(trail.method, segments, body),
    method: trail.method,
    status: reply.status,
  };
  if (trail.address !== undefined) record.address = trail.address;
  if (reply.issue !== undefined) record.issue = reply.issue;
  const agent = access?.agent;
  if (agent !== undefined) {
    record.client = agent.client;
    record.role = agent.role;
    record.sender = agent.sender;
    record.purpose = agent.purpose;
    if (agent.user !== undefined) record.user = agent.user;
    if (agent.token !== undefined) record.token = agent.token;
  }
  if (trail.issued?.client !== undefined) record.client = trail.issued.client;
  if (trail.issued?.user !== undefined) record.user = trail.issued.user;
  if (trail.issued?.token !== undefined) record.token = trail.issued.token;
  const version = answer?.version;
  const [type, id] = segments;
  if (version !== undefined) {
    record.type = version.type;
    record.id = version.id;
    record.versionId = String(version.versionId);
  } else if (type !== undefined && isResourceType(type)) {
    record.type = type;
    if (id !== undefined && isId(id)) record.id = id;
  }
  const patients = patientsOf(record, agent?.patient ?? trail.issued?.patient, answer);
  if (patients.length > 0) record.patients = patients;
  if (trail.query.length > 0) record.parameters = trail.query.map(([name]) => name);
  const disclosures = answer?.disclosures ?? [];
  if (disclosures.length > 0) record.disclosures = disclosures;
  const entries = answer?.entries;
  if (entries !== undefined) record.entries = entries;
  return record;
}

/** An app that acts for a patient asks about that patient, whatever comes of it; so does who names a Patient. */
function patientsOf({ type, id }: AuditRecord, acting: string | undefined, answer: Answer | undefined): readonly string[] {
  const shown = answer?.patients ?? [];
  const own = type === 'Patient' && id !== undefined ? `Patient/${id}` : undefined;
  const more = [acting, own].filter(one => one !== undefined && !shown.includes(one)) as string[];
  return more.length === 0 ? shown : [...new Set([...more, ...shown])];
}
