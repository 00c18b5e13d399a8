/**
 * A classification of 12,020 concepts: how long it takes to store it, to expand it for the first time, and then pages, filtered ones too, and look-ups, 4 clients,
 * against the health page of the same server, which does nothing. `npm run bench:terminology`
 * @module
 */
import { classification } from '../src/generate/classification.ts';
import { call, closeConnections, closedLoop, print, startTarget } from './measure.ts';

const seconds = 3;
const clients = 4;
const target = await startTarget();
const headers = { authorization: await target.bearer('tester'), 'content-type': 'application/fhir+json' };
const url = 'http://example.org/classification';

async function timed(name: string, method: string, path: string, body?: string): Promise<void> {
  const began = performance.now();
  const { status } = await call(method, `${target.baseUrl}/${path}`, headers, body);
  if (status >= 300) throw new Error(`${name}: ${status}`);
  process.stdout.write(`${name.padEnd(34)} ${(performance.now() - began).toFixed(0).padStart(9)} ms\n`);
}

const expand = (query: string): string => `ValueSet/$expand?url=${encodeURIComponent(`${url}?fhir_vs`)}&count=20&${query}`;
await timed('stored', 'PUT', 'CodeSystem/classification', JSON.stringify({ ...classification(url), id: 'classification' }));
await timed('first page', 'GET', expand('offset=0'));
await timed('first filter', 'GET', expand(`filter=${encodeURIComponent('胃 炎症')}`));

const loop = (path: (n: number) => string) =>
  closedLoop(clients, seconds, n =>
    call('GET', path(n), headers).then(({ status }) => {
      if (status !== 200) throw new Error(String(status));
      return 1;
    }),
  );
const ceiling = await loop(() => new URL('/health/live', target.baseUrl).href);
print('ceiling: health', ceiling, 'req/s');
const rows: readonly (readonly [string, (n: number) => string])[] = [
  ['page', n => expand(`offset=${(n * 20) % 12_000}`)],
  ['filtered page', n => expand(`filter=${encodeURIComponent(n % 2 === 0 ? '胃 炎症' : 'tumour LUNG')}&offset=${(n % 5) * 20}`)],
  ['by a hierarchy', n => `${expand('offset=0').replace('fhir_vs', `fhir_vs%3Disa%2F${'ABCDEFGHIJ'[n % 10]}`)}`],
  ['look-up', n => `CodeSystem/$lookup?system=${url}&code=${'ABCDEFGHIJ'[n % 10]}${n % 6}${n % 9}.${n % 10}`],
  ['validate', n => `CodeSystem/$validate-code?url=${url}&code=${'ABCDEFGHIJ'[n % 10]}${n % 6}${n % 9}`],
  ['subsumes', n => `CodeSystem/$subsumes?system=${url}&codeA=A&codeB=A${n % 6}${n % 9}`],
];
for (const [name, path] of rows) print(name, await loop(n => `${target.baseUrl}/${path(n)}`), 'req/s', ceiling.perSecond);
closeConnections();
await target.stop();
