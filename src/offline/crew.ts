/**
 * Workers, each in a thread of its own; whoever has nothing to do gets the next task.
 * @module
 */
import { Worker } from 'node:worker_threads';
import { pieceBytes } from './pieces.ts';
import { Stop } from './stop.ts';
import type { Answer, Ready, Task } from './worker.ts';

/** Who has no more than a piece's bytes to do gets another task, so that nobody waits for us, or for files that settle on the disk. */
const mostGiven = 32;
function bytesOf(task: Task): number {
  switch (task.kind) {
    case 'survey':
    case 'count':
    case 'rewrite':
    case 'numbers':
    case 'claims':
    case 'leaving':
      return task.piece.to - task.piece.from;
    case 'object':
      return task.input.bytes;
    case 'settle':
      return 0;
    case 'persons':
      // Many at a time: whoever gives them puts tables together meanwhile, and does not look whether somebody waits.
      return pieceBytes / 16;
    case 'join':
      return 2 * pieceBytes;
    default:
      return pieceBytes;
  }
}

/** What a worker makes of a text is gone with the next one: with a quarter of V8's default (96) it is as fast, and two take 100 MB less. */
const youngMegabytes = 24;

export class Crew {
  readonly #workers: readonly Worker[];

  constructor(size: number, ready: Ready) {
    this.#workers = Array.from(
      { length: size },
      () =>
        new Worker(new URL('./worker.ts', import.meta.url), {
          workerData: ready,
          resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
        }),
    );
  }

  /** Has all tasks done by whoever is free, and those that come of answers before the others; answers come in any order. @throws Stop, or what `each` throws */
  all<T extends Task>(tasks: Iterable<T>, each: (answer: Answer<T>, task: T) => readonly T[]): Promise<void> {
    const more: T[] = [];
    const left = tasks[Symbol.iterator]();
    return this.#work(
      () => more.shift() ?? left.next().value,
      (answer, task) => void more.push(...each(answer as Answer<T>, task)),
    );
  }

  /** Tells every worker. */
  async tell(task: Extract<Task, { kind: 'people' | 'plan' | 'binaries' }>): Promise<void> {
    const told = new Set<Worker>();
    await this.#work(
      worker => {
        if (told.has(worker)) return undefined;
        told.add(worker);
        return task;
      },
      () => {},
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }

  #work<T extends Task>(next: (worker: Worker) => T | undefined, each: (answer: Answer<T>, task: T) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let number = 0;
      const busy = this.#workers.map(worker => {
        const given = new Map<number, T>();
        let bytes = 0;
        /** @returns whether there was a task for this worker, and room for it */
        const give = (): boolean => {
          if (bytes > pieceBytes || given.size >= mostGiven) return false;
          const task = next(worker);
          if (task === undefined) return false;
          given.set(number, task);
          bytes += bytesOf(task);
          worker.postMessage({ number: number++, task });
          return true;
        };
        const take = (message: { readonly number: number } & ({ readonly done: Answer<T> } | { readonly failed: string })): void => {
          const task = given.get(message.number)!;
          given.delete(message.number);
          bytes -= bytesOf(task);
          try {
            // A file of DICOM is called by a patient's number.
            const at = 'input' in task && task.kind !== 'object' ? ` at ${task.input.name}` : '';
            if ('failed' in message) throw new Stop(`A worker failed${at}: ${message.failed}.`);
            each(message.done, task);
            giveAll();
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
        return { given, bytes: () => bytes, give, leave: () => worker.off('message', take).off('error', broke).off('exit', broke) };
      });
      const stop = (error?: unknown): void => {
        for (const { leave } of busy) leave();
        if (error === undefined) resolve();
        else reject(error);
      };
      // What came of one's answer may be for another who had nothing to do.
      const giveAll = (): void => {
        // One at a time to whoever has the least to do: who has nothing comes before who has something.
        while (busy.toSorted((a, b) => a.bytes() - b.bytes() || a.given.size - b.given.size).some(({ give }) => give()));
        if (busy.every(({ given }) => given.size === 0)) stop();
      };
      giveAll();
    });
  }
}
