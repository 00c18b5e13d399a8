/**
 * Paths of a policy: of a data type, of an element below a type, and of what a list of them names.
 * R4: https://hl7.org/fhir/R4/elementdefinition.html#path
 * @module
 */
import { elementsOf, isPrimitive, typesOf } from '../fhir/profile/elements.ts';
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

/** Types that elements are not of, but inherit from. */
const inherited: ReadonlySet<string> = new Set(['Element', 'BackboneElement', 'Resource', 'DomainResource']);

/** The name behind the last dot. */
export const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/**
 * A data type, or an element below a type, of R4. `Resource.x` is an element of whatever resource has one that is called so; `extension('URL')` an extension, and behind a dot one inside.
 * @throws PolicyError for anything else
 */
export function checkPath(path: string): void {
  if (/^extension\('[^']+'\)(?:\.extension\('[^']+'\))*$/.test(path)) return;
  const [type = '', ...names] = path.split('.');
  if (names.length === 0) {
    if (inherited.has(type) || (elementsOf(type).size === 0 && !isPrimitive(type))) throw new PolicyError(path, 'R4 has no such type');
    return;
  }
  if (type === 'Resource') {
    const isThere = typesOf('resource').some(one =>
      [...elementsOf(one)].some(([property, { path: at }]) => [property, lastOf(at)].includes(names[0]!)),
    );
    if (names.length > 1 || !isThere) throw new PolicyError(path, 'R4 has no such element');
    return;
  }
  let at = type;
  for (const [i, name] of names.entries()) {
    if (i > 0 && !at.includes('.'))
      throw new PolicyError(
        path,
        `${names.slice(0, i).join('.')} has a data type: a rule for what is in it is one for ${at}.${names.slice(i).join('.')}`,
      );
    const element = [...elementsOf(at)].find(([property, one]) => property === name || lastOf(one.path) === name)?.[1];
    if (element === undefined) throw new PolicyError(path, 'R4 has no such element');
    at = element.type;
  }
}
