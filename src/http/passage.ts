/**
 * The life of every request: an id, a place among those in flight, an answer or a refusal, the audit's record, the one exit.
 * Nothing leaves before its record is kept; if the record cannot be kept, 503 leaves instead.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit } from '../audit/log.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { newTrail, recordOf, type Trail } from './audit.ts';
import { drain } from './body.ts';
import type { Load } from './limits.ts';
import { type Log, traceOf } from './log.ts';
import type { Form } from './negotiate.ts';
import { type Reply, refusalOf, send } from './respond.ts';

/** A request on its way: what the audit learns of it, and what it still burdens the server with. */
interface Passage {
  readonly trail: Trail;
  /** Bytes of its body that are counted in the load. */
  taken: number;
  /** Work that may go on after the answer (a time-out). */
  work: Promise<unknown> | undefined;
  /** What an answer, and a refusal, is to look like. */
  form: Form | undefined;
}

/** Answers a request. Throws Problem. */
export type Handle = (request: IncomingMessage, response: ServerResponse, passage: Passage) => Promise<Reply>;

export interface Surroundings {
  readonly audit: Pick<Audit, 'record'>;
  readonly load: Load;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly addressOf: (request: IncomingMessage) => string | undefined;
}

/** Headers of every answer of one kind, by the request's Origin. */
export type Common = (origin: string | undefined) => readonly string[];

/** A client's own id is taken only if it cannot hold anything else: a UUID. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A name or an address, perhaps with a port. RFC 9112: https://www.rfc-editor.org/rfc/rfc9112#section-3.2 */
const hostShape = /^[\w.~:[\]%-]*$/;

export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && uuid.test(given) ? given : randomUUID();
}

/** The same reply once its record is kept, or 503. */
export async function recorded(trail: Trail, reply: Reply, { audit, log }: Pick<Surroundings, 'audit' | 'log'>): Promise<Reply> {
  try {
    await audit.record(recordOf(trail, reply));
    return reply;
  } catch (error) {
    log('error', 'the audit log takes no record', { requestId: trail.requestId, ...traceOf(error) });
    return refusalOf(new Problem('unavailable', undefined, { headers: { 'retry-after': '5' } }), trail.requestId);
  }
}

/** @param counted whether the request takes a place among those in flight: health does not */
export function passage(
  handle: Handle,
  common: Common,
  surroundings: Surroundings,
  counted = true,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { load, log, now, addressOf } = surroundings;
  return async (request, response) => {
    const requestId = requestIdOf(request);
    const self: Passage = {
      trail: newTrail(now(), requestId, request.method ?? '', addressOf(request)),
      taken: 0,
      work: undefined,
      form: undefined,
    };
    const inside = counted && load.takeRequest();
    let reply: Reply;
    try {
      if (counted && !inside)
        throw new Problem('unavailable', 'The server is busy with other requests; try again.', { headers: { 'retry-after': '1' } });
      const { host } = request.headers;
      if (host === undefined && request.httpVersion === '1.1')
        throw new Problem('invalid-request', 'A request of HTTP/1.1 needs a Host header.');
      if (host !== undefined && !hostShape.test(host)) throw new Problem('invalid-request', 'The Host header names no host, or several.');
      reply = await handle(request, response, self);
    } catch (error) {
      if (!(error instanceof Problem)) log('error', 'a request failed', { requestId, ...traceOf(error) });
      reply = refusalOf(error, requestId, self.form);
    }
    const give = () => {
      if (inside) load.giveRequest();
      load.giveBytes(self.taken);
    };
    // What is worked on burdens the server until it is done, also when the answer (504) has left.
    if (self.work === undefined) give();
    else self.work.then(give, give);
    reply = await recorded(self.trail, reply, surroundings);
    send(response, reply, common(request.headers.origin), requestId, request.method === 'HEAD');
    drain(request);
  };
}
