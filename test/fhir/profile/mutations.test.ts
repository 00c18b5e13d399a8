// https://hl7.org/fhir/R4/validation.html: whatever is done to a valid resource, the answer is a finding that names the place and shows no value
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { problems } from '../../../src/fhir/model/outcome.ts';
import { elementsOf, typesOf } from '../../../src/fhir/profile/elements.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { observation, patient } from './good.ts';

type Part = Record<string, unknown>;

/** Every object of a resource, the resource first. */
const objects = (value: unknown): Part[] =>
  Array.isArray(value)
    ? value.flatMap(objects)
    : typeof value === 'object' && value !== null
      ? [value as Part, ...Object.values(value).flatMap(objects)]
      : [];

const samples = fc.constantFrom(patient, observation).map(make => make() as Part);
const pick = fc.nat(10_000);
const keysOf = (part: Part): string[] => Object.keys(part).filter(key => key !== 'resourceType');

/** A sample, one of its objects, and one of that object's keys. */
const place = fc.tuple(samples, pick, pick).map(([resource, a, b]) => {
  const parts = objects(resource);
  const part = parts[a % parts.length]!;
  const keys = keysOf(part);
  return { resource, part, key: keys[b % keys.length]! };
});

describe('a change is refused with 400', () => {
  test.each<[string, (part: Part, key: string) => void]>([
    ['an element that is none', part => (part['colour'] = 'red')],
    ['null', (part, key) => (part[key] = null)],
    ['an empty list', (part, key) => (part[key] = [])],
    ['a list around it, or none', (part, key) => (part[key] = Array.isArray(part[key]) ? part[key][0] : [part[key]])],
    ['an empty object', (part, key) => (part[key] = Array.isArray(part[key]) ? [{}] : {})],
    ['a number', (part, key) => (part[key] = Array.isArray(part[key]) ? [Number.NaN] : Number.NaN)],
    ['control characters', (part, key) => (part[key] = Array.isArray(part[key]) ? ['\u0000'] : '\u0000')],
  ])('%s', (_name, change) => {
    fc.assert(
      fc.property(place, ({ resource, part, key }) => {
        change(part, key);
        const statuses = validate(resource).map(f => problems[f.kind].status as number);
        expect(Math.min(...statuses)).toBe(400);
      }),
      { numRuns: 150 },
    );
  });
});

test('no finding shows a value, wherever it stands', () => {
  const canary = '山田太郎-090-1234-5678';
  fc.assert(
    fc.property(place, fc.boolean(), ({ resource, part, key }, asKey) => {
      if (asKey) part[canary] = canary;
      else part[key] = Array.isArray(part[key]) ? [canary] : canary;
      part['extension'] = [{ url: canary, valueCode: ` ${canary}` }];
      const findings = JSON.stringify(validate(resource));
      expect(findings).not.toContain(canary);
      expect(findings).not.toContain('090');
    }),
    { numRuns: 300 },
  );
});

test('any JSON at all is judged without a throw', () => {
  const types = typesOf('resource');
  const names = [
    ...elementsOf('Observation').keys(),
    ...elementsOf('Bundle').keys(),
    ...elementsOf('StructureDefinition').keys(),
    'reference',
    'coding',
    'resource',
    'element',
  ];
  const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom<unknown>('', 'a', '#a', '2020-01-01', 1, -1.5, true, null, 'http://a.example', '<div>'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, ...names.map(n => `_${n}`), 'resourceType', 'id', 'url', 'extension'), tie('tree'), {
        maxKeys: 6,
      }),
    ),
  }));
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 8 }), (resourceType, body) => {
      for (const finding of validate({ ...body, resourceType })) expect(finding.expression?.startsWith(resourceType) ?? true).toBe(true);
    }),
    { numRuns: 1500 },
  );
});

test('every type has a validator that can be written and takes what is required and no more', () => {
  for (const type of typesOf('resource')) {
    const missing = validate({ resourceType: type });
    const required = [...elementsOf(type).values()].filter(e => e.required).map(e => e.path);
    expect(missing.filter(f => f.kind === 'required').map(f => f.text)).toEqual([...new Set(required)].map(path => `${path} is required.`));
  }
});
