/**
 * `noren generate`: writes two synthetic hospitals as files. The same seed, day and number of patients give the same bytes.
 * @module
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hospitals, institutions, type Request } from '../generate/hospitals.ts';
import { type Command, Refusal } from './command.ts';
import { type Progress, progress } from './progress.ts';

export interface Written {
  readonly patients: number;
  /** Bundles that may be sent, by institution. */
  readonly bundles: Readonly<Record<string, number>>;
  readonly resources: number;
  readonly notices: number;
  /** Bundles under `uncleared/`: without a notice, or with one that is too young. */
  readonly uncleared: number;
  readonly seconds: number;
}

/** truth.json: what only the generator knows. */
export interface Truth {
  readonly seed: string;
  readonly day: string;
  readonly patients: number;
  readonly persons: readonly {
    readonly person: number;
    readonly notice: 'given' | 'young' | 'none';
    /** What the records at both hospitals have in common; absent for who is at one only. */
    readonly shared?: 'member-id' | 'nothing';
    readonly rare: boolean;
    readonly records: readonly {
      readonly institution: string;
      readonly number: string;
      readonly file: string;
      readonly cleared: boolean;
      readonly noticed?: string;
      readonly differs: readonly string[];
    }[];
  }[];
}

/**
 * Writes `DIR/notices/<institution>.ndjson`, `DIR/<institution>/<patient number>.json`, `DIR/uncleared/<institution>/…` and `DIR/truth.json`.
 * @throws Refusal when DIR is there and not empty
 */
export function writeHospitals(request: Request, out: string, bar: Progress = progress('patients', request.patients)): Written {
  const start = performance.now();
  const names = Object.keys(institutions);
  let there: string[] = [];
  try {
    there = readdirSync(out);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new Refusal(`${out} cannot be used as a directory.`);
  }
  if (there.length > 0) throw new Refusal(`${out} is not empty; --out names a new directory.`);
  for (const folder of ['notices', ...names.flatMap(name => [name, `uncleared/${name}`])])
    mkdirSync(path.join(out, folder), { recursive: true });

  const bundles: Record<string, number> = Object.fromEntries(names.map(name => [name, 0]));
  const notices: Record<string, string[]> = Object.fromEntries(names.map(name => [name, []]));
  const truth: string[] = [];
  let resources = 0;
  let uncleared = 0;
  for (const { person, at } of hospitals(request)) {
    const records = at.map(({ institution, number, bundle, notice, noticed, cleared, differs }) => {
      const file = `${cleared ? '' : 'uncleared/'}${institution}/${number}.json`;
      writeFileSync(path.join(out, file), JSON.stringify(bundle));
      if (notice !== undefined) notices[institution]!.push(JSON.stringify(notice));
      if (cleared) bundles[institution]! += 1;
      else uncleared++;
      if (cleared) resources += bundle.entry?.length ?? 0;
      return { institution, number, file, cleared, ...(noticed === undefined ? {} : { noticed }), differs };
    });
    const { person: number, gender, birthDate, ageYears, deceased, shared, rare, imaging, twinOf, homonymOf, notice } = person;
    truth.push(
      JSON.stringify({ person: number, gender, birthDate, ageYears, deceased, notice, shared, twinOf, homonymOf, rare, imaging, records }),
    );
    bar.at(number);
  }
  for (const name of names) writeFileSync(path.join(out, 'notices', `${name}.ndjson`), notices[name]!.map(line => line + '\n').join(''));
  const head = JSON.stringify({ seed: request.seed, day: request.day, patients: request.patients, about });
  writeFileSync(path.join(out, 'truth.json'), `${head.slice(0, -1)},"persons":[\n${truth.join(',\n')}\n]}\n`);
  bar.end();
  return {
    patients: request.patients,
    bundles,
    resources,
    notices: Object.values(notices).reduce((sum, list) => sum + list.length, 0),
    uncleared,
    seconds: (performance.now() - start) / 1000,
  };
}

/** Stands at the head of truth.json. */
const about =
  'One row per person: every record of the row is the same person. shared: what the records at both hospitals have in common (member-id), or nothing. ' +
  'notice: given in time, young (given, but not yet 31 days ago) or none; what is not cleared a hospital may not send. rare: has the rare disease. Nobody here exists.';

/** Today's date in Japan. */
export const today = (now: number = Date.now()): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(now);

const usage = `Usage: noren generate --patients N --seed S --out DIR [--day YYYY-MM-DD]

Writes two synthetic hospitals, hospital-1 and hospital-2. Nobody in them exists.

  --patients N      how many persons; some are at both hospitals, written differently there
  --seed S          any text; the same seed, day and number of patients give the same bytes
  --out DIR         a new or empty directory
  --day YYYY-MM-DD  the day that counts as today; default: today in Japan

  DIR/notices/<institution>.ndjson        notices to patients (Communication): load these first
  DIR/<institution>/<number>.json         a transaction bundle per patient, cleared to be sent
  DIR/uncleared/<institution>/*.json      bundles without a notice, or with one that is too young: a server refuses them
  DIR/truth.json                          who is the same person, who is rare, who was told when

Exit code 0: written. 1: not, and one sentence on stderr says why.`;

function flags(args: string[]): Request & { out: string } {
  const text = { type: 'string' } as const;
  const {
    patients,
    seed,
    out,
    day = today(),
  } = (() => {
    try {
      return parseArgs({ args, options: { patients: text, seed: text, out: text, day: text } }).values;
    } catch (error) {
      throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
    }
  })();
  if (patients === undefined || !/^\d{1,7}$/.test(patients) || Number(patients) === 0)
    throw new Refusal('--patients must be a whole number from 1 to 9999999.');
  if (seed === undefined || seed === '') throw new Refusal('--seed must be given: any text.');
  if (out === undefined || out === '') throw new Refusal('--out must be given: a new or empty directory.');
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)) || new Date(day).toISOString().slice(0, 10) !== day)
    throw new Refusal('--day must be a day such as 2026-01-31.');
  return { patients: Number(patients), seed, out, day };
}

export const command: Command = {
  name: 'generate',
  summary: 'write synthetic hospitals',
  usage,
  async run(args, out: (text: string) => void = text => process.stdout.write(text)) {
    const { out: folder, ...request } = flags(args);
    const written = writeHospitals(request, folder);
    const each = Object.entries(written.bundles).map(([name, count]) => `${name} ${count}`);
    out(
      `${written.patients} persons in ${written.seconds.toFixed(1)} s: bundles ${each.join(', ')} (${written.resources} resources), ` +
        `${written.notices} notices, ${written.uncleared} bundles not cleared to be sent, in ${folder}\n`,
    );
    return 0;
  },
};
