// docs/profiles.md: whatever a definition says and whatever a resource holds, the answer is findings, in time
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import type { Definition } from '../../../src/fhir/profile/definition.ts';
import { own, profileOf, profilesOf, r4 } from './profile-ground.ts';

const word = fc.constantFrom(
  'name',
  'constructor',
  '__proto__',
  'toString',
  'family',
  'value[x]',
  'valueString',
  'extension',
  'a/b',
  '',
  'contact',
  'x'.repeat(100),
);
const path = fc.oneof(
  fc.constantFrom(
    'Patient',
    'Patient.name',
    'Patient.name.family',
    'Patient.contact',
    'Patient.contact.name',
    'Patient.extension',
    'Patient.deceased[x]',
    'Patient.deceasedBoolean',
  ),
  fc.array(word, { maxLength: 4 }).map(words => ['Patient', ...words].join('.')),
);
const canonical = fc.constantFrom(`${own}p`, `${own}q`, `${r4}HumanName`, `${r4}patient-birthPlace`, 'constructor', '|', '');
const type = fc.record(
  {
    code: fc.constantFrom('HumanName', 'string', 'constructor', 'Reference', 'Extension', 'BackboneElement', 'Resource', '__proto__'),
    profile: fc.array(canonical, { maxLength: 2 }),
    targetProfile: fc.array(canonical, { maxLength: 2 }),
  },
  { requiredKeys: ['code'] },
);
const element = fc.record(
  {
    path,
    sliceName: word,
    min: fc.integer({ min: 0, max: 3 }),
    max: fc.constantFrom('0', '1', '*', 'many'),
    type: fc.array(type, { maxLength: 2 }),
    contentReference: fc.constantFrom('#Patient', '#Patient.contact', '#', 'x#__proto__.constructor'),
    slicing: fc.record({
      rules: fc.constantFrom('open', 'closed', 'openAtEnd', 'x'),
      ordered: fc.boolean(),
      discriminator: fc.array(
        fc.record({
          type: fc.constantFrom('value', 'pattern', 'exists', 'type', 'profile', 'x'),
          path: fc.constantFrom('$this', 'use', 'resolve()', "extension('urn:x').value", 'family.ofType(string)', 'constructor'),
        }),
        { maxLength: 2 },
      ),
    }),
    fixedString: fc.string(),
    patternHumanName: fc.jsonValue(),
    binding: fc.record({ strength: fc.constantFrom('required', 'extensible'), valueSet: canonical }),
    constraint: fc.array(
      fc.record({
        key: word,
        expression: fc.constantFrom('true', 'false', '((', 'name.exists()', 'constructor', '%resource.name', 'resolve()'),
      }),
      { maxLength: 2 },
    ),
    maxLength: fc.integer({ min: 0, max: 3 }),
  },
  { requiredKeys: ['path'] },
) as fc.Arbitrary<Definition>;
const part = fc.dictionary(
  fc.constantFrom('family', 'use', 'extension', 'url', 'id', '_family', 'valueString', 'name', 'constructor'),
  fc.jsonValue(),
  { maxKeys: 4 },
);
const resource = fc
  .dictionary(
    fc.constantFrom('name', 'contact', 'extension', 'contained', 'deceasedBoolean', '_deceasedBoolean', 'meta', 'link'),
    fc.oneof(part, fc.array(part, { maxLength: 3 }), fc.jsonValue()),
  )
  .map(more => ({ ...more, resourceType: 'Patient' }) as AnyResource);

test('no definition and no resource brings about anything but findings', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(element, { maxLength: 6 }),
      fc.array(element, { maxLength: 4 }),
      fc.boolean(),
      resource,
      async (first, second, isSnapshot, one) => {
        const { differential, ...bare } = profileOf('p', 'Patient', first);
        const p = isSnapshot ? { ...bare, snapshot: differential! } : { ...bare, differential: differential! };
        const profiles = profilesOf([p, profileOf('q', 'Patient', second, `${own}p`)]);
        for (const finding of [...(await profiles.checkDefinition(p)), ...(await profiles.check(one, [`${own}q`, `${own}p`]))])
          expect(typeof finding.text).toBe('string');
      },
    ),
    { numRuns: 400 },
  );
}, 60_000);
