/**
 * How much one process holds for clients that fetch it later: results and files together (ASYNC_MAX_BYTES), each until its time is over.
 * @module
 */

export interface Held {
  /** Bytes that are still free. */
  room(): number;
  /** @param until milliseconds since 1970 */
  hold(id: string, bytes: number, until: number): void;
  release(id: string): void;
}

/** @param now milliseconds since 1970 */
export function createHeld(mostBytes: number, now: () => number): Held {
  const held = new Map<string, { readonly bytes: number; readonly until: number }>();
  return {
    room() {
      for (const [id, { until }] of held) if (until <= now()) held.delete(id);
      return mostBytes - held.values().reduce((sum, { bytes }) => sum + bytes, 0);
    },
    hold: (id, bytes, until) => void held.set(id, { bytes, until }),
    release: id => void held.delete(id),
  };
}
