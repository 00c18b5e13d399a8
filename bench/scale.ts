/**
 * What growth costs: a population is loaded step by step; at each size the rate of import, memory and disk, then mixed searches, unselective ones among them, and counts.
 * Each rate stands beside that of a route that reads nothing (`/health/live`), taken at the same size.
 * node --max-old-space-size=12000 bench/scale.ts [--resources 200000,2000000] [--seconds 5] [--clients 16]
 * @module
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { call, closeConnections, closedLoop, memory, print, startTarget } from './measure.ts';
import { bundle, idOf, resourcesEach, surroundings } from './population.ts';

const { values } = parseArgs({
  options: {
    resources: { type: 'string', default: '200000' },
    seconds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '16' },
  },
});
const seconds = Number(values.seconds);
const clients = Number(values.clients);
const sizes = values.resources.split(',').map(Number);
const target = await startTarget();
const authorization = () => target.bearer('tester');
const post = async (body: Buffer): Promise<void> => {
  const { status } = await call(
    'POST',
    target.baseUrl,
    { authorization: await authorization(), 'content-type': 'application/fhir+json', prefer: 'return=minimal' },
    body,
  );
  if (status !== 200) throw new Error(`a bundle was answered ${status}`);
};
const get = async (query: string): Promise<Buffer> => {
  const { status, body } = await call('GET', `${target.baseUrl}/${query}`, { authorization: await authorization() });
  if (status !== 200) throw new Error(`${query} was answered ${status}`);
  return body;
};

await post(surroundings());
let patients = 0;
const someone = (n: number) => idOf((n * 7919) % patients);
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

for (const size of sizes) {
  const wanted = Math.ceil(size / resourcesEach);
  const step = 1000;
  let slowest = Number.POSITIVE_INFINITY;
  let first = 0;
  while (patients < wanted) {
    const end = Math.min(wanted, patients + step);
    const from = patients;
    const began = performance.now();
    await closedLoop(4, Number.POSITIVE_INFINITY, n => (from + n < end ? post(bundle(from + n)).then(() => resourcesEach) : undefined));
    const rate = ((end - from) * resourcesEach) / ((performance.now() - began) / 1000);
    first ||= rate;
    if (end - from === step) slowest = Math.min(slowest, rate);
    patients = end;
    process.stderr.write(`${patients * resourcesEach} resources, ${Math.round(rate)}/s\r`);
  }
  const disk = execFileSync('du', ['-sm', target.data]).toString().split('\t')[0];
  const { peak, now } = memory(target.pid);
  process.stdout.write(
    `\n${(patients * resourcesEach).toLocaleString('en')} resources: import from ${Math.round(first)} to ${Math.round(slowest)}/s at its slowest, ${now} MB resident (${peak} at most), ${disk} MB on disk\n`,
  );
  const bare = await closedLoop(clients, 2, () => call('GET', new URL('/health/live', target.baseUrl).href, {}).then(() => 1));
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
await target.stop(true);
const began = performance.now();
const again = await startTarget(target.data);
const took = performance.now() - began;
process.stdout.write(
  `start over ${(patients * resourcesEach).toLocaleString('en')} resources: ${(took / 1000).toFixed(1)} s, ${Math.round((patients * resourcesEach) / (took / 1000))}/s, ${memory(again.pid).now} MB resident\n`,
);
await again.stop();
closeConnections();
