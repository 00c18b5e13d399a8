// A configuration of the format as a policy of Noren: it loads, and lets out only what both give. docs/deidentification/rules.md
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../../../src/deid/compile.ts';
import { readPolicy } from '../../../src/deid/policy.ts';
import { readRules } from '../../../src/deid/rules/configuration.ts';
import { harden } from '../../../src/deid/rules/harden.ts';
import type { Json } from '../../../src/fhir/model/r4.ts';
import { policyNamed } from '../../../src/release/policies.ts';
import { configuration } from './ground.ts';

const { policy: own } = policyNamed('jp-anonymized');
/** The policy as JSON, with the lists of codes in it; without what it does not say. */
const base: Json = {
  ...Object.fromEntries(Object.entries(own).filter(([, part]) => !Array.isArray(part) || part.length > 0)),
  groups: own.groups.map(group => ({ ...group, rules: group.rules.map(({ paths, method, options }) => ({ paths, method, ...options })) })),
};
const hardened = (rules: readonly object[]) => {
  const made = harden(readRules(configuration(rules)), base);
  const { types } = compilePolicy(readPolicy(made.policy));
  return { ...made, types: new Set(types.keys()), elements: made.policy['elements'] as Record<string, string[]> };
};

test('what the configuration keeps by default leaves as the built-in policy lets it', () => {
  const { elements, notes } = hardened([]);
  expect(elements).toEqual(base['elements']);
  expect(notes.join()).toContain('Free text');
});

describe('what the configuration removes does not leave', () => {
  test.each<[object, string, string[]]>([
    [{ path: 'Patient.gender', method: 'redact' }, 'Patient', ['gender']],
    [{ path: "nodesByType('date')", method: 'redact' }, 'Patient', ['birthDate']],
    [
      { path: 'Patient.where(active = true).gender', method: 'redact' },
      'Patient',
      ['active', 'gender', 'birthDate', 'deceased[x]', 'address'],
    ],
    [{ path: "Patient.address.where(use = 'old')", method: 'redact' }, 'Patient', ['address']],
    [{ path: "nodesByType('Address').city", method: 'substitute', replaceWith: 'x' }, 'Patient', ['address']],
    [
      { path: 'Observation.component', method: 'redact' },
      'Observation',
      own.elements['Observation']!.filter(one => one.startsWith('component.')),
    ],
    [{ path: 'Observation.value', method: 'perturb', span: 1 }, 'Observation', ['value[x]']],
    [{ path: 'Observation.status', method: 'cryptoHash' }, 'Observation', ['status']],
    [{ path: 'Observation.issued', method: 'encrypt' }, 'Observation', ['issued']],
    [{ path: 'Bundle.entry.resource.gender', method: 'redact' }, 'Patient', ['gender']],
    [{ path: 'Observation.contained.ofType(Patient).birthDate', method: 'redact' }, 'Patient', ['birthDate']],
    [{ path: 'AdverseEvent.outcome', method: 'redact' }, 'Patient', []],
  ])('%j', (rule, type, gone) => {
    const { elements } = hardened([rule]);
    expect(elements[type] ?? []).toEqual(own.elements[type]!.filter(one => !gone.includes(one)));
  });

  test('one variant of a choice', () => {
    const { elements } = hardened([{ path: 'Observation.value as Quantity', method: 'redact' }]);
    expect(elements['Observation']).not.toContain('value[x]');
    expect(elements['Observation']).not.toContain('valueQuantity');
    expect(elements['Observation']).toContain('valueCodeableConcept');
  });

  test('every code, and with it what is coded', () => {
    const { elements } = hardened([{ path: "nodesByType('Coding').code", method: 'redact' }]);
    expect(elements['Condition']).not.toContain('code');
    expect(elements['Condition']).toContain('subject');
  });

  test('one part of a data type: the type is treated as a whole, and so is removed as one', () => {
    const quantity = hardened([{ path: 'Observation.value.unit', method: 'redact' }]).elements['Observation']!;
    expect(quantity).not.toContain('valueQuantity');
    expect(quantity).toContain('valueCodeableConcept');
    const timing = hardened([{ path: "nodesByName('bounds')", method: 'redact' }]).elements;
    expect(timing['Observation']).not.toContain('effectiveTiming');
    expect(timing['Observation']).toContain('effectiveDateTime');
    expect(timing['MedicationRequest']).not.toContain('dosageInstruction');
  });

  test('a whole type', () => {
    expect(hardened([{ path: 'Observation', method: 'redact' }]).types.has('Observation')).toBe(false);
    expect(() => hardened([{ path: 'Resource', method: 'redact' }])).toThrow('nothing leaves');
  });
});

test('an earlier keep wins over a later redact, and shifted dates and hashed references leave', () => {
  const { elements } = hardened([
    { path: 'Patient.gender', method: 'keep' },
    { path: 'Encounter.period', method: 'dateShift' },
    { path: "nodesByType('Reference').reference", method: 'cryptoHash' },
    { path: 'Encounter.subject', method: 'keep' },
    { path: 'Resource.id', method: 'cryptoHash' },
    { path: 'Patient', method: 'redact' },
  ]);
  expect(elements['Patient']).toEqual(['gender']);
  expect(elements['Encounter']).toEqual(own.elements['Encounter']);
});

test('what is not taken over is said', () => {
  const { notes } = hardened([
    { path: "Patient.name.where(use = 'official')", method: 'keep' },
    { path: 'Patient.birthDate', method: 'encrypt' },
    { path: 'Patient.photo', method: 'blur' },
    { path: 'Practitioner.name', method: 'redact' },
  ]);
  expect(notes).toEqual(
    expect.arrayContaining([
      expect.stringContaining('fhirPathRules[0]: "keep" with a condition'),
      expect.stringContaining('"encrypt" is not taken over'),
      expect.stringContaining('"blur" is not known'),
      expect.stringMatching(/does not let out: .*Practitioner/),
      expect.stringContaining('Patient.birthDate'),
    ]),
  );
});

const file = path.resolve(import.meta.dirname, '../../../../shared/suites/fhirpath-rule-policies/configurations/default-r4-sample.json');
(existsSync(file) ? test : test.skip)('the default configuration becomes a policy that loads', () => {
  const { policy, notes } = harden(readRules(readFileSync(file, 'utf8')), base);
  const compiled = compilePolicy(readPolicy(policy));
  expect(compiled.types.has('Patient')).toBe(true);
  expect((policy['elements'] as Json)['Observation']).not.toContain('value[x]');
  expect(notes.length).toBeGreaterThan(2);
});
