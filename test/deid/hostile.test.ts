// What nobody has validated: values of any shape in any element. Nothing is thrown, nothing gets out.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { elementsOf } from '../../src/fhir/profile/elements.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';
import { out } from './ground.ts';

const canary = fc.constantFrom(
  'CANARY 山田',
  'CANARY',
  ' CANARY',
  '2024-01-01 CANARY',
  'http://loinc.org/CANARY|1',
  '#CANARY',
  '\ud800CANARY',
);
const names = [
  ...elementsOf('Observation').keys(),
  'coding',
  'system',
  'code',
  'value',
  'unit',
  'reference',
  'extension',
  'url',
  'valueCode',
  '__proto__',
  'constructor',
  'low',
  'start',
  'contained',
  'id',
  'resourceType',
];

const junk = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    canary,
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

describe.each(builtIn)('%s', name => {
  const policy = policyNamed(name);
  test('junk in any element of any type that leaves', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...policy.types.keys()),
        fc.array(junk.value, { minLength: 8, maxLength: 8 }),
        fc.nat(),
        (type, values, seed) => {
          const properties = [...elementsOf(type).keys()].filter(
            property => property !== 'implicitRules' && property !== 'modifierExtension',
          );
          const resource: Json = { resourceType: type, id: 'x' };
          values.forEach((value, i) => {
            const property = properties[(seed + i * 7) % properties.length]!;
            resource[i % 3 === 2 ? `_${property}` : property] = value;
          });
          const before = JSON.stringify(resource);
          const left = out(resource as AnyResource, { lead: () => undefined }, policy);
          expect(JSON.stringify(left) ?? '').not.toContain('CANARY');
          expect(JSON.stringify(resource)).toBe(before);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

test('very deep and very wide values take no longer than they are long', () => {
  let deep: unknown = 'CANARY';
  for (let i = 0; i < 20_000; i++) deep = { extension: [deep], component: [deep] };
  const wide = Array.from({ length: 50_000 }, () => ({ code: { coding: [{ system: 'CANARY', code: 'CANARY' }] } }));
  const left = out({ resourceType: 'Observation', id: 'x', component: wide, valueCodeableConcept: deep } as unknown as AnyResource);
  expect(JSON.stringify(left)).not.toContain('CANARY');
});
