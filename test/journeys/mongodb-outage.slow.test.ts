// docs/mongodb.md: the database goes away under load, and the network between; https://hl7.org/fhir/R4/http.html#Status-Codes

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { assertion, assertionType } from '../../src/auth/assertion.ts';
import { readJson } from '../../src/auth/files.ts';
import type { Jwk } from '../../src/auth/keys.ts';
import { clientKeyFile } from '../../src/auth/layout.ts';
import { freshUri, server as mongodb, withMongo } from '../fhir/store/mongodb/database.ts';
import { type Load, load, notWhole, type One, type SharedServers, sharedServers } from './shared-store.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  const failed: unknown[] = [];
  // One that fails must not leave the others running.
  for (const end of ends.splice(0).reverse())
    try {
      await end();
    } catch (error) {
      failed.push(error);
    }
  expect(failed).toEqual([]);
}, 60_000);

/** Between a server and its database; what is cut is cut for connections that are open too. */
class Between {
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  #server: Server | undefined;
  #silent = false;
  port = 0;

  constructor(target: URL) {
    this.#target = target;
  }

  async open(): Promise<void> {
    const server = createServer(near => {
      const far = createConnection(Number(this.#target.port || 27_017), this.#target.hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('data', part => void (this.#silent || to.write(part)));
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    await new Promise<void>(resolve => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as { port: number }).port;
    this.#server = server;
  }

  /** Nothing comes through, and nobody is told. */
  silence(silent: boolean): void {
    this.#silent = silent;
    // What was swallowed is missing in the stream.
    if (!silent) for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const ready = async (one: One): Promise<number> => (await fetch(new URL('/health/ready', one.url))).status;
async function until(what: () => Promise<boolean>, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(100)) if (await what()) return true;
  return false;
}

/** A token request with an assertion that was never used. */
function askToken(one: One, data: string): Promise<Response> {
  const endpoint = `${new URL(one.url).origin}/oauth/token`;
  const key = readJson(clientKeyFile(data, 'tester')) as Jwk;
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: assertion('tester', endpoint, key),
  };
  return fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) });
}

/** What holds in every outage. @param away ends the way to the database; @param back opens it again */
async function outage(servers: SharedServers, away: () => unknown, back: () => unknown): Promise<void> {
  const one = await servers.start();
  const loads: Load[] = [load(one, 4)];
  const [first] = loads as [Load];
  expect(await until(async () => first.acknowledged.length > 8, 20_000)).toBe(true);
  await away();
  expect(await until(async () => first.refused.some(({ status }) => status === 503), 20_000)).toBe(true);
  expect(await until(async () => (await ready(one)) === 503, 20_000)).toBe(true);
  const read = await one.ask('tester', 'GET', 'Patient?_count=1');
  expect([read.status, read.headers.get('retry-after')]).toEqual([503, '5']);
  const asked = await askToken(one, servers.first);
  expect([asked.status, asked.headers.get('retry-after'), await asked.json()]).toEqual([503, '5', { error: 'temporarily_unavailable' }]);
  const before = first.acknowledged.length;
  await back();
  expect(await until(async () => (await ready(one)) === 200, 20_000)).toBe(true);
  expect(await until(async () => first.acknowledged.length > before + 4, 20_000)).toBe(true);
  expect((await askToken(one, servers.first)).status).toBe(200);
  await first.end();
  expect(new Set(first.refused.map(({ status }) => status))).toEqual(new Set([503]));
  expect(first.refused.every(({ headers }) => headers.get('retry-after') !== null)).toBe(true);
  const other = await servers.start();
  for (const server of [one, other]) expect(await notWhole(server, first)).toEqual([]);
}

withMongo('the way to the database is cut', () => {
  test.each(['refused', 'silent'] as const)(
    'connections are %s: 503 with Retry-After, recovery without a restart, nothing acknowledged is lost',
    async how => {
      const uri = new URL(freshUri());
      const between = new Between(new URL(uri));
      await between.open();
      ends.push(() => between.close());
      uri.hostname = '127.0.0.1';
      uri.port = String(between.port);
      const servers = await sharedServers(uri.href);
      ends.push(() => servers.remove());
      if (how === 'refused')
        await outage(
          servers,
          () => between.close(),
          () => between.open(),
        );
      else
        await outage(
          servers,
          () => between.silence(true),
          () => between.silence(false),
        );
    },
    180_000,
  );
});

const standIn = path.resolve(import.meta.dirname, '../../../shared/bin/mongodb-stand-in');
// A database that may be killed: one of our own beside the one that MONGODB_URI names.
const killable = mongodb !== undefined && existsSync(standIn) ? test : test.skip;

killable(
  'the database is killed under load and started again: nothing acknowledged is lost',
  async () => {
    const directory = mkdtempSync(path.join(os.tmpdir(), 'noren-mongodb-'));
    const port = String(27_600 + Math.floor(Math.random() * 300));
    const output = execFileSync(path.join(standIn, 'start'), [directory, port], { encoding: 'utf8' });
    ends.push(() => {
      execFileSync(path.join(standIn, 'stop'), [directory]);
      rmSync(directory, { recursive: true, force: true });
    });
    const uri = new URL(/^MONGODB_URI=(.*)$/m.exec(output)![1]!);
    uri.pathname = '/noren_killed';
    let pid = Number(readFileSync(path.join(directory, 'server.pid'), 'utf8'));
    const [command, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1) as [string, ...string[]];
    ends.push(() => process.kill(pid));
    const servers = await sharedServers(uri.href);
    ends.push(() => servers.remove());
    await outage(
      servers,
      () => process.kill(pid, 'SIGKILL'),
      () => {
        pid = spawn(command, args, { stdio: 'ignore', env: { ...process.env, FERRETDB_TELEMETRY: 'disable' } }).pid!;
      },
    );
  },
  180_000,
);
