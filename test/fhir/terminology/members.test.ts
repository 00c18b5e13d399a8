// https://hl7.org/fhir/R4/valueset.html#compositions
import { describe, expect, test } from '@jest/globals';
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { Problem } from '../../../src/fhir/model/outcome.ts';
import type { Versions } from '../../../src/fhir/terminology/code-set.ts';
import { expand } from '../../../src/fhir/terminology/expand.ts';
import { everyone, find, membersOf } from '../../../src/fhir/terminology/members.ts';
import { newWork } from '../../../src/fhir/terminology/work.ts';
import { cpuTime } from '../../cpu-time.ts';
import { fruit, knowing, valueSet } from './resources.ts';

const system = 'http://example.org/fruit';
const all = ['citrus', 'lemon', 'orange', 'yuzu', 'tree', 'medlar'];
const citrus = { system, filter: [{ property: 'concept', op: 'is-a', value: 'citrus' }] } as const;
const byFilter = (property: string, op: string, value: string) => ({ system, filter: [{ property, op, value }] });
const list = (...codes: string[]) => ({ system, concept: codes.map(code => ({ code })) });
const ref = (...names: string[]) => ({ valueSet: names.map(name => `http://example.org/${name}`) });

const known: (CodeSystem | ValueSet)[] = [
  fruit,
  valueSet('all', [{ system }]),
  valueSet('citrus', [citrus as never]),
  valueSet('yellow', [byFilter('colour', '=', 'yellow') as never]),
  valueSet('some', [list('lemon', 'tree', 'medlar')]),
  valueSet('foreign', [{ system: 'http://example.org/not-here', concept: [{ code: 'x', display: 'Listed' }] }]),
  valueSet('unknown', [{ system: 'http://example.org/not-here' }]),
];
const knowledge = (...more: (CodeSystem | ValueSet)[]) => knowing(...known, ...more);

/** Its codes; or why they cannot be said. And that membership says the same of every code. */
async function codes(set: ValueSet, versions?: Versions, ...more: (CodeSystem | ValueSet)[]): Promise<string[] | string> {
  const here = knowledge(...more);
  let resolved: Awaited<ReturnType<typeof here.resolve>>;
  try {
    resolved = await here.resolve({ key: '', open: () => set }, versions);
    const found = everyone(membersOf(resolved, newWork())).map(one => one.code);
    for (const code of all) expect([code, Boolean(find(resolved, system, code, newWork()))]).toEqual([code, found.includes(code)]);
    return found;
  } catch (problem) {
    if (problem instanceof Problem) return `${problem.status} ${problem.kind} ${problem.findings[0]!.expression ?? ''}`.trim();
    throw problem;
  }
}
const set = (include: object[], more: Partial<ValueSet> = {}) => valueSet('asked', include as never, more);
const excluding = (include: object[], exclude: object[]) => set(include, { compose: { include, exclude } as never });

describe('what a value set holds', () => {
  test.each<[string, ValueSet, string[]]>([
    ['all of a system', set([{ system }]), all],
    ['listed codes, in their order; not such as the system does not have', set([list('yuzu', 'nothing', 'lemon')]), ['yuzu', 'lemon']],
    [
      'what fits all filters',
      set([{ system, filter: [...citrus.filter, { property: 'colour', op: 'exists', value: 'true' }] }]),
      ['lemon', 'orange'],
    ],
    [
      'the union of what is included, each once',
      set([list('medlar'), citrus, list('lemon')]),
      ['medlar', 'citrus', 'lemon', 'orange', 'yuzu'],
    ],
    ['without what is excluded', excluding([{ system }], [citrus, list('tree')]), ['medlar']],
    ['another value set', set([ref('some')]), ['lemon', 'tree', 'medlar']],
    ['what several value sets of one include share', set([ref('some', 'citrus')]), ['lemon']],
    [
      'what several includes have between them',
      set([ref('some'), ref('yellow'), ref('citrus')]),
      ['lemon', 'tree', 'medlar', 'citrus', 'orange', 'yuzu'],
    ],
    ['what a system and value sets share', set([{ ...citrus, ...ref('some') }]), ['lemon']],
    ['what a list and a value set share', set([{ ...list('tree', 'orange', 'lemon'), ...ref('some') }]), ['tree', 'lemon']],
    ['without what an excluded value set has', excluding([{ system }], [ref('citrus')]), ['tree', 'medlar']],
    [
      'without the inactive ones, if it says so',
      set([{ system }], { compose: { include: [{ system }], inactive: false } }),
      all.slice(0, -1),
    ],
  ])('%s', async (_, asked, expected) => expect(await codes(asked)).toEqual(expected));

  test('codes of a system that is not here, if they are listed', async () => {
    expect(await codes(set([ref('foreign')]))).toEqual(['x']);
    const resolved = await knowledge().resolve({ key: '', open: () => set([ref('foreign')]) });
    expect(find(resolved, 'http://example.org/not-here', 'x', newWork())).toMatchObject({ display: 'Listed' });
    expect(find(resolved, 'http://example.org/not-here', 'y', newWork())).toBe(false);
    expect(find(resolved, undefined, 'x', newWork())).toMatchObject({ code: 'x' });
  });

  test('everything of a system that gives its value set a name, or by ?fhir_vs', async () => {
    const named = { ...fruit, url: 'http://example.org/named', valueSet: 'http://example.org/all-named' };
    for (const canonical of ['http://example.org/all-named', 'http://example.org/named?fhir_vs', 'http://example.org/named?fhir_vs|2']) {
      const here = knowledge(named);
      const found = await here.valueSet(canonical);
      expect(everyone(membersOf(await here.resolve(found!), newWork())).map(one => one.code)).toEqual(all);
    }
    const below = await knowledge().valueSet('http://example.org/fruit?fhir_vs=isa/citrus');
    expect(everyone(membersOf(await knowledge().resolve(below!), newWork())).length).toBe(4);
    expect(await knowledge().valueSet('http://example.org/nothing?fhir_vs')).toBeUndefined();
    expect(await knowledge(named).valueSet('http://example.org/named?fhir_vs|3')).toBeUndefined();
  });
});

describe('versions', () => {
  const old = { ...fruit, version: '1', concept: [{ code: 'lemon' }] };
  const versions = (more: Partial<Versions>): Versions => ({ otherwise: [], check: [], force: [], ...more });
  const plain = set([{ system }]);
  const stated = set([{ system, version: '1' }]);
  test('the one that the value set names, else the newest, else the one that is asked for', async () => {
    expect(await codes(plain, undefined, old)).toEqual(all);
    const one = async (asked: ValueSet, more?: Partial<Versions>) => codes(asked, more && versions(more), old);
    expect(await one(stated).catch(String)).toEqual(['lemon']);
    expect(await one(set([{ system: `${system}|1` }]))).toEqual(['lemon']);
    expect(await one(plain, { otherwise: [`${system}|1`] })).toEqual(['lemon']);
    expect(await one(stated, { otherwise: [`${system}|2`] })).toEqual(['lemon']);
    expect(await one(stated, { force: [`${system}|2`] })).toEqual(all);
    expect(await one(stated, { check: [`${system}|2`] })).toBe('422 business-rule ValueSet.compose.include[0].version');
    expect(await one(stated, { check: [`${system}|1`] })).toEqual(['lemon']);
    expect(await one(set([{ system, version: '9' }]))).toBe('404 not-found ValueSet.compose.include[0].system');
  });
  test('value sets have versions too', async () => {
    const first = valueSet('v', [list('lemon')], { version: '1' });
    const second = valueSet('v', [list('yuzu')], { version: '2' });
    expect(await codes(set([ref('v')]), undefined, second, first)).toEqual(['yuzu']);
    expect(await codes(set([ref('v|1')]), undefined, second, first)).toEqual(['lemon']);
    expect(await codes(set([ref('v|3')]), undefined, second, first)).toBe('404 not-found ValueSet.compose.include[0].valueSet[0]');
  });
});

describe('what cannot be said', () => {
  test.each<[string, ValueSet, string]>([
    ['a system that is not here', set([{ system: 'http://example.org/not-here' }]), '404 not-found ValueSet.compose.include[0].system'],
    ['below an import', set([ref('unknown')]), '404 not-found ValueSet.compose.include[0].system'],
    ['a value set that is not here', set([list('lemon'), ref('nothing')]), '404 not-found ValueSet.compose.include[1].valueSet[0]'],
    [
      'in an exclude',
      excluding([{ system }], [{ system: 'http://example.org/not-here' }]),
      '404 not-found ValueSet.compose.exclude[0].system',
    ],
    [
      'a property that is not there',
      set([byFilter('taste', '=', 'x')]),
      '422 business-rule ValueSet.compose.include[0].filter[0].property',
    ],
    ['nothing is said', { resourceType: 'ValueSet', status: 'active' } as ValueSet, '422 business-rule ValueSet.compose'],
  ])('%s', async (_, asked, problem) => expect(await codes(asked)).toBe(problem));

  test('one code may be known to be in it, or not, where the whole is not', async () => {
    const ask = async (asked: ValueSet, of: string, code: string) => {
      const found = find(await knowledge().resolve({ key: '', open: () => asked }), of, code, newWork());
      return found === undefined ? undefined : Boolean(found);
    };
    const partly = set([list('lemon'), ref('unknown')]);
    expect(await ask(partly, system, 'lemon')).toBe(true);
    expect(await ask(partly, system, 'orange')).toBe(false);
    expect(await ask(partly, 'http://example.org/not-here', 'x')).toBeUndefined();
    expect(await ask(set([list('lemon'), ref('nothing')]), system, 'orange')).toBeUndefined();
    expect(await ask(set([{ ...list('lemon'), ...ref('nothing') }]), system, 'orange')).toBe(false);
    expect(await ask(set([{ ...list('lemon'), ...ref('nothing') }]), system, 'lemon')).toBeUndefined();
    expect(await ask(excluding([{ system }], [ref('nothing')]), system, 'lemon')).toBeUndefined();
    expect(await ask(set([byFilter('taste', '=', 'x')]), system, 'lemon')).toBeUndefined();
  });

  test('then the expansion that the value set brings counts, if it is whole', async () => {
    const system = 'http://example.org/not-here';
    const contains = [
      { system, code: 'group', abstract: true, contains: [{ system, code: 'lemon', display: 'Zitrone' }] },
      { display: 'a heading' },
    ];
    const with_ = (more: object) =>
      set([{ system }], {
        expansion: { identifier: 'x', timestamp: '2026-01-01', contains, ...more } as never,
      });
    const here = await knowledge().resolve({ key: '', open: () => with_({}) });
    expect(everyone(membersOf(here, newWork())).map(one => one.code)).toEqual(['group', 'lemon']);
    expect(find(here, system, 'lemon', newWork())).toMatchObject({ display: 'Zitrone' });
    expect(find(here, system, 'orange', newWork())).toBe(false);
    for (const part of [{ total: 4 }, { offset: 1 }]) {
      const cut = await knowledge().resolve({ key: '', open: () => with_(part) });
      expect(() => membersOf(cut, newWork())).toThrow(Problem);
      expect(find(cut, system, 'orange', newWork())).toBeUndefined();
    }
  });
});

describe('too costly', () => {
  test('a value set that imports itself, by however many others', async () => {
    expect(await codes(set([ref('a')]), undefined, valueSet('a', [ref('a')]))).toMatch(/^422 too-costly/);
    expect(
      await codes(set([ref('a')]), undefined, valueSet('a', [ref('b')]), valueSet('b', [ref('c')]), valueSet('c', [ref('a')])),
    ).toMatch(/^422 too-costly/);
    const excludes = valueSet('a', [{ system }], { compose: { include: [{ system }], exclude: [ref('a')] } });
    expect(await codes(set([ref('a')]), undefined, excludes)).toMatch(/^422 too-costly/);
  });
  test('one that two others import is no ring', async () => {
    expect(await codes(set([ref('a'), ref('b')]), undefined, valueSet('a', [ref('some')]), valueSet('b', [ref('some')]))).toEqual([
      'lemon',
      'tree',
      'medlar',
    ]);
  });
  test('one that leads to more than 500', async () => {
    const chain = Array.from({ length: 600 }, (_, n) => valueSet(`n${n}`, [ref(`n${n + 1}`)]));
    expect(await codes(set([ref('n0')]), undefined, ...chain)).toMatch(/^422 too-costly/);
  });
  test('a hundred thousand filters over a hierarchy', async () => {
    const concept = Array.from({ length: 1000 }, (_, n) => ({ code: `c${n}`, property: [{ code: 'parent', valueCode: 'c0' }] }));
    const wide = { ...fruit, url: 'http://example.org/wide', concept };
    const one = { system: wide.url, filter: [{ property: 'concept', op: 'is-a', value: 'c0' }] };
    const began = cpuTime();
    expect(await codes(set(Array.from({ length: 100_000 }, () => one)), undefined, wide)).toMatch(/^422 too-costly/);
    expect(cpuTime() - began).toBeLessThan(5000);
  });
  test('imports that branch and meet again, a million million ways, are each looked at once', async () => {
    const doubling = Array.from({ length: 40 }, (_, n) => valueSet(`d${n}`, [ref(`d${n + 1}`), ref(`d${n + 1}`)]));
    const here = knowledge(...doubling, valueSet('d40', [list('lemon')]));
    const whole = await here.resolve((await here.valueSet('http://example.org/d0'))!);
    const began = cpuTime();
    expect(everyone(membersOf(whole, newWork())).map(one => one.code)).toEqual(['lemon']);
    expect(expand(whole, {}, 'x', 'x').expansion!.total).toBe(1);
    expect(cpuTime() - began).toBeLessThan(1000);
  });
  test('more steps than one request may take', async () => {
    const doubling = Array.from({ length: 40 }, (_, n) => valueSet(`d${n}`, [ref(`d${n + 1}`, `d${n + 1}`), list('lemon')]));
    const here = await knowledge(...doubling, valueSet('d40', [ref('nothing'), list('lemon')])).resolve({
      key: '',
      open: () => set([ref('d0')]),
    });
    expect(() => find(here, system, 'orange', newWork())).toThrow(Problem);
    const large = await knowledge().resolve({ key: '', open: () => set([{ system }]) });
    expect(() => membersOf(large, newWork(5))).toThrow(Problem);
  });
});

test('what was resolved is kept, for as long as it is made of the same', async () => {
  const here = knowledge();
  const found = (await here.valueSet('http://example.org/some'))!;
  expect(await here.resolve(found)).toBe(await here.resolve(found));
  expect(membersOf(await here.resolve(found), newWork())).toBe(membersOf(await here.resolve(found), newWork(0)));
});
