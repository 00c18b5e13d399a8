/**
 * How fast resources become anonymous on one core: the engine alone; the engine with parsing and serializing; the whole of a release (whose each resource is,
 * packaging). Beside JSON.parse and JSON.stringify of the same bytes, in turn with them.
 * node bench/deidentify.ts [folder of bundles] [--patients 300] [--policy NAME …]
 * @module
 */
import { parseArgs } from 'node:util';
import { deidentify, newTally } from '../src/deid/deidentify.ts';
import { joined } from '../src/deid/joined.ts';
import { Recent } from '../src/deid/recent.ts';
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
const given = load(Number(values.patients), positionals[0]).bundles;
const parsed = (bundle: Buffer): AnyResource => withIds(JSON.parse(bundle.toString()) as AnyResource);

interface Item {
  readonly type: string;
  readonly id: string;
  readonly fullUrl: string | undefined;
  readonly bytes: Buffer;
}

/** The resources of each Bundle, serialized each for itself. What is not measured is not kept: a heap full of other things would be gone through beside the work. */
const bundles: readonly (readonly Item[])[] = given.map(bundle =>
  ((parsed(bundle)['entry'] ?? []) as { fullUrl?: string; resource: AnyResource }[]).map(({ fullUrl, resource }) => ({
    ...{ type: resource.resourceType, id: String(resource.id), fullUrl },
    bytes: Buffer.from(JSON.stringify(resource)),
  })),
);
const all = bundles.flat();
process.stdout.write(
  `${bundles.length} Bundles, ${all.length} resources, ${Math.round(all.reduce((n, one) => n + one.bytes.length, 0) / all.length)} bytes each on average\n`,
);

/** A Bundle, and where references in it lead. */
interface Given {
  readonly items: readonly Item[];
  readonly lead: (text: string) => Json | undefined;
}

/** How often each Bundle is gone through in each way. */
const rounds = 7;

/**
 * Ways of working on the same Bundles, Bundle by Bundle in turn, several times; of each Bundle the fastest time counts.
 * So neighbours of the machine, which only ever add, take little of either way, and as much of one as of the other. (Processor time would leave them out,
 * but where a system counts it by ticks of 4 ms a Bundle is a handful of those.)
 * @returns resources per second, of each way
 */
function inTurn(given: readonly Given[], ways: readonly ((given: Given) => void)[]): number[] {
  const fastest = ways.map(() => given.map(() => Number.POSITIVE_INFINITY));
  for (const work of ways) for (const some of given.slice(0, 40)) work(some);
  for (let round = 0; round < rounds; round++) {
    for (const [at, some] of given.entries()) {
      for (const [i, work] of ways.entries()) {
        const start = process.hrtime.bigint();
        work(some);
        fastest[i]![at] = Math.min(fastest[i]![at]!, Number(process.hrtime.bigint() - start));
      }
    }
  }
  const count = given.reduce((n, { items }) => n + items.length, 0);
  return fastest.map(times => Math.round((count / times.reduce((sum, time) => sum + time, 0)) * 1e9));
}

const row = (name: string, perSecond: number, ceiling?: number): void => {
  const ratio = ceiling === undefined ? '' : `  ${(perSecond / ceiling).toFixed(2)} of the ceiling`;
  process.stdout.write(
    `${name.padEnd(46)} ${String(perSecond).padStart(8)} resources/s  ${(1e6 / perSecond).toFixed(1)} µs each${ratio}\n`,
  );
};

/** What goes in are bytes, and what comes out. */
const written = (value: unknown): Buffer | undefined => (value === undefined ? undefined : Buffer.from(JSON.stringify(value)));

/** Parse, de-identify, serialize, one resource after the other; what does not leave is parsed only. */
async function measurePolicy(name: (typeof builtIn)[number]): Promise<void> {
  const compiled = policyNamed(name);
  const of = series(compiled, Buffer.alloc(32, 7), { base, now: Date.now(), timeZone: 'Asia/Tokyo' });
  const { keys, today } = of;
  const subject = { shiftDays: 10, pooled: false, born: { first: -5000, last: -5000 } };
  const each = bundles.map((items): Given => {
    const others = new Map<string, Json>();
    for (const { type, id, fullUrl } of items) {
      if (!compiled.types.has(type)) continue;
      const to = { reference: joined(type, '/', keys.pseudonym(type, id)) };
      others.set(`${type}/${id}`, to);
      if (fullUrl !== undefined) others.set(fullUrl, to);
    }
    return { items, lead: text => others.get(text) };
  });
  const tally = newTally(compiled);
  const deidentified = ({ items, lead }: Given): void => {
    const led = new Recent<Json | undefined>();
    // As in a release: first the pseudonyms of all, then one resource after the other.
    const ids = items.map(({ type, id }) => (compiled.types.has(type) ? keys.pseudonym(type, id) : undefined));
    for (const [i, { bytes }] of items.entries()) {
      const resource = JSON.parse(bytes.toString()) as AnyResource;
      const id = ids[i];
      if (id !== undefined) written(deidentify(compiled, resource, { keys, base, id, subject, lead, led, today }, tally));
    }
  };
  const leaving = each.map(({ items, lead }) => ({ items: items.filter(({ type }) => compiled.types.has(type)), lead }));
  process.stdout.write(`\n${name}: ${leaving.flatMap(({ items }) => items).length} resources are of types that leave\n`);
  for (const [what, some] of [
    ['all', each],
    ['those that leave', leaving],
  ] as const) {
    const [ceiling, ours] = inTurn(some, [
      ({ items }) => {
        for (const { bytes } of items) written(JSON.parse(bytes.toString()));
      },
      deidentified,
    ]) as [number, number];
    row(`${what}: JSON.parse + JSON.stringify`, ceiling);
    row(`${what}: parse + de-identify + serialize`, ours, ceiling);
    if (some !== leaving) continue;
    const first = given.slice(0, 50).map(parsed);
    const until = performance.now() + 2000;
    const before = process.threadCpuUsage();
    let released = 0;
    while (performance.now() < until) {
      for (const bundle of first) {
        const material = await ofBundle(bundle, new Set(), new Set(compiled.types.keys()), of, Number.MAX_SAFE_INTEGER);
        released += (await pack(material, new Set(compiled.types.keys()), of)).resources;
      }
    }
    const { user, system } = process.threadCpuUsage(before);
    row('a whole release (whose, shifts, packaging)', Math.round((released / (user + system)) * 1e6), ceiling);
  }
}

for (const name of builtIn) if (values.policy === undefined || values.policy.includes(name)) await measurePolicy(name);
process.stdout.write(`memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most\n`);
