/**
 * Read by id and small searches, 16 clients with a kept connection each, token and audit on, against an Express 5 server that writes a Buffer of the same size
 * and does nothing else. The two take turns; beside the rates stands the processor time a request takes of the server, which a busy machine falsifies less.
 * node bench/read.ts [--seconds 10] [--patients 100] [--rounds 10]
 * @module
 */
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { connect } from './connection.ts';
import { load } from './hospital.ts';
import { call, closeConnections, closedLoop, type Loop, memory, print, processorTime, startTarget } from './measure.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    patients: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '10' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds) / rounds;
const clients = 16;

const target = await startTarget();
const authorization = await target.bearer('tester');
const paths: string[] = [];
let bytes = 0;
for (const bundle of load(Number(values.patients)).bundles) {
  const { body } = await call('POST', target.baseUrl, { authorization, 'content-type': 'application/fhir+json' }, bundle);
  const answer = JSON.parse(body.toString()) as { entry?: { response: { location?: string } }[] };
  for (const entry of answer.entry ?? []) {
    const found = /([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]+)(\/_history|$)/.exec(entry.response.location ?? '');
    if (found) paths.push(found[1]!);
  }
}
for (const path of paths.slice(0, 200)) bytes += (await call('GET', `${target.baseUrl}/${path}`, { authorization })).body.length;
const size = Math.round(bytes / Math.min(200, paths.length));
process.stdout.write(`${paths.length} resources, ${size} bytes each on average\n`);

const bare = fork(new URL('./bare-express.ts', import.meta.url), [String(size)]);
const barePort = await new Promise<number>(resolve => bare.on('message', message => resolve(message as number)));

/** What stands in every request of a client that keeps its connection. */
const common = `host: ${new URL(target.baseUrl).host}\r\naccept: application/fhir+json\r\nconnection: keep-alive\r\n`;
const { pathname, port } = new URL(target.baseUrl);
const ours = (queries: readonly string[]) =>
  queries.map(query => Buffer.from(`GET ${pathname}/${query} HTTP/1.1\r\n${common}authorization: ${authorization}\r\n\r\n`));

interface Measured {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly requests: readonly Buffer[];
  readonly loops: Loop[];
  /** Microseconds of the server's processor time, all rounds. */
  spent: number;
}
const measured = (name: string, pid: number, port: number, requests: readonly Buffer[]): Measured => ({
  name,
  pid,
  port,
  requests,
  loops: [],
  spent: 0,
});

const patients = paths.filter(path => path.startsWith('Patient/'));
const rows = [
  measured('ceiling: bare Express, a Buffer', bare.pid!, barePort, [Buffer.from(`GET / HTTP/1.1\r\n${common}\r\n`)]),
  measured('read by id', target.pid, Number(port), ours(paths)),
  measured('Patient?_id', target.pid, Number(port), ours(patients.map(path => `Patient?_id=${path.slice(8)}`))),
];

async function run(row: Measured, length: number): Promise<Loop> {
  const connections = Array.from({ length: clients }, () => connect(row.port, '127.0.0.1'));
  const loop = await closedLoop(clients, length, (n, client) =>
    connections[client]!.send(row.requests[(n * 7919) % row.requests.length]!).then(({ status }) => {
      if (status !== 200) throw new Error(String(status));
      return 1;
    }),
  );
  for (const connection of connections) connection.close();
  return loop;
}

for (const row of rows) await run(row, 4);
for (let round = 0; round < rounds; round++) {
  for (const row of rows) {
    const before = processorTime(row.pid);
    row.loops.push(await run(row, seconds));
    row.spent += processorTime(row.pid) - before;
  }
}

const middle = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
/** The middle round's rate: one disturbed round does not decide. */
const total = ({ loops }: Measured) => ({
  perSecond: middle(loops.map(loop => loop.perSecond)),
  p50: middle(loops.map(loop => loop.p50)),
  p99: middle(loops.map(loop => loop.p99)),
  failed: loops.reduce((sum, loop) => sum + loop.failed, 0),
});
const ceiling = total(rows[0]!);
const each = (row: Measured): number => row.spent / row.loops.reduce((sum, loop) => sum + loop.done, 0);
for (const row of rows) {
  print(row.name, total(row), 'requests/s', row === rows[0] ? undefined : ceiling.perSecond);
  process.stdout.write(
    `${''.padEnd(34)} ${each(row).toFixed(1).padStart(9)} µs of the server's processor time a request${row === rows[0] ? '' : `  ${(each(rows[0]!) / each(row)).toFixed(2)} of the ceiling`}\n`,
  );
}
process.stdout.write(`server memory: ${memory(target.pid).peak} MB at most\n`);
bare.kill();
await target.stop();
closeConnections();
