/**
 * A StructureDefinition's elements as a tree: each with the elements below it and the slices beside it.
 * R4: https://hl7.org/fhir/R4/elementdefinition.html#id
 * @module
 */
import type { AnyResource } from '../model/r4.ts';

export interface TypeOf {
  readonly code: string;
  readonly profile?: readonly string[];
  readonly targetProfile?: readonly string[];
}

export interface Discriminator {
  readonly type: string;
  readonly path: string;
}

export interface Slicing {
  readonly discriminator?: readonly Discriminator[];
  readonly ordered?: boolean;
  readonly rules?: string;
}

export interface Constraint {
  readonly key: string;
  readonly severity?: string;
  readonly human?: string;
  readonly expression?: string;
  readonly source?: string;
}

/** The part of an ElementDefinition that is enforced; `fixed[x]`, `pattern[x]`, `minValue[x]`, `maxValue[x]` under their JSON names. */
export interface Definition {
  readonly id?: string;
  readonly path: string;
  readonly sliceName?: string;
  readonly min?: number;
  readonly max?: string;
  readonly type?: readonly TypeOf[];
  readonly contentReference?: string;
  readonly slicing?: Slicing;
  readonly binding?: { readonly strength?: string; readonly valueSet?: string };
  readonly constraint?: readonly Constraint[];
  readonly maxLength?: number;
  readonly [more: string]: unknown;
}

/** A StructureDefinition; of its other elements nothing is read. */
export interface Structure extends AnyResource {
  readonly url: string;
  readonly type: string;
  readonly version?: string;
  readonly kind?: string;
  readonly derivation?: string;
  readonly baseDefinition?: string;
  readonly snapshot?: { readonly element: readonly Definition[] };
  readonly differential?: { readonly element: readonly Definition[] };
}

/** An element, what is below it, and its slices. */
export interface Node {
  /** Last part of its path: `value[x]`. */
  readonly name: string;
  readonly sliceName?: string;
  definition: Definition;
  readonly children: Node[];
  readonly slices: Node[];
}

/** A step of an element id: `component:systolic`. */
export interface Step {
  readonly name: string;
  readonly slice?: string;
}

/** More elements than any definition of people has. */
export const mostElements = 5_000;

const step = (text: string): Step => {
  const colon = text.indexOf(':');
  return colon < 0 ? { name: text } : { name: text.slice(0, colon), slice: text.slice(colon + 1) };
};

const written = (steps: readonly Step[]): string =>
  steps.map(({ name, slice }) => (slice === undefined ? name : `${name}:${slice}`)).join('.');

/**
 * The steps to each element of a list, from its id, or where there is none from path, sliceName and what stood before it.
 * Slices of an element above are those that were named last.
 */
export function stepsOf(elements: readonly Definition[]): Step[][] {
  const last = new Map<string, Step[]>();
  return elements.map(({ id, path, sliceName }) => {
    const names = path.split('.');
    const named = id?.split('.').map(step);
    let steps: Step[];
    if (named !== undefined && named.length === names.length && named.every(({ name }, i) => name === names[i])) steps = named;
    else {
      const above = names.slice(0, -1);
      const parent = last.get(above.join('.')) ?? above.map(name => ({ name }));
      steps = [...parent, { name: names.at(-1)!, ...(sliceName === undefined ? {} : { slice: sliceName }) }];
    }
    // What is further inside belongs to this one from now on.
    for (const known of last.keys()) if (known.startsWith(`${path}.`)) last.delete(known);
    last.set(path, steps);
    return steps;
  });
}

export const leaf = (definition: Definition, name: string, sliceName?: string): Node => ({
  name,
  ...(sliceName === undefined ? {} : { sliceName }),
  definition,
  children: [],
  slices: [],
});

/** The slice of this name, or undefined; `a/b` is a slice of the slice `a`. */
export function sliceOf(node: Node, name: string): Node | undefined {
  const own = node.slices.find(one => one.sliceName === name);
  if (own !== undefined) return own;
  const slash = name.lastIndexOf('/');
  const outer = slash < 0 ? undefined : sliceOf(node, name.slice(0, slash));
  return outer?.slices.find(one => one.sliceName === name);
}

/** Where a new slice of this name belongs: beside its element, or inside the slice that it slices again. */
export function slicedBy(node: Node, name: string): Node {
  const slash = name.lastIndexOf('/');
  return (slash < 0 ? undefined : sliceOf(node, name.slice(0, slash))) ?? node;
}

/** The tree of a snapshot; undefined: there is no element in it. */
export function treeOf(elements: readonly Definition[]): Node | undefined {
  const steps = stepsOf(elements);
  let root: Node | undefined;
  for (const [i, definition] of elements.entries()) {
    const [first, ...more] = steps[i]!;
    root ??= leaf({ path: first!.name }, first!.name);
    let node = root;
    let path = first!.name;
    for (const { name, slice } of more) {
      path += `.${name}`;
      let child = node.children.find(one => one.name === name);
      if (child === undefined) node.children.push((child = leaf({ path }, name)));
      if (slice !== undefined) {
        const beside = slicedBy(child, slice);
        let found = beside.slices.find(one => one.sliceName === slice);
        if (found === undefined) beside.slices.push((found = leaf({ path }, name, slice)));
        child = found;
      }
      node = child;
    }
    node.definition = definition;
  }
  return root;
}

/** A copy that may be changed, at another path where one is given. */
export const copyOf = (node: Node, path = node.definition.path): Node => ({
  ...node,
  definition: path === node.definition.path ? node.definition : { ...node.definition, path },
  children: node.children.map(child => copyOf(child, `${path}.${child.name}`)),
  slices: node.slices.map(slice => copyOf(slice, path)),
});

/** All elements in the order of a snapshot, with their ids. */
export function elementsIn(root: Node): Definition[] {
  const list: Definition[] = [];
  const visit = (node: Node, above: readonly Step[], path: string): void => {
    const steps = [...above, { name: node.name, ...(node.sliceName === undefined ? {} : { slice: node.sliceName }) }];
    list.push({ ...node.definition, id: written(steps), path });
    for (const child of node.children) visit(child, steps, `${path}.${child.name}`);
    for (const slice of node.slices) visit(slice, above, path);
  };
  visit(root, [], root.name);
  return list;
}

/** A canonical without its version. */
export const unversioned = (canonical: string): string => canonical.split('|')[0]!;

/** The property of a choice among an element's own: `fixedUri` for `fixed`; with its value. */
export function choiceIn(
  definition: Definition,
  prefix: 'fixed' | 'pattern' | 'minValue' | 'maxValue',
): readonly [string, unknown] | undefined {
  for (const key in definition) if (key.startsWith(prefix) && /^[A-Z]/.test(key.slice(prefix.length))) return [key, definition[key]];
  return undefined;
}

export const isStructure = (resource: AnyResource): resource is Structure =>
  resource.resourceType === 'StructureDefinition' && typeof resource['url'] === 'string' && typeof resource['type'] === 'string';
