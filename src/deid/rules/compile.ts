/**
 * A configuration made ready, and applied to one root resource: by walk where the paths of its rules are static, by tree where they are not.
 * @module
 */
import { withDeadline } from '../../fhir/model/deadline.ts';
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { automaton, NeedsTree } from './automaton.ts';
import type { RulesConfiguration } from './configuration.ts';
import { ProcessingError } from './errors.ts';
import { load } from './fhirpath.ts';
import { inOrder } from './in-order.ts';
import { withheld } from './labels.ts';
import { isFor } from './path.ts';
import { typeOf } from './places.ts';
import { type Means, meansOf, type Operations, type RulesContext, Run } from './run.ts';
import { unknownMethod } from './unknown.ts';
import { type Program, walker } from './walk.ts';

export interface Applied {
  /** Of the same type. What went may stand in it as undefined, which JSON does not write. */
  readonly resource: AnyResource;
  /** How many elements each operation treated, nested resources included. */
  readonly operations: Operations;
  /** True: an expression failed, and the resource is an empty one (`"processingErrors": "skip"`). */
  readonly skipped: boolean;
}

/** @throws what `applyRules` throws */
type Evaluator = (read: () => AnyResource, means: Means) => Pick<Applied, 'resource' | 'operations'>;

export interface CompiledRules {
  readonly configuration: RulesConfiguration;
  /** @internal */
  readonly walk: Evaluator;
  /** @internal */
  readonly tree: Evaluator;
  readonly means: WeakMap<RulesContext, Means>;
}

/** Longest time for one root resource whose rules ask FHIRPath, milliseconds. */
const deadlineMs = 30_000;

export function compileRules(configuration: RulesConfiguration): CompiledRules {
  const { rules, parameters } = configuration;
  const byTree = inOrder(configuration);
  const programs = new Map<string, Program>();
  const tree: Program = { kind: 'tree', apply: byTree };
  const programOf = (type: string): Program => {
    let program = programs.get(type);
    if (program === undefined) {
      const numbers = rules.flatMap((rule, number) => (isFor(rule.path.type, type) ? [number] : []));
      for (const number of numbers) unknownMethod(rules[number]!);
      const isStatic = numbers.every(number => rules[number]!.path.root || rules[number]!.path.steps !== undefined);
      program = isStatic ? { kind: 'walk', automaton: automaton(type, rules, numbers, parameters) } : tree;
      programs.set(type, program);
    }
    return program;
  };
  const asks = rules.some(
    ({ path, method }) => (!path.root && path.steps === undefined) || method.name === 'generalize' || method.name === 'substitute',
  );
  const timed = <T>(work: () => T): T => {
    if (!asks) return work();
    load();
    return withDeadline(deadlineMs, work);
  };
  const walk = walker(programOf, rules);
  /** Types whose walk had to be given up: the next one goes by tree at once. */
  const given = new Set<string>();
  const treat = (how: (resource: AnyResource, run: Run) => Json, resource: AnyResource, means: Means) => {
    const run = new Run(means);
    return { resource: how(resource, run) as AnyResource, operations: run.operations };
  };
  return {
    configuration,
    walk: (read, means) =>
      timed(() => {
        const resource = read();
        const { resourceType } = resource;
        if (given.has(resourceType) || programs.get(resourceType) === tree) return treat(byTree, resource, means);
        try {
          return treat(walk, resource, means);
        } catch (error) {
          // What else went wrong may not be what the rules in their order meet first: the tree says it.
          if (error instanceof NeedsTree && !error.onlyThis) given.add(resourceType);
          return treat(byTree, read(), means);
        }
      }),
    tree: (read, means) => timed(() => treat(byTree, read(), means)),
    means: new WeakMap(),
  };
}

/**
 * @param read gives the resource, each time a new one: the walk uses it up, and asks for another where the treatment has to begin again @param evaluator `tree` asks FHIRPath for every path and is the measure of the other
 * @throws PolicyError, RuleNotApplicable where the configuration cannot treat the resource; InputError where it is none of R4; ProcessingError (unless skipped); ValueError; Problem `too-costly`
 */
export function applyRules(
  compiled: CompiledRules,
  read: () => AnyResource,
  context: RulesContext,
  evaluator: 'walk' | 'tree' = 'walk',
): Applied {
  let means = compiled.means.get(context);
  if (means === undefined) compiled.means.set(context, (means = meansOf(compiled.configuration.parameters, context)));
  let type = '';
  const readOne = (): AnyResource => {
    const resource = read();
    ({ type } = typeOf(resource));
    return resource;
  };
  try {
    return { ...compiled[evaluator](readOne, means), skipped: false };
  } catch (error) {
    if (!(error instanceof ProcessingError) || compiled.configuration.processingErrors !== 'skip') throw error;
    return { resource: withheld(type), operations: { ...new Run(means).operations, redact: 1 }, skipped: true };
  }
}
