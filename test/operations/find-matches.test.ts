// docs/operation/find-matches.md, https://hl7.org/fhir/R4/codesystem-operation-find-matches.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTerms, ref, system, type Terms, values } from './terminology-ground.ts';

let terms: Terms;
beforeAll(async () => {
  terms = await openTerms();
}, 60_000);
afterAll(() => terms.close());

const property = (code: string, value?: object) => ({
  name: 'property',
  part: [{ name: 'code', valueCode: code }, ...(value ? [{ name: 'value', ...value }] : [])],
});
const exact = (valueBoolean: boolean) => ({ name: 'exact', valueBoolean });
const of = { name: 'system', valueUri: system };
const codeOf = (code: string, display: string) => ({ system, version: '2', code, display });

test('concepts with all of the properties, then with some, and which those lack', async () => {
  const told = await terms.post('CodeSystem/$find-matches', [
    of,
    exact(true),
    property('parent', { valueCode: 'citrus' }),
    property('colour', { valueCode: 'yellow' }),
  ]);
  expect(values(told, 'match')).toEqual([
    { code: codeOf('lemon', 'Lemon') },
    { code: codeOf('orange', 'Orange'), unmatched: { code: 'colour', value: 'yellow' } },
    { code: codeOf('yuzu', '柚子'), unmatched: { code: 'colour', value: 'yellow' } },
  ]);
});

test('on an instance; by a Coding, a boolean; for a human by text, with a comment', async () => {
  const ask = async (...parameters: object[]) => values(await terms.post('CodeSystem/fruit/$find-matches', parameters), 'match');
  expect(await ask(exact(true), property('origin', { valueCoding: { code: 'asia' } }))).toEqual([{ code: codeOf('lemon', 'Lemon') }]);
  expect(await ask(exact(true), property('inactive', { valueBoolean: true }))).toEqual([{ code: codeOf('medlar', 'Medlar') }]);
  expect(await ask(exact(false), property('display', { valueString: 'lemo' }))).toEqual([
    { code: codeOf('lemon', 'Lemon'), comment: expect.stringContaining('display') },
  ]);
  expect(await ask(exact(true), property('display', { valueString: 'lemo' }))).toEqual([]);
});

test('refused: without a system, a property, exact; an unknown system; composed properties', async () => {
  const status = async (...parameters: object[]) => (await terms.post('CodeSystem/$find-matches', parameters)).status;
  expect(await status(exact(true), property('colour'))).toBe(400);
  expect(await status(of, exact(true))).toBe(400);
  expect(await status(of, property('colour'))).toBe(400);
  expect(await status({ name: 'system', valueUri: ref('not-here') }, exact(true), property('colour'))).toBe(404);
  const composed = {
    name: 'property',
    part: [
      { name: 'code', valueCode: 'x' },
      {
        name: 'subproperty',
        part: [
          { name: 'code', valueCode: 'y' },
          { name: 'value', valueCode: 'z' },
        ],
      },
    ],
  };
  expect(await status(of, exact(true), composed)).toBe(400);
});
