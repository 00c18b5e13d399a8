// docs/deidentification/offline.md: noren policy
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Refusal } from '../../src/commands/command.ts';
import { command } from '../../src/commands/policy.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-policy-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function policy(...args: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const run = command.run as (args: string[], print: (text: string) => void) => Promise<number>;
  const code = await run(args, text => {
    out += text;
  });
  return { code, out };
}

const fileOf = (name: string, json: unknown): string => {
  const file = path.join(root, name);
  writeFileSync(file, JSON.stringify(json));
  return file;
};

test.each(builtIn)('policy check: %s loads, and is what its hash says', async name => {
  const { code, out } = await policy('check', name, '--json');
  const said = JSON.parse(out) as { hash: string; types: string[] };
  expect(code).toBe(0);
  expect(said.hash).toBe(policyNamed(name).hash);
  expect(said.types).toContain('Patient');
});

test('policy check: everything that is wrong is told, each with its place', async () => {
  const file = fileOf('wrong.json', {
    ...{ extends: 'jp-anonymized', name: 'mine', version: '1', title: 'Mine' },
    elements: { Patient: ['nickname', 'active'], Coverage: ['sponsor'] },
    groups: [
      {
        measure: 'kept',
        title: 'Kept',
        rules: [
          { paths: ['Observation.status'], method: 'forget' },
          { paths: ['Patient.gender'], method: 'date-shift' },
          { paths: ['Patient.shoeSize'], method: 'remove' },
        ],
      },
    ],
  });
  const { code, out } = await policy('check', file);
  expect(code).toBe(1);
  for (const place of [
    'elements.Patient: "active" stands twice',
    'Patient.nickname: ',
    'Observation.status: ',
    'Patient.gender: ',
    'Patient.shoeSize: ',
    'Coverage.sponsor: ',
  ])
    expect(out).toContain(`policy: ${place}`);
  expect(out).toMatch(/\n6 problems\.\n$/);
});

test('policy check: what is misspelt is told, all of it, also where it stands in the way of the policy that this one builds on', async () => {
  const file = fileOf('misspelt.json', {
    ...{ extends: 'jp-anonymized', name: 'mine', version: '1', title: 'Mine', without: ['age-top-cod'], omit: { Pateint: '*' } },
    label: { system: 'urn:l', code: 'c', display: 'd', colour: 'red' },
    groups: [
      {
        ...{ measure: 'peculiar-descriptions', titel: 'Peculiar' },
        rules: [
          { paths: ['Patient.birthDate'], method: 'generalize-date', brith: true, too: 'year' },
          { paths: ['Observation.valueQuantity'], method: 'perturb', span: 'wide' },
        ],
      },
    ],
  });
  const { code, out } = await policy('check', file);
  expect(code).toBe(1);
  for (const said of [
    'without: there is no method "age-top-cod"',
    'omit.Pateint: is no type that the other policy lists',
    'groups[0]: "titel" is no part of a policy',
    'label: "colour" is no part of a policy',
  ])
    expect(out).toContain(`policy: ${said}\n`);
  expect(out).toMatch(/^policy: groups\[\d\]\.rules\[\d\]\.brith: the method "generalize-date" has no option "brith": it knows "to", /m);
  expect(out).toMatch(/\.too: the method "generalize-date" has no option "too": .* \(rule for Patient\.birthDate\)$/m);
  expect(out).toMatch(/\.span: "span" of the method "perturb" must be a number, 0 or more \(rule for Observation\.valueQuantity\)$/m);
  expect(out).toMatch(/\n7 problems\.\n$/);
});

test('policy check: what a method makes is held against each element, one problem each', async () => {
  const file = fileOf('made.json', {
    ...{ extends: 'jp-anonymized', name: 'mine', version: '1', title: 'Mine', elements: { Patient: ['name'] } },
    groups: [
      {
        ...{ measure: 'kept', title: 'Kept' },
        rules: [
          { paths: ['Patient.birthDate'], method: 'substitute', value: 'not a date' },
          { paths: ['Patient.gender', 'Observation.status'], method: 'substitute', value: 'hidden' },
          { paths: ['HumanName'], method: 'substitute', value: { foo: 1 } },
          { paths: ['Encounter.status'], method: 'hash' },
        ],
      },
    ],
  });
  const { code, out } = await policy('check', file);
  expect(code).toBe(1);
  for (const place of ['Patient.birthDate', 'Patient.gender', 'Observation.status', 'HumanName', 'Encounter.status'])
    expect(out).toContain(`policy: ${place}: what the method "`);
  expect(out).toMatch(/\n5 problems\.\n$/);
});

test('policy check: what is no JSON, or no policy, is told', async () => {
  const file = path.join(root, 'no.json');
  writeFileSync(file, '{"name": ');
  expect(await policy('check', file)).toEqual({ code: 1, out: expect.stringMatching(/^policy: the file: is no JSON/) });
  expect((await policy('check', fileOf('list.json', []))).code).toBe(1);
  await expect(policy('check', path.join(root, 'nowhere.json'))).rejects.toThrow('no file that can be read');
});

test('policy check: a name that stands twice is told, since what the first says would be passed over', async () => {
  const file = path.join(root, 'twice.json');
  const own = '"name": "own", "version": "1", "title": "own", "extends": "jp-anonymized"';
  writeFileSync(file, `{${own}, "omit": {"Patient": ["address"]},\n"omit": {"Condition": ["recordedDate"]}}`);
  expect(await policy('check', file)).toEqual({
    code: 1,
    out: expect.stringContaining('policy: the file, line 2: "omit" stands twice in one object'),
  });
});

test('policy check: a configuration with fhirPathRules loads with warnings, or says what is wrong', async () => {
  const good = fileOf('rules.json', { fhirVersion: 'R4', fhirPathRules: [{ path: 'Patient.name', method: 'redact' }] });
  const { code, out } = await policy('check', good);
  expect(code).toBe(0);
  expect(out).toContain('a configuration with 1 rule\n');
  expect(out).toMatch(/^warning: /m);
  const bad = fileOf('rules-bad.json', { fhirVersion: 'R4', fhirPathRules: [{ path: 'Patient.name' }] });
  expect(await policy('check', bad)).toEqual({ code: 1, out: expect.stringContaining('fhirPathRules[0]') });
  await expect(policy('explain', good)).rejects.toThrow('depends on each resource');
});

test('policy explain: what becomes of each element, of one type, of one path', async () => {
  const all = JSON.parse((await policy('explain', 'jp-anonymized', '--json')).out) as { path: string; by: string }[];
  expect(all).toHaveLength(policyNamed('jp-anonymized').decisions.size);
  const { code, out } = await policy('explain', 'jp-anonymized', '--type', 'Patient');
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}Patient\.birthDate +generalize-date +peculiar-descriptions$/m);
  expect(out).toMatch(/^ {2}Patient\.name +remove +identifying-descriptions$/m);
  expect(out).not.toContain('Observation');
  expect((await policy('explain', 'jp-anonymized', '--path', 'Patient.gender')).out).toMatch(/^Patient\n {2}Patient\.gender +keep +\S+\n$/);
  await expect(policy('explain', 'jp-anonymized', '--type', 'Nothing')).rejects.toThrow('No element of R4 is called so');
});

test('policy diff: a policy is itself; a change of a method and one of an option are told', async () => {
  expect(await policy('diff', 'jp-anonymized', 'jp-anonymized')).toEqual({ code: 0, out: 'No difference.\n' });
  const file = fileOf('other.json', {
    ...{ extends: 'jp-anonymized', name: 'other', version: '1', title: 'Other', omit: { Patient: ['gender'] }, shift: { mostDays: 30 } },
  });
  const { code, out } = await policy('diff', 'jp-anonymized', file);
  expect(code).toBe(1);
  expect(out).toMatch(/^Patient\.gender +keep \(kept\) +remove \(unlisted\)$/m);
  expect(out).toMatch(/^shift +\{\} +\{"mostDays":30\}$/m);
  expect(out).toMatch(/\n1 element decided otherwise, 1 difference beside\.\n$/);
  const machine = JSON.parse((await policy('diff', 'jp-anonymized', file, '--json')).out) as { elements: unknown[]; rest: unknown[] };
  expect([machine.elements.length, machine.rest.length]).toEqual([1, 1]);
});

test('policy harden: a configuration becomes a policy that loads, and what could not be taken over is told', async () => {
  const rules = [
    { path: 'Patient.address', method: 'redact' },
    { path: 'Patient.birthDate', method: 'perturb', span: 1 },
  ];
  const given = fileOf('to-harden.json', { fhirVersion: 'R4', fhirPathRules: rules });
  const printed: string[] = [];
  const told: string[] = [];
  const run = command.run as (args: string[], print: (text: string) => void, say: (text: string) => void) => Promise<number>;
  expect(
    await run(
      ['harden', given],
      text => void printed.push(text),
      text => void told.push(text),
    ),
  ).toBe(0);
  expect(told.join('')).toContain('"perturb" is not taken over');
  const out = fileOf('hardened.json', JSON.parse(printed.join('')));
  expect((await policy('check', out)).code).toBe(0);
  expect((await policy('explain', out, '--path', 'Patient.address')).out).toContain('remove');
  expect((await policy('explain', out, '--path', 'Patient.gender')).out).toContain('keep');
  const again: string[] = [];
  await run(
    ['check', given, '--harden'],
    text => void again.push(text),
    () => {},
  );
  expect(again).toEqual(printed);
  await expect(policy('diff', given, given, '--harden')).rejects.toThrow('--harden goes with');
  await expect(policy('harden', 'jp-anonymized')).rejects.toThrow('already');
  const nothing = fileOf('nothing-leaves.json', { fhirVersion: 'R4', fhirPathRules: [{ path: 'Resource', method: 'redact' }] });
  await expect(policy('harden', nothing)).rejects.toThrow(Refusal);
  await expect(policy('harden', given, '--base', 'none')).rejects.toThrow('--base must be one of');
});
