// docs/mongodb.md: four servers over one MongoDB, and servers that are killed at every step of a commit

import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withMongo } from '../fhir/store/mongodb/database.ts';
import { load, notWhole, type One, type SharedServers, sharedServers } from './shared-store.ts';

const number = (value: string) => ({ system: 'urn:oid:1.2.392.100495.20.3.51.19999999999', value });
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const objection = (id: string, value: string) => ({
  resourceType: 'Consent',
  id,
  status: 'active',
  scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'research'),
  category: [coded('http://loinc.org', '59284-0')],
  patient: { identifier: number(value) },
  dateTime: '2026-06-15',
  policyRule: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTOUT'),
  provision: { type: 'deny' },
});
const patient = (id: string, value: string) => ({
  resourceType: 'Patient',
  id,
  identifier: [number(value)],
  name: [{ family: `canary-${id}` }],
});
const observation = (id: string, subject: string, code = 'x') => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: code },
  subject: { reference: `Patient/${subject}` },
});

withMongo('servers over one MongoDB', () => {
  let servers: SharedServers;
  let four: One[];
  beforeAll(async () => {
    servers = await sharedServers();
    four = await Promise.all(Array.from({ length: 4 }, () => servers.start()));
  }, 120_000);
  afterAll(() => servers.remove(), 60_000);
  const any = (n: number): One => four[n % 4]!;

  test('create: of fifty parallel If-None-Exist through four servers exactly one is stored', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        any(n).ask(
          'tester',
          'POST',
          'Patient',
          { resourceType: 'Patient', identifier: [{ system: 'urn:once', value: '1' }] },
          { 'if-none-exist': 'identifier=urn:once|1' },
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
    for (const server of four) expect((await server.ask('tester', 'GET', 'Patient?identifier=urn:once|1')).body.total).toBe(1);
  }, 60_000);

  test('update: parallel updates through four servers lose none; of one version one is taken', async () => {
    await any(0).ask('tester', 'PUT', 'Observation/many', observation('many', 'nobody'));
    // Who meets too many others is told so with 409, and sends it again.
    const send = async (n: number): Promise<number> => {
      for (;;) {
        const { status, headers } = await any(n).ask('tester', 'PUT', 'Observation/many', observation('many', 'nobody', `code ${n}`));
        if (status !== 409 || headers.get('retry-after') === null) return status;
      }
    };
    expect(await Promise.all(Array.from({ length: 32 }, (_, n) => send(n)))).toEqual(Array(32).fill(200));
    const history = await any(1).ask('tester', 'GET', 'Observation/many/_history?_count=100');
    expect(history.body.total).toBe(33);
    for (let n = 0; n < 32; n++) expect(history.text).toContain(`"code ${n}"`);
    const raced = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        any(n).ask('tester', 'PUT', 'Observation/many', observation('many', 'nobody', 'raced'), { 'if-match': 'W/"33"' }),
      ),
    );
    expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(raced.filter(({ status }) => status === 412)).toHaveLength(15);
  }, 60_000);

  test('an objection through one holds in all from its answer on, and none of them remembers the person', async () => {
    for (const one of [patient('p', '1'), observation('o', 'p'), patient('q', '2')])
      expect((await any(0).ask('tester', 'PUT', `${one.resourceType}/${one.id}`, one)).status).toBe(201);
    for (const server of four) expect((await server.ask('tester', 'GET', 'Patient?name=canary')).body.total).toBe(2);
    expect((await any(2).ask('tester', 'PUT', 'Consent/objection', objection('objection', '1'))).status).toBe(201);
    await Promise.all(
      four.map(async server => {
        for (const name of ['Patient/p', 'Patient/p/_history', 'Patient/p/_history/1', 'Observation/o'])
          expect((await server.ask('tester', 'GET', name)).status).toBe(404);
        const found = await server.ask('tester', 'GET', 'Patient?name=canary');
        expect([found.body.total, found.text.includes('canary-p')]).toEqual([1, false]);
        expect((await server.ask('tester', 'GET', 'Consent/objection')).status).toBe(200);
        expect((await server.ask('tester', 'PUT', 'Patient/p', patient('p', '1'))).status).toBe(422);
      }),
    );
  }, 60_000);

  test.each(['put:6', 'decided:6', 'applied:6'])(
    'transaction: killed at the step %s under load: nothing acknowledged is lost, nothing is there in half',
    async step => {
      const victim = await servers.start({ NOREN_CRASH_AT: step });
      const loads = [load(victim, 4), load(any(0), 1)];
      if (victim.child.signalCode === null) await once(victim.child, 'exit');
      expect(victim.child.signalCode).toBe('SIGKILL');
      for (const one of loads) await one.end();
      const again = await servers.start();
      for (const server of [again, any(3)]) for (const one of loads) expect(await notWhole(server, one)).toEqual([]);
      expect(loads[0]!.acknowledged.length + loads[1]!.acknowledged.length).toBeGreaterThan(0);
      await again.stop();
    },
    120_000,
  );

  test.each(['put', 'decided', 'applied', 'destroyed', 'done'])(
    'an objection of a server that is killed at the step %s is whole after the next start, or never was',
    async step => {
      const [id, value] = [`k-${step}`, `killed-${step}`];
      for (const one of [patient(id, value), observation(`o-${step}`, id)])
        await any(0).ask('tester', 'PUT', `${one.resourceType}/${one.id}`, one);
      const victim = await servers.start({ NOREN_CRASH_AT: step });
      await expect(victim.ask('tester', 'PUT', `Consent/${id}`, objection(id, value))).rejects.toThrow();
      if (victim.child.signalCode === null) await once(victim.child, 'exit');
      expect(victim.child.signalCode).toBe('SIGKILL');
      const again = await servers.start();
      for (const server of [again, any(1)]) {
        const taken = (await server.ask('tester', 'GET', `Consent/${id}`)).status === 200;
        expect(taken).toBe(step !== 'put');
        for (const name of [`Patient/${id}`, `Observation/o-${step}`])
          expect((await server.ask('tester', 'GET', name)).status).toBe(taken ? 404 : 200);
      }
      await again.stop();
    },
    60_000,
  );

  test.each(['put', 'decided', 'applied', 'rewritten', 'destroyed', 'done'])(
    '$purge through a server that is killed at the step %s: the resource is gone whole, or is there whole; what lay beside it is as it was',
    async step => {
      const [id, beside] = [`purge-${step}`, `beside-${step}`];
      const entry = [patient(id, id), patient(beside, beside)].map(resource => ({
        resource,
        request: { method: 'PUT', url: `Patient/${resource.id}` },
      }));
      expect((await any(0).ask('tester', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
      expect((await any(1).ask('tester', 'PUT', `Patient/${id}`, { ...patient(id, id), gender: 'male' })).status).toBe(200);
      const victim = await servers.start({ NOREN_CRASH_AT: step });
      await expect(victim.ask('tester', 'POST', `Patient/${id}/$purge`)).rejects.toThrow();
      if (victim.child.signalCode === null) await once(victim.child, 'exit');
      expect(victim.child.signalCode).toBe('SIGKILL');
      const again = await servers.start();
      for (const server of [any(2), again]) {
        for (const name of [`Patient/${id}`, `Patient/${id}/_history`, `Patient/${id}/_history/1`])
          expect([name, (await server.ask('tester', 'GET', name)).status]).toEqual([name, step === 'put' ? 200 : 404]);
        expect((await server.ask('tester', 'GET', `Patient/${beside}`)).text).toContain(`canary-${beside}`);
      }
      // Sent again it is as it would have been.
      expect((await again.ask('tester', 'POST', `Patient/${id}/$purge`)).status).toBe(step === 'put' ? 200 : 404);
      await again.stop();
    },
    60_000,
  );
});
