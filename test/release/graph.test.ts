// What a release keeps: intervals, who refers to whom, the same answer again. https://hl7.org/fhir/R4/references.html
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDate } from '../../src/deid/calendar.ts';
import { type AnyResource, isId, type Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { builtIn } from '../../src/release/policies.ts';
import { collection, hospital, keysFrom, ofType, type Released, released } from './ground.ts';

/** Every text of a resource that stands below a property of some name. */
function* below(value: unknown, name: string): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === name && typeof child === 'string') yield child;
    else if (key === name && Array.isArray(child)) yield* child.filter(one => typeof one === 'string');
    yield* below(child, name);
  }
}

describe('intervals', () => {
  const anchor = Date.UTC(2020, 5, 1);
  const dated = (i: number, days: number): AnyResource => ({
    resourceType: 'Observation',
    id: `o${i}`,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: `${1000 + i}-1` }] },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: new Date(anchor + days * 86_400_000).toISOString().slice(0, 10),
  });
  const first = (resource: AnyResource): number => readDate(resource['effectiveDateTime'])!.first;

  test('inside a person all are kept to the day, whatever the keys', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -3000, max: 1000 }), { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 0, max: 255 }),
        async (days, key) => {
          const patient: AnyResource = { resourceType: 'Patient', id: 'p', birthDate: '1970-01-01' };
          const { resources } = await released(collection(patient, ...days.map((n, i) => dated(i, n))), keysFrom(key));
          const code = (resource: AnyResource): string => [...below(resource['code'], 'code')][0]!;
          const left = new Map(ofType(resources, 'Observation').map(one => [code(one), first(one)] as const));
          const shifts = new Set(days.map((n, i) => left.get(`${1000 + i}-1`)! - Math.floor(anchor / 86_400_000) - n));
          expect(shifts.size).toBe(1);
          expect([...shifts][0]).not.toBe(0);
        },
      ),
      { numRuns: 60 },
    ));
});

describe.each(builtIn)('a hospital under %s', name => {
  const world = hospital(25);
  let one: Released;
  beforeAll(async () => {
    one = await released(world, keysFrom(1, name));
  });

  test('is valid R4, resource by resource', () => {
    for (const resource of [...one.resources, one.provenance])
      expect([resource.resourceType, validate(resource)]).toEqual([resource.resourceType, []]);
  });

  test('every reference leads to a resource of the release', () => {
    const names = new Set(one.resources.map(resource => `${resource.resourceType}/${resource.id}`));
    const dangling = one.resources.flatMap(resource =>
      [...below(resource, 'reference')].filter(text => !text.startsWith('#') && !names.has(text)),
    );
    expect(dangling).toEqual([]);
    expect(one.resources.every(resource => isId(String(resource.id)))).toBe(true);
  });

  test('answers the same under the same keys, and with nothing in common under others', async () => {
    const again = await released(world, keysFrom(1, name));
    expect(again.resources).toEqual(one.resources);
    const other = new Set((await released(world, keysFrom(2, name))).resources.map(resource => resource.id));
    expect(one.resources.filter(resource => other.has(resource.id))).toEqual([]);
  });

  test('what was removed is removed: a second time nothing more goes', async () => {
    const twice = await released(collection(...one.resources), keysFrom(2, name));
    const shape = (value: unknown, path = ''): string[] =>
      typeof value !== 'object' || value === null
        ? [path]
        : Object.entries(value as Json).flatMap(([key, child]) =>
            path === '' && key === 'meta' ? [] : shape(child, `${path}.${Array.isArray(value) ? '' : key}`),
          );
    const shapes = ({ resources }: Released): string[] =>
      resources
        .filter(resource => resource['_birthDate'] === undefined)
        .map(resource => `${resource.resourceType} ${shape(resource).sort().join()}`)
        .sort();
    // A release has ages and keyed names that no policy lets out of a second one.
    if (name === 'jp-anonymized' || name === 'jp-pseudonymized') expect(shapes(twice)).toEqual(shapes(one));
  });
});

test('cleaned texts leave, and in them no name, number or address of anybody', async () => {
  const world = hospital(25);
  const resources = (world['entry'] as { resource: AnyResource }[]).map(entry => entry.resource);
  const secrets = new Set<string>();
  for (const resource of resources)
    if (['Patient', 'Practitioner', 'Organization', 'RelatedPerson'].includes(resource.resourceType))
      for (const name of ['family', 'given', 'text', 'value', 'line', 'postalCode', 'name'])
        for (const text of below(resource, name)) if (text.length > 1) secrets.add(text);
  expect(secrets.size).toBeGreaterThan(100);
  const { resources: left } = await released(world, keysFrom(1, 'jp-anonymized-text'));
  const notes = left.flatMap(resource => [...below(resource['note'], 'text'), ...below(resource, 'conclusion')]);
  expect(notes.length).toBeGreaterThan(20);
  expect(notes.some(text => text.includes('【'))).toBe(true);
  const texts = JSON.stringify(left.map(resource => ({ ...resource, meta: undefined, address: undefined })));
  expect([...secrets].filter(text => texts.includes(JSON.stringify(text).slice(1, -1)))).toEqual([]);
});

test('no name, number or text of a made hospital is in what leaves, under any policy that lets no text out', async () => {
  const world = hospital(25);
  const secrets = new Set<string>();
  for (const { resource } of world['entry'] as { resource: AnyResource }[])
    for (const name of ['family', 'given', 'text', 'value', 'line', 'postalCode', 'display', 'div', 'lotNumber', 'title'])
      for (const text of below(resource, name)) if (typeof text === 'string' && text.length > 1) secrets.add(text);
  expect(secrets.size).toBeGreaterThan(300);
  for (const name of builtIn.filter(one => one !== 'jp-anonymized-text')) {
    const { resources } = await released(world, keysFrom(1, name));
    const texts = JSON.stringify(resources);
    expect([name, [...secrets].filter(text => texts.includes(JSON.stringify(text)))]).toEqual([name, []]);
  }
});
