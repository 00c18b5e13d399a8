// https://hl7.org/fhir/R4/search.html: the parameters of a search over the whole way, from the query to the Bundle
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { knowledgeIn } from '../../../src/fhir/store/terminology.ts';
import { newCompiled } from '../../../src/fhir/terminology/knowledge.ts';
import { createTerminology } from '../../../src/fhir/terminology/terminology.ts';
import { baseUrl, institution, open } from './parts.ts';

const compiled = newCompiled();
let server: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  server = await open({ terminology: (store, access) => createTerminology(knowledgeIn(store, access, compiled)) });
  const put = async (resource: AnyResource & { id: string }, sender = 'client/tester') => {
    await server.store.commit({ writes: [{ type: resource.resourceType, id: resource.id, resource, expect: 'absent', sender }] });
  };
  await put({
    resourceType: 'CodeSystem',
    id: 'animals',
    url: 'http://e.org/animals',
    status: 'active',
    content: 'complete',
    hierarchyMeaning: 'is-a',
    concept: [{ code: 'mammal', concept: [{ code: 'dog', concept: [{ code: 'poodle' }] }, { code: 'cat' }] }, { code: 'fish' }],
  });
  await put({
    resourceType: 'ValueSet',
    id: 'pets',
    url: 'http://e.org/pets',
    status: 'active',
    compose: { include: [{ system: 'http://e.org/animals', concept: [{ code: 'dog' }, { code: 'cat' }] }] },
  });
  for (const code of ['mammal', 'dog', 'poodle', 'cat', 'fish'])
    await put({
      resourceType: 'Basic',
      id: code,
      code: { coding: [{ system: 'http://e.org/animals', code, display: `A ${code}` }] },
      text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">Seen in the <b>garden</b>: ${code}</div>` },
    });
  await put({ resourceType: 'Patient', id: 'man', gender: 'male' });
  await put({ resourceType: 'Patient', id: 'woman', gender: 'female' });
  await put({ resourceType: 'Patient', id: 'unknown' });
  await put({ resourceType: 'Location', id: 'house', position: { latitude: 35.6812, longitude: 139.7671 } });
  await put({ resourceType: 'Location', id: 'floor', partOf: { reference: 'Location/house' } });
  await put({ resourceType: 'Location', id: 'hidden', partOf: { reference: 'Location/house' }, description: 'annex' });
  await put({
    resourceType: 'Location',
    id: 'room',
    partOf: { reference: 'Location/floor' },
    position: { latitude: 34.7025, longitude: 135.4959 },
  });
  await put(
    {
      resourceType: 'Encounter',
      id: 'visit',
      status: 'finished',
      class: { code: 'AMB' },
      location: [{ location: { reference: 'Location/room' } }],
    },
    'Organization/hospital-1',
  );
});
afterAll(() => server.close());

const ids = async (url: string, as?: ReturnType<typeof institution>): Promise<string> => {
  const { status, body } = await server.call('GET', url, as ? { as } : {});
  if (status !== 200) return String(status);
  return ((body as unknown as Bundle).entry ?? []).flatMap(one => (one.search?.mode === 'match' ? one.resource!.id! : [])).join();
};

describe('codes by what a terminology knows', () => {
  test.each([
    ['Basic?code:in=http://e.org/pets', 'dog,cat'],
    ['Basic?code:not-in=http://e.org/pets', 'mammal,poodle,fish'],
    ['Basic?code:in=ValueSet/pets', 'dog,cat'],
    [`Basic?code:in=${baseUrl}/ValueSet/pets`, 'dog,cat'],
    ['Basic?code:in=ValueSet/nothing', '404'],
    ['Basic?code:below=http://e.org/animals|dog', 'dog,poodle'],
    ['Basic?code:above=http://e.org/animals|poodle', 'mammal,dog,poodle'],
    ['Basic?code:below=http://e.org/animals|dog,http://e.org/animals|fish', 'dog,poodle,fish'],
    ['Basic?_filter=code ss http://e.org/animals|mammal and not(code in http://e.org/pets)', 'mammal,poodle'],
    ['Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', 'man,woman'],
    ['Patient?gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender', 'unknown'],
    ['Basic?code:in=http://e.org/nothing', '404'],
    ['Basic?code:below=http://e.org/animals|horse', '404'],
    ['Basic?code:below=http://e.org/nothing|dog', '404'],
    ['Basic?code:text=poo', 'poodle'],
  ])('search: %s: %s', async (url, found) => expect(await ids(url)).toBe(found));

  test('search: what the asker may not know of is no value set for him', async () => {
    for (const set of ['http://e.org/pets', 'ValueSet/pets'])
      expect(await ids(`Basic?code:in=${set}`, institution('hospital-1'))).toBe('404');
  });

  test('search: criteria of a conditional interaction ask no terminology, and no words', async () => {
    for (const criteria of ['code:in=http://e.org/pets', '_content=garden']) {
      const { status } = await server.call('PUT', `Basic?${criteria}`, { body: { resourceType: 'Basic', code: { text: 'x' } } });
      expect(status).toBe(400);
    }
  });
});

test('search: in the order of the reading, as lists of patients are in Japan', async () => {
  const names = [
    ['tanaka', '田中', 'タナカ'],
    ['ando', '安藤', 'アンドウ'],
    ['sato', '佐藤', 'さとう'],
    ['ito', '伊藤', 'ｲﾄｳ'],
  ] as const;
  const representation = (valueCode: string) => [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode }];
  for (const [id, kanji, kana] of names) {
    const name = [
      { use: 'usual', text: kanji, extension: representation('IDE') },
      { use: 'usual', text: kana, extension: representation('SYL') },
    ];
    const resource = { resourceType: 'Patient', id, name, active: true };
    await server.store.commit({ writes: [{ type: 'Patient', id, resource, expect: 'absent', sender: 'client/tester' }] });
  }
  expect(await ids('Patient?active=true&_sort=jp-kana-sort')).toBe('ando,ito,sato,tanaka');
  expect(await ids('Patient?jp-kana-sort=さとう')).toBe('sato');
});

describe('through canonicals', () => {
  const questionnaire = (id: string, version: string) => ({
    resourceType: 'Questionnaire',
    id,
    url: 'http://e.org/q',
    version,
    title: `Form ${version}`,
    status: 'active',
  });
  const answers = (id: string, canonical: string) => ({
    resourceType: 'QuestionnaireResponse',
    id,
    questionnaire: canonical,
    status: 'completed',
  });
  beforeAll(async () => {
    for (const resource of [
      questionnaire('q1', '1'),
      questionnaire('q2', '2'),
      answers('any', 'http://e.org/q'),
      answers('first', 'http://e.org/q|1'),
      answers('third', 'http://e.org/q|3'),
      answers('other', 'http://e.org/other'),
    ])
      await server.store.commit({
        writes: [{ type: resource.resourceType, id: resource.id, resource, expect: 'absent', sender: 'client/tester' }],
      });
  });

  test.each([
    ['QuestionnaireResponse?questionnaire.title=Form 1', 'any,first'],
    ['QuestionnaireResponse?questionnaire.title=Form 2', 'any'],
    ['QuestionnaireResponse?questionnaire:Questionnaire.version=3', ''],
    ['Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=any', 'q1,q2'],
    ['Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=first', 'q1'],
    ['Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=third,other', ''],
    ['QuestionnaireResponse?questionnaire:below=http://e.org/q', 'any,first,third'],
    ['QuestionnaireResponse?questionnaire:below=http://e.org/q|1', 'first'],
  ])('search: %s: %s', async (url, found) => expect(await ids(url)).toBe(found));
});

describe('words, places and hierarchies', () => {
  test.each([
    ['Basic?_text=garden', 'mammal,dog,poodle,cat,fish'],
    ['Basic?_text=garden (dog OR cat)', 'dog,cat'],
    ['Basic?_text=gar NOT dog&code=http://e.org/animals|dog', ''],
    ['Basic?_content=poodle', 'poodle'],
    ['Basic?_content:exact=poodle', '400'],
    ['Encounter?location._content=annex', ''],
    ['Location?near=35.68|139.76|5|km', 'house'],
    ['Location?near=35.68|139.76|300|[mi_i]', 'house,room'],
    ['Location?near=35.68|139.76|300', 'house'],
    ['Encounter?location:below=house', 'visit'],
    ['Encounter?location:above=house', ''],
    ['Encounter?location:below=Location/floor', 'visit'],
    ['Location?partof:below=house', 'floor,hidden,room'],
    ['Location?partof:above=floor', 'floor,hidden,room'],
    ['Encounter?location.partof.partof.near=35.68|139.76|5', 'visit'],
    ['Location?_has:Encounter:location:class=AMB', 'room'],
  ])('search: %s: %s', async (url, found) => expect(await ids(url)).toBe(found));

  test('search: what may not be known of is no step of a hierarchy, and no word of it is found', async () => {
    const own = institution('hospital-1');
    expect(await ids('Encounter?location=room', own)).toBe('visit');
    expect(await ids('Encounter?location:below=house', own)).toBe('');
    expect(await ids('Encounter?location.near=34.7|135.5|50', own)).toBe('');
    expect(await ids('Location?_content=annex', own)).toBe('');
    expect(await ids('Encounter?_filter=not(location.near pr true) and class eq amb', own)).toBe('visit');
    expect(await ids('Encounter?_filter=not(location.partof pr true) and class eq amb', own)).toBe('visit');
  });
});
