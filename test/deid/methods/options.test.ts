// docs/deidentification.md: what a rule may say for its method
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { methods } from '../../../src/deid/methods/index.ts';
import { wrongOption } from '../../../src/deid/methods/option.ts';
import { builtIn, policyNamed } from '../../../src/release/policies.ts';
import { compile } from '../ground.ts';

/** A policy with one rule, for an element that nothing lists: its options are looked at all the same. */
const load = (method: string, options: object) =>
  compile({
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [
          { paths: ['code', 'boolean'], method: 'keep' },
          { paths: ['Resource.id'], method: 'pseudonymize' },
          { paths: ['base64Binary'], method, ...options },
        ],
      },
    ],
  });

/** A value that each option takes. */
const good: Readonly<Record<string, unknown>> = {
  'age-top-code.bare': true,
  'age-top-code.unitless': true,
  'bands.units': { kg: { width: 5, top: 150 } },
  'clean-attachment.dicom': {},
  'clean-attachment.texts': false,
  'code-system.systems': [{ system: 'urn:s', code: '[A-Z]' }],
  'code-system.prefixes': [{ prefix: 'urn:p' }],
  'code-system.codes': { 'urn:s': ['a'] },
  'code-system.codesFrom': 'hl7-codes.json',
  'generalize-code.systems': { 'http://hl7.org/fhir/sid/icd-10': { steps: 1 } },
  'generalize-date.to': 'year',
  'generalize-date.years': 5,
  'generalize-date.shift': false,
  'generalize-date.birth': true,
  'hash.domain': 'x',
  'keep.codes': ['M', 'F'],
  'link.system': 'urn:l',
  'link.from': ['urn:f'],
  'perturb.span': 1,
  'perturb.range': 'proportional',
  'perturb.roundTo': 0,
  'place.prefectures': ['東京都'],
  'place.to': 'area',
  'place.areas': { 東京都港区: '区中央部' },
  'pseudonymize.domain': 'uid',
  'quantity.words': ['錠'],
  'quantity.annotations': ['score'],
  'quantity.systems': [{ system: 'urn:u' }],
  'substitute.value': 'x',
  'zip-area.restricted': ['036'],
};

const options = [...methods].flatMap(([method, { options: known }]) => Object.keys(known).map(name => [method, name] as const));

test('each option has a value here', () => expect(options.map(one => one.join('.')).sort()).toEqual(Object.keys(good).sort()));

test.each([...methods.keys()])('%s: an option that it does not know stops the load, and the sentence says what it knows', method => {
  const names = Object.keys(methods.get(method)!.options);
  const knows = names.length === 0 ? 'it knows none' : `it knows ${names.map(name => `"${name}"`).join(', ')}`;
  for (const name of ['colour', 'constructor', 'toString', 'pooledFrom'])
    expect(() => load(method, { [name]: true })).toThrow(
      `policy: groups[0].rules[2].${name}: the method "${method}" has no option "${name}": ${knows} (rule for base64Binary)`,
    );
});

describe.each(options)('%s: %s', (method, name) => {
  const { options: known } = methods.get(method)!;
  test('is taken as it is written', () => expect(wrongOption(method, known, { [name]: good[`${method}.${name}`] })).toBeUndefined());

  test('misspelt, it stops the load', () =>
    fc.assert(
      fc.property(
        fc.nat(name.length - 1),
        fc.constantFrom('left out', 'twice', 'swapped', 'another', 'capital'),
        fc.constantFrom(...'abcxyz_ '),
        (at, how, letter) => {
          const [before, here, next, after] = [name.slice(0, at), name[at]!, name[at + 1] ?? '', name.slice(at + 2)];
          const wrong = {
            'left out': before + next + after,
            twice: before + here + here + next + after,
            swapped: before + next + here + after,
            another: before + letter + next + after,
            capital: before + here.toUpperCase() + next + after,
          }[how];
          fc.pre(!Object.hasOwn(known, wrong) && wrong !== 'paths' && wrong !== 'method');
          expect(wrongOption(method, known, { [wrong]: good[`${method}.${name}`] })).toEqual({
            name: wrong,
            text: expect.stringContaining(`has no option "${wrong}"`),
          });
        },
      ),
      { numRuns: 60 },
    ));

  test('of another type, it stops the load', () => {
    const others = [null, ...(name === 'value' ? [{}] : [[], 7.5, '', true, {}, 'x', [null], { a: null }, -1])].filter(
      one => JSON.stringify(one) !== JSON.stringify(good[`${method}.${name}`]),
    );
    const refused = others.filter(one => wrongOption(method, known, { [name]: one }) !== undefined);
    expect(refused).toContain(null);
    expect(refused.length).toBeGreaterThanOrEqual(name === 'value' ? 2 : 6);
    expect(() => load(method, { [name]: null })).toThrow(
      `policy: groups[0].rules[2].${name}: "${name}" of the method "${method}" must be ${known[name]!.kind}`,
    );
  });
});

test.each([
  ['generalize-date', { brith: true }],
  ['generalize-date', { too: 'year' }],
  ['clean-attachment', { text: false }],
  ['perturb', { span: 1, rangeType: 'proportional' }],
  ['code-system', { systems: [{ system: 'urn:s', cdoe: '[A-Z]' }] }],
  ['quantity', { systems: [{ system: 'urn:s', cdoe: '[A-Z]' }] }],
  ['bands', { units: { kg: { width: 5, botom: 30 } } }],
  ['generalize-code', { systems: { 'http://hl7.org/fhir/sid/icd-10': { steps: 1, untill: 'x' } } }],
])('%s with %j stops the load', (method, said) =>
  expect(() => load(method, said)).toThrow(/^policy: groups\[0\]\.rules\[2\]\..*(?:has no option|must be)/),
);

test('a rule whose method does not exist stops the load, also where nothing listed uses it', () =>
  expect(() => load('kepe', {})).toThrow('policy: base64Binary: there is no method "kepe"'));

test.each(builtIn)('%s loads', name => expect(policyNamed(name).types.size).toBeGreaterThan(0));
