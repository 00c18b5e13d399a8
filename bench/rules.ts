/**
 * How fast a configuration of the Microsoft-compatible format is applied on one core: the made hospital's resources one by one, under the format's own default configuration (or another one).
 * Rates are of processor time of the one thread. Short slices of the ceiling (JSON.parse and JSON.stringify of the same bytes) and of the work take turns, so that
 * what else the machine does falls on both; the share of the ceiling is that of the sums.
 * node bench/rules.ts CONFIGURATION [folder of bundles] [--patients 300] [--seconds 6]
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

const { values, positionals } = parseArgs({
  options: { patients: { type: 'string', default: '300' }, seconds: { type: 'string', default: '6' } },
  allowPositionals: true,
});
const [file, folder] = positionals;
if (file === undefined) throw new Error('usage: node bench/rules.ts CONFIGURATION [folder of bundles] [--patients 300] [--seconds 6]');
const configuration = readRules(readFileSync(file, 'utf8'));
const compiled = compileRules(configuration);
/** A new one for each pass over the data: what one pass has hashed, the next one may not know. */
const contextOfPass = (): RulesContext => ({
  now: { year: 2026, month: 1, day: 1 },
  random: (bytes: number) => new Uint8Array(bytes),
  keys: { dateShift: '0123456789abcdef0123456789abcdef', crypto: 'fedcba9876543210fedcba9876543210' },
});

const { bundles } = load(Number(values.patients), folder);
const resources = bundles.flatMap(bundle =>
  (JSON.parse(bundle.toString()) as { entry: { resource: unknown }[] }).entry.map(({ resource }) => Buffer.from(JSON.stringify(resource))),
);
const size = resources.reduce((n, bytes) => n + bytes.length, 0);
process.stdout.write(
  `${configuration.rules.length} rules; ${resources.length} resources, ${Math.round(size / resources.length)} bytes each on average; ${bundles.length} bundles\n`,
);

type Work = (bytes: Buffer, context: RulesContext) => unknown;
const one = (read: () => unknown, context: RulesContext, evaluator: 'walk' | 'tree' = 'walk'): string =>
  JSON.stringify(applyRules(compiled, read as () => AnyResource, context, evaluator).resource);
const ceiling: Work = bytes => JSON.stringify(JSON.parse(bytes.toString()));
/** As the command does it: decimals keep their digits. */
const command: Work = (bytes, context) => one(() => parseJson(bytes), context);

/** Processor time of each work, by turns over slices of about 700 kB, whole passes until the time is over; the first pass warms up. */
function measure(what: string, items: readonly Buffer[], works: Readonly<Record<string, Work>>): void {
  const perSlice = Math.max(1, Math.round((700_000 * items.length) / items.reduce((n, bytes) => n + bytes.length, 0)));
  const spent = Object.values(works).map(work => ({ work, us: 0, context: contextOfPass() }));
  const pass = (): void => {
    for (let from = 0; from < items.length; from += perSlice) {
      const slice = items.slice(from, from + perSlice);
      for (const one of spent) {
        const before = process.threadCpuUsage();
        for (const bytes of slice) one.work(bytes, one.context);
        const { user, system } = process.threadCpuUsage(before);
        one.us += user + system;
      }
    }
  };
  pass();
  for (const one of spent) one.us = 0;
  let passes = 0;
  const until = performance.now() + Number(values.seconds) * 1000;
  do {
    for (const one of spent) one.context = contextOfPass();
    pass();
    passes++;
  } while (performance.now() < until);
  Object.keys(works).forEach((name, i) => {
    const rate = Math.round((items.length * passes * 1e6) / spent[i]!.us);
    const share = spent[0]!.us / spent[i]!.us;
    process.stdout.write(`${`${what}: ${name}`.padEnd(56)} ${String(rate).padStart(8)} /s  ${share.toFixed(3)} of the ceiling\n`);
  });
}

const works: Readonly<Record<string, Work>> = {
  'JSON.parse + JSON.stringify (the ceiling)': ceiling,
  'JSON.parse + rules + JSON.stringify': (bytes, context) => one(() => JSON.parse(bytes.toString()), context),
  'as the command does it, decimals keep their digits': command,
};
measure('resources', resources, works);
measure('bundles', bundles, works);
measure('resources by tree', resources.slice(0, 300), {
  'JSON.parse + JSON.stringify (the ceiling)': ceiling,
  'JSON.parse + rules + JSON.stringify': (bytes, context) => one(() => JSON.parse(bytes.toString()), context, 'tree'),
});
process.stdout.write(`memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most\n`);
