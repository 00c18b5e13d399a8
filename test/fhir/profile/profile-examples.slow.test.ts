// docs/profiles.md, https://hl7.org/fhir/R4/profilelist.html: real resources against the profiles that they name, HL7's definitions as definitions, and HL7's validator beside ours
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/model/json.ts';
import { type AnyResource, definitions, type Json } from '../../../src/fhir/model/r4.ts';
import { isObject } from '../../../src/fhir/profile/findings.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { specification } from '../../../src/fhir/terminology/definitions.ts';
import { createKnowledge, newCompiled } from '../../../src/fhir/terminology/knowledge.ts';
import { createTerminology } from '../../../src/fhir/terminology/terminology.ts';
import { profilesOf } from './profile-ground.ts';
import { hl7Examples, shared, slow } from './shared.ts';

const profiles = profilesOf([]);
const errorsOf = async (resource: AnyResource) => (await profiles.check(resource)).filter(({ severity }) => severity === undefined);

/** Examples of Japanese guides that break R4 itself: file → the finding and why. */
const reasons: readonly (readonly [RegExp, RegExp, string])[] = [
  [/Bundle-eCheckupReport-Sample/, /^Observation\.specimen names a type/, 'Reference.type is written with a small letter'],
  [/Composition-compositionReferralExample01/, /does not lead to a resource/, 'names of resources stand where references belong'],
  [/Composition-compositionReferralExample01/, /^txt-1: Narrative\.div is not one div/, 'a div without the XHTML namespace'],
  [/Condition-piReferralExample01/, /^CodeableConcept\.text does not have the format/, 'an empty string'],
];

/** An Observation with the vital signs' profile, and what may be done to it. */
const vitals = (profile: string, code: string, unit: string): Json => ({
  resourceType: 'Observation',
  id: 'v',
  meta: { profile: [`http://hl7.org/fhir/StructureDefinition/${profile}`] },
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2024-01-01',
  valueQuantity: { value: 60, unit, system: 'http://unitsofmeasure.org', code: unit },
});

const changes: readonly ((resource: Json) => void)[] = [
  () => undefined,
  ...['category', 'subject', 'effectiveDateTime', 'valueQuantity'].map(name => (resource: Json) => void delete resource[name]),
  resource => void (resource['code'] = { text: 'x' }),
  resource => void (resource['code'] = { coding: [{ system: 'http://loinc.org', code: '1-8' }] }),
  resource => void (resource['effectiveDateTime'] = '2024'),
  resource => void (resource['category'] = [{ text: 'x' }, ...(resource['category'] as Json[])]),
  resource => void (resource['category'] = [...(resource['category'] as Json[]), ...(resource['category'] as Json[])]),
  ...['unit', 'system', 'code', 'value'].map(name => (resource: Json) => void delete (resource['valueQuantity'] as Json)[name]),
  resource => void ((resource['valueQuantity'] as Json)['system'] = 'http://example.org'),
  resource => {
    delete resource['valueQuantity'];
    resource['valueString'] = 'x';
  },
  resource => {
    delete resource['valueQuantity'];
    resource['dataAbsentReason'] = { text: 'x' };
  },
  resource => void (resource['component'] = [{ code: { text: 'x' } }]),
  resource => void (resource['hasMember'] = [{ display: 'x' }]),
  resource =>
    void (resource['extension'] = [{ url: 'http://hl7.org/fhir/StructureDefinition/observation-bodyPosition', valueString: 'x' }]),
];

slow('profiles and real resources', () => {
  test('HL7: every example conforms to the profiles of R4 that it names, its extensions to their definitions, and every definition can be used', async () => {
    const wrong: unknown[] = [];
    let named = 0;
    for (const [file, text] of hl7Examples('json', () => true)) {
      const resource = parseJson(text) as AnyResource;
      if (!profiles.concerns(resource)) continue;
      if (resource.meta?.['profile'] !== undefined) named++;
      for (const finding of [...(await errorsOf(resource)), ...(await profiles.checkDefinition(resource))]) wrong.push([file, finding]);
    }
    expect(named).toBeGreaterThan(50);
    expect(wrong).toEqual([]);
  }, 900_000);

  test('Synthea: every resource conforms to the profiles of R4 that it names, units too', async () => {
    const terminology = createTerminology(createKnowledge(specification(), newCompiled()));
    const known = profilesOf([], terminology);
    const wrong: unknown[] = [];
    let held = 0;
    for (const set of readdirSync(path.join(shared, 'data/synthea'))) {
      for (const file of readdirSync(path.join(shared, 'data/synthea', set)).filter(name => name.endsWith('.json.gz'))) {
        const { entry } = JSON.parse(gunzipSync(readFileSync(path.join(shared, 'data/synthea', set, file))).toString()) as {
          entry: { resource: AnyResource }[];
        };
        for (const { resource } of entry.filter(one => known.concerns(one.resource))) {
          const findings = await known.check(resource);
          if (findings.every(({ severity }) => severity !== 'information')) held++;
          wrong.push(...findings.filter(({ severity }) => severity === undefined).map(one => [file, one]));
        }
      }
    }
    expect(held).toBeGreaterThan(1000);
    expect(wrong).toEqual([]);
  }, 900_000);

  test('R4’s own definitions can be stored', async () => {
    const wrong: unknown[] = [];
    for (const file of ['profiles-others.json', 'extension-definitions.json', 'profiles-types.json', 'profiles-resources.json'])
      for (const { resource } of definitions(file).entry!)
        for (const finding of await profiles.checkDefinition(resource as unknown as AnyResource)) wrong.push([resource!.id, finding]);
    expect(wrong).toEqual([]);
  }, 900_000);

  test('Japanese guides: no example is refused by R4 without a reason', async () => {
    const wrong: unknown[] = [];
    let count = 0;
    const root = path.join(shared, 'data/jp');
    for (const set of readdirSync(root).filter(name => name !== 'malformed-json')) {
      for (const file of readdirSync(path.join(root, set)).filter(name => name.endsWith('.json'))) {
        count++;
        const resource = parseJson(readFileSync(path.join(root, set, file))) as AnyResource;
        for (const finding of [...validate(resource), ...(await errorsOf(resource))])
          if (!reasons.some(([name, text]) => name.test(file) && text.test(finding.text!))) wrong.push([set, file, finding]);
      }
    }
    expect(count).toBeGreaterThan(150);
    expect(wrong).toEqual([]);
  }, 900_000);

  test('HL7’s validator says of vital signs, whole and broken, what we say', async () => {
    const resources: Json[] = [];
    for (const [profile, code, unit] of [
      ['vitalsigns', '29463-7', 'kg'],
      ['bodyweight', '29463-7', 'kg'],
      ['bodytemp', '8310-5', 'Cel'],
      ['heartrate', '8867-4', '/min'],
    ] as const) {
      for (const change of changes) {
        const resource = vitals(profile, code, unit);
        change(resource);
        resources.push(resource);
      }
    }
    const run = spawnSync(path.join(shared, 'bin/validator-oracle/oracle'), {
      input: resources.map(one => `${JSON.stringify(one)}\n`).join(''),
      maxBuffer: 1 << 28,
    });
    const verdicts = run.stdout
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { errors: { id: string | null; text: string }[] });
    expect(verdicts).toHaveLength(resources.length);
    const differences: unknown[] = [];
    for (const [i, resource] of resources.entries()) {
      // Units and codes beyond what R4 lists are terminology's.
      const theirs = verdicts[i]!.errors.filter(({ id }) => !/^TERMINOLOGY|^Terminology/.test(id ?? ''));
      const ours = [...validate(resource as AnyResource), ...(await errorsOf(resource as AnyResource))];
      if (theirs.length > 0 !== ours.length > 0) {
        const { meta, ...rest } = resource;
        differences.push([isObject(meta) && meta['profile'], rest, theirs.map(({ id, text }) => [id, text]), ours.map(({ text }) => text)]);
      }
    }
    expect(differences).toEqual([]);
  }, 900_000);
});
