/**
 * The files that are named, or that stand in directories that are named; each with the name that it has below the directory of the output.
 * @module
 */
import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { Stop } from './stop.ts';

export interface Input {
  /** Where it is. */
  readonly file: string;
  /** Below the directory that was named, with slashes. */
  readonly name: string;
  /** A resource per line. */
  readonly lines: boolean;
  readonly gz: boolean;
  readonly bytes: number;
}

export interface Inputs {
  /** In the order of their names, which is the same on every machine. */
  readonly inputs: readonly Input[];
  /** Files with other endings, and links: not read. */
  readonly passedOver: number;
}

const shape = /\.(json|ndjson)(\.gz)?$/;

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
  const target = real(out);
  let passedOver = 0;
  const take = (file: string, name: string): void => {
    const met = shape.exec(name);
    if (met === null) {
      passedOver++;
      return;
    }
    if (found.has(name)) throw new Stop(`Two inputs would have the name ${name} below the output.`);
    found.set(name, { file, name, lines: met[1] === 'ndjson', gz: met[2] !== undefined, bytes: statSync(file).size });
  };
  const kinds = named.map(given => [given, statOf(given)] as const);
  const several = kinds.filter(([, kind]) => kind.isDirectory()).length > 1;
  for (const [given, kind] of kinds) {
    const from = realpathSync(given);
    if (isWithin(target, from)) throw new Stop('The output would stand within an input; --out names a directory beside it.');
    if (isWithin(from, target)) throw new Stop('An input stands within the directory of the output.');
    if (!kind.isDirectory()) {
      if (!shape.test(given)) throw new Stop(`${given} has another ending than .json, .ndjson, .json.gz or .ndjson.gz.`);
      take(from, path.basename(given));
      continue;
    }
    // Two directories may hold files of one name: each stays below its own.
    const below = several ? path.basename(from) + '/' : '';
    for (const entry of entriesBelow(from)) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isFile()) take(file, below + path.relative(from, file).replaceAll(path.sep, '/'));
      else passedOver++;
    }
  }
  if (found.size === 0) throw new Stop('There is no .json or .ndjson file in what was named.');
  return { inputs: [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), passedOver };
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
