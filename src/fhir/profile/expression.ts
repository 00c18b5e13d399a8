/**
 * Invariants of profiles: FHIRPath that somebody sent, read once, held small, and evaluated under the deadline of whoever asks (model/deadline.ts).
 * R4: https://hl7.org/fhir/R4/conformance-rules.html#constraints, https://hl7.org/fhir/R4/fhirpath.html
 * @module
 */
import { createRequire } from 'node:module';
import { Decimal } from '../model/json.ts';
import type { Json } from '../model/r4.ts';

type Evaluate = (data: unknown, environment: Record<string, unknown>) => unknown[];
interface Parsed {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly Parsed[];
}
interface Engine {
  parse(expression: string): Parsed;
  compile(expression: { base: string; expression: string }, model: unknown, options: unknown): Evaluate;
}

let engine: { readonly fhirpath: Engine; readonly model: unknown } | undefined;
/** Loaded when the first invariant comes: 60 ms and 30 MB. */
function load() {
  const require = createRequire(import.meta.url);
  engine ??= { fhirpath: require('fhirpath') as Engine, model: require('fhirpath/fhir-context/r4') as unknown };
  return engine;
}

const longest = 4_000;
const mostNodes = 2_000;
const mostLoops = 4;
const mostWalks = 8;

const loops = new Set(['where', 'select', 'all', 'exists', 'repeat', 'aggregate']);
/** What goes through everything below an element. */
const walks = new Set(['repeat', 'descendants']);
const functions = new Set(
  (
    'abs aggregate alias all allFalse allTrue anyFalse anyTrue as ceiling children combine conformsTo contains convertsToBoolean convertsToDate convertsToDateTime convertsToDecimal ' +
    'convertsToInteger convertsToQuantity convertsToString convertsToTime count decode descendants distinct elementDefinition empty encode endsWith escape exclude exists exp extension ' +
    'first floor getValue hasValue highBoundary htmlChecks iif indexOf intersect is isDistinct join last length ln log lowBoundary lower matches matchesFull memberOf not now ofType ' +
    'power precision repeat replace replaceMatches resolve round select single skip slice split sqrt startsWith subsetOf substring subsumedBy subsumes supersetOf tail take timeOfDay ' +
    'toBoolean toChars toDate toDateTime toDecimal toInteger toQuantity toString toTime today trace trim truncate type unescape union upper where xor sum min max avg'
  ).split(' '),
);

/**
 * Why an expression is not taken, or undefined: it can be evaluated. Reading it may take long: call it under a deadline.
 * What it holds down are loops in loops and walks over everything; what still takes long, the deadline stops.
 */
export function refusalOf(expression: string): string | undefined {
  if (expression.length > longest) return `is longer than ${longest} characters`;
  // The parser goes down a level for each of these.
  if ((expression.match(/[([{]/g)?.length ?? 0) > 200) return 'is nested too deeply';
  let tree: Parsed;
  try {
    tree = load().fhirpath.parse(expression);
  } catch {
    return 'is no FHIRPath';
  }
  let nodes = 0;
  let walked = 0;
  let refusal: string | undefined;
  const visit = (node: Parsed, depth: number): void => {
    if (++nodes > mostNodes || refusal !== undefined) return;
    let inside = depth;
    if (node.type === 'Functn') {
      const name = node.children?.[0]?.text ?? '';
      if (!functions.has(name)) refusal = 'calls a function that FHIRPath does not have';
      if (walks.has(name)) walked++;
      if (loops.has(name)) inside++;
    }
    if (inside > mostLoops || walked > mostWalks) refusal = 'would need more work than an invariant may ask for';
    for (const child of node.children ?? []) visit(child, inside);
  };
  visit(tree, 0);
  return nodes > mostNodes ? 'would need more work than an invariant may ask for' : refusal;
}

/** What an evaluation is about. */
export interface Around {
  /** The resource that the element stands in. */
  readonly resource: unknown;
  /** The resource around that one, if it is contained. */
  readonly rootResource: unknown;
  /** The resource a literal reference leads to, contained or in the Bundle around; nothing is fetched. */
  readonly resolve: (reference: string) => unknown;
}

let around: Around | undefined;

/** `resolve()` of references, as far as their targets are at hand. */
const resolve = (inputs: readonly unknown[]): unknown[] =>
  inputs.flatMap(input => {
    const value = (input as { data?: unknown }).data ?? input;
    const literal = typeof value === 'string' ? value : (value as Json | null)?.['reference'];
    const target = typeof literal === 'string' ? around?.resolve(literal) : undefined;
    return target === undefined ? [] : [target];
  });

const options = { traceFn: () => {}, userInvocationTable: { resolve: { fn: resolve, arity: { 0: [] } } } };

const compiled = new Map<string, Evaluate | undefined>();

/**
 * What an invariant says of an element: true, false, or undefined: nothing (an empty answer, or the engine cannot work it out).
 * @param base path or type of the element
 */
export function evaluate(expression: string, base: string, element: unknown, environment: Around): boolean | undefined {
  const key = `${base} ${expression}`;
  if (!compiled.has(key)) {
    if (compiled.size > 20_000) compiled.clear();
    const { fhirpath, model } = load();
    let made: Evaluate | undefined;
    try {
      if (refusalOf(expression) === undefined) made = fhirpath.compile({ base, expression }, model, options);
    } catch {
      // Not to be read: it says nothing.
    }
    compiled.set(key, made);
  }
  try {
    around = environment;
    const [answer] = compiled.get(key)?.(element, { resource: environment.resource, rootResource: environment.rootResource }) ?? [];
    return typeof answer === 'boolean' ? answer : answer === undefined ? undefined : true;
  } catch {
    return undefined;
  }
}

/** The same value with plain numbers in the place of Decimals; itself where there are none. */
export function plain(value: unknown): unknown {
  if (value instanceof Decimal) return value.valueOf();
  if (Array.isArray(value)) {
    const list = value.map(plain);
    return list.some((one, i) => one !== value[i]) ? list : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  let copy: Json | undefined;
  for (const [key, one] of Object.entries(value)) {
    const made = plain(one);
    if (made !== one) (copy ??= { ...(value as Json) })[key] = made;
  }
  return copy ?? value;
}
