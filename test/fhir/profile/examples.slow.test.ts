// https://hl7.org/fhir/R4/examples.html: real resources, none rejected without a reason
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/model/json.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { hl7Examples, shared, slow } from './shared.ts';

/** Examples of HL7 that break HL7's rules, or ours on purpose: file → the finding and why. */
const reasons: readonly (readonly [RegExp, string, string])[] = [
  [/^[Qq]uestionnaire-qs1/, 'Questionnaire.item.linkId is required.', 'the example leaves out what is 1..1'],
  [/^SearchParameter-(codesystem|valueset)-extensions-/, 'SearchParameter.base is required.', 'the example leaves out what is 1..*'],
  [/^SearchParameter-questionnaireresponse-extensions-/, 'SearchParameter.id does not have the format of id.', 'longer than 64 characters'],
  [/^CodeSystem-v2-0550/, 'CodeSystem.concept.code does not have the format of code.', 'no-break spaces in codes'],
  [/^StructureDefinition-(Definition|Event|FiveWs|Request)/, 'sdf-4:', 'HL7 made its own patterns without a baseDefinition'],
  [/^(EventDefinition-example|Questionnaire-zika)/, 'txt-1: Narrative.div has no content.', 'an empty narrative breaks txt-2'],
  [
    /^Media-1\.2\.840/,
    'txt-1: Narrative.div loads an image or style from elsewhere.',
    'an image is fetched from a server elsewhere: refused on purpose',
  ],
  [
    /^MedicationRequest-medrx0301/,
    'MedicationRequest.dispenseRequest.performer leads to a type',
    'leads to a Practitioner; only Organization is allowed',
  ],
  [/^Observation-clinical-gender/, 'Observation.performer leads to a type', 'leads to what may not perform'],
];

slow('real resources', () => {
  test('HL7: every example is valid but for those with a reason', () => {
    const unexplained: unknown[] = [];
    let count = 0;
    for (const folder of ['json', 'json-twin-of-xml'] as const) {
      for (const [file, text] of hl7Examples(folder, () => true)) {
        count++;
        for (const finding of validate(parseJson(text))) {
          if (!reasons.some(([name, start]) => name.test(file) && finding.text?.startsWith(start))) unexplained.push([file, finding]);
        }
      }
    }
    expect(count).toBeGreaterThan(5000);
    expect(unexplained).toEqual([]);
  }, 900_000);

  test('Synthea: no bundle is rejected', () => {
    const rejected: unknown[] = [];
    let count = 0;
    for (const root of ['synthea', 'synthea-infra']) {
      for (const set of readdirSync(path.join(shared, 'data', root))) {
        for (const file of readdirSync(path.join(shared, 'data', root, set))) {
          if (!/\.json(\.gz)?$/.test(file)) continue;
          const bytes = readFileSync(path.join(shared, 'data', root, set, file));
          count++;
          const findings = validate(parseJson(file.endsWith('.gz') ? gunzipSync(bytes) : bytes));
          if (findings.length > 0) rejected.push([file, findings.slice(0, 3)]);
        }
      }
    }
    expect(count).toBeGreaterThan(150);
    expect(rejected).toEqual([]);
  }, 900_000);
});
