// docs/operation/purge.md, https://hl7.org/fhir/R5/http.html#delete-history
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { dropDatabase, freshUri, withMongo } from '../fhir/store/mongodb/database.ts';
import { openWhole, type Whole } from '../http/whole.ts';
import { objection } from '../journeys/world.ts';

function purges(open: () => Promise<Whole>): void {
  let server: Whole;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.close());

  test('the CapabilityStatement names it', async () => {
    const { json } = await server.ask('GET', 'metadata');
    expect(JSON.stringify(json!['rest'])).toContain('OperationDefinition/purge');
  });

  const patient = (value: string) => ({ resourceType: 'Patient', identifier: [{ system: 'urn:purge', value }] });
  /** One with three versions. */
  async function made(value: string): Promise<string> {
    const id = await server.create(patient(value));
    for (const gender of ['male', 'female']) await server.ask('PUT', `Patient/${id}`, { body: { ...patient(value), id, gender } });
    return id;
  }
  const as = (client: string, method: string, path: string) => server.ask(method, path, { client });
  const history = async (id: string) => (await server.ask('GET', `Patient/${id}/_history`)).json?.['total'];

  test('$purge: the operator takes a resource out with all its versions, though he may not read it', async () => {
    const id = await made('1');
    expect((await as('operator', 'GET', `Patient/${id}`)).status).toBe(403);
    const told = await as('operator', 'POST', `Patient/${id}/$purge`);
    expect([told.status, told.json!.resourceType]).toEqual([200, 'OperationOutcome']);
    for (const path of ['', '/_history', '/_history/1']) expect((await server.ask('GET', `Patient/${id}${path}`)).status).toBe(404);
    expect(await server.count('Patient?identifier=urn:purge|1')).toBe(0);
    expect((await as('operator', 'POST', `Patient/${id}/$purge`)).status).toBe(404);
    expect((await server.ask('PUT', `Patient/${id}`, { body: { ...patient('1'), id } })).headers.get('etag')).toBe('W/"1"');
  });

  test('delete-history: the current version stays; a version alone; not the current one alone', async () => {
    const id = await made('2');
    expect((await as('operator', 'DELETE', `Patient/${id}/_history/2`)).status).toBe(200);
    expect([await history(id), (await server.ask('GET', `Patient/${id}/_history/2`)).status]).toEqual([2, 404]);
    expect((await as('operator', 'DELETE', `Patient/${id}/_history/3`)).status).toBe(409);
    expect((await as('operator', 'DELETE', `Patient/${id}/_history/2`)).status).toBe(404);
    expect((await as('operator', 'DELETE', `Patient/${id}/_history`)).status).toBe(200);
    expect(await history(id)).toBe(1);
    expect((await server.ask('GET', `Patient/${id}`)).json).toMatchObject({ gender: 'female', meta: { versionId: '3' } });
    expect((await as('operator', 'DELETE', 'Patient/never/_history')).status).toBe(404);
  });

  test('a tester may too; hospitals and researchers may not, whatever they sent; a transaction purges nothing', async () => {
    const id = await made('3');
    for (const client of ['hospital-1', 'researcher-1'])
      for (const [method, path] of [
        ['POST', `Patient/${id}/$purge`],
        ['DELETE', `Patient/${id}/_history`],
        ['DELETE', `Patient/${id}/_history/1`],
      ] as const)
        expect([client, path, (await as(client, method, path)).status]).toEqual([client, path, 403]);
    const entry = [{ request: { method: 'DELETE', url: `Patient/${id}/_history` } }];
    expect((await server.ask('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } })).status).toBe(400);
    expect(await history(id)).toBe(3);
    expect((await server.ask('DELETE', `Patient/${id}/_history`)).status).toBe(200);
  });

  test('the legal record is kept: an objection is purged by nobody', async () => {
    const number = { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: 'purge' };
    const consent = await server.create(objection({ identifier: number }), 'hospital-1');
    const told = await as('operator', 'POST', `Consent/${consent}/$purge`);
    expect([told.status, told.json!['issue']]).toEqual([422, [expect.objectContaining({ code: 'business-rule' })]]);
    expect((await as('hospital-1', 'GET', `Consent/${consent}`)).status).toBe(200);
  });

  test('the audit log says who purged what, as a deletion', async () => {
    const id = await made('4');
    await as('operator', 'DELETE', `Patient/${id}/_history/1`);
    await as('operator', 'POST', `Patient/${id}/$purge`);
    const told = (await as('operator', 'GET', `AuditEvent?entity=Patient/${id}&_count=100`)).json as unknown as Bundle<AuditEvent>;
    const events = told.entry!.map(({ resource }) => [resource!.action, resource!.subtype!.at(-1)!.code]);
    expect(events).toEqual(
      expect.arrayContaining([
        ['D', 'delete-history-version'],
        ['D', 'purge'],
      ]),
    );
  });
}

describe('SQLite', () => purges(() => openWhole()));

withMongo('MongoDB', () => {
  const uri = freshUri();
  purges(() => openWhole('--store', uri));
  afterAll(() => dropDatabase(uri));
});
