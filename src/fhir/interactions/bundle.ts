/**
 * Bundles as bytes: stored resources go in as they lie, nothing is parsed.
 * R4: https://hl7.org/fhir/R4/bundle.html
 * @module
 */
import { STATUS_CODES } from 'node:http';
import type { Answer, Version } from '../model/exchange.ts';
import { answerOf, information, Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { etag } from './etag.ts';
import { preferences } from './prefer.ts';

export interface BundleEntry {
  readonly fullUrl?: string;
  /** Serialized already, or a resource. */
  readonly resource?: Buffer | readonly Buffer[] | AnyResource;
  /** `search`, `request`, `response`. */
  readonly rest: Json;
}

const isBytes = (resource: NonNullable<BundleEntry['resource']>): resource is Buffer | readonly Buffer[] =>
  Buffer.isBuffer(resource) || Array.isArray(resource);

/** The serialized Bundle, in pieces. @param head elements before `entry` */
export function bundleBytes(head: Json, entries: Iterable<BundleEntry>): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let text = JSON.stringify({ resourceType: 'Bundle', ...head }).slice(0, -1);
  let first = true;
  for (const { fullUrl, resource, rest } of entries) {
    text += first ? ',"entry":[{' : ',{';
    first = false;
    let comma = '';
    if (fullUrl !== undefined) {
      text += `"fullUrl":${JSON.stringify(fullUrl)}`;
      comma = ',';
    }
    if (resource !== undefined) {
      text += `${comma}"resource":`;
      comma = ',';
      if (isBytes(resource)) {
        pieces.push(Buffer.from(text), ...(Array.isArray(resource) ? resource : [resource]));
        text = '';
      } else text += JSON.stringify(resource);
    }
    text += comma + JSON.stringify(rest).slice(1);
  }
  pieces.push(Buffer.from(first ? `${text}}` : `${text}]}`));
  return pieces;
}

/** `201` → `201 Created`. */
const statusText = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();

const versioned = (version: Version): Json => ({ etag: etag(version), lastModified: new Date(version.lastUpdated).toISOString() });

export const fullUrlOf = (baseUrl: string, { type, id }: Version): string => `${baseUrl}/${type}/${id}`;

/** An answer as an entry of a batch- or transaction-response. A write shows its resource only where `return=representation` was asked for. */
export function responseEntry(
  method: string,
  { status, version, resource, bytes }: Answer,
  baseUrl: string,
  prefer: string | undefined,
): BundleEntry {
  const isRead = method === 'GET' || method === 'HEAD';
  const wanted = preferences(prefer).return;
  const location =
    version && !version.deleted && !isRead ? { location: `${baseUrl}/${version.type}/${version.id}/_history/${version.versionId}` } : {};
  const response: Json = { status: statusText(status), ...location, ...(version ? versioned(version) : {}) };
  if (!isRead && wanted === 'OperationOutcome' && version) {
    response['outcome'] = {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', code: 'informational', details: { text: statusText(status) } }],
    };
  }
  const stored = version && version.bytes.length > 0 ? version.bytes : undefined;
  const isShown = method !== 'HEAD' && status !== 304 && (isRead || wanted === 'representation' || !version);
  const body = isShown ? (bytes ?? resource ?? stored) : undefined;
  return {
    ...(version && !version.deleted ? { fullUrl: fullUrlOf(baseUrl, version) } : {}),
    ...(body === undefined ? {} : { resource: body }),
    rest: { response },
  };
}

/** Bytes of what an entry shows; a made resource counts as 1,000. */
export const sizeOf = ({ resource }: BundleEntry): number =>
  resource === undefined ? 0 : isBytes(resource) ? [resource].flat().reduce((sum, { length }) => sum + length, 0) : 1000;

const megabytes = 64;
const room = megabytes * 1_048_576;

/** Serialized once, so that its size is known. */
const serialized = (entry: BundleEntry): BundleEntry =>
  entry.resource === undefined || isBytes(entry.resource) ? entry : { ...entry, resource: Buffer.from(JSON.stringify(entry.resource)) };

/** What was done is done: it is not told to have failed because there is no place for what it shows. */
function withoutResource({ resource: _, rest, ...entry }: BundleEntry): BundleEntry {
  const outcome = information(`This was done. What the entries of a Bundle show would be more than ${megabytes} MB: it is left out.`);
  return { ...entry, rest: { ...rest, response: { ...(rest['response'] as Json), outcome } } };
}

/**
 * What the reads of one Bundle are told has 64 MB in all, and what the others show as much: a thousand searches, or conditional creates that find something large,
 * are a small request, and would be an answer that no memory holds.
 * The function returned is given the entries as they come; it throws Problem `too-costly` for a read that has no place any more, and leaves out what another shows.
 */
export function answerRoom(): (method: string, answer: Answer, entry: BundleEntry) => BundleEntry {
  const left = { told: room, shown: room };
  return (method, { bytes }, entry) => {
    // Searches and large lists may be asked for by POST.
    const kind = method === 'GET' || bytes !== undefined ? 'told' : 'shown';
    const whole = serialized(entry);
    const size = sizeOf(whole);
    if (size <= left[kind]) {
      left[kind] -= size;
      return whole;
    }
    if (kind === 'shown') return withoutResource(whole);
    throw new Problem('too-costly', `What the reads of a Bundle are told would be more than ${megabytes} MB: ask for less at once.`);
  };
}

/** What an entry's failure looks like. */
export function failureEntry(thrown: unknown): BundleEntry {
  const { status, outcome } = answerOf(thrown);
  return { rest: { response: { status: statusText(status), outcome } } };
}

/** A version as an entry of a history. The first one counts as created, whoever chose its id. */
export function historyEntry(version: Version, baseUrl: string): BundleEntry {
  const { type, id, versionId, deleted } = version;
  const [method, status] = deleted ? ['DELETE', 204] : versionId === 1 ? ['POST', 201] : ['PUT', 200];
  return {
    fullUrl: fullUrlOf(baseUrl, version),
    ...(deleted ? {} : { resource: version.bytes }),
    rest: {
      request: { method, url: method === 'POST' ? type : `${type}/${id}` },
      response: { status: statusText(status as number), ...versioned(version) },
    },
  };
}
