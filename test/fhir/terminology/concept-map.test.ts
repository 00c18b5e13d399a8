// https://hl7.org/fhir/R4/conceptmap.html, https://hl7.org/fhir/R4/conceptmap-operation-translate.html
import { describe, expect, test } from '@jest/globals';
import type { ConceptMap, ConceptMapGroup } from '@medplum/fhirtypes';
import { compileMap, isAcceptable, type Translation, translate } from '../../../src/fhir/terminology/concept-map.ts';

const from = 'http://example.org/here';
const to = 'http://example.org/there';
const group = (element: ConceptMapGroup['element'], more: Partial<ConceptMapGroup> = {}): ConceptMapGroup => ({
  source: from,
  target: to,
  element,
  ...more,
});
const map = (groups: ConceptMapGroup[], url = 'http://example.org/map'): ConceptMap => ({
  resourceType: 'ConceptMap',
  url,
  status: 'active',
  group: groups,
});

const elements: ConceptMapGroup['element'] = [
  {
    code: 'a',
    display: 'A here',
    target: [
      { code: '1', display: 'One', equivalence: 'equivalent' },
      { code: '2', equivalence: 'wider' },
    ],
  },
  { code: 'b', target: [{ code: '1', equivalence: 'specializes' }] },
  { code: 'c', target: [{ equivalence: 'unmatched', comment: 'there is none' }] },
  { code: 'd' },
  {
    code: 'e',
    target: [
      {
        code: '5',
        equivalence: 'equal',
        dependsOn: [{ property: 'http://example.org/sex', system: 'http://example.org/sexes', value: 'f' }],
      },
      {
        code: '6',
        equivalence: 'equal',
        dependsOn: [{ property: 'http://example.org/sex', value: 'm' }],
        product: [{ property: 'http://example.org/side', value: 'left', display: 'Left' }],
      },
    ],
  },
];

type Asked = Partial<Omit<Translation, 'from'>> & { readonly system?: string };
const ask = async (of: ConceptMap, code: string, asked: Asked = {}, others: readonly ConceptMap[] = []) => {
  const translation: Translation = { from: { system: from, code }, dependencies: [], isReverse: false, ...asked };
  return await translate(compileMap(of), translation, async url => {
    const found = others.find(one => one.url === url);
    return found && compileMap(found);
  });
};
const plain = (matches: Awaited<ReturnType<typeof ask>>) =>
  matches.map(({ equivalence, concept }) => `${equivalence} ${concept?.code ?? '-'}`);

describe('forwards', () => {
  const one = map([group(elements)]);
  test('every target, with its equivalence, name, and the map that says so', async () => {
    expect(await ask(one, 'a')).toEqual([
      { equivalence: 'equivalent', concept: { system: to, code: '1', display: 'One' }, product: [], source: 'http://example.org/map' },
      { equivalence: 'wider', concept: { system: to, code: '2' }, product: [], source: 'http://example.org/map' },
    ]);
  });
  test('nothing for a code that is not in it, or is mapped to nothing; unmatched is said, and is no translation', async () => {
    expect(await ask(one, 'z')).toEqual([]);
    expect(await ask(one, 'd')).toEqual([]);
    const unmatched = await ask(one, 'c');
    expect(plain(unmatched)).toEqual(['unmatched -']);
    expect([unmatched.some(isAcceptable), (await ask(one, 'a')).some(isAcceptable)]).toEqual([false, true]);
    expect(isAcceptable({ equivalence: 'disjoint', concept: { code: 'x' }, product: [] })).toBe(false);
  });
  test('only from its system, and to the one that is wanted', async () => {
    expect(await ask(one, 'a', { from: { system: 'http://example.org/other', code: 'a' } } as never)).toEqual([]);
    expect(await ask(one, 'a', { system: 'http://example.org/other' })).toEqual([]);
    expect(plain(await ask(one, 'a', { from: { code: 'a' } } as never))).toHaveLength(2);
  });
  test('what depends on another element: where that is known to have the value', async () => {
    const sex = (code: string, system?: string) => ({
      dependencies: [{ element: 'http://example.org/sex', codings: [{ code, ...(system === undefined ? {} : { system }) }] }],
    });
    expect(await ask(one, 'e')).toEqual([]);
    expect(plain(await ask(one, 'e', sex('f', 'http://example.org/sexes')))).toEqual(['equal 5']);
    expect(await ask(one, 'e', sex('f', 'http://example.org/others'))).toEqual([]);
    const [male] = await ask(one, 'e', sex('m'));
    expect(male).toMatchObject({
      concept: { code: '6' },
      product: [{ property: 'http://example.org/side', value: 'left', display: 'Left' }],
    });
    expect(plain(await ask(one, 'e', { dependencies: [{ element: 'http://example.org/sex', codings: [], text: 'm' }] }))).toEqual([
      'equal 6',
    ]);
    expect(await ask(one, 'e', { dependencies: [{ element: 'http://example.org/age', codings: [{ code: 'm' }] }] })).toEqual([]);
  });
});

describe('back', () => {
  const one = map([group(elements)]);
  const back = (code: string, asked: Asked = {}) => ask(one, code, { from: { system: to, code }, isReverse: true, ...asked } as never);
  test('every source; wider is narrower then, specializes subsumes', async () => {
    expect(plain(await back('1'))).toEqual(['equivalent a', 'subsumes b']);
    expect(plain(await back('2'))).toEqual(['narrower a']);
    expect((await back('1'))[0]!.concept).toEqual({ system: from, code: 'a', display: 'A here' });
    expect(await back('1', { system: 'http://example.org/other' })).toEqual([]);
  });
  test('what a group says of unmapped codes is for the way there', async () => {
    const fixed = map([group(elements, { unmapped: { mode: 'fixed', code: '99' } })]);
    expect(await ask(fixed, '99', { from: { system: to, code: '99' }, isReverse: true } as never)).toEqual([]);
  });
});

describe('codes that a group does not map', () => {
  test('provided: the same code there', async () => {
    const provided = map([group(elements, { unmapped: { mode: 'provided' } })]);
    expect(plain(await ask(provided, 'z'))).toEqual(['relatedto z']);
    expect(plain(await ask(map([group([], { target: from, unmapped: { mode: 'provided' } })]), 'z'))).toEqual(['equal z']);
    expect(plain(await ask(provided, 'a'))).toEqual(['equivalent 1', 'wider 2']);
    expect(await ask(provided, 'd')).toEqual([]);
  });
  test('fixed: one code for all of them', async () => {
    const [match] = await ask(map([group(elements, { unmapped: { mode: 'fixed', code: '99', display: 'Other' } })]), 'z');
    expect(match).toMatchObject({ equivalence: 'relatedto', concept: { system: to, code: '99', display: 'Other' } });
  });
  test('other-map: what another one says; a ring of maps ends', async () => {
    const first = map([group(elements, { unmapped: { mode: 'other-map', url: 'http://example.org/second' } })]);
    const second = map([group([{ code: 'z', target: [{ code: '26', equivalence: 'equal' }] }])], 'http://example.org/second');
    expect(await ask(first, 'z', {}, [second])).toMatchObject([{ concept: { code: '26' }, source: 'http://example.org/second' }]);
    expect(await ask(first, 'z')).toEqual([]);
    const ring = map([group([], { unmapped: { mode: 'other-map', url: 'http://example.org/ring' } })], 'http://example.org/ring');
    expect(await ask(ring, 'z', {}, [ring])).toEqual([]);
  });
});
