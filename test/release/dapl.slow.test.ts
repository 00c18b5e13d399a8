// DAPL's rules over the records of others: Synthea's patients of the United States, the examples of JP Core, the specification's own; docs/deidentification/dapl.md
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { hl7Resources, shared, slow } from '../fhir/profile/shared.ts';
import { daplFaultsOf } from './dapl.ts';
import { collection, keysFrom, ofType, released } from './ground.ts';

const by = keysFrom(1, 'hipaa-safe-harbor');

const read = (file: string): AnyResource | undefined => {
  const bytes = readFileSync(file);
  try {
    return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().replace(/^\ufeff/, '')) as AnyResource;
  } catch {
    return undefined;
  }
};

/** Resources of a file, each with a Patient of its own where it is about one that is not there. */
function resourcesIn(file: AnyResource): AnyResource[] {
  const inside =
    file.resourceType === 'Bundle'
      ? ((file['entry'] ?? []) as Json[]).flatMap(entry => (entry['resource'] as AnyResource | undefined) ?? [])
      : [file];
  const about = inside.flatMap(one => [one['subject'], one['patient']] as (Json | undefined)[]).flatMap(one => one?.['reference'] ?? []);
  const ids = new Set(about.flatMap(text => /^Patient\/(.+)$/.exec(String(text))?.[1] ?? []));
  for (const one of inside) if (one.resourceType === 'Patient') ids.delete(String(one.id));
  return [...inside, ...[...ids].map(id => ({ resourceType: 'Patient', id }))];
}

/** What is wrong, by rule and path, with how often; and how many Patients and resources were looked at. */
async function look(bundles: Iterable<AnyResource>): Promise<{ found: Record<string, number>; patients: number; resources: number }> {
  const found: Record<string, number> = {};
  let [patients, resources] = [0, 0];
  for (const bundle of bundles) {
    const given = ((bundle['entry'] ?? []) as Json[]).map(entry => entry['resource'] as AnyResource);
    const left = (await released(bundle, by)).resources;
    const sound = given.every(resource => validate(resource).length === 0);
    const faults = [
      ...daplFaultsOf(left, given),
      ...(sound ? left.flatMap(resource => validate(resource).map(one => String(one.text))) : []),
    ];
    for (const fault of faults) found[fault] = (found[fault] ?? 0) + 1;
    patients += ofType(left, 'Patient').length;
    resources += left.length;
  }
  return { found, patients, resources };
}

slow('what leaves under hipaa-safe-harbor holds DAPL', () => {
  test("of Synthea's patients", async () => {
    const folder = path.join(shared, 'data/synthea');
    const files = existsSync(folder)
      ? readdirSync(folder, { recursive: true })
          .map(String)
          .filter(name => /\.json(?:\.gz)?$/.test(name))
      : [];
    if (files.length === 0) {
      console.warn('SKIPPED: ../shared/data/synthea is not there');
      return;
    }
    const every = files.sort().filter((_, i) => i % 4 === 0);
    const { found, patients, resources } = await look(every.flatMap(name => read(path.join(folder, name)) ?? []));
    expect(found).toEqual({});
    expect(patients).toBeGreaterThan(20);
    expect(resources).toBeGreaterThan(5000);
  }, 300_000);

  test('of the examples of JP Core and of the specification', async () => {
    const folder = path.join(shared, 'data/jp');
    const names = existsSync(folder)
      ? readdirSync(folder, { recursive: true })
          .map(String)
          .filter(name => name.endsWith('.json'))
      : [];
    const files = [
      ...names.flatMap(name => read(path.join(folder, name)) ?? []),
      ...(existsSync(path.join(shared, 'data/hl7-r4-examples.tar.gz')) ? hl7Resources() : []),
    ].filter(file => typeof file.resourceType === 'string');
    const bundles = files.map(resourcesIn).filter(resources => resources.some(({ resourceType }) => by.compiled.types.has(resourceType)));
    const { found, resources } = await look(bundles.map(resources => collection(...resources)));
    expect(found).toEqual({});
    if (files.length > 0) expect(resources).toBeGreaterThan(500);
  }, 300_000);
});
