// docs/consent.md: nothing travels with a notice or an objection; what a notice said stays as it was; neither is tagged away from the patient
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { objectionsIn } from '../../src/consent/left-out.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { base, type Ground, identifierOf, noon, notice, objection, openGround, refusal } from './ground.ts';

let ground: Ground;
beforeEach(async () => {
  ground = await openGround();
});
afterEach(() => ground.close());

const whose = { identifier: identifierOf('hospital-1', '1') };
const taken = (sender: string, ...resources: AnyResource[]) => refusal(ground.write(sender, ...resources));

describe('a notice', () => {
  test.each<[string, object]>([
    ['payload', { payload: [{ contentString: 'x' }] }],
    ['topic', { topic: { text: 'x' } }],
    ['reasonCode', { reasonCode: [{ text: 'x' }] }],
    ['statusReason', { statusReason: { text: 'x' } }],
    ['basedOn', { basedOn: [{ reference: 'ServiceRequest/1' }] }],
    ['about', { about: [{ reference: 'Condition/1' }] }],
    ['extension', { extension: [{ url: 'https://elsewhere.example/x', valueString: 'x' }] }],
  ])('holds no %s', async (element, more) => {
    expect(await taken('hospital-1', notice('hospital-1', '1', 40, more))).toMatchObject({
      status: 422,
      places: [expect.stringMatching(new RegExp(`\\.${element}$`))],
    });
    expect(await ground.store.lines([`${whose.identifier.system.replace('urn:oid:', '')}|1`])).toEqual([]);
  });

  test('keeps its day, its patient and its giver; other elements may be corrected', async () => {
    const given = { ...notice('hospital-1', '1', 40), id: 'given' };
    expect(await taken('hospital-1', given)).toBe('taken');
    expect(await taken('hospital-1', { ...given, sent: notice('hospital-1', '1', 3)['sent'] })).toMatchObject({ status: 409 });
    expect(await taken('hospital-1', { ...given, subject: { identifier: identifierOf('hospital-1', '2') } })).toMatchObject({
      status: 409,
    });
    expect(await taken('hospital-1', { ...given, note: [{ text: 'x' }] })).toBe('taken');
    expect(await taken('hospital-1', { ...given, status: 'entered-in-error' })).toBe('taken');
  });
});

test.each(['operator', 'hospital-1'])('%s: a notice or an objection is not tagged away from the patient', async sender => {
  const meta = { tag: [{ system: 'http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication', code: 'UNINFORMED' }] };
  expect(await taken(sender, { ...objection(whose), meta })).toMatchObject({ status: 422 });
  expect(await taken(sender, { ...notice('hospital-1', '1', 40), meta })).toMatchObject({ status: 422 });
});

test.each([
  ['an extension of the provision', { type: 'deny', extension: [{ url: 'urn:x', valueString: 'x' }] }],
  ['an extension of its period', { type: 'deny', period: { start: '2020-01-01', extension: [{ url: 'urn:x', valueString: 'x' }] } }],
])('an objection is not limited by %s', async (_, provision) => {
  expect(await taken('operator', objection(whose, { provision }))).toMatchObject({ status: 422 });
});

test('a Bundle handed in with entries that are none is read all the same', async () => {
  const entry = [null, {}, { resource: null }, { resource: 5 }, { resource: [] }, { resource: { resourceType: 'Patient' } }];
  const bundle = { resourceType: 'Bundle', type: 'collection', entry } as unknown as AnyResource;
  expect(await objectionsIn(bundle, { store: ground.store, now: noon, base })).toEqual(new Set());
});
