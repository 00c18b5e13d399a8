/**
 * A Bundle that a client hands in to have it de-identified, under keys that exist for that call alone. Nothing of it is stored.
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { CompiledPolicy } from '../deid/compile.ts';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { ofBundle, withIds } from '../release/given.ts';
import { type Package, pack } from '../release/package.ts';
import { series } from '../release/series.ts';

/** Kinds of client that may. A researcher may not: under keys he knows the use of he could learn how they work. */
const handsIn: ReadonlySet<string> = new Set(['tester', 'institution', 'operator']);

/** @throws Problem `forbidden` */
export function mayHandIn({ agent }: Access, place: { expression: string }): void {
  if (!handsIn.has(agent.role)) throw new Problem('forbidden', 'This client may not hand in data.', place);
}

export interface HandedInParts {
  readonly store: Pick<Store, 'moment'>;
  /** Places in `Bundle.entry` of what is about somebody who objects. */
  readonly underObjection: (bundle: AnyResource, access: Access) => Promise<ReadonlySet<number>>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly settings: {
    /** Resources of one answer. */
    readonly maxReleaseResources: number;
    /** IANA zone whose calendar days count. */
    readonly timeZone: string;
  };
  readonly baseUrl: string;
}

/** What was made of it. */
export interface Made extends Pick<Package, 'bytes' | 'entries'> {
  /** Where the log of objections stood (Store.moment) before it was seen that nobody in it objects. */
  readonly moment: number;
}

/** @param files the data set leaves as files, not as a Bundle @throws Problem `forbidden`, `invalid-parameter`, `too-costly` */
export type HandedIn = (
  data: AnyResource,
  policy: CompiledPolicy,
  types: ReadonlySet<string>,
  access: Access,
  place: { expression: string },
  files?: boolean,
) => Promise<Made>;

export const handedInBy =
  ({ store, underObjection, baseUrl, now, settings }: HandedInParts): HandedIn =>
  async (data, policy, types, access, place, files = false) => {
    mayHandIn(access, place);
    if (data.resourceType !== 'Bundle') throw new Problem('invalid-parameter', 'The data that are handed in are a Bundle.', place);
    const bundle = withIds(data);
    const once = series(policy, randomBytes(32), { base: baseUrl, now: now(), timeZone: settings.timeZone });
    for (let left = await underObjection(bundle, access); ; ) {
      const material = await ofBundle(bundle, left, types, once, settings.maxReleaseResources);
      const { bytes, entries } = await pack(material, types, once, files);
      const moment = await store.moment();
      // Who has objected meanwhile is left out too; there are no more than the Bundle names.
      const still = await underObjection(bundle, access);
      if (still.isSubsetOf(left)) return { bytes, entries, moment };
      left = still;
    }
  };
