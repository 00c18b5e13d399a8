// https://hl7.org/fhir/R4/examples.html: real resources, none rejected without a reason
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/model/json.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { hl7Examples, shared, slow, unfit } from './shared.ts';

slow('real resources', () => {
  test('HL7: every example is valid but for those with a reason', () => {
    const unexplained: unknown[] = [];
    let count = 0;
    for (const folder of ['json', 'json-twin-of-xml'] as const) {
      for (const [file, text] of hl7Examples(folder, () => true)) {
        count++;
        for (const finding of validate(parseJson(text))) {
          if (!unfit.some(([name, start]) => name.test(file) && finding.text?.startsWith(start))) unexplained.push([file, finding]);
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
