/**
 * Answer or problem → status, headers, bytes; and the one place that writes them. Stored bytes go out as they are, never parsed.
 * R4: https://hl7.org/fhir/R4/http.html#versions (ETag, Last-Modified, Location), https://hl7.org/fhir/R4/http.html#cread, https://hl7.org/fhir/R4/http.html#ops (Prefer)
 * @module
 */
import type { ServerResponse } from 'node:http';
import { etag } from '../fhir/interactions/etag.ts';
import { preferences } from '../fhir/interactions/prefer.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { answerOf, information } from '../fhir/model/outcome.ts';
import { binaryIn, contentTypeOf, nativeOf } from './binary.ts';
import { type Form, mediaTypes } from './negotiate.ts';
import { rendered } from './render.ts';

/** What is written: headers as a flat list of names and values, as `writeHead` takes them. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: readonly Buffer[];
  /** IssueType of a refusal, for the audit. */
  readonly issue?: string;
}

/** What the rendering of an answer depends on. */
export interface Asked {
  readonly base: string;
  readonly method: string;
  /** The header Prefer. */
  readonly prefer?: string | undefined;
  readonly form: Form;
  /** For the read of a Binary: whether content of this type is to leave as it is. Throws 406. */
  readonly isNative?: (contentType: string) => boolean;
}

const nothing: readonly Buffer[] = [];
/** Of a refusal before anything was asked. */
const plainForm: Form = { format: 'json', pretty: false };
const writes: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
/** Statuses that never have a body. */
const bodiless: ReadonlySet<number> = new Set([204, 304]);

/** An interaction's answer as it goes out. */
export function replyOf(answer: Answer, asked: Asked): Reply {
  const headers: string[] = [];
  const { version } = answer;
  const { form } = asked;
  let { status } = answer;
  let type = answer.content?.type ?? mediaTypes[form.format];
  let body = answer.content?.bytes ?? rendered(bodyOf(answer), form);
  if (version !== undefined) {
    headers.push('etag', etag(version), 'last-modified', new Date(version.lastUpdated).toUTCString());
    if (writes.has(asked.method)) {
      headers.push('location', `${asked.base}/${version.type}/${version.id}/_history/${version.versionId}`);
      const wanted = preferences(asked.prefer).return;
      if (wanted === 'minimal') body = nothing;
      if (wanted === 'OperationOutcome')
        body = rendered([jsonBytes(information(status === 201 ? 'The resource was created.' : 'The resource is stored.'))], form);
    } else if (asked.isNative !== undefined && answer.bytes === undefined && body.length > 0) {
      const binary = binaryIn(version);
      if (asked.isNative(contentTypeOf(binary))) {
        const native = nativeOf(binary);
        type = safe(native.type);
        body = native.body;
        for (const part of native.headers) headers.push(safe(part));
      }
    }
  }
  if (asked.method === 'DELETE' && status === 204 && preferences(asked.prefer).return !== 'minimal') {
    status = 200;
    body = rendered([jsonBytes(information('The deletion is done.'))], form);
  }
  if (answer.headers !== undefined) for (const name in answer.headers) headers.push(name, safe(answer.headers[name]!));
  if (bodiless.has(status)) body = nothing;
  return { status, headers: withLength(headers, status, body, type), body };
}

/** Anything thrown as it goes out: an OperationOutcome. */
export function refusalOf(thrown: unknown, requestId: string, form: Form = plainForm): Reply {
  const { status, headers, outcome } = answerOf(thrown, requestId);
  const flat: string[] = [];
  for (const name in headers) flat.push(name.toLowerCase(), safe(headers[name]!));
  if (status === 401 && !flat.includes('www-authenticate')) flat.push('www-authenticate', 'Bearer realm="FHIR"');
  const issue = outcome.issue[0]?.code;
  const body = rendered([jsonBytes(outcome)], form);
  return { status, headers: withLength(flat, status, body, mediaTypes[form.format]), body, ...(issue === undefined ? {} : { issue }) };
}

/** A reply of our own that is no FHIR resource. */
export function plainReply(status: number, type: string, text: string, headers: readonly string[] = []): Reply {
  const body = text === '' ? nothing : [Buffer.from(text)];
  return { status, headers: withLength([...headers], status, body, type), body };
}

const jsonBytes = (resource: unknown): Buffer => Buffer.from(JSON.stringify(resource));

function bodyOf({ version, resource, bytes }: Answer): readonly Buffer[] {
  if (bytes !== undefined) return bytes;
  if (resource !== undefined) return [jsonBytes(resource)];
  return version === undefined || version.bytes.length === 0 ? nothing : [version.bytes];
}

/** Header values come from rooms below; none may end its line. */
const safe = (value: string): string => value.replace(/[^\t\x20-\x7e]/g, '');

function withLength(headers: string[], status: number, body: readonly Buffer[], type: string): string[] {
  if (bodiless.has(status)) return headers;
  let length = 0;
  for (const part of body) length += part.length;
  if (length > 0) headers.push('content-type', type);
  headers.push('content-length', String(length));
  return headers;
}

/** Joined up to this size: one write is cheaper than many, until copying costs more. */
const joinedBytes = 1_048_576;
/** Up to this size a body goes out in one string with its head: one plain write. Larger ones would be copied to no use. */
const inlineBytes = 16_384;

/** The one exit. A HEAD has the headers of its GET and no body. */
export function send(
  response: ServerResponse,
  { status, headers, body }: Reply,
  common: readonly string[],
  requestId: string,
  headOnly: boolean,
): void {
  if (response.headersSent || response.destroyed) return;
  const all = common.slice();
  for (const part of headers) all.push(part);
  all.push('x-request-id', requestId);
  response.writeHead(status, all);
  if (headOnly || body.length === 0) {
    response.end();
    return;
  }
  let length = 0;
  for (const part of body) length += part.length;
  if (length > joinedBytes) {
    response.cork();
    for (const part of body) response.write(part);
    response.end();
    return;
  }
  const joined = body.length === 1 ? body[0]! : Buffer.concat(body as Buffer[], length);
  // Latin-1 is bytes as they are, whatever they mean: what is read as such is written as the same bytes.
  if (length <= inlineBytes) response.end(joined.toString('latin1'), 'latin1');
  else response.end(joined);
}
