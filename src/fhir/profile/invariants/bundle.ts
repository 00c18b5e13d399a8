/**
 * Invariants of Bundle, of what is contained, and of Reference's frame.
 * R4: https://hl7.org/fhir/R4/bundle.html#Bundle, https://hl7.org/fhir/R4/domainresource.html
 * @module
 */
import type { AnyResource, Json } from '../../model/r4.ts';
import { type Context, isObject } from '../findings.ts';
import { child, has, isDistinct, items, type Rules } from './rule.ts';

const kinds = (b: Json, ...types: string[]): boolean => types.includes(b['type'] as string);
const first = (b: Json): unknown => child(items(b['entry'])[0] ?? {}, 'resource')['resourceType'];

export const bundle: Rules = {
  'bdl-1': b => !has(b, 'total') || kinds(b, 'searchset', 'history'),
  'bdl-2': b => kinds(b, 'searchset') || !items(b['entry']).some(e => has(e, 'search')),
  'bdl-3': b => {
    const wanted = kinds(b, 'batch', 'transaction', 'history');
    return items(b['entry']).every(e => has(e, 'request') === wanted);
  },
  'bdl-4': b => {
    const wanted = kinds(b, 'batch-response', 'transaction-response', 'history');
    return items(b['entry']).every(e => has(e, 'response') === wanted);
  },
  'bdl-5': e => has(e, 'resource') || has(e, 'request') || has(e, 'response'),
  'bdl-7': b => {
    if (kinds(b, 'history')) return true;
    const named = items(b['entry']).filter(e => has(e, 'fullUrl'));
    return isDistinct(named.map(e => `${String(e['fullUrl'])} ${String(child(child(e, 'resource'), 'meta')['versionId'] ?? '')}`));
  },
  'bdl-8': e => typeof e['fullUrl'] !== 'string' || !e['fullUrl'].includes('/_history/'),
  'bdl-9': b => !kinds(b, 'document') || (has(child(b, 'identifier'), 'system') && has(child(b, 'identifier'), 'value')),
  'bdl-10': b => !kinds(b, 'document') || b['timestamp'] !== undefined,
  'bdl-11': b => !kinds(b, 'document') || first(b) === 'Composition',
  'bdl-12': b => !kinds(b, 'message') || first(b) === 'MessageHeader',
};

/** Puts every string that may name a contained resource (`#id`) into `found`. */
function fragments(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') {
    if (value.charCodeAt(0) === 0x23) found.add(value);
  } else if (Array.isArray(value)) {
    for (const one of value) fragments(one, found);
  } else if (isObject(value)) {
    for (const key in value) if (key !== 'div') fragments(value[key], found);
  }
}

/** dom-2 to dom-5: contained resources contain nothing, are named from somewhere or name their container, and have no version or security of their own. */
export function checkContained(resource: AnyResource, context: Context): void {
  const list = items(resource['contained']);
  if (list.length === 0) return;
  const named = new Set<string>();
  fragments(resource, named);
  for (const [i, one] of list.entries()) {
    const place = `contained[${i}]`;
    if (has(one, 'contained')) context.add('invariant', 'dom-2: a contained resource contains no other.', `${place}.contained`);
    const inner = new Set<string>();
    fragments(one, inner);
    if (typeof one['id'] !== 'string' || !(named.has(`#${one['id']}`) || inner.has('#'))) {
      context.add('invariant', 'dom-3: a contained resource is referred to from the resource around it, or refers to it.', place);
    }
    const meta = child(one, 'meta');
    if (has(meta, 'versionId') || has(meta, 'lastUpdated'))
      context.add('invariant', 'dom-4: a contained resource has no version.', `${place}.meta`);
    if (has(meta, 'security')) context.add('invariant', 'dom-5: a contained resource has no security label.', `${place}.meta`);
  }
}
