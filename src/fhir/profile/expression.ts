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
/** Loads the engine when the first invariant comes: 60 ms and 30 MB. To be called before a deadline runs: half a module is none. */
export function load() {
  const require = createRequire(import.meta.url);
  engine ??= { fhirpath: require('fhirpath') as Engine, model: require('fhirpath/fhir-context/r4') as unknown };
  return engine;
}

const longest = 4_000;
const mostNodes = 2_000;
const mostLoops = 4;
const mostWalks = 8;

const mostGrowing = 4;

const loops = new Set(['where', 'select', 'all', 'exists', 'repeat']);
/** What goes through everything below an element. */
const walks = new Set(['repeat', 'descendants']);
/** What can double a list or a text each time it is called: memory is gone sooner than time. `aggregate` would call it without end, and is not taken. */
const growing = new Set(['combine', 'replace', 'replaceMatches', 'join']);
const functions = new Set(
  (
    'abs alias all allFalse allTrue anyFalse anyTrue as ceiling children combine conformsTo contains convertsToBoolean convertsToDate convertsToDateTime convertsToDecimal ' +
    'convertsToInteger convertsToQuantity convertsToString convertsToTime count decode descendants distinct elementDefinition empty encode endsWith escape exclude exists exp extension ' +
    'first floor getValue hasValue highBoundary htmlChecks iif indexOf intersect is isDistinct join last length ln log lowBoundary lower matches matchesFull memberOf not now ofType ' +
    'power precision repeat replace replaceMatches resolve round select single skip slice split sqrt startsWith subsetOf substring subsumedBy subsumes supersetOf tail take timeOfDay ' +
    'toBoolean toChars toDate toDateTime toDecimal toInteger toQuantity toString toTime today trace trim truncate type unescape union upper where xor sum min max avg'
  ).split(' '),
);

/** What takes time in line with the element that it looks at. */
const linear = new Set(
  (
    'all allFalse allTrue anyFalse anyTrue as contains count empty endsWith exists extension first getValue hasValue iif indexOf is last length lower not now ofType ' +
    'select single startsWith substring tail toBoolean toDate toDateTime toDecimal toInteger toString toTime today trace upper where xor'
  ).split(' '),
);

export interface Judgement {
  /** Why the expression is not taken; absent: it can be evaluated. */
  readonly refusal?: string;
  /** It takes time in line with its element, no more: nobody has to watch it. */
  readonly isLinear: boolean;
}

const refused = (refusal: string): Judgement => ({ refusal, isLinear: false });
const tooMuch = 'would need more work than an invariant may ask for';

/**
 * Whether an expression can be evaluated, and whether it has to be watched. Reading it may take long: call it under a deadline.
 * What it holds down are loops in loops and walks over everything; what still takes long, the deadline stops.
 */
export function judge(expression: string): Judgement {
  if (expression.length > longest) return refused(`is longer than ${longest} characters`);
  // The parser goes down a level for each of these.
  if ((expression.match(/[([{]/g)?.length ?? 0) > 200) return refused('is nested too deeply');
  let tree: Parsed;
  try {
    tree = load().fhirpath.parse(expression);
  } catch {
    return refused('is no FHIRPath');
  }
  let nodes = 0;
  let walked = 0;
  let grown = 0;
  let refusal: string | undefined;
  let isLinear = true;
  const visit = (node: Parsed, depth: number): void => {
    if (++nodes > mostNodes || refusal !== undefined) return;
    let inside = depth;
    if (node.type === 'Functn') {
      const name = node.children?.[0]?.text ?? '';
      if (!functions.has(name)) refusal = 'calls a function that an invariant may not call';
      if (!linear.has(name)) isLinear = false;
      if (walks.has(name)) walked++;
      if (growing.has(name)) grown++;
      if (loops.has(name)) inside++;
    }
    if (inside > mostLoops || walked > mostWalks || grown > mostGrowing) refusal = tooMuch;
    if (inside > 1 || node.type.startsWith('ExternalConstant')) isLinear = false;
    for (const child of node.children ?? []) visit(child, inside);
  };
  visit(tree, 0);
  if (nodes > mostNodes) refusal = tooMuch;
  return refusal === undefined ? { isLinear } : refused(refusal);
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
      if (judge(expression).refusal === undefined) made = fhirpath.compile({ base, expression }, model, options);
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
