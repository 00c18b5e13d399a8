/**
 * Receipts: a Bundle that its sender names by an identifier is stored once, however often it is sent.
 * R4: https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.identifier
 * @module
 */
import { createHash } from 'node:crypto';
import { type Access, askedFor } from '../model/access.ts';
import type { Request, Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import type { Receipt, Store } from '../store/store.ts';

/** Sender, system and value of a Bundle's identifier in one unambiguous text; undefined: the Bundle has none. */
export function receiptKey(bundle: AnyResource, { agent }: Access): string | undefined {
  const { system, value } = (bundle['identifier'] ?? {}) as { system?: unknown; value?: unknown };
  if (typeof value !== 'string' || value === '') return undefined;
  return [agent.sender, typeof system === 'string' ? system : '', value].map(part => part.replace(/[\\|]/g, '\\$&')).join('|');
}

/** What entries ask for, without what changes from one sending to the next (fullUrls, the order of elements, criteria's spelling). */
export const shapeOf = (kind: 'batch' | 'transaction', requests: readonly Request[]): string =>
  createHash('sha256')
    .update(`${kind} ${requests.map(({ method, path }) => `${method} ${path}`).join(' ')}`)
    .digest('base64url');

/**
 * What was stored under a receipt before, as far as this Access may read it now: what it may not has no bytes left. The version is judged as it was, not
 * only the resource as it is: it may have come within the Access since.
 */
export async function storedBefore(receipt: Receipt, access: Access, store: Store): Promise<readonly Version[] | undefined> {
  const before = await store.receipt(receipt.key);
  if (!before) return undefined;
  if (before.shape !== receipt.shape) throw new Problem('conflict', 'This Bundle.identifier came with another Bundle before.');
  return await Promise.all(
    before.versions.map(async version => {
      const { type, id, versionId } = version;
      const reading = askedFor(access, 'r', type);
      const current = await store.read(reading, type, id);
      const known = current && !current.deleted && (await store.version(reading, type, id, versionId));
      return known ? version : { ...version, bytes: Buffer.alloc(0) };
    }),
  );
}

// A batch has no commit of its own: each entry carries its receipt. Kept beside the request, where no client can write it.
const receipts = new WeakMap<Request, Receipt>();

export const withReceipt = (request: Request, receipt: Receipt): Request => {
  receipts.set(request, receipt);
  return request;
};

export const receiptOf = (request: Request): Receipt | undefined => receipts.get(request);
