/**
 * What a canonical names: resources by their url, and by their version where the canonical has one.
 * R4: https://hl7.org/fhir/R4/references.html#canonical
 * @module
 */
import { UriIndex } from './dictionaries.ts';
import { intersect } from './postings.ts';
import type { Sight } from './sight.ts';
import type { State } from './state.ts';

/** Who looks, and when. */
interface Looking {
  readonly state: State;
  readonly snapshot: number;
  sees(type: string): Sight;
}

/**
 * Versions that a canonical names, that may be known of. With a version, that version alone.
 * @param beside all names that stand with it: a canonical with a version is found with it and without, and the one that says more counts
 */
export function* named(looking: Looking, name: string, beside: readonly string[], types: readonly string[]): Iterable<number> {
  if (beside.some(other => other.startsWith(`${name}|`))) return;
  const bar = name.lastIndexOf('|');
  const [url, version] = bar < 0 ? [name, undefined] : [name.slice(0, bar), name.slice(bar + 1)];
  for (const type of types) {
    const index = looking.state.type(type);
    const urls = index.parameter('url');
    if (!(urls instanceof UriIndex)) continue;
    const same = urls.find({ kind: 'uri', code: 'url', values: [url], match: 'exact' });
    const found =
      version === undefined
        ? same
        : intersect(
            same,
            index.parameter('version')?.find({ kind: 'token', code: 'version', values: [{ code: version }], not: false }) ?? [],
          );
    for (const seq of found) if (isThere(looking, type, seq)) yield seq;
  }
}

/** Whether a version is the current one at the moment that is looked at, and may be known of. */
export const isThere = (looking: Looking, type: string, seq: number): boolean =>
  looking.state.ledger.holds(seq, looking.snapshot) && looking.sees(type)(seq);
