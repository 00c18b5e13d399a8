/**
 * How fast the two passes over a data set are (peculiar values), on one core and over resources that are parsed already: persons and resources per second of processor time, beside JSON.parse + JSON.stringify of the
 * same bytes in the same run; and what a survey keeps in memory as more persons come.
 * node --expose-gc bench/dataset.ts [folder of bundles] [--patients 300] [--thousand 1000]
 * @module
 */
import { parseArgs } from 'node:util';
import { applier } from '../src/deid/dataset/apply.ts';
import { plan } from '../src/deid/dataset/plan.ts';
import { clinical, Survey } from '../src/deid/dataset/survey.ts';
import { deidentify } from '../src/deid/deidentify.ts';
import type { AnyResource } from '../src/fhir/model/r4.ts';
import { policyNamed } from '../src/release/policies.ts';
import { series } from '../src/release/series.ts';
import { load } from './hospital.ts';
import { bundle } from './population.ts';

const { values, positionals } = parseArgs({
  options: { patients: { type: 'string', default: '300' }, thousand: { type: 'string', default: '1000' } },
  allowPositionals: true,
});
const compiled = policyNamed('jp-anonymized');
const base = 'https://noren.example/bench';
const { keys } = series(compiled, Buffer.alloc(32, 7), { base, now: Date.now(), timeZone: 'Asia/Tokyo' });
const subject = { shiftDays: 10, pooled: false };

/** As the policy leaves them: one bundle is one person's here. */
const persons = load(Number(values.patients), positionals[0]).bundles.map(bytes =>
  (JSON.parse(bytes.toString()) as { entry: { resource: AnyResource }[] }).entry.flatMap(({ resource }, i) => {
    const id = keys.pseudonym(resource.resourceType, String(i));
    const left = deidentify(compiled, resource, { keys, base, id, subject, lead: () => ({ reference: 'Patient/x' }) });
    return left === undefined ? [] : [left];
  }),
);
const resources = persons.flat();
const texts = resources.map(resource => JSON.stringify(resource));
const bytes = texts.reduce((n, text) => n + Buffer.byteLength(text), 0);
process.stdout.write(
  `${persons.length} persons, ${resources.length} resources, ${Math.round(bytes / texts.length)} bytes each on average\n`,
);

/** Resources per second of processor time, for about three seconds after one turn to warm up. */
function rate(turn: () => void): number {
  turn();
  const until = performance.now() + 3000;
  const before = process.threadCpuUsage();
  let turns = 0;
  for (; performance.now() < until; turns++) turn();
  const { user, system } = process.threadCpuUsage(before);
  return ((turns * resources.length) / (user + system)) * 1e6;
}

const perPerson = resources.length / persons.length;
let ceiling = 0;
function row(name: string, perSecond: number): void {
  if (ceiling === 0) ceiling = perSecond;
  process.stdout.write(
    `${name.padEnd(44)} ${String(Math.round(perSecond)).padStart(9)} resources/s ${String(Math.round(perSecond / perPerson)).padStart(7)} persons/s  ${(perSecond / ceiling).toFixed(2)} of the ceiling\n`,
  );
}

function surveyed(combine: readonly string[]): Survey {
  const survey = new Survey({ k: 10, combine });
  for (const [n, one] of persons.entries()) survey.add(`Patient/${n}`, one);
  return survey;
}

row(
  'ceiling: JSON.parse + JSON.stringify',
  rate(() => {
    for (const text of texts) JSON.stringify(JSON.parse(text));
  }),
);
row(
  'first pass: survey',
  rate(() => void surveyed([])),
);
row(
  'first pass, with pairs of codes',
  rate(() => void surveyed(clinical)),
);
const made = plan(surveyed(clinical));
const under = applier(made.json);
row(
  'second pass: apply',
  rate(() => {
    for (const resource of resources) under.apply(resource);
  }),
);
const start = performance.now();
const whole = surveyed(clinical);
const between = performance.now();
plan(whole);
process.stdout.write(
  `plan of ${whole.looks.length} looks and ${whole.things.length} things measured: ${Math.round(performance.now() - between)} ms (survey ${Math.round(between - start)} ms)\n`,
);
process.stdout.write(
  `plan as JSON: ${Math.round(JSON.stringify(made.json).length / 1024)} KB; report: ${JSON.stringify({ ...made.report, pairs: { ...made.report.pairs, rarest: made.report.pairs.rarest.length } })}\n`,
);

const collect = (globalThis as { gc?: () => void }).gc;
const heap = (): number => {
  collect?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};
const most = Number(values.thousand) * 1000;
const empty = heap();
const keeps = (survey: Survey, what: string): void => {
  const held = collect === undefined ? '? MB (run with --expose-gc to know)' : `${(heap() - empty).toFixed(1)} MB`;
  process.stdout.write(
    `a survey of ${String(survey.persons).padStart(6)} persons, ${String(survey.resources).padStart(8)} resources (${what}) keeps ${held}: ${survey.looks.length} looks, ${survey.things.length} things measured\n`,
  );
};
const isShare = (done: number, all: number): boolean => [0.05, 0.25, 0.5, 1].some(share => Math.round(share * all) === done);

// The same persons under ever new names: more persons and resources, no other codes.
{
  const survey = new Survey({ k: 10, combine: clinical });
  const rounds = Math.max(20, Math.ceil(most / resources.length / 20) * 20);
  for (let round = 1; round <= rounds; round++) {
    for (const [n, one] of persons.entries()) survey.add(`Patient/${round}-${n}`, one);
    if (isShare(round, rounds)) keeps(survey, 'the same again');
  }
}

// A population with 10,000 rare tests, person by person, made and forgotten.
const each = 50;
const survey = new Survey({ k: 10, combine: clinical });
for (let n = 0; survey.resources < most; n++) {
  const { entry } = JSON.parse(bundle(n, n + 1, each).toString()) as { entry: { resource: AnyResource }[] };
  survey.add(
    `Patient/${n}`,
    entry.map(one => one.resource),
  );
  if (isShare(n + 1, most / each)) keeps(survey, 'ever rarer codes');
}
const planned = performance.now();
const { report } = plan(survey);
process.stdout.write(
  `plan of it: ${Math.round(performance.now() - planned)} ms; ${JSON.stringify({ ...report, pairs: { ...report.pairs, rarest: report.pairs.rarest.length } })}; highest resident ${Math.round(process.resourceUsage().maxRSS / 1024)} MB\n`,
);
