/**
 * How much is taken on at once: requests in flight, bytes of their bodies together, time for an answer. Beyond it the answer is 503 or 504, at once.
 * R4: https://hl7.org/fhir/R4/http.html#Status-Codes
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';

export interface Limits {
  readonly maxBodyBytes: number;
  readonly maxBodiesBytes: number;
  readonly maxDepth: number;
  readonly maxUrlBytes: number;
  readonly maxParameters: number;
  readonly maxInFlight: number;
  readonly requestTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** How long a result is kept that was asked for with respond-async. */
  readonly asyncLifeSeconds: number;
}

/** Counts what is taken on. What was taken must be given back, also after a time-out: work that goes on unheard still burdens the server. */
export interface Load {
  /** False: as many are in flight as may be. */
  takeRequest(): boolean;
  giveRequest(): void;
  /** @throws Problem `unavailable` */
  takeBytes(count: number): void;
  giveBytes(count: number): void;
}

export function createLoad(limits: Pick<Limits, 'maxInFlight' | 'maxBodiesBytes'>): Load {
  let requests = 0;
  let bytes = 0;
  return {
    takeRequest() {
      if (requests >= limits.maxInFlight) return false;
      requests++;
      return true;
    },
    giveRequest() {
      requests--;
    },
    takeBytes(count) {
      if (bytes + count > limits.maxBodiesBytes)
        throw new Problem('unavailable', 'The server is busy with other large requests; try again.', { headers: { 'retry-after': '1' } });
      bytes += count;
    },
    giveBytes(count) {
      bytes -= count;
    },
  };
}

/** The work's result, or Problem `timeout` when it takes longer; the work itself is not stopped by that. */
export type Within = <T>(work: Promise<T>) => Promise<T>;

/** How many times a limit's length the clock is looked at: an answer is given up at the limit or up to this part of it later. */
const looks = 32;

/**
 * One look at all that is waited for, now and then, instead of a timer for each request: all have the same limit, so the first one is due first.
 * @param milliseconds for each work
 */
export function createWithin(milliseconds: number): Within {
  const waiting = new Set<{ readonly due: number; readonly giveUp: (reason: Problem) => void }>();
  const everyMs = Math.max(1, Math.ceil(milliseconds / looks));
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    timer = undefined;
    const now = performance.now();
    for (const one of waiting) {
      if (one.due > now) break;
      waiting.delete(one);
      one.giveUp(new Problem('timeout'));
    }
    if (waiting.size > 0) timer = setTimeout(look, everyMs);
  };
  return work =>
    new Promise((resolve, reject) => {
      const one = { due: performance.now() + milliseconds, giveUp: reject };
      waiting.add(one);
      if (timer === undefined) timer = setTimeout(look, everyMs);
      work.then(
        value => {
          waiting.delete(one);
          resolve(value);
        },
        error => {
          waiting.delete(one);
          reject(error);
        },
      );
    });
}
