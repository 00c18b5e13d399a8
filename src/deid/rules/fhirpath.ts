/**
 * FHIRPath as the format has it: with `nodesByType` and `nodesByName`, names of elements only (`value`, never `valueQuantity`), and `replaceMatches` in the syntax of .NET.
 * FHIRPath: http://hl7.org/fhirpath/N1/
 * @module
 */
import { createRequire } from 'node:module';
import { Decimal } from '../../fhir/model/json.ts';
import type { Json } from '../../fhir/model/r4.ts';
import { typesOf } from '../../fhir/profile/elements.ts';
import { ValueError } from './errors.ts';
import { isChoiceProperty } from './places.ts';
import { type Node, type Primitive, within } from './tree.ts';

/** A value with its place, as the engine keeps it. */
interface Found {
  readonly ctx: unknown;
  readonly data: unknown;
  readonly parentResNode: Found | null;
  readonly propName: string | null;
  readonly index: number | null;
}
type Place = new (
  ctx: unknown,
  data: unknown,
  parent: Found,
  path: string,
  more: unknown,
  type: string,
  name: string,
  index: number | null,
) => Found;
type Evaluate = (data: unknown) => unknown[];
interface Parsed {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly Parsed[];
}
interface Engine {
  parse(expression: string): Parsed;
  compile(expression: string | { base: string; expression: string }, model: unknown, options: unknown): Evaluate;
}

interface Loaded {
  readonly fhirpath: Engine;
  readonly model: unknown;
}
let engine: Loaded | undefined;
/** Loads the engine when the first expression comes. To be called before a deadline runs: half a module is none. */
export function load(): Loaded {
  if (engine === undefined) {
    const require = createRequire(import.meta.url);
    // To the format each type is but itself: `ofType(Quantity)` and `is Quantity` do not find an Age. A path, though, may begin with Resource or DomainResource, whatever the type.
    const type2Parent = { DomainResource: 'Resource', ...Object.fromEntries(typesOf('resource').map(type => [type, 'DomainResource'])) };
    engine = { fhirpath: require('fhirpath') as Engine, model: { ...(require('fhirpath/fhir-context/r4') as object), type2Parent } };
  }
  return engine;
}

const functions = new Set(
  (
    'abs aggregate all allFalse allTrue anyFalse anyTrue as avg ceiling children combine conformsTo contains convertsToBoolean convertsToDate convertsToDateTime convertsToDecimal ' +
    'convertsToInteger convertsToQuantity convertsToString convertsToTime count decode descendants distinct empty encode endsWith escape exclude exists exp extension first floor ' +
    'getValue hasValue highBoundary htmlChecks iif indexOf intersect is isDistinct join last lastIndexOf length ln log lowBoundary lower matches matchesFull max memberOf min not now ofType ' +
    'power precision repeat replace replaceMatches resolve round select single skip slice split sqrt startsWith subsetOf substring subsumedBy subsumes sum supersetOf tail take timeOfDay ' +
    'toBoolean toChars toDate toDateTime toDecimal toInteger toQuantity toString toTime today trace trim truncate type unescape union upper where xor nodesByType nodesByName'
  ).split(' '),
);
const longest = 10_000;

/** Why an expression cannot be used; undefined: it can. */
function fault(expression: string, own: boolean): string | undefined {
  if (expression.trim() === '') return 'is no FHIRPath';
  if (expression.length > longest || (expression.match(/[([{]/g)?.length ?? 0) > 200) return 'is too long for a FHIRPath';
  let tree: Parsed;
  try {
    tree = load().fhirpath.parse(expression);
  } catch {
    return 'is no FHIRPath';
  }
  let wrong: string | undefined;
  const visit = (node: Parsed): void => {
    const name = node.type === 'Functn' ? (node.children?.[0]?.text ?? '') : undefined;
    if (name !== undefined && (!functions.has(name) || (!own && name.startsWith('nodesBy'))))
      wrong = 'calls a function that FHIRPath does not have here';
    for (const child of node.children ?? []) visit(child);
  };
  visit(tree);
  return wrong;
}

/** Of the path of a rule. */
export const pathFault = (expression: string): string | undefined => fault(expression, true);
/** Of a condition or a value of `generalize`. */
export const conditionFault = (expression: string): string | undefined => fault(expression, false);

const token = /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|@[\w:.+-]*|%\w+|[A-Za-z_]\w*(?!\w*\s*\()/g;

/** Names that only JSON has find nothing. */
const named = (expression: string): string => expression.replace(token, one => (isChoiceProperty(one) ? '`no such element`' : one));

/** What .NET writes as `${name}`, JavaScript writes as `$<name>`; `$0` is `$&`. */
export const replacementOf = (text: string): string =>
  text.replace(/\$(?:\$|\{(\w+)\}|0(?!\d))/g, (found, name?: string) => {
    if (found === '$$') return found;
    if (name === undefined || name === '0') return '$&';
    return /^\d+$/.test(name) ? `$${name}` : `$<${name}>`;
  });

const single = (list: readonly unknown[]): unknown => {
  const value = list[0];
  return (value as { data?: unknown } | undefined)?.data ?? value;
};

function replaceMatches(input: readonly unknown[], pattern: unknown, replacement: unknown): unknown[] {
  if (input.length > 1) throw new Error('replaceMatches: more than one text');
  const text = single(input);
  if (typeof text !== 'string' || typeof pattern !== 'string' || typeof replacement !== 'string') return [];
  return [text.replace(new RegExp(pattern, 'g'), replacementOf(replacement))];
}

/** The tree that is being asked, and what stands for its nodes in the engine. */
interface View {
  readonly root: Node;
  readonly json: Map<Node, { readonly data: unknown; readonly more: unknown; readonly index: number | null }>;
  readonly nodes: WeakMap<Found, Node>;
}
let view: View | undefined;

function viewOf(root: Node): View {
  const json: View['json'] = new Map();
  const data = (of: Node): Json => {
    const made: Json = of.resource ? { resourceType: of.type } : {};
    const counts = new Map<string, number>();
    for (const child of of.children) {
      const { property, array, primitive } = child.place;
      const index = counts.get(property) ?? 0;
      counts.set(property, index + 1);
      const value = primitive ? ((child.value instanceof Decimal ? child.value.valueOf() : child.value) ?? null) : data(child);
      // A primitive that has lost its value is still there.
      const more = primitive ? (child.children.length > 0 || child.value === undefined ? data(child) : null) : undefined;
      json.set(child, { data: value, more, index: array ? index : null });
      if (array) {
        ((made[property] ??= []) as unknown[]).push(value);
        if (primitive) ((made['_' + property] ??= []) as unknown[]).push(more);
      } else {
        made[property] = value;
        if (more !== undefined && more !== null) made['_' + property] = more;
      }
    }
    return made;
  };
  json.set(root, { data: data(root), more: undefined, index: null });
  return { root, json, nodes: new WeakMap() };
}

/** The node that stands behind what the engine found; undefined: a value that it computed. */
function nodeOf(found: Found, of: View): Node | undefined {
  const known = of.nodes.get(found);
  if (known !== undefined) return known;
  if (found.parentResNode === null || found.parentResNode === undefined) return of.root;
  const parent = nodeOf(found.parentResNode, of);
  if (parent === undefined) return undefined;
  // By the name of the element alone: what is asked for as `valueQuantity` is not found.
  const [first, ...others] = parent.children.filter(child => child.place.name === found.propName);
  return [first, ...others.filter(child => child.place === first?.place)][found.index ?? 0];
}

const isFound = (value: unknown): value is Found => typeof value === 'object' && value !== null && 'parentResNode' in value;

/** What the engine is to go on with: nodes of the tree below what it has. */
function go(input: readonly unknown[], to: (node: Node) => Iterable<Node>): unknown[] {
  const of = view!;
  const focus = input.find(isFound);
  const met = new Set<Node>();
  for (const one of input) {
    const from = isFound(one) ? nodeOf(one, of) : undefined;
    if (from !== undefined) for (const node of to(from)) met.add(node);
  }
  return [...met].map(node => {
    const { data, more, index } = of.json.get(node)!;
    const type = typeOfNode(node);
    const path = node.type.includes('.') ? node.type : type;
    const made = new (focus!.constructor as unknown as Place)(focus!.ctx, data, focus!, path, more, type, node.place.name, index);
    of.nodes.set(made, node);
    return made;
  });
}

const typeOfNode = (node: Node): string => (node.resource ? node.type : node.place.fhirType);

const systemTypes: Readonly<Record<string, string>> = { string: 'String', boolean: 'Boolean', number: 'Decimal' };

/** `ofType` by R4's own types: the engine does not know those of ids and of some extensions. */
function ofType(input: readonly unknown[], { namespace, name }: { readonly namespace?: string | null; readonly name: string }): unknown[] {
  return input.filter(one => {
    const node = isFound(one) ? nodeOf(one, view!) : undefined;
    if (node === undefined) return systemTypes[typeof one] === name;
    return namespace !== 'System' && typeOfNode(node) === name;
  });
}

const options = {
  traceFn: () => {},
  preciseMath: true,
  resolveInternalTypes: false,
  userInvocationTable: {
    replaceMatches: { fn: replaceMatches, arity: { 2: ['String', 'String'] }, internalStructures: true },
    ofType: { fn: ofType, arity: { 1: ['TypeSpecifier'] }, internalStructures: true },
    children: { fn: (input: readonly unknown[]) => go(input, node => node.children), internalStructures: true },
    descendants: { fn: (input: readonly unknown[]) => go(input, node => [...within(node, true)].slice(1)), internalStructures: true },
    // Focus and all descendants that are so; not those in nested resources.
    nodesByType: {
      fn: (input: readonly unknown[], type: string) => go(input, node => [...within(node)].filter(one => typeOfNode(one) === type)),
      arity: { 1: ['String'] },
      internalStructures: true,
    },
    nodesByName: {
      fn: (input: readonly unknown[], name: string) => go(input, node => [...within(node)].filter(one => one.place.name === name)),
      arity: { 1: ['String'] },
      internalStructures: true,
    },
  },
};

/**
 * A function that finds what an expression means, with the resource as focus: also in nested resources, where the expression leads into them.
 * @param place of the rule, for the message where the expression cannot be worked out: the engine's own may hold a value
 */
export function selector(expression: string, place: string): (root: Node) => Node[] {
  const { fhirpath, model } = load();
  const evaluate = fhirpath.compile(named(expression), model, options);
  return root => {
    const of = (view = viewOf(root));
    let answer: unknown[];
    try {
      answer = evaluate(of.json.get(root)!.data);
    } catch {
      throw new ValueError(place, 'the path cannot be worked out on a resource');
    }
    const found = answer.flatMap(one => {
      const node = isFound(one) ? nodeOf(one, of) : undefined;
      return node === undefined ? [] : [node];
    });
    return [...new Set(found)];
  };
}

const values = {
  ...options,
  resolveInternalTypes: true,
  userInvocationTable: { replaceMatches: options.userInvocationTable.replaceMatches },
};
const compiled = new Map<string, Evaluate>();

/**
 * What an expression makes of one value: a list, dates and numbers as JSON has them.
 * @param type FHIR type of the value
 */
export function evaluate(expression: string, type: string, value: Primitive): unknown[] {
  let made = compiled.get(expression);
  if (made === undefined) {
    if (compiled.size > 10_000) compiled.clear();
    const { fhirpath, model } = load();
    // The engine cannot start from a number: it starts from an extension that has the value.
    made = fhirpath.compile({ base: 'Extension', expression: `value.select(${named(expression)}\n)` }, model, values);
    compiled.set(expression, made);
  }
  // Extensions have no xhtml.
  const property = 'value' + (type === 'xhtml' ? 'String' : type[0]!.toUpperCase() + type.slice(1));
  return made({ [property]: value instanceof Decimal ? value.valueOf() : value });
}
