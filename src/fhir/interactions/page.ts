/**
 * Page links: what was asked and where to go on, sealed for the client that asked.
 * A link is a place in a list and no proof of access: every page is asked for with the access of its own request.
 * R4: https://hl7.org/fhir/R4/http.html#paging
 * @module
 */
import { Problem } from '../model/outcome.ts';
import type { Context } from './interaction.ts';

/** How long a link can be followed. */
const pageLifeMs = 60 * 60 * 1000;

const binding = (path: string, { access: { agent } }: Context): string =>
  JSON.stringify([path, agent.client, agent.role, agent.sender, agent.patient ?? null]);

/** URL below the base that leads to what was sealed. */
export const sealPage = (path: string, asked: unknown, context: Context): string =>
  `${context.baseUrl}/${path}?_page=${context.sealer.seal(asked, binding(path, context), context.now())}`;

/** What the request's page link holds; undefined: the request has none. Throws 400 or 410. */
export function openPage<T>(path: string, context: Context): T | undefined {
  const { request, sealer, now } = context;
  const link = request.query.find(([name]) => name === '_page');
  if (!link) return undefined;
  if (request.query.some(pair => pair !== link && pair[0] !== '_format' && pair[0] !== '_pretty')) {
    throw new Problem('invalid-parameter', 'A page link takes no further parameter.', { expression: 'http._page' });
  }
  return sealer.open(link[1], binding(path, context), pageLifeMs, now()) as T;
}
