/**
 * The wire, put together: Express, what is mounted in it, and the time that clients have to speak.
 * docs/request.md draws the way of a request. R4: https://hl7.org/fhir/R4/http.html
 * @module
 */
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Organization } from '@medplum/fhirtypes';
import express from 'express';
import { Problem, type ProblemKind } from '../fhir/model/outcome.ts';
import { createAddressOf } from './address.ts';
import { type Apps, createApps } from './app.ts';
import { newTrail } from './audit.ts';
import { brandsBundle } from './brands.ts';
import { createFhir, type FhirParts } from './fhir.ts';
import { appHeaders, createCors, dataHeaders, pageHeaders } from './headers.ts';
import { healthReply } from './health.ts';
import { createLanding, type Landing, styleSource } from './landing.ts';
import { createLoad } from './limits.ts';
import { type Handle, passage, recorded, requestIdOf, type Surroundings } from './passage.ts';
import { plainReply, type Reply, refusalOf } from './respond.ts';
import { type Handler, holdAnswer } from './token-endpoint.ts';

/** Everything a server is made of. `baseUrl` has no slash at its end; its path is where FHIR is served. */
export interface Parts extends Omit<FhirParts, 'load' | 'preflight'>, Pick<Surroundings, 'audit' | 'log' | 'now'> {
  /** `*` for all. */
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** Body of `[base]/.well-known/smart-configuration`. */
  readonly smartConfiguration: () => object;
  /** Organizations of the registered institutions, for the brands; absent: there are none. */
  readonly organizations?: () => Promise<readonly Organization[]>;
  /** True while requests can be answered. */
  readonly ready: () => boolean;
  /** The authorization server and the path it is mounted at. */
  readonly authorization?: { readonly path: string; readonly handler: Handler };
  readonly landing: Omit<Landing, 'baseUrl'>;
  /** The browser's pages below `/app`, and the origins beside this server's that they may speak to. */
  readonly apps?: Omit<Apps, 'baseUrl'> & { readonly origins: readonly string[] };
}

/** Express gives no names to its async handlers' mistakes: what is thrown past the one exit closes the connection. */
const caught =
  (handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>, log: Surroundings['log']) =>
  (request: IncomingMessage, response: ServerResponse) => {
    handler(request, response).catch(() => {
      log('error', 'an answer could not be written');
      response.destroy();
    });
  };

/** The request listener. */
export function createApp(parts: Parts): RequestListener {
  const { baseUrl, limits, audit, log, now } = parts;
  const load = createLoad(limits);
  const cors = createCors(parts.corsOrigins);
  const anyone = createCors(['*']);
  const protective = [...dataHeaders(), 'vary', 'Accept'];
  const surroundings: Surroundings = { audit, load, log, now, addressOf: createAddressOf(parts.trustedProxies) };
  // Made once for all that are no pages of a browser.
  const unasked = protective.concat(cors.answer(undefined));
  const common = (origin: string | undefined) => (origin === undefined ? unasked : protective.concat(cors.answer(origin)));
  const fhir = createFhir({ ...parts, load, preflight: cors.preflight });
  const serve = (handle: Handle, headers: (origin: string | undefined) => readonly string[], counted?: boolean) =>
    caught(passage(handle, headers, surroundings, counted), log);

  const app = express();
  app
    .disable('x-powered-by')
    .disable('etag')
    .enable('case sensitive routing')
    .set('query parser', false)
    .set('trust proxy', [...parts.trustedProxies]);
  const base = new URL(baseUrl).pathname;
  // Discovery is for pages of any origin, whatever the API's origins are.
  app.use(
    `${base}/.well-known/smart-configuration`,
    serve(discovery(parts.smartConfiguration, anyone.preflight), origin => [...protective, ...anyone.answer(origin)]),
  );
  const { organizations } = parts;
  if (organizations !== undefined)
    app.use(
      '/brands',
      serve(brands(baseUrl, organizations, anyone.preflight), origin => [...protective, ...anyone.answer(origin)]),
    );
  const answerFhir = serve(fhir, common);
  app.use(base, answerFhir);
  if (parts.authorization !== undefined) app.use(parts.authorization.path, serveAuthorization(parts.authorization.handler, surroundings));
  app.use('/health', serve(health(parts.ready), common, false));
  if (parts.apps !== undefined) {
    const ofApps = appHeaders([...new Set([new URL(baseUrl).origin, ...parts.apps.origins])]);
    app.use(
      '/app',
      serve(apps(createApps({ ...parts.apps, baseUrl })), () => ofApps),
    );
  }
  const ofPages = pageHeaders(styleSource);
  app.use(serve(pages(createLanding({ ...parts.landing, baseUrl })), () => ofPages));
  return shortcut(base, answerFhir, app);
}

/**
 * What plainly stands below the base goes to its handler as Express would hand it over, without the way through Express, which takes a fifth of a read.
 * Everything else, the base itself and discovery among it, takes that way.
 */
function shortcut(base: string, handler: RequestListener, rest: RequestListener): RequestListener {
  const start = `${base}/`;
  return (request, response) => {
    const url = request.url ?? '';
    if (base === '/' || !url.startsWith(start) || url[start.length] === '.') {
      rest(request, response);
      return;
    }
    (request as IncomingMessage & { originalUrl: string }).originalUrl = url;
    request.url = url.slice(base.length);
    handler(request, response);
  };
}

const onlyGet = (request: IncomingMessage): void => {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new Problem('method-not-allowed', undefined, { headers: { allow: 'GET, HEAD' } });
};

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0]!;

const noPath = () => new Problem('not-found', 'There is no such path.');

/** JSON whatever Accept says. SMART: https://hl7.org/fhir/smart-app-launch/conformance.html#using-well-known */
const discovery =
  (configuration: () => object, preflight: (origin: string | undefined) => readonly string[]): Handle =>
  async (request, _response, self) => {
    self.trail.interaction = 'discovery';
    if (pathOf(request) !== '/') throw noPath();
    if (request.method === 'OPTIONS') return plainReply(204, '', '', ['allow', 'GET, HEAD, OPTIONS', ...preflight(request.headers.origin)]);
    onlyGet(request);
    return plainReply(200, 'application/json; charset=utf-8', JSON.stringify(configuration()));
  };

/** Open to anybody; a copy that is still good is not sent again. SMART: https://hl7.org/fhir/smart-app-launch/brands.html */
const brands =
  (
    baseUrl: string,
    organizations: () => Promise<readonly Organization[]>,
    preflight: (origin: string | undefined) => readonly string[],
  ): Handle =>
  async (request, _response, self) => {
    self.trail.interaction = 'brands';
    if (pathOf(request) !== '/') throw noPath();
    if (request.method === 'OPTIONS') return plainReply(204, '', '', ['allow', 'GET, HEAD, OPTIONS', ...preflight(request.headers.origin)]);
    onlyGet(request);
    const { bundle, etag } = brandsBundle(baseUrl, await organizations());
    const headers = ['etag', etag];
    if (request.headers['if-none-match'] === etag) return plainReply(304, '', '', headers);
    return plainReply(200, 'application/fhir+json; charset=utf-8', JSON.stringify(bundle), headers);
  };

const health =
  (ready: () => boolean): Handle =>
  async (request, _response, self) => {
    self.trail.interaction = 'health';
    onlyGet(request);
    const reply = healthReply(`/health${pathOf(request)}`, ready);
    if (reply === undefined) throw noPath();
    return reply;
  };

const apps =
  (served: ReturnType<typeof createApps>): Handle =>
  async (request, _response, self) => {
    self.trail.interaction = 'page';
    onlyGet(request);
    const { originalUrl = '' } = request as IncomingMessage & { originalUrl?: string };
    const [path = '', ...query] = originalUrl.split('?');
    return served({
      path: path.slice('/app'.length),
      query: query.length === 0 ? '' : `?${query.join('?')}`,
      accepts: String(request.headers['accept-encoding'] ?? ''),
    });
  };

const pages =
  (landing: (path: string) => Promise<Reply | undefined>): Handle =>
  async (request, _response, self) => {
    self.trail.interaction = 'page';
    if (request.method === 'OPTIONS') return plainReply(204, '', '', ['allow', 'GET, HEAD, OPTIONS']);
    onlyGet(request);
    const reply = await landing(pathOf(request));
    if (reply === undefined) throw noPath();
    return reply;
  };

/** What an endpoint of the authorization server is called in the audit. */
const endpointOf = (path: string): string =>
  ({ '/token': 'token', '/introspect': 'introspection', '/revoke': 'revocation', '/launch': 'launch' })[path] ??
  (path.startsWith('/authorize') ? 'authorize' : path.startsWith('/sign-in') ? 'sign-in' : 'page');

/** Its pages and its origins are its own affair; it starts from the headers of data. */
function serveAuthorization(handler: Handler, surroundings: Surroundings): (request: IncomingMessage, response: ServerResponse) => void {
  const { addressOf, now } = surroundings;
  const protective = pageHeaders("'none'");
  return (request, response) => {
    const requestId = requestIdOf(request);
    const headers = [...protective, 'x-request-id', requestId];
    for (let i = 0; i < headers.length; i += 2) response.setHeader(headers[i]!, headers[i + 1]!);
    const trail = newTrail(now(), requestId, request.method ?? '', addressOf(request));
    trail.interaction = endpointOf(pathOf(request));
    if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
    holdAnswer(request, response, handler, async issued => {
      const { status: _, ...who } = issued;
      trail.issued = who;
      const { status } = await recorded(trail, { status: issued.status, headers: [], body: [] }, surroundings);
      if (status !== issued.status) throw new Error('no record');
    });
  };
}

/** What Node's parser refuses, it refuses before there is a request. */
const parserProblems: Readonly<Record<string, { status: number; kind: ProblemKind; text: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, kind: 'too-long', text: 'The header is larger than this server takes.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, kind: 'timeout', text: 'The request took too long to arrive.' },
};
const malformed = { status: 400, kind: 'invalid-request', text: 'This is no well-formed HTTP request.' } as const;

/** Who listens, and how long clients may take to speak; what is said goes to `listener`. Not yet listening. */
export function createListener({ limits, ...kept }: Pick<Parts, 'limits' | 'audit' | 'log' | 'now'>, listener: RequestListener): Server {
  const server = createHttpServer(
    {
      requestTimeout: limits.bodyTimeoutMs,
      headersTimeout: Math.ceil(limits.bodyTimeoutMs / 4),
      connectionsCheckingInterval: Math.min(5000, Math.ceil(limits.bodyTimeoutMs / 4)),
      maxHeaderSize: 16_384 + limits.maxUrlBytes,
      // Asked for in passage.ts, where the refusal leaves a record.
      requireHostHeader: false,
      // A second Authorization or Host is not dropped, so that nobody before this server can have believed the other one: joined they are none.
      joinDuplicateHeaders: true,
    },
    listener,
  );
  // Longer than the minute that proxies and clients keep a connection: else they send into one that is just being closed.
  server.keepAliveTimeout = 65_000;
  // The client waits for leave to send its body: it gets it when its token is good (body.ts).
  server.on('checkContinue', listener);
  // An expectation that nobody knows changes nothing: the request is answered as any other.
  server.on('checkExpectation', listener);
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const trail = newTrail(kept.now(), requestIdOf(request), 'CONNECT', request.socket.remoteAddress);
    void recorded(trail, { status: 405, headers: [], body: [] }, kept).then(() =>
      refuseRaw(socket, 405, 'method-not-allowed', 'CONNECT is not supported.'),
    );
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const known = parserProblems[error.code ?? ''] ?? (error.code?.startsWith('HPE_') ? malformed : undefined);
    if (known === undefined || !socket.writable) {
      socket.destroy();
      return;
    }
    const trail = newTrail(kept.now(), 'malformed', '', (socket as Duplex & { remoteAddress?: string }).remoteAddress);
    trail.interaction = 'malformed';
    void recorded(trail, { status: known.status, headers: [], body: [] }, kept).then(() =>
      refuseRaw(socket, known.status, known.kind, known.text),
    );
  });
  return server;
}

/** The HTTP server, not yet listening. */
export const createServer = (parts: Parts): Server => createListener(parts, createApp(parts));

/** An answer where there is no response to write it to. */
function refuseRaw(socket: Duplex, status: number, kind: ProblemKind, text: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { headers, body } = refusalOf(new Problem(kind, text), '');
  const lines = [`HTTP/1.1 ${status} Refused`, 'connection: close', 'x-content-type-options: nosniff'];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  socket.end(Buffer.concat([Buffer.from(lines.join('\r\n') + '\r\n\r\n'), ...body]), () => socket.destroy());
}
