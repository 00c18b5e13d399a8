/**
 * Import: transaction bundles over HTTP with every check and encryption on, against the rate at which SQLite takes the same bytes as plain rows.
 * node bench/import.ts [--patients 300] [--clients 4] [--folder DIR]
 * @module
 */
import { parseArgs } from 'node:util';
import { load } from './hospital.ts';
import { call, closeConnections, closedLoop, memory, print, startTarget } from './measure.ts';
import { plainRows } from './plain-rows.ts';

const { values } = parseArgs({
  options: { patients: { type: 'string', default: '300' }, clients: { type: 'string', default: '4' }, folder: { type: 'string' } },
});
const { bundles, resources, bytes } = load(Number(values.patients), values.folder);
process.stdout.write(`${bundles.length} bundles, ${resources} resources, ${(bytes / 1e6).toFixed(1)} MB of JSON\n`);

const ceiling = plainRows(bundles);
print('ceiling: plain rows in SQLite', { perSecond: ceiling, p50: 0, p99: 0 }, 'resources/s');

const target = await startTarget();
const authorization = await target.bearer('tester');
const loop = await closedLoop(Number(values.clients), 600, n => {
  const bundle = bundles[n];
  if (!bundle) return undefined;
  return call('POST', target.baseUrl, { authorization, 'content-type': 'application/fhir+json' }, bundle).then(({ status, body }) => {
    if (status !== 200) throw new Error(body.toString().slice(0, 300));
    return (JSON.parse(bundle.toString()) as { entry: unknown[] }).entry.length;
  });
});
print('import over HTTP', loop, 'resources/s', ceiling);
const used = memory(target.pid);
process.stdout.write(`server memory: ${used.peak} MB at most, ${used.now} MB now\n`);
await target.stop();
closeConnections();
