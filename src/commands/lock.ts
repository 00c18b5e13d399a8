/**
 * One server for one data directory: `DATA/noren.lock` names the process that has it. The lock of a process that is gone (`kill -9`, power loss) holds nobody up.
 * @module
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './command.ts';

/** A process by its number alone may be another one after a restart of the machine or of a container: so its time of start is kept too, where the system tells it. */
function identity(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Dead, and not yet fetched by who started it: in a container that may be nobody.
    return state === 'Z' || state === 'X' ? undefined : `${boot} ${rest[18]}`;
  } catch {
    return undefined;
  }
}

function alive(pid: number, was: string | undefined): boolean {
  if (pid === process.pid) return was === undefined || was === identity(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return was === undefined || was === identity(pid);
}

interface Held {
  readonly pid: number;
  readonly identity?: string;
}

function read(file: string): { text: string; held: Held | undefined } | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const held = /^\{/.test(text) ? (JSON.parse(text) as Held) : undefined;
    return { text, held };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return { text: '', held: undefined };
  }
}

/** Directories locked by this process: a second server in it is refused too. */
const ours = new Set<string>();

/**
 * @returns gives the directory back
 * @throws Refusal when another running server has it
 */
export function lock(directory: string): () => void {
  const file = path.resolve(directory, 'noren.lock');
  const own = `${file}.${process.pid}`;
  const taken = (pid: number) => new Refusal(`The data directory ${directory} is in use by another server (pid ${pid}).`);
  if (ours.has(file)) throw taken(process.pid);
  const started = identity(process.pid);
  writeFileSync(own, JSON.stringify({ pid: process.pid, ...(started === undefined ? {} : { identity: started }) }) + '\n', { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // A link appears whole or not at all, and never over one that is there.
        linkSync(own, file);
        ours.add(file);
        return () => {
          if (ours.delete(file)) rmSync(file, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const found = read(file);
      if (found === undefined) continue;
      if (found.held !== undefined && alive(found.held.pid, found.held.identity)) throw taken(found.held.pid);
      // Only one of two starts gets to move the old lock away; who moved a new one by mistake puts it back.
      const aside = `${own}.old`;
      try {
        renameSync(file, aside);
      } catch {
        continue;
      }
      if (read(aside)?.text !== found.text) {
        try {
          linkSync(aside, file);
        } catch {
          // Somebody has it meanwhile: the next look tells who.
        }
      }
      rmSync(aside, { force: true });
    }
    throw new Refusal(`The data directory ${directory} is being opened by another server.`);
  } finally {
    rmSync(own, { force: true });
  }
}
