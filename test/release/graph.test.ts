// What a release keeps: intervals, who refers to whom, the same answer again. https://hl7.org/fhir/R4/references.html
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDate } from '../../src/deid/calendar.ts';
import { type AnyResource, isId, type Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { builtIn } from '../../src/release/policies.ts';
import { isSlow } from '../slow.ts';
import { collection, hospital, keysFrom, type Name, ofType, type Released, released } from './ground.ts';

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

describe('every date of a person, in each form', () => {
  /** Where a policy lets dates out: by the form that is written there. */
  const person: AnyResource = { resourceType: 'Patient', id: 'p', birthDate: '1970-01-01' };
  const subject = { reference: 'Patient/p' };
  const loinc = (n: number) => ({ coding: [{ system: 'http://loinc.org', code: `${1000 + n}-1` }] });
  const made = (n: number, resourceType: string, more: object): AnyResource => ({ resourceType, id: `x${n}`, subject, ...more });
  const full: readonly ((n: number, at: string, later: string) => AnyResource)[] = [
    (n, at) => made(n, 'Observation', { code: loinc(n), effectiveDateTime: at }),
    (n, at, later) => made(n, 'Observation', { code: loinc(n), effectivePeriod: { start: at, end: later } }),
    (n, at) => made(n, 'Observation', { code: loinc(n), effectiveInstant: at }),
    (n, at, later) => made(n, 'Observation', { code: loinc(n), effectiveTiming: { event: [at, later] } }),
    (n, at, later) => made(n, 'Observation', { code: loinc(n), issued: at, valueDateTime: later }),
    (n, at, later) => made(n, 'Encounter', { status: 'finished', period: { start: at, end: later } }),
    (n, at, later) => made(n, 'Condition', { code: loinc(n), onsetDateTime: at, recordedDate: later }),
    (n, at, later) => made(n, 'Procedure', { status: 'completed', code: loinc(n), performedPeriod: { start: at, end: later } }),
    (n, at, later) => made(n, 'MedicationRequest', { authoredOn: at, dosageInstruction: [{ timing: { event: [later] } }] }),
  ];
  const partial: readonly ((n: number, at: string) => AnyResource)[] = [
    (n, at) => made(n, 'Observation', { code: loinc(n), effectiveDateTime: at }),
    (n, at) => made(n, 'Observation', { code: loinc(n), effectivePeriod: { start: at } }),
    (n, at) => made(n, 'Condition', { code: loinc(n), abatementDateTime: at }),
    (n, at) => made(n, 'Observation', { code: loinc(n), effectiveTiming: { event: [at] } }),
    (n, at) => made(n, 'Goal', { lifecycleStatus: 'active', startDate: at }),
  ];
  const two = (n: number) => String(n).padStart(2, '0');
  const dayText = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const dayMs = 86_400_000;
  const time = fc
    .tuple(
      fc.nat(23),
      fc.nat(59),
      fc.nat(59),
      fc.constantFrom('', '.123', '.000'),
      fc.constantFrom('Z', '+09:00', '-05:00', '+05:30', '-00:00', '+14:00'),
    )
    .map(([h, m, second, fraction, zone]) => `T${two(h)}:${two(m)}:${two(second)}${fraction}${zone}`);
  const day = fc.integer({ min: Date.UTC(1995, 0, 1) / dayMs, max: Date.UTC(2026, 5, 1) / dayMs }).map(n => dayText(n * dayMs));
  /** Every date of a resource in the order of its paths. */
  const datesOf = (value: unknown): string[] =>
    typeof value === 'string'
      ? readDate(value) === undefined
        ? []
        : [value]
      : typeof value === 'object' && value !== null
        ? Object.keys(value)
            .filter(key => !['id', 'meta', 'code', 'subject'].includes(key))
            .sort()
            .flatMap(key => datesOf((value as Json)[key]))
        : [];

  test.each(['jp-anonymized', 'jp-anonymized-text', 'jp-anonymized-images', 'jp-linkable'] as const)(
    '%s: all move by the same days, times and zones stay, a partial one moves from its middle',
    name =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(full.length - 1), day, time, day, time), { minLength: 3, maxLength: 12 }),
          fc.array(fc.tuple(fc.nat(partial.length - 1), day, fc.constantFrom(4, 7, 10)), { minLength: 3, maxLength: 12 }),
          fc.integer({ min: 0, max: 255 }),
          async (moments, parts, key) => {
            const given = [
              ...moments.map(([form, from, t, until, u], n) => full[form]!(n, from + t, until + u)),
              ...parts.map(([form, at, length], n) => partial[form]!(100 + n, at.slice(0, length))),
            ];
            const by = keysFrom(key, name);
            const days = by.keys.shiftDays('Patient/p');
            const { resources } = await released(collection(person, ...given), by);
            const left = new Map(resources.map(one => [one.id, one] as const));
            const moved = new Set<number>();
            for (const one of given) {
              const [before, after] = [one, left.get(by.keys.pseudonym(one.resourceType, one.id!))].map(datesOf) as [string[], string[]];
              expect([one, after.length]).toEqual([one, before.length]);
              for (const [i, text] of before.entries()) {
                if (text.length > 10) moved.add(Date.parse(after[i]!) - Date.parse(text.replace(/\.\d+/, '')));
                const [y, m] = text.split('-').map(Number) as [number, number];
                const last =
                  text.length === 4 ? Date.UTC(y, 11, 31) : text.length === 7 ? Date.UTC(y, m, 0) : Date.parse(text.slice(0, 10));
                const middle = Math.floor((Date.parse(text.slice(0, 10)) + last) / 2 / dayMs);
                const cut = dayText((middle + days) * dayMs).slice(0, Math.min(text.length, 10));
                expect([text, after[i]]).toEqual([text, cut + text.slice(10).replace(/\.\d+/, '')]);
              }
            }
            expect([...moved]).toEqual([days * dayMs]);
            expect(days).not.toBe(0);
          },
        ),
        { numRuns: isSlow ? 40 : 12 },
      ),
  );
});

/** What the pseudonym of a resource is made of. */
const anchorOf = (type: string, id: string): string => (type === 'Patient' ? `Patient/${id}` : id);

/** The ages that a release tells, each as the extension that it is. */
const ageAt = (path: string): string[] => [
  `${path}.url`,
  ...['code', 'comparator', 'system', 'unit', 'value'].map(name => `${path}.valueQuantity.${name}`),
];
const pooled = ageAt('Patient._birthDate.extension');

/** What of a release does not come through a second one: ages, which are made of a birth that is not there any more. */
const anew: Readonly<Partial<Record<Name, readonly string[]>>> = {
  'jp-anonymized': pooled,
  'jp-anonymized-text': pooled,
  'jp-anonymized-images': pooled,
  'jp-linkable': pooled,
  // The reason why there is none stands in the same place.
  'hipaa-safe-harbor': [...ageAt('Encounter.extension'), ...ageAt('Patient.extension')].filter(
    path => !path.endsWith('.url') && path !== 'Encounter.extension.valueQuantity.comparator',
  ),
};

/** That a birth is unknown is new where it did not leave. */
const reason = /^(?:Patient|Encounter)\.extension\.valueQuantity\.extension\.(?:url|valueCode)$/;

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

  test('answers the same under the same keys', async () => {
    const again = await released(world, keysFrom(1, name));
    expect(again.resources).toEqual(one.resources);
  });

  test('has nothing in common under others: no id, uid or hash, no order, and where dates move no date of a resource', async () => {
    const other = await released(world, keysFrom(2, name));
    const made = /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\b2\.25\.\d+|\b[0-9a-f]{64}\b/g;
    const [mine, theirs] = [one, other].map(({ resources }) => new Set(JSON.stringify(resources).match(made)));
    expect(mine!.size).toBeGreaterThan(400);
    expect([...mine!].filter(token => theirs!.has(token))).toEqual([]);

    // Place and dates of each resource in both: known to the test, which has the keys.
    const [a, b] = [1, 2].map(key => keysFrom(key, name).keys);
    const at = ({ resources }: Released) =>
      new Map(resources.map((resource, i) => [`${resource.resourceType}/${resource.id}`, { resource, i }]));
    const [mineAt, theirsAt] = [at(one), at(other)];
    const days = (resource: AnyResource): string[] =>
      JSON.stringify({ ...resource, meta: 0 }).match(/"\d{4}-\d{2}-\d{2}(?:T[^"]*)?"/g) ?? [];
    const given = (world['entry'] as { resource: AnyResource }[]).map(
      ({ resource }, i) => `${resource.resourceType}/${resource.id ?? `entry-${i}`}`,
    );
    const pairs = given.flatMap(source => {
      const [type, id] = source.split('/') as [string, string];
      const [x, y] = [
        mineAt.get(`${type}/${a!.pseudonym(type, anchorOf(type, id))}`),
        theirsAt.get(`${type}/${b!.pseudonym(type, anchorOf(type, id))}`),
      ];
      return x === undefined || y === undefined ? [] : [{ x, y, type }];
    });
    expect(pairs.length).toBeGreaterThan(400);
    const n = pairs.length;
    // Rank correlation of two orders that have nothing to do with each other: standard deviation 1/√n.
    const rank = (list: number[]) => list.map(value => list.filter(least => least < value).length);
    const [r, s] = [rank(pairs.map(({ x }) => x.i)), rank(pairs.map(({ y }) => y.i))];
    const sum = r!.reduce((all, value, i) => all + (value - (n - 1) / 2) * (s![i]! - (n - 1) / 2), 0);
    expect(Math.abs(sum / ((n * (n ** 2 - 1)) / 12))).toBeLessThan(4.5 / Math.sqrt(n));

    const dated = pairs.filter(({ x }) => days(x.resource).length > 0);
    const same = dated.filter(({ x, y }) => days(x.resource).some((text, i) => days(y.resource)[i] === text));
    if (name === 'hipaa-safe-harbor') expect(dated).toEqual([]);
    // Pseudonymized data have their dates as they were: what stays is joined, and docs/deidentification.md says so.
    else if (name === 'jp-pseudonymized') expect(same.length).toBe(dated.length);
    else {
      expect(dated.length).toBeGreaterThan(300);
      expect(same).toEqual([]);
    }
  });

  test('what was removed is removed: a second time nothing goes but what is made anew from what went', async () => {
    const { compiled } = keysFrom(2, name);
    /** Every path of a resource with how often something stands there. */
    const paths = (resource: AnyResource): Record<string, number> => {
      const found: Record<string, number> = {};
      const walk = (value: unknown, path: string): void => {
        if (Array.isArray(value)) for (const child of value) walk(child, path);
        else if (typeof value !== 'object' || value === null) found[path] = (found[path] ?? 0) + 1;
        else
          for (const [key, child] of Object.entries(value))
            if (!(path === resource.resourceType && key === 'meta')) walk(child, `${path}.${key}`);
      };
      walk(resource, resource.resourceType);
      return found;
    };
    const by = keysFrom(2, name);
    const twice = new Map((await released(collection(...one.resources), by)).resources.map(resource => [resource.id, resource] as const));
    const lost = new Set<string>();
    for (const resource of one.resources) {
      const again = twice.get(by.keys.pseudonym(resource.resourceType, anchorOf(resource.resourceType, resource.id!)));
      const [first, second] = [paths(resource), again === undefined ? {} : paths(again)];
      for (const path of Object.keys(first)) {
        // Nothing that is to be removed was there.
        expect([path, compiled.decisions.get(path)?.by === 'remove']).toEqual([path, false]);
        if ((second[path] ?? 0) < first[path]!) lost.add(path);
      }
      // A second data set has looks of its own that fewer than ten persons share.
      if (name === 'jp-anonymized-shared') continue;
      expect([
        resource.resourceType,
        Object.keys(second).filter(path => first[path] === undefined && !(name === 'hipaa-safe-harbor' && reason.test(path))),
      ]).toEqual([resource.resourceType, []]);
    }
    if (name !== 'jp-anonymized-shared') expect([...lost].sort()).toEqual(anew[name] ?? []);
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
