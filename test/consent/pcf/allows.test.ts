// https://profiles.ihe.net/ITI/PCF/other.html (residual), https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.securityLabel
import { describe, expect, test } from '@jest/globals';
import { allows, type WrittenRule } from '../../../src/consent/pcf/allows.ts';
import type { Coding } from '../../../src/consent/pcf/codes.ts';
import type { Limits } from '../../../src/consent/pcf/rule.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { about, colleague, doctor, labelled, level, timeZone } from './ground.ts';

const rule = (type: WrittenRule['type'], limits: Partial<Limits> = {}): WrittenRule => ({
  type,
  securityLabel: [],
  dataPeriod: [],
  data: [],
  ...limits,
});
const all = rule('forbid');
const labels = (...securityLabel: Coding[]) => ({ securityLabel });
const see = (resources: Record<string, Json>) => (reference: string) => resources[reference] as AnyResource | undefined;
const seeing = { timeZone, base: 'https://noren.test/fhir' };
/** Whether a permit of it lets the resource through, and whether a forbid of it keeps the resource back. */
const both = (resource: AnyResource, limits: Partial<Limits>, more = {}) => [
  allows([all, rule('permit', limits)], resource, { ...seeing, ...more }),
  !allows([rule('forbid', limits)], resource, { ...seeing, ...more }),
];

test('no rule: all is allowed; a forbid of everything: nothing; deny is another word for forbid', () => {
  expect(allows([], labelled(), seeing)).toBe(true);
  expect(allows([all], labelled(), seeing)).toBe(false);
  expect(allows([rule('deny')], labelled(), seeing)).toBe(false);
  expect(allows([rule('permit')], labelled(), seeing)).toBe(true);
});

describe('labels', () => {
  test.each<[string, AnyResource, Coding[], boolean, boolean]>([
    ['N is N', labelled(level('N')), [level('N')], true, true],
    ['lower than N', labelled(level('L')), [level('N')], true, false],
    ['R is no N', labelled(level('R')), [level('N')], false, true],
    ['a permit of R is one of N', labelled(level('N')), [level('R')], true, false],
    ['a deny of R is one of V', labelled(level('V')), [level('R')], false, true],
    ['the highest counts', labelled(level('N'), level('R')), [level('N')], false, true],
    ['none: not permitted', labelled(), [level('N')], false, true],
    ['none: forbidden also by what they are about', labelled(), [about('PSY')], false, true],
    ['a code that nobody knows is higher than all', labelled(level('X')), [level('V')], false, true],
    ['a rule by a code that nobody knows', labelled(level('N')), [level('X')], false, true],
    ['what they are about', labelled(level('R'), about('PSY')), [about('PSY')], true, true],
    ['a kind of it', labelled(level('R'), about('OPIOIDUD')), [about('SUD')], true, true],
    ['something wider may be it', labelled(level('R'), about('SUD')), [about('OPIOIDUD')], false, true],
    ['a second matter needs a permit too', labelled(level('R'), about('PSY'), about('HIV')), [about('PSY')], false, true],
    ['both', labelled(level('R'), about('PSY'), about('SDV')), [about('PSY'), about('SDV')], true, true],
    ['normal data are about nothing of the kind', labelled(level('N')), [about('PSY')], false, false],
    ['restricted without saying why may be it', labelled(level('R')), [about('PSY')], false, true],
    ['another matter', labelled(level('R'), about('HIV')), [about('PSY')], false, false],
    ['a code that says nothing of sensitivity is none', labelled(about('OPTIN'), level('N')), [about('PSY')], false, false],
    ['another system’s label', labelled(level('N'), { system: 'urn:x', code: 'a' }), [{ system: 'urn:x', code: 'a' }], true, true],
  ])('%s', (_, resource, securityLabel, permitted, forbidden) => expect(both(resource, { securityLabel })).toEqual([permitted, forbidden]));

  test('inside a resource, of a document, of a composition', () => {
    const contained = { ...labelled(level('N')), contained: [{ resourceType: 'Condition', meta: { security: [level('R')] } }] };
    expect(both(contained as AnyResource, labels(level('N')))).toEqual([false, true]);
    const document = {
      resourceType: 'DocumentReference',
      id: 'd',
      securityLabel: [{ coding: [level('R')] }],
      meta: { security: [level('N')] },
    };
    expect(both(document, labels(level('N')))).toEqual([false, true]);
    expect(both({ resourceType: 'Composition', id: 'c', confidentiality: 'R' }, labels(level('N')))).toEqual([false, true]);
    expect(both({ resourceType: 'Composition', id: 'c', confidentiality: 'N' }, labels(level('N')))).toEqual([true, true]);
  });

  test('N is permitted and R forbidden: what is both is forbidden, a narrower permit lifts it', () => {
    const rules = [all, rule('permit', labels(level('N'))), rule('forbid', labels(level('R')))];
    expect(allows(rules, labelled(level('N')), seeing)).toBe(true);
    expect(allows(rules, labelled(level('R')), seeing)).toBe(false);
    expect(allows(rules, labelled(), seeing)).toBe(false);
    const year = { dataPeriod: [{ start: '2025', end: '2025' }] };
    const lifted = [rule('forbid', year), rule('permit', { ...year, ...labels(level('N')) })];
    const dated = (code: string): AnyResource => ({ ...labelled(level(code)), effectiveDateTime: '2025-05-05' });
    expect([allows(lifted, dated('N'), seeing), allows(lifted, dated('R'), seeing)]).toEqual([true, false]);
  });
});

describe('dates', () => {
  const year = { dataPeriod: [{ start: '2025-01-01', end: '2025-12-31' }] };
  test.each<[string, Json, boolean, boolean]>([
    ['within', { resourceType: 'Observation', effectiveDateTime: '2025-06-01' }, true, true],
    ['its last minute in Tokyo', { resourceType: 'Observation', effectiveDateTime: '2025-12-31T23:59:59+09:00' }, true, true],
    [
      'the next year in Tokyo, not yet in Greenwich',
      { resourceType: 'Observation', effectiveDateTime: '2025-12-31T15:00:00Z' },
      false,
      false,
    ],
    ['before', { resourceType: 'Observation', effectiveDateTime: '2024-12-31' }, false, false],
    ['partly', { resourceType: 'Encounter', period: { start: '2024-12-20', end: '2025-01-10' } }, false, true],
    ['not ended yet', { resourceType: 'Encounter', period: { start: '2025-12-20' } }, false, true],
    ['one date within and one without', { resourceType: 'Condition', onsetDateTime: '2020', recordedDate: '2025-03-01' }, false, true],
    ['without a date', { resourceType: 'Observation' }, false, true],
    ['a date that is less exact than the rule’s', { resourceType: 'Observation', effectiveDateTime: '2025' }, true, true],
    [
      'a value that is a date is not when it was found',
      { resourceType: 'Observation', effectiveDateTime: '2025-06-01', valueDateTime: '1990' },
      true,
      true,
    ],
    ['a Patient has no date of this kind', { resourceType: 'Patient', birthDate: '2025-02-02' }, false, false],
    ['a Location has none at all', { resourceType: 'Location' }, false, false],
  ])('%s', (_, resource, permitted, forbidden) =>
    expect(both({ id: 'x', ...resource } as AnyResource, year)).toEqual([permitted, forbidden]),
  );
});

describe('instance, related, authoredby', () => {
  const of = (meaning: 'instance' | 'related' | 'authoredby', reference: string) => ({ data: [{ meaning, reference }] });
  const observation = (more: Json): AnyResource => ({ resourceType: 'Observation', id: 'o1', ...more });
  test.each<[string, AnyResource, Partial<Limits>, boolean, boolean]>([
    ['the instance', observation({}), of('instance', 'Observation/o1'), true, true],
    ['another instance', observation({}), of('instance', 'Observation/o2'), false, false],
    ['one of its kind with the same id', observation({}), of('instance', 'Condition/o1'), false, false],
    ['the encounter itself', { resourceType: 'Encounter', id: 'e1' }, of('related', 'Encounter/e1'), true, true],
    ['of the encounter', observation({ encounter: { reference: 'Encounter/e1' } }), of('related', 'Encounter/e1'), true, true],
    [
      'the same with our base and a version',
      observation({ encounter: { reference: 'https://noren.test/fhir/Encounter/e1/_history/2' } }),
      of('related', 'Encounter/e1'),
      true,
      true,
    ],
    ['of another encounter', observation({ encounter: { reference: 'Encounter/e2' } }), of('related', 'Encounter/e1'), false, false],
    ['of none', observation({}), of('related', 'Encounter/e1'), false, false],
    [
      'of an encounter known by a number',
      observation({ encounter: { identifier: { value: '1' } } }),
      of('related', 'Encounter/e1'),
      false,
      true,
    ],
    ['of a plan', observation({ basedOn: [{ reference: 'CarePlan/p1' }] }), of('related', 'CarePlan/p1'), true, true],
    ['by its performer', observation({ performer: [{ reference: doctor }] }), of('authoredby', doctor), true, true],
    ['by one of two', observation({ performer: [{ reference: colleague }, { reference: doctor }] }), of('authoredby', doctor), true, true],
    ['by another', observation({ performer: [{ reference: colleague }] }), of('authoredby', doctor), false, false],
    ['by nobody knows whom', observation({}), of('authoredby', doctor), false, true],
    ['by somebody known by name', observation({ performer: [{ display: 'Dr Suzuki' }] }), of('authoredby', doctor), false, true],
    ['by a team', observation({ performer: [{ reference: 'CareTeam/t1' }] }), of('authoredby', doctor), false, true],
    [
      'a step deeper',
      { resourceType: 'Procedure', id: 'p', performer: [{ actor: { reference: doctor } }] },
      of('authoredby', doctor),
      true,
      true,
    ],
    ['a type that nobody writes', { resourceType: 'Patient', id: 'p' }, of('authoredby', doctor), false, false],
    [
      'in a role that cannot be looked up',
      observation({ performer: [{ reference: 'PractitionerRole/r1' }] }),
      of('authoredby', doctor),
      false,
      true,
    ],
  ])('%s', (_, resource, limits, permitted, forbidden) => expect(both(resource, limits)).toEqual([permitted, forbidden]));

  test('a role is looked up, and the episode of an encounter', () => {
    const role = observation({ performer: [{ reference: 'PractitionerRole/r1' }] });
    const known = {
      see: see({ 'PractitionerRole/r1': { practitioner: { reference: doctor }, organization: { reference: 'Organization/h' } } }),
    };
    expect(both(role, of('authoredby', doctor), known)).toEqual([true, true]);
    expect(both(role, of('authoredby', 'Organization/h'), known)).toEqual([true, true]);
    expect(both(role, of('authoredby', colleague), known)).toEqual([false, false]);
    const visit = observation({ encounter: { reference: 'Encounter/e1' } });
    const episode = of('related', 'EpisodeOfCare/c1');
    expect(both(visit, episode, { see: see({ 'Encounter/e1': { episodeOfCare: [{ reference: 'EpisodeOfCare/c1' }] } }) })).toEqual([
      true,
      true,
    ]);
    expect(both(visit, episode, { see: see({ 'Encounter/e1': {} }) })).toEqual([false, false]);
    expect(both(visit, episode)).toEqual([false, true]);
  });

  test('limits of different kinds hold together, those of one kind are alternatives', () => {
    const resource = observation({ effectiveDateTime: '2025-06-01', meta: { security: [level('N')] } });
    const limits = { ...labels(level('N')), dataPeriod: [{ start: '2025', end: '2025' }] };
    expect(both(resource, limits)).toEqual([true, true]);
    expect(both(resource, { ...limits, ...of('instance', 'Observation/o2') })).toEqual([false, false]);
    expect(both(resource, { data: [...of('instance', 'Observation/o2').data, ...of('instance', 'Observation/o1').data] })).toEqual([
      true,
      true,
    ]);
  });
});
