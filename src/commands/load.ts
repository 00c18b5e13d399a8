/**
 * `noren load`: posts bundles to a running server, several in flight, as one client. Every bundle that is not taken is named with its reason.
 * R4: https://hl7.org/fhir/R4/http.html#transaction
 * @module
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { baseUrlOf, settings } from '../config.ts';
import { bearer } from './bearer.ts';
import { type Command, Refusal, settingsHelp } from './command.ts';
import { filesOf, type Piece, type Post, postsOf, type Unreadable } from './posts.ts';
import { type Progress, progress } from './progress.ts';
import { reasonOf, submit } from './submit.ts';

export interface LoadRequest {
  /** One after the other; the files of one path are posted side by side. */
  readonly paths: readonly string[];
  readonly client: string;
  /** Base URL of the server. */
  readonly url: string;
  /** Directory with the client's key. */
  readonly data: string;
  /** Requests in flight. */
  readonly concurrency?: number;
  /** File that remembers what was taken, so that a second call posts only the rest. */
  readonly resume?: string | undefined;
  readonly bar?: Progress;
}

export interface Loaded {
  files: number;
  /** Requests that were taken. */
  bundles: number;
  resources: number;
  /** Left out because the resume file has them. */
  skipped: number;
  seconds: number;
  readonly rejected: { readonly name: string; readonly reason: string }[];
}

/** Posts all of it and says what became of it. @throws Refusal when the server gives no token or a path holds nothing */
export async function load(request: LoadRequest): Promise<Loaded> {
  const start = performance.now();
  const groups = request.paths.map(filesOf);
  const bar = request.bar ?? progress('files', groups.flat().length);
  const { resume, concurrency = 4 } = request;
  const before = new Set(resume !== undefined && existsSync(resume) ? readFileSync(resume, 'utf8').split('\n') : []);
  const url = request.url.replace(/(?<!\/)\/+$/, '');
  const token = bearer({ client: request.client, data: request.data, url });
  await token();

  const loaded: Loaded = { files: 0, bundles: 0, resources: 0, skipped: 0, seconds: 0, rejected: [] };
  const reject = ({ name }: Piece, reason: string) => loaded.rejected.push({ name, reason });
  const take = ({ hash }: Piece, resources: number) => {
    loaded.resources += resources;
    if (resume !== undefined) appendFileSync(resume, hash + '\n');
  };

  async function send(post: Post): Promise<void> {
    const answer = await submit(post, url, token);
    if ('refused' in answer) {
      for (const piece of post.pieces) reject(piece, answer.refused);
      return;
    }
    loaded.bundles++;
    const entries = answer.taken?.resourceType === 'Bundle' ? (answer.taken.entry ?? []) : [{}];
    if (!post.batch) return take(post.pieces[0]!, entries.length);
    // Each entry of a batch that was made here speaks for its line.
    for (const [i, piece] of post.pieces.entries()) {
      const { status = '', outcome } = entries[i]?.response ?? {};
      if (status.startsWith('2')) take(piece, 1);
      else reject(piece, reasonOf(status, outcome));
    }
  }

  async function* each(files: readonly string[]): AsyncGenerator<Post | Unreadable | Piece> {
    for (const file of files) {
      yield* postsOf(file, hash => before.has(hash));
      loaded.files++;
    }
  }

  for (const files of groups) {
    // All workers take from one generator, which serves them in turn.
    const source = each(files);
    const worker = async () => {
      for (let next = await source.next(); !next.done; next = await source.next()) {
        const one = next.value;
        if ('method' in one) await send(one);
        else if ('reason' in one) reject(one, one.reason);
        else loaded.skipped++;
        bar.at(loaded.files);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }
  bar.end();
  loaded.seconds = (performance.now() - start) / 1000;
  return loaded;
}

/** The account at the end: what was refused and why, then the table. */
export function account(loaded: Loaded): string {
  const { files, bundles, resources, skipped, seconds, rejected } = loaded;
  const refused = rejected.map(({ name, reason }) => `rejected ${name}: ${reason}\n`).join('');
  const rows = [
    ['files', 'requests taken', 'resources', 'seconds', 'resources/s', ...(skipped > 0 ? ['taken before'] : []), 'rejected'],
    [
      files,
      bundles,
      resources,
      seconds.toFixed(1),
      Math.round(resources / Math.max(seconds, 0.001)),
      ...(skipped > 0 ? [skipped] : []),
      rejected.length,
    ],
  ].map(row => row.map(String));
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map(row => row[i]!.length)));
  return refused + rows.map(row => row.map((cell, i) => cell.padStart(widths[i]!)).join('  ') + '\n').join('');
}

const usage = `Usage: noren load PATHS… --client ID [flags]

Posts transaction bundles, batches, report units and single resources to a running server. PATHS are .json, .json.gz, .ndjson and .ndjson.gz files, or
directories of them (in the order of their names). Paths are loaded one after the other: notices and infrastructure first.
A single resource with an id is put there, one with an identifier is created only if there is none, any other is created.

  --client ID        as which client: tester, hospital-1 …
  --url BASE         base URL of the server; default: BASE_URL, or made from HOST and PORT
  --concurrency N    requests in flight, 1 to 64; default 4
  --resume FILE      remembers in FILE what was taken, and leaves that out the next time
${settingsHelp(['data'])}

Ends with a table; each rejected bundle is named with its reason. Exit code 0: every bundle was taken. 1: not every.`;

function flags(args: string[], environment: Readonly<Record<string, string | undefined>>): LoadRequest {
  const text = { type: 'string' } as const;
  const { values, positionals } = (() => {
    try {
      return parseArgs({ args, allowPositionals: true, options: { client: text, url: text, concurrency: text, resume: text, data: text } });
    } catch (error) {
      throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
    }
  })();
  const { client, url, concurrency = '4', resume, data } = values;
  const given = (name: 'data' | 'host' | 'port' | 'baseUrl') => environment[settings[name].variable] || undefined;
  if (positionals.length === 0) throw new Refusal('Name the files or directories to load; --help says more.');
  if (client === undefined) throw new Refusal('--client must be given.');
  if (!/^\d{1,2}$/.test(concurrency) || Number(concurrency) < 1 || Number(concurrency) > 64)
    throw new Refusal('--concurrency must be a whole number from 1 to 64.');
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Refusal('--url must be the base URL of a server, such as http://127.0.0.1:8080/fhir.');
  return {
    paths: positionals,
    client,
    concurrency: Number(concurrency),
    resume,
    data: data ?? settings.data.read(given('data')),
    url:
      url ??
      baseUrlOf({
        baseUrl: settings.baseUrl.read(given('baseUrl')),
        host: settings.host.read(given('host')),
        port: settings.port.read(given('port')),
      }),
  };
}

export const command: Command = {
  name: 'load',
  summary: 'post bundles to a running server',
  usage,
  async run(
    args,
    environment: Readonly<Record<string, string | undefined>> = process.env,
    out: (text: string) => void = text => process.stdout.write(text),
  ) {
    const loaded = await load(flags(args, environment));
    out(account(loaded));
    return loaded.rejected.length === 0 ? 0 : 1;
  },
};
