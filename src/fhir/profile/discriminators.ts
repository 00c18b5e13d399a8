/**
 * Which slice an element belongs to, by the discriminators of its slicing.
 * R4: https://hl7.org/fhir/R4/profiling.html#discriminator
 * @module
 */
import { Decimal } from '../model/json.ts';
import { choiceIn, type Discriminator, type Node } from './definition.ts';
import { isObject } from './findings.ts';
import { type Item, itemsIn } from './items.ts';
import { isNarrower } from './snapshot.ts';
import { typeNamed } from './specification.ts';

/** What telling slices apart needs to know of everything else. */
export interface Known {
  /** The tree of a profile that is known here. */
  readonly treeOf: (canonical: string) => Node | undefined;
  /** The resource that a reference leads to, contained or in the Bundle around; of others the type alone, where it is said. */
  readonly target: (reference: Item) => Item | undefined;
  /** Whether an element conforms to a profile; undefined: the profile is not known here. */
  readonly conforms: (item: Item, canonical: string) => boolean | undefined;
  /** Whether a code is in a value set; undefined: cannot be said. */
  readonly isIn: (item: Item, valueSet: string) => boolean | undefined;
}

/** Steps of a discriminator's path: an element, or a call with its argument. */
interface Step {
  readonly call?: 'resolve' | 'extension' | 'ofType';
  readonly name: string;
}

/** The steps of a path; undefined: it is none that R4 allows. */
export function stepsIn(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let rest = path.trim();
  if (rest === '$this') return [];
  while (rest !== '') {
    const found =
      /^(?:(\$this)|(resolve)\(\)|(extension)\('([^']+)'\)|(ofType)\(([A-Za-z.]+)\)|([A-Za-z][A-Za-z0-9]*(?:\[x\])?))(?:\.|$)/.exec(rest);
    if (found === null) return undefined;
    const [whole, , resolve, extension, url, ofType, type, name] = found;
    if (resolve) steps.push({ call: 'resolve', name: '' });
    else if (extension) steps.push({ call: 'extension', name: url! });
    else if (ofType) steps.push({ call: 'ofType', name: type!.replace(/^FHIR\./, '') });
    else if (name) steps.push({ name });
    rest = rest.slice(whole.length);
  }
  return steps;
}

/** The elements that a path leads to. */
function follow(item: Item, steps: readonly Step[], known: Known): readonly Item[] {
  let items: readonly Item[] = [item];
  for (const { call, name } of steps) {
    items = items.flatMap(one => {
      if (call === 'resolve') return known.target(one) ?? [];
      if (call === 'ofType') return one.type === name ? one : [];
      if (call === 'extension') return itemsIn(one, 'extension').filter(({ value }) => isObject(value) && value['url'] === name);
      return itemsIn(one, name);
    });
  }
  return items;
}

const childrenOf = (node: Node, known: Known): readonly Node[] => {
  if (node.children.length > 0) return node.children;
  const profiles = node.definition.type?.flatMap(({ profile = [] }) => profile) ?? [];
  return profiles.length === 1 ? (known.treeOf(profiles[0]!)?.children ?? []) : [];
};

const isNeeded = (node: Node): boolean => (node.definition.min ?? 0) > 0;

/** The definitions that a path leads to from a slice; slices on the way count where they must be there. */
function definitions(slice: Node, steps: readonly Step[], known: Known): Node[] {
  let nodes: Node[] = [slice];
  for (const { call, name } of steps) {
    nodes = nodes.flatMap(node => {
      if (call === 'ofType') return node.definition.type?.some(({ code }) => code === name) === false ? [] : node;
      if (call === 'resolve') {
        const targets = node.definition.type?.flatMap(({ targetProfile = [] }) => targetProfile) ?? [];
        return targets.flatMap(target => known.treeOf(target) ?? []);
      }
      const children = childrenOf(node, known);
      if (call === 'extension') {
        const slices = children.find(one => one.name === 'extension')?.slices ?? [];
        return slices.filter(one => urlOf(one, known) === name);
      }
      const child = children.find(one => one.name === name || one.name === `${name}[x]`);
      return child === undefined ? [] : [child, ...child.slices.filter(one => isNeeded(one) || child.slices.length === 1)];
    });
  }
  return nodes;
}

/** The url of the extension that a slice is. */
function urlOf(slice: Node, known: Known): unknown {
  const own = childrenOf(slice, known).find(one => one.name === 'url');
  return (own && choiceIn(own.definition, 'fixed')?.[1]) ?? slice.definition.type?.flatMap(({ profile = [] }) => profile)[0];
}

export function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Decimal || b instanceof Decimal) return String(a) === String(b) || Number(a) === Number(b);
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every(key => isSame(a[key], b[key]));
}

/** Whether a value holds what a pattern holds: each of its elements, and for each one in a list some that is like it. */
export function holds(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) return Array.isArray(value) && pattern.every(one => value.some(other => holds(other, one)));
  if (isObject(pattern)) return isObject(value) && Object.keys(pattern).every(key => holds(value[key], pattern[key]));
  return isSame(value, pattern);
}

/** Whether the definition of an element, or of one below, says which values it has. */
function says(node: Node, known: Known, depth = 0): boolean {
  const { definition } = node;
  if (choiceIn(definition, 'fixed') ?? choiceIn(definition, 'pattern')) return true;
  if (definition.binding?.strength === 'required' && definition.binding.valueSet !== undefined) return true;
  return (
    depth < 8 &&
    childrenOf(node, known).some(one => isNeeded(one) && [one, ...one.slices.filter(isNeeded)].some(x => says(x, known, depth + 1)))
  );
}

/** Whether an element has the values that a definition says; undefined: it says none, or it cannot be told. */
function fits(item: Item, node: Node, known: Known, depth = 0): boolean | undefined {
  const fixed = choiceIn(node.definition, 'fixed');
  if (fixed !== undefined) return isSame(item.value, fixed[1]);
  const pattern = choiceIn(node.definition, 'pattern');
  if (pattern !== undefined) return holds(item.value, pattern[1]);
  if (depth > 8) return undefined;
  let result: boolean | undefined;
  for (const child of childrenOf(node, known)) {
    for (const one of [child, ...child.slices]) {
      if (!isNeeded(one) || !says(one, known)) continue;
      const answers = itemsIn(item, child.name).map(inner => fits(inner, one, known, depth + 1));
      const answer = answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
      if (answer === false) return false;
      if (answer === true) result ??= true;
    }
  }
  if (result !== undefined) return result;
  const { strength, valueSet } = node.definition.binding ?? {};
  return strength === 'required' && valueSet !== undefined ? known.isIn(item, valueSet) : undefined;
}

/** Of the definitions that say something, every one has an element that is so. */
function hasValues(items: readonly Item[], nodes: readonly Node[], known: Known): boolean | undefined {
  const saying = nodes.filter(node => says(node, known));
  if (saying.length === 0) return undefined;
  let result: boolean | undefined = true;
  for (const node of saying) {
    const answers = items.map(item => fits(item, node, known));
    if (answers.includes(true)) continue;
    if (!answers.includes(undefined)) return false;
    result = undefined;
  }
  return result;
}

/** Types that a definition allows; that of a profile's own root is its type. */
const typesOf = (node: Node): readonly string[] =>
  node.definition.type?.map(({ code }) => code) ?? (node.name.includes('[') ? [] : [node.name]);

function meets(item: Item, slice: Node, { type, path }: Discriminator, known: Known): boolean | undefined {
  const steps = stepsIn(path);
  if (steps === undefined) return undefined;
  const items = follow(item, steps, known);
  if (type === 'exists') {
    const nodes = definitions(slice, steps, known);
    if (nodes.some(node => node.definition.max === '0')) return items.length === 0;
    return nodes.some(isNeeded) ? items.length > 0 : undefined;
  }
  const nodes = definitions(slice, steps, known);
  if (type === 'type') {
    const types = nodes.flatMap(typesOf);
    if (types.length === 0) return undefined;
    return items.some(one => types.some(code => isNarrower(one.type, code)));
  }
  if (type === 'profile') {
    const isResolved = steps.at(-1)?.call === 'resolve';
    const before = isResolved ? definitions(slice, steps.slice(0, -1), known) : nodes;
    const profiles = before.flatMap(
      node => node.definition.type?.flatMap(one => (isResolved ? one.targetProfile : one.profile) ?? []) ?? [],
    );
    if (profiles.length === 0) return undefined;
    const answers = items.flatMap(one => profiles.map(profile => (one.value === undefined ? undefined : known.conforms(one, profile))));
    return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
  }
  if (steps.length === 1 && steps[0]!.name === 'url' && steps[0]!.call === undefined) {
    const url = urlOf(slice, known);
    if (typeof url === 'string') return items.some(({ value }) => value === url);
  }
  return hasValues(items, nodes, known);
}

/**
 * Whether an element belongs to a slice; undefined: that cannot be told here.
 * @param discriminators none: the slice's own fixed values and patterns tell, or its types
 */
export function belongs(item: Item, slice: Node, discriminators: readonly Discriminator[], known: Known): boolean | undefined {
  if (discriminators.length === 0) {
    if (slice.name.endsWith('[x]')) return typesOf(slice).some(code => isNarrower(item.type, code));
    if (slice.name === 'extension' || slice.name === 'modifierExtension')
      return isObject(item.value) && item.value['url'] === urlOf(slice, known);
    return hasValues([item], [slice], known);
  }
  let result: boolean | undefined = true;
  for (const one of discriminators) {
    const answer = meets(item, slice, one, known);
    if (answer === false) return false;
    if (answer === undefined) result = undefined;
  }
  return result;
}

/** Whether a canonical names a type of R4 itself, and which; profiles are looked up. */
export const typeOfTarget = (canonical: string, known: Known): string | undefined => typeNamed(canonical) ?? known.treeOf(canonical)?.name;
