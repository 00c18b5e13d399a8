// docs/operation/de-identify.md, docs/operation/anonymize.md; HL7 DARTS 1.0.0-ballot
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { createSources } from '../../src/http/sources.ts';
import { createOperations } from '../../src/operations/index.ts';
import { openSource } from '../http/source.ts';
import { access, type Ground, numbers, openGround } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

const tester = access('tester', { operations: ['anonymize', 'de-identify'] });
const patient = (id: string, birthDate: string): AnyResource => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: numbers, value: `KARTE-${id}` }],
  name: [{ text: '山田太郎' }],
  gender: 'male',
  birthDate,
  address: [{ state: 'WA', city: 'Seattle', postalCode: '98028', line: ['1 Main St'] }],
});
const visit: AnyResource = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: 'Patient/p1' },
  period: { start: '2001-06-01T10:00:00+09:00' },
};
const bundle = { resourceType: 'Bundle', type: 'collection', entry: [patient('p1', '1961-05-28'), visit].map(resource => ({ resource })) };
const data = { name: 'identifiableData', resource: bundle };
const policy = (valueString: string) => ({ name: 'policy', valueString });
const fileList = (parameter: Json[]) => ({ name: 'identifiableDataFileUrls', resource: { resourceType: 'Parameters', parameter } });
const out = (body: AnyResource, name: string): AnyResource[] => {
  const [parameter] = body['parameter'] as { name: string; resource: { entry: { resource: AnyResource }[] } }[];
  expect(parameter!.name).toBe(name);
  return parameter!.resource.entry.map(entry => entry.resource);
};
const one = (resources: AnyResource[], type: string): Json => resources.find(resource => resource.resourceType === type)!;

describe('$de-identify', () => {
  test('HHS_SAFE_HARBOR_DETERMINISTIC_METHOD: years, three digits of the ZIP code, ages, no name', async () => {
    const { status, body, text } = await ground.call('de-identify', tester, data, policy('HHS_SAFE_HARBOR_DETERMINISTIC_METHOD'));
    expect(status).toBe(200);
    expect(validate(body)).toEqual([]);
    const left = out(body, 'de-identifiedData');
    const age = (value: number) => [
      {
        url: 'http://hl7.org/fhir/us/dapl/StructureDefinition/dapl-age-extension',
        valueQuantity: { value, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
      },
    ];
    expect(one(left, 'Patient')).toMatchObject({ address: [{ state: 'WA', postalCode: '98000' }], extension: age(64) });
    expect(one(left, 'Encounter')).toMatchObject({ period: { start: '2001' }, extension: age(40) });
    // DAPL: none of these on a Patient.
    for (const name of [
      'text',
      'identifier',
      'name',
      'telecom',
      'birthDate',
      'maritalStatus',
      'photo',
      'contact',
      'generalPractitioner',
      'managingOrganization',
      'link',
    ])
      expect(one(left, 'Patient')).not.toHaveProperty(name);
    for (const secret of ['山田', 'KARTE', 'Seattle', 'Main', 'p1', 'e1"', '98028']) expect(text).not.toContain(secret);
  });

  test('the policies of Japan by their own names', async () => {
    const { body } = await ground.call('de-identify', tester, data, policy('jp-pseudonymized'));
    const left = out(body, 'de-identifiedData');
    expect(one(left, 'Encounter')).toMatchObject({ period: visit['period'] });
    expect(one(left, 'Patient')).toMatchObject({
      birthDate: '1961-05',
      meta: { security: [expect.objectContaining({ code: 'PSEUDED' }), expect.anything(), expect.anything(), expect.anything()] },
    });
  });

  test.each([
    ['an unknown policy', [data, policy('NONE')], 400, 'HHS_SAFE_HARBOR_DETERMINISTIC_METHOD'],
    ['a policy whose key is shared with others', [data, policy('jp-linkable')], 400, 'policy is one of'],
    ['no policy', [data], 400, 'policy'],
    ['no data', [policy('jp-anonymized')], 400, 'identifiableData is required'],
    ['files by URL, where the operator names no sources', [fileList([]), policy('jp-anonymized')], 400, 'FILE_SOURCES'],
  ])('%s', async (_, parameters, status, text) => {
    const answer = await ground.call('de-identify', tester, ...parameters);
    expect(answer).toMatchObject({ status, text: expect.stringContaining(text) });
  });

  test('not for a researcher, who could learn how the keys work', async () =>
    expect(
      (await ground.call('de-identify', access('researcher', { operations: ['de-identify'] }), data, policy('jp-anonymized'))).status,
    ).toBe(403));

  test('nor are files looked at for him', async () =>
    expect(
      (await ground.call('de-identify', access('researcher', { operations: ['de-identify'] }), fileList([]), policy('jp-anonymized')))
        .status,
    ).toBe(403));
});

test('$anonymize: under jp-anonymized, other pseudonyms and shifts at each call', async () => {
  const answers = await Promise.all([1, 2].map(() => ground.call('anonymize', tester, data)));
  const [first, second] = answers.map(({ body }) => one(out(body, 'anonymizedData'), 'Patient'));
  expect(first).toMatchObject({ resourceType: 'Patient', gender: 'male' });
  expect(first!['id']).not.toBe(second!['id']);
  expect(answers[0]!.text).not.toContain('山田');
});

test('a person who objected does not leave', async () => {
  await ground.object(`${numbers}|KARTE-p9`);
  const resources = [patient('p9', '1970-01-01'), patient('p1', '1961-05-28')];
  const { body } = await ground.call('anonymize', tester, {
    name: 'identifiableData',
    resource: { resourceType: 'Bundle', type: 'collection', entry: resources.map(resource => ({ resource })) },
  });
  expect(out(body, 'anonymizedData').filter(resource => resource.resourceType === 'Patient')).toHaveLength(1);
});

test('files: who objects when it was seen that nobody does makes the files old before they are offered', async () => {
  const source = await openSource();
  source.files.set('/p', JSON.stringify(patient('p1', '1961-05-28')));
  const moments: number[] = [];
  let looks = 0;
  const dispatch = createOperations({
    ...ground.parts,
    sources: createSources({ fileSources: [source.origin], fileTimeoutMs: 20_000, maxBodyBytes: 1e6 }),
    async underObjection(given, who) {
      const found = await ground.parts.underObjection(given, who);
      if (++looks === 2) await ground.object(`${numbers}|KARTE-p1`);
      return found;
    },
    async offerFiles(_, { moment }) {
      moments.push(moment);
      return { offered: [], until: 0 };
    },
  });
  const part = [
    { name: 'resourceType', valueCode: 'Patient' },
    { name: 'resourceUrl', valueUrl: `${source.origin}/p` },
  ];
  const parameter = [
    fileList([
      { name: 'format', valueCode: 'fhir+ndjson' },
      { name: 'data', part },
    ]),
  ];
  const before = await ground.store.moment();
  await dispatch({ method: 'POST', path: '$anonymize', query: [], body: { resourceType: 'Parameters', parameter }, headers: {} }, tester);
  await source.close();
  expect([looks, moments]).toEqual([2, [before]]);
  expect(await ground.store.moment()).toBeGreaterThan(before);
});
