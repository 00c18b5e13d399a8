/**
 * Work that goes on beside the requests: when it is done, and what comes round by itself.
 * @module
 */

/** Works that somebody started and nobody waits for; `done` waits for those that are on their way. */
export function createRunning(): { readonly add: (work: Promise<void>) => void; readonly done: () => Promise<unknown> } {
  const works = new Set<Promise<void>>();
  return {
    add(work) {
      works.add(work);
      void work.finally(() => works.delete(work));
    },
    done: () => Promise.all(works),
  };
}

/** Work that comes round each minute, one at a time. Gives what ends it, once the last one is done. */
export function everyMinute(work: () => Promise<void>, failed: (error: unknown) => void): () => Promise<void> {
  let running = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work()
      .catch(failed)
      .finally(() => {
        busy = false;
      });
  }, 60_000);
  timer.unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}
