/**
 * Headers that go with every answer. Helmet says which; what it sets is collected once, so that a read does not pay for it each time.
 * Origins: any or listed ones, never with credentials. R4: https://hl7.org/fhir/R4/security.html#cors; Fetch: https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */
import helmet from 'helmet';

/** What a page of ours may load and do: its own style, nothing else. */
const ofPages = (style: string) => ({
  'default-src': ["'none'"],
  'style-src': [style],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
});

const always = { referrerPolicy: { policy: 'no-referrer' }, xFrameOptions: { action: 'deny' } } as const;

function collected(protect: ReturnType<typeof helmet>): string[] {
  const headers: string[] = [];
  const collect = { setHeader: (name: string, value: string) => headers.push(name.toLowerCase(), value), removeHeader: () => undefined };
  protect({} as never, collect as never, () => undefined);
  return [...headers, 'cache-control', 'no-store'];
}

/** Flat list of the headers of a page. @param style source expression of its stylesheet: `'sha256-…'` */
export const pageHeaders = (style: string): string[] =>
  collected(helmet({ ...always, contentSecurityPolicy: { useDefaults: false, directives: ofPages(style) } }));

/**
 * Flat list of the headers of an app's page and files: its own script and style, requests to itself and to `origins`, no frame, no form, no image from elsewhere.
 * Without `cache-control`: each file says its own.
 * @param origins of FHIR and authorization servers that its pages may speak to
 */
export function appHeaders(origins: readonly string[]): string[] {
  const directives = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'connect-src': ["'self'", ...origins],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    'require-trusted-types-for': ["'script'"],
  };
  const headers = collected(helmet({ ...always, contentSecurityPolicy: { useDefaults: false, directives } }));
  const caching = headers.indexOf('cache-control');
  return headers.toSpliced(caching, 2);
}

/** Flat list of the headers of data: without those that only mean something to a document. */
export const dataHeaders = (): string[] =>
  collected(
    helmet({
      ...always,
      contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
      crossOriginOpenerPolicy: false,
      originAgentCluster: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
    }),
  );

const exposed =
  'ETag, Location, Content-Disposition, Content-Location, Expires, Last-Modified, Retry-After, WWW-Authenticate, X-Progress, X-Request-Id, X-Security-Context';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const requestHeaders =
  'Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, X-Request-Id, X-Security-Context';

export interface Cors {
  /** Headers of any answer to a page of this origin. */
  readonly answer: (origin: string | undefined) => readonly string[];
  /** What the answer to a preflight has beside them. */
  readonly preflight: (origin: string | undefined) => readonly string[];
}

const none: readonly string[] = [];

/** @param origins `*` for all */
export function createCors(origins: readonly string[]): Cors {
  const every = ['access-control-allow-origin', '*', 'access-control-expose-headers', exposed];
  const varies = ['vary', 'Origin'];
  const any = origins.includes('*');
  const answer = (origin: string | undefined): readonly string[] => {
    if (any) return origin === undefined ? none : every;
    if (origins.length === 0) return none;
    if (origin === undefined || !origins.includes(origin)) return varies;
    return ['access-control-allow-origin', origin, 'access-control-expose-headers', exposed, ...varies];
  };
  const more = ['access-control-allow-methods', methods, 'access-control-allow-headers', requestHeaders, 'access-control-max-age', '600'];
  const preflight = (origin: string | undefined) => (answer(origin).includes('access-control-allow-origin') ? more : none);
  return { answer, preflight };
}
