/**
 * The code systems of elements of type code: such an element names none, its value set does. Who asks with the system means it all the same.
 * The table (implicit-systems.ndjson) is derived from the definitions; it is read at the first query that names a system.
 * R4: https://hl7.org/fhir/R4/search.html#token
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Parameter } from './parameters.ts';

export interface ImplicitRow {
  /** `Patient?gender`. */
  readonly parameter: string;
  readonly systems: readonly string[];
}

let table: ReadonlyMap<string, readonly string[]> | undefined;

function load(): ReadonlyMap<string, readonly string[]> {
  const lines = readFileSync(new URL('./implicit-systems.ndjson', import.meta.url), 'utf8').split('\n');
  const rows = lines.filter(line => line !== '').map(line => JSON.parse(line) as ImplicitRow);
  return new Map(rows.map(({ parameter, systems }) => [parameter, systems]));
}

const none: readonly string[] = [];

/** Systems that a token parameter's elements have without saying so; none where an element names its own. */
export const implicitSystems = ({ base, code }: Pick<Parameter, 'base' | 'code'>): readonly string[] =>
  (table ??= load()).get(`${base}?${code}`) ?? none;
