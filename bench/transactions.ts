/**
 * Small writes: transactions of a Patient and an Observation, and single creates of a Patient, by 1 to 128 clients into an empty server; every write is on disk before it is answered.
 * Ceilings of the same run: SQLite taking the same bytes as plain rows, one synchronous transaction after the other (what is above it shares its syncs), and a route that reads nothing.
 * node bench/transactions.ts [--seconds 10] [--clients 1,8,32,128]
 * With STORE=mongodb://… (an empty database) in MongoDB.
 * @module
 */
import { parseArgs } from 'node:util';
import { call, closeConnections, closedLoop, memory, print, startTarget } from './measure.ts';
import { plainRows } from './plain-rows.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, clients: { type: 'string', default: '1,8,32,128' } },
});
const seconds = Number(values.seconds);

const two = (n: number): string => String(n).padStart(2, '0');
const patient = (n: number) => ({
  resourceType: 'Patient',
  gender: n % 2 === 0 ? 'female' : 'male',
  birthDate: `${1920 + (n % 100)}-${two(1 + (n % 12))}-${two(1 + (n % 28))}`,
});
const observation = (n: number, subject: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  subject: { reference: subject },
  valueQuantity: { value: 90 + (n % 91), unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
});
const fullUrl = 'urn:uuid:3f0e9a4c-5d0b-4c58-9d4f-0c3b6a0d7c11';
const transaction = (n: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl, resource: patient(n), request: { method: 'POST', url: 'Patient' } },
        { resource: observation(n, fullUrl), request: { method: 'POST', url: 'Observation' } },
      ],
    }),
  );

const syncs = plainRows(Array.from({ length: 500 }, (_, n) => transaction(n))) / 2;
print('ceiling: plain rows, one by one', { perSecond: syncs, p50: 0, p99: 0 }, 'transactions/s');
const target = await startTarget();
const base = target.baseUrl;
let n = 0;
const write = async (url: string, body: Buffer, wanted: number): Promise<number> => {
  const headers = { authorization: await target.bearer('tester'), 'content-type': 'application/fhir+json', prefer: 'return=minimal' };
  const { status } = await call('POST', url, headers, body);
  if (status !== wanted) throw new Error(String(status));
  return 1;
};
const small = () => write(base, transaction(n++), 200);
const create = () => write(`${base}/Patient`, Buffer.from(JSON.stringify(patient(n++))), 201);
const live = () => call('GET', new URL('/health/live', base).href, {}).then(() => 1);

const left = { transactions: 1000 };
await closedLoop(8, Number.POSITIVE_INFINITY, () => (left.transactions-- > 0 ? small() : undefined));
await closedLoop(8, 1, live);
for (const clients of values.clients.split(',').map(Number)) {
  const bare = await closedLoop(clients, 2, live);
  const transactions = await closedLoop(clients, seconds, small);
  const creates = await closedLoop(clients, seconds, create);
  print(`${clients} clients: bare route`, bare, 'requests/s');
  print('  transactions', transactions, 'a second', bare.perSecond);
  print('  creates', creates, 'a second', bare.perSecond);
  process.stdout.write(
    `  ${''.padEnd(32)} ${(transactions.perSecond / syncs).toFixed(1)} and ${(creates.perSecond / syncs).toFixed(1)} times the plain rows, one by one\n`,
  );
}
process.stdout.write(`server memory: ${memory(target.pid).peak} MB at most\n`);
await target.stop();
closeConnections();
