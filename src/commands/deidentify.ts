/**
 * `noren deidentify`: de-identifies files and directories of files under a policy, without a server and without its data.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { settings } from '../config.ts';
import { inputsOf } from '../offline/inputs.ts';
import { deidentifyFiles, type Request, type Summary } from '../offline/run.ts';
import { Stop, sentenceOf } from '../offline/stop.ts';
import { builtIn } from '../release/policies.ts';
import { type Command, Refusal } from './command.ts';
import { crashing } from './crashing.ts';
import { keysOf } from './keys-file.ts';
import { rows } from './policy.ts';
import { usablePolicy } from './policy-file.ts';
import { progress } from './progress.ts';

const usage = `Usage: noren deidentify --policy P [--keys K] IN… --out DIR [flags]

De-identifies files. IN are .json files (a resource, or a Bundle) and .ndjson files (a resource per line), each also with .gz behind it, DICOM objects, or directories of them.
Each leaves under the name that it has below IN, in DIR, DICOM objects under pseudonyms; and DIR/provenance.json says by which policy, and how many elements were touched.

  --policy P        one that comes along (${builtIn.join(', ')}), or a file: in Noren's language, or a configuration with fhirPathRules
  --keys K          {"secret": "…", "link": "…"}, each base64 of 32 bytes or more, link if the policy joins; nobody else may read the file. The same keys give the same
                    pseudonyms and shifts under the same policy. Without it keys are made for this call and forgotten
  --out DIR         a new or empty directory
  --workers N       threads, 1 to 64; default 1
  --resume          goes on with a work that was cut, under the same policy and keys (needs --keys)
  --rename          all files get pseudonyms for names; without it those whose names hold a name, an id or a number of a patient
  --skip-bad        leaves out lines and files that cannot be read, and counts them
  --base URL        references below this URL are relative ones: the base of the server that the files come from
  --now INSTANT     what counts as now (2026-04-01T00:00:00Z), for ages and for the time that is written; default: now
  --report FILE     writes the summary as JSON
  --time-zone ZONE  whose calendar days count; default ${settings.timeZone.fallback}

Prints files, resources by type and elements by measure. Exit code 0: all is written. 1: refused, or stopped at what cannot be read or written; what was written is whole, and
--resume goes on. 2: all is written but for what --skip-bad left out.`;

function flags(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    policy: text,
    keys: text,
    out: text,
    workers: text,
    resume: flag,
    rename: flag,
    'skip-bad': flag,
    base: text,
    now: text,
    report: text,
    'time-zone': text,
  };
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
  }
}

/** Whose calendar days count. */
function zoneOf(flag: string | undefined, environment: Readonly<Record<string, string | undefined>>): string {
  const { read, variable } = settings.timeZone;
  try {
    return read(flag ?? (environment[variable] || undefined));
  } catch (error) {
    throw new Refusal(`${flag === undefined ? variable : '--time-zone'} ${(error as Error).message}.`);
  }
}

/** Before the work is done: a report that has no place would be known of behind it. */
function refuseReport(file: string, out: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw new Refusal(`${file} is there already; --report names a new file.`);
  const [folder, target] = [path.dirname(path.resolve(file)), path.resolve(out)];
  if ((folder + path.sep).startsWith(target + path.sep))
    throw new Refusal(`${file} would stand within the output; --report names a file beside it, as it is not for those who get the output.`);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Refusal(`${file} stands in no directory that is there.`);
}

/** @param say to whom it waits */
function requestOf(
  args: string[],
  environment: Readonly<Record<string, string | undefined>>,
  say: (sentence: string) => void,
): Request & { report?: string } {
  const { values, positionals } = flags(args);
  if (values.policy === undefined) throw new Refusal('--policy must be given: a name or a file.');
  if (values.out === undefined || values.out === '') throw new Refusal('--out must be given: a new or empty directory.');
  if (positionals.length === 0) throw new Refusal('Name the files or directories to de-identify; --help says more.');
  const workers = Number(values.workers ?? 1);
  if (!Number.isInteger(workers) || workers < 1 || workers > 64) throw new Refusal('--workers must be a whole number from 1 to 64.');
  const now = values.now === undefined ? Date.now() : Date.parse(values.now);
  if (Number.isNaN(now) || (values.now !== undefined && !/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(values.now)))
    throw new Refusal('--now must be an instant such as 2026-04-01T00:00:00Z.');
  if (values.base !== undefined && !/^https?:\/\/[^?#]+[^/?#]$/.test(values.base))
    throw new Refusal('--base must be a URL without a slash at its end, such as https://hospital.example/fhir.');
  const policy = usablePolicy(values.policy);
  if (policy.kind === 'rules') for (const warning of policy.configuration.warnings) say(`warning: ${warning}`);
  if (values.keys === undefined && values.resume === true)
    throw new Refusal('--resume needs --keys: keys that are made for one call are gone with it.');
  if (values.keys === undefined) say('Keys were made for this call and are forgotten with it: no other output has the same pseudonyms.');
  const keys = values.keys === undefined ? { secret: randomBytes(32) } : keysOf(values.keys);
  const joins = policy.kind === 'policy' && policy.compiled.policy.groups.some(group => group.rules.some(rule => rule.method === 'link'));
  if (joins && !('link' in keys)) say('The policy joins by a link key, and there is none: what it would join by does not leave.');
  return {
    plan: {
      policy: policy.kind === 'policy' ? policy.compiled.policy : policy.text,
      ...keys,
      base: values.base ?? 'https://noren.example/fhir',
      now,
      timeZone: zoneOf(values['time-zone'], environment),
    },
    policy: { name: policy.name, version: policy.version, hash: policy.hash },
    inputs: inputsOf(positionals, values.out),
    out: values.out,
    workers,
    resume: values.resume === true,
    rename: values.rename === true,
    skipBad: values['skip-bad'] === true,
    ...(values.report === undefined ? {} : { report: values.report }),
  };
}

function account({ policy, files, objects, bad, persons, tallies, counters, dataSet }: Summary): string {
  const types = Object.keys(tallies.read).sort();
  const measures = counters.filter(name => (tallies.measures[name] ?? 0) > 0);
  const number = (count: number | undefined): string => (count ?? 0).toLocaleString('en');
  const withheld = Object.entries(objects.withheld).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return [
    `${policy.name} ${policy.version}, SHA-256 ${policy.hash}\n`,
    `${number(files.written)} of ${number(files.read)} files written${files.passedOver > 0 ? `, ${number(files.passedOver)} with other endings passed over` : ''}`,
    files.renamed > 0 ? `; ${number(files.renamed)} have pseudonyms for names, since a name or number of a patient may be in theirs` : '',
    objects.read > 0 ? `; ${number(objects.written)} of ${number(objects.read)} DICOM objects given out` : '',
    `${persons > 0 ? `; ${number(persons)} persons` : ''}${bad > 0 ? `; ${number(bad)} bad lines or files left out` : ''}\n`,
    ...(types.length === 0
      ? []
      : [`\n${rows([['type', 'read', 'left'], ...types.map(type => [type, number(tallies.read[type]), number(tallies.left[type])])])}`]),
    ...(measures.length === 0
      ? []
      : [`\n${rows([['measure', 'elements'], ...measures.map(name => [name, number(tallies.measures[name])])])}`]),
    ...(dataSet === undefined || dataSet.pairs.few === 0
      ? []
      : [
          `\n${number(dataSet.pairs.few)} pairs of codes are those of fewer persons than the policy asks for; they are left as they are, and --report names the rarest\n`,
        ]),
    ...(withheld.length === 0
      ? []
      : [`\n${rows([['DICOM objects not given out', ''], ...withheld.map(([reason, count]) => [reason, number(count)])])}`]),
  ].join('');
}

/** Bad lines of which each is told; of the others how many there are. */
const mostTold = 50;

export const command: Command = {
  name: 'deidentify',
  summary: 'de-identify files, without a server',
  usage,
  async run(
    args,
    environment: Readonly<Record<string, string | undefined>> = process.env,
    print: (text: string) => void = text => process.stdout.write(text),
  ) {
    process.umask(0o077);
    const say = (sentence: string): void => void process.stderr.write(`noren: ${sentence}\n`);
    const bar = progress('bytes');
    const crash = crashing();
    let bad = 0;
    try {
      const { report, ...request } = requestOf(args, environment, say);
      if (report !== undefined) refuseReport(report, request.out);
      const summary = await deidentifyFiles(request, {
        at: (bytes, of) => bar.at(bytes, of),
        bad: one => {
          if (++bad <= mostTold) say(sentenceOf(one));
        },
        fileDone: () => crash?.('file'),
      });
      bar.end();
      if (bad > mostTold) say(`… and ${bad - mostTold} more`);
      if (report !== undefined) writeFileSync(report, `${JSON.stringify(summary, undefined, 2)}\n`, { flag: 'wx' });
      print(account(summary));
      return summary.bad > 0 ? 2 : 0;
    } catch (error) {
      bar.end();
      if (bad > mostTold) say(`… and ${bad - mostTold} more`);
      if (error instanceof Stop) throw new Refusal(error.message);
      throw error;
    }
  },
};
