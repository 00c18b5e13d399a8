// https://hl7.org/fhir/R4/operations.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchToken } from '../../src/commands/token.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld(1);
}, 120_000);
afterAll(() => world.close());

const tokenOf = async (client: string) => (await fetchToken({ client, data: world.data, url: world.baseUrl })).token;
const call = (token: string, method: string, path: string, body?: object) =>
  fetch(`${world.baseUrl}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const switching = (client: string, active: boolean) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'client', valueString: client },
    { name: 'active', valueBoolean: active },
  ],
});

test('$switch-client: tokens of a client that is switched off die at once, and it gets no new one until it is on again', async () => {
  const [operator, hospital] = [await tokenOf('operator'), await tokenOf('hospital-1')];
  expect((await call(hospital, 'GET', 'Patient')).status).toBe(200);
  expect((await call(operator, 'POST', '$switch-client', switching('hospital-1', false))).status).toBe(200);
  const dead = await call(hospital, 'GET', 'Patient');
  expect([dead.status, dead.headers.get('www-authenticate')?.startsWith('Bearer')]).toEqual([401, true]);
  await expect(tokenOf('hospital-1')).rejects.toThrow('invalid_client');
  expect((await call(operator, 'POST', '$switch-client', switching('hospital-1', true))).status).toBe(200);
  expect((await call(await tokenOf('hospital-1'), 'GET', 'Patient')).status).toBe(200);
});

test('$switch-client: for the operator alone, of known clients, and never himself', async () => {
  const operator = await tokenOf('operator');
  expect((await call(await tokenOf('tester'), 'POST', '$switch-client', switching('hospital-1', false))).status).toBe(403);
  expect((await call(operator, 'POST', '$switch-client', switching('nobody', false))).status).toBe(404);
  expect((await call(operator, 'POST', '$switch-client', switching('operator', false))).status).toBe(409);
  expect((await call(operator, 'POST', '$switch-client', { resourceType: 'Parameters' })).status).toBe(400);
  expect((await call(operator, 'GET', 'Organization/hospital-1')).status).toBe(200);
});
