// One walk gives what the rules give one after the other by FHIRPath: over made resources and made lists of rules, and over the specification's own examples.
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CompiledRules, compileRules } from '../../../src/deid/rules/compile.ts';
import { readRules } from '../../../src/deid/rules/configuration.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { hl7Resources } from '../../fhir/profile/shared.ts';
import { isSlow, slowTest } from '../../slow.ts';
import { apply, configuration, context, sorted, treated } from './ground.ts';
import { resources, ruleLists } from './made.ts';

const flags = { enablePartialAgesForRedact: true, enablePartialDatesForRedact: true, enablePartialZipCodesForRedact: true };

/** Output or kind of error, as text. */
function outcome(compiled: CompiledRules, resource: AnyResource, evaluator: 'walk' | 'tree'): string {
  try {
    const { resource: made, operations } = treated(compiled, resource, context, evaluator);
    return JSON.stringify(sorted({ made, operations }));
  } catch (error) {
    return (error as Error).name;
  }
}

test('walk and tree give the same resource and count the same operations', () => {
  const met = { changed: 0, errors: 0 };
  fc.assert(
    fc.property(resources, ruleLists, fc.boolean(), (resource, rules, partial) => {
      const compiled = compileRules(
        readRules(configuration(rules, partial ? { ...flags, restrictedZipCodeTabulationAreas: ['203'] } : {})),
      );
      const byTree = outcome(compiled, resource, 'tree');
      expect(outcome(compiled, resource, 'walk')).toBe(byTree);
      if (byTree.startsWith('{"made"')) met.changed += byTree.includes('"security"') ? 1 : 0;
      else met.errors++;
    }),
    { numRuns: isSlow ? 8000 : 600 },
  );
  expect(met.changed).toBeGreaterThan(50);
  // Most combinations work, so that equal errors hide nothing.
  expect(met.errors).toBeLessThan(met.changed);
}, 300_000);

/** As of the key `123`. */
const hash = (text: string): string => createHmac('sha256', '123').update(text).digest('hex');

// A path that only a tree can follow, for one type: the resource around it is walked.
test.each<[string, AnyResource]>([
  [
    'has no labels inside what is contained',
    {
      resourceType: 'Patient',
      id: 'p',
      contained: [
        {
          resourceType: 'Bundle',
          id: 'b',
          type: 'collection',
          entry: [{ resource: { resourceType: 'Observation', id: 'o', effectiveDateTime: '2020-02-03' } as never }],
        },
      ],
    },
  ],
  [
    'has its dates moved by the id of the root',
    {
      resourceType: 'Parameters',
      id: 'p',
      parameter: [{ name: 'x', resource: { resourceType: 'Bundle', id: 'c', type: 'collection', timestamp: '2020-02-03T10:00:00Z' } }],
    },
  ],
])('a resource by tree inside one that is walked %s', (_, resource) => {
  const compiled = compileRules(
    readRules(
      configuration(
        [
          { path: 'Bundle.children().where($this.exists()).where(false)', method: 'keep' },
          { path: "nodesByType('dateTime')", method: 'dateShift' },
          { path: "nodesByType('instant')", method: 'dateShift' },
        ],
        {},
      ),
    ),
  );
  expect(outcome(compiled, resource, 'walk')).toBe(outcome(compiled, resource, 'tree'));
});

test.each<[string, object, object[], object]>([
  [
    'a value that only stands as null is replaced',
    { resourceType: 'Patient', _birthDate: null },
    [{ path: 'Patient.birthDate', method: 'substitute', replaceWith: '2000' }],
    { birthDate: '2000' },
  ],
  [
    'the id by which dates move is the one that a rule before has written, white space and all',
    { resourceType: 'Patient', id: 'a', birthDate: '2015-02-07' },
    [
      { path: 'Patient.id', method: 'substitute', replaceWith: ' new ' },
      { path: 'Patient.birthDate', method: 'dateShift' },
    ],
    { id: 'new' },
  ],
  [
    '_given stands before given, and each goes on with its own',
    { resourceType: 'Patient', name: [{ _given: [{ id: 'x' }, null], given: ['a', 'b'] }] },
    [
      { path: 'Patient.name.given.id', method: 'keep' },
      { path: 'Patient.name.given', method: 'cryptoHash' },
    ],
    { name: [{ _given: [{ id: 'x' }, null], given: [hash('a'), hash('b')] }] },
  ],
])('%s', (_, resource, rules, holds) => expect(apply(rules, resource).resource).toMatchObject(holds));

const shared = path.resolve(import.meta.dirname, '../../../../shared');
const archive = path.join(shared, 'data/hl7-r4-examples.tar.gz');
const defaults = path.join(shared, 'suites/fhirpath-rule-policies/configurations/default-r4-sample.json');
const there = existsSync(archive) && existsSync(defaults);
if (!there) console.warn('SKIPPED: ../shared with the examples of the specification is not there');

(there ? slowTest : test.skip)(
  'the examples of the specification become the same by walk and by tree under the default configuration',
  () => {
    const compiled = compileRules(readRules(readFileSync(defaults, 'utf8')));
    let met = 0;
    let errors = 0;
    for (const example of hl7Resources()) {
      // Definitions of thousands of elements take the tree minutes.
      if (JSON.stringify(example).length > 60_000) continue;
      const byTree = outcome(compiled, example, 'tree');
      expect([example.id, outcome(compiled, example, 'walk')]).toEqual([example.id, byTree]);
      if (byTree.startsWith('{"made"')) met++;
      else errors++;
    }
    expect(met).toBeGreaterThan(1500);
    expect(errors).toBeLessThan(met / 20);
  },
  600_000,
);
