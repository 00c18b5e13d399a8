/**
 * An HTTP request → a FHIR Request: its body read, parsed and known to be a resource; its headers reduced to those that mean something to an interaction.
 * R4: https://hl7.org/fhir/R4/http.html#general, https://hl7.org/fhir/R4/http.html#search (POST _search)
 * @module
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from '../fhir/model/exchange.ts';
import { parseJson } from '../fhir/model/json.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { readXmlInTurns } from '../fhir/xml/read-xml.ts';
import { binaryOf, isBinaryWrite, looksLikeBinary } from './binary.ts';
import { type Body, hasBody, readBody } from './body.ts';
import type { Limits, Load } from './limits.ts';
import { acceptPatch, bodyFormat, contentKind, type Format, patchTypeOf } from './negotiate.ts';
import { type Pairs, readPairs, type Target } from './url.ts';

/** Several lines of it are no list, and together they would be other criteria than each. */
const single: ReadonlySet<string> = new Set(['if-none-exist', 'if-modified-since']);
const meaningful = ['if-match', 'if-none-match', 'if-none-exist', 'if-modified-since', 'prefer'] as const;

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of meaningful) {
    const value = request.headers[name];
    if (value === undefined) continue;
    if (single.has(name) && request.headersDistinct[name]!.length > 1)
      throw new Problem('invalid-request', 'A header stands there twice that may stand there once.');
    headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

/** A form's parameters count together with those of the URL. */
function withForm(query: Pairs, body: Body, limits: Limits): Pairs {
  if (!isUtf8(body.bytes)) throw new Problem('invalid-request', 'The form is not UTF-8.');
  const form = readPairs(body.bytes.toString('utf8'), limits.maxParameters);
  if (query.length + form.length > limits.maxParameters)
    throw new Problem('invalid-parameter', `The request has more than ${limits.maxParameters} parameters.`);
  return [...query, ...form];
}

async function resourceOf(bytes: Buffer, format: Format, limits: Limits): Promise<AnyResource> {
  if (format === 'xml') return readXmlInTurns(bytes, { maxDepth: limits.maxDepth });
  const value = parseJson(bytes, { maxDepth: limits.maxDepth });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem('invalid-structure', 'The body is no resource: a JSON object is expected.');
  if (typeof (value as { resourceType?: unknown }).resourceType !== 'string') {
    throw new Problem('invalid-structure', 'The body is no resource: resourceType is missing or no text.', { expression: 'resourceType' });
  }
  return value as AnyResource;
}

/** Throws 415; to a PATCH it says what else is taken. */
function formatOf(request: IncomingMessage, method: Request['method'], form: boolean): Format {
  try {
    return bodyFormat(request.headers['content-type'], form);
  } catch (thrown) {
    if (method !== 'PATCH' || !(thrown instanceof Problem)) throw thrown;
    throw new Problem(thrown.kind, `Send ${acceptPatch}.`, { headers: { 'accept-patch': acceptPatch } });
  }
}

/** A Binary: the resource itself, in a format of FHIR, or its content, in whatever type. */
async function binarySent(
  request: IncomingMessage,
  bytes: Buffer,
  type: string,
  id: string | undefined,
  limits: Limits,
): Promise<AnyResource> {
  const { format, own } = contentKind(type);
  if (own) return resourceOf(bytes, bodyFormat(type, false), limits);
  if (format !== undefined) {
    try {
      const resource = await resourceOf(bytes, format, limits);
      if (resource.resourceType === 'Binary') return resource;
    } catch (thrown) {
      if (!(thrown instanceof Problem) || looksLikeBinary(bytes)) throw thrown;
    }
  }
  const context = request.headers['x-security-context'];
  return binaryOf(bytes, type, id, typeof context === 'string' && context !== '' ? context : undefined);
}

/**
 * Reads what the method and path ask for. `took` is told how many bytes were counted in the load.
 * @throws Problem
 */
export async function readRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { path, segments, query }: Target,
  limits: Limits,
  load: Load,
  took: (bytes: number) => void,
): Promise<Request> {
  const headers = headersOf(request);
  // The answer to HEAD is that to GET without its body: only the exit knows the difference.
  const method = request.method === 'HEAD' ? 'GET' : (request.method as Request['method']);
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return { method, path, query, headers };
  const last = segments.at(-1);
  const form = last === '_search';
  // An operation without parameters, a search without a form: nothing to read.
  if ((form || last?.startsWith('$')) && !hasBody(request)) return { method, path, query, headers };
  const patch = method === 'PATCH' ? patchTypeOf(request.headers['content-type']) : undefined;
  const type = request.headers['content-type'];
  // Content of a Binary may be of any type.
  const native = type !== undefined && type.trim() !== '' && isBinaryWrite(method, segments);
  const format = patch !== undefined || native ? undefined : formatOf(request, method, form);
  const body = await readBody(request, response, limits, load);
  took(body.taken);
  if (patch !== undefined) return { method, path, query, headers, content: { type: patch, bytes: body.bytes } };
  if (form) return { method, path, query: withForm(query, body, limits), headers };
  if (native) return { method, path, query, headers, body: await binarySent(request, body.bytes, type, segments[1], limits) };
  return { method, path, query, headers, body: await resourceOf(body.bytes, format!, limits) };
}
