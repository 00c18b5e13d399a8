/**
 * An operation → the request that is sent: method, URL, headers and body. What the script writes is taken as written; what it leaves out comes from
 * the type of the operation and from `targetId`.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.operation
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { Fault } from './fault.ts';
import { type Interaction, interactionOf } from './interactions.ts';
import { labelled } from './label.ts';
import type { Memory } from './memory.ts';
import { bytesOf, type Identity, Message, mediaTypes } from './message.ts';
import { isJson } from './pick.ts';
import type { Operation } from './script.ts';
import { checkHeader, type Sending, type System, targetOf } from './send.ts';
import type { Variables } from './variables.ts';

export interface RequestSettings {
  /** Format where the script names none. */
  readonly format: 'json' | 'xml';
  /** Created data get the label HTEST. */
  readonly label: boolean;
}

export interface Request extends Sending {
  readonly message: Message;
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);

/** Part of a URL as written → percent-encoded where HTTP needs it; what is encoded already stays. */
export const encoded = (url: string): string =>
  encodeURI(url)
    .replace(/%25(?=[0-9A-Fa-f]{2})/g, '%')
    .replaceAll('#', '%23')
    .replace(/[|^`\\]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const instance = ({ type, id }: Identity): string => `${type}/${id}`;

/** `params` behind a path: `?…` and `/…` as written. */
const appended = (path: string, params: string, search: boolean): string =>
  params === '' || /^[/?]/.test(params) || path === '' ? path + params : path + (search ? '?' : '/') + params;

function pathOf(
  operation: Operation,
  interaction: Interaction,
  target: Identity | undefined,
  body: Json | undefined,
  params: string | undefined,
): string {
  const { place, tail } = interaction;
  const type =
    operation.resource ??
    target?.type ??
    (typeof body?.['resourceType'] === 'string' && body['resourceType'] !== 'Parameters' ? body['resourceType'] : undefined);
  const needType = (): string => {
    if (type === undefined) throw new Fault('The operation names no resource type.');
    return type;
  };
  if (place === 'system') return appended(tail ?? '', params ?? '', false);
  if (place === 'operation') {
    const start = target !== undefined ? `${instance(target)}/` : operation.resource !== undefined ? `${operation.resource}/` : '';
    if (params === undefined) return start + tail;
    return params.includes('$')
      ? appended(start.replace(/\/$/, ''), params, false)
      : appended(params.startsWith('/') ? start.replace(/\/$/, '') : start + tail, params, true) +
          (params.startsWith('/') ? `/${tail}` : '');
  }
  if (place === 'history') {
    const start = target !== undefined ? `${instance(target)}/` : operation.resource !== undefined ? `${operation.resource}/` : '';
    if (params?.startsWith('/') || params?.includes('_history')) return appended(start.replace(/\/$/, ''), params, false);
    return appended(`${start}_history`, params ?? '', true);
  }
  if (params !== undefined)
    return appended(
      operation.type === 'search' ? (operation.resource ?? '') : needType(),
      params,
      operation.type === 'search' || place === 'type',
    );
  if (place === 'type') return operation.type === 'search' ? (operation.resource ?? '') : needType();
  if (target !== undefined) {
    if (place === 'instance') return instance(target);
    if (target.versionId === undefined) throw new Fault('The target of a vread has no version.');
    return `${instance(target)}/_history/${target.versionId}`;
  }
  if (typeof body?.['id'] === 'string' && interaction.body === 'update') return `${needType()}/${body['id']}`;
  throw new Fault('The operation has neither url nor params nor targetId to tell its resource by.');
}

/** A body that is no resource: a Binary holds it, with its type. */
function native(json: unknown): { bytes: Buffer; type: string } | undefined {
  if (Array.isArray(json)) return { bytes: Buffer.from(JSON.stringify(json)), type: 'application/json-patch+json' };
  if (!isJson(json) || json['resourceType'] !== 'Binary' || typeof json['data'] !== 'string') return undefined;
  return {
    bytes: Buffer.from(json['data'], 'base64'),
    type: typeof json['contentType'] === 'string' ? json['contentType'] : 'application/octet-stream',
  };
}

const mediaType = (name: string): string => mediaTypes[name] ?? name;

/** @throws Fault when the operation cannot be carried out as written */
export async function requestOf(
  operation: Operation,
  system: System,
  memory: Memory,
  variables: Variables,
  settings: RequestSettings,
): Promise<Request> {
  const { type, sourceId } = operation;
  const interaction =
    type === undefined
      ? ({ method: sourceId === undefined ? 'GET' : 'POST', place: 'type', body: 'any' } as const)
      : interactionOf(type, sourceId !== undefined);
  if (interaction === undefined) throw new Fault('The type of the operation is not known.');
  const method = operation.method ?? interaction.method;
  if (!methods.has(method)) throw new Fault('The method of the operation is none of HTTP’s that FHIR knows.');

  const params = operation.params === undefined || operation.url !== undefined ? undefined : await variables.url(operation.params);
  const target =
    operation.url === undefined && params === undefined && operation.targetId !== undefined ? memory.target(operation.targetId) : undefined;
  const source = sourceId === undefined ? undefined : memory.get(sourceId);
  const known = sourceId === undefined || interaction.body !== 'update' ? undefined : memory.becameOf(sourceId).at(-1);
  let json = source === undefined ? undefined : await variables.body(source.body);
  if (isJson(json) && interaction.body === 'create' && method === 'POST') {
    const { id: _, ...rest } = json;
    json = rest;
  } else if (isJson(json) && interaction.body === 'update' && operation.url === undefined && params === undefined) {
    const at = target ?? known;
    if (at !== undefined) json = { ...json, id: at.id };
  }
  if (settings.label && interaction.body !== undefined) json = labelled(json, interaction.body);

  const search = type === 'search' && method === 'POST' && operation.url === undefined && source === undefined;
  let path =
    operation.url === undefined
      ? pathOf(operation, interaction, target ?? known, isJson(json) ? json : undefined, search ? undefined : params)
      : await variables.url(operation.url);
  if (search && !/\/?_search$/.test(path)) path = `${path}${path === '' ? '' : '/'}_search`;
  const url = targetOf(operation.encodeRequestUrl ? encoded(path) : path, system).href;

  const headers = new Headers();
  const accept = operation.accept ?? settings.format;
  if (accept !== 'none') headers.set('accept', mediaType(accept));
  const bare = native(json);
  let body: Buffer | undefined;
  if (search) {
    body = Buffer.from(encoded((params ?? '').replace(/^\?/, '')));
    headers.set('content-type', 'application/x-www-form-urlencoded');
  } else if (json !== undefined && method !== 'GET' && method !== 'HEAD') {
    const isNative = bare !== undefined && (Array.isArray(json) || interaction.method === 'PATCH');
    const sent =
      operation.contentType === undefined ? (isNative ? bare.type : mediaType(settings.format)) : mediaType(operation.contentType);
    body = isNative ? bare.bytes : bytesOf(json, sent);
    if (sent !== 'none') headers.set('content-type', sent);
  } else if (operation.contentType !== undefined && operation.contentType !== 'none')
    headers.set('content-type', mediaType(operation.contentType));
  for (const { field, value } of operation.requestHeader) {
    const text = await variables.replace(value);
    checkHeader(field, text);
    headers.set(field, text);
  }
  // What is remembered of the request has no token: the token is put in when it is sent.
  const message = new Message('request', { method, url, headers, json });
  return { method, url, headers, body, message };
}
