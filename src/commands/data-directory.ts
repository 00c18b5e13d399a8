/**
 * The data directory is made, its owner's alone, and taken: by one server, and only where it is open.
 * @module
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { checkOpen } from './closed.ts';
import { lock } from './lock.ts';

/** @returns gives the directory back @throws Refusal with one sentence: in use, or closed until a restored backup is brought up to date */
export function takeData(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const unlock = lock(directory);
  try {
    checkOpen(directory);
  } catch (error) {
    unlock();
    throw error;
  }
  return unlock;
}
