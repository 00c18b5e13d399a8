/**
 * Holds an element against the tree of a profile: how often, which type, which values, in which slice, under which invariants; what is inside likewise.
 * Terminology is asked afterwards, by whoever called: bindings are gathered.
 * R4: https://hl7.org/fhir/R4/profiling.html, https://hl7.org/fhir/R4/elementdefinition-definitions.html
 * @module
 */
import type { Finding, ProblemKind } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { literal } from '../model/reference.ts';
import { codingsOf, isInOwn } from './coded.ts';
import { type Constraint, choiceIn, type Node } from './definition.ts';
import { belongs, holds, isSame, type Known, typeOfTarget } from './discriminators.ts';
import { isPrimitive } from './elements.ts';
import { type Around, evaluate, plain } from './expression.ts';
import { isObject } from './findings.ts';
import { type Item, itemsIn, resourceItem } from './items.ts';
import { order } from './order.ts';
import { isNarrower } from './snapshot.ts';
import { isOwnRule } from './specification.ts';

/** So many findings tell enough. */
const most = 100;
/** References followed from one into the next. */
const deepest = 6;

/** A coded element and the value set that its profile binds it to. */
export interface Bound {
  readonly item: Item;
  readonly valueSet: string;
  readonly strength: 'required' | 'extensible';
  readonly path: string;
  readonly profile: string;
}

/** What is known when the check runs: nothing is fetched any more. */
export interface Ground {
  readonly treeOf: (canonical: string) => Node | undefined;
  /** Codes of value sets that slices are told apart by, as far as they could be had: system → codes. */
  readonly codesIn: (valueSet: string) => ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

const tail = (canonical: string): string => canonical.slice(canonical.lastIndexOf('/') + 1);
const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

/** The invariants of a definition that the base validation does not hold. */
const ownConstraints = (constraints: readonly Constraint[] | undefined): readonly Constraint[] =>
  (constraints ?? []).filter(
    ({ key, source, expression }) =>
      expression !== undefined &&
      !(source === undefined
        ? isOwnRule(key)
        : /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/[A-Z][A-Za-z]*$/.test(source) && isOwnRule(key)),
  );

const objectsIn = (list: unknown): Json[] => (Array.isArray(list) ? list : []).filter(isObject);

const entries = new WeakMap<AnyResource, ReadonlyMap<string, Json>>();
/** fullUrl, and `Type/id`, → the resource of an entry; of equals the first. */
function entriesOf(bundle: AnyResource): ReadonlyMap<string, Json> {
  let known = entries.get(bundle);
  if (known === undefined) {
    const made = new Map<string, Json>();
    for (const { fullUrl, resource } of objectsIn(bundle['entry'])) {
      if (!isObject(resource)) continue;
      for (const key of [fullUrl, `${String(resource['resourceType'])}/${String(resource['id'])}`])
        if (typeof key === 'string' && !made.has(key)) made.set(key, resource);
    }
    known = made;
    entries.set(bundle, known);
  }
  return known;
}

/** One resource that is being held against profiles. */
export class Conformance {
  readonly findings: Finding[] = [];
  readonly bound: Bound[] = [];
  private readonly ground: Ground;
  /** The resource that contained ones are looked for in. */
  private readonly container: AnyResource;
  /** The Bundle around it. */
  private readonly bundle: AnyResource | undefined;
  private readonly base: string;
  private depth = 0;
  /** Runs of which only the number of errors counts. */
  private trials = 0;
  /** What is being held against a profile just now. */
  private readonly held = new Map<Node, Set<unknown>>();
  private readonly known: Known;
  private readonly resource: AnyResource;
  private profile = '';
  private around: Around | undefined;

  constructor(
    resource: AnyResource,
    ground: Ground,
    around: { readonly container?: AnyResource; readonly bundle?: AnyResource; readonly base?: string } = {},
  ) {
    this.resource = resource;
    this.ground = ground;
    this.container = around.container ?? resource;
    this.bundle = around.bundle;
    this.base = around.base ?? '';
    this.known = {
      treeOf: ground.treeOf,
      target: item => this.target(item),
      conforms: (item, canonical) => {
        const tree = ground.treeOf(canonical);
        return tree === undefined ? undefined : this.tries(item, tree);
      },
      isIn: (item, valueSet) => {
        const codes = ground.codesIn(valueSet);
        if (codes === undefined) return isInOwn(item, valueSet);
        return codingsOf(item).some(({ system, code }) =>
          system === undefined ? [...codes.values()].some(set => set.has(code)) : codes.get(system)?.has(code) === true,
        );
      },
    };
  }

  /** Holds an item against a profile's tree. @param profile its canonical, for the texts */
  check(item: Item, tree: Node, profile: string): void {
    // Profiles may lead to each other in a circle without a step into the resource.
    const held = this.held.get(tree) ?? new Set();
    if (held.has(item.value)) return;
    this.held.set(tree, held.add(item.value));
    const outer = this.profile;
    this.profile = profile;
    if (tree.name !== item.type && !isNarrower(item.type, tree.name))
      this.add('not-in-profile', `The profile is for ${tree.name}`, item.place);
    else this.item(item, tree, tree);
    this.profile = outer;
    held.delete(item.value);
  }

  private add(kind: ProblemKind, text: string, expression: string, severity?: Finding['severity']): void {
    if (this.findings.length >= most) return;
    this.findings.push({
      kind,
      text: `${cut(text)} (profile ${this.profile}).`,
      expression,
      ...(severity === undefined ? {} : { severity }),
    });
  }

  private tries(item: Item, tree: Node): boolean {
    if (this.depth >= deepest) return true;
    const findings = this.findings.splice(0);
    const outer = this.profile;
    this.depth++;
    this.trials++;
    if (tree.name === item.type || isNarrower(item.type, tree.name)) this.item(item, tree, tree);
    else this.add('not-in-profile', 'another type', item.place);
    const isGood = this.findings.every(({ severity }) => severity !== undefined);
    this.depth--;
    this.trials--;
    this.profile = outer;
    this.findings.splice(0, this.findings.length, ...findings);
    return isGood;
  }

  private target({ value, type }: Item): Item | undefined {
    if (type === 'canonical' || type === 'uri' || !isObject(value)) return undefined;
    const { reference } = value;
    if (typeof reference === 'string') {
      const found = this.resolve(reference);
      if (isObject(found)) return resourceItem(found, reference);
      const named = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[^/]+)?$/.exec(reference)?.[1];
      if (named !== undefined) return { value: undefined, type: named, path: named, place: '' };
    }
    const said = value['type'];
    return typeof said === 'string' ? { value: undefined, type: tail(said), path: tail(said), place: '' } : undefined;
  }

  private resolve(reference: string): unknown {
    if (reference === '#') return this.container;
    if (reference.startsWith('#')) return objectsIn(this.container['contained']).find(one => one['id'] === reference.slice(1));
    const entries = this.bundle && entriesOf(this.bundle);
    const local = literal(reference, this.base);
    return entries?.get(reference) ?? (local === undefined ? undefined : entries?.get(`${local.type}/${local.id}`));
  }

  /** One element against its definition. @param root of the profile, where content references lead */
  private item(item: Item, node: Node, root: Node): void {
    const { definition } = node;
    const { path } = definition;
    const profiles = this.typed(item, node);
    if (profiles === undefined) return;
    if (item.value !== undefined) this.valued(item, node);
    for (const constraint of ownConstraints(definition.constraint)) this.ruled(item, constraint);
    if (definition.binding !== undefined && this.trials === 0) this.gather(item, node);
    if (profiles.length === 1) {
      const tree = this.ground.treeOf(profiles[0]!);
      if (tree !== undefined) this.check(item, tree, profiles[0]!);
    } else if (profiles.length > 1) {
      const trees = profiles.map(this.ground.treeOf);
      if (trees.every(tree => tree !== undefined && !this.tries(item, tree)))
        this.add('not-in-profile', `${path} conforms to none of the profiles that it may have`, item.place);
    }
    const children =
      node.children.length === 0 && definition.contentReference !== undefined ? referred(root, definition.contentReference) : node.children;
    for (const child of children) this.group(itemsIn(item, child.name), child, root, item.place);
  }

  /** The profiles of the types that the element may have, by its type; undefined: it has another type. */
  private typed(item: Item, { definition, name }: Node): readonly string[] | undefined {
    const { type } = definition;
    if (type === undefined || type.length === 0 || definition.contentReference !== undefined || name === 'id') return [];
    // Groups (Patient.contact) have the one type that they have.
    if (item.type.includes('.')) return [];
    const allowed = type.filter(({ code }) => isNarrower(item.type, code));
    if (allowed.length === 0) {
      this.add('not-in-profile', `${definition.path} has a type that it may not have`, item.place);
      return undefined;
    }
    if (item.type === 'Reference') {
      const targets = allowed.flatMap(one => one.targetProfile ?? []);
      if (targets.length > 0) this.refers(item, targets, definition.path);
    }
    return allowed.some(one => (one.profile ?? []).length === 0) ? [] : allowed.flatMap(({ profile = [] }) => profile);
  }

  private refers(item: Item, targets: readonly string[], path: string): void {
    const target = this.target(item);
    if (target === undefined) return;
    const types = targets.map(one => typeOfTarget(one, this.known));
    if (types.includes(undefined)) return;
    const fitting = targets.filter((_, i) => isNarrower(target.type, types[i]!));
    if (fitting.length === 0) this.add('reference-type', `${path} leads to a type that it may not lead to`, item.place);
    else if (target.value !== undefined) {
      const trees = fitting.map(this.ground.treeOf);
      if (trees.every(tree => tree !== undefined && !this.tries(target, tree)))
        this.add('not-in-profile', `${path} leads to a resource that conforms to none of the profiles that it may lead to`, item.place);
    }
  }

  private valued({ value, type, place }: Item, { definition }: Node): void {
    const { path } = definition;
    const fixed = choiceIn(definition, 'fixed');
    if (fixed !== undefined && !isSame(value, fixed[1])) this.add('value-not-in-profile', `${path} has not the value that is fixed`, place);
    const pattern = choiceIn(definition, 'pattern');
    if (pattern !== undefined && !holds(value, pattern[1]))
      this.add('value-not-in-profile', `${path} does not hold what its pattern holds`, place);
    if (definition.maxLength !== undefined && typeof value === 'string' && [...value].length > definition.maxLength)
      this.add('value-not-in-profile', `${path} is longer than ${definition.maxLength} characters`, place);
    for (const [limit, sign, word] of [
      ['minValue', -1, 'less than its smallest value'],
      ['maxValue', 1, 'more than its greatest value'],
    ] as const) {
      const bound = choiceIn(definition, limit);
      if (bound !== undefined && order(value, bound[1], type) === sign) this.add('value-not-in-profile', `${path} is ${word}`, place);
    }
  }

  private ruled(item: Item, { key, human, expression, severity }: Constraint): void {
    if (item.value === undefined) return;
    const isChoice = item.path.endsWith('[x]');
    const base = isPrimitive(item.type) && !isChoice ? item.path : item.type;
    this.around ??= {
      resource: plain(this.resource),
      rootResource: plain(this.container),
      resolve: reference => plain(this.resolve(reference)),
    };
    if (evaluate(expression!, base, plain(item.value), this.around) === false)
      this.add(
        'invariant',
        `${key}: ${(human ?? 'an invariant is not met').replace(/\.$/, '')}`,
        item.place,
        severity === 'warning' ? 'warning' : undefined,
      );
  }

  private gather(item: Item, { definition: { binding, path } }: Node): void {
    const { strength, valueSet } = binding!;
    if (valueSet === undefined || item.value === undefined || (strength !== 'required' && strength !== 'extensible')) return;
    this.bound.push({ item, valueSet, strength, path, profile: this.profile });
  }

  /** All elements of one name: how often they come, each of them, and their slices. */
  private group(items: readonly Item[], node: Node, root: Node, place: string): void {
    this.counted(items, node, place);
    for (const item of items) this.item(item, node, root);
    if (node.slices.length > 0 || node.definition.slicing?.rules === 'closed') this.sliced(items, node, root, place);
  }

  private counted(items: readonly Item[], { definition: { min = 0, max = '*', path }, sliceName }: Node, place: string): void {
    const named = sliceName === undefined ? path : `${path}:${sliceName}`;
    const at = `${place}.${path.slice(path.lastIndexOf('.') + 1).replace('[x]', '')}`;
    if (items.length < min) this.add('required', items.length === 0 ? `${named} is required` : `${named} is required ${min} times`, at);
    if (max !== '*' && items.length > Number(max))
      this.add('not-in-profile', max === '0' ? `${named} may not be there` : `${named} may be there ${max} time(s)`, at);
  }

  private sliced(items: readonly Item[], node: Node, root: Node, place: string): void {
    const { discriminator = [], rules = 'open', ordered = false } = node.definition.slicing ?? {};
    if (node.slices.length === 0) return;
    const { path } = node.definition;
    const of = new Map<Node, Item[]>(node.slices.map(slice => [slice, []]));
    let last = 0;
    let isOpen = false;
    for (const item of items) {
      let found = -1;
      for (const [i, slice] of node.slices.entries()) {
        const answer = belongs(item, slice, discriminator, this.known);
        if (answer === true) {
          found = i;
          break;
        }
        // Which slice it is in cannot be told here: nothing is said of any.
        if (answer === undefined && !isOptional(slice)) {
          this.add('not-in-profile', `The slices of ${path} cannot be told apart here and are not checked`, item.place, 'warning');
          return;
        }
      }
      if (found < 0) {
        if (rules === 'closed') this.add('not-in-profile', `${path} belongs to none of its slices`, item.place);
        isOpen = true;
        continue;
      }
      if (rules === 'openAtEnd' && isOpen)
        this.add('not-in-profile', `${path} that belongs to a slice comes before those that do not`, item.place);
      if (ordered && found < last) this.add('not-in-profile', `${path} is not in the order of its slices`, item.place);
      last = Math.max(last, found);
      of.get(node.slices[found]!)!.push(item);
    }
    for (const [slice, own] of of) this.group(own, slice, root, place);
  }
}

const isOptional = ({ definition: { min = 0, max = '*' } }: Node): boolean => min === 0 && max === '*';

function referred(root: Node, reference: string): readonly Node[] {
  let node: Node | undefined = root;
  for (const name of reference
    .slice(reference.indexOf('#') + 1)
    .split('.')
    .slice(1))
    node = node?.children.find(one => one.name === name);
  return node?.children ?? [];
}
