// https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.variable.path, https://www.rfc-editor.org/rfc/rfc9535, https://www.w3.org/TR/1999/REC-xpath-19991116/
import { expect, test as it } from '@jest/globals';
import { parseJson } from '../../../src/fhir/model/json.ts';
import { pathOf } from '../../../src/testscript/path/path.ts';

const patient = parseJson(`{
  "resourceType": "Patient", "id": "x", "meta": { "versionId": "3" },
  "text": { "status": "generated", "div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Hello</div>" },
  "contained": [{ "resourceType": "Organization", "id": "o", "name": "Org" }],
  "extension": [{ "url": "http://e/weight", "valueDecimal": 7.20 }, { "url": "http://e/b", "valueBoolean": false }],
  "active": true, "birthDate": "1980-01-02", "_birthDate": { "id": "bd", "extension": [{ "url": "http://e/time", "valueString": "noon" }] },
  "_gender": { "extension": [{ "url": "http://e/absent", "valueCode": "unknown" }] },
  "name": [{ "id": "n1", "use": "official", "family": "A", "given": ["b", "c"] }, { "use": "old", "family": "Z", "given": ["d"] }],
  "telecom": [{ "system": "phone", "value": "1", "rank": 2 }, { "system": "email", "value": "e", "rank": 1 }]
}`);

it.each([
  ['id', ['x']],
  ['meta.versionId', ['3']],
  ['.id', ['x']],
  ['Patient.id', ['x']],
  ['$.id', ['x']],
  ["$['name'][0]['family']", ['A']],
  ['$.name[-1].family', ['Z']],
  ['$.name[*].family', ['A', 'Z']],
  ['name.given', ['b', 'c', 'd']],
  ['name[0].given[1]', ['c']],
  ['$.name[0:1].family', ['A']],
  ['$.name[0,1].family', ['A', 'Z']],
  ['$..family', ['A', 'Z']],
  ['$..given[0]', ['b', 'd']],
  ["$.name[?(@.use == 'old')].family", ['Z']],
  ["$.name[?@.use != 'old'].family", ['A']],
  ["$.telecom[?(@.system == 'phone' && @.rank > 1)].value", ['1']],
  ["$.telecom[?(@.system == 'fax' || @.rank <= 1)].value", ['e']],
  ['$.name[?(@.id)].family', ['A']],
  ['$.name[?(!@.id)].family', ['Z']],
  ['$.extension[0].valueDecimal', ['7.20']],
  ['$.nothing.there', []],
  ['$.active', ['true']],
  ['$.meta', ['{"versionId":"3"}']],
])('JSONPath %s', (path, found) => {
  expect(pathOf(patient, path)).toEqual(found);
});

it.each([
  ['/Patient/id/@value', ['x']],
  ['Patient/id/@value', ['x']],
  ['fhir:Patient/fhir:id/@value', ['x']],
  ['/f:Patient/f:name[f:use/@value="old"]/f:family/@value', ['Z']],
  ["//f:name[f:use[@value='old'] and not(f:period)]/f:family/@value", ['Z']],
  ['//family', ['A', 'Z']],
  ['Patient/name[1]/given[last()]/@value', ['c']],
  ['Patient/name[position() = 2]/family/@value', ['Z']],
  ['Patient/name/@id', ['n1']],
  ['count(//given)', ['3']],
  ['count(/Patient/name) = 2', ['true']],
  ['boolean(/Patient/address)', ['false']],
  ["/Patient/extension[@url='http://e/weight']/valueDecimal/@value", ['7.20']],
  ["/Patient/birthDate/extension[@url='http://e/time']/valueString/@value", ['noon']],
  ['/Patient/gender/extension/valueCode/@value', ['unknown']],
  ['/Patient/contained/Organization/name/@value', ['Org']],
  ['//Organization/id/@value', ['o']],
  ['Patient/name/given/../family/@value', ['A', 'Z']],
  ["concat(//name[1]/family/@value, '-', //name[2]/family/@value)", ['A-Z']],
  ["//telecom[contains(system/@value, 'ail') or starts-with(value/@value, 'q')]/value/@value", ['e']],
  ["substring-before(/Patient/birthDate/@value, '-')", ['1980']],
  ["substring-after(/Patient/birthDate/@value, '-')", ['01-02']],
  ['string-length(/Patient/id/@value)', ['1']],
  ['sum(//rank/@value)', ['3']],
  ['//rank[@value > 1]/../value/@value', ['1']],
  ['/Patient/active/@value | /Patient/id/@value', ['true', 'x']],
  ['local-name(/*)', ['Patient']],
  ['/Patient/text/div', ['Hello']],
  ['/Patient/address/@value', []],
  ['(//family)[2]/@value', ['Z']],
])('XPath %s', (path, found) => {
  expect(pathOf(patient, path)).toEqual(found);
});

it.each([
  '$.name[',
  '$.name[?(@.family =~ /a/)]',
  '$.name[?(length(@.given) > 1)]',
  '$.a b',
  '//name[',
  'document("/etc/passwd")',
  "Patient/name[matches(family/@value, '(a+)+')]",
  'ancestor::*',
  '//*[@value=$x]',
  '',
])('path that is not supported is a fault and finds nothing: %s', path => {
  expect(() => pathOf(patient, path)).toThrow(/cannot be understood|not supported/);
});

const outcome = (act: () => unknown): string => {
  try {
    return JSON.stringify(act());
  } catch (error) {
    return (error as Error).message;
  }
};

it('path: nested as deep as it likes, it ends', () => {
  expect(() => pathOf(patient, `${'('.repeat(9000)}1`)).toThrow('nested too deeply');
  expect(() => pathOf(patient, '$'.padEnd(20_000, '.a'))).toThrow('too long');
  const wide = { resourceType: 'Basic', list: Array.from({ length: 3000 }, (_, i) => ({ a: i })) };
  for (const path of [
    '//*[//*[//*[@value = "x"]]]',
    '$..[?(@..b)]..[?(@..b || @..c)]',
    '//*[count(//*) = 1]',
    "$.list[*]..['a','a','a']..a",
  ])
    expect([path, outcome(() => pathOf(wide, path))]).toEqual([path, expect.stringMatching(/looks at too much|^\[/)]);
  expect(() => pathOf(wide, '//*[//*[//*[@value = "x"]]]')).toThrow('looks at too much');
  const narrative = { resourceType: 'Basic', text: { status: 'generated', div: '<'.repeat(2_000_000) } };
  expect(pathOf(narrative, 'string-length(/Basic/text/div)')).toEqual(['2000000']);
  expect(pathOf(JSON.parse('{"__proto__":{"a":1}}'), '$.constructor')).toEqual([]);
});
