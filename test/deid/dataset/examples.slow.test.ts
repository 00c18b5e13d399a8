// The specification's own examples through both passes: what was valid stays valid. https://hl7.org/fhir/R4/validation.html
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { applier } from '../../../src/deid/dataset/apply.ts';
import { plan } from '../../../src/deid/dataset/plan.ts';
import { Survey } from '../../../src/deid/dataset/survey.ts';
import { validate } from '../../../src/fhir/profile/validate.ts';
import { hl7Resources } from '../../fhir/profile/shared.ts';

const archive = path.resolve(import.meta.dirname, '../../../../shared/data/hl7-r4-examples.tar.gz');
if (!existsSync(archive))
  console.warn(
    'SKIPPED: ../shared/data/hl7-r4-examples.tar.gz is not there, so the examples of the specification do not go through both passes',
  );

(existsSync(archive) ? test : test.skip)(
  'what leaves of a valid example is valid, whatever k takes from it',
  () => {
    const examples = hl7Resources().filter(
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
