// https://www.w3.org/TR/CSP3/, https://www.rfc-editor.org/rfc/rfc9110: the files of the browser's pages, and what their answers permit
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { speak, startWire, type Wire } from './wire.ts';

let directory: string;
let wire: Wire;
let bare: Wire;
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'noren-app-'));
  writeFileSync(path.join(directory, '../noren-secret.txt'), 'secret');
  for (const folder of ['objection', 'assets']) mkdirSync(path.join(directory, folder));
  writeFileSync(path.join(directory, 'objection/index.html'), '<meta name="fhir-base" content=""><p>page</p>');
  writeFileSync(path.join(directory, 'assets/page-Ab3_-9xZ.js'), 'export {};'.repeat(100));
  writeFileSync(path.join(directory, 'assets/page.css'), 'p{}');
  writeFileSync(path.join(directory, 'assets/page.map'), '{}');
  wire = await startWire(undefined, { apps: { directory, origins: ['https://other.example'] } });
  bare = await startWire(undefined, { apps: { directory: path.join(directory, 'nothing'), origins: [] } });
});
afterAll(async () => {
  await wire.close();
  await bare.close();
  rmSync(directory, { recursive: true });
  rmSync(path.join(directory, '../noren-secret.txt'));
});

const get = (to: string, init?: RequestInit) => fetch(wire.origin + to, { redirect: 'manual', ...init });

test('app: a page knows its FHIR base, is asked for anew each time, and runs nothing but its own script', async () => {
  const response = await get('/app/objection/?iss=https://x.example');
  expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-cache',
  ]);
  expect(await response.text()).toBe('<meta name="fhir-base" content="http://noren.test/fhir"><p>page</p>');
  const policy = Object.fromEntries(
    (response.headers.get('content-security-policy') ?? '').split(';').map(one => [one.trim().split(' ')[0], one.trim()]),
  );
  expect(policy).toEqual({
    'default-src': "default-src 'none'",
    'script-src': "script-src 'self'",
    'style-src': "style-src 'self'",
    'img-src': "img-src 'self'",
    'connect-src': "connect-src 'self' http://noren.test https://other.example",
    'base-uri': "base-uri 'none'",
    'form-action': "form-action 'none'",
    'frame-ancestors': "frame-ancestors 'none'",
    'require-trusted-types-for': "require-trusted-types-for 'script'",
  });
  for (const [name, value] of [
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['x-frame-options', 'DENY'],
    ['cross-origin-opener-policy', 'same-origin'],
  ] as const)
    expect(response.headers.get(name)).toBe(value);
  expect(wire.records.at(-1)).toMatchObject({ interaction: 'page', method: 'GET', status: 200 });
});

test('app: a file whose name carries its hash is kept for good, any other is asked for anew', async () => {
  expect((await get('/app/assets/page-Ab3_-9xZ.js')).headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect((await get('/app/assets/page.css')).headers.get('cache-control')).toBe('no-cache');
});

test('app: packed for whoever takes it, whole for whoever does not', async () => {
  const packed = await get('/app/assets/page-Ab3_-9xZ.js', { headers: { 'accept-encoding': 'gzip' } });
  expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
  expect(Number(packed.headers.get('content-length'))).toBeLessThan(100);
  expect((await packed.text()).length).toBe(1000);
  const whole = await get('/app/assets/page-Ab3_-9xZ.js', { headers: { 'accept-encoding': 'br, gzip;q=0' } });
  expect([whole.headers.get('content-encoding'), whole.headers.get('content-length')]).toEqual([null, '1000']);
});

test('app: HEAD has the headers and no body; a page without its slash leads to the one with it', async () => {
  const head = await get('/app/objection/', { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '67', '']);
  const moved = await get('/app/objection?iss=https://x.example&launch=1');
  expect([moved.status, moved.headers.get('location')]).toEqual([308, '/app/objection/?iss=https://x.example&launch=1']);
});

test('app: only GET and HEAD', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const response = await get('/app/objection/', { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  }
});

test('app: what is not there, and what is not below, is 404 and kept by nobody', async () => {
  const ways = [
    '/app',
    '/app/',
    '/app/none',
    '/app/assets/',
    '/app/assets/page.map',
    '/app/objection/index.htm',
    '/app/objection//',
    '/app/%2e%2e/noren-secret.txt',
  ];
  for (const to of [...ways, '/app/..%2fnoren-secret.txt', '/app/assets/..%5c..%5cnoren-secret.txt', '/app/objection/%00']) {
    const response = await get(to);
    expect([to, response.status]).toEqual([to, 404]);
    expect(await response.text()).not.toContain('secret');
  }
  const none = await get('/app/none');
  expect(none.headers.get('cache-control')).toBe('no-store');
  for (const to of ['/app/../noren-secret.txt', '/app/assets/../../noren-secret.txt', '/app//../noren-secret.txt']) {
    const said = await speak(wire.port, `GET ${to} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 404/);
    expect(said).not.toContain('\r\n\r\nsecret');
  }
});

test('app: without a build it says what to run', async () => {
  const response = await fetch(`${bare.origin}/app/objection/`);
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('npm run build:web');
});
