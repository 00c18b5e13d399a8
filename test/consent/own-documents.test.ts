// https://hl7.org/fhir/R4/references.html#logical, https://hl7.org/fhir/R4/compartmentdefinition-patient.html
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withOwnDocuments } from '../../src/consent/own-documents.ts';
import type { Access } from '../../src/fhir/model/access.ts';
import { agent, codes, type Ground, identifierOf, notice, objection, openGround, patient } from './ground.ts';

let ground: Ground;
beforeEach(async () => {
  ground = await openGround({ eraseOnObjection: false });
});
afterEach(() => ground.close());

const codeOf = (sender: string) => codes[sender.replace('Organization/', '')];
const app = (id: string, reach: Access['reach'] = {}): Access => ({
  ...agent('patient-app', `Patient/${id}`),
  reach: {
    Patient: [{ patient: `Patient/${id}` }],
    Communication: [{ patient: `Patient/${id}` }],
    Consent: [{ patient: `Patient/${id}` }],
    ...reach,
  },
});
const seen = async (access: Access, type: string): Promise<string[]> => {
  const wide = await withOwnDocuments(access, { store: ground.store, codeOf });
  const found = await ground.store.match(
    wide,
    { type, where: [], sort: [], count: 100, total: 'none', summary: 'false', elements: [], include: [], revinclude: [] },
    100,
  );
  return [...found].sort();
};

test('own documents: a notice and an objection that name the patient by number are there for his app, those of others are not', async () => {
  const [mine] = await ground.write('hospital-1', notice('hospital-1', '1', 40));
  await ground.write('hospital-1', notice('hospital-1', '2', 40));
  const [id] = await ground.write('hospital-1', patient('hospital-1', '1'));
  const [other] = await ground.write('hospital-1', patient('hospital-1', '2'));
  const [said] = await ground.write('hospital-1', objection({ identifier: identifierOf('hospital-1', '1') }));
  expect(await seen(app(id!), 'Communication')).toEqual([mine]);
  expect(await seen(app(id!), 'Consent')).toEqual([said]);
  expect(await seen(app(other!), 'Consent')).toEqual([]);
});

test('own documents: whose record an objection erased still has that objection, and nobody else has', async () => {
  await ground.close();
  ground = await openGround();
  await ground.write('hospital-1', notice('hospital-1', '1', 40), notice('hospital-1', '2', 40));
  const [id] = await ground.write('hospital-1', patient('hospital-1', '1'));
  const [other] = await ground.write('hospital-1', patient('hospital-1', '2'));
  const [said] = await ground.write('hospital-1', objection({ identifier: identifierOf('hospital-1', '1') }));
  expect(await seen(app(id!), 'Patient')).toEqual([]);
  expect(await seen(app(id!), 'Consent')).toEqual([said]);
  expect(await seen(app(other!), 'Consent')).toEqual([]);
});

test('own documents: of records that were joined and erased none has the objection of another', async () => {
  await ground.close();
  ground = await openGround();
  await ground.write('hospital-1', notice('hospital-1', '1', 40), notice('hospital-1', '2', 40));
  const [one] = await ground.write('hospital-1', patient('hospital-1', '1'));
  const [two] = await ground.write('hospital-1', {
    ...patient('hospital-1', '2'),
    link: [{ type: 'seealso', other: { reference: `Patient/${one}` } }],
  });
  await ground.write('hospital-1', objection({ identifier: identifierOf('hospital-1', '1') }));
  for (const id of [one, two]) {
    expect(await seen(app(id!), 'Patient')).toEqual([]);
    expect(await seen(app(id!), 'Consent')).toEqual([]);
  }
});

test('own documents: a link of records brings no notice of the other record', async () => {
  await ground.write('hospital-1', notice('hospital-1', '1', 40));
  await ground.write('hospital-2', notice('hospital-2', '9', 40));
  const [one] = await ground.write('hospital-1', patient('hospital-1', '1'));
  const [two] = await ground.write('tester', {
    resourceType: 'Patient',
    link: [{ type: 'seealso', other: { reference: `Patient/${one}` } }],
  });
  expect((await ground.store.lines([`Patient/${two}`])).length).toBeGreaterThan(0);
  expect(await seen(app(two!), 'Communication')).toEqual([]);
});

test('own documents: what the token does not reach stays out of reach, and what else a scope asks for goes on holding', async () => {
  const [mine] = await ground.write('hospital-1', notice('hospital-1', '1', 40));
  const [id] = await ground.write('hospital-1', patient('hospital-1', '1'));
  expect(await seen(app(id!, { Communication: [] }), 'Communication')).toEqual([]);
  expect(
    await seen(app(id!, { Communication: [{ patient: `Patient/${id}`, sender: 'Organization/hospital-2' }] }), 'Communication'),
  ).toEqual([]);
  expect(await seen(app(id!, { Communication: [{ patient: `Patient/${id}`, ids: ['x'] }] }), 'Communication')).toEqual([]);
  expect(
    await seen(app(id!, { Communication: [{ patient: `Patient/${id}`, sender: 'Organization/hospital-1' }] }), 'Communication'),
  ).toEqual([mine]);
});

test('own documents: for anybody but a patient’s app nothing changes', async () => {
  const access = agent('hospital-1');
  expect(await withOwnDocuments(access, { store: ground.store, codeOf })).toBe(access);
  const gone = app('nobody');
  expect(await withOwnDocuments(gone, { store: ground.store, codeOf })).toBe(gone);
});
