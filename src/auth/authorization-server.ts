/**
 * The endpoints below the issuer's path, and what stands before oidc-provider: methods, limits, origins, forms in place of queries.
 * Every path that is not named here is closed.
 * SMART: https://hl7.org/fhir/smart-app-launch/app-launch.html, https://hl7.org/fhir/smart-app-launch/conformance.html; RFC 6749 §3
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'oidc-provider';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { createEhrLaunch } from './ehr-launch.ts';
import { answer, preflight } from './endpoint.ts';
import { insteadOf, readForm } from './form.ts';
import { createInteractions, type Describe, languageOf, type Tell } from './interaction.ts';
import { createLimit, networkOf } from './limit.ts';
import type { Pages } from './pages.ts';
import { createProvider, ownGrantType, type ProviderParts } from './provider.ts';
import { openidConfiguration } from './smart-configuration.ts';
import type { Upstream } from './upstream.ts';

export interface AuthorizationServerSettings extends Omit<ProviderParts, 'showError'> {
  readonly pages: Pages;
  readonly describe: Describe;
  readonly refusalsPerMinute: number;
  /** Origins of the apps: their pages may read the answers. */
  readonly origins: () => ReadonlySet<string>;
  readonly elsewhere: Upstream | undefined;
  readonly authenticate: (header: string | undefined) => Access | Promise<Access>;
}

export type Endpoint = (request: IncomingMessage, response: ServerResponse, tell?: Tell) => void;

const addressOf = (request: IncomingMessage): string => networkOf((request as { ip?: string }).ip ?? request.socket.remoteAddress ?? '');

/** Endpoints that a client posts to; how they are called for the library. */
const posted: ReadonlyMap<string, string | undefined> = new Map([
  ['/token', undefined],
  ['/introspect', 'introspection'],
  ['/revoke', 'revocation'],
]);

/** Handler for the issuer's path. */
export function createAuthorizationServer(settings: AuthorizationServerSettings): Endpoint {
  const { issuer, now, onBug, pages, refusalsPerMinute, origins } = settings;
  const provider = createProvider({
    ...settings,
    showError: (context: Context, code: string) => {
      const language = languageOf(context.req);
      context.type = 'text/html; charset=utf-8';
      context.set(
        'Content-Security-Policy',
        `default-src 'none'; style-src ${pages.style}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
      );
      context.set('Content-Language', language);
      context.body = pages.render({ page: 'error', code }, language);
    },
  });
  const call = provider.callback();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { host, protocol } = new URL(issuer);
    // Where this server stands, whatever the request says.
    Object.assign(request.headers, { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) });
    call(request, response).catch(onBug);
  };
  const interact = createInteractions({ ...settings, provider, addressOf });
  const prepare = createEhrLaunch(settings);
  const limit = createLimit(refusalsPerMinute, now);
  // Each request for a person's leave is kept until it is over: nobody is to fill the disk with them.
  const begun = createLimit(refusalsPerMinute, now);

  async function authorize(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams(queryOf(request.url ?? ''));
    if (form === undefined) return answer(response, 400, { error: 'invalid_request', error_description: 'A form is expected.' });
    // Leave is asked for every time; the library wants it said before it hears of offline_access.
    const prompt = (form.get('prompt') ?? '').split(' ').filter(word => word !== '');
    if (form.getAll('prompt').length < 2 && !prompt.includes('none') && !prompt.includes('consent'))
      form.set('prompt', [...prompt, 'consent'].join(' '));
    serve(insteadOf(request, 'GET', `/authorize?${form}`), response);
  }

  return (request, response, tell = () => {}) => {
    const route = (request.url ?? '').split('?', 1)[0]!;
    const { method } = request;
    if (posted.has(route)) {
      const origin = request.headers.origin;
      response.setHeader('Vary', 'Origin');
      const known = origin !== undefined && origins().has(origin);
      if (known) response.setHeader('Access-Control-Allow-Origin', origin);
      if (method === 'OPTIONS' && known) return preflight(response, 'POST');
      if (method !== 'POST') return answer(response, 405, { error: 'invalid_request', error_description: 'Use POST.' }, { Allow: 'POST' });
      const address = addressOf(request);
      if (!limit.open(address)) return tooMany(response, 'Too many refused requests.');
      response.once('finish', () => {
        if (response.statusCode >= 400) limit.refused(address);
      });
      // Errors are JSON, whatever a browser would rather see.
      request.headers.accept = 'application/json';
      const own = posted.get(route);
      if (own === undefined) return serve(request, response);
      return void readForm(request)
        .then(form => {
          form?.set('grant_type', ownGrantType(own));
          serve(insteadOf(request, 'POST', '/token', form ?? new URLSearchParams()), response);
        })
        .catch(onBug);
    }
    if (route === '/jwks' || route === '/.well-known/openid-configuration') {
      response.setHeader('Access-Control-Allow-Origin', '*');
      if (method === 'OPTIONS') return preflight(response, 'GET');
      if (method === 'GET' && route !== '/jwks')
        return answer(response, 200, openidConfiguration(settings), { 'Cache-Control': 'max-age=300' });
      if (method === 'GET') {
        request.headers.accept = 'application/json';
        return serve(request, response);
      }
    }
    if (route === '/launch' && method === 'POST') return void prepare(request, response, tell).catch(onBug);
    if (route === '/authorize' && (method === 'GET' || method === 'POST')) {
      const address = addressOf(request);
      if (!begun.open(address)) return tooMany(response, 'Too many requests for authorization.');
      begun.refused(address);
      return void authorize(request, response).catch(onBug);
    }
    if (/^\/authorize\/[\w-]{1,64}$/.test(route) && method === 'GET') return serve(request, response);
    if (/^\/sign-in\/[\w-]{1,64}$/.test(route) && (method === 'GET' || method === 'POST'))
      return void interact(request, response, tell).catch(error => {
        const unavailable = error instanceof Problem && error.kind === 'unavailable';
        if (!response.headersSent && unavailable) answer(response, 503, { error: 'temporarily_unavailable' }, { 'Retry-After': '5' });
        else if (!response.headersSent) answer(response, 500, { error: 'server_error' });
        if (!unavailable) onBug(error as Error);
      });
    const known = /^\/(authorize|sign-in)(\/[\w-]{1,64})?$/.test(route) && route !== '/sign-in';
    if (known || route === '/launch' || route === '/jwks' || route === '/.well-known/openid-configuration')
      return answer(response, 405, { error: 'invalid_request', error_description: 'Use another method.' }, { Allow: allowed(route) });
    return answer(response, 404, { error: 'invalid_request', error_description: 'There is no such endpoint.' });
  };
}

const tooMany = (response: ServerResponse, error_description: string): void =>
  answer(response, 429, { error: 'temporarily_unavailable', error_description }, { 'Retry-After': '60' });

const allowed = (route: string): string =>
  route === '/launch' ? 'POST' : route === '/authorize' || route.startsWith('/sign-in') ? 'GET, POST' : 'GET';

/** A launch handle is opaque: a plus in it is a plus. */
const queryOf = (url: string): string =>
  (url.split('?', 2)[1] ?? '').replace(
    /(^|&)launch=([^&]*)/g,
    (_all, before: string, value: string) => `${before}launch=${value.replaceAll('+', '%2B')}`,
  );
