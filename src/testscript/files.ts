/**
 * Files of scripts: found below the paths that the caller named, and read only there. A name of a script that leads elsewhere, by `..`, by an
 * absolute path or by a link, is refused without saying whether something is there.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.ts';

const maxFileBytes = 20_000_000;
const maxFiles = 10_000;
const readable = /\.(?:json|xml)$/i;

/** A path that was named, with all files below it. */
export interface Found {
  readonly files: readonly string[];
  /** Real directories in which scripts may name files. */
  readonly roots: readonly string[];
}

/** @throws Fault when a path is not there or holds no script */
export function findFiles(paths: readonly string[]): Found {
  const files: string[] = [];
  const roots = new Set<string>();
  for (const given of paths) {
    const stat = statSync(given, { throwIfNoEntry: false });
    if (stat === undefined) throw new Fault(`There is no ${given}.`);
    if (stat.isFile()) {
      files.push(given);
      continue;
    }
    roots.add(realpathSync(given));
    const below = readdirSync(given, { recursive: true, encoding: 'utf8' })
      .filter(file => readable.test(file) && !file.split(path.sep).some(part => part === 'node_modules' || part.startsWith('.')))
      .sort();
    files.push(...below.map(file => path.join(given, file)));
    if (files.length > maxFiles) throw new Fault(`${given} holds more than ${maxFiles} files.`);
  }
  return { files, roots: [...roots] };
}

const isBelow = (file: string, root: string): boolean => {
  const way = path.relative(root, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
};

/** Bytes of a plain file. @throws Fault when it is none, or too large */
export function readPlain(file: string): Buffer {
  // A pipe or a device would never end: opened without waiting, looked at, then read.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new Fault('The file is no plain file.');
    if (stat.size > maxFileBytes) throw new Fault(`The file is larger than ${maxFileBytes} bytes.`);
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * A file that a script names, relative to its own.
 * @param script path of the script
 * @throws Fault when it lies outside of the script's directory and of all roots, or cannot be read
 */
export function readNamed(name: string, script: string, roots: readonly string[]): { bytes: Buffer; file: string } {
  const refused = new Fault(`The file ${JSON.stringify(name.slice(0, 100))} is not in the script’s directory.`);
  if (path.isAbsolute(name) || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(name) || name.includes('\0') || name.includes('\\')) throw refused;
  let file: string;
  let own: string;
  try {
    own = path.dirname(realpathSync(script));
    file = realpathSync(path.resolve(path.dirname(script), name));
  } catch {
    throw refused;
  }
  if (!isBelow(file, own) && !roots.some(root => isBelow(file, root))) throw refused;
  return { bytes: readPlain(file), file };
}
