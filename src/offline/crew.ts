/**
 * Workers, each in a thread of its own; whoever has nothing to do gets the next task.
 * @module
 */
import { Worker } from 'node:worker_threads';
import type { Plan } from './plan.ts';
import { Stop } from './stop.ts';
import type { Answer, Task } from './worker.ts';

/** Tasks that a worker is given at a time: while it answers one the next one is there. */
const ahead = 2;

export class Crew {
  readonly #workers: readonly Worker[];

  constructor(size: number, plan: Plan) {
    this.#workers = Array.from({ length: size }, () => new Worker(new URL('./worker.ts', import.meta.url), { workerData: plan }));
  }

  /** Has all tasks done by whoever is free; answers come in any order. @throws Stop, or what `each` throws */
  async all<T extends Task>(tasks: Iterable<T>, each: (answer: Answer<T>, task: T) => readonly T[]): Promise<void> {
    const more: T[] = [];
    const left = tasks[Symbol.iterator]();
    const next = (): T | undefined => more.shift() ?? left.next().value;
    await Promise.all(this.#workers.map(worker => work(worker, next, (answer, task) => void more.push(...each(answer, task)))));
    // What came up when the others had gone.
    if (more.length > 0) await this.all(more.splice(0), each);
  }

  /** Tells every worker. */
  async tell(task: Extract<Task, { kind: 'people' | 'plan' | 'binaries' }>): Promise<void> {
    await Promise.all(
      this.#workers.map(worker => {
        const left: Task[] = [task];
        return work(
          worker,
          () => left.pop(),
          () => {},
        );
      }),
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }
}

function work<T extends Task>(worker: Worker, next: () => T | undefined, each: (answer: Answer<T>, task: T) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const given: T[] = [];
    const stop = (error?: unknown): void => {
      worker.off('message', take).off('error', broke).off('exit', broke);
      if (error === undefined) resolve();
      else reject(error);
    };
    const give = (): void => {
      while (given.length < ahead) {
        const task = next();
        if (task === undefined) break;
        given.push(task);
        worker.postMessage(task);
      }
      if (given.length === 0) stop();
    };
    const take = (message: { readonly done: Answer<T> } | { readonly failed: string }): void => {
      const task = given.shift()!;
      try {
        // A file of DICOM is called by a patient's number.
        const at = 'input' in task && task.kind !== 'object' ? ` at ${task.input.name}` : '';
        if ('failed' in message) throw new Stop(`A worker failed${at}: ${message.failed}.`);
        each(message.done, task);
        give();
      } catch (error) {
        stop(error);
      }
    };
    const broke = (error: unknown): void =>
      stop(
        (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new Stop('A worker has no memory left: NODE_OPTIONS=--max-old-space-size=MB gives more, smaller files need less.')
          : new Stop('A worker has ended.'),
      );
    worker.on('message', take).on('error', broke).on('exit', broke);
    give();
  });
}
