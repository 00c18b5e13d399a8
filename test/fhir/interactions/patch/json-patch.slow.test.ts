// https://www.rfc-editor.org/rfc/rfc6902: the public suite of json-patch-tests, every case of it
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { applyJsonPatch } from '../../../../src/fhir/interactions/patch/json-patch.ts';
import { createBudget } from '../../../../src/fhir/interactions/patch/values.ts';
import { Problem } from '../../../../src/fhir/model/outcome.ts';
import { shared, slow } from '../../profile/shared.ts';

interface Case {
  readonly comment?: string;
  readonly doc: unknown;
  readonly patch: unknown;
  readonly expected?: unknown;
  readonly error?: string;
  readonly disabled?: boolean;
}

slow('the suite of JSON Patch', () => {
  test.each(['tests.json', 'spec_tests.json'])('%s', file => {
    const cases = JSON.parse(readFileSync(path.join(shared, 'suites/json-patch-tests', file), 'utf8')) as Case[];
    const judged = cases.filter(one => one.disabled !== true && one.patch !== undefined);
    expect(judged.length).toBeGreaterThan(10);
    for (const { comment, doc, patch, expected, error } of judged) {
      const what = comment ?? error ?? JSON.stringify(patch);
      let told: unknown;
      try {
        told = applyJsonPatch(structuredClone(doc), patch, createBudget());
      } catch (thrown) {
        if (!(thrown instanceof Problem)) throw thrown;
        told = thrown;
      }
      if (error !== undefined) expect([what, told instanceof Problem]).toEqual([what, true]);
      else if (expected === undefined) expect([what, told instanceof Problem]).toEqual([what, false]);
      else expect([what, told]).toEqual([what, expected]);
    }
  });
});
