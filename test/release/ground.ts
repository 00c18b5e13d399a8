/**
 * What these tests stand on: made hospitals, and the whole of a release over a Bundle of theirs, under keys that the test chooses.
 * @module
 */

import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { hospitals } from '../../src/generate/hospitals.ts';
import { ofBundle, withIds } from '../../src/release/given.ts';
import { pack } from '../../src/release/package.ts';
import { type builtIn, policyNamed } from '../../src/release/policies.ts';
import { type Series, series } from '../../src/release/series.ts';

export const now = Date.parse('2026-06-15T12:00:00+09:00');
export const base = 'https://noren.test/fhir';
export type Name = (typeof builtIn)[number];

export const keysFrom = (byte: number, name: Name = 'jp-anonymized'): Series =>
  series(policyNamed(name), Buffer.alloc(32, byte), { base, now, timeZone: 'Asia/Tokyo' });

/** Everything that a made hospital has of its patients, as one Bundle. */
export function hospital(patients: number, seed = '1'): AnyResource {
  const entry = [...hospitals({ seed, patients, day: '2026-06-15' })].flatMap(({ at }) =>
    at.filter(one => one.institution === 'hospital-1').flatMap(one => one.bundle.entry ?? []),
  );
  return { resourceType: 'Bundle', type: 'collection', entry };
}

export const collection = (...resources: AnyResource[]): AnyResource => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map(resource => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource })),
});

export interface Released {
  readonly text: string;
  /** Without the Provenance. */
  readonly resources: readonly AnyResource[];
  readonly provenance: AnyResource;
}

/** @param out places of the entries that name somebody who is left out */
export async function released(bundle: AnyResource, by: Series, out: ReadonlySet<number> = new Set()): Promise<Released> {
  const types = new Set(by.compiled.types.keys());
  const material = await ofBundle(withIds(bundle), out, types, by, Number.MAX_SAFE_INTEGER);
  const text = Buffer.concat((await pack(material, types, by)).bytes).toString();
  const all = ((JSON.parse(text) as AnyResource)['entry'] as { resource: AnyResource }[]).map(one => one.resource);
  return { text, resources: all.slice(0, -1), provenance: all.at(-1)! };
}

export const ofType = (resources: readonly AnyResource[], type: string): AnyResource[] =>
  resources.filter(resource => resource.resourceType === type);
