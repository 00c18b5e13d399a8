/**
 * The command line: finds the command, loads it (and nothing else), turns what it throws into one sentence and an exit code.
 * @module
 */
import { type Command, Refusal } from './commands/command.ts';
import { WrongSetting } from './config.ts';

type Loader = () => Promise<{ command: Command }>;

/** Loaded when asked for, so that `token` does not wait for the server's rooms. */
const commands: Readonly<Record<string, readonly [summary: string, load: Loader]>> = {
  serve: ['start the server', () => import('./commands/serve.ts')],
  demo: ['the main job on two generated hospitals, step by step', () => import('./commands/demo.ts')],
  generate: ['write synthetic hospitals', () => import('./commands/generate.ts')],
  load: ['post bundles to a running server', () => import('./commands/load.ts')],
  token: ['fetch an access token from a running server', () => import('./commands/token.ts')],
  account: ['make an account that can sign in to an app', () => import('./commands/account.ts')],
  keys: ['rotate the master key', () => import('./commands/keys.ts')],
  backup: ['copy the data, or the keys', () => import('./commands/backup.ts')],
  restore: ['bring back a backup, without those who objected since', () => import('./commands/restore.ts')],
  migrate: ['carry a store from files to MongoDB, or back', () => import('./commands/migrate.ts')],
  verify: ['check a backup', () => import('./commands/verify.ts')],
  deidentify: ['de-identify files, without a server', () => import('./commands/deidentify.ts')],
  decrypt: ['give back the texts that a policy has encrypted', () => import('./commands/decrypt.ts')],
  policy: ['check, explain and compare policies', () => import('./commands/policy.ts')],
  testscript: ['run TestScripts against a FHIR server', () => import('./commands/testscript.ts')],
  audit: ['verify the audit log', () => import('./commands/audit.ts')],
};

const usage = `Usage: noren COMMAND [flags]

${Object.entries(commands)
  .map(([name, [summary]]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

noren COMMAND --help says more about one.`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage + '\n');
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) throw new Refusal(`"${name}" is no command; "noren --help" lists them.`);
  const { command } = await entry[1]();
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.usage.trimEnd() + '\n');
    return 0;
  }
  return command.run([...args]);
}

// Whoever reads the output may stop reading (`| head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const oldNode = Number(process.versions.node.split('.')[0]) < 24;
try {
  if (oldNode) throw new Refusal(`noren needs Node 24 or later; this is ${process.versions.node}.`);
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const said = error instanceof Refusal || error instanceof WrongSetting;
  process.stderr.write(`noren: ${said ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
