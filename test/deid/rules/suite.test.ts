// The cases of the format's own tool: configuration and input give the expected resource, by walk and by tree.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { compileRules } from '../../../src/deid/rules/compile.ts';
import { readRules } from '../../../src/deid/rules/configuration.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { treated } from './ground.ts';

const suite = path.resolve(import.meta.dirname, '../../../../shared/suites/fhirpath-rule-policies');
if (!existsSync(suite)) console.warn('SKIPPED: ../shared/suites/fhirpath-rule-policies is not there');

const text = (...name: string[]): string => readFileSync(path.join(suite, ...name), 'utf8');
const resource = (name: string): AnyResource => JSON.parse(text('resources', name).replace(/^\ufeff/, '')) as AnyResource;
const cases = existsSync(suite) ? (JSON.parse(text('cases.json')) as { configuration: string; input: string; expected: string }[]) : [];

(cases.length > 0 ? test.each(cases) : test.skip.each([{ configuration: '', input: '', expected: '' }]))(
  '$configuration on $input gives $expected',
  ({ configuration, input, expected }) => {
    const compiled = compileRules(readRules(text('configurations', configuration)));
    const given = resource(input);
    for (const evaluator of ['tree', 'walk'] as const) {
      expect(treated(compiled, given, undefined, evaluator).resource).toEqual(resource(expected));
    }
  },
);

(existsSync(suite) ? test : test.skip)('the default configuration loads, and what is unsafe or without effect in it is said', () => {
  const { rules, warnings } = readRules(text('configurations', 'default-r4-sample.json'));
  expect(rules.length).toBe(193);
  expect(warnings.filter(one => one.includes('notAvaliable'))).toHaveLength(1);
  expect(warnings.filter(one => one.includes('finds nothing'))).toEqual([expect.stringContaining('notAvaliable')]);
});
