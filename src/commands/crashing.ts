/**
 * Tests have a process kill itself at a step of a commit, an erasure or a migration (config.ts, `crashStep`).
 * @module
 */
import { crashStep } from '../config.ts';

/** What is told of each step; undefined: nobody wants it. */
export function crashing(): ((name: string) => void) | undefined {
  const crash = crashStep(process.env);
  let times = 0;
  return crash && (name => void (name === crash.step && ++times === crash.time && process.kill(process.pid, 'SIGKILL')));
}
