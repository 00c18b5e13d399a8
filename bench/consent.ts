/**
 * The price of enforcement: the same reads with the persons on the list of objections left out and without leaving anybody out, in turns, in one store, where 0, 1, 10 and
 * 50 % of the persons object to one of their two institutions (so that their data stay, and each must be looked at). The ceiling of each row is the same query without enforcement.
 * node bench/consent.ts [--patients 2000] [--rounds 15]
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Access, asServer, leavingOut } from '../src/fhir/model/access.ts';
import type { AnyResource } from '../src/fhir/model/r4.ts';
import { parseSearch } from '../src/fhir/search/parse.ts';
import type { SearchQuery } from '../src/fhir/search/query.ts';
import { openKeyring } from '../src/fhir/store/keys/keyring.ts';
import { openSqliteStore } from '../src/fhir/store/sqlite/store.ts';
import type { ListEntry } from '../src/fhir/store/store.ts';

const { values } = parseArgs({ options: { patients: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '15' } } });
const patients = Number(values.patients);
const rounds = Number(values.rounds);
const settings = { base: 'http://noren.bench/fhir', timeZone: 'Asia/Tokyo' };
const directory = mkdtempSync(path.join(tmpdir(), 'noren-bench-consent-'));
const keyring = openKeyring({ directory: path.join(directory, 'keys'), master: Buffer.alloc(32, 1) });
const store = await openSqliteStore({
  directory: path.join(directory, 'store'),
  keyring,
  baseUrl: settings.base,
  timeZone: settings.timeZone,
  synchronous: 'normal',
});

const codes = ['4548-4', '2160-0', '718-7', '2345-7', '8480-6'];
/** One person's record at one of two institutions: a Patient, a Condition, ten values. */
function record(n: number): AnyResource[] {
  const subject = { reference: `Patient/p${n}` };
  const day = (k: number) => `20${10 + ((n + k) % 15)}-0${1 + (k % 9)}-1${n % 9}`;
  return [
    {
      resourceType: 'Patient',
      id: `p${n}`,
      identifier: [{ system: 'urn:numbers', value: String(n) }],
      name: [{ family: ['山田', '佐藤', '鈴木', '田中'][n % 4]! }],
      gender: n % 2 === 0 ? 'male' : 'female',
      birthDate: `19${40 + (n % 60)}-01-01`,
    },
    {
      resourceType: 'Condition',
      id: `c${n}`,
      subject,
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: n % 3 === 0 ? 'E11' : 'I10' }] },
    },
    ...Array.from({ length: 10 }, (_, k) => ({
      resourceType: 'Observation',
      id: `o${n}-${k}`,
      status: 'final',
      subject,
      code: { coding: [{ system: 'http://loinc.org', code: codes[k % codes.length] }] },
      effectiveDateTime: day(k),
      valueQuantity: { value: (n * 31 + k * 17) % 200, unit: 'mg/dL' },
    })),
  ];
}
for (let n = 0; n < patients; n += 50) {
  const sender = `Organization/hospital-${1 + ((n / 50) % 2)}`;
  const resources = Array.from({ length: 50 }, (_, k) => record(n + k)).flat();
  await store.commit({
    writes: resources.map(resource => ({ type: resource.resourceType, id: resource.id!, resource, expect: 'absent', sender })),
  });
}

const all = asServer('measure');
const research = leavingOut(all, 'objection');
const asked = (text: string): SearchQuery => {
  const [type, query = ''] = text.split('?') as [string, string?];
  const pairs = query.split('&').map(pair => pair.split('=') as [string, string]);
  return parseSearch(type, query === '' ? [] : pairs, { ...settings, defaultCount: 50, maxCount: 1000 }).query;
};
const searches = [
  'Patient?name=山',
  'Observation?code=4548-4',
  'Observation?code=718-7&value-quantity=gt100',
  'Observation?code=718-7&_sort=-date',
  'Observation?code=2160-0&_include=Observation:subject',
  'Patient?_has:Condition:patient:code=E11',
  'Observation?patient.gender=male',
  'Observation?code=4548-4&_summary=count',
].map(text => [text, asked(text)] as const);
const cohort = asked('Patient?gender=male&_has:Condition:patient:code=E11');
const rows: readonly (readonly [string, (access: Access, n: number) => Promise<unknown>])[] = [
  ['read by id', (access, n) => store.read(access, 'Observation', `o${(n * 7919) % patients}-${n % 10}`)],
  ...searches.map(([text, query]) => [text, (access: Access) => store.search(access, query)] as const),
  ['persons of a cohort', access => store.persons(access, cohort)],
];

/** Milliseconds of so many runs; the turn of others is not waited for. */
async function took(work: (n: number) => Promise<unknown>, runs: number): Promise<number> {
  const from = performance.now();
  for (let n = 0; n < runs; n++) await work(n);
  return performance.now() - from;
}
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

process.stdout.write(`${'read'.padEnd(56)} ${'ms without'.padStart(10)}  ratio with 0, 1, 10, 50 % objecting\n`);
const table = new Map<string, { base: number; ratios: string[] }>(rows.map(([name]) => [name, { base: 0, ratios: [] }]));
let objecting = 0;
let worst = 0;
for (const percent of [0, 1, 10, 50]) {
  const lists: ListEntry[] = [];
  for (; objecting < (patients * percent) / 100; objecting++) {
    // Spread over all persons, and limited to the institution that did not send the data: nobody is left out, everybody is looked at.
    const n = (objecting * 1009) % patients;
    const other = `Organization/hospital-${2 - (Math.floor(n / 50) % 2)}`;
    lists.push({ list: 'objection', source: `Consent/${n}`, persons: [`Patient/p${n}`], sender: other, from: 0 });
  }
  if (lists.length > 0) await store.commit({ writes: [], lists });
  for (const [name, work] of rows) {
    await took(n => work(research, n), 5);
    const runs = Math.max(1, Math.ceil(30 / (await took(n => work(all, n), 5))) * 5);
    const ratios: number[] = [];
    const bases: number[] = [];
    for (let round = 0; round < rounds; round++) {
      // In turns, and each first as often as the other.
      const order = round % 2 === 0 ? [all, research] : [research, all];
      const times = new Map<Access, number>();
      for (const access of order) times.set(access, await took(n => work(access, n + round), runs));
      ratios.push(times.get(research)! / times.get(all)!);
      bases.push(times.get(all)! / runs);
    }
    const row = table.get(name)!;
    if (percent === 0) row.base = median(bases);
    row.ratios.push(median(ratios).toFixed(2));
    worst = Math.max(worst, median(ratios));
  }
}
for (const [name, { base, ratios }] of table)
  process.stdout.write(`${name.padEnd(56)} ${base.toFixed(3).padStart(10)}  ${ratios.join('  ')}\n`);
process.stdout.write(`worst: ${worst.toFixed(2)} of the time without enforcement (${(patients * 12).toLocaleString('en')} resources)\n`);
await store.close();
keyring.close();
rmSync(directory, { recursive: true, force: true });
