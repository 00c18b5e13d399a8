/**
 * The page at `/`: where things are, and what is loaded; and the documents it links to. It loads nothing and runs nothing.
 * @module
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { plainReply, type Reply } from './respond.ts';

const style = `:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--line:#d9dee5;--paper:#fbfbf9;--mark:#14665a}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#9aa5b3;--line:#303843;--paper:#14181d;--mark:#6cc7b7}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:3.5rem 1.25rem}
h1{margin:0;font-size:2rem;letter-spacing:.01em}h2{margin:2.5rem 0 .5rem;font-size:1rem;color:var(--soft);font-weight:600}
p{margin:.25rem 0 0;color:var(--soft)}ul{list-style:none;margin:0;padding:0}li{border-top:1px solid var(--line);padding:.55rem 0;display:flex;gap:1rem;justify-content:space-between}
li:last-child{border-bottom:1px solid var(--line)}a{color:var(--mark)}code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.35rem 0}td:last-child{text-align:right;font-variant-numeric:tabular-nums}`;

/** Source expression of the page's style for Content-Security-Policy. */
export const styleSource = `'sha256-${hash('sha256', style, 'base64')}'`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

export interface Landing {
  readonly baseUrl: string;
  readonly mode: string;
  /** Resource types and how many of each may be told to anyone. */
  readonly holdings: () => Promise<readonly (readonly [type: string, count: number])[]>;
  /** The API in the words of OpenAPI, as JSON. */
  readonly openApi: () => string;
  /** Directory of the documents; absent: none are served. */
  readonly docs?: string;
}

export function createLanding({ baseUrl, mode, holdings, openApi, docs }: Landing): (path: string) => Promise<Reply | undefined> {
  const documents = docs === undefined ? new Map<string, string>() : documentsIn(docs);
  return async requested => {
    if (requested === '/') return plainReply(200, 'text/html; charset=utf-8', page(baseUrl, mode, await holdings(), documents.size > 0));
    if (requested === '/docs' || requested === '/docs/')
      return documents.size === 0 ? undefined : plainReply(200, 'text/html; charset=utf-8', contents([...documents.keys()]));
    if (requested === '/openapi.json') return plainReply(200, 'application/json; charset=utf-8', openApi());
    const file = requested.startsWith('/docs/') ? documents.get(requested.slice('/docs/'.length)) : undefined;
    return file === undefined ? undefined : plainReply(200, 'text/plain; charset=utf-8', readFileSync(file, 'utf8'));
  };
}

/** Only what was there at the start can be asked for, by the names it had then: no path of a request reaches the file system. */
function documentsIn(directory: string): Map<string, string> {
  try {
    const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md'));
    return new Map(names.sort().map(name => [name.split(path.sep).join('/'), path.join(directory, name)]));
  } catch {
    return new Map();
  }
}

const frame = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${style}</style></head>
<body><main>${body}</main></body></html>
`;

const item = (href: string, text: string, said: string): string =>
  `<li><a href="${escaped(href)}">${escaped(text)}</a><span>${escaped(said)}</span></li>`;

function page(baseUrl: string, mode: string, holdings: readonly (readonly [string, number])[], documented: boolean): string {
  const rows = holdings.map(([type, count]) => `<tr><td>${escaped(type)}</td><td>${count.toLocaleString('en')}</td></tr>`).join('');
  return frame(
    'Noren',
    `<h1>Noren</h1><p>A FHIR R4 server that lets medical data serve research without exposing anyone. Mode: ${escaped(mode)}.</p>
<h2>Addresses</h2><ul><li><span>Base URL</span><code>${escaped(baseUrl)}</code></li>
${item(`${baseUrl}/metadata`, 'metadata', 'what this server can do')}
${item('/openapi.json', 'openapi.json', 'the same, for tools')}
${item(`${baseUrl}/.well-known/smart-configuration`, 'smart-configuration', 'where tokens come from')}
${documented ? item('/docs/', 'docs', 'how to use it') : ''}
${item('/app/objection/', 'objection', 'for patients: what is here about me, and no to its use')}
${item('/app/desk/', 'desk', 'for the front desk: notices and objections')}
${item('/health/ready', 'health', 'whether it takes requests')}</ul>
<h2>What is loaded</h2>${rows === '' ? '<p>Nothing yet.</p>' : `<table>${rows}</table>`}`,
  );
}

const contents = (names: readonly string[]): string =>
  frame(
    'Noren: documents',
    `<h1>Documents</h1><ul>${names.map(name => `<li><a href="/docs/${escaped(encodeURI(name))}">${escaped(name)}</a></li>`).join('')}</ul>`,
  );
