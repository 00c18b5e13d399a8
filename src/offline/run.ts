/**
 * The whole work: all files are surveyed, persons are put together, then each file is written anew; workers do it, here it is told whose turn it is.
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type DataSetOptions, type Ready, type Report, reported, survey as surveyOf } from '../deid/dataset/index.ts';
import type { SurveyJson } from '../deid/dataset/survey.ts';
import { operations } from '../deid/rules/run.ts';
import { allKnown, nothingKnown } from '../deid/text/index.ts';
import { planMark, provenance } from '../release/provenance.ts';
import type { PieceSeen, Seen } from './again.ts';
import { Crew } from './crew.ts';
import { wordsOf } from './file-names.ts';
import { type GivenObjects, giveObjects } from './give-objects.ts';
import type { Input, Inputs } from './inputs.ts';
import { keysUnder } from './keys.ts';
import { type Laid, once } from './known.ts';
import { Manifest, markOf } from './manifest.ts';
import { NamesMet } from './names.ts';
import { AllAsked } from './numbers.ts';
import { dicomOf } from './objects.ts';
import { flushDirectory, settle, writeAt } from './out.ts';
import { Gathering, type Records } from './people.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { type Plan, planned } from './plan.ts';
import { AllRuns } from './runs.ts';
import { settleBinaries } from './settle-binaries.ts';
import { settlePeople } from './settle-people.ts';
import { type Bad, Stop } from './stop.ts';
import { fingerprintsOf, Table } from './table.ts';
import { Tallies } from './treatment.ts';
import type { Rewritten, Target, Task, Surveyed as Told } from './worker.ts';

export interface Request {
  readonly plan: Plan;
  readonly policy: { readonly name: string; readonly version: string; readonly hash: string };
  readonly inputs: Inputs;
  readonly out: string;
  readonly workers: number;
  readonly resume: boolean;
  /** Files get pseudonyms for names. */
  readonly rename: boolean;
  /** Bad lines and files are counted and left out. */
  readonly skipBad: boolean;
}

export interface Watching {
  /** Bytes of the input that went through, of all that have to: twice the input, and more where another pass is needed, which may be known only on the way. */
  readonly at: (bytes: number, of: number) => void;
  readonly bad: (bad: Bad) => void;
  /** A file is whole and noted down. */
  readonly fileDone: () => void;
}

export interface Summary {
  readonly policy: Request['policy'];
  readonly files: { readonly read: number; readonly written: number; readonly passedOver: number; readonly renamed: number };
  readonly objects: GivenObjects;
  readonly bad: number;
  readonly persons: number;
  readonly tallies: Pick<Tallies, 'read' | 'left' | 'measures'>;
  /** Names of the counts, in their order. */
  readonly counters: readonly string[];
  /** Of a policy that looks at the data set as a whole: for the operator alone. */
  readonly dataSet?: Report;
}

type Rewrite = Extract<Task, { kind: 'rewrite' | 'join' | 'settle' }>;

/** How far the survey of a file is. */
interface Surveyed {
  readonly pieces: Seen[];
  /** Lines of each piece. */
  readonly lines: number[];
}

/** @throws Stop; bad lines, unless they are skipped, are told to `watching` before */
export async function deidentifyFiles(request: Request, watching: Watching): Promise<Summary> {
  const { inputs, objects, passedOver } = request.inputs;
  if (!request.rename && inputs.some(({ name }) => name === evidence))
    throw new Stop(`An input is called ${evidence}, as the evidence of the output is.`);
  const { policy } = request.plan;
  const keys = keysUnder(request.plan.secret, typeof policy === 'string' ? request.policy : policy, request.plan.link);
  const { manifest, now } = Manifest.open(
    request.out,
    {
      policy: request.policy.hash,
      keys: keys.hash(`check|${keys.link?.('check') ?? ''}`),
      settings: keys.hash(
        JSON.stringify([
          request.plan.base,
          request.plan.timeZone,
          request.rename,
          request.skipBad,
          inputs.concat(objects).map(one => [one.name, one.folder]),
        ]),
      ),
      now: request.plan.now,
    },
    request.resume,
  );
  const plan = { ...request.plan, now };
  const words = new Table(2);
  for (const input of inputs) addTo(words, wordsOf(input));
  // They start while the policy is compiled here too.
  const crew = new Crew(request.workers, { plan, words: words.shared, shelf: { folder: manifest.work, key: randomBytes(32) } });
  try {
    const { series } = planned(plan);
    const compiled = series?.compiled;
    const binaries = compiled?.types.has('Binary') === true;
    const dicom = compiled === undefined ? undefined : dicomOf(compiled.policy);
    const bytesOf = (some: readonly Input[]): number => some.reduce((sum, input) => sum + input.bytes, 0);
    const passes = 2 + (compiled?.dataSet === undefined ? 0 : 1) + (binaries ? 1 : 0);
    let whole = passes * bytesOf(inputs) + (dicom === undefined ? 0 : bytesOf(objects));
    let through = 0;
    const went = ({ bytes }: Input, { from, to }: Piece = { number: 0, from: 0, to: bytes }): void =>
      watching.at((through += to - from), whole);
    // First pass.
    const surveyed = new Map(inputs.map((input): [Input, Surveyed] => [input, { pieces: [], lines: [] }]));
    const records: Records[][] = [];
    const laid: (readonly Laid[])[][] = [];
    let registry = nothingKnown;
    const order = new Map(inputs.map((input, i) => [input, i]));
    let lastDays = new Table(3);
    const names = new NamesMet();
    let asked = new AllAsked();
    const found: [Input, Piece, readonly Bad[]][] = [];
    const telling = new Set<Input>();
    const told = new Set<string>();
    // Nobody is left with a long file when the others are done, and it is on the disk by the time the short ones are.
    const largestFirst = inputs.toSorted((a, b) => b.bytes - a.bytes);
    const surveys = function* () {
      for (const input of largestFirst) for (const piece of piecesOf(input)) yield { kind: 'survey', input, piece } as const;
    };
    await crew.all(surveys(), (answer, { input, piece }) => {
      const got = answer as Told;
      const of = surveyed.get(input)!;
      of.pieces[piece.number] = { hash: got.hash, ...(got.notes === undefined ? {} : { notes: got.notes }) };
      of.lines[piece.number] = got.lines;
      if (got.patients.facts.length > 0) (records[order.get(input)!] ??= [])[piece.number] = got.patients;
      if (got.laid !== undefined) (laid[order.get(input)!] ??= [])[piece.number] = got.laid;
      if (got.registered !== undefined) registry = once(allKnown([registry, got.registered]));
      for (const [i, day] of got.days.entries()) {
        const [a, b] = [got.dated[i * 2]!, got.dated[i * 2 + 1]!];
        if (!((lastDays.number(a, b) ?? Number.NEGATIVE_INFINITY) >= day)) lastDays.put(a, b, day);
      }
      names.add(got.names);
      asked.add(got.asked);
      if (got.bad.length > 0) found.push([input, piece, got.bad]);
      if (got.tells) telling.add(input);
      for (const word of got.words) told.add(word);
      went(input, piece);
      return [];
    });
    const inFile = (input: Input, piece: Piece, bad: Bad): Bad =>
      bad.line === undefined || piece.number === 0
        ? bad
        : {
            ...bad,
            line: surveyed
              .get(input)!
              .lines.slice(0, piece.number)
              .reduce((sum, lines) => sum + lines, bad.line),
          };
    const tell = (input: Input, piece: Piece, bad: readonly Bad[]): void => {
      for (const one of bad) watching.bad(inFile(input, piece, one));
    };
    found.sort(([a, p], [b, q]) => order.get(a)! - order.get(b)! || p.number - q.number);
    for (const [input, piece, bad] of found) tell(input, piece, bad);
    if (found.length > 0 && !request.skipBad) {
      if (!request.resume) manifest.drop(request.out);
      throw new Stop('Nothing was written; --skip-bad leaves out what cannot be read.');
    }
    // Exports call files by patients' names and numbers: those that do get other names.
    for (const input of told.size === 0 ? [] : inputs) if (wordsOf(input).some(word => told.has(word))) telling.add(input);
    const nameOf = (input: Input): string =>
      request.rename || telling.has(input)
        ? `${keys.pseudonym('File', input.name)}${input.lines ? '.ndjson' : '.json'}${input.gz ? '.gz' : ''}`
        : input.name;
    const targets = new Map(
      inputs.map((input, i): [Input, Target] => [
        input,
        { file: path.join(request.out, nameOf(input)), meanwhile: path.join(manifest.work, String(i)) },
      ]),
    );
    const seen = inputs.flatMap(input =>
      piecesOf(input).map((piece): PieceSeen => ({ input, piece, ...surveyed.get(input)!.pieces[piece.number]! })),
    );
    const persons =
      series === undefined
        ? 0
        : await settlePeople(
            crew,
            seen,
            {
              gathering: new Gathering(records.flat(), lastDays),
              ...{ names, asked },
              ...(compiled?.cleans === true ? { known: { laid: laid.flat(2), registry } } : {}),
            },
            () => {
              whole += bytesOf(inputs);
            },
            went,
          );
    // Nobody asks for these any more, but who is told of progress holds them.
    records.length = 0;
    laid.length = 0;
    lastDays = new Table(3, 0);
    asked = new AllAsked();
    if (binaries) await settleBinaries(crew, seen, went);
    const dataSet = compiled?.dataSet;
    let mark: string | undefined;
    let rare: Report | undefined;
    if (dataSet !== undefined) {
      const { json, hash, report } = await planOf(crew, seen, dataSet, went);
      rare = report;
      mark = planMark(hash, { keys });
      await crew.tell({ kind: 'plan', json });
    }

    // Second pass.
    const total = new Tallies();
    let bad = 0;
    let written = 0;
    const marks = new Map(
      inputs.map(input => [
        input,
        markOf(
          keys,
          input,
          createHash('sha256')
            .update(
              surveyed
                .get(input)!
                .pieces.map(({ hash }) => hash)
                .join(),
            )
            .digest('hex'),
        ),
      ]),
    );
    // Who is whose record, and what too few have, is told by all of them.
    const all = compiled === undefined ? '' : keys.hash(`files|${[...marks.values()].join()}`);
    const open = new Map<Input, { left: number; runs: AllRuns; tallies: Tallies; bad: number }>();
    const finish = (input: Input, tallies: Pick<Tallies, 'read' | 'left' | 'measures'>, badOnes: number): [] => {
      manifest.done({ input: marks.get(input)!, inputs: all, file: nameOf(input), bytes: input.bytes, bad: badOnes, tallies });
      total.add(tallies);
      bad += badOnes;
      if (existsSync(targets.get(input)!.file)) written++;
      open.delete(input);
      watching.fileDone();
      return [];
    };
    const rewrites = function* (): Generator<Rewrite> {
      for (const input of largestFirst) {
        const done = manifest.isDone(nameOf(input), marks.get(input)!, all);
        if (done !== undefined) {
          total.add(done.tallies);
          bad += done.bad;
          if (existsSync(targets.get(input)!.file)) written++;
          went(input);
          continue;
        }
        const pieces = piecesOf(input);
        open.set(input, { left: pieces.length, runs: new AllRuns(), tallies: new Tallies(), bad: 0 });
        for (const piece of pieces)
          yield {
            kind: 'rewrite',
            input,
            piece,
            ...surveyed.get(input)!.pieces[piece.number]!,
            whole: pieces.length === 1,
            target: targets.get(input)!,
            skipBad: request.skipBad,
          };
      }
    };
    await crew.all<Rewrite>(rewrites(), (answer, task) => {
      const { input, target } = task;
      const state = open.get(input)!;
      if (task.kind === 'settle') return finish(input, state.tallies, state.bad);
      if (task.kind === 'join') return --state.left > 0 ? [] : [{ kind: 'settle', input, runs: task.runs, target }];
      const got = answer as Rewritten;
      // Those of the survey were told already.
      if (compiled === undefined) tell(input, task.piece, got.bad);
      if (got.bad.length > 0 && !request.skipBad) {
        if (compiled !== undefined) tell(input, task.piece, got.bad);
        throw new Stop(
          'Nothing of that file was written. When it is mended, --resume goes on; --skip-bad leaves out what cannot be treated, in another DIR.',
        );
      }
      state.tallies.add(got.tallies);
      state.bad += got.bad.length;
      state.runs.add(task.piece.number, got.runs);
      went(input, task.piece);
      if (--state.left > 0) return [];
      if (got.done) return finish(input, state.tallies, state.bad);
      const ranges = [...state.runs.ranges()];
      const runs = state.runs.counts;
      // Compressed, it is one stream; of a file of which nothing leaves there is nothing to put in order, and it is empty.
      const joins = input.gz || ranges.length === 0 ? [ranges] : ranges.map(range => [range]);
      state.left = joins.length;
      return joins.map(some => ({ kind: 'join', input, ranges: some, runs, target }));
    });

    const given = await giveObjects(objects, dicom?.measure, {
      ...{ crew, manifest, keys, all, out: request.out, total },
      done: input => {
        went(input);
        watching.fileDone();
      },
    });

    const counters = compiled?.counters ?? operations;
    const applied = {
      policy: { ...request.policy, ...(compiled === undefined ? {} : { label: compiled.policy.label }) },
      hash: request.policy.hash,
      counters,
    };
    const id = keys.pseudonym('Files', String(now));
    const last = provenance(id, keys.pseudonym('Provenance', String(now)), total.measures, { compiled: applied, now }, true, mark);
    const meanwhile = path.join(manifest.work, evidence);
    writeAt(meanwhile, Buffer.from(JSON.stringify(last, undefined, 2) + '\n'), 0);
    await settle(meanwhile, path.join(request.out, evidence), now);
    for (const folder of new Set([request.out, ...[...targets.values()].map(({ file }) => path.dirname(file))]))
      if (existsSync(folder)) flushDirectory(folder);
    manifest.end();
    return {
      policy: request.policy,
      files: { read: inputs.length, written, passedOver, renamed: request.rename ? inputs.length : telling.size },
      objects: given,
      bad,
      persons,
      tallies: total,
      counters,
      ...(rare === undefined ? {} : { dataSet: rare }),
    };
  } finally {
    await crew.end();
  }
}

const evidence = 'provenance.json';

function addTo(table: Table, names: readonly string[]): void {
  const all = fingerprintsOf(names);
  for (let i = 0; i < all.length; i += 2) table.put(all[i]!, all[i + 1]!);
}

/** Counts what would leave, by persons, and decides what is too rare: the count of each piece in their order, so that it is the same with any number of workers. */
async function planOf(
  crew: Crew,
  pieces: readonly PieceSeen[],
  options: DataSetOptions,
  went: (input: Input, piece: Piece) => void,
): Promise<Pick<Ready, 'json' | 'hash'> & { readonly report: Report }> {
  const set = surveyOf(reported(options));
  const tasks = pieces.map(seen => ({ kind: 'count', ...seen }) as const);
  const order = new Map(tasks.map((task, i) => [task, i]));
  const waiting = new Map<number, SurveyJson>();
  let next = 0;
  await crew.all(tasks, (answer, task) => {
    waiting.set(order.get(task)!, answer as SurveyJson);
    for (let one = waiting.get(next); one !== undefined; one = waiting.get(next)) {
      set.merge(one);
      waiting.delete(next++);
    }
    went(task.input, task.piece);
    return [];
  });
  return set.plan();
}
