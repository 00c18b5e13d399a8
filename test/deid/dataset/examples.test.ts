// The specification's own examples through both passes: what was valid stays valid. https://hl7.org/fhir/R4/validation.html
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { applier } from '../../../src/deid/dataset/apply.ts';
import { plan } from '../../../src/deid/dataset/plan.ts';
import { Survey } from '../../../src/deid/dataset/survey.ts';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';

const archive = path.resolve(import.meta.dirname, '../../../../shared/data/hl7-r4-examples.tar.gz');
if (!existsSync(archive))
  console.warn(
    'SKIPPED: ../shared/data/hl7-r4-examples.tar.gz is not there, so the examples of the specification do not go through both passes',
  );

/** The JSON files of a tar archive. */
function* jsonIn(tar: Buffer): Generator<AnyResource> {
  for (let at = 0; at + 512 <= tar.length; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0;
    if (name.endsWith('.json')) {
      try {
        yield JSON.parse(tar.toString('utf8', at + 512, at + 512 + size)) as AnyResource;
      } catch {
        // A file that is no JSON is no example.
      }
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

(existsSync(archive) ? test : test.skip)(
  'what leaves of a valid example is valid, whatever k takes from it',
  () => {
    const examples = [...jsonIn(gunzipSync(readFileSync(archive)))].filter(
      one =>
        !['Bundle', 'Parameters', 'StructureDefinition', 'ValueSet', 'CodeSystem', 'ConceptMap'].includes(one.resourceType) &&
        validate(one).length === 0,
    );
    expect(examples.length).toBeGreaterThan(500);
    const k = 2;
    const survey = new Survey({ k });
    // Twice, so that enough bear the mark of what goes.
    for (const n of [1, 2]) for (const [i, one] of examples.entries()) survey.add(`Patient/${n}-${i}`, [one]);
    // Each code rare in the population: all of them go up as far as they can, and out.
    const population = new Map(
      survey.looks.flatMap(look =>
        look.key.split(/[\n\t]/).flatMap(key => (key.includes('|') && !/^[=~]/.test(key) ? [[key, 1] as const] : [])),
      ),
    );
    for (const options of [{}, { population }, { population, rollUpEverywhere: true }]) {
      const { apply } = applier(plan(survey, options).json);
      let changed = 0;
      for (const one of examples) {
        const { resource } = apply(one);
        if (resource === one) continue;
        changed++;
        if (resource !== undefined)
          expect([one.resourceType, one.id, validate(JSON.parse(JSON.stringify(resource)))]).toEqual([one.resourceType, one.id, []]);
      }
      if ('population' in options) expect(changed).toBeGreaterThan(500);
      // SampledData never leaves, and codings are put in order.
      else expect(changed).toBeLessThan(50);
    }
  },
  120_000,
);
