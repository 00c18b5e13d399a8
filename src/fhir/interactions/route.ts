/**
 * Which interaction a request means, and whether its type is one of R4 and this agent may do that with it at all.
 * R4: https://hl7.org/fhir/R4/http.html#summary
 * @module
 */
import { type Access, askedFor, type Letter, permits } from '../model/access.ts';
import type { Answer, Request } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import { isResourceType } from '../model/r4.ts';
import { isCompartment } from '../search/compartment.ts';
import { create } from './create.ts';
import { conditionalDelete, remove } from './delete.ts';
import { deleteHistory, deleteHistoryVersion, purgeRight } from './delete-history.ts';
import { historyInstance, historySystem, historyType } from './history.ts';
import type { Context, Interaction, Settings } from './interaction.ts';
import { conditionalPatch, patch } from './patch.ts';
import { isUsableId } from './plan.ts';
import { read } from './read.ts';
import { searchCompartment, searchSystem, searchType } from './search.ts';
import { searchableTypes } from './searchable.ts';
import { conditionalUpdate, update } from './update.ts';
import { vread } from './vread.ts';

/** The interactions that are routed here, each with where it is stated. R4: https://hl7.org/fhir/R4/valueset-restful-interaction.html */
export const routed = {
  read: 'type',
  vread: 'type',
  update: 'type',
  patch: 'type',
  delete: 'type',
  'history-instance': 'type',
  'history-type': 'type',
  create: 'type',
  'search-type': 'type',
  'search-system': 'system',
  'history-system': 'system',
} as const;

export interface Route {
  /** Beyond R4's own: versions that are taken out for good. */
  readonly interaction: keyof typeof routed | 'delete-history';
  /** Empty for what is asked of all types. */
  readonly type: string;
  /** Absent for what is asked of the type. */
  readonly id?: string;
  /** The criteria of the URL decide which resource is meant. */
  readonly conditional: boolean;
  readonly letter: Letter;
  readonly answer: (context: Context) => Promise<Answer>;
}

const notAllowed = (allow: string) => new Problem('method-not-allowed', `Allowed here: ${allow}.`, { headers: { Allow: allow } });

/** Throws 404 for an unknown type, 400 for an id that is none, 405 for a method that is not served there. */
export function route({ method, path, query }: Request, { conditional: served }: Pick<Settings, 'conditional'>): Route {
  const [type = '', id, history, version, ...rest] = path.split('/');
  const isAll = path === '' || path === '_search' || path === '_history';
  if (!isAll && !isResourceType(type)) throw new Problem('unknown-type');
  const isRead = method === 'GET' || method === 'HEAD';
  const conditional = query.length > 0;
  const at = <At>(
    interaction: Route['interaction'],
    letter: Letter,
    where: At,
    does: Interaction<At>,
    more: { id?: string; conditional?: boolean; type?: string } = {},
  ): Route => ({
    interaction,
    type: more.type ?? type,
    letter,
    conditional: more.conditional ?? false,
    ...(more.id === undefined ? {} : { id: more.id }),
    answer: context => does(where, context),
  });

  if (isAll) {
    if (path === '_history' ? !isRead : path === '' ? !isRead : method !== 'POST')
      throw notAllowed(path === '_search' ? 'POST' : 'GET, HEAD');
    return path === '_history'
      ? at('history-system', 's', {}, historySystem, { type: '' })
      : at('search-system', 's', {}, searchSystem, { type: '' });
  }
  if (id === undefined) {
    if (isRead) return at('search-type', 's', { type }, searchType);
    if (method === 'POST') return at('create', 'c', { type }, create);
    // Without criteria these would mean every resource of the type.
    if ((method === 'PUT' || method === 'PATCH' || method === 'DELETE') && !conditional)
      throw new Problem('precondition-failed', 'This needs an id or criteria.');
    if (method === 'PUT' && served.update) return at('update', 'u', { type }, conditionalUpdate, { conditional });
    if (method === 'PATCH' && served.patch) return at('patch', 'u', { type }, conditionalPatch, { conditional });
    if (method === 'DELETE' && served.delete !== 'not-supported') return at('delete', 'd', { type }, conditionalDelete, { conditional });
    const also = [served.update && 'PUT', served.patch && 'PATCH', served.delete !== 'not-supported' && 'DELETE'];
    throw notAllowed(['GET', 'HEAD', 'POST', ...also.filter(one => one !== false)].join(', '));
  }
  if (id === '_search' && history === undefined) {
    if (method !== 'POST') throw notAllowed('POST');
    return at('search-type', 's', { type }, searchType);
  }
  if (id === '_history' && history === undefined) {
    if (!isRead) throw notAllowed('GET, HEAD');
    return at('history-type', 's', { type }, historyType);
  }
  if (id.startsWith('$') || id === '_history') throw new Problem('unknown-type', 'This server has no such operation.');
  if (!isUsableId(id)) throw new Problem('invalid-value', 'An id has 1 to 64 letters, digits, "-" and ".".');
  const where = { type, id };
  if (history === undefined) {
    if (isRead) return at('read', 'r', where, read, { id });
    if (method === 'PUT') return at('update', 'u', where, update, { id });
    if (method === 'PATCH') return at('patch', 'u', where, patch, { id });
    if (method === 'DELETE') return at('delete', 'd', where, remove, { id });
    throw notAllowed('GET, HEAD, PUT, PATCH, DELETE');
  }
  if (history === '*' || isResourceType(history)) {
    if (!isCompartment(type) || rest.length > 0 || (version !== undefined && version !== '_search')) throw new Problem('unknown-type');
    if (version === undefined ? !isRead : method !== 'POST') throw notAllowed(version === undefined ? 'GET, HEAD' : 'POST');
    return history === '*'
      ? at('search-system', 's', { compartment: type, id }, searchCompartment, { type: '' })
      : at('search-type', 's', { compartment: type, id, type: history }, searchCompartment, { type: history });
  }
  if (history !== '_history' || rest.length > 0) throw new Problem('unknown-type', 'This server has no such operation.');
  if (!isRead && method !== 'DELETE') throw notAllowed('GET, HEAD, DELETE');
  if (version === undefined)
    return isRead ? at('history-instance', 'r', where, historyInstance, { id }) : at('delete-history', 'd', where, deleteHistory, { id });
  // A version is a number here: nothing else was ever one.
  const which = { ...where, versionId: /^[1-9]\d{0,14}$/.test(version) ? Number(version) : 0 };
  return isRead ? at('vread', 'r', which, vread, { id }) : at('delete-history', 'd', which, deleteHistoryVersion, { id });
}

/** Throws 403 where the agent may not do this with the type, whatever the resource. Purging is a right of its own. A patch starts from what is stored, so it reads it. */
export function checkPermission({ interaction, letter, type }: Route, access: Access): void {
  if (interaction === 'delete-history') {
    if (!access.operations.includes(purgeRight)) throw new Problem('forbidden');
    return;
  }
  const isAllowed = type === '' ? searchableTypes(access).length > 0 : permits(access, letter, type);
  if (!isAllowed || (interaction === 'patch' && !permits(access, 'r', type))) throw new Problem('forbidden');
}

/** What this agent may know of while it does this: criteria find nothing that it may change but not look for. */
export function accessFor({ letter, type, conditional }: Route, access: Access): Access {
  const asked = askedFor(access, letter, type);
  return conditional ? askedFor(asked, 'c', type) : asked;
}
