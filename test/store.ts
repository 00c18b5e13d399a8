/**
 * The store below a whole server of a test: SQLite, or, in the runs that jest.config.js calls MongoDB, a database of its own that is dropped afterwards.
 * @module
 */
import { dropDatabase, freshUri } from './fhir/store/mongodb/database.ts';

/** Whether the store is MongoDB: set by jest.config.js. */
export const isShared = 'onMongoDB' in globalThis;

/** `flags` of `noren serve` that choose the store, and what takes it away again. */
export function freshStore(): { readonly flags: readonly string[]; remove(): Promise<void> } {
  if (!isShared) return { flags: [], remove: async () => {} };
  const uri = freshUri();
  // It may be slow: a token is good for as long as a whole file of tests.
  return { flags: ['--store', uri, '--token-life-seconds', '3600'], remove: () => dropDatabase(uri) };
}
