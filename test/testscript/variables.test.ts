// https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.variable
import { afterAll, expect, test as it } from '@jest/globals';
import { openFhirPath } from '../../src/testscript/fhirpath.ts';
import { Memory } from '../../src/testscript/memory.ts';
import { Message } from '../../src/testscript/message.ts';
import { Variables } from '../../src/testscript/variables.ts';
import { ref } from './lab.ts';

const fhirPath = openFhirPath(5000);
afterAll(() => fhirPath.close());

const declared = [
  { name: 'plain', defaultValue: 'd' },
  { name: 'header', headerField: 'Location', sourceId: 'r' },
  { name: 'expression', expression: 'name.first().family', sourceId: 'r' },
  { name: 'xpath', path: 'Patient/id/@value', sourceId: 'r' },
  { name: 'jsonpath', path: '$.id', sourceId: 'r' },
  { name: 'last', expression: 'id' },
  { name: 'later', expression: 'id', sourceId: 'not-yet', defaultValue: 'until then' },
  { name: 'nothing', expression: 'address.city', sourceId: 'r' },
  { name: 'two', expression: 'name.family', sourceId: 'r' },
  { name: 'complex', expression: 'name.first()', sourceId: 'r' },
  { name: 'bare' },
  { name: 'zone', expression: 'meta.lastUpdated', sourceId: 'r' },
];
const json = {
  resourceType: 'Patient',
  id: '5',
  meta: { lastUpdated: '2024-01-01T00:00:00+02:00' },
  name: [{ family: "O'Hara" }, { family: 'B' }],
};

function make(given: Record<string, string> = {}): { variables: Variables; memory: Memory } {
  const memory = new Memory();
  memory.set('r', new Message('response', { status: 201, headers: new Headers({ location: 'Patient/5' }), json }));
  return { memory, variables: new Variables(new Map(declared.map(v => [v.name, v])), new Map(Object.entries(given)), memory, fhirPath) };
}

it.each([
  ['plain', 'd'],
  ['header', 'Patient/5'],
  ['expression', "O'Hara"],
  ['xpath', '5'],
  ['jsonpath', '5'],
  ['later', 'until then'],
])('variable: %s is %s', async (name, value) => {
  expect(await make().variables.replace(`a ${ref(name)} b`)).toBe(`a ${value} b`);
});

it.each([
  ['nobody', 'The variable nobody has no value: the script does not declare it.'],
  ['bare', 'The variable bare has no value: it has no default and nothing to be taken from.'],
  ['last', 'The variable last has no value: there is no response yet.'],
  ['nothing', 'The variable nothing has no value: nothing is found there.'],
  ['two', 'The variable two has 2 values.'],
  ['complex', 'The variable complex is no primitive value.'],
])('variable: %s is an error, never an empty text', async (name, sentence) => {
  await expect(make().variables.replace(ref(name))).rejects.toThrow(sentence);
});

it('variable: evaluated at its use: over the last response, whatever that is now', async () => {
  const { variables, memory } = make();
  for (const id of ['a', 'b']) {
    memory.response = new Message('response', { json: { resourceType: 'Patient', id } });
    expect(await variables.replace(ref('last'))).toBe(id);
  }
  memory.set('not-yet', memory.response!);
  expect(await variables.replace(ref('later'))).toBe('b');
});

it('variable: what the caller gives goes before the script, and what a test is bound to before that', async () => {
  const { variables } = make({ plain: 'given', extra: 'e' });
  expect(await variables.replace(`${ref('plain')}${ref('extra')}`)).toBe('givene');
  variables.bind('plain', 'bound');
  expect(await variables.replace(ref('plain'))).toBe('bound');
});

it('variable: in FHIRPath a value stays one text, in a URL a plus stays a plus', async () => {
  const { variables } = make();
  expect(await variables.expression(`family = '${ref('expression')}'`)).toBe(String.raw`family = 'O\'Hara'`);
  expect(await variables.url(`Patient?_since=${ref('zone')}`)).toBe('Patient?_since=2024-01-01T00:00:00%2B02:00');
  expect(await variables.url(ref('zone'))).toBe('2024-01-01T00:00:00+02:00');
});

it('variable: a value is not looked through for variables again', async () => {
  expect(await make({ plain: ref('plain') }).variables.replace(ref('plain'))).toBe(ref('plain'));
});

it('variable: in the body of a fixture names that are known are replaced, others stay', async () => {
  const { variables } = make({ runId: 'r1' });
  const body = { a: [`x-${ref('runId')}`, ref('unknown')], b: { c: ref('plain'), d: 1, e: true, f: null } };
  expect(await variables.body(body)).toEqual({ a: ['x-r1', ref('unknown')], b: { c: 'd', d: 1, e: true, f: null } });
  expect(body.a[0]).toBe(`x-${ref('runId')}`);
  await expect(variables.body({ a: ref('nothing') })).rejects.toThrow('has no value');
});
