/**
 * From paths to what is posted: bundles and resources in .json, .json.gz, .ndjson and .ndjson.gz, directories in the order of their names.
 * The lines of an NDJSON file go together, some at a time, as a batch.
 * R4: https://hl7.org/fhir/R4/http.html#transaction; NDJSON: https://hl7.org/fhir/uv/bulkdata/
 * @module
 */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip, gunzipSync } from 'node:zlib';
import { Refusal } from './command.ts';

/** One resource of a file, with the name it is called by when it is refused. */
export interface Piece {
  /** Path, or `path:line` in an NDJSON file. */
  readonly name: string;
  /** SHA-256 of its bytes. */
  readonly hash: string;
}

/** One request to make. */
export interface Post {
  readonly method: 'POST' | 'PUT';
  /** Below the base URL; '' for the base. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** What it carries: one piece, or as many as the batch has entries. */
  readonly pieces: readonly Piece[];
  /** Made here out of single resources: each entry of the answer speaks for its piece. */
  readonly batch: boolean;
}

/** A piece that no request can be made of. */
export interface Unreadable extends Piece {
  readonly reason: string;
}

const readable = /\.(?:nd)?json(?:\.gz)?$/;
const batchEntries = 200;
const batchBytes = 2_000_000;

/** All files of one path, sorted by name. @throws Refusal when there is none */
export function filesOf(given: string): string[] {
  const stat = statSync(given, { throwIfNoEntry: false });
  if (stat === undefined) throw new Refusal(`There is no ${given}.`);
  if (stat.isFile()) {
    if (!readable.test(given)) throw new Refusal(`${given} is no .json, .json.gz, .ndjson or .ndjson.gz file.`);
    return [given];
  }
  const found = readdirSync(given, { recursive: true, encoding: 'utf8' }).filter(file => readable.test(file));
  if (found.length === 0) throw new Refusal(`${given} holds no .json, .json.gz, .ndjson or .ndjson.gz file.`);
  return found.sort().map(file => path.join(given, file));
}

type Parsed = {
  readonly resourceType?: unknown;
  readonly meta?: unknown;
  readonly type?: unknown;
  readonly id?: unknown;
  readonly identifier?: unknown;
};

function parsed(text: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && typeof (value as Parsed).resourceType === 'string'
      ? (value as Parsed)
      : undefined;
  } catch {
    return undefined;
  }
}

interface Target {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly ifNoneExist?: string;
}

/** Whether a collection says by its tag that it is to be sent or withdrawn (docs/interaction/collection.md). */
const isReportUnit = ({ type, meta }: Parsed): boolean =>
  type === 'collection' &&
  ([(meta as { tag?: unknown } | undefined)?.tag ?? []].flat() as { system?: unknown }[]).some(one =>
    /\/BundleTransactionType_CS$/i.test(String(one?.system)),
  );

/** A resource with an id is put there; one with an identifier is created only if none has it yet; any other is created. */
function target(resource: Parsed): Target {
  const type = String(resource.resourceType);
  if (type === 'Bundle' && (resource.type === 'transaction' || resource.type === 'batch' || isReportUnit(resource)))
    return { method: 'POST', path: '' };
  if (typeof resource.id === 'string') return { method: 'PUT', path: `${type}/${resource.id}` };
  const [first] = [resource.identifier].flat() as { system?: unknown; value?: unknown }[];
  const known = typeof first?.system === 'string' && typeof first.value === 'string';
  return {
    method: 'POST',
    path: type,
    ...(known ? { ifNoneExist: `identifier=${encodeURIComponent(`${first.system}|${first.value}`)}` } : {}),
  };
}

const notFhir = 'is no FHIR resource in JSON';
const hashOf = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

function whole(file: string): Post | Unreadable {
  let body: Buffer;
  try {
    body = file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file);
  } catch {
    return { name: file, hash: '', reason: 'cannot be read' };
  }
  const piece = { name: file, hash: hashOf(body) };
  const resource = parsed(body.toString());
  if (resource === undefined) return { ...piece, reason: notFhir };
  const { ifNoneExist, ...at } = target(resource);
  return { ...at, headers: ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist }, body, pieces: [piece], batch: false };
}

async function* lines(file: string): AsyncGenerator<[string, number]> {
  const stream = file.endsWith('.gz') ? createReadStream(file).pipe(createGunzip()) : createReadStream(file);
  let number = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() !== '') yield [line, number];
  }
}

async function* batches(file: string, taken: (hash: string) => boolean): AsyncGenerator<Post | Unreadable | Piece> {
  let entries: string[] = [];
  let pieces: Piece[] = [];
  let bytes = 0;
  const flush = (): Post => {
    const body = `{"resourceType":"Bundle","type":"batch","entry":[${entries.join(',')}]}`;
    const post: Post = { method: 'POST', path: '', headers: {}, body, pieces, batch: true };
    [entries, pieces, bytes] = [[], [], 0];
    return post;
  };
  for await (const [line, number] of lines(file)) {
    const piece = { name: `${file}:${number}`, hash: hashOf(line) };
    const resource = parsed(line);
    if (taken(piece.hash)) yield piece;
    else if (resource === undefined) yield { ...piece, reason: notFhir };
    else {
      const { method, path: url, ifNoneExist } = target(resource);
      if (url === '') {
        // A whole bundle on one line is a request of its own.
        yield { method, path: '', headers: {}, body: line, pieces: [piece], batch: false };
        continue;
      }
      entries.push(
        `{"resource":${line},"request":${JSON.stringify({ method, url, ...(ifNoneExist === undefined ? {} : { ifNoneExist }) })}}`,
      );
      pieces.push(piece);
      bytes += line.length;
      if (entries.length >= batchEntries || bytes >= batchBytes) yield flush();
    }
  }
  if (entries.length > 0) yield flush();
}

/** The requests of one file. A bare Piece was taken before. */
export async function* postsOf(file: string, taken: (hash: string) => boolean): AsyncGenerator<Post | Unreadable | Piece> {
  if (/\.ndjson(\.gz)?$/.test(file)) {
    try {
      yield* batches(file, taken);
    } catch {
      yield { name: file, hash: '', reason: 'cannot be read' };
    }
    return;
  }
  const post = whole(file);
  const [piece] = 'pieces' in post ? post.pieces : [post];
  yield piece !== undefined && 'pieces' in post && taken(piece.hash) ? piece : post;
}
