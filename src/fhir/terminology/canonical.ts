/**
 * Canonical URLs with and without a version, and which of several versions is meant when none is named.
 * R4: https://hl7.org/fhir/R4/references.html#canonical, https://hl7.org/fhir/R4/terminology-module.html#versions
 * @module
 */

export interface Canonical {
  readonly url: string;
  readonly version?: string;
}

/** `http://loinc.org|2.71` → its parts. */
export function readCanonical(text: string): Canonical {
  const bar = text.indexOf('|');
  const version = bar < 0 ? '' : text.slice(bar + 1);
  return { url: bar < 0 ? text : text.slice(0, bar), ...(version === '' ? {} : { version }) };
}

export const writeCanonical = (url: string, version: string | undefined): string => (version === undefined ? url : `${url}|${version}`);

/** What is known of a version before it is chosen. */
interface Candidate {
  readonly version?: string;
  readonly status?: string;
}

const ranks: Readonly<Record<string, number>> = { active: 3, draft: 2, unknown: 1 };

/** Numbers in a version compare as numbers: 2.10 is newer than 2.9. */
const versions = new Intl.Collator('en', { numeric: true });

const isBetter = (one: Candidate, other: Candidate): boolean => {
  const byStatus = (ranks[one.status ?? ''] ?? 0) - (ranks[other.status ?? ''] ?? 0);
  return (byStatus || versions.compare(one.version ?? '', other.version ?? '')) >= 0;
};

/**
 * Of all that have the URL, the one of the version that is asked for; without one, an active one before a draft before a retired one, then the newest.
 * @param candidates of equals the later one is meant
 */
export function chosen<One extends Candidate>(candidates: readonly One[], version: string | undefined): One | undefined {
  const fitting = version === undefined ? candidates : candidates.filter(one => one.version === version);
  return fitting.reduce<One | undefined>((best, one) => (best === undefined || isBetter(one, best) ? one : best), undefined);
}
