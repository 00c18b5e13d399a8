// docs/interaction/collection.md: report units in the manner of FAST-HDJ, over HTTP. https://hl7.org/fhir/R4/bundle.html
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWhole, type Told, type Whole } from '../../http/whole.ts';

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole();
  const scans = ['P-1', 'P-2', 'P-3', 'P-4', 'P-5', 'P-6', 'P-7', 'P-8'].map(valueString => ({ name: 'scan', valueString }));
  const parameter = [...scans, { name: 'sent', valueDateTime: '2026-01-05' }];
  await whole.ask('POST', '$record-notices', { client: 'hospital-1', body: { resourceType: 'Parameters', parameter } });
}, 120_000);
afterAll(() => whole.close());

const code = '1319999991';
const numbers = `urn:oid:1.2.392.100495.20.3.51.1${code}`;

interface Unit {
  readonly patient?: string;
  readonly unit?: string;
  readonly type?: 'INS' | 'DEL';
  readonly values?: readonly string[];
  readonly more?: object;
  readonly lowerCase?: boolean;
}

/** As a hospital sends it: fresh fullUrls at every sending. */
function unit({ patient = 'P-1', unit: id = 'U-1', type = 'INS', values = ['a', 'b'], more = {}, lowerCase = false }: Unit = {}) {
  const person = `urn:uuid:${randomUUID()}`;
  const clins = lowerCase ? 'clins' : 'CLINS';
  return {
    resourceType: 'Bundle',
    meta: {
      profile: ['http://jpfhir.jp/fhir/FASTHDJ/StructureDefinition/JP_Bundle_FASTHDJ'],
      tag: [
        { system: `http://jpfhir.jp/fhir/${lowerCase ? 'clins' : 'FASTHDJ'}/CodeSystem/BundleTransactionType_CS`, code: type },
        { system: `http://jpfhir.jp/fhir/${clins}/CodeSystem/BundleResourceType_CS`, code: 'Observation' },
      ],
    },
    identifier: { system: `http://jpfhir.jp/fhir/${clins}/bundle-identifier`, value: `${code}^00012345:あいう:187:05^${id}` },
    type: 'collection',
    timestamp: new Date().toISOString(),
    entry: [
      {
        fullUrl: person,
        resource: { resourceType: 'Patient', id: `their-${patient}`, identifier: [{ system: numbers, value: patient }], gender: 'female' },
      },
      ...values.map(value => ({
        fullUrl: `urn:uuid:${randomUUID()}`,
        resource: { resourceType: 'Observation', id: 'their-own', status: 'final', code: { text: value }, subject: { reference: person } },
      })),
    ],
    ...more,
  };
}

const post = (bundle: object, client = 'hospital-1'): Promise<Told> => whole.ask('POST', '', { client, body: bundle });
const statuses = ({ json }: Told) =>
  (json!['entry'] as { response: { status: string } }[] | undefined)?.map(one => one.response.status.slice(0, 3)) ?? [];
const locations = ({ json }: Told) => (json!['entry'] as { response: { location: string } }[]).map(one => one.response.location);
const all = async (query: string) => {
  const { json } = await whole.ask('GET', query, { client: 'hospital-1' });
  return ((json!['entry'] ?? []) as { resource: Record<string, unknown> }[]).map(one => one.resource);
};
const patientNamed = (number: string) => all(`Patient?identifier=${encodeURIComponent(`${numbers}|${number}`)}`);
const observationsOf = (number: string) => all(`Observation?patient.identifier=${encodeURIComponent(`${numbers}|${number}`)}&_sort=_id`);
const textsOf = async (number: string) => (await observationsOf(number)).map(one => (one['code'] as { text: string }).text).sort();
const why = ({ json }: Told) =>
  ((json as unknown as { issue?: { details: { text: string }; expression?: string[] }[] }).issue ?? []).map(one => [
    one.expression?.[0],
    one.details.text,
  ]);

describe('INS', () => {
  test('the Patient by its number, the resources new; references lead to what is stored', async () => {
    const told = await post(unit());
    expect([told.status, told.json!['type'], statuses(told)]).toEqual([200, 'transaction-response', ['201', '201', '201']]);
    const [patient] = await patientNamed('P-1');
    expect(await textsOf('P-1')).toEqual(['a', 'b']);
    const [one] = await observationsOf('P-1');
    expect(one!['subject']).toEqual({ reference: `Patient/${patient!['id']}` });
    expect([patient!['id'], one!['id']]).not.toEqual(expect.arrayContaining(['their-P-1', 'their-own']));
    expect(JSON.stringify(one!['meta'])).not.toMatch(/00012345|U-1/);
  });

  test('the same again, whatever its fullUrls and the spelling of the systems, answers as the first time and stores nothing', async () => {
    const first = await post(unit({ patient: 'P-2', unit: 'U-2' }));
    const ids = (await observationsOf('P-2')).map(one => one['id']);
    const again = await post(unit({ patient: 'P-2', unit: 'U-2', lowerCase: true }));
    expect([again.status, statuses(again)]).toEqual([200, statuses(first)]);
    expect(locations(again)).toEqual(locations(first));
    expect((await observationsOf('P-2')).map(one => one['id'])).toEqual(ids);
    expect((await patientNamed('P-2'))[0]).toMatchObject({ meta: { versionId: '1' } });
  });

  test('other content under the same identifier takes the place of what was there; other units stay', async () => {
    await post(unit({ patient: 'P-3', unit: 'U-3' }));
    await post(unit({ patient: 'P-3', unit: 'U-4', values: ['x'] }));
    const [old] = await observationsOf('P-3');
    const told = await post(unit({ patient: 'P-3', unit: 'U-3', values: ['b', 'c', 'd'] }));
    expect(statuses(told)).toEqual(['200', '201', '201', '201']);
    expect(await textsOf('P-3')).toEqual(['b', 'c', 'd', 'x']);
    expect((await whole.ask('GET', `Observation/${old!['id']}`, { client: 'hospital-1' })).status).toBe(410);
    expect(await patientNamed('P-3')).toHaveLength(1);
  });

  test('two sendings at once leave one unit', async () => {
    const told = await Promise.all(['m', 'n', 'm', 'n'].map(value => post(unit({ patient: 'P-4', unit: 'U-5', values: [value] }))));
    expect(told.map(one => one.status)).toEqual([200, 200, 200, 200]);
    expect(await textsOf('P-4')).toHaveLength(1);
  });
});

describe('DEL', () => {
  test('withdraws the unit, and again changes nothing; the Patient goes with the last of what came with units', async () => {
    await post(unit({ patient: 'P-5', unit: 'U-6' }));
    await post(unit({ patient: 'P-5', unit: 'U-7', values: ['y'] }));
    const told = await post(unit({ patient: 'P-5', unit: 'U-6', type: 'DEL' }));
    expect([told.status, statuses(told)]).toEqual([200, ['204', '204']]);
    expect(await textsOf('P-5')).toEqual(['y']);
    expect(await patientNamed('P-5')).toHaveLength(1);
    expect(statuses(await post(unit({ patient: 'P-5', unit: 'U-6', type: 'DEL', values: [] })))).toEqual([]);
    expect(statuses(await post(unit({ patient: 'P-5', unit: 'U-7', type: 'DEL', values: [] })))).toEqual(['204', '204']);
    expect([await patientNamed('P-5'), (await all('Observation')).filter(one => (one['code'] as { text: string }).text === 'y')]).toEqual([
      [],
      [],
    ]);
  });

  test('a Patient that was sent otherwise stays', async () => {
    await whole.create({ resourceType: 'Patient', identifier: [{ system: numbers, value: 'P-6' }] }, 'hospital-1');
    await post(unit({ patient: 'P-6', unit: 'U-8' }));
    await post(unit({ patient: 'P-6', unit: 'U-8', type: 'DEL' }));
    expect([await textsOf('P-6'), (await patientNamed('P-6')).length]).toEqual([[], 1]);
  });

  test('after it the unit may be sent again', async () => {
    await post(unit({ patient: 'P-7', unit: 'U-9' }));
    await post(unit({ patient: 'P-7', unit: 'U-9', type: 'DEL' }));
    expect(statuses(await post(unit({ patient: 'P-7', unit: 'U-9' })))).toEqual(['201', '201', '201']);
    expect(await textsOf('P-7')).toEqual(['a', 'b']);
  });

  test('it is taken in spite of an objection: less is here afterwards', async () => {
    await post(unit({ patient: 'P-8', unit: 'U-10' }));
    await whole.create(
      {
        resourceType: 'Consent',
        status: 'active',
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        patient: { identifier: { system: numbers, value: 'P-8' } },
        dateTime: new Date().toISOString(),
        policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
        provision: { type: 'deny' },
      },
      'hospital-1',
    );
    expect((await post(unit({ patient: 'P-8', unit: 'U-10', values: ['new'] }))).status).toBe(422);
    expect((await post(unit({ patient: 'P-8', unit: 'U-10', type: 'DEL' }))).status).toBe(200);
    expect(await textsOf('P-8')).toEqual([]);
  });
});

describe('refused', () => {
  test('a patient without a notice: whole, nothing is stored, each place is named', async () => {
    const told = await post(unit({ patient: 'P-0', unit: 'U-20' }));
    expect(told.status).toBe(422);
    expect(why(told).map(([place]) => place)).toEqual(['Bundle.entry[0].resource', 'Bundle.entry[1].resource', 'Bundle.entry[2].resource']);
    expect([await patientNamed('P-0'), await textsOf('P-0')]).toEqual([[], []]);
    expect(told.text).not.toMatch(/P-0|00012345/);
  });

  const good = unit();
  const entry = (resource: object, more: object = {}) => ({ entry: [...good.entry, { resource, ...more }] });
  const tagged = (...tag: object[]) => ({ meta: { tag } });
  const [kind, type] = good.meta.tag as [object, object];
  const named = (value: string, system = good.identifier.system) => ({ identifier: { system, value } });
  test.each<[string, object, number, string]>([
    ['without tags', { meta: { profile: good.meta.profile } }, 422, 'Bundle.meta.tag'],
    ['with two kinds', tagged(kind, { ...kind, code: 'DEL' }, type), 422, 'Bundle.meta.tag'],
    ['of another kind', tagged({ ...kind, code: 'UPD' }, type), 422, 'Bundle.meta.tag'],
    ['of another type', tagged(kind, { ...type, code: 'Procedure' }), 422, 'Bundle.meta.tag'],
    ['without an identifier', { identifier: undefined }, 422, 'Bundle.identifier.system'],
    ['with an identifier of two parts', named(`${code}^x`), 422, 'Bundle.identifier.value'],
    ['with a report unit in lower case', named(`${code}^x^unit`), 422, 'Bundle.identifier.value'],
    ['of another institution', named('2719999992^x^U-1'), 422, 'Bundle.identifier.value'],
    ['with an identifier of another system', named(`${code}^x^U-1`, 'urn:other'), 422, 'Bundle.identifier.system'],
    ['without a Patient', { entry: good.entry.slice(1) }, 422, 'Bundle.entry[0].resource'],
    ['with the Patient alone', { entry: good.entry.slice(0, 1) }, 422, 'Bundle.entry'],
    ['without anything', { entry: undefined }, 422, 'Bundle.entry'],
    ['with a resource of another type', entry({ resourceType: 'Condition', subject: { display: 'x' } }), 422, 'Bundle.entry[3].resource'],
    ['with a second Patient', entry({ resourceType: 'Patient' }), 422, 'Bundle.entry[3].resource'],
    ['with an unknown element', entry({ ...good.entry[1]!.resource, shoe: 'x' }), 400, 'Bundle.entry[3].resource.shoe'],
    ['with the same fullUrl twice', { entry: [...good.entry, good.entry[1]] }, 422, 'Bundle.entry[3].fullUrl'],
    ['with a request', entry(good.entry[1]!.resource, { request: { method: 'POST', url: 'Observation' } }), 422, 'Bundle'],
  ])('a collection %s', async (_, more, status, place) => {
    const before = await whole.count('Observation');
    const told = await post({ ...good, ...more });
    expect([told.status, why(told).map(([where]) => where)]).toEqual([status, expect.arrayContaining([place])]);
    expect(await whole.count('Observation')).toBe(before);
  });

  test('two resources with the same instance identifier', async () => {
    const instance = { identifier: [{ system: 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier', value: 'secret-1' }] };
    const { entry: entries } = unit();
    const told = await post({
      ...good,
      entry: entries.map((one, i) => (i === 0 ? one : { ...one, resource: { ...one.resource, ...instance } })),
    });
    expect([told.status, why(told)[0]![0]]).toEqual([422, 'Bundle.entry[2].resource.identifier']);
    expect(told.text).not.toContain('secret-1');
  });

  test('another institution’s DEL leaves the unit alone; who is no institution sends none', async () => {
    await post(unit({ patient: 'P-1', unit: 'U-30', values: ['mine'] }));
    expect((await post(unit({ patient: 'P-1', unit: 'U-30', type: 'DEL' }), 'hospital-2')).status).toBe(422);
    for (const client of ['tester', 'operator']) expect((await post(unit({ unit: 'U-30', type: 'DEL' }), client)).status).toBe(400);
    expect(await textsOf('P-1')).toContain('mine');
  });
});

test('the capability statement says that report units are taken', async () => {
  const { json } = await whole.ask('GET', 'metadata');
  expect((json!['rest'] as { documentation: string }[])[0]!.documentation).toMatch(/collection/);
});
