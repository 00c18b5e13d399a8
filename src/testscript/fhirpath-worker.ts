/**
 * The thread that evaluates FHIRPath: an expression or a regular expression that never ends is ended by ending the thread (fhirpath.ts).
 * Nothing of it reaches the network: everything is evaluated at once, without terminology servers and without resolve().
 * FHIRPath: https://hl7.org/fhirpath/N1/
 * @module
 */
import { parentPort } from 'node:worker_threads';
import fhirpath from 'fhirpath';
import model from 'fhirpath/fhir-context/r4';

type Asked = { readonly id: number; readonly json: string; readonly expression: string };

/** JSON of a body and what it was parsed to: asserts ask about the same one again and again. */
let last: { json: string; value: unknown } = { json: '', value: undefined };

function evaluate({ json, expression }: Asked): unknown {
  if (last.json !== json) last = { json, value: JSON.parse(json) };
  // A copy is not needed: evaluation adds hidden type information only.
  const found: unknown = fhirpath.evaluate(last.value as object, expression, {}, model, {
    async: false,
    traceFn: () => {},
  });
  return Array.isArray(found) ? found : [found];
}

parentPort!.on('message', (asked: Asked) => {
  try {
    // As text: what the package returns may be of classes that do not travel between threads.
    parentPort!.postMessage({ id: asked.id, found: JSON.stringify(evaluate(asked)) });
  } catch (error) {
    parentPort!.postMessage({ id: asked.id, error: error instanceof Error ? error.message : String(error) });
  }
});
parentPort!.postMessage({ ready: true });
