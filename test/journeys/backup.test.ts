// A lost disk: what was objected to and erased since the last copy stays so. docs/backup.md
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import { command as backup } from '../../src/commands/backup.ts';
import { command as restore } from '../../src/commands/restore.ts';
import { startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { command as verify } from '../../src/commands/verify.ts';
import { readConfig } from '../../src/config.ts';
import { body, bundlesIn, loadAll, objection, openWorld, patientOf, refusal, total, type World } from './world.ts';

const root = mkdtempSync(path.join(tmpdir(), 'noren-backup-'));
const journal = path.join(root, 'journal');
const copy = path.join(root, 'data-copy');
const keysCopy = path.join(root, 'keys-copy');
let world: World;
/** Objected before the copy, after it, never. */
let people: { before: Patient; after: Patient; never: Patient };
let lateObjection: string;

async function find(client: Client, { identifier: [number] = [] }: Patient): Promise<Patient | undefined> {
  const searchParams = { identifier: `${number!.system}|${number!.value}` };
  return ((await client.search({ resourceType: 'Patient', searchParams })) as unknown as Bundle).entry?.[0]?.resource as
    | Patient
    | undefined;
}

const object = async (patient: Patient): Promise<string> => {
  const app = await world.as('patient-app', `Patient/${patient.id}`);
  return (await app.create({ resourceType: 'Consent', body: body(objection({ reference: `Patient/${patient.id}` })) }))['id'] as string;
};

const basics = ['whole', 'past', 'version', 'untouched'] as const;

/** As the tester: a version of a Basic, or what is taken out of it. */
async function basic(id: (typeof basics)[number], method: 'PUT' | 'POST' | 'DELETE', below = '', text?: string): Promise<void> {
  const { token } = await fetchToken({ client: 'tester', data: world.data, url: world.baseUrl });
  const response = await fetch(`${world.baseUrl}/Basic/${id}${below}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(text === undefined ? {} : { body: JSON.stringify({ resourceType: 'Basic', id, code: { text } }) }),
  });
  if (!response.ok) throw new Error(await response.text());
}

beforeAll(async () => {
  world = await openWorld(8, 'backup', ['--journal-dir', journal]);
  await loadAll(world);
  const tester = await world.as('tester');
  const [before, after, never] = bundlesIn(world, 'hospital-1').map(patientOf) as [Patient, Patient, Patient];
  const here = async (patient: Patient) => (await find(tester, patient))!;
  people = { before: await here(before), after: await here(after), never: await here(never) };
  await object(people.before);
  for (const id of basics) for (const text of ['one', 'two']) await basic(id, 'PUT', '', text);
  expect(await backup.run(['--out', keysCopy, '--keys', '--data', world.data])).toBe(0);
  expect(await backup.run(['--out', copy, '--data', world.data, '--journal-dir', journal])).toBe(0);
  lateObjection = await object(people.after);
  await basic('whole', 'POST', '/$purge');
  await basic('past', 'PUT', '', 'three');
  await basic('past', 'DELETE', '/_history');
  await basic('version', 'DELETE', '/_history/1');
}, 120_000);
afterAll(async () => {
  await world.close();
  rmSync(root, { recursive: true, force: true });
});

/** A data directory as an operator has it after the loss: configuration, and of the keys what there is. */
function fresh(name: string, keys: 'kept' | 'lost'): string {
  const data = path.join(root, name);
  mkdirSync(data);
  for (const one of readdirSync(world.data)) {
    if (['store', 'audit', 'noren.lock', ...(keys === 'lost' ? ['keys'] : [])].includes(one)) continue;
    cpSync(path.join(world.data, one), path.join(data, one), { recursive: true });
  }
  return data;
}

async function opened<T>(data: string, work: (tester: Client) => Promise<T>): Promise<T> {
  const running = await startServer(readConfig(['--port', '0', '--data', data]), { log: () => {} });
  try {
    const { token } = await fetchToken({ client: 'tester', data, url: running.baseUrl });
    return await work(new Client({ baseUrl: running.baseUrl, bearerToken: token }));
  } finally {
    await running.close();
  }
}

const serve = (data: string) => startServer(readConfig(['--port', '0', '--data', data]), { log: () => {} });

test.each(['kept', 'lost'] as const)(
  'restore: with the keys %s, who objected after the copy is not brought back',
  async keys => {
    const data = fresh(`restored-${keys}`, keys);
    const mine = path.join(root, `journal-${keys}`);
    cpSync(journal, mine, { recursive: true });
    expect(await restore.run(['--from', copy, ...(keys === 'lost' ? ['--keys-from', keysCopy] : []), '--data', data])).toBe(0);
    await expect(serve(data)).rejects.toThrow('stays closed');
    expect(await restore.run(['--replay', mine, '--data', data])).toBe(0);
    await opened(data, async tester => {
      for (const gone of [people.before, people.after]) {
        expect(await find(tester, gone)).toBeUndefined();
        expect((await refusal(tester.read({ resourceType: 'Patient', id: gone.id! }))).status).toBe(404);
        expect(await total(tester, 'Observation', { subject: `Patient/${gone.id}` })).toBe(0);
      }
      expect((await find(tester, people.never))?.id).toBe(people.never.id);
      expect(await total(tester, 'Observation', { subject: `Patient/${people.never.id}` })).toBeGreaterThan(0);
      // The proof came along too.
      expect((await tester.read({ resourceType: 'Consent', id: lateObjection }))['status']).toBe('active');
      // What was purged is not brought back either: what the copy has of it is gone, the version before the purge too.
      for (const id of ['whole', 'past']) expect((await refusal(tester.history({ resourceType: 'Basic', id }))).status).toBe(404);
      expect((await tester.read({ resourceType: 'Basic', id: 'version' }))['code']).toEqual({ text: 'two' });
      expect((await refusal(tester.vread({ resourceType: 'Basic', id: 'version', version: '1' }))).status).toBe(404);
      expect((await tester.vread({ resourceType: 'Basic', id: 'untouched', version: '1' }))['code']).toEqual({ text: 'one' });
    });
    expect(existsSync(path.join(mine, 'journal'))).toBe(false);
    expect(readdirSync(mine)).toEqual([expect.stringMatching(/^journal-until-/)]);
    await expect(restore.run(['--replay', mine, '--data', data])).rejects.toThrow('not closed');
  },
  120_000,
);

test('restore: without the journal who objected after the copy would be there: so somebody must say on record that nobody did', async () => {
  const data = fresh('nothing-since', 'lost');
  await restore.run(['--from', copy, '--keys-from', keysCopy, '--data', data]);
  await expect(restore.run(['--data', data])).rejects.toThrow('--from');
  expect(await restore.run(['--nothing-since', '--data', data])).toBe(0);
  expect(
    readFileSync(
      path.join(
        data,
        'audit',
        readdirSync(path.join(data, 'audit'))
          .filter(one => one.endsWith('.log'))
          .at(-1)!,
      ),
      'utf8',
    ),
  ).toContain('restore-nothing-since');
  await opened(data, async tester => {
    expect(await find(tester, people.before)).toBeUndefined();
    expect((await find(tester, people.after))?.id).toBe(people.after.id);
  });
}, 60_000);

test('restore: refused over data or keys that are there, from a backup of the other kind, and from one that was changed', async () => {
  const lost = fresh('refused', 'lost');
  await expect(restore.run(['--from', copy, '--data', world.data])).rejects.toThrow('in use');
  await expect(restore.run(['--from', keysCopy, '--data', lost])).rejects.toThrow('backup of the keys');
  await expect(restore.run(['--from', copy, '--data', lost])).rejects.toThrow('no keys');
  await expect(restore.run(['--from', copy, '--keys-from', keysCopy, '--data', fresh('kept', 'kept')])).rejects.toThrow('has keys already');
  const damaged = path.join(root, 'damaged');
  cpSync(copy, damaged, { recursive: true });
  const bytes = readFileSync(path.join(damaged, 'noren.db'));
  bytes[bytes.length - 100] = bytes[bytes.length - 100]! ^ 1;
  writeFileSync(path.join(damaged, 'noren.db'), bytes);
  await expect(restore.run(['--from', damaged, '--keys-from', keysCopy, '--data', lost])).rejects.toThrow('not whole');
  expect(await verify.run([damaged])).toBe(1);
  expect(existsSync(path.join(lost, 'store'))).toBe(false);
});

test.each(['../outside', 'audit/../../outside', '/tmp/outside', 'audit/link.log'])(
  'restore: a manifest that leads elsewhere, by %s, is refused, and nothing is laid anywhere',
  async name => {
    const evil = mkdtempSync(path.join(root, 'evil-'));
    cpSync(copy, evil, { recursive: true });
    writeFileSync(path.join(root, 'outside'), 'x');
    symlinkSync(path.join(root, 'outside'), path.join(evil, 'audit', 'link.log'));
    const manifest = JSON.parse(readFileSync(path.join(evil, 'manifest.json'), 'utf8')) as { files: Record<string, string> };
    manifest.files[name] = createHash('sha256').update('x').digest('hex');
    writeFileSync(path.join(evil, 'manifest.json'), JSON.stringify(manifest));
    const data = path.join(evil, 'data');
    await expect(restore.run(['--from', evil, '--keys-from', keysCopy, '--data', data])).rejects.toThrow(/outside of it|not whole/);
    expect(readdirSync(data).filter(one => one !== 'noren.lock')).toEqual([]);
  },
);

test('verify: a backup is whole, its blocks open with the keys of the server, those of erased persons do not', async () => {
  const said: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = ((text: string) => said.push(text) > 0) as typeof process.stdout.write;
  try {
    expect(await verify.run([copy, '--open', '--data', world.data])).toBe(0);
    expect(await verify.run([keysCopy])).toBe(0);
  } finally {
    process.stdout.write = write;
  }
  const [, opened, gone] = /(\d+) blocks open, (\d+) of erased/.exec(said.join(''))!;
  expect(Number(opened)).toBeGreaterThan(10);
  expect(Number(gone)).toBeGreaterThan(0);
});

test('backup: keys and data are never in one folder, and no value of a patient stands in either copy or the journal', async () => {
  await expect(backup.run(['--out', copy, '--keys', '--data', world.data])).rejects.toThrow('there already');
  expect(readdirSync(copy)).not.toContain('keys.db');
  const all = [copy, keysCopy, journal].flatMap(folder =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap(one =>
      one.isFile() ? readFileSync(path.join(one.parentPath, one.name)) : [],
    ),
  );
  for (const { name, identifier } of Object.values(people))
    for (const value of [name![0]!.family!, identifier![0]!.value!]) for (const bytes of all) expect(bytes.includes(value)).toBe(false);
  // A copy of the keys is replaced by the next one.
  expect(await backup.run(['--out', keysCopy, '--keys', '--data', world.data])).toBe(0);
});
