// https://profiles.ihe.net/ITI/PCF/volume-1.html (Consent Enforcement Point): what of a decision an Access can say.
import { describe, expect, test } from '@jest/globals';
import { decideUse } from '../../../src/consent/pcf/decision.ts';
import { restrict } from '../../../src/consent/pcf/restrict.ts';
import { type Access, asServer, reachOf } from '../../../src/fhir/model/access.ts';
import { care, consent, data, doctor, level, question } from './ground.ts';

const hanako = 'Patient/hanako';
const everyone = asServer('test');
const hospital: Access = { ...everyone, reach: { Observation: [{ sender: 'Organization/h' }, { ids: ['o1', 'o9'] }], Encounter: [{}] } };
const T = { type: 'permit', purpose: care };
const given = (access: Access, provision: object) => restrict(access, hanako, decideUse([consent({ ...T, ...provision })], question()));

describe('restrict', () => {
  test('a permit: this patient’s compartment, of what was in reach', () => {
    expect(given(everyone, {}).reach).toEqual({ '*': [{ patient: hanako }] });
    expect(given(hospital, {}).reach).toEqual({
      Observation: [
        { sender: 'Organization/h', patient: hanako },
        { ids: ['o1', 'o9'], patient: hanako },
      ],
      Encounter: [{ patient: hanako }],
    });
  });
  test('what was limited to another patient gives nothing', () =>
    expect(given({ ...everyone, reach: { Observation: [{ patient: 'Patient/taro' }] } }, {}).reach).toEqual({}));
  test('a deny: nothing', () => expect(given(everyone, { type: 'deny' }).reach).toEqual({}));
  test('a list of instances: these ids, and no other type', () => {
    const limited = given(hospital, { data: data('instance', 'Observation/o1', 'Observation/o2', 'Condition/c1', 'Encounter/e1') });
    expect(limited.reach).toEqual({
      Observation: [
        { sender: 'Organization/h', patient: hanako, ids: ['o1', 'o2'] },
        { ids: ['o1'], patient: hanako },
      ],
      Encounter: [{ patient: hanako, ids: ['e1'] }],
    });
    expect(reachOf(given(everyone, { data: data('instance', 'Observation/o1') }), 'Condition')).toEqual([]);
  });
  test.each<[string, object]>([
    ['dates', { dataPeriod: { start: '2025' } }],
    ['labels', { securityLabel: [level('N')] }],
    ['relation', { data: data('related', 'Encounter/e1') }],
    ['author', { data: data('authoredby', doctor) }],
    ['an exception', { provision: [{ type: 'deny', data: data('instance', 'Observation/o1') }] }],
    ['instances and dates', { data: data('instance', 'Observation/o1'), dataPeriod: { start: '2025' } }],
  ])('what a reach cannot say gives nothing: %s', (_, provision) => {
    const limited = given(everyone, provision);
    expect(Object.values(limited.reach).flat()).toEqual([]);
  });
  test('who asks, what he may do and whom he leaves out stay as they are', () => {
    const { reach: _, ...rest } = given({ ...everyone, without: ['objection'] }, {});
    const { reach: __, ...before } = { ...everyone, without: ['objection'] };
    expect(rest).toEqual(before);
  });
});
