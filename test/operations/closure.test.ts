// docs/operation/closure.md, https://hl7.org/fhir/R4/terminology-service.html#closure
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConceptMap } from '@medplum/fhirtypes';
import { openTerms, ref, system, type Terms } from './terminology-ground.ts';

let terms: Terms;
beforeAll(async () => {
  terms = await openTerms();
}, 60_000);
afterAll(() => terms.close());

const concept = (code: string, of = system) => ({ name: 'concept', valueCoding: { system: of, code } });
const ask = async (name: string, parameters: readonly object[] = [], client = 'tester') => {
  const { status, json } = await terms.post('$closure', [{ name: 'name', valueString: name }, ...parameters], client);
  if (status !== 200) return { status };
  const map = json as unknown as ConceptMap;
  const relations = (map.group ?? []).flatMap(({ element }) =>
    element!.flatMap(({ code, target }) => target!.map(to => `${code} ${to.equivalence} ${to.code}`)),
  );
  return { version: map.version, relations };
};
const add = (name: string, codes: readonly string[], client?: string) =>
  ask(
    name,
    codes.map(code => concept(code)),
    client,
  );
const since = (name: string, version: string, client?: string) => ask(name, [{ name: 'version', valueString: version }], client);

describe('a table', () => {
  test('is begun, grows, and tells with each addition what is new; again from any version on', async () => {
    expect(await ask('problems')).toEqual({ version: '0', relations: [] });
    expect(await add('problems', ['lemon', 'medlar'])).toEqual({ version: '1', relations: [] });
    expect(await add('problems', ['citrus'])).toEqual({ version: '2', relations: ['lemon subsumes citrus'] });
    expect(await add('problems', ['yuzu', 'tree'])).toEqual({ version: '3', relations: ['yuzu subsumes citrus', 'yuzu subsumes tree'] });
    expect(await add('problems', ['yuzu'])).toEqual({ version: '4', relations: [] });
    expect(await since('problems', '0')).toEqual({
      version: '4',
      relations: ['lemon subsumes citrus', 'yuzu subsumes citrus', 'yuzu subsumes tree'],
    });
    expect(await since('problems', '2')).toEqual({ version: '4', relations: ['yuzu subsumes citrus', 'yuzu subsumes tree'] });
    expect(await since('problems', '4')).toEqual({ version: '4', relations: [] });
  });
  test('begun again it is empty', async () => {
    await ask('again');
    await add('again', ['lemon']);
    expect(await ask('again')).toEqual({ version: '0', relations: [] });
    expect(await add('again', ['citrus'])).toEqual({ version: '1', relations: [] });
  });
  test('is its client’s own', async () => {
    await ask('own');
    expect(await add('own', ['lemon'], 'hospital-1')).toEqual({ status: 404 });
    expect(await since('own', '0', 'hospital-1')).toEqual({ status: 404 });
  });
  test('every addition has a version of its own, however many come at once', async () => {
    await ask('many');
    const codes = ['lemon', 'citrus', 'orange', 'yuzu', 'tree', 'medlar'];
    const answers = await Promise.all(codes.map(code => add('many', [code])));
    expect(answers.map(one => one.version).sort()).toEqual(['1', '2', '3', '4', '5', '6']);
    const told = answers.flatMap(one => one.relations ?? []).sort();
    expect(told).toEqual((await since('many', '0')).relations!.sort());
    expect(told).toHaveLength(4);
  });
});

test('refused: a table that was never begun, an unknown code or system, a version that never was, both at once', async () => {
  await ask('refused');
  expect(await add('nothing', ['lemon'])).toEqual({ status: 404 });
  expect(await since('nothing', '0')).toEqual({ status: 404 });
  expect(await add('refused', ['lemon', 'nothing'])).toEqual({ status: 404 });
  expect(await ask('refused', [concept('lemon', ref('not-here'))])).toEqual({ status: 404 });
  expect(await ask('refused', [{ name: 'concept', valueCoding: { code: 'lemon' } }])).toEqual({ status: 400 });
  for (const version of ['1', 'x', '-1']) expect(await since('refused', version)).toEqual({ status: 400 });
  expect(await ask('refused', [{ name: 'version', valueString: '0' }, concept('lemon')])).toEqual({ status: 400 });
  expect(await since('refused', '0')).toEqual({ version: '0', relations: [] });
  expect((await terms.ask('GET', '$closure?name=refused')).status).toBe(405);
});
