/**
 * `path` of a variable or an assert: JSONPath or XPath, told apart by how it is written. Bare names (`id`, `meta.versionId`) are JSONPath.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.variable.path
 * @module
 */
import { Fault } from '../fault.ts';
import { jsonPath } from './json-path.ts';
import { xPath } from './x-path.ts';

const longestPath = 10_000;
const bare = /^(?:\$|\.(?![./])|\[|[A-Za-z_][\w-]*(?:$|[.[]))/;

/** Texts of what is found. @throws Fault when the path is not supported */
export function pathOf(json: unknown, path: string): string[] {
  const trimmed = path.trim();
  if (trimmed.length > longestPath) throw new Fault('A path is too long.');
  const named = bare.test(trimmed) && (trimmed.startsWith('$') || !/[/]|::|\[@|\[\s*\w+:/.test(trimmed.replace(/'[^']*'|"[^"]*"/g, '')));
  return named ? jsonPath(json, trimmed) : xPath(json, trimmed);
}
