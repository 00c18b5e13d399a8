/**
 * The interactions of FHIR's RESTful API, behind one dispatch: unknown type, then permission, then the resource itself.
 * R4: https://hl7.org/fhir/R4/http.html
 * @module
 */
import { createHash } from 'node:crypto';
import type { Dispatch, Request } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import { createExtractor, type Extractor } from '../search/extract.ts';
import { batch } from './batch.ts';
import { capabilityBytes } from './capabilities.ts';
import { collection } from './collection.ts';
import { unchangedTag } from './etag.ts';
import type { Context, Parts } from './interaction.ts';
import { accessFor, checkPermission, route } from './route.ts';
import { askedSubset, partOf } from './subset.ts';
import { terminologyCapabilities } from './terminology-capabilities.ts';
import { transaction } from './transaction.ts';

export function createInteractions(parts: Parts): Dispatch {
  const capabilities = capabilityBytes(parts);
  let terminology: Buffer | undefined;
  const terms = (): Buffer => (terminology ??= Buffer.from(JSON.stringify(terminologyCapabilities(parts))));
  const composed = parts.dispatch;
  let extractor: Extractor | undefined;
  const extract: Extractor = resource =>
    (extractor ??= createExtractor({ base: parts.baseUrl, timeZone: parts.settings.timeZone }))(resource);

  const dispatch: Dispatch = async (request, access) => {
    const context: Context = { ...parts, extract, dispatch: composed?.() ?? dispatch, request, access, granted: access };
    if (request.path === 'metadata') {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        throw new Problem('method-not-allowed', 'Allowed here: GET, HEAD.', { headers: { Allow: 'GET, HEAD' } });
      const known = await parts.store.parameters();
      const bytes = aboutServer(request.query, () => capabilities(known), terms);
      const tag = tagOf(bytes);
      const headers = { ETag: `W/"${tag}"` };
      if (parts.settings.conditional.read && unchangedTag(request.headers, tag)) return { status: 304, headers };
      return { status: 200, bytes: [bytes], headers };
    }
    if (request.path === '' && request.method !== 'GET' && request.method !== 'HEAD') return await system(context);
    const to = route(request, parts.settings);
    checkPermission(to, access);
    return await to.answer({ ...context, access: accessFor(to, access) });
  };
  return dispatch;
}

const tags = new WeakMap<Buffer, string>();

/** Changes with what the server says of itself. R4: https://hl7.org/fhir/R4/http.html#capabilities */
function tagOf(bytes: Buffer): string {
  let tag = tags.get(bytes);
  if (tag === undefined) tags.set(bytes, (tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)));
  return tag;
}

/** The CapabilityStatement (`mode` is one of two words for it), or the TerminologyCapabilities; or the part of it that is asked for. */
function aboutServer(query: Request['query'], capabilities: () => Buffer, terminology: () => Buffer): Buffer {
  const wanted = askedSubset(query.filter(([name]) => name !== 'mode'));
  const modes = query.flatMap(([name, value]) => (name === 'mode' ? [value] : []));
  if (modes.length > 1 || !modes.every(mode => mode === 'full' || mode === 'normative' || mode === 'terminology'))
    throw new Problem('invalid-parameter', 'mode has an unusable value: full, normative or terminology.', { expression: 'http.mode' });
  const whole = modes[0] === 'terminology' ? terminology() : capabilities();
  return wanted ? Buffer.from(JSON.stringify(partOf(JSON.parse(whole.toString()), wanted))) : whole;
}

/** What is asked of the base itself: a batch, a transaction, or a report unit. */
async function system(context: Context) {
  const { method, body } = context.request;
  if (method !== 'POST')
    throw new Problem('method-not-allowed', 'Allowed here: GET, HEAD, POST.', { headers: { Allow: 'GET, HEAD, POST' } });
  if (body?.resourceType === 'Bundle' && body['type'] === 'transaction') return await transaction(body, context);
  if (body?.resourceType === 'Bundle' && body['type'] === 'batch') return await batch(body, context);
  if (body?.resourceType === 'Bundle' && body['type'] === 'collection' && context.access.agent.role === 'institution')
    return await collection(body, context);
  throw new Problem('invalid-request', 'The base takes a Bundle of type transaction or batch, and from institutions report units.', {
    expression: 'Bundle.type',
  });
}
