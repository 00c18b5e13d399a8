/**
 * Rules applied as the format tells it: the root first with all its rules in their order, then each nested resource with its own; the first rule that finds a node settles it and all below.
 * Takes any FHIRPath. This is the measure that the fast way (walk.ts) is held to, and the way where that one cannot go.
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import type { RulesConfiguration } from './configuration.ts';
import { RuleNotApplicable } from './errors.ts';
import { selector } from './fhirpath.ts';
import { label } from './labels.ts';
import { treatOf } from './methods.ts';
import { fhirPathOf, isFor } from './path.ts';
import { isNumeric, isQuantity } from './perturb.ts';
import type { Rule } from './rule.ts';
import type { Run } from './run.ts';
import { substitute } from './substitute.ts';
import { jsonOf, type Node, prune, treeOf, within } from './tree.ts';
import { unknownMethod } from './unknown.ts';

/** Descendants that the short form of `nodesBy…` starts from: also the roots of nested resources, nothing below them. */
function* below(from: Node): Generator<Node> {
  for (const child of from.children) {
    yield child;
    if (!child.resource) yield* below(child);
  }
}

/** All below, also in nested resources. */
function settle(node: Node): void {
  for (const one of within(node, true)) one.visited = true;
}

/** @returns of the root, and of what was below it before the first rule, what the rule finds now */
function find(rule: Rule): (root: Node, before: readonly Node[]) => Node[] {
  const { path } = rule;
  if (path.root) return root => [root];
  const { nodes, steps } = path.steps ?? {};
  if (nodes?.whole !== true || steps === undefined) return selector(fhirPathOf(path), rule.place);
  const is = (node: Node): boolean =>
    nodes.by === 'name' ? node.place.name === nodes.argument : (node.resource ? node.type : node.place.fhirType) === nodes.argument;
  const [step] = steps;
  return (_root, before) => {
    const found = before.filter(is);
    return step === undefined ? found : found.flatMap(node => node.children.filter(child => child.place.name === step.name));
  };
}

/** How a resource stands in the one that is being treated: by whose id dates then move. Under `contained` nothing is labelled, however deep. */
export type Nested = 'labelled' | 'unlabelled';

/** @returns a function that makes a new resource, and records in the run what it did */
export function inOrder(configuration: RulesConfiguration): (resource: AnyResource, run: Run, nested?: Nested) => Json {
  const { rules, parameters } = configuration;
  const finders = new Map<Rule, ReturnType<typeof find>>();
  const finder = (rule: Rule): ReturnType<typeof find> => {
    let made = finders.get(rule);
    if (made === undefined) finders.set(rule, (made = find(rule)));
    return made;
  };

  function apply(node: Node, rule: Rule, number: number, run: Run): void {
    if (node.visited) return;
    node.visited = true;
    const { method } = rule;
    if (method.name === 'substitute') {
      substitute(node, method, rule.place, run);
      settle(node);
      return;
    }
    if (node.place.primitive && !node.resource) {
      const treat = node.value === undefined ? undefined : treatOf(rule, number, node.place, parameters);
      if (treat !== undefined) node.value = treat(node.value!, run);
      if (treat !== undefined && method.name === 'perturb') settle(node);
    } else if (method.name === 'generalize') throw new RuleNotApplicable(rule.place, 'generalizes an element that is no primitive');
    else if (method.name === 'perturb' && isQuantity(node.type)) {
      const value = node.children.find(child => child.place.name === 'value' && isNumeric(child.type));
      if (value !== undefined && !value.visited && value.value !== undefined) {
        value.value = treatOf(rule, number, value.place, parameters)!(value.value, run);
        settle(node);
      }
    }
    for (const child of node.children) if (!child.resource) apply(child, rule, number, run);
  }

  /** Each resource of the tree, the outer before the inner ones. */
  function treat(root: Node, run: Run, done: Map<Node, number>): number {
    const before = run.done;
    run.done = 0;
    const nodes = [...below(root)];
    rules.forEach((rule, number) => {
      if (!isFor(rule.path.type, root.type)) return;
      unknownMethod(rule);
      for (const node of finder(rule)(root, nodes)) apply(node, rule, number, run);
    });
    let mine = run.done;
    for (const node of [...below(root)]) if (node.resource) mine |= treat(node, run, done);
    done.set(root, mine);
    run.done = before;
    return mine;
  }

  /** Labels for what was done, on each resource but those under `contained`. */
  function labels(json: Json, node: Node, done: ReadonlyMap<Node, number>): void {
    label(json, done.get(node)!);
    inner(json, node, done);
  }
  function inner(json: Json, node: Node, done: ReadonlyMap<Node, number>): void {
    const counts = new Map<string, number>();
    for (const child of node.children) {
      const { property, array, primitive, name } = child.place;
      const index = counts.get(property) ?? 0;
      counts.set(property, index + 1);
      if (primitive || name === 'contained') continue;
      const of = (array ? (json[property] as Json[])[index] : json[property]) as Json;
      if (child.resource) labels(of, child, done);
      else inner(of, child, done);
    }
  }

  return (resource, run, nested) => {
    const root = treeOf(resource);
    if (nested === undefined) {
      run.rootId = () => {
        const id = root.children.find(child => child.place.name === 'id')?.value;
        return typeof id === 'string' ? id : '';
      };
    }
    const done = new Map<Node, number>();
    const mine = treat(root, run, done);
    prune(root);
    const json = jsonOf(root);
    if (nested !== 'unlabelled') labels(json, root, done);
    run.done |= mine;
    return json;
  };
}
