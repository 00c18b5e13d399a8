// https://hl7.org/fhir/R4/codesystem.html#supplements
import { expect, test } from '@jest/globals';
import type { CodeSystem } from '@medplum/fhirtypes';
import { isFor, supplemented } from '../../../src/fhir/terminology/supplement.ts';
import { fruit, knowing } from './resources.ts';

const german: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://example.org/fruit-de',
  status: 'active',
  content: 'supplement',
  supplements: fruit.url!,
  language: 'de',
  concept: [
    {
      code: 'lemon',
      display: 'Zitrone',
      property: [
        { code: 'parent', valueCode: 'medlar' },
        { code: 'inactive', valueBoolean: true },
      ],
    },
    { code: 'citrus', concept: [{ code: 'orange', designation: [{ language: 'nl', value: 'sinaasappel' }] }] },
    { code: 'banana', display: 'Banane' },
  ],
};
const namesOf = async (code: string, ...supplements: CodeSystem[]) => {
  const system = await knowing(fruit, ...supplements).system(fruit.url!);
  return system!.find(code)?.designations.map(one => one.value);
};

test('names come after the system’s own, nested ones too; display in the language of the supplement', async () => {
  expect(await namesOf('lemon', german)).toEqual(['レモン', 'limon', 'citron', 'Zitrone']);
  expect(await namesOf('orange', german)).toEqual(['sinaasappel']);
  expect(await namesOf('orange', german, { ...german, url: 'http://example.org/two' })).toEqual(['sinaasappel', 'sinaasappel']);
});

test('names alone: no concept, no hierarchy, no status', async () => {
  const system = (await knowing(fruit, german).system(fruit.url!))!;
  expect(await namesOf('banana', german)).toBeUndefined();
  expect(system.find('lemon')!.parents.map(one => one.code)).toEqual(['citrus']);
  expect(system.find('lemon')!.isInactive).toBe(false);
  expect(supplemented(fruit, [german]).property).toEqual(fruit.property);
});

test('for its version, while it is in use', () => {
  expect([isFor(german, '2'), isFor(german, undefined)]).toEqual([true, true]);
  const first = { ...german, supplements: `${fruit.url}|1` };
  expect([isFor(first, '1'), isFor(first, '2')]).toEqual([true, false]);
  expect(isFor({ ...german, status: 'retired' }, '2')).toBe(false);
  expect(isFor({ ...german, content: 'complete' }, '2')).toBe(false);
});
