// docs/operation/lookup.md, https://hl7.org/fhir/R4/codesystem-operation-lookup.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTerms, ref, system, type Terms, values } from './terminology-ground.ts';

let terms: Terms;
beforeAll(async () => {
  terms = await openTerms();
}, 60_000);
afterAll(() => terms.close());

const at = (query: string) => terms.get(`CodeSystem/$lookup?system=${system}&${query}`);

test('name, version, display, designations and properties of a code', async () => {
  const told = await at('code=lemon');
  expect(told.status).toBe(200);
  expect(['name', 'version', 'display'].map(name => values(told, name))).toEqual([['Fruit and where it grows'], ['2'], ['Lemon']]);
  expect(values(told, 'designation')).toContainEqual({ language: 'ja', value: 'レモン' });
  expect(values(told, 'designation')).toContainEqual({ language: 'fr', use: { code: 'synonym' }, value: 'limon' });
  expect(values(told, 'property')).toEqual([
    { code: 'definition', value: 'A sour fruit.' },
    { code: 'parent', value: 'citrus' },
    { code: 'inactive', value: false },
    { code: 'colour', value: 'yellow' },
    { code: 'origin', value: { system: 'http://example.org/places', code: 'asia' } },
  ]);
  expect(values(await at('code=citrus'), 'property')).toContainEqual({ code: 'child', value: 'yuzu' });
});

test('only the properties that are asked for; designations of a language by lang.X', async () => {
  const told = await at('code=lemon&property=colour&property=url&property=lang.ja');
  expect(values(told, 'property')).toEqual([
    { code: 'url', value: system },
    { code: 'colour', value: 'yellow' },
  ]);
  expect(values(told, 'designation')).toEqual([{ language: 'ja', value: 'レモン' }]);
  expect(values(await at('code=lemon&property=nothing'), 'property')).toEqual([]);
});

test('in a language, of a version, by coding', async () => {
  expect(values(await at('code=lemon&displayLanguage=ja'), 'display')).toEqual(['レモン']);
  expect(values(await at('code=lemon&version=1'), 'display')).toEqual(['Old lemon']);
  const coding = (valueCoding: object) => terms.post('CodeSystem/$lookup', [{ name: 'coding', valueCoding }]);
  expect(values(await coding({ system, code: 'lemon', version: '1' }), 'display')).toEqual(['Old lemon']);
  expect(values(await coding({ system: 'http://hl7.org/fhir/administrative-gender', code: 'male' }), 'display')).toEqual(['Male']);
  expect((await coding({ code: 'lemon' })).status).toBe(400);
  expect((await coding({ system, code: 5 })).status).toBe(400);
});

test.each<[string, number]>([
  [`system=${system}&code=nothing`, 404],
  [`system=${ref('not-here')}&code=lemon`, 404],
  [`system=${system}&code=lemon&version=9`, 404],
  ['code=lemon', 400],
  [`system=${system}`, 400],
  [`system=${system}&code=lemon&date=2020-01-01`, 400],
  [`system=${system}&code=lemon&other=x`, 400],
])('refused: %s: %i', async (query, status) => {
  const told = await terms.get(`CodeSystem/$lookup?${query}`);
  expect([told.status, told.json!.resourceType]).toEqual([status, 'OperationOutcome']);
});

test('not at the base, nor on an instance', async () => {
  for (const path of ['$lookup', 'CodeSystem/fruit/$lookup', 'ValueSet/$lookup'])
    expect((await terms.ask('GET', `${path}?system=${system}&code=lemon`)).status).toBe(404);
});

test('a supplement that is stored gives names, from the next answer on and until it goes', async () => {
  const id = 'names';
  const supplement = {
    resourceType: 'CodeSystem',
    id,
    url: ref(id),
    status: 'active',
    content: 'supplement',
    supplements: `${system}|2`,
    language: 'de',
  };
  const display = async () => values(await at('code=medlar&displayLanguage=de'), 'display')[0];
  const expanded = async () => (await terms.get('ValueSet/all/$expand?displayLanguage=de&filter=medlar')).text;
  expect([await display(), (await expanded()).includes('Mispel')]).toEqual(['Medlar', false]);
  await terms.ask('PUT', `CodeSystem/${id}`, { body: { ...supplement, concept: [{ code: 'medlar', display: 'Mispel' }] } });
  expect([await display(), (await expanded()).includes('Mispel')]).toEqual(['Mispel', true]);
  expect(values(await at('code=lemon&version=1&displayLanguage=de'), 'display')).toEqual(['Old lemon']);
  await terms.ask('DELETE', `CodeSystem/${id}`);
  expect([await display(), (await expanded()).includes('Mispel')]).toEqual(['Medlar', false]);
});
