// docs/settings.md

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { settingsPage } from '../scripts/settings.ts';
import { baseUrlOf, readConfig, settings, workerEnvironment, workerOf } from '../src/config.ts';

const production = {
  MODE: 'production',
  ISSUER: 'https://a.example/oauth',
  MASTER_KEY_FILE: 'm',
  SIGNING_KEY_FILE: 's',
  CLIENTS_FILE: 'c',
};

test('without anything given: the defaults', () => {
  expect(readConfig()).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    data: './data',
    store: 'sqlite',
    mode: 'sandbox',
    waitDays: 30,
    timeZone: 'Asia/Tokyo',
    tokenLifeSeconds: 300,
    corsOrigins: ['*'],
    referentialIntegrity: false,
  });
  expect(baseUrlOf(readConfig())).toBe('http://127.0.0.1:8080/fhir');
});

test('a flag wins over the environment, in both spellings; an empty variable is not given', () => {
  expect(readConfig(['--port', '81', '--wait-days=7'], { PORT: '80', WAIT_DAYS: '9', HOST: '' })).toMatchObject({
    port: 81,
    waitDays: 7,
    host: '127.0.0.1',
  });
});

test('the result cannot be changed', () => {
  const config = readConfig();
  expect(Object.isFrozen(config) && Object.isFrozen(config.corsOrigins)).toBe(true);
});

describe('a wrong value stops the start with one sentence that names the variable', () => {
  test.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['HOST', 'a b'],
    ['STORE', 'postgres'],
    ['STORE', 'mongodb://localhost'],
    ['KEYS', 'mongodb://localhost/keys'],
    ['BASE_URL', 'fhir.example'],
    ['BASE_URL', 'ftp://fhir.example/fhir'],
    ['BASE_URL', 'https://u:p@fhir.example/fhir'],
    ['BASE_URL', 'https://fhir.example/fhir?x=1'],
    ['BASE_URL', 'https://fhir.example'],
    ['MODE', 'test'],
    ['WAIT_DAYS', '-3'],
    ['TIME_ZONE', 'Japan/Edo'],
    ['TOKEN_LIFE_SECONDS', '119'],
    ['MAX_COUNT', '10001'],
    ['REFERENTIAL_INTEGRITY', 'yes'],
    ['SYNCHRONOUS', 'off'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/99'],
    ['TRUSTED_PROXIES', '999.0.0.1'],
    ['EXTERNAL_ISSUER', 'keycloak'],
    ['EXTERNAL_ISSUER', 'https://id.example/?realm=x'],
    ['EXTERNAL_ISSUER', ' '],
    ['DEFAULT_COUNT', '2000'],
    ['MAX_BODIES_BYTES', '2048'],
  ])('%s=%s', (variable, value) => {
    expect(() => readConfig([], { [variable]: value })).toThrow(
      expect.objectContaining({ name: 'WrongSetting', message: expect.stringMatching(new RegExp(`^${variable}\\b[^\\n]*\\.$`)) }),
    );
  });

  test('a flag is named with its variable', () => {
    expect(() => readConfig(['--port', 'x'])).toThrow('--port (PORT) must be a whole number from 0 to 65535.');
  });

  test.each([[['--colour', 'red']], [['serve']], [['--port']], [['--port', '1', '--port', '2']]])('flags %j', args => {
    expect(() => readConfig(args)).toThrow(expect.objectContaining({ name: 'WrongSetting' }));
  });
});

describe('production', () => {
  test('starts only with issuer, keys and clients given', () => {
    expect(readConfig([], production)).toMatchObject({ mode: 'production', corsOrigins: [] });
    for (const variable of ['ISSUER', 'MASTER_KEY_FILE', 'SIGNING_KEY_FILE', 'CLIENTS_FILE']) {
      expect(() => readConfig([], { ...production, [variable]: undefined })).toThrow(`${variable} must be given when MODE is production.`);
    }
  });
});

test('an external issuer comes with its keys, to the letter; its audience not without it', () => {
  const external = { EXTERNAL_ISSUER: 'https://id.example/realms/h/', EXTERNAL_JWKS_URI: 'https://id.example/certs' };
  expect(readConfig([], external)).toMatchObject({ externalIssuer: 'https://id.example/realms/h/', externalAudience: undefined });
  expect(() => readConfig([], { ...external, EXTERNAL_JWKS_URI: '' })).toThrow('EXTERNAL_JWKS_URI must be given with EXTERNAL_ISSUER.');
  for (const variable of ['EXTERNAL_JWKS_URI', 'EXTERNAL_AUDIENCE'])
    expect(() => readConfig([], { [variable]: 'https://id.example/certs' })).toThrow('EXTERNAL_ISSUER must be given');
});

test('a journal goes with the embedded store alone', () => {
  expect(readConfig([], { JOURNAL_DIR: '/j' })).toMatchObject({ journalDir: '/j', store: 'sqlite' });
  expect(() => readConfig([], { JOURNAL_DIR: '/j', STORE: 'mongodb://db/noren' })).toThrow('JOURNAL_DIR goes with the embedded store');
});

test('several processes need a store that they can share', () => {
  expect(readConfig(['--workers', '4'], { STORE: 'mongodb://db/noren' })).toMatchObject({ workers: 4 });
  expect(() => readConfig([], { WORKERS: '2' })).toThrow('WORKERS must be 1 when STORE is sqlite: its files belong to one process.');
  expect(workerOf({})).toBeUndefined();
  expect(workerOf(workerEnvironment(2, 8080))).toEqual({ number: 2, port: 8080 });
});

test('where files may be fetched: nowhere, or below addresses, each without the slash at its end', () => {
  expect(readConfig([]).fileSources).toEqual([]);
  expect(readConfig(['--file-sources', 'https://a.example/x/, http://b.example:81']).fileSources).toEqual([
    'https://a.example/x',
    'http://b.example:81',
  ]);
  for (const wrong of ['a.example', 'ftp://a.example/x', 'https://u:p@a.example/x', 'https://a.example/x?y', 'https://a.example/x#y'])
    expect(() => readConfig(['--file-sources', wrong])).toThrow('FILE_SOURCES');
});

test('the base URL follows host and port; IPv6 stands in brackets; a given one loses its last slash', () => {
  expect(baseUrlOf(readConfig(['--host', '::1', '--port', '0']), 4711)).toBe('http://[::1]:4711/fhir');
  expect(baseUrlOf(readConfig(['--base-url', 'https://fhir.example/r4/']))).toBe('https://fhir.example/r4');
});

test('every setting has its own variable and flag', () => {
  const rows = Object.values(settings);
  expect(new Set(rows.map(row => row.variable)).size).toBe(rows.length);
  expect(new Set(rows.map(row => row.flag)).size).toBe(rows.length);
});

test('docs/settings.md is what the table says', () => {
  expect(readFileSync(path.join(import.meta.dirname, '../docs/settings.md'), 'utf8')).toBe(settingsPage());
});
