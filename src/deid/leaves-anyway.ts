/**
 * A rule that nothing uses is about what does not leave, or about what leaves by another part of the policy: then it would be passed over, and with it what it was to protect.
 * @module
 */
import { elementsOf } from '../fhir/profile/elements.ts';
import type { Policy } from './policy.ts';

/**
 * Why what a path names leaves all the same, whatever a rule for it says; undefined: it does not.
 * @param wholes types of which a rule makes the whole
 */
export function leavesAnyway(path: string, { elements, contained }: Policy, wholes: ReadonlySet<string>): string | undefined {
  const [type = '', ...names] = path.split('.');
  if (path.startsWith('extension(') || names.length === 0) return undefined;
  if (names.at(-1) === 'extension') return 'extensions are listed by their URL, under "extensions"';
  const isResource = type === 'Resource' || elementsOf(type).has('meta');
  if (isResource && names.length === 1 && (type === 'Resource' || elements[type] !== undefined)) {
    if (names[0] === 'id') return 'what becomes of ids is said by a rule for Resource.id';
    if (names[0] === 'contained' && contained === undefined) return 'contained resources are removed by "contained": "remove"';
  }
  if (!wholes.has(type) || (isResource && elements[type]?.includes(names[0]!) !== true)) return undefined;
  return `a rule makes the whole of ${type}: what of it leaves is for that rule to say`;
}
