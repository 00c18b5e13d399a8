/**
 * How fast resources become anonymous on one core: the engine alone; the engine with parsing and serializing; the whole of a release (whose each resource is,
 * packaging). Beside JSON.parse and JSON.stringify of the same bytes, in turn with them.
 * node bench/deidentify.ts [folder of bundles] [--patients 300] [--policy NAME …]
 * @module
 */
import { parseArgs } from 'node:util';
import { deidentify, newTally } from '../src/deid/deidentify.ts';
import { joined } from '../src/deid/joined.ts';
import { Led } from '../src/deid/led.ts';
import type { AnyResource, Json } from '../src/fhir/model/r4.ts';
import { ofBundle, withIds } from '../src/release/given.ts';
import { pack } from '../src/release/package.ts';
import { builtIn, policyNamed } from '../src/release/policies.ts';
import { series } from '../src/release/series.ts';
import { load } from './hospital.ts';

const { values, positionals } = parseArgs({
  options: { patients: { type: 'string', default: '300' }, policy: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const base = 'https://noren.example/bench';
// What is not measured is not kept: a heap full of other things would be gone through beside the work.
const given = load(Number(values.patients), positionals[0]).bundles;
const parsed = (bundle: Buffer): AnyResource => withIds(JSON.parse(bundle.toString()) as AnyResource);
const entriesIn = (bundle: Buffer) => (parsed(bundle)['entry'] ?? []) as { fullUrl?: string; resource: AnyResource }[];
const resources = given.flatMap(bundle =>
  entriesIn(bundle).map(({ fullUrl, resource }) => ({
    ...{ type: resource.resourceType, id: String(resource.id), fullUrl },
    bytes: Buffer.from(JSON.stringify(resource)),
  })),
);
const bytes = resources.reduce((n, one) => n + one.bytes.length, 0);
process.stdout.write(`${resources.length} resources, ${Math.round(bytes / resources.length)} bytes each on average\n`);

/** Items that one way of working goes through before the other has its turn. */
const slice = 500;
const rounds = 7;

interface Figures {
  readonly perSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Ways of working on the same items, slice by slice in turn, several times; of each slice the fastest time counts.
 * So neighbours of the machine, which only ever add, take little of either way, and as much of one as of the other. (Processor time would leave them out,
 * but where a system counts it by ticks of 4 ms a slice is a handful of those.)
 */
function inTurn<T>(items: readonly T[], ways: readonly ((item: T) => unknown)[]): Figures[] {
  for (const work of ways) for (const item of items.slice(0, 8 * slice)) work(item);
  const slices = Array.from({ length: Math.ceil(items.length / slice) }, (_, i) => items.slice(i * slice, (i + 1) * slice));
  const fastest = ways.map(() => slices.map(() => Number.POSITIVE_INFINITY));
  const times = ways.map(() => new Float64Array(rounds * items.length));
  const timed = ways.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [at, now] of slices.entries()) {
      for (const [i, work] of ways.entries()) {
        const start = process.hrtime.bigint();
        for (const item of now) {
          const before = process.hrtime.bigint();
          work(item);
          times[i]![timed[i]!++] = Number(process.hrtime.bigint() - before) / 1000;
        }
        fastest[i]![at] = Math.min(fastest[i]![at]!, Number(process.hrtime.bigint() - start));
      }
    }
  }
  return ways.map((_, i) => {
    const sorted = times[i]!.sort();
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)]!;
    const nanoseconds = fastest[i]!.reduce((sum, time) => sum + time, 0);
    return { perSecond: Math.round((items.length / nanoseconds) * 1e9), p50: at(0.5), p99: at(0.99) };
  });
}

const row = (name: string, { perSecond, p50, p99 }: Figures, ceiling?: Figures): void => {
  const ratio = ceiling === undefined ? '' : `  ${(perSecond / ceiling.perSecond).toFixed(2)} of the ceiling`;
  process.stdout.write(
    `${name.padEnd(46)} ${String(perSecond).padStart(8)} resources/s  p50 ${p50.toFixed(1)} µs  p99 ${p99.toFixed(1)} µs${ratio}\n`,
  );
};

/** What goes in are bytes, and what comes out. */
const written = (value: unknown): Buffer | undefined => (value === undefined ? undefined : Buffer.from(JSON.stringify(value)));

/** Parse, de-identify, serialize; what does not leave is parsed only. */
async function measurePolicy(name: (typeof builtIn)[number]): Promise<void> {
  const compiled = policyNamed(name);
  const of = series(compiled, Buffer.alloc(32, 7), { base, now: Date.now(), timeZone: 'Asia/Tokyo' });
  const all = resources.map(one => one.bytes);
  const leaving = resources.filter(one => compiled.types.has(one.type)).map(one => one.bytes);
  const subject = { shiftDays: 10, pooled: false, born: -5000 };
  // As in a release: each resource's pseudonym is computed once, for itself, and where a reference leads is looked up.
  const others = new Map<string, Json>();
  for (const { type, id, fullUrl } of resources) {
    if (!compiled.types.has(type)) continue;
    const to = { reference: joined(type, '/', of.keys.pseudonym(type, id)) };
    others.set(`${type}/${id}`, to);
    if (fullUrl !== undefined) others.set(fullUrl, to);
  }
  const led = new Led();
  const lead = (text: string): Json | undefined => others.get(text);
  const tally = newTally(compiled);
  const one = (resource: AnyResource): AnyResource | undefined => {
    if (!compiled.types.has(resource.resourceType)) return undefined;
    const id = of.keys.pseudonym(resource.resourceType, String(resource.id));
    return deidentify(compiled, resource, { keys: of.keys, base, id, subject, lead, led, today: of.today }, tally);
  };
  process.stdout.write(`\n${name}: ${leaving.length} resources are of types that leave\n`);
  for (const [what, items] of [
    ['all', all],
    ['those that leave', leaving],
  ] as const) {
    const [ceiling, ours] = inTurn(items, [
      given => written(JSON.parse(given.toString())),
      given => written(one(JSON.parse(given.toString()) as AnyResource)),
    ]) as [Figures, Figures];
    row(`${what}: JSON.parse + JSON.stringify`, ceiling);
    row(`${what}: parse + de-identify + serialize`, ours, ceiling);
    if (items !== leaving) continue;
    const bundles = given.slice(0, 50).map(parsed);
    const until = performance.now() + 2000;
    const before = process.threadCpuUsage();
    let released = 0;
    while (performance.now() < until) {
      for (const bundle of bundles) {
        const material = await ofBundle(bundle, new Set(), new Set(compiled.types.keys()), of, Number.MAX_SAFE_INTEGER);
        released += (await pack(material, new Set(compiled.types.keys()), of)).resources;
      }
    }
    const { user, system } = process.threadCpuUsage(before);
    const perSecond = Math.round((released / (user + system)) * 1e6);
    process.stdout.write(
      `${'a whole release (whose, shifts, packaging)'.padEnd(46)} ${String(perSecond).padStart(8)} resources/s  ${(perSecond / ceiling.perSecond).toFixed(2)} of the ceiling\n`,
    );
  }
}

for (const name of builtIn) if (values.policy === undefined || values.policy.includes(name)) await measurePolicy(name);
process.stdout.write(`memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most\n`);
