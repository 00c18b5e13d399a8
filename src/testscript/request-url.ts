/**
 * Where an operation goes when the script writes no `url`: the place that its type has, with `resource`, `params` and `targetId`.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.operation.params, https://hl7.org/fhir/R4/http.html#summary
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { Fault } from './fault.ts';
import type { Interaction } from './interactions.ts';
import type { Identity } from './message.ts';

/** Part of a URL as written → percent-encoded where HTTP needs it; what is encoded already stays. */
export const encoded = (url: string): string =>
  encodeURI(url)
    .replace(/%25(?=[0-9A-Fa-f]{2})/g, '%')
    .replaceAll('#', '%23')
    .replace(/[|^`\\]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const instance = ({ type, id }: Identity): string => `${type}/${id}`;

/** `params` as written, its path and its query: what begins with neither `/` nor `?` is a query if it looks like one. */
function parts(params: string | undefined): { readonly way: string; readonly query: string } {
  if (params === undefined || params === '') return { way: '', query: '' };
  const whole = /^[/?]/.test(params) ? params : (/^[^/?]*=/.test(params) ? '?' : '/') + params;
  const at = whole.indexOf('?');
  return at < 0 ? { way: whole, query: '' } : { way: whole.slice(0, at), query: whole.slice(at) };
}

const typeOf = (json: Json | undefined): string | undefined => {
  const type = json?.['resourceType'];
  return typeof type === 'string' && type !== 'Parameters' ? type : undefined;
};

/** Where an operation without `url` goes, below the base. */
export function pathOf(
  { resource, params }: { readonly resource?: string | undefined; readonly params?: string | undefined },
  { place, tail, body: does }: Interaction,
  target: Identity | undefined,
  body: Json | undefined,
): string {
  const { way, query } = parts(params);
  const start = target !== undefined ? instance(target) : (resource ?? '');
  const below = (last: string | undefined): string => (start + way === '' ? '' : `${start}${way}/`) + last + query;
  const needed = (): string => {
    const type = resource ?? target?.type ?? typeOf(body);
    if (type === undefined) throw new Fault('The operation names no resource type.');
    return type;
  };
  switch (place) {
    case 'system':
      return (tail ?? '') + way + query;
    case 'operation':
      return way.includes('$') ? start + way + query : below(tail);
    case 'history':
      return way.includes('_history') ? start + way + query : below('_history');
    case 'search':
      return (resource ?? '') + way + query;
    case 'type':
      return needed() + way + query;
    default:
      if (way + query !== '') return needed() + way + query;
      if (target === undefined && does === 'update' && typeof body?.['id'] === 'string') return `${needed()}/${body['id']}`;
      if (target === undefined) throw new Fault('The operation has neither url nor params nor targetId to tell its resource by.');
      if (place === 'instance') return instance(target);
      if (target.versionId === undefined) throw new Fault('The target of a vread has no version.');
      return `${instance(target)}/_history/${target.versionId}`;
  }
}
