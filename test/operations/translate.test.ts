// docs/operation/translate.md, https://hl7.org/fhir/R4/conceptmap-operation-translate.html
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTerms, ref, system, type Terms, values } from './terminology-ground.ts';

let terms: Terms;
beforeAll(async () => {
  terms = await openTerms();
}, 60_000);
afterAll(() => terms.close());

const lemon = {
  equivalence: 'equivalent',
  concept: { system: ref('english'), code: 'LEMON', display: 'lemon' },
  source: ref('to-english'),
};
const ask = (query: string, path = 'ConceptMap/$translate') => terms.get(`${path}?${query}`);

describe('by which map', () => {
  test.each([
    `url=${ref('to-english')}&system=${system}&code=lemon`,
    `url=${ref('to-english')}&conceptMapVersion=1&system=${system}&code=lemon`,
    `system=${system}&code=lemon`,
    `system=${system}&code=lemon&source=${ref('citrus')}&target=${ref('words')}`,
    `system=${system}&code=lemon&targetsystem=${ref('english')}`,
  ])('%s', async query => {
    const told = await ask(query);
    expect([told.status, values(told, 'result'), values(told, 'match')]).toEqual([200, [true], [lemon]]);
  });
  test('the one it is called on, or that is sent; by coding and CodeableConcept', async () => {
    expect(values(await ask(`system=${system}&code=lemon`, 'ConceptMap/to-english/$translate'), 'match')).toEqual([lemon]);
    const { json } = await terms.ask('GET', 'ConceptMap/to-english');
    const sent = { ...json, url: ref('sent') };
    const alone = await terms.ask('POST', `ConceptMap/$translate?system=${system}&code=lemon`, { body: sent });
    expect(values(alone, 'match')).toEqual([{ ...lemon, source: ref('sent') }]);
    const coding = await terms.post('ConceptMap/$translate', [{ name: 'coding', valueCoding: { system, code: 'lemon' } }]);
    expect(values(coding, 'match')).toEqual([lemon]);
    const concept = {
      coding: [
        { system, code: 'tree' },
        { system, code: 'lemon' },
      ],
    };
    expect(
      values(await terms.post('ConceptMap/$translate', [{ name: 'codeableConcept', valueCodeableConcept: concept }]), 'match'),
    ).toEqual([lemon]);
  });
  test('the specification’s own', async () => {
    const told = await ask('system=http://hl7.org/fhir/administrative-gender&code=male');
    expect(values(told, 'match')).toContainEqual(expect.objectContaining({ concept: expect.objectContaining({ code: 'M' }) }));
  });
});

test('back; and what depends on another element', async () => {
  const back = await ask(`system=${ref('english')}&code=LEMON&reverse=true&source=${ref('words')}&target=${ref('citrus')}`);
  expect(values(back, 'match')).toEqual([{ ...lemon, concept: { system, code: 'lemon' } }]);
  const yuzu = (...dependency: object[]) =>
    terms.post('ConceptMap/$translate', [{ name: 'coding', valueCoding: { system, code: 'yuzu' } }, ...dependency]);
  expect(values(await yuzu(), 'result')).toEqual([false]);
  const winter = await yuzu({
    name: 'dependency',
    part: [
      { name: 'element', valueUri: ref('season') },
      { name: 'concept', valueCodeableConcept: { coding: [{ code: 'winter' }] } },
    ],
  });
  expect(values(winter, 'match')).toEqual([
    {
      equivalence: 'wider',
      concept: { system: ref('english'), code: 'YUZU' },
      product: { element: ref('taste'), concept: { system: ref('tastes'), code: 'sour' } },
      source: ref('to-english'),
    },
  ]);
});

test('no translation: result false and why; unmatched is told', async () => {
  const none = await ask(`system=${system}&code=tree`);
  expect([none.status, values(none, 'result'), values(none, 'match')]).toEqual([200, [false], []]);
  expect(values(none, 'message')).toHaveLength(1);
  expect(values(await ask(`system=${system}&code=orange`), 'match')).toEqual([{ equivalence: 'unmatched', source: ref('to-english') }]);
});

test.each<[string, number]>([
  [`url=${ref('nothing')}&system=${system}&code=lemon`, 404],
  [`url=${ref('to-english')}&conceptMapVersion=9&system=${system}&code=lemon`, 404],
  [`system=${ref('not-here')}&code=lemon`, 404],
  [`system=${system}&code=lemon&target=${ref('nothing')}`, 404],
  [`system=${system}`, 400],
  ['code=lemon', 400],
  [`system=${system}&code=lemon&conceptMap=x`, 400],
])('refused: %s: %i', async (query, status) => expect((await ask(query)).status).toBe(status));

test('too costly: more codings or dependencies than anybody means', async () => {
  const coding = Array.from({ length: 101 }, () => ({ system, code: 'lemon' }));
  const post = async (parameters: readonly object[]) => (await terms.post('ConceptMap/$translate', parameters)).status;
  expect(await post([{ name: 'codeableConcept', valueCodeableConcept: { coding } }])).toBe(422);
  const dependency = {
    name: 'dependency',
    part: [
      { name: 'element', valueUri: ref('season') },
      { name: 'concept', valueCodeableConcept: { text: 'winter' } },
    ],
  };
  const many = Array.from({ length: 101 }, () => dependency);
  expect(await post([{ name: 'coding', valueCoding: { system, code: 'yuzu' } }, ...many])).toBe(422);
  expect(await post([{ name: 'coding', valueCoding: { system, code: 'yuzu' } }, dependency])).toBe(200);
});
