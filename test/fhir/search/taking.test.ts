// docs/search-parameters.md: what is taken out of resources, and the numbers that count up when it changes

import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { resourceTypes } from '../../../src/fhir/model/r4.ts';
import { extract, taking } from '../../../src/fhir/search/extract.ts';
import { outdated, slotsOf } from '../../../src/fhir/store/log/edition.ts';
import { randomResource, seeded } from './resources.ts';

/** Values of parameters that a definition alone may change are left out: their hash is part of the edition. */
function taken(): string {
  const random = seeded(20_261_129);
  const hash = createHash('sha256');
  for (const type of resourceTypes)
    for (let n = 0; n < 3; n++) {
      const values = extract(randomResource(type, random), 'http://noren.test/fhir');
      const inside = (code: string) => Object.entries(values).filter(([name]) => name.startsWith(code));
      for (const { code, hash: by } of slotsOf(type))
        hash.update(JSON.stringify([type, code, by, code.endsWith('#') ? inside(code) : (values[code] ?? [])]));
    }
  return hash.digest('base64url').slice(0, 12);
}

test('what is taken is what these numbers stand for: whoever changes what a converter gives counts its number up, then writes the new hash here', () => {
  expect([Object.values(taking).join(), taken()]).toEqual(['1,1,1,1,1,1,1,1,1,1,1,1,1,1', 'vIsieoxHsxEc']);
});

test('records from before there were editions lack what was added since, and nothing that R4 defines itself', () => {
  const lacking = (type: string) => outdated(type, 'none').map(({ code }) => code);
  expect(lacking('Location')).toEqual(expect.arrayContaining(['near', 'identifier:text', 'identifier:of-type', 'organization#']));
  expect(lacking('Binary')).toContain('_securityContext');
  expect(lacking('Coverage').some(code => code.startsWith('jp-'))).toBe(true);
  for (const code of ['name', 'identifier', 'birthdate', '_tag', 'organization', 'organization:identifier'])
    expect([code, lacking('Patient').includes(code)]).toEqual([code, false]);
});

test('of an edition that nobody knows everything is taken anew; of today’s nothing; of another one what differs', () => {
  const all = slotsOf('Patient');
  expect(outdated('Patient', undefined)).toEqual(all);
  const today = Object.fromEntries(all.map(({ code, hash }) => [code, hash]));
  expect(outdated('Patient', { Patient: today })).toEqual([]);
  const { name: _, ...without } = today;
  expect(
    outdated('Patient', { Patient: { ...without, gender: 'other' } })
      .map(({ code }) => code)
      .sort(),
  ).toEqual(['gender', 'name']);
});
