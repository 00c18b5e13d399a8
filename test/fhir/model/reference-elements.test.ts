// https://hl7.org/fhir/R4/references.html
import { expect, test } from '@jest/globals';
import type { StructureDefinition } from '@medplum/fhirtypes';
import { definitions } from '../../../src/fhir/model/r4.ts';
import { nobodys, peoples } from '../../../src/fhir/model/reference-elements.ts';

const people = ['Patient', 'RelatedPerson', 'Resource'];
const targets = new Map<string, Set<string>>();
for (const file of ['profiles-resources.json', 'profiles-types.json']) {
  for (const { resource } of definitions<StructureDefinition>(file).entry ?? []) {
    if (resource?.resourceType !== 'StructureDefinition' || resource.derivation === 'constraint') continue;
    for (const element of resource.snapshot?.element ?? []) {
      for (const type of element.type ?? []) {
        if (type.code !== 'Reference') continue;
        const name = element.path!.split('.').at(-1)!.replace('[x]', 'Reference');
        const to = (type.targetProfile ?? ['Resource']).map(profile => profile.split('/').at(-1)!);
        targets.set(name, new Set([...(targets.get(name) ?? []), ...to]));
      }
    }
  }
}

test('no element that may refer to a person is passed over', () => {
  expect(targets.size).toBeGreaterThan(100);
  expect([...nobodys].filter(name => people.some(person => targets.get(name)?.has(person)))).toEqual([]);
});

test('every element that refers to persons only is taken for one', () => {
  const only = [...targets].filter(([, to]) => [...to].every(type => people.slice(0, 2).includes(type))).map(([name]) => name);
  expect(only.filter(name => !peoples.has(name))).toEqual([]);
  expect(only).toEqual(expect.arrayContaining(['patient', 'beneficiary']));
});
