/**
 * What growth costs: a population is loaded step by step; at each size the rate of import, memory and disk, then a start, then mixed searches, unselective ones among them, and counts.
 * Each rate stands beside a ceiling of the same run: imports beside plain rows in SQLite, searches beside a route that reads nothing (`/health/live`) at the same size.
 * With few resources a patient it shows what many patients cost, whose keys and names are the most of it.
 * node bench/scale.ts [--resources 200000,2000000 | --patients 10000,100000] [--each 100] [--seconds 5] [--clients 16]
 * With STORE=mongodb://… (an empty database) in MongoDB.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { growing, patientsInBundle, type Step } from './grow.ts';
import { call, closeConnections, closedLoop, memory, print, startTarget } from './measure.ts';
import { plainRows } from './plain-rows.ts';
import { bundle, idOf } from './population.ts';

const { values } = parseArgs({
  options: {
    resources: { type: 'string', default: '200000' },
    patients: { type: 'string' },
    each: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '16' },
  },
});
const seconds = Number(values.seconds);
const clients = Number(values.clients);
const each = Number(values.each);
/** In patients. */
const sizes = values.patients?.split(',').map(Number) ?? values.resources.split(',').map(n => Math.ceil(Number(n) / each));
const inBundle = patientsInBundle(each);
const ceiling = plainRows(Array.from({ length: 200 }, (_, n) => bundle(n * inBundle, (n + 1) * inBundle, each)));
print('ceiling: plain rows in SQLite', { perSecond: ceiling, p50: 0, p99: 0 }, 'resources/s');

let target = await startTarget();
const authorization = () => target.bearer('tester');
const get = async (query: string): Promise<Buffer> => {
  const { status, body } = await call('GET', `${target.baseUrl}/${query}`, { authorization: await authorization() });
  if (status !== 200) throw new Error(`${query} was answered ${status}`);
  return body;
};

const population = growing(each);
const someone = (n: number) => idOf((n * 7919) % population.patients());
const pick = <T>(list: readonly T[], n: number): T => list[(n * 7919) % list.length]!;

/** Families of searches (selective and not), a fresh value each time. */
const mix: Readonly<Record<string, (n: number) => string>> = {
  name: n => `Patient?name=${pick(['Smi', 'Sch', 'Ander', 'Berg'], n)}&gender=female&_count=20`,
  address: n => `Patient?address-city=${pick(['Boston', 'Salem', 'Nowhere'], n)}&_count=20`,
  'birth date': n => `Patient?birthdate=${pick(['lt1950-01-01', 'ge2000-01-01', '1970', '1999-05'], n)}&_count=20`,
  'observation of a patient': n => `Observation?subject=Patient/${someone(n)}&_count=20`,
  'observation of a patient by code': n => `Observation?subject=Patient/${someone(n)}&code=${pick(['29463-7', '8867-4'], n)}&_count=20`,
  'condition of a patient': n => `Condition?patient=${someone(n)}&_count=20`,
  'encounter of a patient': n => `Encounter?patient=${someone(n)}&_count=20`,
  'read by id': n => `Patient/${someone(n)}`,
  'code|system': n => `Observation?code=http://loinc.org|${pick(['8302-2', '718-7', '0-0'], n)}&_count=20`,
  quantity: n => `Observation?value-quantity=${pick(['gt140', 'lt60', '120', '99999'], n)}&_count=20`,
  'code and quantity in one component': n =>
    `Observation?component-code-value-quantity=${pick(['8480-6$gt170', '8462-4$lt55'], n)}&_count=20`,
  'code and quantity': n => `Observation?code-value-quantity=${pick(['39156-5$ge45', '8867-4$lt45'], n)}&_count=20`,
  'observation date': n => `Observation?date=${pick(['2015-03-01', 'ge2023-12-20', 'lt2010-01-10'], n)}&_count=20`,
  'sorted by date': n => `Encounter?date=ge20${10 + (n % 10)}-01-01&_sort=-date&_count=20`,
  'has a condition': () => 'Patient?_has:Condition:patient:code=62718007&_count=20',
  'chain to the patient': n => `Condition?patient.birthdate=${pick(['1950-01', '1999-05'], n)}&_count=20`,
  'words, anywhere': n => `Condition?_content=${pick(['hypertension', 'essential'], n)}&_count=20`,
  'words of a code': n => `Condition?code:text=${pick(['hypert', 'essential'], n)}&_count=20`,
  include: n => `Observation?subject=Patient/${someone(n)}&_include=Observation:subject&_include=Observation:encounter&_count=20`,
};
/** What few servers do well: predicates that most resources satisfy, alone and together. */
const unselective: Readonly<Record<string, string>> = {
  'everything, total': 'Observation?_count=1&_total=accurate',
  'frequent code, total': 'Observation?code=72514-3&_total=accurate&_count=5',
  'combo code, total': 'Observation?combo-code=8480-6&_total=accurate&_count=5',
  'gender, total': 'Patient?gender=male&_total=accurate&_count=5',
  'date from, total': 'Observation?date=ge2020-01-01&_total=accurate&_count=5',
  'count: rare code': 'Observation?code=8310-5&_summary=count',
  'count: medium code': 'Observation?code=55758-7&_summary=count',
  'count: frequent code': 'Observation?code=72514-3&_summary=count',
  'count: code and year': 'Observation?code=72514-3&date=2019&_summary=count',
  'count: category and year': 'Observation?category=vital-signs&date=2019&_summary=count',
  'count: year': 'Observation?date=2019&_summary=count',
  'count: code and value': 'Observation?code=29463-7&value-quantity=lt79.5|http://unitsofmeasure.org|kg&_summary=count',
  'count: category and patient': 'Observation?category=laboratory&patient.birthdate=1950-01,1950-02&_summary=count',
  'count: birth date': 'Patient?birthdate=gt1998-04-10&_summary=count',
  'sorted, all': 'Observation?_sort=-date&_count=20',
  'has, frequent': 'Patient?_has:Observation:patient:code=72514-3&_summary=count',
};

const whole = (n: number): string => Math.round(n).toLocaleString('en');
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
/** What stands below DATA, in MB: with MongoDB the audit is all of it. */
const disk = (): string =>
  ['store', 'keys', 'audit']
    .filter(name => existsSync(path.join(target.data, name)))
    .map(
      name =>
        `${name} ${
          execFileSync('du', ['-sm', path.join(target.data, name)])
            .toString()
            .split('\t')[0]
        } MB`,
    )
    .join(', ');
const live = () => call('GET', new URL('/health/live', target.baseUrl).href, {}).then(() => 1);
let first: Step | undefined;
for (const size of sizes) {
  const steps = await population.to(target, size);
  first ??= steps[0];
  const last = steps.at(-1);
  const { peak, now } = memory(target.pid);
  const files = disk();
  process.stdout.write(
    `\n${whole(size)} patients, ${whole(size * each)} resources: ${now} MB resident (${peak} at most); on disk ${files}\n`,
  );
  if (first && last) {
    const slowest = Math.min(...steps.map(({ perSecond }) => perSecond));
    process.stdout.write(
      `import: ${whole(last.perSecond)} resources/s in the last step, ${percent(last.perSecond / first.perSecond)} of the first (${whole(first.perSecond)}/s); slowest ${whole(slowest)}/s; ${percent(last.perSecond / ceiling)} of plain rows\n` +
        `        ${last.spent.toFixed(0)} µs of the server's processor time a resource, ${first.spent.toFixed(0)} in the first step: ${percent(first.spent / last.spent)}\n`,
    );
  }
  await target.stop(true);
  closeConnections();
  const began = performance.now();
  target = await startTarget(target.data);
  const took = (performance.now() - began) / 1000;
  process.stdout.write(`start: ${took.toFixed(1)} s, ${whole((size * each) / took)} resources/s, ${memory(target.pid).now} MB resident\n`);
  await closedLoop(clients, 1, live);
  const bare = await closedLoop(clients, 2, live);
  print('bare route', bare, 'requests/s');
  const header = await authorization();
  for (const [name, query] of Object.entries(mix)) {
    const loop = await closedLoop(clients, seconds, n =>
      call('GET', `${target.baseUrl}/${query(n)}`, { authorization: header }).then(({ status }) => {
        if (status !== 200) throw new Error(String(status));
        return 1;
      }),
    );
    print(name, loop, 'requests/s', bare.perSecond);
  }
  for (const [name, query] of Object.entries(unselective)) {
    const times: number[] = [];
    let hits = 0;
    for (let i = 0; i < 8; i++) {
      const began = performance.now();
      const body = JSON.parse((await get(query)).toString()) as { total?: number };
      if (i > 0) times.push(performance.now() - began);
      hits = body.total ?? 0;
    }
    times.sort((a, b) => a - b);
    const median = times[times.length >> 1]!;
    process.stdout.write(
      `${name.padEnd(34)} ${median.toFixed(1).padStart(9)} ms  worst ${times.at(-1)!.toFixed(1)} ms  ${hits.toLocaleString('en')} hits  ${(hits / median / 1000).toFixed(1)} M hits/s\n`,
    );
  }
}
await target.stop();
closeConnections();
