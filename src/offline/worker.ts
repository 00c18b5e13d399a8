/**
 * A worker: does one task after the other, each about one piece of one file, and tells what came of it. It knows the keys and no other worker.
 * @module
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { reported, survey as surveyOf } from '../deid/dataset/index.ts';
import type { SurveyJson } from '../deid/dataset/survey.ts';
import { countAll, type Left } from '../release/peculiar.ts';
import { again, type PieceSeen, type Seen } from './again.ts';
import { type BinariesAnswer, type BinariesTask, lookForBinaries } from './binaries.ts';
import type { SharedTexts } from './cleaners.ts';
import type { Input } from './inputs.ts';
import { Names, type Shared } from './names.ts';
import { lookForNumbers, Numbers, type NumbersFound, type NumbersTask, type SharedNumbers } from './numbers.ts';
import { dicomOf, type ObjectDone, type ObjectTask, rewriteObject } from './objects.ts';
import { settle, writeAt, writeCompressed } from './out.ts';
import { type Groups, type SharedPeople, writeRows } from './people.ts';
import type { Piece } from './pieces.ts';
import { type Plan, planned } from './plan.ts';
import { Lines, type Range, type Run, Runs, runFile, together } from './runs.ts';
import { type SharedShelf, Shelf } from './shelf.ts';
import { type Bad, reasonOf, Stop } from './stop.ts';
import { type Survey, survey } from './survey.ts';
import { Table } from './table.ts';
import { Tallies, type Treatment } from './treatment.ts';

/** What a worker is made with. */
export interface Ready {
  readonly plan: Plan;
  /** Words of the names of all files. */
  readonly words: SharedArrayBuffer;
  readonly shelf: SharedShelf;
}

/** Where a file goes. */
export interface Target {
  /** Its own name and the one until it is whole. */
  readonly file: string;
  readonly meanwhile: string;
}

export type Task =
  | BinariesTask
  | NumbersTask
  | ObjectTask
  | { readonly kind: 'survey'; readonly input: Input; readonly piece: Piece }
  | { readonly kind: 'persons'; readonly groups: Groups; readonly rows: SharedArrayBuffer }
  /** The count of a data set, for policies that look at it as a whole. */
  | ({ readonly kind: 'count' } & PieceSeen)
  | { readonly kind: 'plan'; readonly json: unknown }
  | {
      readonly kind: 'people';
      readonly people: SharedPeople;
      readonly names: Shared;
      readonly numbers: SharedNumbers;
      readonly texts?: SharedTexts;
    }
  /** `whole`: the piece is the whole file. */
  | ({ readonly kind: 'rewrite'; readonly whole: boolean; readonly target: Target; readonly skipBad: boolean } & PieceSeen)
  /** Puts some of a file in order; a compressed one all of it. */
  | {
      readonly kind: 'join';
      readonly input: Input;
      readonly ranges: readonly Range[];
      readonly runs: readonly number[];
      readonly target: Target;
    }
  /** `runs`: how many there are of each piece. */
  | { readonly kind: 'settle'; readonly input: Input; readonly runs: readonly number[]; readonly target: Target };

export interface Rewritten {
  readonly bad: readonly Bad[];
  readonly tallies: Pick<Tallies, 'read' | 'left' | 'measures'>;
  /** What was laid aside, to be joined. */
  readonly runs: readonly Run[];
  /** The file is written, or nothing of it leaves. */
  readonly done: boolean;
}

/** The survey as it is told: notes lie on the shelf. */
export type Surveyed = Omit<Survey, 'notes'> & Seen;

export type Answer<T extends Task> = T extends { kind: 'survey' }
  ? Surveyed
  : T extends { kind: 'count' }
    ? SurveyJson
    : T extends { kind: 'rewrite' }
      ? Rewritten
      : T extends { kind: 'claims' | 'leaving' }
        ? BinariesAnswer
        : T extends NumbersTask
          ? NumbersFound
          : T extends ObjectTask
            ? ObjectDone
            : null;

const ready = workerData as Ready;
const plan = planned(ready.plan);
const shelf = new Shelf(ready.shelf, threadId);
const space = [new Lines(), new Lines()] as const;
const compiled = plan.series?.compiled;
const objects = compiled !== undefined && dicomOf(compiled.policy) !== undefined;
let treatment: Treatment | undefined;

async function surveyed({ input, piece }: Extract<Task, { kind: 'survey' }>): Promise<Surveyed> {
  const { notes, ...rest } = await survey(input, piece, { ...plan, compiled, words: new Table(2, ready.words), objects, shelf });
  return { ...rest, ...(notes.length === 0 ? {} : { notes: shelf.lay([new Uint8Array(notes.buffer)]) }) };
}

/** @param later is told what goes on when the next task may begin, and must be over before this one is done */
async function rewrite(task: Extract<Task, { kind: 'rewrite' }>, later: (settled: Promise<void>) => void): Promise<Rewritten> {
  const { input, piece, whole, target, skipBad } = task;
  const how = (treatment ??= plan.treatment());
  const tallies = new Tallies();
  const bad: Bad[] = [];
  const runs = new Runs(target.meanwhile, piece.number, how.keepsOrder, space);
  let made = 0;
  await again(
    task,
    shelf,
    (read, where, only) => {
      const one = how.resource(read, where, tallies, only);
      if (one === undefined) return;
      runs.add(one);
      made++;
    },
    { bad: (error, line) => void bad.push({ file: input.name, ...(line === 0 ? {} : { line }), reason: reasonOf(error) }) },
  );
  if (bad.length > 0 && !skipBad) return { bad, tallies, runs: [], done: false };
  const atOnce = whole && runs.laid.length === 0;
  if (!atOnce) runs.layAside();
  // Of a .json file the one text, without the line break behind it; where nothing leaves there is no such file.
  else if (input.lines || made > 0) {
    const lines = runs.whole();
    const bytes = input.lines ? lines : lines.subarray(0, -1);
    if (input.gz) await writeCompressed(target.meanwhile, [bytes]);
    else writeAt(target.meanwhile, bytes, 0);
    later(settle(target.meanwhile, target.file, plan.now));
  }
  return { bad, tallies, runs: runs.laid, done: atOnce };
}

/** Resources that are held until they are counted, each person's together. */
const mostHeld = 50_000;

async function count(task: Extract<Task, { kind: 'count' }>): Promise<SurveyJson> {
  const set = surveyOf(reported(plan.series!.compiled.dataSet!));
  let held: Left[] = [];
  await again(task, shelf, (read, where, only) => {
    held.push(...treatment!.dataSet!.leaving(read(), where, only));
    if (held.length >= mostHeld) countAll(set, held.splice(0));
  });
  countAll(set, held);
  held = [];
  return set.toJSON();
}

async function join({ input, ranges, runs, target: { meanwhile } }: Extract<Task, { kind: 'join' }>): Promise<void> {
  if (input.gz)
    await writeCompressed(
      meanwhile,
      ranges.values().map(range => Buffer.from(together(range, meanwhile, runs, space))),
    );
  else if (ranges.length === 0) writeAt(meanwhile, Buffer.alloc(0), 0);
  else for (const range of ranges) writeAt(meanwhile, together(range, meanwhile, runs, space), range.at);
}

async function answer(task: Task, later: (settled: Promise<void>) => void): Promise<Answer<Task>> {
  switch (task.kind) {
    case 'survey':
      return await surveyed(task);
    case 'persons':
      writeRows(task.groups, task.rows, plan.series!, shelf);
      return null;
    case 'people':
      treatment = plan.treatment({
        people: task.people,
        shelf,
        names: new Names(task.names),
        numbers: new Numbers(task.numbers),
        ...(task.texts === undefined ? {} : { texts: task.texts }),
      });
      return null;
    case 'numbers':
      return await lookForNumbers(task, shelf, plan.series!);
    case 'claims':
    case 'leaving': {
      const { known, leaving } = treatment!.binaries!;
      return await lookForBinaries(task, shelf, known, leaving, plan.base);
    }
    case 'binaries':
      treatment!.binaries!.known.know(task.known);
      return null;
    case 'object':
      return await rewriteObject(task, treatment!.object!, plan.now);
    case 'count':
      return await count(task);
    case 'plan':
      treatment!.dataSet!.plan(task.json);
      return null;
    case 'rewrite':
      return await rewrite(task, later);
    case 'join':
      await join(task);
      return null;
    case 'settle':
      later(
        settle(task.target.meanwhile, task.target.file, plan.now).then(() => {
          for (const [piece, count] of task.runs.entries())
            for (let run = 0; run < count; run++) rmSync(runFile(task.target.meanwhile, piece, run));
        }),
      );
      return null;
  }
}

/** A full disk, a bug: the stack tells where, the message might tell of whom. */
function failure(error: unknown): string {
  if (error instanceof Stop) return error.message;
  const { name, stack, code } = error as NodeJS.ErrnoException;
  const where = (stack ?? '')
    .split('\n')
    .filter(line => /^\s+at /.test(line))
    .slice(0, 3)
    .map(line => line.trim().replace(path.sep + 'src' + path.sep, '/src/'));
  return code ?? `${name} ${where.join(' ')}`;
}

let last: Promise<void> = Promise.resolve();
parentPort!.on('message', ({ number, task }: { number: number; task: Task }) => {
  last = last.then(async () => {
    const waiting: Promise<void>[] = [];
    const tell = (what: object): void => parentPort!.postMessage({ number, ...what });
    const fail = (error: unknown): void => tell({ failed: failure(error) });
    try {
      const done = await answer(task, settled => void waiting.push(settled));
      if (waiting.length === 0) tell({ done });
      else Promise.all(waiting).then(() => tell({ done }), fail);
    } catch (error) {
      fail(error);
    }
  });
});
