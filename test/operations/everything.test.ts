// https://hl7.org/fhir/R4/patient-operation-everything.html, https://hl7.org/fhir/R4/encounter-operation-everything.html, https://hl7.org/fhir/R4/group-operation-everything.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { type Access, asServer, leavingOut } from '../../src/fhir/model/access.ts';
import { Problem } from '../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { base, type Ground, openGround } from './ground.ts';

const operations = ['Patient-everything', 'Encounter-everything', 'Group-everything'];
const all: Access = { ...asServer('test'), operations };
let ground: Ground;
const at = (reference: string) => ({ reference });
const make = (resourceType: string, id: string, more: object = {}): AnyResource => ({ resourceType, id, ...more });
const coded = { status: 'final', code: { text: 'x' } };

beforeAll(async () => {
  ground = await openGround();
  await ground.write(
    make('Organization', 'clinic', { partOf: at('Organization/group') }),
    make('Organization', 'group'),
    make('Practitioner', 'd'),
    make('Practitioner', 'elsewhere'),
    make('Location', 'room', { managingOrganization: at('Organization/clinic') }),
    make('Patient', 'p', { managingOrganization: at('Organization/clinic'), birthDate: '1950-01-01' }),
    make('Patient', 'q', { link: [{ other: at('Patient/p'), type: 'seealso' }] }),
    make('Encounter', 'e', {
      status: 'finished',
      class: { code: 'AMB' },
      subject: at('Patient/p'),
      location: [{ location: at('Location/room') }],
      period: { start: '2026-02-01', end: '2026-02-02' },
    }),
    make('Observation', 'o1', { ...coded, subject: at('Patient/p'), encounter: at('Encounter/e'), effectiveDateTime: '2026-02-01' }),
    make('Observation', 'o2', { ...coded, subject: at('Patient/p'), performer: [at('Practitioner/d')], effectiveDateTime: '2026-05-01' }),
    make('Observation', 'undated', { ...coded, subject: at('Patient/p') }),
    make('Observation', 'other', { ...coded, subject: at('Patient/q'), effectiveDateTime: '2026-03-01' }),
    make('Condition', 'c', { subject: at('Patient/p'), onsetDateTime: '2026-02-15' }),
    make('Group', 'g', {
      type: 'person',
      actual: true,
      member: [{ entity: at('Patient/p') }, { entity: at('Patient/q') }, { entity: at('Patient/gone'), inactive: true }],
    }),
  );
  await ground.send(
    'Organization/h1',
    make('Observation', 'sent', { ...coded, subject: at('Patient/p'), effectiveDateTime: '2026-02-03' }),
  );
});
afterAll(() => ground.close());

async function call(path: string, access = all): Promise<Bundle> {
  const [where = '', query = ''] = path.split('?');
  const answer = await ground.dispatch({ method: 'GET', path: where, query: [...new URLSearchParams(query)], headers: {} }, access);
  return JSON.parse(Buffer.concat(answer.bytes!).toString()) as Bundle;
}
const names = (bundle: Bundle): string[] => bundle.entry?.map(({ fullUrl }) => fullUrl!.slice(base.length + 1)) ?? [];
const found = async (path: string, access = all) => names(await call(path, access)).sort();
const refusal = async (path: string, access = all): Promise<number> => {
  try {
    await call(path, access);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.status;
    throw thrown;
  }
  return 200;
};

const record = [
  'Condition/c',
  'Encounter/e',
  'Group/g',
  'Location/room',
  'Observation/o1',
  'Observation/o2',
  'Observation/sent',
  'Observation/undated',
  'Organization/clinic',
  'Organization/group',
  'Patient/p',
  'Patient/q',
  'Practitioner/d',
];

test('$everything of a Patient: the compartment and what it refers to, and nobody else’s; the total is of all', async () => {
  expect(await found('Patient/p/$everything')).toEqual(record);
  expect((await call('Patient/p/$everything')).total).toBe(record.length);
  expect(await found('Patient/q/$everything')).toEqual(['Group/g', 'Observation/other', 'Patient/q']);
});

test('$everything: care from a day to a day; what has no date stays', async () => {
  const dated = (list: string[]) => list.filter(name => /^(Observation|Condition|Encounter|Practitioner)/.test(name));
  expect(dated(await found('Patient/p/$everything?start=2026-03-01'))).toEqual(['Observation/o2', 'Observation/undated', 'Practitioner/d']);
  expect(dated(await found('Patient/p/$everything?start=2026-02-02&end=2026-02-15'))).toEqual([
    'Condition/c',
    'Encounter/e',
    'Observation/sent',
    'Observation/undated',
  ]);
});

test('$everything: types, and what was stored since', async () => {
  expect(await found('Patient/p/$everything?_type=Practitioner,Condition&_type=Organization')).toEqual([
    'Condition/c',
    'Organization/clinic',
    'Organization/group',
    'Practitioner/d',
  ]);
  const { versions } = (await ground.store.history(all, { type: 'Observation', id: 'sent' }, { count: 1 }))!;
  const stored = versions[0]!.lastUpdated;
  expect(await found(`Patient/p/$everything?_since=${new Date(stored).toISOString()}`)).toContain('Observation/sent');
  expect(await found(`Patient/p/$everything?_since=${new Date(stored + 1).toISOString()}`)).toEqual([]);
});

test('$everything: pages by snapshot hold each once, though others write; a link is for this call and this client', async () => {
  const walked: string[] = [];
  let page = await call('Patient/p/$everything?_count=4');
  const second = page.link!.find(({ relation }) => relation === 'next')!.url!.slice(base.length + 1);
  for (let pages = 1; ; pages++) {
    walked.push(...names(page));
    const next = page.link!.find(({ relation }) => relation === 'next')?.url;
    if (next === undefined) {
      expect(pages).toBe(4);
      break;
    }
    await ground.write(make('Observation', `late${pages}`, { ...coded, subject: at('Patient/p') }));
    page = await call(next.slice(base.length + 1));
  }
  expect(walked.sort()).toEqual(record);
  const foreign = { ...all, agent: { ...all.agent, client: 'another' } };
  expect(await refusal(second, foreign)).toBe(400);
  expect(await refusal(second.replace('Patient/p', 'Patient/q'))).toBe(400);
  expect(await refusal(`${second}&_count=3`)).toBe(400);
  for (const pages of [1, 2, 3])
    await ground.store.commit({ writes: [{ type: 'Observation', id: `late${pages}`, expect: 'any', sender: 'client/tester' }] });
});

test('$everything of an Encounter: its compartment, its patient, its place', async () => {
  expect(await found('Encounter/e/$everything')).toEqual([
    'Encounter/e',
    'Location/room',
    'Observation/o1',
    'Organization/clinic',
    'Organization/group',
    'Patient/p',
  ]);
});

test('$everything of a Group: of its active members', async () => {
  expect(await found('Group/g/$everything')).toEqual([...record, 'Observation/other'].sort());
});

test('$everything at the type: of the patient of the token; without one it is refused', async () => {
  const app: Access = {
    ...all,
    agent: { ...all.agent, role: 'patient', patient: 'Patient/p' },
    reach: { '*': [{ patient: 'Patient/p' }] },
  };
  expect(await found('Patient/$everything', app)).toEqual(
    record.filter(name => /^(Condition|Encounter|Group|Observation|Patient\/p)/.test(name)),
  );
  expect(await refusal('Patient/q/$everything', app)).toBe(404);
  expect(await refusal('Patient/$everything')).toBe(400);
});

test('$everything: never more than this caller may search, read or know of', async () => {
  const h1: Access = { ...all, reach: { '*': [{ sender: 'Organization/h1' }], Patient: [{}], Practitioner: [{}] } };
  expect(await found('Patient/p/$everything', h1)).toEqual(['Observation/sent', 'Patient/p', 'Patient/q']);
  const some: Access = { ...all, permits: { Patient: 'r', Observation: 'rs' } };
  expect(await found('Patient/p/$everything', some)).toEqual([
    'Observation/o1',
    'Observation/o2',
    'Observation/sent',
    'Observation/undated',
    'Patient/p',
    'Patient/q',
  ]);
  expect(await refusal('Patient/p/$everything', { ...all, permits: { Observation: 'rs' } })).toBe(403);
  expect(await refusal('Patient/p/$everything', { ...all, operations: [] })).toBe(403);
  expect(await refusal('Patient/p/$everything', { ...all, reach: { Observation: [{}] } })).toBe(404);
  const without = leavingOut(all, 'objection');
  await ground.write(make('Patient', 'z'), make('Observation', 'z', { ...coded, subject: at('Patient/z') }));
  expect(await found('Patient/z/$everything', without)).toEqual(['Observation/z', 'Patient/z']);
  await ground.object('Patient/z');
  expect(await refusal('Patient/z/$everything', without)).toBe(404);
  expect(await refusal('Patient/never/$everything', without)).toBe(404);
});

test.each([
  'start=x',
  'end=2026-13',
  '_since=2026',
  '_type=Nonsense',
  '_count=0',
  '_count=-1',
  '_count=x',
  '_offset=3',
  'name=x',
  '_page=abc',
])('$everything?%s is refused with 400', async query => {
  expect(await refusal(`Patient/p/$everything?${query}`)).toBe(400);
});
