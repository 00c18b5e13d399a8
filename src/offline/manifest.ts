/**
 * What is done of a work on files, so that a cut one goes on: `DIR/.noren-deidentify/manifest.ndjson`, gone at the end.
 * Its first line says what the work is, each other one that a file is done. Names and contents of inputs stand in it as keyed hashes alone.
 * @module
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SeriesKeys } from '../deid/keys.ts';
import type { Input } from './inputs.ts';
import { Stop } from './stop.ts';
import type { Tallies } from './treatment.ts';

/** What must be the same for the work to go on. */
export interface Work {
  /** SHA-256 of the policy, hex. */
  readonly policy: string;
  /** A keyed check of the keys. */
  readonly keys: string;
  /** Keyed hash of everything else that decides what is written. */
  readonly settings: string;
  /** Milliseconds: the day of the release, also of the part that is done later. */
  readonly now: number;
}

export interface Done {
  /** Keyed hash of its name and content. */
  readonly input: string;
  /** The same of all inputs, which tell who is who; empty where each file stands for itself. */
  readonly inputs: string;
  /** Below DIR. */
  readonly file: string;
  /** Of the input. */
  readonly bytes: number;
  readonly bad: number;
  readonly tallies: Pick<Tallies, 'read' | 'left' | 'measures'>;
  /** Of a DICOM object: why it does not leave. */
  readonly withheld?: string;
}

const folder = '.noren-deidentify';

export class Manifest {
  /** Where files stand until they are whole. */
  readonly work: string;
  readonly #file: string;
  readonly #done = new Map<string, Done>();

  private constructor(out: string) {
    this.work = path.join(out, folder);
    this.#file = path.join(this.work, 'manifest.ndjson');
  }

  /**
   * @param resume goes on with a work that was cut, if there is one
   * @returns also when the work began @throws Stop
   */
  static open(out: string, given: Work, resume: boolean): { manifest: Manifest; now: number } {
    const manifest = new Manifest(out);
    const begun = resume && existsSync(manifest.#file) ? readFileSync(manifest.#file, 'utf8').split('\n') : [];
    // The last line may be cut.
    const [head, ...rest] = begun.slice(0, -1);
    let there: string[] = [];
    try {
      there = readdirSync(out);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new Stop(`${out} cannot be used as a directory.`);
    }
    if (head === undefined) {
      // Of a work that was cut before its first line was whole nothing is there.
      if (there.some(name => !(resume && name === folder)))
        throw new Stop(
          `${out} is not empty${resume ? ', and holds no work that was cut' : '; --out names a new directory, --resume goes on with a work that was cut'}.`,
        );
      mkdirSync(manifest.work, { recursive: true, mode: 0o700 });
      writeFileSync(manifest.#file, JSON.stringify(given) + '\n', { mode: 0o600 });
      return { manifest, now: given.now };
    }
    const before = JSON.parse(head) as Work;
    if (before.policy !== given.policy) throw new Stop(`The work in ${out} was begun under another policy.`);
    if (before.keys !== given.keys) throw new Stop(`The work in ${out} was begun with other keys.`);
    if (before.settings !== given.settings) throw new Stop(`The work in ${out} was begun with other flags or inputs.`);
    for (const line of rest) {
      const done = JSON.parse(line) as Done;
      manifest.#done.set(done.file, done);
    }
    // What stood there was not whole, and a cut last line would spoil the next.
    for (const name of readdirSync(manifest.work))
      if (name !== path.basename(manifest.#file)) rmSync(path.join(manifest.work, name), { recursive: true });
    const next = `${manifest.#file}.next`;
    writeFileSync(next, [head, ...rest, ''].join('\n'), { mode: 0o600 });
    renameSync(next, manifest.#file);
    return { manifest, now: before.now };
  }

  /** Whether a file was done; whether it is the same is asked by `isDone`. */
  has(file: string): boolean {
    return this.#done.has(file);
  }

  /** @param input keyed hash of its name and content, as it is now @param inputs of all @throws Stop if it was another one, or others, when it was done */
  isDone(file: string, input: string, inputs: string): Done | undefined {
    const done = this.#done.get(file);
    if (done !== undefined && done.input !== input) throw new Stop(`The input of ${file} has changed since it was done.`);
    if (done !== undefined && done.inputs !== inputs)
      throw new Stop('Inputs have changed since the work began: what is done would not fit to what is not. Name another --out.');
    return done;
  }

  done(done: Done): void {
    appendFileSync(this.#file, JSON.stringify(done) + '\n');
  }

  /** The work is whole. */
  end(): void {
    rmSync(this.work, { recursive: true });
  }

  /** Nothing was written: the directory is as if it had never been asked for. */
  drop(out: string): void {
    this.end();
    if (readdirSync(out).length === 0) rmSync(out, { recursive: true });
  }
}

/** @param hash of its content */
export const markOf = (keys: SeriesKeys, { name }: Input, hash: string): string => keys.hash(`file|${name}|${hash}`);
