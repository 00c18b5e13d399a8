// docs/settings.md, docs/request.md, https://hl7.org/fhir/R4/http.html

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { lock } from '../../src/commands/lock.ts';
import { readMasterKey, writeMasterKey } from '../../src/commands/master-key.ts';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { readConfig } from '../../src/config.ts';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(path.join(os.tmpdir(), 'noren-serve-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let running: Running | undefined;
const children: ChildProcess[] = [];
afterEach(async () => {
  await running?.close();
  running = undefined;
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});

let made = 0;
const fresh = () => path.join(scratch, `data-${made++}`);
const log: string[] = [];
const start = async (data: string, ...flags: string[]) => {
  running = await startServer(readConfig(['--port', '0', '--data', data, ...flags]), {
    log: (level, message, more) => log.push(JSON.stringify({ level, message, ...more })),
  });
  return running;
};

interface Outcome {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
}

function noren(args: readonly string[], environment: Record<string, string> = {}): Outcome {
  const child = spawn(process.execPath, [path.join(root, 'bin/noren.cjs'), ...args], {
    cwd: scratch,
    env: { PATH: process.env['PATH']!, ...environment },
  });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout!.on('data', data => {
    out += data;
  });
  child.stderr!.on('data', data => {
    err += data;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null }));
  return { child, out: () => out, err: () => err, ended };
}

async function ready({ out, err, ended }: Outcome): Promise<{ baseUrl: string; pid: number }> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (;;) {
    const found = /^ready (\S+) pid (\d+)\n/.exec(out());
    if (found) return { baseUrl: found[1]!, pid: Number(found[2]) };
    if (over) throw new Error(`ended at start: ${err()}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

describe('a first start in a sandbox', () => {
  test('makes two hospitals and three studies, and nothing clinical; files are the owner’s alone', async () => {
    const data = fresh();
    const { baseUrl } = await start(data);
    const { token } = await fetchToken({ client: 'tester', data, url: baseUrl });
    const get = async (what: string) =>
      (await fetch(`${baseUrl}/${what}`, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<Record<string, never>>;
    expect(await get('Organization/hospital-1')).toMatchObject({
      identifier: [{ system: 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no', value: '1319999991' }],
    });
    expect(await get('Organization/hospital-2')).toMatchObject({ identifier: [{ value: '2719999992' }] });
    for (const [id, status] of [
      ['sandbox-active', 'active'],
      ['sandbox-second', 'active'],
      ['sandbox-withdrawn', 'withdrawn'],
    ]) {
      const study = (await get(`ResearchStudy/${id}`)) as unknown as { status: string; period: { start: string; end: string } };
      expect(study.status).toBe(status);
      expect(Date.parse(study.period.start)).toBeLessThan(Date.now());
      expect(Date.parse(study.period.end)).toBeGreaterThan(Date.now());
    }
    expect(await get('Patient?_summary=count')).toMatchObject({ total: 0 });
    const all = readdirSync(data, { recursive: true, encoding: 'utf8' }).map(name => path.join(data, name));
    expect(all.length).toBeGreaterThan(10);
    for (const file of [data, ...all])
      expect([file, (statSync(file).mode & 0o777).toString(8)]).toEqual([file, statSync(file).isDirectory() ? '700' : '600']);
  });

  test('what was changed since stays so at the next start', async () => {
    const data = fresh();
    let { baseUrl } = await start(data);
    const headers = async () => ({
      authorization: `Bearer ${(await fetchToken({ client: 'tester', data, url: baseUrl })).token}`,
      'content-type': 'application/fhir+json',
    });
    await fetch(`${baseUrl}/ResearchStudy/sandbox-second`, { method: 'DELETE', headers: await headers() });
    await fetch(`${baseUrl}/Organization/hospital-1`, {
      method: 'PUT',
      headers: await headers(),
      body: '{"resourceType":"Organization","id":"hospital-1","name":"renamed"}',
    });
    await running!.close();
    ({ baseUrl } = await start(data));
    expect((await fetch(`${baseUrl}/ResearchStudy/sandbox-second`, { headers: await headers() })).status).toBe(410);
    expect(await (await fetch(`${baseUrl}/Organization/hospital-1`, { headers: await headers() })).json()).toMatchObject({
      name: 'renamed',
      meta: { versionId: '2' },
    });
  });

  test('the landing page counts what is loaded', async () => {
    const { baseUrl } = await start(fresh());
    const page = await (await fetch(new URL('/', baseUrl))).text();
    expect(page).toMatch(/<td>Organization<\/td><td>2<\/td>/);
    expect(page).toMatch(/<td>ResearchStudy<\/td><td>3<\/td>/);
  });
});

describe('the process', () => {
  test('says ready with its pid, logs JSON lines to stderr, answers what is in flight after SIGTERM and exits 0', async () => {
    const data = fresh();
    const server = noren(['serve', '--port', '0', '--data', data]);
    const { baseUrl, pid } = await ready(server);
    expect(pid).toBe(server.child.pid);
    const { token } = await fetchToken({ client: 'tester', data, url: baseUrl });
    const { port } = new URL(baseUrl);
    const socket = connect(Number(port), '127.0.0.1');
    let heard = '';
    socket.on('data', chunk => {
      heard += chunk;
    });
    const body = '{"resourceType":"Basic","code":{"text":"x"}}';
    socket.write(
      `POST /fhir/Basic HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/fhir+json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    await new Promise(resolve => setTimeout(resolve, 200));
    process.kill(pid, 'SIGTERM');
    await new Promise(resolve => setTimeout(resolve, 200));
    await expect(fetch(`${baseUrl}/metadata`)).rejects.toThrow();
    socket.write(body.slice(10));
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(heard).toMatch(/^HTTP\/1\.1 201 /);
    for (const line of server.err().trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), level: expect.any(String), message: expect.any(String) });
    expect(readdirSync(data)).not.toContain('noren.lock');
  });

  test('SIGINT ends it too', async () => {
    const server = noren(['serve', '--port', '0', '--data', fresh()]);
    process.kill((await ready(server)).pid, 'SIGINT');
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  test('after kill -9 the next start goes on', async () => {
    const data = fresh();
    const killed = noren(['serve', '--port', '0', '--data', data]);
    process.kill((await ready(killed)).pid, 'SIGKILL');
    await killed.ended;
    expect(readdirSync(data)).toContain('noren.lock');
    const next = noren(['serve', '--port', '0', '--data', data]);
    const { baseUrl } = await ready(next);
    expect((await fetch(new URL('/health/ready', baseUrl))).status).toBe(200);
  });

  test('a port in use, a data directory in use: exit 1 and one sentence', async () => {
    const data = fresh();
    const { port } = await start(data);
    const samePort = noren(['serve', '--port', String(port), '--data', fresh()]);
    expect([await samePort.ended, samePort.err()]).toEqual([
      { code: 1, signal: null },
      `noren: 127.0.0.1:${port} (HOST, PORT) is in use by another program.\n`,
    ]);
    const sameData = noren(['serve', '--port', '0', '--data', data]);
    expect(await sameData.ended).toEqual({ code: 1, signal: null });
    expect(sameData.err()).toBe(`noren: The data directory ${data} is in use by another server (pid ${process.pid}).\n`);
    await expect(startServer(readConfig(['--port', '0', '--data', data]))).rejects.toMatchObject({ name: 'Refusal' });
  });

  test('an external issuer whose keys stand inside: exit 1 and one sentence', async () => {
    const flags = ['--external-issuer', 'https://id.example/', '--external-jwks-uri', 'https://10.0.0.1/certs'];
    const server = noren(['serve', '--port', '0', '--data', fresh(), ...flags]);
    expect(await server.ended).toEqual({ code: 1, signal: null });
    expect(server.err()).toBe('noren: The key set of the external issuer must stand at an https URL of a host outside.\n');
  });

  test('a data directory of a newer version: exit 1 and one sentence', async () => {
    const data = fresh();
    await (await start(data)).close();
    const db = new DatabaseSync(path.join(data, 'store/noren.db'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    const server = noren(['serve', '--port', '0', '--data', data]);
    expect(await server.ended).toEqual({ code: 1, signal: null });
    expect(server.err()).toMatch(/^noren: [^\n]*newer version[^\n]*\.\n$/);
    expect(readdirSync(data)).not.toContain('noren.lock');
  });

  test.each([
    [['serve', '--port', 'x'], {}, 'PORT'],
    [['serve'], { MODE: 'production' }, 'ISSUER'],
    [['serve'], { STORE: 'mongodb://localhost' }, 'STORE'],
    [['serve', '--colour'], {}, '--colour'],
    [['serve', '--workers', '2'], {}, 'WORKERS must be 1 when STORE is sqlite'],
    [['serve', '--workers', '0'], { STORE: 'mongodb://localhost/noren' }, 'WORKERS'],
    [['swerve'], {}, 'swerve'],
    [['serve', '--port', '0', '--master-key-file', '/nowhere/key'], {}, 'MASTER_KEY_FILE'],
  ])('%j: exit 1 and one sentence that names it', async (args, environment, name) => {
    const tried = noren(args, environment as Record<string, string>);
    expect(await tried.ended).toEqual({ code: 1, signal: null });
    expect(tried.out()).toBe('');
    expect(tried.err()).toMatch(/^noren: [^\n]+\.\n$/);
    expect(tried.err()).toContain(name);
  });

  test('--help tells every setting and exits 0', async () => {
    const help = noren(['serve', '--help']);
    expect(await help.ended).toEqual({ code: 0, signal: null });
    for (const word of ['--wait-days', 'WAIT_DAYS', 'REQUEST_TIMEOUT_MS', 'Exit code']) expect(help.out()).toContain(word);
    const all = noren(['--help']);
    expect(await all.ended).toEqual({ code: 0, signal: null });
    for (const command of ['serve', 'demo', 'generate', 'load', 'token', 'keys', 'audit']) expect(all.out()).toContain(`  ${command}`);
  });
});

describe('production', () => {
  test('starts on what it is given, knows no tester, makes no fixtures', async () => {
    const sandbox = fresh();
    await (await start(sandbox)).close();
    const data = fresh();
    mkdirSync(data);
    writeMasterKey(path.join(data, 'given.key'), Buffer.alloc(32, 7));
    const clients = JSON.parse(readFileSync(path.join(sandbox, 'clients.json'), 'utf8')) as { clients: { kind: string }[] };
    writeFileSync(path.join(data, 'given.json'), JSON.stringify({ clients: clients.clients.filter(client => client.kind !== 'tester') }));
    const flags = [
      '--mode',
      'production',
      '--issuer',
      'http://127.0.0.1/oauth',
      '--master-key-file',
      path.join(data, 'given.key'),
      '--clients-file',
      path.join(data, 'given.json'),
      '--signing-key-file',
      path.join(sandbox, 'auth/signing.key.json'),
    ];
    const { baseUrl } = await start(data, ...flags);
    expect((await fetch(new URL('/health/ready', baseUrl))).status).toBe(200);
    expect(await (await fetch(new URL('/', baseUrl))).text()).toContain('Nothing yet.');
    await running!.close();
    writeMasterKey(path.join(data, 'given.key'), Buffer.alloc(32, 8));
    await expect(start(data, ...flags)).rejects.toMatchObject({ name: 'Refusal', message: expect.stringContaining('master key') });
  });

  test('a master key file holds 32 bytes, in hexadecimal or base64', () => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7));
    const file = path.join(scratch, 'key');
    for (const text of [key.toString('hex'), key.toString('base64'), `${key.toString('base64url')}\n`]) {
      writeFileSync(file, text);
      expect(readMasterKey(file).equals(key)).toBe(true);
    }
    for (const text of ['', 'secret', key.toString('hex').slice(2)]) {
      writeFileSync(file, text);
      expect(() => readMasterKey(file)).toThrow(/MASTER_KEY_FILE.* must hold 32 bytes/);
    }
  });
});

describe('the lock of a data directory', () => {
  const directory = () => {
    const made = fresh();
    mkdirSync(made);
    return made;
  };

  test('one at a time; given back it is free', () => {
    const data = directory();
    const unlock = lock(data);
    expect(() => lock(data)).toThrow(/in use/);
    unlock();
    lock(data)();
    expect(readdirSync(data)).toEqual([]);
  });

  test('of a process that is gone, of one that has its number by chance, and one that was never written whole: free', () => {
    for (const text of [
      JSON.stringify({ pid: 2 ** 22 + 1 }),
      JSON.stringify({ pid: process.pid, identity: 'another boot 1' }),
      JSON.stringify({ pid: 1, identity: 'another boot 1' }),
      '',
    ]) {
      const data = directory();
      writeFileSync(path.join(data, 'noren.lock'), text);
      lock(data)();
    }
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('of a process that has ended and was not fetched by who started it: free', async () => {
    const data = directory();
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(parent);
    const pid = Number(String((await once(parent.stdout, 'data'))[0]));
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    writeFileSync(path.join(data, 'noren.lock'), JSON.stringify({ pid, identity: `${boot} ${stat()[21]}` }));
    expect(() => lock(data)).toThrow(`(pid ${pid})`);
    while (stat()[2] !== 'Z') await new Promise(resolve => setTimeout(resolve, 20));
    lock(data)();
  });

  test('of a process that runs: taken', () => {
    const data = directory();
    writeFileSync(path.join(data, 'noren.lock'), JSON.stringify({ pid: process.ppid }));
    expect(() => lock(data)).toThrow(`(pid ${process.ppid})`);
  });
});
