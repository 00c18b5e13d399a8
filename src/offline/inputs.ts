/**
 * The files that are named, or that stand in directories that are named; each with the name that it has below the directory of the output. A file of DICOM is told by its
 * ending, or, since most have none that says so, by its first bytes.
 * @module
 */
import { closeSync, type Dirent, openSync, readdirSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { Stop } from './stop.ts';

export interface Input {
  /** Where it is. */
  readonly file: string;
  /** Below the directory that was named, with slashes. */
  readonly name: string;
  /** Last part of the directory that was named, or in which the file stands that was. */
  readonly folder: string;
  /** A resource per line. */
  readonly lines: boolean;
  readonly gz: boolean;
  readonly bytes: number;
}

export interface Inputs {
  /** In the order of their names, which is the same on every machine. */
  readonly inputs: readonly Input[];
  /** Files of DICOM, in the same order. */
  readonly objects: readonly Input[];
  /** Files with other endings, and links: not read. */
  readonly passedOver: number;
}

const shape = /\.(json|ndjson)(\.gz)?$/;

/** PS3.10 7.1: 128 bytes of anything, then DICM. */
function isObject(file: string): boolean {
  if (/\.dcm$/i.test(file)) return true;
  const start = Buffer.alloc(132);
  try {
    const fd = openSync(file, 'r');
    try {
      readSync(fd, start);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
  return start.toString('latin1', 128) === 'DICM';
}

/** The directory as it really is, also where it is not there yet. */
function real(folder: string): string {
  const full = path.resolve(folder);
  try {
    return realpathSync(full);
  } catch {
    const above = path.dirname(full);
    return above === full ? full : path.join(real(above), path.basename(full));
  }
}

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(path.sep) ? outer : outer + path.sep);

/** @param out directory of the output @throws Stop */
export function inputsOf(named: readonly string[], out: string): Inputs {
  const found = new Map<string, Input>();
  const objects = new Map<string, Input>();
  const target = real(out);
  let passedOver = 0;
  const take = (file: string, name: string, folder: string): void => {
    const met = shape.exec(name);
    if (met === null && !isObject(file)) {
      passedOver++;
      return;
    }
    if (found.has(name) || objects.has(name))
      throw new Stop(
        `Two inputs would have the name ${name} below the output: name the directories in which they stand, or give them to two calls.`,
      );
    const { size } = statSync(file);
    if (met === null) objects.set(name, { file, name, folder, lines: false, gz: false, bytes: size });
    else found.set(name, { file, name, folder, lines: met[1] === 'ndjson', gz: met[2] !== undefined, bytes: size });
  };
  const kinds = named.map(given => [given, statOf(given)] as const);
  const several = kinds.filter(([, kind]) => kind.isDirectory()).length > 1;
  for (const [given, kind] of kinds) {
    const from = realpathSync(given);
    if (isWithin(target, from)) throw new Stop('The output would stand within an input; --out names a directory beside it.');
    if (isWithin(from, target)) throw new Stop('An input stands within the directory of the output.');
    if (!kind.isDirectory()) {
      if (!shape.test(given) && !isObject(from))
        throw new Stop(`${given} has another ending than .json, .ndjson, .json.gz or .ndjson.gz, and is no DICOM object.`);
      take(from, path.basename(given), path.basename(path.dirname(path.resolve(given))));
      continue;
    }
    const folder = path.basename(path.resolve(given));
    // Two directories may hold files of one name: each stays below its own.
    const below = several ? path.basename(from) + '/' : '';
    for (const entry of entriesBelow(from)) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isFile()) take(file, below + path.relative(from, file).replaceAll(path.sep, '/'), folder);
      else passedOver++;
    }
  }
  if (found.size === 0) throw new Stop('There is no .json or .ndjson file in what was named.');
  const inOrder = (named: ReadonlyMap<string, Input>): Input[] => [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { inputs: inOrder(found), objects: inOrder(objects), passedOver };
}

/** All but directories. `readdirSync` by itself goes into linked ones: into what nobody named, and round in circles. */
function entriesBelow(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? entriesBelow(path.join(folder, entry.name)) : [entry],
  );
}

function statOf(given: string): Stats {
  try {
    return statSync(given);
  } catch {
    throw new Stop(`${given} cannot be read.`);
  }
}
