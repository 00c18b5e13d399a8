// https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.identifier
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { batch, bundle, open, patient, post, type Server, statuses, tester, transaction } from './parts.ts';

let server: Server;
beforeAll(async () => {
  server = await open({});
});
afterAll(() => server.close());

const named = (kind: typeof batch, value: string, entry: unknown[], as = tester) =>
  server.call('POST', '', { body: { ...kind(...entry), identifier: { system: 'urn:bundle', value } }, as });
const locations = (seen: Awaited<ReturnType<typeof named>>) => bundle(seen).entry!.map(one => one.response!.location);
const total = async () => bundle(await server.call('GET', 'Patient?_summary=count')).total!;

test('Bundle.identifier: a Bundle sent again answers as the first time and stores nothing', async () => {
  for (const kind of [transaction, batch]) {
    const name = `again-${kind.name}`;
    const first = await named(kind, name, [post(patient()), post(patient({ gender: 'male' }))]);
    const before = await total();
    const again = await named(kind, name, [post(patient()), post(patient({ gender: 'male' }))]);
    expect(locations(again)).toEqual(locations(first));
    expect(await total()).toBe(before);
  }
});

test('Bundle.identifier: another Bundle under it is a conflict (409), of whatever type, and stores nothing', async () => {
  await named(transaction, 'taken', [post(patient())]);
  await named(batch, 'taken-by-batch', [post(patient())]);
  const before = await total();
  expect((await named(transaction, 'taken', [post(patient()), post(patient())])).status).toBe(409);
  expect((await named(batch, 'taken', [post(patient())])).status).toBe(409);
  expect((await named(transaction, 'taken-by-batch', [post(patient())])).status).toBe(409);
  expect(statuses(await named(batch, 'taken-by-batch', [post({ resourceType: 'Basic', code: { text: 'x' } })]))).toEqual(['409']);
  expect(await total()).toBe(before);
});

test('Bundle.identifier: a repeated answer is given to who may ask for it, and shows nothing that was deleted since', async () => {
  const shown = { prefer: 'return=representation' };
  const body = { ...batch(post(patient({ gender: 'other' }))), identifier: { value: 'shown' } };
  const first = await server.call('POST', '', { body, headers: shown });
  expect(bundle(first).entry![0]!.resource).toMatchObject({ gender: 'other' });
  const other = await server.call('POST', '', { body, headers: shown, as: { ...tester, permits: { Observation: 'c' } } });
  expect(statuses(other)).toEqual(['403']);
  const [location] = locations(first);
  await server.call('DELETE', /Patient\/[^/]+/.exec(location!)![0]);
  const again = await server.call('POST', '', { body, headers: shown });
  expect(locations(again)).toEqual([location]);
  expect(bundle(again).entry![0]!.resource).toBeUndefined();
});

test('a Bundle’s answer says for the audit what each entry did', async () => {
  const seen = await named(transaction, 'deeds', [post(patient())]);
  expect(Object.keys(seen.entries ?? {})).toEqual(['create']);
  expect(seen.entries!['create']![0]).toMatch(/^Patient\/[^/]+\/_history\/1$/);
});
