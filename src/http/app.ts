/**
 * The browser's pages, `/app/objection/` and `/app/desk/`: files of the build (`npm run build:web`), and how a browser may use them.
 * They run their own script and nothing else; whom they may speak to is settled here, not by what a link says.
 * CSP: https://www.w3.org/TR/CSP3/, caching: https://www.rfc-editor.org/rfc/rfc8246
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Problem } from '../fhir/model/outcome.ts';
import type { Reply } from './respond.ts';

/** Where `npm run build:web` puts them. */
export const pagesDirectory = path.resolve(import.meta.dirname, '../../build/web');

export interface Apps {
  /** Of the build; what is not there cannot be served. */
  readonly directory: string;
  /** Base URL of FHIR that the pages speak to unless `?iss=` names another. */
  readonly baseUrl: string;
}

/** A request as far as it matters here: path below `/app`, query as sent, Accept-Encoding. */
interface Asked {
  readonly path: string;
  readonly query: string;
  readonly accepts: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

interface Kept {
  readonly type: string;
  readonly bytes: Buffer;
  readonly packed: Buffer;
  readonly caching: string;
}

/** What is said where there is nothing: a refusal is not kept by anybody either. */
const refusal = (kind: 'not-found' | 'unavailable', text: string): Problem =>
  new Problem(kind, text, { headers: { 'cache-control': 'no-store' } });

/** Only what was there at the start can be asked for, by the names it had then: no path of a request reaches the file system. */
export function createApps({ directory, baseUrl }: Apps): (asked: Asked) => Reply {
  const files = filesIn(directory, baseUrl);
  const pages = new Set([...files.keys()].filter(name => name.endsWith('/index.html')).map(name => name.slice(0, -'/index.html'.length)));
  return ({ path: asked, query, accepts }) => {
    if (files.size === 0) throw refusal('unavailable', 'The pages of this server are not built: run "npm run build:web".');
    const name = asked.replace(/^\//, '');
    if (pages.has(name))
      return { status: 308, headers: ['location', `/app/${name}/${query}`, 'cache-control', 'no-store', 'content-length', '0'], body: [] };
    const file = files.get(name === '' || name.endsWith('/') ? `${name}index.html` : name);
    if (file === undefined) throw refusal('not-found', 'There is no such path.');
    const packed = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(accepts);
    const bytes = packed ? file.packed : file.bytes;
    const headers = [
      'content-type',
      file.type,
      'content-length',
      String(bytes.length),
      'cache-control',
      file.caching,
      'vary',
      'Accept-Encoding',
    ];
    return { status: 200, headers: packed ? [...headers, 'content-encoding', 'gzip'] : headers, body: [bytes] };
  };
}

function filesIn(directory: string, baseUrl: string): ReadonlyMap<string, Kept> {
  let names: string[];
  try {
    names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return new Map();
  }
  const files = new Map<string, Kept>();
  for (const name of names) {
    const type = types[path.extname(name)];
    if (type === undefined) continue;
    const key = name.split(path.sep).join('/');
    const read = readFileSync(path.join(directory, name));
    const bytes = key.endsWith('.html') ? Buffer.from(told(read.toString('utf8'), baseUrl)) : read;
    // Vite's names carry a hash of what is in the file.
    const hashed = /^assets\/.+-[\w-]{8}\.\w+$/.test(key);
    files.set(key, {
      type,
      bytes,
      packed: gzipSync(bytes, { level: 9 }),
      caching: hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  }
  return files;
}

/** The page learns its FHIR base from a meta element: no script of ours stands in a page. */
const told = (page: string, baseUrl: string): string =>
  page.replace(
    '<meta name="fhir-base" content="">',
    () => `<meta name="fhir-base" content="${baseUrl.replace(/[&"<>]/g, c => `&#${c.charCodeAt(0)};`)}">`,
  );
