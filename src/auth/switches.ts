/**
 * The registry where several processes are one server: the book `clients` says who was switched off and on, and each process reads it before anything hangs on it.
 * A client that its file has switched off stays off: only the file, which is the same for all, can change that.
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';
import type { Json } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import type { Client, Clients } from './clients.ts';

const book = 'clients';

interface Switched {
  readonly client: string;
  readonly active: boolean;
  /** Milliseconds. */
  readonly time: number;
}

/** Whether anybody was switched there. */
export const hasSwitched = async (store: Pick<Store, 'book'>): Promise<boolean> => (await store.book(book)).length > 0;

export function switchedIn(registry: Clients, store: Pick<Store, 'book' | 'commit'>, now: () => number): Clients {
  let known = 0;
  /** Those that the book switched off: their rows, the same at every look, since what was judged by one is judged anew by another. */
  const off = new Map<string, Client>();
  const rowOf = (client: Client): Client => off.get(client.client_id) ?? client;

  async function fresh(): Promise<void> {
    const entries = (await store.book(book)) as unknown as readonly Switched[];
    for (; known < entries.length; known++) {
      const { client: id, active } = entries[known]!;
      const client = registry.find(id);
      if (client === undefined || active) off.delete(id);
      else if (!off.has(id)) off.set(id, { ...client, active: false });
    }
  }

  return {
    find(id) {
      const client = registry.find(id);
      return client && rowOf(client);
    },
    all: () => registry.all().map(rowOf),
    async setActive(client, active) {
      const row = registry.find(client);
      if (row === undefined) return false;
      if (active && !row.active) throw new Problem('conflict', 'The registry’s own file has this client switched off.');
      const entry: Switched = { client, active, time: now() };
      await store.commit({ writes: [], entries: [{ book, entry: entry as unknown as Json }] });
      await fresh();
      return true;
    },
    fresh,
  };
}
