/**
 * A worker: does one task after the other, each about one piece of one file, and tells what came of it. It knows the keys and no other worker.
 * @module
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { survey as surveyOf } from '../deid/dataset/index.ts';
import type { SurveyJson } from '../deid/dataset/survey.ts';
import { countAll, type Left } from '../release/peculiar.ts';
import { type BinariesAnswer, type BinariesTask, lookForBinaries } from './binaries.ts';
import type { Input } from './inputs.ts';
import { Names, type Shared } from './names.ts';
import { type ObjectDone, type ObjectTask, rewriteObject } from './objects.ts';
import { writeWhole } from './out.ts';
import type { Person } from './people.ts';
import { type Piece, reading, textsOf } from './pieces.ts';
import { type Plan, planned } from './plan.ts';
import { rootOf } from './resources.ts';
import { Runs, together } from './runs.ts';
import { type Bad, reasonOf, Stop } from './stop.ts';
import { type Survey, survey } from './survey.ts';
import { Tallies, type Treatment } from './treatment.ts';

/** Where a file goes. */
export interface Target {
  /** Its own name and the one until it is whole. */
  readonly file: string;
  readonly meanwhile: string;
}

export type Task =
  | BinariesTask
  | ObjectTask
  | { readonly kind: 'survey'; readonly input: Input; readonly piece: Piece }
  /** The count of a data set, for policies that look at it as a whole. */
  | { readonly kind: 'count'; readonly input: Input; readonly piece: Piece }
  | { readonly kind: 'plan'; readonly json: unknown }
  | { readonly kind: 'people'; readonly persons: readonly Person[]; readonly names: Shared }
  /** `whole`: the piece is the whole file. */
  | {
      readonly kind: 'rewrite';
      readonly input: Input;
      readonly piece: Piece;
      readonly whole: boolean;
      readonly target: Target;
      readonly skipBad: boolean;
    }
  | { readonly kind: 'join'; readonly input: Input; readonly runs: readonly string[]; readonly target: Target };

export interface Rewritten {
  readonly bad: readonly Bad[];
  readonly tallies: Pick<Tallies, 'read' | 'left' | 'measures'>;
  /** What was laid aside, to be joined. */
  readonly runs: readonly string[];
  /** The file is written, or nothing of it leaves. */
  readonly done: boolean;
}

export type Answer<T extends Task> = T extends { kind: 'survey' }
  ? Survey
  : T extends { kind: 'count' }
    ? SurveyJson
    : T extends { kind: 'rewrite' }
      ? Rewritten
      : T extends { kind: 'claims' | 'leaving' }
        ? BinariesAnswer
        : T extends ObjectTask
          ? ObjectDone
          : null;

const plan = planned(workerData as Plan);
let treatment: Treatment | undefined;

async function rewrite({ input, piece, whole, target, skipBad }: Extract<Task, { kind: 'rewrite' }>): Promise<Rewritten> {
  const how = (treatment ??= plan.treatment([], new Names('too-many')));
  const tallies = new Tallies();
  const bad: Bad[] = [];
  const runs = new Runs(`${target.meanwhile}.${piece.number}`, how.keepsOrder);
  try {
    for await (const texts of textsOf(input, piece, reading())) {
      for (const { line, bytes } of texts) {
        try {
          const made = how.resource(rootOf(bytes), { file: input.name, piece: piece.number, line }, tallies);
          if (made !== undefined) runs.add(made);
        } catch (error) {
          bad.push({ file: input.name, ...(line === 0 ? {} : { line }), reason: reasonOf(error) });
        }
      }
    }
  } catch (error) {
    bad.push({ file: input.name, reason: reasonOf(error) });
  }
  if (bad.length > 0 && !skipBad) return { bad, tallies, runs: [], done: false };
  const atOnce = whole && runs.files.length === 0;
  if (!atOnce) runs.layAside();
  else {
    const lines = [...runs.rest()];
    // Of a .json file the one text, without the line break behind it; where nothing leaves there is no such file.
    if (input.lines || lines.length > 0)
      await writeWhole(target.file, target.meanwhile, input.lines ? lines : lines.slice(0, 1), plan.now, input.gz);
  }
  return { bad, tallies, runs: runs.files, done: atOnce };
}

/** Resources that are held until they are counted, each person's together. */
const mostHeld = 50_000;

/** Texts that cannot be read were told of before. */
async function count({ input, piece }: Extract<Task, { kind: 'count' }>): Promise<SurveyJson> {
  const set = surveyOf(plan.compiled!.policy.dataSet!);
  let held: Left[] = [];
  try {
    for await (const texts of textsOf(input, piece, reading())) {
      for (const { line, bytes } of texts) {
        try {
          held.push(...treatment!.dataSet!.leaving(rootOf(bytes), { file: input.name, piece: piece.number, line }));
        } catch {
          // When it is written it is told of again, or skipped.
        }
      }
      if (held.length >= mostHeld) countAll(set, held.splice(0));
    }
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  countAll(set, held);
  held = [];
  return set.toJSON();
}

async function answer(task: Task): Promise<Survey | SurveyJson | Rewritten | BinariesAnswer | ObjectDone | null> {
  if (task.kind === 'claims' || task.kind === 'leaving') {
    const { known, leaving } = treatment!.binaries!;
    return await lookForBinaries(task, known, leaving, plan.base);
  }
  if (task.kind === 'object') return await rewriteObject(task, treatment!.object!, plan.now);
  if (task.kind === 'count') return await count(task);
  if (task.kind === 'survey') return await survey(task.input, task.piece, plan);
  if (task.kind === 'rewrite') return await rewrite(task);
  if (task.kind === 'people') treatment = plan.treatment(task.persons, new Names(task.names));
  else if (task.kind === 'plan') treatment!.dataSet!.plan(task.json);
  else if (task.kind === 'binaries') treatment!.binaries!.known.know(task.known);
  else {
    await writeWhole(task.target.file, task.target.meanwhile, together(task.runs, plan.keepsOrder), plan.now, task.input.gz);
    for (const run of task.runs) rmSync(run);
  }
  return null;
}

let last: Promise<void> = Promise.resolve();
parentPort!.on('message', (task: Task) => {
  last = last.then(async () => {
    try {
      parentPort!.postMessage({ done: await answer(task) });
    } catch (error) {
      // A full disk, a bug: the stack tells where, the message might tell of whom.
      const { name, stack, code } = error as NodeJS.ErrnoException;
      const where = (stack ?? '')
        .split('\n')
        .filter(line => /^\s+at /.test(line))
        .slice(0, 3)
        .map(line => line.trim().replace(path.sep + 'src' + path.sep, '/src/'));
      parentPort!.postMessage({ failed: code ?? `${name} ${where.join(' ')}` });
    }
  });
});
