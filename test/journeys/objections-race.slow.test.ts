// docs/consent.md: an objection holds from its own statement on; the incident of 2015 to 2018 in England, 150,000 objections lost on the way
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect } from '@jest/globals';
import type { Recorded } from '../../src/audit/record.ts';
import { parseLine, segmentNumbers, segmentPath } from '../../src/audit/segment.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { slowTest } from '../slow.ts';
import { serveApart } from './apart.ts';
import { objection } from './world.ts';

const data = mkdtempSync(path.join(os.tmpdir(), 'noren-race-'));
let child: ChildProcess | undefined;
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

async function start(): Promise<string> {
  const apart = await serveApart(data);
  child = apart.child;
  return apart.url;
}

const people = 1000;
/** Others, who say nothing: what is theirs stays, every bundle whole. */
const others = 60;
const values = 3;
const sends = 4;
const system = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
const number = (n: number) => ({ system, value: `R-${n}` });

const notice = (n: number) => ({
  resourceType: 'Communication',
  status: 'completed',
  category: [{ coding: [{ system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' }] }],
  sent: '2020-01-15',
  sender: { reference: 'Organization/hospital-1' },
  subject: { identifier: number(n) },
});
/** The patient, and three values of him: all of it, or nothing. */
const bundle = (n: number) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
      resource: { resourceType: 'Patient', identifier: [number(n)], birthDate: '1970-01-01' },
      request: { method: 'PUT', url: `Patient?identifier=${system}|R-${n}` },
    },
    ...Array.from({ length: values }, (_, value) => ({
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' },
        valueInteger: value,
      },
      request: { method: 'POST', url: 'Observation' },
    })),
  ],
});

interface Body {
  readonly id?: string;
  readonly meta?: { readonly lastUpdated: string };
  readonly total?: number;
  readonly entry?: readonly { readonly response: { readonly location: string; readonly lastModified: string } }[];
  readonly group?: readonly { readonly population: readonly { readonly count: number }[] }[];
}
/** How many persons a study may count. */
const population = [
  {
    code: { coding: [{ code: 'initial-population' }] },
    criteria: { language: 'application/x-fhir-query', expression: 'Patient?birthdate=1970' },
  },
];
const counted = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } },
    { name: 'cohort', valueString: 'Patient?birthdate=1970' },
    { name: 'output', valueCode: 'summary' },
    { name: 'measure', resource: { resourceType: 'Measure', status: 'active', group: [{ population }] } },
  ],
};

/** What the client saw of one request: its place in the order of all starts and answers. */
interface Seen {
  readonly person: number;
  readonly objects: boolean;
  /** X-Request-Id. */
  readonly name: string;
  readonly began: number;
  readonly answered: number;
  readonly status: number;
  readonly id?: string;
  /** When it was committed, as the answer says: the store's time, which never goes back. */
  readonly committed?: number;
  /** `Patient/<id>`, where a bundle was taken. */
  readonly patient?: string;
}

/** The audit log as it stands in the files, in the order of its chain. */
async function records(): Promise<Recorded[]> {
  const directory = path.join(data, 'audit');
  const found: Recorded[] = [];
  for (const segment of await segmentNumbers(directory))
    for (const text of readFileSync(segmentPath(directory, segment), 'utf8').split('\n')) {
      const line = parseLine(text);
      if (line !== undefined) found.push({ ...(JSON.parse(line.json) as Recorded), seq: line.seq });
    }
  return found;
}

slowTest(
  'a thousand objections while bundles of the same persons come in: none is lost, and none is late by one statement',
  async () => {
    const url = await start();
    const token = async (client: string) => (await fetchToken({ client, data, url })).token;
    const tokens: Record<string, string> = {};
    for (const client of ['hospital-1', 'operator', 'tester', 'researcher-1']) tokens[client] = await token(client);
    const ask = async (client: string, method: string, to: string, body?: object, id = '') => {
      const response = await fetch(to === '' ? url : `${url}/${to}`, {
        method,
        headers: {
          authorization: `Bearer ${tokens[client]}`,
          'content-type': 'application/fhir+json',
          ...(id === '' ? {} : { 'x-request-id': id }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Body };
    };
    const total = async (client: string, query: string) => (await ask(client, 'GET', `${query}_summary=count`)).body.total;

    const told = await ask('hospital-1', 'POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: Array.from({ length: people + others }, (_, n) => ({
        resource: notice(n),
        request: { method: 'POST', url: 'Communication' },
      })),
    });
    expect(told.status).toBe(200);

    // Each person's bundles and the one objection, in an order that puts it anywhere among them, all of a person at once.
    let clock = 0;
    const seen: Seen[] = [];
    const every = Math.floor(people / others);
    const silent = (n: number) => Array.from({ length: sends }, () => ({ n, objects: false }));
    const jobs = Array.from({ length: people }, (_, n) => {
      const at = (n * 7919) % (sends + 1);
      const own = Array.from({ length: sends + 1 }, (_, k) => ({ n, objects: k === at }));
      const other = people + Math.floor(n / every);
      return n % every === 0 && other < people + others ? [...own, ...silent(other)] : own;
    });
    const queue = jobs.flat();
    const work = async () => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const { n, objects } = job;
        const name = randomUUID();
        const limited = n % 3 === 0;
        const consent = objection({ identifier: number(n) });
        const actor = { role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] } };
        const provision = { type: 'deny', actor: [{ ...actor, reference: { reference: 'Organization/hospital-1' } }] };
        const began = ++clock;
        const said = objects
          ? await ask('hospital-1', 'POST', 'Consent', limited ? { ...consent, provision } : consent, name)
          : await ask('hospital-1', 'POST', '', bundle(n), name);
        const time = objects ? said.body.meta?.lastUpdated : said.body.entry?.[0]?.response.lastModified;
        seen.push({
          person: n,
          objects,
          name,
          began,
          answered: ++clock,
          status: said.status,
          ...(said.body.id === undefined ? {} : { id: said.body.id }),
          ...(time === undefined ? {} : { committed: Date.parse(time) }),
          ...(said.body.entry === undefined ? {} : { patient: /Patient\/[\w.-]+/.exec(said.body.entry[0]!.response.location)![0] }),
        });
      }
    };
    // A reader meanwhile: a bundle is there with all its values, or not at all.
    const counts: number[] = [];
    let isOver = false;
    const watch = async () => {
      while (!isOver) counts.push((await total('tester', 'Observation?'))!);
    };
    const watching = watch();
    await Promise.all(Array.from({ length: 32 }, work));
    isOver = true;
    await watching;
    expect(counts.filter(one => one % values !== 0)).toEqual([]);
    expect(Math.max(...counts)).toBeGreaterThan(0);

    const objections = new Map(seen.filter(one => one.objects).map(one => [one.person, one]));
    const bundles = seen.filter(one => !one.objects && one.person < people);
    const silentOnes = seen.filter(one => one.person >= people);
    expect([silentOnes.length, silentOnes.filter(one => one.status !== 200)]).toEqual([others * sends, []]);
    expect([objections.size, [...objections.values()].filter(one => one.status !== 201)]).toEqual([people, []]);
    expect(new Set(bundles.map(one => one.status))).toEqual(new Set([200, 422]));

    // As the client saw it: what it began after the answer to the objection was refused.
    expect(bundles.filter(one => one.status !== 422 && one.began > objections.get(one.person)!.answered)).toEqual([]);
    // As the store committed them: its time is given inside the commit and never goes back.
    const taken = bundles.filter(one => one.status === 200);
    expect([...taken, ...objections.values()].filter(one => !(one.committed! > 0))).toEqual([]);
    expect(taken.filter(one => one.committed! > objections.get(one.person)!.committed!)).toEqual([]);
    // As the audit log has it, in the order of the answers: that of an objection waits for the erasure, so what was committed before it is noted before it.
    for (const client of Object.keys(tokens)) tokens[client] = await token(client);
    const order = new Map((await records()).map(one => [one.requestId, one.seq]));
    expect(seen.filter(one => !order.has(one.name))).toEqual([]);
    const late = taken.filter(one => order.get(one.name)! > order.get(objections.get(one.person)!.name)!);
    expect(late).toEqual([]);

    // None is lost; of whoever objected nothing is left, of the others all.
    expect(await total('operator', 'Consent?status=active&')).toBe(people);
    for (const { id } of objections.values()) expect((await ask('operator', 'GET', `Consent/${id}`)).status).toBe(200);
    const patients = new Map(seen.flatMap(one => (one.patient === undefined ? [] : [[one.patient, one.person] as const])));
    for (const client of ['hospital-1', 'tester']) {
      for (const [patient, person] of patients)
        expect([client, person, (await ask(client, 'GET', patient)).status]).toEqual([client, person, person < people ? 404 : 200]);
      expect([client, await total(client, 'Patient?')]).toEqual([client, others]);
      expect([client, await total(client, 'Observation?')]).toEqual([client, others * sends * values]);
    }
    const { body: report } = await ask('researcher-1', 'POST', '$deidentify', counted);
    expect(report.group?.[0]?.population[0]?.count).toBe(others);
    for (let n = 0; n < people; n++) expect([n, (await ask('hospital-1', 'POST', '', bundle(n))).status]).toEqual([n, 422]);

    child!.kill('SIGTERM');
    await once(child!, 'exit');
  },
  300_000,
);
