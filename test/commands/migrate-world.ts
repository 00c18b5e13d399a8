/**
 * A store in which everything has happened: two hospitals, versions, deletions, an objection that erased and one that was withdrawn, purges, a release, stored definitions; and what a
 * server over it answers.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';
import { bundlesIn, loadAll, objection, patientOf, type World } from '../journeys/world.ts';

export interface Asked {
  readonly status: number;
  readonly text: string;
}

export interface Server {
  ask(client: string, method: string, to: string, body?: object, patient?: string): Promise<Asked>;
  close(): Promise<void>;
}

/** Requests to a server, as clients of a sandbox. */
export const asking = (data: string, url: string): Server['ask'] => {
  const tokens = new Map<string, string>();
  return async (client, method, to, body, patient) => {
    const who = `${client} ${patient}`;
    if (!tokens.has(who)) tokens.set(who, (await fetchToken({ client, data, url, patient })).token);
    const response = await fetch(to === '' ? url : `${url}/${to}`, {
      method,
      headers: { authorization: `Bearer ${tokens.get(who)}`, 'content-type': 'application/fhir+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };
};

/** A server in this process. @param flags besides port and data */
export async function serve(data: string, ...flags: string[]): Promise<Server & { readonly baseUrl: string }> {
  const running: Running = await startServer(readConfig(['--port', '0', '--data', data, ...flags]), { log: () => {} });
  return { baseUrl: running.baseUrl, ask: asking(data, running.baseUrl), close: () => running.close() };
}

export interface Happened {
  /** References of the Patient records of who objected and was erased; who objected and withdrew; who never did. */
  readonly erased: string;
  readonly withdrawn: string;
  readonly never: string;
  /** The objection of the first. */
  readonly consent: string;
}

/** Lets everything happen in a fresh sandbox. */
export async function happen(world: World): Promise<Happened> {
  await loadAll(world);
  const ask = asking(world.data, world.baseUrl);
  const good = async (...what: Parameters<typeof ask>): Promise<string> => {
    const { status, text } = await ask(...what);
    if (status >= 300) throw new Error(`${what[1]} ${what[2]}: ${status} ${text}`);
    return text;
  };
  const here = async (patient: Patient): Promise<string> => {
    const [{ system, value }] = patient.identifier as [{ system: string; value: string }];
    const found = JSON.parse(await good('tester', 'GET', `Patient?identifier=${system}|${value}`)) as Bundle;
    return `Patient/${found.entry![0]!.resource!.id}`;
  };
  const object = async (patient: string): Promise<{ id: string }> =>
    JSON.parse(await good('patient-app', 'POST', 'Consent', objection({ reference: patient }), patient)) as { id: string };
  const [erased, withdrawn, never] = (await Promise.all(
    bundlesIn(world, 'hospital-1')
      .slice(0, 3)
      .map(bundle => here(patientOf(bundle))),
  )) as [string, string, string];

  const basic = (id: string, text: string) => ({ resourceType: 'Basic', id, code: { text }, subject: { reference: never } });
  for (const id of ['kept', 'deleted', 'back', 'purged', 'past', 'version'])
    for (const text of ['one', 'two', 'three']) await good('tester', 'PUT', `Basic/${id}`, basic(id, text));
  await good('tester', 'DELETE', 'Basic/deleted');
  await good('tester', 'DELETE', 'Basic/back');
  await good('tester', 'PUT', 'Basic/back', basic('back', 'four'));
  await good('tester', 'POST', 'Basic/purged/$purge');
  await good('tester', 'DELETE', 'Basic/past/_history');
  await good('tester', 'DELETE', 'Basic/version/_history/2');
  // Alone under its key, which goes with it.
  await good('tester', 'PUT', 'Patient/alone', { resourceType: 'Patient', id: 'alone' });
  await good('tester', 'POST', 'Patient/alone/$purge');
  await good('tester', 'PUT', 'Binary/large', {
    resourceType: 'Binary',
    id: 'large',
    contentType: 'text/plain',
    data: 'QUJD'.repeat(200_000),
  });
  await good('tester', 'PUT', 'SearchParameter/basic-code-text', {
    resourceType: 'SearchParameter',
    id: 'basic-code-text',
    url: 'http://noren.test/SearchParameter/basic-code-text',
    name: 'words',
    status: 'active',
    description: 'text of the code',
    code: 'words',
    base: ['Basic'],
    type: 'string',
    expression: 'Basic.code.text',
  });
  const { id: consent } = await object(erased);
  const second = await object(withdrawn);
  const active = JSON.parse(await good('patient-app', 'GET', `Consent/${second.id}`, undefined, withdrawn)) as object;
  await good('patient-app', 'PUT', `Consent/${second.id}`, { ...active, status: 'inactive' }, withdrawn);
  await good('researcher-1', 'POST', '$deidentify', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } },
      { name: 'cohort', valueString: 'Patient?' },
      { name: 'type', valueCode: 'Patient' },
    ],
  });
  return { erased, withdrawn, never, consent };
}

const totals = [
  'Patient',
  'Observation',
  'Condition',
  'Basic',
  'Communication',
  'Consent',
  'Organization',
  'ResearchStudy',
  'Binary',
  'List',
];

/** What a server says to many questions, by question; its own address and sealed links apart. */
export async function portrait(
  { ask, baseUrl }: Server & { readonly baseUrl: string },
  { erased, withdrawn, never, consent }: Happened,
): Promise<Record<string, string>> {
  const said: Record<string, string> = {};
  const question = async (client: string, method: string, to: string, body?: object, patient?: string): Promise<void> => {
    const { status, text } = await ask(client, method, to, body, patient);
    const plain = text
      .replaceAll(baseUrl, 'BASE')
      .replaceAll(/"(?:url|id)":"[^"]*(?:_page=|-noren-sealed)[^"]*"/g, '"link"')
      .replaceAll(/"diagnostics":"[^"]*"/g, '');
    said[`${client} ${method} ${to}`] = `${status} ${plain}`;
  };
  // Stored parameters are read after the start.
  for (let tries = 0; tries < 100 && !(await ask('tester', 'GET', 'Basic?words=three')).text.includes('"total":3'); tries++)
    await new Promise(resolve => setTimeout(resolve, 50));
  for (const type of totals) {
    await question('tester', 'GET', `${type}?_count=200&_total=accurate`);
    await question('tester', 'GET', `${type}?_sort=-_lastUpdated&_elements=id&_count=200`);
    await question('tester', 'GET', `${type}/_history?_count=200`);
  }
  for (const reference of [
    erased,
    withdrawn,
    never,
    'Basic/kept',
    'Basic/deleted',
    'Basic/back',
    'Basic/purged',
    'Basic/past',
    'Basic/version',
    'Patient/alone',
  ])
    for (const below of ['', '/_history', '/_history/1', '/_history/2']) await question('tester', 'GET', `${reference}${below}`);
  for (const query of [
    'Basic?words=three',
    'Observation?patient.gender=female&_sort=date&_total=accurate&_count=100',
    'Patient?_has:Observation:patient:_id:missing=false&_summary=count',
    'Patient?_sort=name&_elements=name&_count=200',
  ])
    await question('tester', 'GET', query);
  // A snapshot, page by page.
  let next: string | undefined = 'Observation?_sort=-date,code&_count=90';
  const pages: string[][] = [];
  while (next !== undefined) {
    const page: Bundle = JSON.parse((await ask('tester', 'GET', next)).text);
    pages.push(page.entry!.map(({ resource }) => resource!.id!));
    next = page.link!.find(({ relation }) => relation === 'next')?.url.slice(baseUrl.length + 1);
  }
  said['pages'] = JSON.stringify(pages);
  await question('tester', 'GET', `Consent/${consent}`);
  await question('hospital-1', 'GET', 'Patient?_total=accurate&_count=200&_elements=id');
  for (const patient of [withdrawn, never]) {
    await question('patient-app', 'GET', `${patient}/$everything?_count=500`, undefined, patient);
    await question('patient-app', 'GET', '$holdings', undefined, patient);
    await question('patient-app', 'GET', '$releases', undefined, patient);
  }
  await question('operator', 'GET', '$release-register');
  // Who was erased is refused, by his number too.
  await question('tester', 'PUT', erased, { resourceType: 'Patient', id: erased.slice('Patient/'.length) });
  return said;
}

/** A data directory with everything of another but the store. */
export function withoutStore(data: string, to: string): string {
  for (const name of readdirSync(data))
    if (!['store', 'keys', 'noren.lock', 'closed.json'].includes(name))
      cpSync(path.join(data, name), path.join(to, name), { recursive: true });
  return to;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly said: string;
}

/** `noren migrate` in a process of its own. */
export async function migrate(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../../src/main.ts'), 'migrate', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let [out, said] = ['', ''];
  child.stdout.on('data', part => (out += String(part)));
  child.stderr.on('data', part => (said += String(part)));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, out, said };
}
