// docs/operation/releases.md, https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/parameters.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Access } from '../../src/fhir/model/access.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { access, base, cohort, type Ground, noon, numbers, ofType, openGround, person, studies, to } from './ground.ts';

const researcher = access('researcher');
const operator = access('operator', { operations: ['releases'] });
const appOf = (patient?: string): Access => {
  const app = access('patient', { operations: ['releases'] });
  return { ...app, agent: { ...app.agent, ...(patient === undefined ? {} : { patient }) } };
};
const patientIs = (reference: string): Json => ({ name: 'patient', valueReference: { reference } });
let ground: Ground;

const parameters = (body: AnyResource, name: string): Json[] =>
  ((body['parameter'] ?? []) as Json[]).filter(one => one['name'] === name).map(one => partsOf(one));
const partsOf = (one: Json): Json =>
  Object.fromEntries((one['part'] as Json[]).map(({ name, ...value }) => [name as string, Object.values(value)[0]]));
const releasesOf = async (who: Access, ...parameter: Json[]) => {
  const { status, body } = await ground.call('releases', who, ...parameter);
  expect(status).toBe(200);
  expect(validate(body)).toEqual([]);
  return parameters(body, 'release');
};

beforeAll(async () => {
  ground = await openGround();
  await ground.write(...studies);
  const [open] = studies as [AnyResource];
  await ground.write({ ...open, title: '糖尿病の合併症', description: 'Which complications follow diabetes?' });
  await ground.write({ resourceType: 'ResearchStudy', id: 'second', status: 'active', title: 'Second', description: '<b>bold</b>' });
  for (let n = 0; n < 12; n++) await ground.write(...person(n));
  await ground.ask(researcher, to('open'), cohort('Patient?'), ofType('Patient'));
  await ground.ask(researcher, to('second'), cohort('Patient?'));
});
afterAll(() => ground.close());

const time = new Date(noon).toISOString();
const first = {
  study: { reference: 'ResearchStudy/open', display: '糖尿病の合併症' },
  description: 'Which complications follow diabetes?',
  time,
  kind: 'bundle',
};
const second = { study: { reference: 'ResearchStudy/second', display: 'Second' }, time, kind: 'bundle' };

test('a patient’s app: the releases of its patient, newest first, with title and plain description of the study; and that nothing can be called back', async () => {
  expect(await releasesOf(appOf('Patient/p3'))).toEqual([second, first]);
  const { body } = await ground.call('releases', appOf('Patient/p3'));
  const [statement] = parameters(body, 'statement');
  expect(Object.keys(statement!)).toEqual(['ja', 'en']);
  expect(statement!['ja']).toMatch(/取り戻すことができません/);
  expect(statement!['en']).toMatch(/cannot be called back/);
});

test('nobody’s: no release, and the statement all the same', async () => {
  const { body } = await ground.call('releases', appOf('Patient/nobody'));
  expect((body['parameter'] as Json[]).map(one => one['name'])).toEqual(['statement']);
});

test('the operator names the patient, by any form of a reference of ours', async () => {
  expect(await releasesOf(operator, patientIs('Patient/p3'))).toEqual([second, first]);
  expect(await releasesOf(operator, patientIs(`${base}/Patient/p3`))).toEqual([second, first]);
});

test('a record that came later and joins the person: his releases are its own', async () => {
  await ground.write({ resourceType: 'Patient', id: 'p3-more', identifier: [{ system: numbers, value: 'KARTE-3' }] });
  expect(await releasesOf(appOf('Patient/p3-more'))).toEqual([second, first]);
});

test('an objection remembers the records of one whose data are gone, and the ledger still finds him; the person’s number alone tells nothing', async () => {
  await ground.store.commit({
    writes: [
      { type: 'Patient', id: 'p4', expect: 'any', sender: 'client/tester' },
      { type: 'ResearchStudy', id: 'second', expect: 'any', sender: 'client/tester' },
    ],
    lists: [{ list: 'objection', source: 'Consent/4', persons: ['Patient/p4', 'Patient/p4-elsewhere'], from: 0 }],
  });
  expect(await ground.store.read(operator, 'Patient', 'p4')).toBeUndefined();
  // The title of a study that is deleted is told as well.
  expect(await releasesOf(appOf('Patient/p4'))).toEqual([second, first]);
  expect(await releasesOf(appOf('Patient/p4-elsewhere'))).toEqual([second, first]);
});

test('refused: institutions, researchers and testers; an app without a patient', async () => {
  for (const role of ['institution', 'researcher', 'tester'] as const)
    expect((await ground.call('releases', access(role), patientIs('Patient/p3'))).status).toBe(403);
  expect((await ground.call('releases', appOf())).status).toBe(403);
});

test('refused with 400: an operator who names nobody, or no Patient; an app that names one, its own too; unknown parameters', async () => {
  expect((await ground.call('releases', operator)).status).toBe(400);
  for (const reference of ['Group/g', 'https://elsewhere.test/fhir/Patient/p3', 'p3'])
    expect((await ground.call('releases', operator, patientIs(reference))).status).toBe(400);
  for (const reference of ['Patient/p3', 'Patient/p2'])
    expect((await ground.call('releases', appOf('Patient/p3'), patientIs(reference))).status).toBe(400);
  expect((await ground.call('releases', appOf('Patient/p3'), { name: 'study', valueString: 'open' })).status).toBe(400);
});
