/**
 * All files of DICOM of an input: each is given to a worker, noted down when it is done, and counted with the reason if it does not leave.
 * @module
 */
import path from 'node:path';
import type { SeriesKeys } from '../deid/keys.ts';
import type { Crew } from './crew.ts';
import type { Input } from './inputs.ts';
import { type Done, type Manifest, markOf } from './manifest.ts';
import { hashOf, notOfPolicy, type ObjectDone, type ObjectTask, objectType } from './objects.ts';
import { Tallies } from './treatment.ts';

export interface GivenObjects {
  readonly read: number;
  readonly written: number;
  /** Reason → how many do not leave for it. */
  readonly withheld: Readonly<Record<string, number>>;
}

interface Parts {
  readonly crew: Crew;
  readonly manifest: Manifest;
  readonly keys: SeriesKeys;
  /** Keyed hash of all texts, by which it is told who is who. */
  readonly all: string;
  /** Directory of the output. */
  readonly out: string;
  /** What is counted here is added to it. */
  readonly total: Tallies;
  readonly done: (input: Input) => void;
}

/** @param measure that an object which leaves is counted under; absent: the policy gives none out */
export async function giveObjects(objects: readonly Input[], measure: string | undefined, parts: Parts): Promise<GivenObjects> {
  const { crew, manifest, keys, all, out, total } = parts;
  const withheld: Record<string, number> = {};
  let written = 0;
  const talliesOf = (reason: string | undefined): Done['tallies'] => ({
    read: { [objectType]: 1 },
    left: reason === undefined ? { [objectType]: 1 } : {},
    measures: { [reason === undefined ? measure! : 'withheld']: 1 },
  });
  const count = (reason: string | undefined): void => {
    total.add(talliesOf(reason));
    if (reason === undefined) written++;
    else Tallies.add(withheld, reason);
  };
  const tasks = function* (): Generator<ObjectTask> {
    for (const [i, input] of objects.entries()) {
      // Names of such files are numbers of patients and UIDs.
      const file = `${keys.pseudonym('File', input.name)}.dcm`;
      const done = manifest.has(file) ? manifest.isDone(file, markOf(keys, input, hashOf(input)), all) : undefined;
      if (done === undefined)
        yield { kind: 'object', input, target: { file: path.join(out, file), meanwhile: path.join(manifest.work, `object-${i}`) } };
      else {
        count(done.withheld);
        parts.done(input);
      }
    }
  };
  if (measure === undefined) for (const _ of objects) count(notOfPolicy);
  else
    await crew.all(tasks(), (answer, { input, target }) => {
      const { hash, withheld: reason } = answer as ObjectDone;
      const file = path.basename(target.file);
      const done: Done = { input: markOf(keys, input, hash), inputs: all, file, bytes: input.bytes, bad: 0, tallies: talliesOf(reason) };
      manifest.done(reason === undefined ? done : { ...done, withheld: reason });
      count(reason);
      parts.done(input);
      return [];
    });
  return { read: objects.length, written, withheld };
}
