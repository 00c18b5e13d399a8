/**
 * Paths of a policy: of a data type, of an element below a type, and of what a list of them names.
 * R4: https://hl7.org/fhir/R4/elementdefinition.html#path
 * @module
 */
import { elementsOf, isPrimitive } from '../fhir/profile/elements.ts';
import { PolicyError } from './policy.ts';

/** `component.code`, `component.valueQuantity` … → {component: {code, valueQuantity}}. */
export interface Names {
  [name: string]: Names;
}

export function tree(paths: readonly string[]): Names {
  // Without a prototype, so that a name such as `__proto__` is one that R4 does not have.
  const root = Object.create(null) as Names;
  for (const path of paths) path.split('.').reduce<Names>((node, name) => (node[name] ??= Object.create(null) as Names), root);
  return root;
}

/** The name behind the last dot. */
export const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/**
 * A data type, or an element below a type, of R4. `Resource.x` is an element that every resource has; `extension('URL')` an extension, and behind a dot one inside.
 * @throws PolicyError for anything else
 */
export function checkPath(path: string): void {
  if (/^extension\('[^']+'\)(?:\.extension\('[^']+'\))*$/.test(path)) return;
  const [type, ...names] = path.split('.');
  let at = type === 'Resource' ? 'Patient' : type!;
  if (names.length === 0) {
    if (elementsOf(at).size === 0 && !isPrimitive(at)) throw new PolicyError(path, 'R4 has no such type');
    return;
  }
  for (const name of names) {
    const element = [...elementsOf(at)].find(([property, one]) => property === name || lastOf(one.path) === name)?.[1];
    if (element === undefined) throw new PolicyError(path, 'R4 has no such element');
    at = element.type;
  }
}
