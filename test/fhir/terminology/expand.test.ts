// https://hl7.org/fhir/R4/valueset-operation-expand.html, https://hl7.org/fhir/R4/valueset.html#expansion
import { describe, expect, test } from '@jest/globals';
import type { CodeSystem, ValueSet, ValueSetExpansionContains } from '@medplum/fhirtypes';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { type Expansion, expand, mostCodes } from '../../../src/fhir/terminology/expand.ts';
import { fruit, knowing, valueSet } from './resources.ts';

const system = 'http://example.org/fruit';
const all = valueSet('all', [{ system }], { id: 'x', meta: { versionId: '1' }, title: 'Everything', compose: { include: [{ system }] } });
const large: CodeSystem = {
  ...fruit,
  url: 'http://example.org/large',
  concept: Array.from({ length: mostCodes + 1 }, (_, n) => ({ code: `c${n}` })),
};
const here = knowing(fruit, all, large);

async function of(asked: Expansion, set: ValueSet = all): Promise<ValueSet> {
  const result = expand(
    await here.resolve({ key: '', open: () => set }),
    asked,
    'urn:uuid:5b0b0c3e-6d0d-4a54-9b1e-0a6e2f6f4e11',
    '2026-06-15T03:00:00.000Z',
  );
  expect(validate(JSON.parse(JSON.stringify(result)))).toEqual([]);
  return result;
}
const codes = (list: readonly ValueSetExpansionContains[] = []): unknown[] =>
  list.map(one => (one.contains ? [one.code, ...codes(one.contains)] : one.code));
const flat = async (asked: Expansion, set?: ValueSet) => codes((await of({ excludeNested: true, ...asked }, set)).expansion!.contains);
const at = async (code: string, asked: Expansion, set?: ValueSet) =>
  (await of({ excludeNested: true, ...asked }, set)).expansion!.contains!.find(one => one.code === code);

test('the value set, without what is this server’s or long; its expansion says what it was made with', async () => {
  const result = await of({ displayLanguage: 'ja', filter: 'レモン', designation: ['ja'], 'exclude-system': ['http://example.org/other'] });
  expect(result).toMatchObject({ resourceType: 'ValueSet', url: 'http://example.org/all', title: 'Everything', status: 'active' });
  for (const element of ['id', 'meta', 'compose']) expect(Object.hasOwn(result, element)).toBe(false);
  expect(result.expansion).toMatchObject({
    total: 1,
    timestamp: '2026-06-15T03:00:00.000Z',
    identifier: expect.stringContaining('urn:uuid:'),
  });
  expect(result.expansion!.parameter).toEqual([
    { name: 'displayLanguage', valueCode: 'ja' },
    { name: 'filter', valueString: 'レモン' },
    { name: 'designation', valueString: 'ja' },
    { name: 'exclude-system', valueUri: 'http://example.org/other' },
    { name: 'version', valueUri: 'http://example.org/fruit|2' },
  ]);
  expect((await of({ includeDefinition: true })).compose).toEqual(all.compose);
});

describe('as a tree', () => {
  test('each code below the first of its parents', async () => {
    const { expansion } = await of({});
    expect(codes(expansion!.contains)).toEqual([['citrus', 'lemon', 'orange', 'yuzu'], 'tree', 'medlar']);
    expect(expansion!.total).toBe(6);
    expect(expansion!.contains![0]).toMatchObject({ system, abstract: true, display: 'Citrus fruit' });
    expect(expansion!.contains![2]).toMatchObject({ inactive: true });
  });
  test('not where a list says the order, a page or a text is asked for, or the client wants none', async () => {
    const listed = valueSet('listed', [{ system, concept: [{ code: 'lemon' }, { code: 'citrus' }] }]);
    expect(codes((await of({}, listed)).expansion!.contains)).toEqual(['lemon', 'citrus']);
    for (const asked of [{ excludeNested: true }, { count: 10 }, { filter: 'o' }])
      expect(codes((await of(asked)).expansion!.contains).every(one => typeof one === 'string')).toBe(true);
  });
  test('no deeper than 20 levels, however long a chain of parents is', async () => {
    const concept = Array.from({ length: 9000 }, (_, n) => ({ code: `c${n}`, property: [{ code: 'kind', valueCode: `c${n - 1}` }] }));
    const chain = { ...fruit, url: 'http://example.org/chain', concept };
    const { expansion } = expand(
      await knowing(chain).resolve({ key: '', open: () => valueSet('c', [{ system: chain.url }]) }),
      {},
      'x',
      'x',
    );
    let levels = 0;
    for (let list = expansion!.contains; list; list = list[0]!.contains) levels++;
    expect([expansion!.total, levels, JSON.stringify(expansion).match(/"code"/g)!.length]).toEqual([9000, 20, 9000]);
  });
  test('a ring of parents is in it all the same', async () => {
    const ring = (code: string, kind: string) => ({ code, property: [{ code: 'kind', valueCode: kind }] });
    const rings = { ...fruit, url: 'http://example.org/rings', concept: [ring('a', 'b'), ring('b', 'a')] };
    const result = expand(await knowing(rings).resolve({ key: '', open: () => valueSet('r', [{ system: rings.url }]) }), {}, 'x', 'x');
    expect(codes(result.expansion!.contains)).toEqual([['a', 'b']]);
  });
});

describe('in pages', () => {
  test('one after the other they are the whole, each with its total', async () => {
    const seen: unknown[] = [];
    for (let offset = 0; offset < 8; offset += 4) {
      const { expansion } = await of({ offset, count: 4 });
      expect(expansion).toMatchObject({ total: 6, offset });
      seen.push(...codes(expansion!.contains));
    }
    expect(seen).toEqual(['citrus', 'lemon', 'orange', 'yuzu', 'tree', 'medlar']);
  });
  test('of what a filter leaves; count 0 asks for the total alone; behind the end there is nothing', async () => {
    expect((await of({ filter: 'fruit', count: 1 })).expansion).toMatchObject({ total: 1 });
    for (const asked of [{ count: 0 }, { offset: 6, count: 5 }, { offset: 100 }]) {
      const { expansion } = await of(asked);
      expect([expansion!.total, expansion!.contains]).toEqual([6, undefined]);
    }
  });
  test('more codes than one answer holds: too costly without a page; a page holds no more than that', async () => {
    const set = valueSet('large', [{ system: large.url! }]);
    await expect(of({}, set)).rejects.toMatchObject({ kind: 'too-costly', status: 422 });
    const page = await of({ count: 1_000_000 }, set);
    expect([page.expansion!.total, page.expansion!.contains!.length]).toEqual([mostCodes + 1, mostCodes]);
    expect(page.expansion!.parameter).toContainEqual({ name: 'count', valueInteger: mostCodes });
    expect((await of({ filter: 'c9999' }, set)).expansion!.total).toBe(1);
    await expect(of({}, set)).rejects.toBeInstanceOf(Problem);
    const words = Array.from({ length: 1000 }, (_, n) => `w${n}`);
    await expect(of({ filter: words.join(' '), count: 1 }, set)).rejects.toMatchObject({ kind: 'too-costly' });
    await expect(of({ designation: words, count: 10_000 }, set)).rejects.toMatchObject({ kind: 'too-costly' });
    await expect(of({ 'exclude-system': words, count: 1 }, set)).rejects.toMatchObject({ kind: 'too-costly' });
  });
});

describe('filtered', () => {
  test.each<[string, string[]]>([
    ['LEM', ['lemon']],
    ['ﾚﾓﾝ', ['lemon']],
    ['れもん', ['lemon']],
    ['柚', ['yuzu']],
    ['trees grows', ['tree']],
    ['grows　TREES', ['tree']],
    ['trees lemon', []],
    ['citron', ['lemon']],
    ['yuzu', ['yuzu']],
    ['...', []],
  ])('by the text %s', async (filter, expected) => expect(await flat({ filter })).toEqual(expected));
  test('by what may be used, or shown', async () => {
    expect(await flat({ activeOnly: true })).toEqual(['citrus', 'lemon', 'orange', 'yuzu', 'tree']);
    expect(await flat({ excludeNotForUI: true })).toEqual(['lemon', 'orange', 'yuzu', 'medlar']);
    expect(await flat({ excludePostCoordinated: true })).toHaveLength(6);
  });
  test('by system, or one version of it', async () => {
    expect(await flat({ 'exclude-system': [system] })).toEqual([]);
    expect(await flat({ 'exclude-system': [`${system}|2`] })).toEqual([]);
    expect(await flat({ 'exclude-system': [`${system}|1`] })).toHaveLength(6);
  });
});

describe('in a language', () => {
  test('the display is a designation of it, a preferred one; else the one that there is', async () => {
    expect((await at('lemon', { displayLanguage: 'ja' }))!.display).toBe('レモン');
    expect((await at('lemon', { displayLanguage: 'ja-JP' }))!.display).toBe('レモン');
    expect((await at('lemon', { displayLanguage: 'fr' }))!.display).toBe('citron');
    expect((await at('orange', { displayLanguage: 'fr' }))!.display).toBe('Orange');
    expect((await at('lemon', { displayLanguage: 'en' }))!.display).toBe('Lemon');
  });
  test('designations come when they are asked for: all, of a language, of a use', async () => {
    const values = async (asked: Expansion) => ((await at('lemon', asked))!.designation ?? []).map(one => one.value);
    expect(await values({})).toEqual([]);
    expect(await values({ includeDesignations: true })).toEqual(['レモン', 'limon', 'citron']);
    expect(await values({ designation: ['urn:ietf:bcp:47|ja'] })).toEqual(['レモン']);
    expect(await values({ designation: ['synonym', 'ja'] })).toEqual(['レモン', 'limon']);
    expect(await values({ designation: ['http://example.org/uses|synonym'] })).toEqual([]);
  });
  test('what the value set calls a code comes before what the system does', async () => {
    const own = valueSet('own', [
      { system, concept: [{ code: 'lemon', display: 'Sour one', designation: [{ language: 'ja', value: 'すっぱい' }] }] },
    ]);
    expect((await at('lemon', {}, own))!.display).toBe('Sour one');
    expect((await at('lemon', { displayLanguage: 'ja' }, own))!.display).toBe('すっぱい');
  });
});

test('of a system that is not all here the expansion is said to be unclosed', async () => {
  const part = { ...fruit, content: 'fragment' as const };
  const result = expand(await knowing(part).resolve({ key: '', open: () => all }), {}, 'x', 'x');
  expect(result.expansion!.extension).toEqual([{ url: 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed', valueBoolean: true }]);
  expect((await of({})).expansion!.extension).toBeUndefined();
});
