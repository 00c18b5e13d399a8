/**
 * Entries of a batch or transaction, understood: each is a request of its own, below our base.
 * R4: https://hl7.org/fhir/R4/http.html#transaction, https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.request
 * @module
 */
import type { Request } from '../model/exchange.ts';
import { type Finding, Problem, type ProblemKind } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { pairsOf } from './criteria.ts';
import type { Context } from './interaction.ts';
import { preferences } from './prefer.ts';

export interface Entry {
  readonly index: number;
  /** `Bundle.entry[3]` */
  readonly place: string;
  readonly fullUrl?: string;
  readonly request: Request;
  /** Why it cannot be done, where that is this entry's own affair (batch). */
  readonly refusal?: Problem;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'] as const;
const isMethod = (text: unknown): text is Request['method'] => methods.includes(text as Request['method']);

const conditionNames = {
  ifMatch: 'if-match',
  ifNoneMatch: 'if-none-match',
  ifNoneExist: 'if-none-exist',
  ifModifiedSince: 'if-modified-since',
} as const;

/**
 * The entries of the request's Bundle. Throws 413 beyond the limit, and 400 for everything that is wrong with the Bundle itself, all findings together;
 * the resources in it are judged later.
 * @param alone each entry stands alone: a method or url that is not served is a refusal of its entry
 */
export function entriesOf(bundle: AnyResource, context: Context, alone = false): readonly Entry[] {
  const { settings, validate, baseUrl } = context;
  const list = bundle['entry'] ?? [];
  if (!Array.isArray(list)) throw new Problem('invalid-structure', 'Bundle.entry must be a list.', { expression: 'Bundle.entry' });
  if (list.length > settings.maxBundleEntries) {
    throw new Problem('too-long', `A Bundle may have ${settings.maxBundleEntries} entries.`, { expression: 'Bundle.entry' });
  }
  const findings: Finding[] = [...shellFindings(bundle, list, validate)];
  const prefer = preferred(context, list.length);
  const entries = list.map((json: unknown, index) => understand((json ?? {}) as Json, index, { baseUrl, prefer, alone }, findings));
  findings.push(...sameFullUrls(entries));
  if (findings.length > 0) throw Problem.of(findings);
  return entries;
}

/** So many entries show what they wrote to a client that says nothing of it: an import would have all of it sent back. */
const mostShown = 100;

/** Entries that write show their resources as a write that is sent alone does; the systems of an institution, which send much and have what they sent, see the statuses unless they ask for more, and so does who sends many. */
function preferred({ request, access }: Context, entries: number): string | undefined {
  const told = request.headers['prefer'];
  if (access.agent.role === 'institution' || entries > mostShown || preferences(told).return !== undefined) return told;
  return told === undefined ? 'return=representation' : `${told}, return=representation`;
}

/** The Bundle without the resources in it, judged as any resource is. */
function shellFindings(bundle: AnyResource, list: readonly unknown[], validate: Context['validate']): readonly Finding[] {
  const bare = list.map(json => {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
    const { resource: _, ...rest } = json as Json;
    // fullUrls are compared below, where it does not take the square of their number.
    delete rest['fullUrl'];
    return rest;
  });
  const { entry: _, ...head } = bundle;
  return validate({ ...head, resourceType: 'Bundle', ...(bundle['entry'] === undefined ? {} : { entry: bare }) } as AnyResource);
}

interface Manner {
  readonly baseUrl: string;
  readonly prefer: string | undefined;
  readonly alone: boolean;
}

function understand(json: Json, index: number, { baseUrl, prefer, alone }: Manner, findings: Finding[]): Entry {
  const place = `Bundle.entry[${index}]`;
  const wrong = (element: string, text: string) => findings.push({ kind: 'invalid-request', text, expression: `${place}.${element}` });
  const told = (json['request'] ?? {}) as Json;
  const { method, url } = told;
  const headers: Record<string, string> = prefer === undefined ? {} : { prefer };
  for (const [element, header] of Object.entries(conditionNames)) if (typeof told[element] === 'string') headers[header] = told[element];
  const fullUrl = json['fullUrl'];
  if (fullUrl !== undefined && (typeof fullUrl !== 'string' || !/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(fullUrl)))
    wrong('fullUrl', 'A fullUrl is an absolute URI.');
  else if (typeof fullUrl === 'string' && fullUrl.includes('/_history/')) wrong('fullUrl', 'A fullUrl names no version.');
  const at = typeof url === 'string' ? below(url, baseUrl) : undefined;
  let refusal: Problem | undefined;
  if (!isMethod(method)) wrong('request.method', 'Each entry needs a request with a method of HTTP.');
  else if (at?.path === '' && method !== 'GET' && method !== 'HEAD')
    wrong('request.url', 'A batch or transaction cannot stand in another one.');
  else if (at === undefined)
    refusal = unserved('invalid-request', 'The url of a request is relative to the base of this server.', place, 'url');
  if (refusal && !alone) findings.push(...refusal.findings);
  const resource = json['resource'];
  if (
    resource !== undefined &&
    (typeof resource !== 'object' || resource === null || typeof (resource as Json)['resourceType'] !== 'string')
  ) {
    wrong('resource', 'The entry holds no resource.');
  }
  return {
    index,
    place,
    ...(typeof fullUrl === 'string' ? { fullUrl } : {}),
    ...(refusal === undefined ? {} : { refusal }),
    request: {
      method: isMethod(method) ? method : 'GET',
      path: at?.path ?? '',
      query: at?.query ?? [],
      headers,
      ...(resource === undefined || method === 'GET' || method === 'HEAD' || method === 'DELETE'
        ? {}
        : method === 'PATCH'
          ? patchIn(resource as AnyResource)
          : { body: resource as AnyResource }),
    },
  };
}

/** A patch that is no resource comes in a Binary. R4: https://hl7.org/fhir/R4/http.html#patch */
function patchIn(resource: AnyResource): Pick<Request, 'body' | 'content'> {
  const { resourceType, contentType, data } = resource;
  if (resourceType !== 'Binary' || typeof contentType !== 'string' || typeof data !== 'string') return { body: resource };
  return { content: { type: contentType.split(';', 1)[0]!.trim().toLowerCase(), bytes: Buffer.from(data, 'base64') } };
}

const unserved = (kind: ProblemKind, text: string, place: string, element: string) =>
  new Problem(kind, text, { expression: `${place}.request.${element}` });

/** Path and query below our base; undefined for what is no URL of ours. */
function below(url: string, baseUrl: string): { path: string; query: readonly (readonly [string, string])[] } | undefined {
  const isOurs = url === baseUrl || url.startsWith(`${baseUrl}/`) || url.startsWith(`${baseUrl}?`);
  const text = isOurs ? url.slice(baseUrl.length).replace(/^\//, '') : url === '/' ? '' : url;
  const parts = /^([^?#]*)(?:\?([^#]*))?$/.exec(text);
  if (!parts) return undefined;
  const [, written = '', query = ''] = parts;
  // `[type]/?…`, as on the wire.
  const path = text.includes('?') && /^[A-Za-z]+\/$/.test(written) ? written.slice(0, -1) : written;
  const isPlain = path === '' || path.split('/').every(part => /^(?:[A-Za-z0-9\-._$]+|\*)$/.test(part) && part !== '.' && part !== '..');
  return isPlain ? { path, query: pairsOf(query) } : undefined;
}

function sameFullUrls(entries: readonly Entry[]): readonly Finding[] {
  const first = new Map<string, Entry>();
  const findings: Finding[] = [];
  for (const entry of entries) {
    if (entry.fullUrl === undefined) continue;
    const other = first.get(entry.fullUrl);
    if (!other) first.set(entry.fullUrl, entry);
    else
      findings.push(
        ...[other, entry].map(
          ({ place }): Finding => ({ kind: 'invalid-request', text: 'Two entries have the same fullUrl.', expression: `${place}.fullUrl` }),
        ),
      );
  }
  return findings;
}

const elementOfHeader: Readonly<Record<string, string>> = {
  'If-Match': 'ifMatch',
  'If-None-Match': 'ifNoneMatch',
  'If-None-Exist': 'ifNoneExist',
};

/** A problem of one entry, told as one of the Bundle. */
export function placed(thrown: unknown, { place }: Entry): unknown {
  if (!(thrown instanceof Problem)) return thrown;
  const findings = thrown.findings.map((finding): Finding => {
    const { expression } = finding;
    if (expression === undefined) return { ...finding, expression: place };
    if (expression.startsWith('Bundle.entry[')) return finding;
    if (expression.startsWith('http.')) {
      const element = elementOfHeader[expression.slice(5)];
      return { ...finding, expression: `${place}.request.${element ?? 'url'}` };
    }
    const dot = expression.indexOf('.');
    return { ...finding, expression: `${place}.resource${dot < 0 ? '' : expression.slice(dot)}` };
  });
  return new Problem(thrown.kind, thrown.message, { findings, headers: { ...thrown.headers } });
}
