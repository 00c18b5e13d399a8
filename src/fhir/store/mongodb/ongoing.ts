/**
 * Work on numbered entries of the log, each done once at a time in this process: whoever asks for one that is under way waits for it.
 * @module
 */

export interface Ongoing {
  do(number: number): Promise<void>;
  has(number: number): boolean;
  /** Resolves when what was under way has ended, well or not. */
  idle(): Promise<void>;
}

export function ongoing(work: (number: number) => Promise<void>): Ongoing {
  const busy = new Map<number, Promise<void>>();
  return {
    do(number) {
      let one = busy.get(number);
      if (!one) busy.set(number, (one = work(number).finally(() => busy.delete(number))));
      return one;
    },
    has: number => busy.has(number),
    async idle() {
      await Promise.allSettled(busy.values());
    },
  };
}
