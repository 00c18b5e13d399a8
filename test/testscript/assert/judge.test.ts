// https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert, https://hl7.org/fhir/R4/valueset-assert-operator-codes.html
import { afterAll, expect, test as it } from '@jest/globals';
import type { Bench } from '../../../src/testscript/assert/criterion.ts';
import { judge } from '../../../src/testscript/assert/judge.ts';
import { extensionUrls } from '../../../src/testscript/extensions.ts';
import { openFhirPath } from '../../../src/testscript/fhirpath.ts';
import { Memory } from '../../../src/testscript/memory.ts';
import { Message } from '../../../src/testscript/message.ts';
import { profileCheck } from '../../../src/testscript/profile.ts';
import { type Assert, readScript } from '../../../src/testscript/script.ts';
import { Variables } from '../../../src/testscript/variables.ts';

const fhirPath = openFhirPath(5000);
afterAll(() => fhirPath.close());

const patient = {
  resourceType: 'Patient',
  id: '5',
  active: true,
  birthDate: '1980-01-02',
  multipleBirthInteger: 2,
  name: [
    { use: 'official', family: 'A', given: ['b', 'c'] },
    { use: 'old', family: 'Z' },
  ],
};
const headers = new Headers({ 'content-type': 'application/fhir+json; charset=utf-8', etag: 'W/"1"', 'x-empty': '' });

/** A profile of the script: a Patient with a name and a telecom. */
const named = {
  resourceType: 'StructureDefinition',
  id: 'named',
  url: 'http://example.org/StructureDefinition/named',
  name: 'Named',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Patient.name', path: 'Patient.name', min: 1 },
      { id: 'Patient.telecom', path: 'Patient.telecom', min: 1 },
    ],
  },
};

function benchOf(response: ConstructorParameters<typeof Message>[1], anySuccessIsOkay = false): Bench {
  const memory = new Memory();
  memory.request = new Message('request', {
    method: 'POST',
    url: 'http://h/fhir/Patient?a=1',
    headers: new Headers({ accept: 'x' }),
    json: { resourceType: 'Person' },
  });
  memory.response = new Message('response', response);
  memory.set(
    'twin',
    new Message('fixture', { json: { resourceType: 'Patient', birthDate: '1980-01-02', name: [{ family: 'A' }, { family: 'B' }] } }),
  );
  memory.set('min', new Message('fixture', { json: { resourceType: 'Patient', id: 'other', name: [{ family: 'Z' }] } }));
  const variables = new Variables(new Map([['born', { name: 'born', defaultValue: '1980-01-02' }]]), new Map(), memory, fhirPath);
  const around = {
    source: { file: '/nowhere/s.json', bundle: new Map() },
    contained: [named],
    roots: [],
    urls: extensionUrls(),
    fetch: async () => undefined,
  };
  const profiles = new Map([
    ['r4-patient', 'http://hl7.org/fhir/StructureDefinition/Patient'],
    ['r4-person', 'http://hl7.org/fhir/StructureDefinition/Person'],
    ['resource', 'http://hl7.org/fhir/StructureDefinition/Resource'],
    ['named', '#named'],
    ['other', 'http://example.org/StructureDefinition/other'],
  ]);
  return { memory, variables, fhirPath, anySuccessIsOkay, validate: profileCheck(profiles, around, memory) };
}
const assertOf = (says: object): Assert =>
  readScript({ test: [{ action: [{ assert: says }] }] }, extensionUrls()).tests[0]!.actions[0] as Assert;

const bench = benchOf({ status: 200, headers, json: patient });
/** What is wrong, or that nothing is. */
const say = async (says: object, at = bench): Promise<string> => (await judge(assertOf(says), at)) ?? 'holds';
const born = `$\{born}`;

it.each([
  { response: 'okay' },
  { response: 'created', operator: 'notEquals' },
  { response: 'okay,created', operator: 'in' },
  { responseCode: '200' },
  { responseCode: '200,201' },
  { responseCode: '200, 201', operator: 'in' },
  { responseCode: '404', operator: 'notEquals' },
  { responseCode: '400,404', operator: 'notIn' },
  { responseCode: '199', operator: 'greaterThan' },
  { responseCode: '300', operator: 'lessThan' },
  { resource: 'Patient' },
  { resource: 'Person', operator: 'notEquals' },
  { resource: 'Person', direction: 'request' },
  { contentType: 'json' },
  { contentType: 'application/fhir+json' },
  { contentType: 'xml', operator: 'notEquals' },
  { headerField: 'ETag', operator: 'notEmpty' },
  { headerField: 'etag', value: 'W/"1"' },
  { headerField: 'ETag', operator: 'contains', value: '1' },
  { headerField: 'ETag', operator: 'notContains', value: '2' },
  { headerField: 'X-None', operator: 'empty' },
  { headerField: 'X-Empty', operator: 'empty' },
  { headerField: 'Accept', direction: 'request', value: 'x' },
  { requestMethod: 'post' },
  { requestURL: 'http://h/fhir/Patient?a=1' },
  { requestURL: '/fhir/Patient?a=1' },
  { requestURL: 'Patient?a=1' },
  { expression: 'Patient.active' },
  { expression: 'name.count() = 2', operator: 'eval' },
  { expression: "name.where(use = 'old')" },
  { expression: 'name' },
  { path: 'fhir:Patient/fhir:name/fhir:family/@value', value: 'Z' },
  { path: 'fhir:Patient/fhir:name/fhir:family/@value', operator: 'notEquals', value: 'Q' },
  { expression: 'name.count()', value: '2' },
  { expression: 'name.count()', value: '2.0' },
  { expression: 'name.count()', operator: 'greaterThan', value: '1' },
  { expression: 'birthDate', value: born },
  { expression: `birthDate.toString() = '${born}'` },
  { expression: 'birthDate', operator: 'lessThan', value: '1990' },
  { expression: 'name.family', operator: 'contains', value: 'Z' },
  { expression: 'name.family', operator: 'notContains', value: 'Q' },
  { expression: 'name.first().family', operator: 'in', value: 'A, B' },
  { expression: 'address', operator: 'empty' },
  { expression: 'active', value: 'true' },
  { expression: 'birthDate', compareToSourceId: 'twin', compareToSourceExpression: 'birthDate' },
  { expression: 'birthDate', compareToSourceId: 'twin', compareToSourcePath: '$.birthDate' },
  { sourceId: 'twin', expression: 'name.count()', value: '2' },
  { path: '$.name[0].family', value: 'A' },
  { path: 'Patient/name[use/@value="old"]/family/@value', value: 'Z' },
  { path: '$.name', operator: 'notEmpty' },
  { path: '$.address', operator: 'empty' },
  { path: '$.birthDate', compareToSourceId: 'twin', compareToSourcePath: 'fhir:Patient/fhir:birthDate/@value' },
  { minimumId: 'min' },
  { validateProfileId: 'r4-patient' },
  { validateProfileId: 'resource' },
  { navigationLinks: false },
])('assert holds: %j', async says => {
  expect(await say(says)).toBe('holds');
});

it.each([
  [{ response: 'created' }, 'The status (created) should be "201", and is "200".'],
  [{ responseCode: '400,404' }, 'The status should be one of "400,404", and is "200".'],
  [{ responseCode: '200', operator: 'notIn' }, 'The status should be none of "200", and is "200".'],
  [{ resource: 'Person' }, 'The resource type of the body should be "Person", and is "Patient".'],
  [{ contentType: 'xml' }, 'The Content-Type should be "xml", and is "application/fhir+json".'],
  [{ headerField: 'X-None', operator: 'notEmpty' }, 'The header X-None should be there, and is nothing.'],
  [{ headerField: 'ETag', value: '1' }, 'The header ETag should be "1", and is "W/\\"1\\"".'],
  [{ requestMethod: 'get' }, 'The method should be "GET", and is "POST".'],
  [{ requestURL: 'Patient' }, 'The URL of the request should be "Patient", and is "http://h/fhir/Patient?a=1".'],
  [{ expression: 'deceased' }, 'deceased is empty.'],
  [{ expression: 'active.not()' }, 'active.not() is false.'],
  [{ expression: 'name.family', value: 'A' }, 'name.family should be "A", and is 2 values: A, Z.'],
  [{ expression: 'name.count()', operator: 'greaterThan', value: '2' }, 'name.count() should be greater than "2", and is "2".'],
  [{ expression: 'birthDate', operator: 'empty' }, 'birthDate should be empty, and is "1980-01-02".'],
  [{ path: '$.name[0].family', value: 'B' }, '$.name[0].family should be "B", and is "A".'],
  [{ navigationLinks: true }, 'The body is no Bundle.'],
  [{ validateProfileId: 'r4-person' }, expect.stringContaining('Not valid by r4-person: ')],
  [{ validateProfileId: 'named' }, expect.stringContaining('Not valid by named: Patient.telecom')],
])('assert does not hold: %j', async (says, sentence) => {
  expect(await say(says)).toEqual(sentence);
});

it.each([
  [{ expression: 'name.(' }, 'cannot be evaluated'],
  [{ expression: "name.select(family = 'A')" }, 'gives several values'],
  [{ extension: [{ url: 'http://touchstone.example/rule' }] }, 'an extension that is not supported: http://touchstone.example/rule'],
  [{ expression: 'id', operator: 'equals' }, 'no value to compare with'],
  [{ headerField: 'ETag' }, 'no value to compare with'],
  [{ headerField: 'ETag', operator: 'eval', value: '1' }, 'for expressions only'],
  [{ response: 'fine' }, 'none of FHIR R4’s words'],
  [{ sourceId: 'never', response: 'okay' }, 'Nothing has the id never'],
  [{ sourceId: 'twin', response: 'okay' }, 'A fixture has no status.'],
  [{ path: 'Patient/name[matches(family/@value,"(a+)+")]' }, 'matches() is not supported'],
  [{ path: '$.name[?(@.family =~ /a/)]' }, 'JSONPath cannot be understood'],
  [{ expression: 'id', value: `$\{nobody}` }, 'The variable nobody has no value'],
  [{ expression: 'id', compareToSourceId: 'twin', compareToSourceExpression: 'name.family' }, 'has 2 values'],
  [{ minimumId: 'never' }, 'Nothing has the id never'],
  [{ validateProfileId: 'other' }, 'is not known here'],
  [{ validateProfileId: 'min' }, 'no profile of the script'],
])('assert that cannot be told is an error and no verdict: %j', async (says, sentence) => {
  await expect(judge(assertOf(says), bench)).rejects.toThrow(sentence);
});

it.each([
  ['okay', 200],
  ['created', 201],
  ['noContent', 204],
  ['notModified', 304],
  ['bad', 400],
  ['forbidden', 403],
  ['notFound', 404],
  ['methodNotAllowed', 405],
  ['conflict', 409],
  ['gone', 410],
  ['preconditionFailed', 412],
  ['unprocessable', 422],
])('response: the word %s is the status %i', async (word, status) => {
  expect(await say({ response: word }, benchOf({ status }))).toBe('holds');
  expect(await say({ response: word }, benchOf({ status: status + 5 }))).not.toBe('holds');
});

it('response: okay is 200 and nothing else, unless the caller says that any success is', async () => {
  expect(await say({ response: 'okay' }, benchOf({ status: 201 }))).toContain('should be "200"');
  expect(await say({ response: 'okay' }, benchOf({ status: 201 }, true))).toBe('holds');
  expect(await say({ response: 'okay' }, benchOf({ status: 304 }, true))).not.toBe('holds');
  expect(await say({ response: 'created' }, benchOf({ status: 200 }, true))).not.toBe('holds');
});

it('expression: of a body that is not there nothing holds, not even that something is not in it', async () => {
  const none = benchOf({ status: 204 });
  expect(await say({ expression: 'name.exists()', value: 'false' }, none)).toBe('The response has no body that can be read.');
  expect(await say({ path: '$.name', operator: 'empty' }, none)).toBe('The response has no body that can be read.');
  expect(await say({ minimumId: 'min' }, none)).toBe('The response has no body that can be read.');
  expect(await say({ resource: 'Patient' }, none)).toContain('and is nothing');
});

it('navigationLinks: first, next and last, and what is missing is named', async () => {
  const bundle = (...relations: string[]) =>
    benchOf({ status: 200, json: { resourceType: 'Bundle', link: relations.map(relation => ({ relation, url: 'x' })) } });
  expect(await say({ navigationLinks: true }, bundle('self', 'first', 'next', 'last'))).toBe('holds');
  expect(await say({ navigationLinks: true }, bundle('self', 'next'))).toBe('The Bundle has no link first, last.');
});
