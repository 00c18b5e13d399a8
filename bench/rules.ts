/**
 * How fast a configuration of the Microsoft-compatible format is applied on one core: the made hospital's resources one by one, under the format's own default configuration (or another one).
 * Rates are of processor time of the one thread, beside JSON.parse and JSON.stringify of the same bytes in the same run.
 * node bench/rules.ts CONFIGURATION [folder of bundles] [--patients 300]
 * @module
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { applyRules, compileRules } from '../src/deid/rules/compile.ts';
import { readRules } from '../src/deid/rules/configuration.ts';
import type { RulesContext } from '../src/deid/rules/run.ts';
import { parseJson } from '../src/fhir/model/json.ts';
import type { AnyResource } from '../src/fhir/model/r4.ts';
import { load } from './hospital.ts';

const { values, positionals } = parseArgs({ options: { patients: { type: 'string', default: '300' } }, allowPositionals: true });
const [file, folder] = positionals;
if (file === undefined) throw new Error('usage: node bench/rules.ts CONFIGURATION [folder of bundles] [--patients 300]');
const configuration = readRules(readFileSync(file, 'utf8'));
const compiled = compileRules(configuration);
/** A new one for each pass over the data: what one pass has hashed, the next one may not know. */
const contextOfPass = (): RulesContext => ({
  now: { year: 2026, month: 1, day: 1 },
  random: (bytes: number) => new Uint8Array(bytes),
  keys: { dateShift: '0123456789abcdef0123456789abcdef', crypto: 'fedcba9876543210fedcba9876543210' },
});
let context = contextOfPass();

const bundles = load(Number(values.patients), folder).bundles.map(bytes => bytes.toString());
const texts = bundles.flatMap(text =>
  (JSON.parse(text) as { entry: { resource: unknown }[] }).entry.map(({ resource }) => JSON.stringify(resource)),
);
const bytes = texts.reduce((n, text) => n + Buffer.byteLength(text), 0);
process.stdout.write(
  `${configuration.rules.length} rules; ${texts.length} resources, ${Math.round(bytes / texts.length)} bytes each on average; ${bundles.length} bundles\n`,
);

/** Items per second of processor time, over about three seconds after a warm-up. */
function measure(items: readonly string[], work: (text: string) => unknown): number {
  for (const item of items.slice(0, 4000)) work(item);
  let done = 0;
  const until = performance.now() + 3000;
  const before = process.threadCpuUsage();
  while (performance.now() < until) {
    context = contextOfPass();
    for (const item of items) work(item);
    done += items.length;
  }
  const { user, system } = process.threadCpuUsage(before);
  return (done / (user + system)) * 1e6;
}

const one = (resource: unknown, evaluator: 'walk' | 'tree' = 'walk'): string =>
  JSON.stringify(applyRules(compiled, resource as AnyResource, context, evaluator).resource);
const row = (name: string, perSecond: number, ceiling: number): void => {
  process.stdout.write(
    `${name.padEnd(48)} ${String(Math.round(perSecond)).padStart(8)} /s  ${((100 * perSecond) / ceiling).toFixed(0)} % of the ceiling\n`,
  );
};

for (const [what, items] of [
  ['resources', texts],
  ['bundles', bundles],
] as const) {
  const ceiling = measure(items, text => JSON.stringify(JSON.parse(text)));
  row(`${what}: ceiling, JSON.parse + JSON.stringify`, ceiling, ceiling);
  row(
    `${what}: parse + rules + serialize`,
    measure(items, text => one(JSON.parse(text))),
    ceiling,
  );
  row(
    `${what}: the same, decimals keep their digits`,
    measure(items, text => one(parseJson(text))),
    ceiling,
  );
}
const few = texts.slice(0, 300);
const ceiling = measure(few, text => JSON.stringify(JSON.parse(text)));
row(
  'resources by tree (the measure of the walk)',
  measure(few, text => one(JSON.parse(text), 'tree')),
  ceiling,
);
process.stdout.write(`memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most\n`);
