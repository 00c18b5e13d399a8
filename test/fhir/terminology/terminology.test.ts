// https://hl7.org/fhir/R4/terminology-service.html, https://hl7.org/fhir/R4/search.html#token
import { describe, expect, test } from '@jest/globals';
import { valueSetCodes } from '../../../src/fhir/profile/table.ts';
import { specification, specified } from '../../../src/fhir/terminology/definitions.ts';
import { createKnowledge } from '../../../src/fhir/terminology/knowledge.ts';
import { inOrder, listed, sourceOf } from '../../../src/fhir/terminology/source.ts';
import { createTerminology } from '../../../src/fhir/terminology/terminology.ts';
import { fruit, knowing, valueSet } from './resources.ts';

const system = 'http://example.org/fruit';
const ref = (name: string) => `http://example.org/${name}`;
const here = createTerminology(
  knowing(
    fruit,
    valueSet('citrus', [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'citrus' }] }]),
    valueSet('partly', [{ system, concept: [{ code: 'lemon' }] }, { system: ref('not-here') }]),
    valueSet('ring', [{ valueSet: [ref('ring')] }]),
  ),
);

test('codesIn: every code by system; undefined for what is not known, too costly for a ring', async () => {
  expect(await here.codesIn(ref('citrus'))).toEqual(new Map([[system, new Set(['citrus', 'lemon', 'orange', 'yuzu'])]]));
  expect(await here.codesIn(ref('citrus'))).toBe(await here.codesIn(ref('citrus')));
  expect(await here.codesIn(ref('partly'))).toBeUndefined();
  expect(await here.codesIn(ref('nothing'))).toBeUndefined();
  await expect(here.codesIn(ref('ring'))).rejects.toMatchObject({ kind: 'too-costly' });
});

test('related: above and below, the code itself included; undefined for an unknown system or code', async () => {
  expect(await here.related(system, 'citrus', 'below')).toEqual(new Set(['citrus', 'lemon', 'orange', 'yuzu']));
  expect(await here.related(`${system}|2`, 'yuzu', 'above')).toEqual(new Set(['yuzu', 'citrus', 'tree']));
  expect(await here.related(system, 'nothing', 'below')).toBeUndefined();
  expect(await here.related(ref('not-here'), 'x', 'below')).toBeUndefined();
});

test('validateCode: true, false, or undefined where it cannot be said', async () => {
  expect(await here.validateCode(ref('citrus'), { system, code: 'lemon', display: 'whatever' })).toBe(true);
  expect(await here.validateCode(ref('citrus'), { code: 'lemon' })).toBe(true);
  expect(await here.validateCode(ref('citrus'), { system, code: 'tree' })).toBe(false);
  expect(await here.validateCode(ref('partly'), { system, code: 'lemon' })).toBe(true);
  expect(await here.validateCode(ref('partly'), { system: ref('not-here'), code: 'x' })).toBeUndefined();
  expect(await here.validateCode(ref('nothing'), { code: 'x' })).toBeUndefined();
});

describe('the specification’s own', () => {
  const knowledge = createKnowledge(specification());
  const own = createTerminology(knowledge);
  test('value sets of required bindings have the codes that the published validation artefacts list', async () => {
    let compared = 0;
    for (const { kind, url } of specified()) {
      const expected = kind === 'ValueSet' ? valueSetCodes(url) : undefined;
      if (expected === undefined) continue;
      const codes = await own.codesIn(url);
      const plain = codes && Object.fromEntries([...codes].map(([one, list]) => [one, [...list].sort()]));
      const sorted = Object.fromEntries(Object.entries(expected).map(([one, list]) => [one, [...new Set(list)].sort()]));
      expect([url, plain]).toEqual([url, sorted]);
      compared++;
    }
    expect(compared).toBeGreaterThan(200);
  });
  test('versions, hierarchies, concept maps and systems that it only names', async () => {
    const gender = { system: 'http://hl7.org/fhir/administrative-gender', code: 'male' };
    expect(await own.validateCode('http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1', gender)).toBe(true);
    expect(await own.validateCode('http://hl7.org/fhir/ValueSet/administrative-gender|3.0.0', gender)).toBeUndefined();
    expect(await own.codesIn('http://hl7.org/fhir/ValueSet/observation-codes')).toBeUndefined();
    expect((await own.related('http://terminology.hl7.org/CodeSystem/v3-ActCode', '_ActEncounterCode', 'below'))!.has('AMB')).toBe(true);
    expect((await specification().maps('source', 'http://hl7.org/fhir/administrative-gender')).length).toBeGreaterThan(0);
  });
  test('what is stored comes before it', async () => {
    const url = 'http://hl7.org/fhir/administrative-gender';
    const stored = { ...fruit, url, version: '9' };
    const both = createKnowledge(inOrder(sourceOf([listed(stored, 'stored')]), specification()));
    expect((await both.system(url))!.version).toBe('9');
    expect((await both.system(`${url}|4.0.1`))!.version).toBe('4.0.1');
    expect(await createTerminology(both).codesIn('http://hl7.org/fhir/ValueSet/administrative-gender')).not.toEqual(
      await own.codesIn('http://hl7.org/fhir/ValueSet/administrative-gender'),
    );
  });
});
