/**
 * ETags and the conditions made of them: which version the client thinks is current.
 * R4: https://hl7.org/fhir/R4/http.html#concurrency, https://hl7.org/fhir/R4/http.html#cread
 * @module
 */
import type { Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';

export const etag = (version: Version): string => `W/"${version.versionId}"`;

/** `*`, or the version ids named. Throws 400 for what is no list of ETags. */
function tags(header: string, name: string): '*' | readonly string[] {
  if (header.trim() === '*') return '*';
  return header.split(',').map(part => {
    const tag = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(part)?.[1];
    if (tag === undefined) throw new Problem('invalid-request', `${name} must be an ETag, W/"1" for one.`, { expression: `http.${name}` });
    return tag;
  });
}

const names = (header: string, name: string, current: Version | undefined): boolean => {
  const told = tags(header, name);
  if (current === undefined) return false;
  return told === '*' ? !current.deleted : told.includes(String(current.versionId));
};

/** If-Match and If-None-Match of a write: throws 412 where the current version is not the one meant, 400 where the header is none. */
export function checkVersion(
  conditions: { readonly ifMatch?: string | undefined; readonly ifNoneMatch?: string | undefined },
  current: Version | undefined,
): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined && !names(ifMatch, 'If-Match', current)) {
    throw new Problem('precondition-failed', 'If-Match does not name the current version.', { expression: 'http.If-Match' });
  }
  if (ifNoneMatch !== undefined && names(ifNoneMatch, 'If-None-Match', current)) {
    throw new Problem('precondition-failed', 'If-None-Match names the current version.', { expression: 'http.If-None-Match' });
  }
}

/** Whether If-None-Match names what is not a stored version, by its tag. */
export const unchangedTag = (headers: Readonly<Record<string, string>>, tag: string): boolean => {
  const told = headers['if-none-match'] === undefined ? [] : tags(headers['if-none-match'], 'If-None-Match');
  return told === '*' || told.includes(tag);
};

/** Whether a conditional read finds what the client has already. If-None-Match goes before If-Modified-Since; a date that is none is ignored. */
export function unchanged(headers: Readonly<Record<string, string>>, current: Version): boolean {
  const match = headers['if-none-match'];
  if (match !== undefined) return names(match, 'If-None-Match', current);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return Number.isFinite(since) && Math.floor(current.lastUpdated / 1000) * 1000 <= since;
}
