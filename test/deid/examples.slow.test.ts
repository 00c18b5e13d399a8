// The specification's own examples: what leaves is valid R4, with and without a person, with and without the targets of its references.
// https://hl7.org/fhir/R4/validation.html
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { deidentify } from '../../src/deid/deidentify.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';
import { hl7Resources } from '../fhir/profile/shared.ts';
import { base, everywhere, keys } from './ground.ts';

const archive = path.resolve(import.meta.dirname, '../../../shared/data/hl7-r4-examples.tar.gz');
if (!existsSync(archive))
  console.warn('SKIPPED: ../shared/data/hl7-r4-examples.tar.gz is not there, so the examples of the specification are not de-identified');

function* resourcesIn(resource: AnyResource): Generator<AnyResource> {
  if (resource.resourceType !== 'Bundle') yield resource;
  else for (const entry of (resource['entry'] ?? []) as Json[]) if (entry['resource']) yield* resourcesIn(entry['resource'] as AnyResource);
}

(existsSync(archive) ? test.each(builtIn) : test.skip.each(builtIn))(
  'what leaves of a valid example is valid: %s',
  name => {
    const compiled = policyNamed(name);
    let met = 0;
    for (const file of hl7Resources()) {
      for (const resource of resourcesIn(file)) {
        if (!compiled.types.has(resource.resourceType) || validate(resource).length > 0) continue;
        met++;
        const given = { keys, base, id: 'pseudonym' };
        for (const more of [
          {
            subject: { shiftDays: -300, pooled: name !== 'jp-pseudonymized', born: { first: -20_000, last: -20_000 } },
            today: 20_000,
            lead: everywhere,
          },
          { lead: () => undefined },
        ]) {
          const left = deidentify(compiled, resource, { ...given, ...more });
          if (left !== undefined) expect([resource.id, validate(JSON.parse(JSON.stringify(left)))]).toEqual([resource.id, []]);
        }
      }
    }
    expect(met).toBeGreaterThan(500);
  },
  60_000,
);
