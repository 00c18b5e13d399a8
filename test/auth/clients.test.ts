// https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSandboxClients, loadClients, openClients } from '../../src/auth/clients.ts';
import { createKey, privateKeys, publicPart, readSigningKeys, sandboxSigningKeys } from '../../src/auth/keys.ts';
import { clientKeyFile, clientsFile } from '../../src/auth/layout.ts';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'noren-clients-'));
  data = path.join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const everything = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true }).map(entry => path.join(entry.parentPath, entry.name));

describe('sandbox', () => {
  test('a first start makes the clients of the contract', () => {
    const clients = createSandboxClients(data);
    expect(clients.all().map(c => [c.client_id, c.kind, c.active])).toEqual([
      ['tester', 'tester', true],
      ['hospital-1', 'institution', true],
      ['hospital-2', 'institution', true],
      ['researcher-1', 'researcher', true],
      ['researcher-2', 'researcher', true],
      ['operator', 'operator', true],
      ['patient-app', 'patient-app', true],
      ['objection-app', 'patient-app', true],
      ['desk-app', 'staff-app', true],
    ]);
    expect(clients.find('hospital-2')).toMatchObject({
      organization: 'Organization/hospital-2',
      institutionCode: '2719999992',
      patientNumberSystem: 'urn:oid:1.2.392.100495.20.3.51.12719999992',
    });
    expect(clients.find('researcher-1')?.studies).toEqual(['sandbox-active', 'sandbox-second', 'sandbox-withdrawn']);
    expect(clients.find('nobody')).toBeUndefined();
  });

  test('directories have mode 0700, files 0600; the registry holds no private key', () => {
    createSandboxClients(data);
    sandboxSigningKeys(data);
    for (const file of [data, ...everything(data)]) {
      const stat = statSync(file);
      expect([path.relative(data, file), (stat.mode & 0o777).toString(8)]).toEqual([
        path.relative(data, file),
        stat.isDirectory() ? '700' : '600',
      ]);
    }
    expect(JSON.parse(readFileSync(clientKeyFile(data, 'tester'), 'utf8'))).toHaveProperty('d');
    expect(readFileSync(clientsFile(data), 'utf8')).not.toMatch(/"d"\s*:/);
  });

  test('a second start changes nothing', () => {
    createSandboxClients(data);
    const before = everything(data).map(file => (statSync(file).isFile() ? readFileSync(file, 'utf8') : file));
    createSandboxClients(data);
    expect(everything(data).map(file => (statSync(file).isFile() ? readFileSync(file, 'utf8') : file))).toEqual(before);
  });

  test('a first start that was cut off before the registry was written goes on with the keys it had made', () => {
    createSandboxClients(data);
    const key = readFileSync(clientKeyFile(data, 'operator'), 'utf8');
    rmSync(clientsFile(data));
    const clients = createSandboxClients(data);
    expect(readFileSync(clientKeyFile(data, 'operator'), 'utf8')).toBe(key);
    expect(clients.find('operator')?.jwks.keys[0]?.kid).toBe(JSON.parse(key).kid);
  });

  test('a client that is switched off stays off after a restart, and can be switched on again', async () => {
    const clients = createSandboxClients(data);
    expect(await clients.setActive('hospital-1', false)).toBe(true);
    expect(await clients.setActive('nobody', false)).toBe(false);
    expect(clients.find('hospital-1')?.active).toBe(false);
    const again = createSandboxClients(data);
    expect(
      again
        .all()
        .filter(c => !c.active)
        .map(c => c.client_id),
    ).toEqual(['hospital-1']);
    await again.setActive('hospital-1', true);
    expect(createSandboxClients(data).find('hospital-1')?.active).toBe(true);
  });
});

describe('production', () => {
  const key = publicPart(createKey());
  const hospital = {
    client_id: 'h',
    kind: 'institution',
    active: true,
    jwks: { keys: [key] },
    organization: 'Organization/h',
    institutionCode: '1310000001',
    patientNumberSystem: 'urn:oid:1.2',
  };
  const open = (clients: unknown, mode: 'production' | 'sandbox' = 'production') => {
    const file = path.join(folder, 'registry.json');
    writeFileSync(file, JSON.stringify({ clients }));
    return openClients(file, mode);
  };

  test('no client is made: the registry is the named file', () => {
    expect(() => loadClients('production', data)).toThrow('needs a clients file');
    expect(() => loadClients('production', data, path.join(folder, 'none.json'))).toThrow('is not there');
    expect(readdirSync(folder)).toEqual([]);
    expect(open([hospital]).find('h')).toMatchObject({ kind: 'institution', scope: 'system/*.cruds' });
  });

  test('a tester is refused', () => {
    const tester = { client_id: 't', kind: 'tester', active: true, jwks: { keys: [key] } };
    expect(() => open([tester])).toThrow('clients[0].kind must not be tester in production');
    expect(open([tester], 'sandbox').find('t')?.kind).toBe('tester');
  });

  test.each([
    ['kind', { ...hospital, kind: 'root' }],
    ['client_id', { ...hospital, client_id: '../h' }],
    ['active', { ...hospital, active: 'yes' }],
    ['scope', { ...hospital, scope: 'system/*.sr' }],
    ['scope', { ...hospital, scope: 'system/Patient.rs?name:contains=x' }],
    ['organization', { ...hospital, organization: 'h' }],
    ['institutionCode', { ...hospital, institutionCode: '131' }],
    ['patientNumberSystem', { ...hospital, patientNumberSystem: undefined }],
    ['studies', { client_id: 'r', kind: 'researcher', active: true, jwks: { keys: [key] } }],
    ['jwks', { ...hospital, jwks: undefined }],
    ['jwks', { ...hospital, jwks: { keys: [key, key] } }],
    ['jwks.keys[0]', { ...hospital, jwks: { keys: [{ ...key, kid: undefined }] } }],
    ['jwks.keys[0]', { ...hospital, jwks: { keys: [createKey()] } }],
    ['jwks.keys[0]', { ...hospital, jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'x' }] } }],
    ['jwks.keys[0]', { ...hospital, jwks: { keys: [{ ...key, x: 'AAAA' }] } }],
    ['external', { ...hospital, external: 'yes' }],
    ['external', { client_id: 'desk', kind: 'staff-app', active: true, external: true, redirect_uris: ['https://desk.example/'] }],
    ['jwks', { ...hospital, jwks: undefined, external: false }],
    ['jwks_uri', { ...hospital, jwks_uri: 'https://h.example/jwks' }],
    ['jwks_uri', { ...hospital, jwks: undefined, jwks_uri: 'http://h.example/jwks' }],
    ['jwks_uri', { ...hospital, jwks: undefined, jwks_uri: 'https://10.0.0.1/jwks' }],
    ['jwks_uri', { ...hospital, jwks: undefined, jwks_uri: 'http://127.0.0.1/jwks' }],
  ])('a wrong %s stops the start with a sentence that names it', (member, client) => {
    expect(() => open([client])).toThrow(`clients[0].${member} `);
  });

  test('two clients of one id are refused', () => {
    expect(() => open([hospital, hospital])).toThrow('clients[1].client_id is there twice');
  });

  test('signing keys: a JWK or a JWKS of private keys, and nothing else', () => {
    const own = createKey();
    expect(privateKeys(own, 'KEY')).toEqual([own]);
    expect(privateKeys({ keys: [own] }, 'KEY')).toEqual([own]);
    for (const wrong of [key, {}, { keys: [] }, undefined, 'x', { kty: 'oct', k: 'AAAA' }])
      expect(() => privateKeys(wrong, 'KEY')).toThrow(/^KEY /);
    expect(() => readSigningKeys(path.join(folder, 'none.json'))).toThrow('is not there');
  });
});
