/**
 * Below the base: from a request line to an interaction's answer. Judged in this order: URL, Accept, token, route, body.
 * R4: https://hl7.org/fhir/R4/http.html
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { preferences } from '../fhir/interactions/prefer.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer, Request } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { createLater, type LaterParts } from './async.ts';
import { isBinaryRead } from './binary.ts';
import type { Files } from './files.ts';
import { createWithin, type Limits, type Load } from './limits.ts';
import { acceptPatch, checkForm, formOf, isNativeAsked } from './negotiate.ts';
import type { Handle } from './passage.ts';
import { readRequest } from './request.ts';
import { plainReply, replyOf } from './respond.ts';
import { allowedAt, checkRoute } from './routes.ts';
import { readTarget, type Target } from './url.ts';

export interface FhirParts extends Omit<LaterParts, 'limits'> {
  readonly limits: Limits;
  readonly load: Load;
  readonly files: Pick<Files, 'fetch' | 'forget'>;
  /** Authorization header → Access. Throws Problem `login`. */
  readonly authenticate: (authorization: string | undefined) => Promise<Access>;
  /** What the patients' objections leave of an Access. */
  readonly narrow: (access: Access) => Access | Promise<Access>;
  /** Headers of the answer to OPTIONS. */
  readonly preflight: (origin: string | undefined) => readonly string[];
}

/** Who asks without a token: may do nothing, knows of nothing. `metadata` needs no right. */
const nobody: Access = {
  agent: { client: 'anonymous', role: 'server', sender: 'client/anonymous', purpose: 'PUBHLTH', reason: 'asked without a token' },
  permits: {},
  operations: [],
  reach: {},
  without: [],
  studies: [],
};

const isGet = (request: IncomingMessage): boolean => request.method === 'GET' || request.method === 'HEAD';

export function createFhir(parts: FhirParts): Handle {
  const { baseUrl, limits, load, files, authenticate, narrow, dispatch, preflight } = parts;
  const later = createLater(parts);

  function targetOf(request: IncomingMessage): Target {
    const asked = (request as IncomingMessage & { originalUrl: string }).originalUrl;
    if (asked.length > limits.maxUrlBytes) throw new Problem('uri-too-long');
    // An absolute request line could name another host than the one that is asked.
    if (!asked.startsWith('/')) throw new Problem('invalid-request', 'The request line must hold a path, not a URL.');
    return readTarget(request.url!, limits.maxParameters);
  }

  const within = createWithin(limits.requestTimeoutMs);

  /** By the rooms, now or later; or what became of what was asked before. */
  async function answered(request: Request, access: Access, passage: Parameters<Handle>[2]): Promise<Answer> {
    const { trail } = passage;
    const granted = trail.access!;
    const [first, id = ''] = trail.segments;
    if (first === '_async') return request.method === 'DELETE' ? later.cancel(id, granted) : later.status(id, granted, access);
    if (first === '_file') return request.method === 'DELETE' ? files.forget(id, granted) : files.fetch(id, granted);
    const prefer = request.headers['prefer'];
    if (prefer === undefined || !preferences(prefer).respondAsync) return dispatch(request, access);
    const taken = await later.take({ request, access, granted, trail });
    passage.work = taken.work;
    return taken.answer;
  }

  return async (request, response, passage) => {
    const { trail } = passage;
    const { accept } = request.headers;
    passage.form = formOf(accept, []);
    const target = targetOf(request);
    let form = (passage.form = formOf(accept, target.query));
    trail.segments = target.segments;
    trail.query = target.query;
    if (request.method === 'OPTIONS') {
      const allow = allowedAt(target.segments);
      const patches = allow.includes('PATCH') ? ['accept-patch', acceptPatch] : [];
      return plainReply(204, '', '', ['allow', allow, ...patches, ...preflight(request.headers.origin)]);
    }
    const content = isBinaryRead(isGet(request) ? 'GET' : '', target.segments);
    // What a Binary holds is known when it was read; a file is of one type, whatever is asked for.
    if (!content && target.segments[0] !== '_file') checkForm(form);
    const open = target.path === 'metadata' && isGet(request);
    const narrowed = open ? nobody : narrow((trail.access = await authenticate(request.headers.authorization)));
    const access = narrowed instanceof Promise ? await narrowed : narrowed;
    checkRoute(request.method ?? '', target.segments);
    const asked = await readRequest(request, response, target, limits, load, taken => {
      passage.taken = taken;
    });
    if (asked.query !== target.query) {
      form = passage.form = formOf(accept, asked.query);
      checkForm(form);
    }
    trail.query = asked.query;
    trail.body = asked.body;
    const work = open ? dispatch(asked, access) : answered(asked, access, passage);
    passage.work ??= work;
    const answer = await within(work);
    trail.answer = answer;
    return replyOf(answer, {
      base: baseUrl,
      method: asked.method,
      prefer: asked.headers['prefer'],
      form,
      ...(content ? { isNative: type => isNativeAsked(accept, target.query, type) } : {}),
    });
  };
}
