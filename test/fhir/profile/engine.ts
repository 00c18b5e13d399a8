/** The FHIRPath engine as the truth that the invariants' functions are held against. */
import { createRequire } from 'node:module';

type Evaluate = (data: unknown, environment: Record<string, unknown>) => unknown[];
const require = createRequire(import.meta.url);
const engine = require('fhirpath') as { compile(expression: { base: string; expression: string }, model: unknown): Evaluate };
const model = require('fhirpath/fhir-context/r4') as unknown;

/** What an expression says of an element: true, false, or undefined: nothing (an empty answer, or the engine cannot work it out). */
export function evaluator(path: string, expression: string): (element: unknown, resource: unknown) => boolean | undefined {
  const evaluate = engine.compile({ base: path, expression: expression.replace(/\.trace\('[^']*'(?:, *id)?\)/g, '') }, model);
  return (element, resource) => {
    try {
      const [answer] = evaluate(structuredClone(element), { resource, rootResource: resource });
      return typeof answer === 'boolean' ? answer : undefined;
    } catch {
      return undefined;
    }
  };
}
