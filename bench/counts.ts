/**
 * Resource counts and downloads over a made population, one client: by a code, with a year, with 1,000 patients, by a list of 10,000 codes, by a value, by a chain; then every page of a
 * search, whole and with one element. Searches are sent by POST, so that the longest fit.
 * Ceilings of the same run: of a count a route that reads nothing (`/health/live`), of a download an Express server that writes a Buffer of a page's size and does nothing else.
 * node bench/counts.ts [--patients 2000] [--each 100] [--rounds 7]
 * With STORE=mongodb://… (an empty database) in MongoDB.
 * @module
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { growing } from './grow.ts';
import { call, closeConnections, startTarget } from './measure.ts';
import { idOf, rareCode } from './population.ts';

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '2000' },
    each: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '7' },
  },
});
const patients = Number(values.patients);
const rounds = Number(values.rounds);
const target = await startTarget();
await growing(Number(values.each)).to(target, patients);
const form = { 'content-type': 'application/x-www-form-urlencoded' };
interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly unknown[];
}
async function search(type: string, query: string): Promise<Buffer> {
  const headers = { ...form, authorization: await target.bearer('tester') };
  const { status, body } = await call('POST', `${target.baseUrl}/${type}/_search`, headers, query);
  if (status !== 200) throw new Error(`${type}?${query.slice(0, 80)} was answered ${status}`);
  return body;
}
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;
/** Milliseconds, the median of the rounds after one that is thrown away. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n <= rounds; n++) {
    const began = performance.now();
    await work();
    if (n > 0) times.push(performance.now() - began);
  }
  return median(times);
}

const codes = (n: number): string => Array.from({ length: n }, (_, i) => rareCode(i)).join();
const some = (n: number): string =>
  Array.from({ length: Math.min(n, patients) }, (_, i) => `Patient/${idOf((i * 7919) % patients)}`).join();
const kilograms = '|http://unitsofmeasure.org|kg';
const counts: readonly (readonly [name: string, type: string, query: string])[] = [
  ...['8310-5', '55758-7', '72514-3'].flatMap(code => [
    [`code ${code}`, 'Observation', `code=${code}`] as const,
    [`code ${code} and year`, 'Observation', `code=${code}&date=2019`] as const,
    [`code ${code} and 1,000 patients`, 'Observation', `code=${code}&subject=${some(1000)}`] as const,
    [`code ${code}, year, 1,000 patients`, 'Observation', `code=${code}&date=2019&subject=${some(1000)}`] as const,
  ]),
  ...['laboratory', 'vital-signs'].map(category => [`${category} and year`, 'Observation', `category=${category}&date=2019`] as const),
  ['year', 'Observation', 'date=2019'],
  ...['26.8', '79.5', '183'].map(
    value => [`weight below ${value} kg`, 'Observation', `code=29463-7&value-quantity=lt${value}${kilograms}`] as const,
  ),
  ['laboratory and birth in two months', 'Observation', 'category=laboratory&patient.birthdate=1950-01,1950-02'],
  ['two steps to the birth date', 'Procedure', 'reason-reference:Condition.subject:Patient.birthdate=1950'],
  ...['gt', 'ge', 'lt', 'le'].map(prefix => [`birth date ${prefix}`, 'Patient', `birthdate=${prefix}1998-04-10`] as const),
  ...[1, 10, 100, 1000, 10_000].map(
    n => [n === 1 ? '1 code' : `${n.toLocaleString('en')} codes`, 'Observation', `code=${codes(n)}`] as const,
  ),
  // A query takes 10,000 values in all.
  ...[10, 100, 1000, 9000].map(
    n => [`${n.toLocaleString('en')} codes and 1,000 patients`, 'Observation', `code=${codes(n)}&subject=${some(1000)}`] as const,
  ),
];

process.stdout.write(`\n${patients.toLocaleString('en')} patients, ${(patients * Number(values.each)).toLocaleString('en')} resources\n`);
const live = new URL('/health/live', target.baseUrl).href;
for (let n = 0; n < 200; n++) await call('GET', live, {});
const bare = await timed(() => call('GET', live, {}));
process.stdout.write(`${'ceiling: bare route'.padEnd(38)} ${bare.toFixed(2).padStart(9)} ms\n`);
for (const [name, type, query] of counts) {
  const asked = `${query}&_summary=count`;
  const { total = 0 } = JSON.parse((await search(type, asked)).toString()) as Bundle;
  const ms = await timed(() => search(type, asked));
  process.stdout.write(
    `${name.padEnd(38)} ${ms.toFixed(2).padStart(9)} ms  ${total.toLocaleString('en').padStart(9)} hits  ${(total / ms / 1000).toFixed(2)} M hits/s  ${(bare / ms).toFixed(2)} of the ceiling\n`,
  );
}

/** All pages of a search; how many resources and bytes. */
async function download(query: string): Promise<{ resources: number; bytes: number; page: number; seconds: number }> {
  const began = performance.now();
  let body = await search('Observation', query);
  const page = body.length;
  let [resources, bytes] = [0, 0];
  for (;;) {
    const bundle = JSON.parse(body.toString()) as Bundle;
    resources += bundle.entry?.length ?? 0;
    bytes += body.length;
    const next = bundle.link.find(({ relation }) => relation === 'next');
    if (!next) return { resources, bytes, page, seconds: (performance.now() - began) / 1000 };
    const got = await call('GET', next.url, { authorization: await target.bearer('tester') });
    if (got.status !== 200) throw new Error(`a page was answered ${got.status}`);
    body = got.body;
  }
}
/** Bytes a second of a server that has nothing to do, to a client that parses them as here. @param page bytes of one answer */
async function bareBytes(page: Buffer): Promise<number> {
  const bareServer = fork(new URL('./bare-express.ts', import.meta.url), [String(page.length)]);
  const port = await new Promise<number>(resolve => bareServer.on('message', message => resolve(message as number)));
  const once = async () => {
    await call('GET', `http://127.0.0.1:${port}/`, {});
    JSON.parse(page.toString());
  };
  await once();
  const ms = await timed(once);
  bareServer.kill();
  return page.length / (ms / 1000);
}
for (const [name, query] of [
  ['download, rare code', 'code=8310-5&_count=1000'],
  ['download, frequent code', 'code=72514-3&_count=1000'],
  ['the same, _elements=subject', 'code=72514-3&_count=1000&_elements=subject'],
] as const) {
  const ceiling = await bareBytes(await search('Observation', query));
  await download(query);
  const all = [await download(query), await download(query), await download(query)];
  const seconds = median(all.map(one => one.seconds));
  const { resources, bytes } = all[0]!;
  process.stdout.write(
    `${name.padEnd(38)} ${Math.round(resources / seconds)
      .toLocaleString('en')
      .padStart(
        9,
      )} resources/s  ${(bytes / seconds / 1e6).toFixed(0)} MB/s  ${resources.toLocaleString('en')} in ${seconds.toFixed(2)} s  ${(bytes / seconds / ceiling).toFixed(2)} of the ceiling\n`,
  );
}
await target.stop();
closeConnections();
