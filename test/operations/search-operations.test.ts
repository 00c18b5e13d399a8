// docs/operation/explain-search.md, docs/operation/index-status.md; https://hl7.org/fhir/R4/search.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { access, type Ground, openGround } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
  for (let i = 0; i < 12; i++)
    await ground.write(
      ...Array.from({ length: 100 }, (_, n) => ({ resourceType: 'Basic', id: `b${i}-${n}`, code: { coding: [{ code: 'x' }] } })),
    );
  await ground.write({ resourceType: 'Patient', id: 'p', name: [{ family: 'Secret' }] });
});
afterAll(() => ground.close());

const operator = access('operator', { operations: ['explain-search', 'index-status'], permits: { '*': 'rs' }, reach: { '*': [{}] } });
const explain = (search: string, who = operator) => ground.call('explain-search', who, { name: 'search', valueString: search });

test('$explain-search: conditions in the order in which they are looked at, guesses in orders of magnitude', async () => {
  const { status, body, text } = await explain('Basic?_lastUpdated=gt2000&code=x&author:missing=true&subject.name=Secret');
  expect(status).toBe(200);
  expect(body['parameter']).toEqual([
    {
      name: 'step',
      part: [
        { name: 'kind', valueCode: 'chain' },
        { name: 'code', valueString: 'subject' },
        { name: 'at-least', valueUnsignedInt: 0 },
      ],
    },
    {
      name: 'step',
      part: [
        { name: 'kind', valueCode: 'lastUpdated' },
        { name: 'at-least', valueUnsignedInt: 1000 },
      ],
    },
    {
      name: 'step',
      part: [
        { name: 'kind', valueCode: 'token' },
        { name: 'code', valueString: 'code' },
        { name: 'at-least', valueUnsignedInt: 1000 },
      ],
    },
    {
      name: 'step',
      part: [
        { name: 'kind', valueCode: 'missing' },
        { name: 'code', valueString: 'author' },
        { name: 'at-least', valueUnsignedInt: 1000 },
      ],
    },
  ]);
  expect(text).not.toContain('Secret');
});

test('$explain-search: who is there and who is not is explained alike', async () => {
  const [there, not] = [await explain('Patient?name=Secret'), await explain('Patient?name=Nobody')];
  expect(there.body).toEqual(not.body);
});

test('$explain-search: what is no search is refused, as is a type that the caller may not search', async () => {
  for (const search of ['', 'Patinet?name=x', '?name=x', 'Patient?colour=x', 'Patient/1?name=x'])
    expect((await explain(search)).status).toBe(400);
  expect((await explain('Patient?name=x', { ...operator, permits: { Basic: 'rs' } })).status).toBe(403);
});

test('$index-status: stored SearchParameters, and how far they are', async () => {
  expect((await ground.call('index-status', operator)).body).toEqual({ resourceType: 'Parameters' });
  await ground.write({
    resourceType: 'SearchParameter',
    id: 'own',
    url: 'http://e.org/own',
    name: 'Own',
    status: 'active',
    description: 'x',
    code: 'own',
    base: ['Basic'],
    type: 'token',
    expression: 'Basic.code',
  });
  const status = async () => (await ground.call('index-status', operator)).body['parameter'];
  const told = (indexed: number) => [
    {
      name: 'parameter',
      part: [
        { name: 'type', valueCode: 'Basic' },
        { name: 'code', valueCode: 'own' },
        { name: 'definition', valueUri: 'http://e.org/own' },
        { name: 'indexed', valueUnsignedInt: indexed },
        { name: 'of', valueUnsignedInt: 1200 },
      ],
    },
  ];
  expect(await status()).toEqual(told(0));
  for (let tries = 0; tries < 200 && JSON.stringify(await status()) !== JSON.stringify(told(1200)); tries++)
    await new Promise(resolve => setTimeout(resolve, 10));
  expect(await status()).toEqual(told(1200));
});
