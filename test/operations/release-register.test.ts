// docs/operation/release-register.md, https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/parameters.html
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { access, base, cohort, type Ground, ofType, openGround, person, studies, summary, to, under } from './ground.ts';

const researcher = access('researcher', { studies: ['open', 'second', 'shared'] });
const operator = access('operator', { operations: ['release-register'] });
const study = (reference: string): Json => ({ name: 'study', valueReference: { reference } });
let ground: Ground;

/** Name of the part and its value, of each release. */
async function listed(...parameter: Json[]): Promise<string[]> {
  const { status, body } = await ground.call('release-register', operator, ...parameter);
  expect(status).toBe(200);
  expect(validate(body)).toEqual([]);
  return ((body['parameter'] ?? []) as { part: Json[] }[]).map(({ part }) =>
    part
      .filter(one => !['policy', 'hash', 'time', 'data-set'].includes(one['name'] as string))
      .map(({ name, ...value }) => `${name} ${(value['valueReference'] as Json)?.['reference'] ?? Object.values(value)[0]}`)
      .join(', '),
  );
}

beforeAll(async () => {
  ground = await openGround();
  await ground.write(...studies, under('shared', 'jp-anonymized-shared'));
  for (let n = 0; n < 12; n++) await ground.write(...person(n));
});
afterAll(() => ground.close());

test('no release yet: an empty answer', async () => {
  expect(await listed()).toEqual([]);
});

test('every release, newest first, with what it was and without whose; one study’s alone when it is named', async () => {
  await ground.ask(researcher, to('open'), cohort('Patient?'), ofType('Patient'), ofType('Condition'));
  const population = {
    code: { coding: [{ code: 'initial-population' }] },
    criteria: { language: 'application/x-fhir-query', expression: 'Patient?' },
  };
  const measure = { name: 'measure', resource: { resourceType: 'Measure', status: 'active', group: [{ population: [population] }] } };
  await ground.ask(researcher, to('second'), cohort('Patient?'), summary, measure);
  const [first, second] = [
    'number 1, study ResearchStudy/open, client researcher-1, kind bundle, type Condition, type Patient, persons 12, resources 24',
    'number 2, study ResearchStudy/second, client researcher-1, kind summary, persons 12',
  ];
  expect(await listed()).toEqual([second, first]);
  expect(await listed(study('ResearchStudy/second'))).toEqual([second]);
  expect(await listed(study(`${base}/ResearchStudy/open`))).toEqual([first]);
  expect(await listed(study('ResearchStudy/another'))).toEqual([]);
  await ground.ask(researcher, to('shared'), cohort('Patient?'), ofType('Patient'));
  expect(await listed(study('ResearchStudy/shared'))).toEqual([expect.stringMatching(/resources 12, plan [0-9a-f]{64}, rare-pairs 0$/)]);
  const { text } = await ground.call('release-register', operator);
  const [entry] = await ground.store.book('releases');
  expect(text).not.toContain((entry!['marks'] as string).slice(0, 22));
  expect(text).not.toMatch(/marks|Patient\//);
});

test('refused: everybody else; a study that is none', async () => {
  for (const role of ['tester', 'institution', 'researcher', 'patient'] as const)
    expect((await ground.call('release-register', access(role))).status).toBe(403);
  expect((await ground.call('release-register', operator, study('Patient/p1'))).status).toBe(400);
});
