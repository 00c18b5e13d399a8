// https://www.rfc-editor.org/rfc/rfc5261, https://hl7.org/fhir/R4/http.html#patch
import { expect, test } from '@jest/globals';
import { createBudget } from '../../../../src/fhir/interactions/patch/values.ts';
import { applyXmlPatch } from '../../../../src/fhir/interactions/patch/xml-patch.ts';
import { parseJson } from '../../../../src/fhir/model/json.ts';
import { Problem } from '../../../../src/fhir/model/outcome.ts';
import type { AnyResource } from '../../../../src/fhir/model/r4.ts';

const diff = (inside: string) => `<diff xmlns:f="http://hl7.org/fhir">${inside}</diff>`;
const apply = (resource: string, patch: string): string =>
  JSON.stringify(applyXmlPatch(parseJson(resource) as AnyResource, Buffer.from(patch), createBudget()));
const refusal = (resource: string, patch: string): number => {
  try {
    apply(resource, patch);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.status;
    throw thrown;
  }
  return 200;
};
const patient = (more = '') => `{"resourceType":"Patient"${more === '' ? '' : `,${more}`}}`;
const two = patient('"identifier":[{"system":"urn:a","value":"1"},{"system":"urn:b","value":"2"}]');

test.each([
  [
    'an attribute',
    patient('"birthDate":"1970"'),
    '<replace sel="f:Patient/f:birthDate/@value">1980</replace>',
    patient('"birthDate":"1980"'),
  ],
  ['by position', two, '<replace sel="/f:Patient/f:identifier[2]/f:value/@value">x</replace>', two.replace('"2"', '"x"')],
  [
    'by what an inner value is',
    two,
    '<replace sel="f:Patient/f:identifier[f:system/@value=\'urn:b\']/f:value/@value">x</replace>',
    two.replace('"2"', '"x"'),
  ],
  [
    'an element by another',
    patient('"gender":"male"'),
    '<replace sel="f:Patient/f:gender"><f:gender value="female"/></replace>',
    patient('"gender":"female"'),
  ],
  ['by any name', patient('"birthDate":"1970"'), '<replace sel="*/f:birthDate/@value">1980</replace>', patient('"birthDate":"1980"')],
])('replace: %s', (_name, before, operation, after) => {
  expect(apply(before, diff(operation))).toBe(after);
});

test.each([
  [
    'at the end, in the order of the type',
    patient('"birthDate":"1970"'),
    '<add sel="f:Patient"><f:gender value="male"/></add>',
    patient('"gender":"male","birthDate":"1970"'),
  ],
  [
    'an attribute',
    patient('"_birthDate":{"id":"b"}'),
    '<add sel="f:Patient/f:birthDate" type="@value">1970</add>',
    patient('"birthDate":"1970","_birthDate":{"id":"b"}'),
  ],
  [
    'before a neighbour',
    two,
    '<add sel="f:Patient/f:identifier[2]" pos="before"><f:identifier><f:value value="x"/></f:identifier></add>',
    two.replace('},{', '},{"value":"x"},{'),
  ],
  [
    'after a neighbour',
    two,
    '<add sel="f:Patient/f:identifier[1]" pos="after"><f:identifier><f:value value="x"/></f:identifier></add>',
    two.replace('},{', '},{"value":"x"},{'),
  ],
  [
    'at the front',
    two,
    '<add sel="f:Patient" pos="prepend"> <f:identifier><f:value value="x"/></f:identifier> </add>',
    two.replace('[{', '[{"value":"x"},{'),
  ],
  [
    'several at once',
    patient(),
    '<add sel="f:Patient"><f:birthDate value="1970"/><f:gender value="male"/></add>',
    patient('"gender":"male","birthDate":"1970"'),
  ],
])('add: %s', (_name, before, operation, after) => {
  expect(apply(before, diff(operation))).toBe(after);
});

test('remove: an element, an attribute', () => {
  expect(apply(two, diff('<remove sel="f:Patient/f:identifier[1]" ws="after"/>'))).toBe(
    patient('"identifier":[{"system":"urn:b","value":"2"}]'),
  );
  expect(apply(patient('"birthDate":"1970","_birthDate":{"id":"b"}'), diff('<remove sel="f:Patient/f:birthDate/@id"/>'))).toBe(
    patient('"birthDate":"1970"'),
  );
});

test('names without a prefix: of the default namespace, or of any where there is none', () => {
  const operation = '<replace sel="Patient/gender"><gender value="female"/></replace>';
  for (const document of [`<diff>${operation}</diff>`, `<diff xmlns="http://hl7.org/fhir">${operation}</diff>`])
    expect(apply(patient('"gender":"male"'), document)).toBe(patient('"gender":"female"'));
  expect(refusal(patient('"gender":"male"'), `<diff xmlns="urn:other">${operation}</diff>`)).toBe(422);
});

test('what is not touched keeps its digits, and a narrative its bytes', () => {
  const div = '<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p class=\'a\'>a &amp; b<br/>&gt;</p></div>';
  const before = `{"resourceType":"Observation","text":{"status":"generated","div":"${div}"},"status":"final","code":{"text":"x"},"valueQuantity":{"value":7.20}}`;
  expect(apply(before, diff('<replace sel="f:Observation/f:status/@value">amended</replace>'))).toBe(before.replace('final', 'amended'));
});

test.each([
  ['leads to nothing', '<remove sel="f:Patient/f:name"/>', 422],
  ['leads to several', '<remove sel="f:Patient/f:identifier"/>', 422],
  ['removes the resource', '<remove sel="f:Patient"/>', 422],
  ['adds an attribute that is there', '<add sel="f:Patient/f:identifier[1]/f:value" type="@value">x</add>', 422],
  ['leaves what is no FHIR', '<add sel="f:Patient"><f:colour value="red"/></add>', 400],
  ['adds text', '<add sel="f:Patient">text</add>', 400],
  ['has no selector', '<remove/>', 400],
  ['is no operation', '<move sel="f:Patient"/>', 400],
  ['has an attribute that is not known', '<remove sel="f:Patient/f:identifier[1]" deep="true"/>', 400],
  ['asks with a function', '<remove sel="id(\'a\')"/>', 400],
  ['asks with an axis', '<remove sel="f:Patient/descendant::f:identifier"/>', 400],
  ['asks for all below', '<remove sel="//f:identifier"/>', 400],
  ['goes up', '<remove sel="f:Patient/../f:Patient"/>', 400],
  ['has a prefix that nobody declared', '<remove sel="g:Patient"/>', 400],
  ['is very long', `<remove sel="f:Patient${'/f:a'.repeat(5000)}"/>`, 400],
  ['replaces by two', '<replace sel="f:Patient/f:identifier[1]"><f:identifier/><f:identifier/></replace>', 400],
])('an operation that %s: refused', (_name, operation, status) => {
  expect(refusal(two, diff(operation))).toBe(status);
});

test.each([
  ['not well-formed', '<diff>'],
  ['no XML', '[]'],
  ['an external entity', '<!DOCTYPE diff [<!ENTITY a SYSTEM "file:///etc/passwd">]><diff><add sel="Patient">&a;</add></diff>'],
  ['entities that grow', `<!DOCTYPE d [<!ENTITY a "${'x'.repeat(1000)}">]><d>&a;</d>`],
  ['50,000 levels', `${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}`],
])('a document that is %s: 400', (_name, document) => {
  expect(refusal(two, document)).toBe(400);
});
