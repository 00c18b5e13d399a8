// What goes with those who are left out of data that are handed in. https://hl7.org/fhir/R4/observation-definitions.html#Observation.encounter
import { expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { entriesOf } from '../../src/release/entries.ts';
import { leftOut } from '../../src/release/left-out.ts';
import { cpuTime } from '../cpu-time.ts';
import { base } from './ground.ts';

const visit = { system: 'urn:visits', value: 'v-1' };
const resources: readonly Json[] = [
  { resourceType: 'Patient', id: 'objects' },
  { resourceType: 'Encounter', id: 'e', identifier: [visit], subject: { reference: 'Patient/objects' } },
  { resourceType: 'Patient', id: 'other' },
  { resourceType: 'Encounter', id: 'f', subject: { reference: 'Patient/other' } },
];
const nobodys = (more: object): Json => ({ resourceType: 'Observation', ...more });
/** Ids of the Observations that go. */
const gone = (out: readonly number[], ...more: readonly Json[]): unknown[] => {
  const entry = [...resources, ...more].map(resource => ({
    fullUrl: `https://a.test/fhir/${resource['resourceType']}/${resource['id']}`,
    resource,
  }));
  const entries = entriesOf({ resourceType: 'Bundle', entry } as AnyResource, base);
  const left = leftOut(entries, new Set(out), base);
  return entries
    .filter(({ place, resource }) => place >= resources.length && left.has(place) && resource.id !== '')
    .map(one => one.resource.id);
};

test.each<[string, object]>([
  ['by its id', { reference: 'Encounter/e' }],
  ['with a version', { reference: 'Encounter/e/_history/2' }],
  ['by its full URL', { reference: 'https://a.test/fhir/Encounter/e' }],
  ['by its number', { identifier: visit }],
  ['by its number, as a condition', { reference: 'Encounter?identifier=urn:visits|v-1' }],
])('what names nobody, of an encounter of theirs, %s', (_, encounter) =>
  expect(gone([0, 1], nobodys({ id: 'o', encounter }))).toEqual(['o']),
);

test('and what is of that, however far off', () =>
  expect(
    gone(
      [0, 1],
      nobodys({ id: 'far', derivedFrom: [{ reference: 'Observation/near' }] }),
      nobodys({ id: 'near', encounter: { reference: 'Encounter/e' } }),
    ),
  ).toEqual(['far', 'near']));

test('and what they refer to that is about a patient, not what is for everybody', () => {
  const report = { resourceType: 'DiagnosticReport', id: 'r', encounter: { reference: 'Encounter/e' } };
  const more = [
    { ...report, result: [{ reference: 'Observation/panel' }], performer: [{ reference: 'Organization/all' }] },
    nobodys({ id: 'panel', hasMember: [{ reference: 'Observation/part' }] }),
    nobodys({ id: 'part' }),
    { resourceType: 'Organization', id: 'all' },
    nobodys({ id: 'another', performer: [{ reference: 'Organization/all' }] }),
  ];
  expect(gone([0, 1], ...more)).toEqual(['r', 'panel', 'part']);
});

test('not what is of others, or of nobody, and not what names somebody else', () => {
  const more = [
    nobodys({ id: 'a', encounter: { reference: 'Encounter/f' } }),
    nobodys({ id: 'b' }),
    nobodys({ id: 'c', subject: { reference: 'Patient/other' }, encounter: { reference: 'Encounter/e' } }),
  ];
  expect(gone([0, 1], ...more)).toEqual([]);
  expect(gone([], ...more, nobodys({ id: 'd', encounter: { reference: 'Encounter/e' } }))).toEqual([]);
});

test('nor by a number of which nobody gives the value', () => {
  const half = { system: visit.system };
  const visited = { resourceType: 'Encounter', id: 'g', identifier: [half], subject: { reference: 'Patient/objects' } };
  expect(gone([0, 1, 4], visited, nobodys({ id: 'o', encounter: { identifier: half } }))).toEqual(['g']);
});

test('nor what is of an encounter of somebody else, though a list, a care team or a Provenance is of both', () => {
  const shared = { resourceType: 'Provenance', id: 'p', target: [{ reference: 'Encounter/e' }, { reference: 'Observation/o' }] };
  expect(gone([0, 1], shared, nobodys({ id: 'o', encounter: { reference: 'Encounter/f' } }), nobodys({ id: 'none' }))).toEqual(['p']);
});

test('of tens of thousands that share one number each is looked at once', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => i);
  const theirs = many.map(i => nobodys({ id: `t${i}`, subject: { reference: 'Patient/objects' }, identifier: [visit] }));
  const more = many.map(i => nobodys({ id: `o${i}`, encounter: { identifier: visit } }));
  const begun = cpuTime();
  expect(gone([0, 1, ...many.map(i => i + resources.length)], ...theirs, ...more)).toHaveLength(40_000);
  expect(cpuTime() - begun).toBeLessThan(3000);
});
