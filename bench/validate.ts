/**
 * How fast resources are parsed and validated, beside JSON.parse and JSON.stringify of the same bytes in the same run; and held against a profile, beside
 * their base validation.
 * Reads the Synthea bundles of ../shared when they are there, else one lab Observation of its own. `node bench/validate.ts`
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseJson } from '../src/fhir/model/json.ts';
import type { AnyResource } from '../src/fhir/model/r4.ts';
import { createProfiles } from '../src/fhir/profile/profiles.ts';
import { validate } from '../src/fhir/profile/validate.ts';

const lab = {
  resourceType: 'Observation',
  id: 'glucose',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory', display: 'laboratory' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '2339-0', display: 'Glucose' }], text: 'Glucose' },
  subject: { reference: 'Patient/1' },
  encounter: { reference: 'Encounter/1' },
  effectiveDateTime: '2024-03-01T09:30:00+09:00',
  issued: '2024-03-01T09:30:00.000+09:00',
  valueQuantity: { value: 97.4, unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
};

function samples(): AnyResource[] {
  const folder = path.resolve(import.meta.dirname, '../../shared/data/synthea');
  if (!existsSync(folder)) {
    console.log('../shared/data/synthea is not there: one made-up Observation instead');
    return [lab];
  }
  return readdirSync(folder).flatMap(set =>
    readdirSync(path.join(folder, set))
      .filter(file => file.endsWith('.json.gz'))
      .slice(0, 8)
      .flatMap(file => {
        const bundle = JSON.parse(gunzipSync(readFileSync(path.join(folder, set, file))).toString()) as {
          entry: { resource: AnyResource }[];
        };
        return bundle.entry.map(entry => entry.resource);
      }),
  );
}

const isLab = (r: AnyResource): boolean => r.resourceType === 'Observation' && JSON.stringify(r['category']).includes('"laboratory"');

/** Seconds that `work` takes for all items: the best of a few rounds, after one to warm up. */
function seconds<T>(items: readonly T[], work: (item: T) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  const until = performance.now() + 1500;
  for (let round = 0; round < 4 || (performance.now() < until && round < 50); round++) {
    const start = performance.now();
    for (const item of items) work(item);
    if (round > 0) best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

const all = samples();
const start = performance.now();
validate(lab);
console.log(`first validation (table read, validators written): ${(performance.now() - start).toFixed(0)} ms`);

const groups = new Map<string, AnyResource[]>([['lab Observation', all.filter(isLab)]]);
for (const resource of all) groups.set(resource.resourceType, [...(groups.get(resource.resourceType) ?? []), resource].slice(0, 2000));

console.log('type                     µs/resource  resources/s   × JSON.parse+stringify   parseJson × JSON.parse');
for (const [name, list] of groups) {
  if (list.length === 0) continue;
  const bytes = list.map(resource => Buffer.from(JSON.stringify(resource)));
  const ceiling = seconds(bytes, body => JSON.stringify(JSON.parse(body.toString())));
  const plain = seconds(bytes, body => JSON.parse(body.toString()));
  const strict = seconds(bytes, body => parseJson(body));
  const took = seconds(list, validate);
  const micros = (took / list.length) * 1e6;
  console.log(
    `${name.padEnd(24)} ${micros.toFixed(1).padStart(11)}  ${Math.round(list.length / took)
      .toString()
      .padStart(11)}   ${(took / ceiling).toFixed(2).padStart(22)}   ${(strict / plain).toFixed(2).padStart(22)}`,
  );
}

/** The lab Observation as a body weight, so that it conforms to a profile of R4 with slices, fixed values and invariants. */
const weight = {
  ...lab,
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  valueQuantity: { value: 60, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
};
const claiming = { ...weight, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bodyweight'] } };
const profiles = createProfiles({ source: async () => undefined, now: () => Date.now() });
const cold = performance.now();
const wrong = await profiles.check(claiming);
console.log(`first profile (engine loaded, profile read): ${(performance.now() - cold).toFixed(0)} ms; findings: ${wrong.length}`);
let best = Number.POSITIVE_INFINITY;
for (let round = 0; round < 5; round++) {
  const begin = performance.now();
  for (let i = 0; i < 1000; i++) await profiles.check(claiming);
  best = Math.min(best, (performance.now() - begin) / 1000);
}
const base = seconds(Array(1000).fill(weight), validate);
console.log(
  `bodyweight: ${Math.round(1000 / best)} profile checks/s, ${(best * 1000).toFixed(0)} µs each, ${(best / base).toFixed(0)} × its base validation`,
);
const unclaimed = seconds(Array(1000).fill(weight), one => profiles.concerns(one));
console.log(`no profile named: ${(unclaimed * 1e6).toFixed(0)} ns to see it, ${(unclaimed / base).toFixed(3)} × the base validation`);
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
