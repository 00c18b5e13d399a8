/**
 * What a configuration removes of nested resources by the rules of the one around them, which come before their own: nothing of that may leave, wherever these resources stand.
 * @module
 */
import { elementsOf, typesOf } from '../../fhir/profile/elements.ts';
import { isFor, readPath, type Step } from './path.ts';
import { isResource, placesOf } from './places.ts';
import type { Rule } from './rule.ts';

/** Methods that leave what they find to be seen, but for its dates. */
export const letting = new Set(['keep', 'dateShift']);

/** FHIRPath that may lead into nested resources. */
const leadsInside = /\b(?:contained|resource|descendants|children|repeat)\b/;

/** Whether resources that also stand alone may be nested in those of a type; in others only `contained` are. */
const mayHoldAny = (type: string): boolean => isFor(type, 'Bundle') || isFor(type, 'Parameters');

/** Whether it removes something in contained resources, and nobody can tell what. */
export const entersContained = ({ path, method }: Rule): boolean =>
  !letting.has(method.name) && !path.root && path.steps === undefined && !mayHoldAny(path.type) && leadsInside.test(path.expression);

/** What a path finds in a nested resource that it leads into (`Bundle.entry.resource.id`) is removed from any resource (`Resource.id`), whatever the rules for that one say. */
export function nestedOf(rule: Rule): Rule[] {
  const { type, steps: found, expression } = rule.path;
  if (letting.has(rule.method.name)) return [];
  const removed = (steps: readonly Step[], from = 'Resource'): Rule[] => [
    { ...rule, path: readPath([from, ...steps.map(({ name }) => name)].join('.')), method: { name: 'redact' } },
  ];
  if (found === undefined) return leadsInside.test(expression) && mayHoldAny(type) ? removed([]) : [];
  const { by, argument = '', whole = false } = found.nodes ?? {};
  if (whole && by === 'type' && isResource(argument)) return removed(found.steps, argument);
  if (by === 'name' && (argument === 'contained' || argument === 'resource')) return removed(found.steps);
  const start = by === undefined ? type : by === 'type' ? argument : '';
  const isOne = !isFor(start, '') && (isResource(start) || elementsOf(start).size > 0);
  let types = isOne ? [start] : typesOf('resource');
  const rest = found.steps.findIndex(({ name }) => {
    const places = types.flatMap(at => [...placesOf(at).values()].filter(place => place.name === name));
    types = places.map(place => place.type);
    return types.includes('Resource');
  });
  return rest < 0 ? [] : removed(found.steps.slice(rest + 1));
}
