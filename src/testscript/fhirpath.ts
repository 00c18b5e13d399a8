/**
 * FHIRPath over the body of a message, in a thread of its own that has a longest time for each expression and a largest memory.
 * FHIRPath: https://hl7.org/fhirpath/N1/, R4: https://hl7.org/fhir/R4/fhirpath.html
 * @module
 */
import { Worker } from 'node:worker_threads';
import { Fault, said } from './fault.ts';
import { textOf } from './message.ts';

/** What an expression found: primitives as they are, anything else as objects. */
export type Found = readonly unknown[];

export interface FhirPath {
  /** @throws Fault when the expression is none, or takes too long */
  evaluate(json: unknown, expression: string): Promise<Found>;
  close(): Promise<void>;
}

const longestExpression = 20_000;
const memoryMb = 512;
/** Until the thread has loaded the package. */
const startMs = 60_000;

type Answer = { readonly ready?: true; readonly id?: number; readonly found?: string; readonly error?: string };

export function openFhirPath(timeoutMs: number): FhirPath {
  let worker: Worker | undefined;
  let asked = 0;
  /** One expression after the other, so that the time of each is its own. */
  let queue: Promise<unknown> = Promise.resolve();

  /** The next answer of the thread that `wanted` takes. @throws Fault when there is none in time, and the thread is ended then */
  const answer = (thread: Worker, ms: number, wanted: (a: Answer) => boolean): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const done = (act: () => void) => {
        clearTimeout(timer);
        thread.off('message', onMessage).off('error', onError);
        act();
      };
      const end = (sentence: string) =>
        done(() => {
          worker = undefined;
          void thread.terminate();
          reject(new Fault(sentence));
        });
      const onMessage = (message: Answer) => {
        if (wanted(message)) done(() => resolve(message));
      };
      const onError = () => end('A FHIRPath expression needs more memory than it may have.');
      const timer = setTimeout(() => end(`A FHIRPath expression takes longer than ${timeoutMs / 1000} seconds.`), ms);
      thread.on('message', onMessage).on('error', onError);
    });

  async function thread(): Promise<Worker> {
    if (worker !== undefined) return worker;
    const started = new Worker(new URL('./fhirpath-worker.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    started.unref();
    worker = started;
    await answer(started, startMs, a => a.ready === true);
    return started;
  }

  async function one(json: unknown, expression: string): Promise<Found> {
    if (expression.length > longestExpression) throw new Fault('A FHIRPath expression is too long.');
    const to = await thread();
    const id = ++asked;
    to.postMessage({ id, json: JSON.stringify(json), expression });
    const { found, error } = await answer(to, timeoutMs, a => a.id === id);
    if (found === undefined) throw new Fault(`The FHIRPath expression cannot be evaluated: ${said(error ?? 'no reason given')}`);
    return JSON.parse(found) as unknown[];
  }

  return {
    evaluate(json, expression) {
      const mine = queue.then(() => one(json, expression));
      queue = mine.catch(() => {});
      return mine;
    },
    async close() {
      await queue;
      await worker?.terminate();
    },
  };
}

/**
 * Whether what an expression found means true: `true`, or something that is no boolean; so an expression that only selects holds when it finds something.
 * @throws Fault for several booleans
 */
export function isTrue(found: Found): boolean {
  if (found.length > 1 && found.some(value => typeof value === 'boolean'))
    throw new Fault('The FHIRPath expression gives several values where true or false is asked for.');
  return found.length > 0 && found[0] !== false;
}

/** Values as texts; an object as its JSON. */
export const texts = (found: Found): string[] => found.map(value => textOf(value) ?? JSON.stringify(value));
