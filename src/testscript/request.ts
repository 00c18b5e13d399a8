/**
 * An operation → the request that is sent: method, URL, headers and body. What the script writes is taken as written; what it leaves out comes from
 * the type of the operation and from `targetId`.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.operation
 * @module
 */
import { Fault } from './fault.ts';
import { interactionOf } from './interactions.ts';
import type { Memory } from './memory.ts';
import { Message } from './message.ts';
import { isJson } from './pick.ts';
import { mediaType, prepared, written } from './request-body.ts';
import { encoded, pathOf } from './request-url.ts';
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
  const known = sourceId === undefined || interaction.body !== 'update' ? undefined : memory.becameOf(sourceId).at(-1);
  const place = target ?? known;
  const source = sourceId === undefined ? undefined : await variables.body(memory.get(sourceId).body);
  const derived = operation.url === undefined && params === undefined;
  // A create that is sent by another method is no create.
  const does = interaction.body === 'create' && method !== 'POST' ? 'update' : interaction.body;
  const json = source === undefined ? undefined : prepared(source, does, derived ? place : undefined, settings.label);

  const search = type === 'search' && method === 'POST' && operation.url === undefined && source === undefined;
  let path =
    operation.url === undefined
      ? pathOf({ resource: operation.resource, params: search ? undefined : params }, interaction, place, isJson(json) ? json : undefined)
      : await variables.url(operation.url);
  if (search && !/\/?_search$/.test(path)) path = `${path}${path === '' ? '' : '/'}_search`;
  const url = targetOf(operation.encodeRequestUrl ? encoded(path) : path, system).href;

  const { accept = settings.format, contentType } = operation;
  const headers = new Headers(accept === 'none' ? {} : { accept: mediaType(accept) });
  let body: Buffer | undefined;
  let sent = contentType === undefined ? undefined : mediaType(contentType);
  if (search) {
    body = Buffer.from(encoded((params ?? '').replace(/^\?/, '')));
    sent = 'application/x-www-form-urlencoded';
  } else if (json !== undefined && method !== 'GET' && method !== 'HEAD')
    ({ bytes: body, type: sent } = written(json, contentType, settings.format, interaction.method === 'PATCH'));
  if (sent !== undefined && sent !== 'none') headers.set('content-type', sent);
  for (const { field, value } of operation.requestHeader) {
    const text = await variables.replace(value);
    checkHeader(field, text);
    headers.set(field, text);
  }
  // What is remembered of the request has no token: the token is put in when it is sent.
  const message = new Message('request', { method, url, headers, json });
  return { method, url, headers, body, message };
}
