// https://hl7.org/fhir/R4/elementdefinition.html#path
import { expect, test } from '@jest/globals';
import { tree } from '../../src/deid/paths.ts';
import { policyNamed, policyOf } from '../../src/release/policies.ts';

test('paths become a tree of names', () => {
  expect(JSON.stringify(tree(['code', 'component.code', 'component.value[x]']))).toBe('{"code":{},"component":{"code":{},"value[x]":{}}}');
});

test.each(['__proto__.code', 'constructor.code'])('%s is no element of R4: the policy does not load, and nothing else changes', path => {
  const { version } = policyNamed('jp-anonymized').policy;
  expect(() => policyOf({ extends: 'jp-anonymized', name: 'x', version, title: 'x', elements: { Patient: [path] } })).toThrow(
    'R4 has no such element',
  );
  expect('code' in {}).toBe(false);
});
