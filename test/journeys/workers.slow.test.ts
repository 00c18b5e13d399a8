// docs/mongodb.md, docs/settings.md (WORKERS): several processes on one port, started, watched and ended by one

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeMasterKey } from '../../src/commands/master-key.ts';
import { fetchToken } from '../../src/commands/token.ts';
import { dropDatabase, freshUri, withMongo } from '../fhir/store/mongodb/database.ts';

const main = path.join(import.meta.dirname, '../../src/main.ts');

interface Noren {
  readonly child: ChildProcess;
  readonly out: () => string;
  /** What the log has said so far. */
  readonly log: () => readonly { readonly message: string; readonly worker?: number; readonly pid?: number }[];
  readonly err: () => string;
  readonly ended: Promise<number | string>;
}

withMongo('serve --workers', () => {
  let data: string;
  let uri: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    data = mkdtempSync(path.join(os.tmpdir(), 'noren-workers-'));
    uri = freshUri();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await dropDatabase(uri);
    rmSync(data, { recursive: true, force: true });
  });

  function noren(...args: string[]): Noren {
    const child = spawn(process.execPath, [main, ...args, '--data', data, '--store', uri], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let out = '';
    let err = '';
    child.stdout!.on('data', (part: Buffer) => {
      out += part.toString();
    });
    child.stderr!.on('data', (part: Buffer) => {
      err += part.toString();
    });
    return {
      child,
      out: () => out,
      err: () => err,
      log: () =>
        err
          .split('\n')
          .filter(line => line.startsWith('{'))
          .map(line => JSON.parse(line)),
      ended: once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string),
    };
  }
  async function until<T>(what: () => T | undefined, one: Noren): Promise<T> {
    for (;;) {
      const found = what();
      if (found !== undefined) return found;
      if (one.child.exitCode !== null) throw new Error(`It has ended: ${one.err()}`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
  const start = async (...more: string[]): Promise<Noren & { readonly url: string }> => {
    const one = noren('serve', '--port', '0', '--workers', '2', ...more);
    return { ...one, url: await until(() => /^ready (\S+) pid \d+\n$/.exec(one.out())?.[1], one) };
  };
  const readyOf = (one: Noren) => one.log().filter(({ message }) => message === 'a worker is ready');

  /** By a connection of its own, which goes to the next of them. @returns status, or 0 where the connection broke */
  const ask = (url: string, token: string, method = 'GET', body?: object): Promise<{ status: number; text: string }> =>
    new Promise(resolve => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
      const sent = request(url, { method, headers, agent: new Agent({ keepAlive: false }) }, answer => {
        let text = '';
        answer.on('data', part => {
          text += part;
        });
        answer.on('close', () => resolve({ status: answer.complete ? answer.statusCode! : 0, text }));
      });
      sent.on('error', () => resolve({ status: 0, text: '' }));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const put = (url: string, token: string, id: string) =>
    ask(`${url}/Observation/${id}`, token, 'PUT', { resourceType: 'Observation', id, status: 'final', code: { text: id } });

  test('two answer on one port as one server, each has its log of the audit, and SIGTERM ends all: exit 0', async () => {
    const one = await start();
    expect(readyOf(one).map(({ worker }) => worker)).toEqual([1, 2]);
    const token = await fetchToken({ client: 'tester', data, url: one.url });
    for (let n = 0; n < 12; n++) expect((await put(one.url, token.token, `o${n}`)).status).toBe(201);
    for (let n = 0; n < 12; n++) expect((await ask(`${one.url}/Observation/o${n}`, token.token)).status).toBe(200);
    expect((await ask(new URL('/health/ready', one.url).href, token.token)).status).toBe(200);
    const operator = await fetchToken({ client: 'operator', data, url: one.url });
    const events = await ask(`${one.url}/AuditEvent?agent=tester&subtype=update&_count=100`, operator.token);
    const ids: string[] = JSON.parse(events.text).entry.map(({ resource }: { resource: { id: string } }) => resource.id);
    expect([ids.length, new Set(ids.map(id => id.split('.')[0]))]).toEqual([12, new Set(['w1', 'w2'])]);
    for (const id of ids) expect((await ask(`${one.url}/AuditEvent/${id}`, operator.token)).status).toBe(200);
    const second = noren('serve', '--port', '0', '--workers', '2');
    expect(await second.ended).toBe(1);
    expect(second.err()).toContain('is in use by another server');
    one.child.kill('SIGTERM');
    expect([await one.ended, existsSync(path.join(data, 'noren.lock'))]).toEqual([0, false]);
    expect(one.log().filter(({ message, worker }) => message === 'stopped' && worker !== undefined)).toHaveLength(2);
    const verified = noren('audit', 'verify');
    expect(await verified.ended).toBe(0);
    expect(verified.out()).toMatch(
      /^w1: \d+ records, the chain is whole\nlast w1\.\d+:\S+\nw2: \d+ records, the chain is whole\nlast w2\.\d+:\S+\n$/,
    );
    const noted = /^last (w2\S+)$/m.exec(verified.out())![1]!;
    expect(await noren('audit', 'verify', '--noted', noted).ended).toBe(0);
    expect(await noren('audit', 'verify', '--noted', `${noted.slice(0, -43)}${'A'.repeat(43)}`).ended).toBe(1);
  }, 120_000);

  test('one of them is killed with -9 under load: the other goes on, it is started again, and nothing acknowledged is lost', async () => {
    const one = await start();
    const { token } = await fetchToken({ client: 'tester', data, url: one.url });
    const acknowledged: string[] = [];
    let run = true;
    const load = Array.from({ length: 4 }, async (_, client) => {
      for (let n = 0; run; n++) if ((await put(one.url, token, `k${client}-${n}`)).status === 201) acknowledged.push(`k${client}-${n}`);
    });
    for (const number of [2, 1]) {
      await until(() => (acknowledged.length > 10 ? true : undefined), one);
      const before = acknowledged.length;
      process.kill(readyOf(one).findLast(({ worker }) => worker === number)!.pid!, 'SIGKILL');
      await until(() => (acknowledged.length > before + 10 ? true : undefined), one);
      await until(() => (readyOf(one).filter(({ worker }) => worker === number).length === 2 ? true : undefined), one);
    }
    run = false;
    await Promise.all(load);
    expect(
      one
        .log()
        .filter(({ message }) => message === 'a worker has ended')
        .map(({ worker }) => worker),
    ).toEqual([2, 1]);
    for (const id of acknowledged.slice(-200)) expect((await ask(`${one.url}/Observation/${id}`, token)).status).toBe(200);
    one.child.kill('SIGINT');
    expect(await one.ended).toBe(0);
    const verified = noren('audit', 'verify');
    expect(await verified.ended).toBe(0);
  }, 120_000);

  test('one that ends at once again and again: given up, and all end', async () => {
    const one = await start();
    const own = path.join(data, 'master.key');
    rmSync(own);
    writeMasterKey(own, randomBytes(32));
    process.kill(readyOf(one).find(({ worker }) => worker === 2)!.pid!, 'SIGKILL');
    expect(await one.ended).toBe(1);
    expect(one.err()).toContain('noren: Worker 2 ended at once 5 times in a row; given up.');
    expect(one.log().filter(({ message, worker }) => message === 'stopped' && worker === 1)).toHaveLength(1);
  }, 120_000);

  test('the supervisor is killed with -9: all end, and the next start has the data directory', async () => {
    const one = await start();
    one.child.kill('SIGKILL');
    // Their ends of the pipes are closed too.
    expect(await one.ended).toBe('SIGKILL');
    const again = await start();
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  }, 120_000);

  test('a start that cannot be: one sentence, exit 1', async () => {
    const one = noren('serve', '--port', '0', '--workers', '2', '--mode', 'production', '--issuer', 'https://i.example');
    expect(await one.ended).toBe(1);
    const two = noren('serve', '--port', '0', '--workers', '2', '--clients-file', path.join(data, 'none.json'));
    expect([await two.ended, two.out()]).toEqual([1, '']);
    expect(
      two
        .err()
        .split('\n')
        .filter(line => line.startsWith('noren: ')),
    ).toEqual([`noren: The clients file ${path.join(data, 'none.json')} is not there.`]);
  }, 120_000);
});
