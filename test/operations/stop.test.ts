// contract: one step stops intake and release. https://hl7.org/fhir/R4/operations.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { intakeCheck, stopsIn } from '../../src/consent/stops.ts';
import { agent, openGround, patient } from '../consent/ground.ts';
import { numbers, objection, openWhole, type Whole } from './desk-ground.ts';

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole('--wait-days', '0');
}, 60_000);
afterAll(() => whole.close());

const call = async (code: string, what: string, more: object[] = [], client = 'operator') => {
  const parameter = [{ name: 'what', valueCode: what }, { name: 'reason', valueString: 'x' }, ...more];
  const { status, json } = await whole.ask('POST', `$${code}`, { client, body: { resourceType: 'Parameters', parameter } });
  return { status, stopped: ((json!['parameter'] ?? []) as { part: { valueCode?: string }[] }[]).map(one => one.part[0]!.valueCode) };
};
const of = (hospital: string) => [{ name: 'institution', valueReference: { reference: `Organization/${hospital}` } }];
const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { display: 'x' } };
const send = async (client: string, resource: object = { resourceType: 'Medication', code: { text: 'x' } }) =>
  (await whole.ask('POST', (resource as { resourceType: string }).resourceType, { client, body: resource })).status;
const release = async () => {
  const parameter = [
    { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } },
    { name: 'cohort', valueString: 'Patient?gender=female' },
  ];
  const { why } = await whole.ask('POST', '$deidentify', { client: 'researcher-1', body: { resourceType: 'Parameters', parameter } });
  return /stopped/.test(why);
};

test('$stop: intake of everybody stops from the next statement on; objections and health do not; $resume lets it in again', async () => {
  expect([await send('hospital-1'), await send('tester', observation)]).toEqual([201, 201]);
  expect(await call('stop', 'intake')).toEqual({ status: 200, stopped: ['intake'] });
  expect([await send('hospital-1'), await send('hospital-2'), await send('tester', observation)]).toEqual([422, 422, 422]);
  expect(await send('hospital-1', objection({ identifier: { system: numbers, value: 'S-1' } }))).toBe(201);
  expect(await send('operator', { resourceType: 'Organization', name: 'x' })).toBe(201);
  expect((await fetch(new URL('/health/ready', whole.baseUrl))).status).toBe(200);
  expect(await release()).toBe(false);
  expect(await call('resume', 'intake')).toEqual({ status: 200, stopped: [] });
  expect(await send('hospital-1')).toBe(201);
});

test('$stop: what is here may be taken out while intake is stopped', async () => {
  const id = await whole.create({ resourceType: 'Medication', code: { text: 'x' } }, 'hospital-1');
  await call('stop', 'all');
  expect((await whole.ask('DELETE', `Medication/${id}`, { client: 'hospital-1' })).status).toBe(200);
  await call('resume', 'all');
});

test('$stop: release alone; both in one step; resuming one of them leaves the other', async () => {
  expect((await call('stop', 'release')).stopped).toEqual(['release']);
  expect([await release(), await send('hospital-1')]).toEqual([true, 201]);
  await call('resume', 'release');
  expect((await call('stop', 'all')).stopped).toEqual(['all']);
  expect([await release(), await send('hospital-1')]).toEqual([true, 422]);
  expect((await call('resume', 'intake')).stopped).toEqual(['release']);
  expect([await release(), await send('hospital-1')]).toEqual([true, 201]);
  expect((await call('resume', 'all')).stopped).toEqual([]);
  expect(await release()).toBe(false);
});

test('$stop: one institution; resuming everybody does not open it, only its own resumption', async () => {
  await call('stop', 'intake', of('hospital-2'));
  expect([await send('hospital-1'), await send('hospital-2')]).toEqual([201, 422]);
  expect((await call('resume', 'all')).stopped).toEqual(['intake']);
  expect(await send('hospital-2')).toBe(422);
  expect((await call('resume', 'intake', of('hospital-2'))).stopped).toEqual([]);
  expect(await send('hospital-2')).toBe(201);
});

test('$stop: refusals', async () => {
  for (const client of ['tester', 'hospital-1', 'researcher-1']) expect((await call('stop', 'all', [], client)).status).toBe(403);
  expect((await call('stop', 'everything')).status).toBe(400);
  expect((await call('stop', 'toString')).status).toBe(400);
  expect((await call('stop', 'all', of('hospital-1'))).status).toBe(400);
  expect((await call('stop', 'intake', of('nobody'))).status).toBe(400);
  expect((await call('resume', 'intake')).stopped).toEqual([]);
});

test('stop: one that comes between the gate and the commit refuses the commit', async () => {
  const ground = await openGround();
  const verdict = await ground.ask('tester', patient('hospital-1', 'T-1'));
  const entry = { event: 'stop', what: ['intake'], reason: 'x', time: 0, by: 'operator' };
  await ground.store.commit({ writes: [], entries: [{ book: 'stops', entry }] });
  const write = {
    type: 'Patient',
    id: 't',
    resource: { ...patient('hospital-1', 'T-1'), id: 't' },
    expect: 'absent',
    sender: 'client/tester',
  } as const;
  await expect(ground.store.commit({ writes: [write], checks: verdict.checks })).rejects.toThrow('stopped intake');
  await expect(ground.ask('tester', patient('hospital-1', 'T-1'))).rejects.toThrow('stopped intake');
  expect(await ground.stored('Patient')).toBe(0);
  expect(() => intakeCheck(agent('hospital-1').agent.sender, 'x').judge([], () => [entry])).toThrow('stopped intake');
  expect(stopsIn([entry]).length).toBe(1);
  await ground.close();
});
