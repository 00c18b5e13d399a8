// https://hl7.org/fhir/R4/consent.html: whoever objects is erased with the objection; what proves the objection stays, and can be acted on

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eraseDue } from '../../src/consent/erasure.ts';
import { whoWasTold } from '../../src/consent/who-was-told.ts';
import { type Access, asServer } from '../../src/fhir/model/access.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import {
  agent,
  codes,
  day,
  type Ground,
  identifierOf,
  noon,
  notice,
  numberSystem,
  objection,
  observation,
  openGround,
  patient,
  refusal,
  zone,
} from './ground.ts';

const all = asServer('test');
const app: Access = { ...agent('patient-app', 'Patient/a'), reach: { '*': [{ patient: 'Patient/a' }] } };
const member = { system: 'http://jpfhir.jp/fhir/clins/idsystem/jp_insurance_memberid', value: '06139463:1:2:01' };
const by = (hospital: string, number: string) => ({ identifier: identifierOf(hospital, number) });
const limited = (hospital: string) => ({
  provision: {
    type: 'deny',
    actor: [
      {
        role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'CST' }] },
        reference: { reference: `Organization/${hospital}` },
      },
    ],
  },
});

let g: Ground;
beforeEach(async () => {
  g = await openGround();
  for (const [hospital, id, number] of [
    ['hospital-1', 'a', 'A'],
    ['hospital-2', 'b', 'B'],
  ] as const) {
    await g.write(hospital, notice(hospital, number, 40, { id: `notice-${id}` }));
    await g.write(hospital, patient(hospital, number, { id, identifier: [identifierOf(hospital, number), member] }));
    await g.write(hospital, observation({ reference: `Patient/${id}` }, { id: `o-${id}` }));
  }
  await g.write('hospital-1', notice('hospital-1', 'N', 40));
  await g.write('hospital-1', patient('hospital-1', 'N', { id: 'n' }), observation({ reference: 'Patient/n' }, { id: 'o-n' }));
});
afterEach(() => g.close());

const isThere = async (name: string, access = all): Promise<boolean> => {
  const [type, id] = name.split('/') as [string, string];
  return (await g.store.read(access, type, id)) !== undefined;
};
const there = async (...names: string[]): Promise<boolean[]> => Promise.all(names.map(name => isThere(name)));
const data = (hospital: string, number: string, more: object = {}): AnyResource[] => [patient(hospital, number, more)];
const erasures = async () => (await g.store.book('erasures')) as { source: string; keys: number; counts: object[] }[];

test('an objection erases everything about the person at all hospitals, and nothing of anybody else', async () => {
  await g.write('hospital-1', objection(by('hospital-1', 'A'), { id: 'c' }));
  expect(await there('Patient/a', 'Observation/o-a', 'Patient/b', 'Observation/o-b')).toEqual([false, false, false, false]);
  expect(await there('Patient/n', 'Observation/o-n')).toEqual([true, true]);
  expect(await erasures()).toMatchObject([
    {
      source: 'Consent/c',
      counts: expect.arrayContaining([{ type: 'Patient', sender: 'Organization/hospital-2', versions: 1 }]),
    },
  ]);
});

test('consent and notices stay: for the hospital, for the operator, in the patient’s compartment', async () => {
  await g.write('hospital-1', objection({ reference: 'Patient/a' }, { id: 'c' }));
  expect(await there('Consent/c', 'Communication/notice-a', 'Communication/notice-b')).toEqual([true, true, true]);
  expect([await isThere('Consent/c', app), await isThere('Patient/a', app), await isThere('Observation/o-a', app)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('later bundles are kept out under every spelling of the number', async () => {
  await g.write('hospital-1', objection(by('hospital-1', 'A')));
  const { system } = identifierOf('hospital-1', 'A');
  for (const identifier of [
    { system, value: 'A' },
    { system, value: 'Ａ' },
    { system: system.replace('urn:oid:', ''), value: ' A ' },
    { system: system.toUpperCase(), value: 'A\u200b' },
    { system: 'http://jpfhir.jp/fhir/ecs/idsystem/jp_hospital_patientid', value: 'A' },
  ])
    expect(await refusal(g.write('hospital-1', patient('hospital-1', '', { identifier: [identifier] })))).toMatchObject({
      status: 422,
      texts: [expect.stringMatching(/objected/)],
    });
  // By a number that no record says any more: the tombstone knows it.
  for (const identifier of [member, { ...member, value: '０６１３９４６３:1:2:01' }])
    expect(await refusal(g.write('tester', { resourceType: 'Patient', identifier: [identifier] }))).toMatchObject({ status: 422 });
});

test('what a consent of another kind, or what took the place of a notice, holds is no proof of an objection: it is erased', async () => {
  await g.write('hospital-1', notice('hospital-1', 'A', 40, { id: 'turned' }));
  await g.write('hospital-1', {
    ...notice('hospital-1', 'A', 40, { id: 'turned' }),
    category: [{ text: 'a letter' }],
    payload: [{ contentString: 'x' }],
  });
  const permit = objection(by('hospital-1', 'A'), {
    id: 'permit',
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: { type: 'permit' },
  });
  await g.write('hospital-1', permit);
  await g.write('hospital-1', objection(by('hospital-1', 'A')));
  expect(await there('Consent/permit')).toEqual([false]);
  // Its first version was a notice, and stays; it has not come back as one.
  expect(await g.store.read(all, 'Communication', 'turned')).toMatchObject({ deleted: true });
  expect(
    (await g.store.history(all, { type: 'Communication', id: 'turned' }, { count: 9 }))!.versions.map(version => version.versionId),
  ).toEqual([3, 1]);
});

test('limited to one hospital it erases what that one sent; then a general one the rest', async () => {
  await g.write('hospital-1', objection(by('hospital-1', 'A'), { id: 'c', ...limited('hospital-1') }));
  expect(await there('Patient/a', 'Observation/o-a', 'Patient/b', 'Observation/o-b')).toEqual([false, false, true, true]);
  expect(await refusal(g.write('hospital-1', ...data('hospital-1', 'A')))).toMatchObject({ status: 422 });
  expect(await refusal(g.write('hospital-2', observation({ reference: 'Patient/b' })))).toBe('taken');
  await g.write('hospital-1', objection(by('hospital-1', 'A'), { id: 'd' }));
  expect(await there('Patient/b', 'Observation/o-b', 'Consent/c', 'Consent/d')).toEqual([false, false, true, true]);
  expect((await erasures()).map(one => one.source)).toEqual(['Consent/c', 'Consent/d']);
});

test('before any data came, twice, and at two hospitals: each is taken', async () => {
  await g.write('hospital-1', objection(by('hospital-1', 'new'), { id: 'early' }));
  await g.write('hospital-1', notice('hospital-1', 'new', 40));
  expect(await refusal(g.write('hospital-1', ...data('hospital-1', 'new')))).toMatchObject({ texts: [expect.stringMatching(/objected/)] });
  for (const [side, id, whose] of [
    ['hospital-1', 'one', by('hospital-1', 'A')],
    ['hospital-1', 'two', by('hospital-1', 'A')],
    ['hospital-2', 'three', by('hospital-2', 'B')],
    ['operator', 'four', { reference: 'Patient/a' }],
  ] as const)
    expect(await refusal(g.write(side, objection(whose, { id })))).toBe('taken');
  expect((await erasures()).map(one => [one.source, one.counts.length > 0])).toEqual([
    ['Consent/early', false],
    ['Consent/one', true],
    ['Consent/two', false],
    ['Consent/three', false],
    ['Consent/four', false],
  ]);
});

describe('withdrawn after the erasure', () => {
  const consent = objection(by('hospital-1', 'A'), { id: 'c' });
  beforeEach(() => g.write('hospital-1', consent));

  test('by the side that made it, though the patient is not here any more; from another side: refused', async () => {
    expect(await refusal(g.write('hospital-2', { ...consent, status: 'inactive' }))).toMatchObject({ status: 403 });
    expect(await refusal(g.write('hospital-1', { ...consent, status: 'inactive' }))).toBe('taken');
    g.at(noon + day);
    expect(await refusal(g.write('hospital-1', ...data('hospital-1', 'A')))).toMatchObject({ texts: [expect.stringMatching(/no notice/)] });
  });

  test('new data need a new notice, and are stored and found like anybody’s', async () => {
    await g.write('hospital-1', { ...consent, status: 'inactive' });
    g.at(noon + day);
    await g.write('hospital-1', notice('hospital-1', 'A', -1));
    g.at(noon + 40 * day);
    const [id] = await g.write('hospital-1', ...data('hospital-1', 'A', { id: 'again' }));
    expect(await isThere(`Patient/${id}`)).toBe(true);
    const research = { ...all, without: ['objection'] };
    expect(await isThere(`Patient/${id}`, research)).toBe(true);
    // And erased again.
    await g.write('hospital-1', objection(by('hospital-1', 'A'), { id: 'again' }));
    expect(await isThere(`Patient/${id}`)).toBe(false);
  });
});

describe('the patient’s app, whose Patient is erased', () => {
  beforeEach(() => g.write('hospital-1', objection(by('hospital-1', 'A'), { id: 'c', ...limited('hospital-1') })));

  test('objects again by reference; by a number only where it can be told whose it was: here two records were one person', async () => {
    expect(await refusal(g.write(app, objection({ reference: 'Patient/a' }, { id: 'd' })))).toBe('taken');
    expect(await there('Patient/b')).toEqual([false]);
    const named = objection({ reference: 'Patient/a', identifier: identifierOf('hospital-1', 'A') });
    expect(await refusal(g.write(app, named))).toMatchObject({ status: 403 });
  });

  test('withdraws what it made', async () => {
    const own = objection({ reference: 'Patient/a' }, { id: 'd' });
    await g.write(app, own);
    expect(await refusal(g.write(app, { ...own, status: 'inactive' }))).toBe('taken');
  });

  test('for somebody else: refused', async () => {
    expect(await refusal(g.write(app, objection({ reference: 'Patient/n' })))).toMatchObject({ status: 403 });
    expect(await refusal(g.write(app, objection({ reference: 'Patient/a', identifier: identifierOf('hospital-1', 'N') })))).toMatchObject({
      status: 403,
    });
    const nobody: Access = { ...agent('patient-app', 'Patient/never') };
    expect(await refusal(g.write(nobody, objection({ reference: 'Patient/never' })))).toMatchObject({ status: 403 });
  });
});

test('an objection whose period begins later erases when it begins, once', async () => {
  const later = { provision: { type: 'deny', period: { start: '2026-06-20' } } };
  await g.write('hospital-1', objection(by('hospital-1', 'A'), { id: 'c', ...later }));
  await eraseDue(g.store, noon);
  expect(await there('Patient/a')).toEqual([true]);
  g.at(noon + 5 * day);
  await eraseDue(g.store, noon + 5 * day);
  expect(await there('Patient/a', 'Observation/o-b', 'Patient/n')).toEqual([false, false, true]);
  await eraseDue(g.store, noon + 6 * day);
  expect(await erasures()).toHaveLength(1);
});

test('who was told: an erased patient counts as one who objected, and his number is told only where a notice says it', async () => {
  await g.write('hospital-1', notice('hospital-1', 'N', 40, { id: 'by-reference', subject: { reference: 'Patient/n' } }));
  const told = async () =>
    await whoWasTold(
      { reference: 'Organization/hospital-1', code: codes['hospital-1']!, ownNumbers: `${numberSystem('hospital-1')}|` },
      {
        store: g.store,
        now: noon + day,
        timeZone: zone,
        waitDays: 30,
        renotice: { onRepresentative: true },
        guardian: { requiredUnderAge: 0, renoticeAtAge: 0 },
      },
    );
  expect(await told()).toMatchObject({ total: 3, clear: 2, objected: 0 });
  const consent = objection(by('hospital-1', 'N'), { id: 'c' });
  await g.write('hospital-1', consent);
  expect(await told()).toMatchObject({ total: 3, clear: 1 });
  expect((await told()).objected).toBeGreaterThan(0);
  await g.write('hospital-1', { ...consent, status: 'inactive' });
  expect([...(await told()).again]).toEqual([[`${numberSystem('hospital-1')}|N`, 'objection-ended']]);
});

test('switched off, an objection leaves out and erases nothing; switched on again, it is due', async () => {
  await g.close();
  g = await openGround({ eraseOnObjection: false });
  await g.write('hospital-1', notice('hospital-1', 'A', 40));
  await g.write('hospital-1', patient('hospital-1', 'A', { id: 'a' }));
  await g.write('hospital-1', objection(by('hospital-1', 'A')));
  expect(await there('Patient/a')).toEqual([true]);
  expect(await isThere('Patient/a', { ...all, without: ['objection'] })).toBe(false);
  await eraseDue(g.store, noon);
  expect(await there('Patient/a')).toEqual([false]);
});
