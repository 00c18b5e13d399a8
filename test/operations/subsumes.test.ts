// docs/operation/subsumes.md, https://hl7.org/fhir/R4/codesystem-operation-subsumes.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTerms, ref, system, type Terms, values } from './terminology-ground.ts';

let terms: Terms;
beforeAll(async () => {
  terms = await openTerms();
}, 60_000);
afterAll(() => terms.close());

const ask = async (query: string, path = 'CodeSystem/$subsumes') => {
  const told = await terms.get(`${path}?${query}`);
  return told.status === 200 ? values(told, 'outcome')[0] : told.status;
};

test('the four outcomes', async () => {
  const of = (a: string, b: string) => ask(`system=${system}&codeA=${a}&codeB=${b}`);
  expect(await of('citrus', 'lemon')).toBe('subsumes');
  expect(await of('lemon', 'citrus')).toBe('subsumed-by');
  expect(await of('lemon', 'lemon')).toBe('equivalent');
  expect(await of('lemon', 'tree')).toBe('not-subsumed');
});

test('on an instance, by codings, of a version', async () => {
  expect(await ask('codeA=tree&codeB=yuzu', 'CodeSystem/fruit/$subsumes')).toBe('subsumes');
  const codings = (a: object, b: object) =>
    terms.post('CodeSystem/$subsumes', [
      { name: 'codingA', valueCoding: a },
      { name: 'codingB', valueCoding: b },
    ]);
  expect(values(await codings({ system, code: 'tree' }, { system, code: 'yuzu' }), 'outcome')).toEqual(['subsumes']);
  expect((await codings({ system, code: 'tree' }, { system: ref('other'), code: 'yuzu' })).status).toBe(400);
  expect((await codings({ system, code: 'lemon', version: '1' }, { system, code: 'lemon', version: '2' })).status).toBe(400);
  expect((await codings({ code: 'lemon' }, { code: 'lemon' })).status).toBe(400);
  expect(await ask(`system=${system}&version=1&codeA=lemon&codeB=citrus`)).toBe(404);
});

test.each<[string, number]>([
  [`system=${system}&codeA=lemon&codeB=nothing`, 404],
  [`system=${ref('not-here')}&codeA=lemon&codeB=lemon`, 404],
  [`system=${system}&codeA=lemon`, 400],
  ['codeA=lemon&codeB=lemon', 400],
])('refused: %s: %i', async (query, status) => expect(await ask(query)).toBe(status));
