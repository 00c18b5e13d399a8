/**
 * `noren audit verify`: reads the whole audit log and says where its chain does not hold. May run beside a running server.
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type AuditLog, logsIn } from '../audit/logs.ts';
import { type Verified, verify } from '../audit/verify.ts';
import { type Config, readConfig } from '../config.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { masterKeyFile, readMasterKey } from './master-key.ts';
import { progress } from './progress.ts';
import { keysDirectory, openStorage } from './storage.ts';

const usage = `Usage: noren audit verify [flags]

Checks every line of the audit log against the line before it, every joint between its files, and the mark of the last record.
Prints the number and hash of the last record: noted down elsewhere, they prove later that nothing up to there was changed, even by who holds the keys.
Of a server of several processes (--workers) it checks the log of each: w2 is that of the second one.

  --noted NUMBER:HASH  the record of that number must have that hash; w2.NUMBER:HASH for one of the log w2
${settingsHelp(['data', 'store', 'keys', 'masterKeyFile'])}

Exit code 0: the log is whole. 1: it is not, each break is a line on stdout; or the sentence on stderr says why it cannot be checked.`;

export const command: Command = {
  name: 'audit',
  summary: 'verify the audit log',
  usage,
  async run([action, ...args]) {
    if (action !== 'verify') throw new Refusal('Say "noren audit verify"; --help tells more.');
    const { noted, flags } = takeNoted(args);
    const config = readConfig(flags, process.env);
    const bar = progress('records');
    const all = await verifyLogs(config, noted, bar.at).finally(bar.end);
    for (const [log, verified] of all) process.stdout.write(report(log, verified));
    return all.every(([, { breaks }]) => breaks.length === 0) ? 0 : 1;
  },
};

interface Noted {
  readonly log: string;
  readonly seq: number;
  readonly hash: string;
}

/** The logs of a data directory, checked with the key that its keyring holds. @throws Refusal when they cannot be checked */
export async function verifyLogs(
  config: Config,
  noted?: Noted,
  progress?: (records: number) => void,
): Promise<readonly (readonly [AuditLog, Verified])[]> {
  const logs = existsSync(config.data) ? await logsIn(config.data) : [];
  if (logs.length === 0) throw new Refusal(`There is no audit log in ${config.data}; --data names the directory of the server.`);
  if (noted !== undefined && !logs.some(({ name }) => name === noted.log))
    throw new Refusal(`There is no log ${noted.log === '' ? 'audit' : noted.log} in ${config.data}, which --noted names.`);
  const key = await auditKey(config);
  const all: [AuditLog, Verified][] = [];
  let before = 0;
  for (const log of logs) {
    const { name, directory } = log;
    const verified = await verify({
      directory,
      key,
      progress: records => progress?.(before + records),
      ...(noted?.log === name ? { expected: noted } : {}),
    });
    before += verified.records;
    all.push([log, verified]);
  }
  return all;
}

async function auditKey(config: Config): Promise<Buffer> {
  if (config.store === 'sqlite' && !existsSync(path.join(keysDirectory(config), 'keys.db')))
    throw new Refusal(`There are no keys in ${config.data}; without them the log cannot be checked.`);
  const storage = await openStorage(config, () => {}, readMasterKey(masterKeyFile(config)));
  try {
    return storage.secret('audit');
  } finally {
    await storage.close();
  }
}

/** `--noted 12:hash`, `--noted=12:hash` or `w2.12:hash`, and the other flags. */
function takeNoted(args: readonly string[]): { noted?: Noted; flags: string[] } {
  const at = args.findIndex(one => one === '--noted' || one.startsWith('--noted='));
  if (at < 0) return { flags: [...args] };
  const inline = args[at]!.startsWith('--noted=');
  const value = inline ? args[at]!.slice('--noted='.length) : args[at + 1];
  const m = /^(?:(w[1-9]\d{0,2})\.)?(\d{1,15}):([A-Za-z0-9_-]{43})$/.exec(value ?? '');
  if (!m) throw new Refusal('--noted must be a record number and its hash, as an earlier run printed them.');
  return { noted: { log: m[1] ?? '', seq: Number(m[2]), hash: m[3]! }, flags: args.filter((_, i) => i !== at && (inline || i !== at + 1)) };
}

function report({ name }: AuditLog, { records, last, breaks, tornEnds }: Verified): string {
  const of = name === '' ? '' : `${name}.`;
  const where = (line: number) => (line === 0 ? '' : `, line ${line}`);
  const lines = breaks.map(
    one => `BROKEN ${of}${one.segment}${where(one.line)}${one.seq === undefined ? '' : `, record ${one.seq}`}: ${one.text}`,
  );
  return [
    ...lines,
    `${name === '' ? '' : `${name}: `}${records} records, ${breaks.length === 0 ? 'the chain is whole' : `${breaks.length} breaks`}`,
    ...(tornEnds === 0 ? [] : [`${tornEnds} unfinished writes were cut off at a start; they had not been acknowledged`]),
    `last ${of}${last.seq}:${last.hash}`,
    '',
  ].join('\n');
}
