/**
 * `noren migrate`: carries a whole store from files to MongoDB, or back, under the same keys; compares both; and only then lets a server start on the target.
 * @module
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openAudit } from '../audit/log.ts';
import { baseUrlOf, type Config, readConfig } from '../config.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { carry } from '../fhir/store/carry/carry.ts';
import type { Side } from '../fhir/store/carry/side.ts';
import { differences, type Tally, tallyOf } from '../fhir/store/carry/tally.ts';
import { secretsOf } from '../fhir/store/keys/secrets.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { crashing } from './crashing.ts';
import { lock } from './lock.ts';
import { type Address, addressOf, checkThere, openSide } from './migrate-side.ts';
import { progress } from './progress.ts';
import { styleOf } from './terminal.ts';

const usage = `Usage: noren migrate --from A --to B [flags]

Carries everything that the store A holds into the empty store B: every version, the patient lists, the books, the keys. A and B are data directories, or mongodb:// URIs; for one of
the two that is not named the settings (STORE and KEYS, or DATA) count, so that no password need stand in the command line.

  --from A                 from where; its servers must be stopped
  --to B                   to where; it must be empty, or what an earlier call left
  --from-keys URI          of the key database of A, where it is another server's
  --to-keys URI            of B's
  --from-master-key FILE   where A has another master key than MASTER_KEY_FILE, or DIRECTORY/master.key
  --to-master-key FILE     where B has
  --verify-only            compares both, and changes nothing

Afterwards both are read from end to end and compared. No server starts on B before they are equal. Cut off, the same call goes on where it was. A is not changed.
The audit log of B gets the record "migrate", if it is a directory; else that of --data, or of A.

${settingsHelp(['data', 'store', 'keys', 'masterKeyFile'])}

Exit code 0: B holds what A holds. 1: it does not, or the sentence on stderr says what to do.`;

export const command: Command = {
  name: 'migrate',
  summary: 'carry a store from files to MongoDB, or back',
  usage,
  async run(args) {
    process.umask(0o077);
    const { given, verifyOnly, flags } = own(args);
    if (given.from === undefined && given.to === undefined) throw new Refusal('Say from where and to where: --from A --to B.');
    const config = readConfig(flags, process.env);
    const source = addressOf('source', given.from, { keysUri: given.fromKeys, masterKeyFile: given.fromMasterKey }, config);
    const target = addressOf('target', given.to, { keysUri: given.toKeys, masterKeyFile: given.toMasterKey }, config);
    if ((source.data ?? source.uri) === (target.data ?? target.uri)) throw new Refusal('Source and target are the same.');
    const isSaid = given.to === undefined || flags.some(flag => /^--data(=|$)/.test(flag));
    const audited = target.data ?? (isSaid || source.data === undefined ? path.resolve(config.data) : source.data);
    for (const address of verifyOnly ? [source, target] : [source]) checkThere(address);
    const step = crashing() ?? (() => {});
    const unlocks: (() => void)[] = [];
    const sides: Side[] = [];
    try {
      for (const data of new Set([source.data, target.data, ...(verifyOnly ? [] : [audited])])) {
        if (data === undefined) continue;
        mkdirSync(data, { recursive: true, mode: 0o700 });
        unlocks.push(lock(data));
      }
      for (const address of [source, target])
        await told(address, async () => {
          const side = await openSide(address, step);
          sides.push(side);
          await side.keys.root();
        });
      const [from, to] = sides as [Side, Side];
      return await migrate({ from, to, addresses: [source, target], verifyOnly, audited, config, step });
    } catch (error) {
      if (error instanceof Problem || (error instanceof Error && error.constructor === Error)) throw new Refusal(error.message);
      throw error;
    } finally {
      for (const side of sides) await side.close();
      for (const unlock of unlocks) unlock();
    }
  },
};

interface Given {
  from?: string;
  to?: string;
  fromKeys?: string;
  toKeys?: string;
  fromMasterKey?: string;
  toMasterKey?: string;
}

function own(args: readonly string[]): { given: Given; verifyOnly: boolean; flags: string[] } {
  const named = {
    '--from': 'from',
    '--to': 'to',
    '--from-keys': 'fromKeys',
    '--to-keys': 'toKeys',
    '--from-master-key': 'fromMasterKey',
    '--to-master-key': 'toMasterKey',
  } as const;
  const given: Given = {};
  const flags: string[] = [];
  let verifyOnly = false;
  for (let i = 0; i < args.length; i++) {
    const [, name = '', inline] = /^(--[a-z-]+)(?:=([\s\S]*))?$/.exec(args[i]!) ?? [];
    if (name === '--verify-only') verifyOnly = true;
    else if (Object.hasOwn(named, name)) {
      const value = inline ?? args[++i];
      if (value === undefined || value === '') throw new Refusal(`${name} needs a value.`);
      given[named[name as keyof typeof named]] = value;
    } else flags.push(args[i]!);
  }
  return { given, verifyOnly, flags };
}

/** Errors of one of the two sides say of which. */
async function told<T>({ called }: Address, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) throw new Refusal(`The ${called}: ${error.message}`);
    throw error;
  }
}

interface Migration {
  readonly from: Side;
  readonly to: Side;
  readonly addresses: readonly [source: Address, target: Address];
  readonly verifyOnly: boolean;
  /** Whose audit log gets the record. */
  readonly audited: string;
  readonly config: Config;
  readonly step: (name: string) => void;
}

async function migrate({ from, to, addresses, verifyOnly, audited, config, step }: Migration): Promise<number> {
  const until = await from.end();
  if (!verifyOnly) {
    const bar = progress('carry', until[0] + until[1]);
    const { from: place } = await carry({ source: from, target: to, at: at => bar.at(at[0] + at[1]), step }).finally(bar.end);
    if (place) process.stderr.write('Went on where an earlier call had been cut off.\n');
  }
  const a = await told(addresses[0], () => read(from, 'read the source'));
  const b = await told(addresses[1], () => read(to, 'read the target'));
  if ((await from.end()).join() !== until.join())
    throw new Refusal('Somebody has written to the source meanwhile: stop its servers, empty the target, and begin again.');
  const wrong = differences(a, b);
  process.stdout.write(table(a, b));
  if (wrong.length > 0) {
    process.stderr.write(`Source and target are not equal in ${wrong.length} rows.\n`);
    return 1;
  }
  step('verified');
  if (verifyOnly) return 0;
  await record(audited, config, (await to.keys.root())!);
  step('recorded');
  await to.open();
  process.stderr.write('Both are equal; servers may start on the target, and none on the source any more.\n');
  return 0;
}

async function read(side: Side, label: string): Promise<Tally> {
  const [first, second] = await side.end();
  const bar = progress(label, first + second);
  try {
    return await tallyOf(side, at => bar.at(at[0] + at[1]));
  } finally {
    bar.end();
  }
}

async function record(data: string, config: Config, root: Buffer): Promise<void> {
  const audit = await openAudit({
    directory: path.join(data, 'audit'),
    now: Date.now,
    key: secretsOf(root).secret('audit'),
    sync: config.synchronous,
    base: baseUrlOf(config),
  });
  try {
    await audit.record({
      time: Date.now(),
      requestId: 'migrate',
      interaction: 'migrate',
      status: 200,
      client: 'noren',
      role: 'server',
      purpose: 'HOPERAT',
    });
  } finally {
    await audit.close();
  }
}

/** One row for each thing that is compared; two where they differ. */
function table(a: Tally, b: Tally): string {
  const { bad, strong } = styleOf(process.stdout);
  const names = [...new Set([...a.keys(), ...b.keys()])];
  const width = Math.max(...names.map(name => name.length));
  const rows = names.flatMap(name => {
    const [one = 'nothing', other = 'nothing'] = [a.get(name), b.get(name)];
    const head = name.padEnd(width);
    return one === other
      ? [`${strong('=')} ${head}  ${one}`]
      : [`${bad('!')} ${head}  ${one} at the source`, `${bad('!')} ${head}  ${other} at the target`];
  });
  return [...rows, ''].join('\n');
}
