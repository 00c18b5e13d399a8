/**
 * Searches of the kinds that clients send most, 16 clients, against JSON.parse and JSON.stringify of an answer of the same size in one thread.
 * node bench/search.ts [--seconds 5] [--patients 300]
 * @module
 */
import { parseArgs } from 'node:util';
import { load } from './hospital.ts';
import { call, closeConnections, closedLoop, memory, print, startTarget } from './measure.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' }, patients: { type: 'string', default: '300' } } });
const seconds = Number(values.seconds);
const target = await startTarget();
const authorization = await target.bearer('tester');
for (const bundle of load(Number(values.patients)).bundles) {
  const { status } = await call('POST', target.baseUrl, { authorization, 'content-type': 'application/fhir+json' }, bundle);
  if (status !== 200) throw new Error(`a bundle was answered ${status}`);
}

const answer = async (query: string) => (await call('GET', `${target.baseUrl}/${query}`, { authorization })).body;
interface Searchset {
  readonly entry?: readonly {
    readonly resource: { readonly id: string; readonly code?: { readonly coding?: readonly { readonly code?: string }[] } };
  }[];
}
const searchset = async (query: string) => JSON.parse((await answer(query)).toString()) as Searchset;
const patients = (await searchset('Patient?_count=200')).entry!.map(entry => entry.resource.id);
const codes = [
  ...new Set((await searchset('Observation?_count=500')).entry!.flatMap(entry => entry.resource.code?.coding?.[0]?.code ?? [])),
];
const pick = <T>(list: readonly T[], n: number): T => list[(n * 7919) % list.length]!;

const queries: Record<string, (n: number) => string> = {
  'Patient?name': n => `Patient?name=${encodeURIComponent(pick(['山', '佐', 'タ', '田', '鈴'], n))}&_count=20`,
  'Observation?subject&code': n => `Observation?subject=Patient/${pick(patients, n)}&code=${pick(codes, n)}&_count=50`,
  'Observation?code&value-quantity': n => `Observation?code=${pick(codes, n)}&value-quantity=gt${50 + (n % 80)}&_count=50`,
  'Condition?subject': n => `Condition?subject=Patient/${pick(patients, n)}&_count=50`,
  'Encounter?date, sorted': n => `Encounter?date=ge20${10 + (n % 10)}-01-01&_count=20&_sort=-date`,
  'Observation?subject with _include': n => `Observation?subject=Patient/${pick(patients, n)}&_include=Observation:subject&_count=20`,
  'Observation?code, count only': n => `Observation?code=${pick(codes, n)}&_summary=count`,
  'Patient?_has:Condition': () => 'Patient?_has:Condition:patient:code=E11&_count=20',
};
for (const [name, query] of Object.entries(queries)) {
  const sample = await answer(query(1));
  const began = performance.now();
  let rounds = 0;
  while (performance.now() - began < 300) {
    JSON.stringify(JSON.parse(sample.toString()));
    rounds++;
  }
  const ceiling = rounds / ((performance.now() - began) / 1000);
  const loop = await closedLoop(16, seconds, n =>
    call('GET', `${target.baseUrl}/${query(n)}`, { authorization }).then(({ status }) => {
      if (status !== 200) throw new Error(String(status));
      return 1;
    }),
  );
  print(name, loop, 'requests/s', ceiling);
}
process.stdout.write(`server memory: ${memory(target.pid).peak} MB at most\n`);
await target.stop();
closeConnections();
