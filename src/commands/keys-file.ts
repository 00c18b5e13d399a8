/**
 * The keys of releases from files, as the command line names them: a file that nobody but its owner may read.
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { Refusal } from './command.ts';

/** @param file JSON: `secret` and, where a policy joins, `link`, each base64 of 32 bytes or more @throws Refusal that holds nothing of it */
export function keysOf(file: string): { secret: Buffer; link?: Buffer } {
  let json: unknown;
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new Refusal(`${file} may be read by others; "chmod 600 ${file}" keeps it for you.`);
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(`${file} cannot be read, or is no JSON.`);
  }
  const { secret, link, ...rest } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (Object.keys(rest).length > 0) throw new Refusal(`${file} holds "secret" and, if the policy joins, "link"; nothing else.`);
  const key = (name: string, value: unknown): Buffer => {
    const bytes = typeof value === 'string' && /^[A-Za-z0-9+/_-]+={0,2}$/.test(value) ? Buffer.from(value, 'base64') : Buffer.alloc(0);
    if (bytes.length < 32) throw new Refusal(`"${name}" of ${file} must be base64 of 32 bytes or more.`);
    return bytes;
  };
  return { secret: key('secret', secret), ...(link === undefined ? {} : { link: key('link', link) }) };
}
