/**
 * An element replaced by one of the configuration: old and new children pair by position, what an earlier rule settled stays.
 * @module
 */

import { InputError, ValueError } from './errors.ts';
import type { Method } from './rule.ts';
import { orderOf, type Run } from './run.ts';
import { type Node, node as nodeOf, within } from './tree.ts';

type Replacement = Pick<Node, 'value' | 'children'>;

const empty: Replacement = { value: undefined, children: [] };

/** @throws ValueError where the replacement is no element of this type */
export function substitute(node: Node, method: Method & { name: 'substitute' }, place: string, run: Run): void {
  run.record(orderOf.substitute);
  // The node itself is being settled, and marked already; what was settled before it stands below.
  const settled = new Set<Node>();
  for (const one of within(node, true)) {
    if (one === node || !one.visited) continue;
    for (let at: Node | undefined = one; at !== undefined && at !== node; at = at.parent) settled.add(at);
  }
  replace(node, replacement(node, method, place), settled);
}

function replacement(node: Node, method: Method & { name: 'substitute' }, place: string): Replacement {
  if (node.place.primitive && !node.resource) return { value: method.text, children: [] };
  if (method.json === undefined) throw new ValueError(place, 'replaces an element by what is none of its type');
  const { json } = method;
  try {
    const made = node.resource
      ? nodeOf({ ...json, resourceType: node.type }, undefined, { ...node.place, type: 'Resource' }, undefined)
      : nodeOf(json, undefined, node.place, undefined);
    // In a replacement an empty text is no value.
    for (const one of within(made, true)) if (one.value === '') one.value = undefined;
    return made;
  } catch (error) {
    if (error instanceof InputError) throw new ValueError(place, 'replaces an element by what is none of its type');
    throw error;
  }
}

function replace(node: Node, by: Replacement, settled: ReadonlySet<Node>): void {
  const named = (children: readonly Node[]): Map<string, Node[]> => {
    const map = new Map<string, Node[]>();
    for (const child of children) map.set(child.place.name, [...(map.get(child.place.name) ?? []), child]);
    return map;
  };
  const fresh = named(by.children);
  const children: Node[] = [];
  for (const [name, old] of named(node.children)) {
    const replacements = fresh.get(name) ?? [];
    fresh.delete(name);
    old.forEach((child, i) => {
      const one = replacements[i];
      if (child.visited) children.push(child);
      else if (one !== undefined && one.place.property === child.place.property && one.type === child.type) {
        replace(child, one, settled);
        children.push(child);
      } else if (one !== undefined) children.push({ ...one, parent: node });
      else if (settled.has(child)) {
        replace(child, empty, settled);
        children.push(child);
      }
    });
    children.push(...replacements.slice(old.length).map(one => ({ ...one, parent: node })));
  }
  for (const rest of fresh.values()) children.push(...rest.map(one => ({ ...one, parent: node })));
  node.children = children;
  node.value = by.value;
}
