/**
 * Page links: what was asked and where to go on, sealed for the client that asked.
 * A link is a place in a list and no proof of access: every page is asked for with the access of its own request.
 * R4: https://hl7.org/fhir/R4/http.html#paging
 * @module
 */
import type { Access } from '../model/access.ts';
import type { Request } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import type { Sealer } from '../model/seal.ts';
import type { Pairs } from './criteria.ts';

/** How long a link can be followed. */
const pageLifeMs = 60 * 60 * 1000;

/** Of what links are made. */
export interface Linking {
  readonly sealer: Sealer;
  readonly access: Access;
  readonly baseUrl: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What is answered: the form that it asks for in its URL is that of the pages to come. */
  readonly request?: Pick<Request, 'query'>;
}

const formats = /^(?:json|xml|text\/(?:json|xml)|application\/(?:fhir[+ ])?(?:json|xml))$/;
const formOf = ({ query }: Pick<Request, 'query'>): Pairs =>
  query.filter(([name, value]) => (name === '_format' && formats.test(value)) || (name === '_pretty' && value === 'true'));

const binding = (path: string, { agent }: Access): string =>
  JSON.stringify([path, agent.client, agent.role, agent.sender, agent.patient ?? null, agent.user ?? null]);

/** URL below the base with these parameters. */
export const urlOf = (path: string, pairs: Pairs, { baseUrl }: Pick<Linking, 'baseUrl'>): string =>
  `${baseUrl}${path === '' ? '' : `/${path}`}${pairs.length === 0 ? '' : `?${pairs.map(pair => pair.map(encodeURIComponent).join('=')).join('&')}`}`;

/** URL below the base that leads to what was sealed. */
export const sealPage = (path: string, asked: unknown, linking: Linking): string =>
  urlOf(
    path,
    [
      ['_page', linking.sealer.seal(asked, binding(path, linking.access), linking.now())],
      ...(linking.request === undefined ? [] : formOf(linking.request)),
    ],
    linking,
  );

/** What a page link holds. Throws 400 or 410. */
export const openLink = (path: string, link: string, { sealer, access, now }: Linking): unknown =>
  sealer.open(link, binding(path, access), pageLifeMs, now());

/** What the request's page link holds; undefined: the request has none. Throws 400 or 410. */
export function openPage<T>(path: string, context: Linking & { readonly request: Pick<Request, 'query'> }): T | undefined {
  const { request } = context;
  const link = request.query.find(([name]) => name === '_page');
  if (!link) return undefined;
  if (request.query.some(pair => pair !== link && pair[0] !== '_format' && pair[0] !== '_pretty')) {
    throw new Problem('invalid-parameter', 'A page link takes no further parameter.', { expression: 'http._page' });
  }
  return openLink(path, link[1], context) as T;
}
