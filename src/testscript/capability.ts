/**
 * What is asked of the server before anything is sent: a FHIRPath over its CapabilityStatement, a FHIR version, or another CapabilityStatement that
 * it has to fulfil. Without a statement of the server nothing is left out: a server that cannot be asked is tested.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.metadata.capability
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { shown } from './fault.ts';
import { type FhirPath, isTrue } from './fhirpath.ts';
import { isJson } from './pick.ts';

/** FHIR version of the server; R4 when it does not say. */
const versionOf = (statement: Json | undefined): string =>
  typeof statement?.['fhirVersion'] === 'string' ? statement['fhirVersion'] : '4.0.1';

/** Why a test is left out by its versions; undefined: it is not. */
export function otherVersion(statement: Json | undefined, versions: readonly string[] | undefined): string | undefined {
  if (versions === undefined) return undefined;
  const version = versionOf(statement);
  return versions.some(v => v === version || version.startsWith(`${v}.`))
    ? undefined
    : `It is for FHIR ${versions.join(', ')}; the server speaks ${version}.`;
}

/** Why something is left out by a FHIRPath; undefined: it is not. @throws Fault when the expression is none */
export async function unmet(statement: Json | undefined, requires: string | undefined, fhirPath: FhirPath): Promise<string | undefined> {
  if (requires === undefined || statement === undefined) return undefined;
  return isTrue(await fhirPath.evaluate(statement, requires)) ? undefined : `The server does not declare: ${shown(requires, 300)}`;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const named = (items: readonly Json[], key: string): Set<unknown> => new Set(items.map(item => item[key]));

/** What of `wanted` is not in the server's statement. */
export function lacking(statement: Json, wanted: Json): string[] {
  const missing: string[] = [];
  const has = list(statement['rest']);
  const compare = (path: string, want: Json, got: Json | undefined): void => {
    for (const [element, key] of [
      ['interaction', 'code'],
      ['searchParam', 'name'],
      ['operation', 'name'],
    ] as const) {
      const there = named(list(got?.[element]), key);
      for (const item of list(want[element])) if (!there.has(item[key])) missing.push(`${path}.${element} ${String(item[key])}`);
    }
  };
  for (const rest of list(wanted['rest'])) {
    const server = has.find(r => r['mode'] === rest['mode']);
    if (server === undefined) {
      missing.push(`rest of mode ${String(rest['mode'])}`);
      continue;
    }
    compare('rest', rest, server);
    for (const resource of list(rest['resource'])) {
      const got = list(server['resource']).find(r => r['type'] === resource['type']);
      if (got === undefined) missing.push(String(resource['type']));
      else compare(String(resource['type']), resource, got);
    }
  }
  return missing;
}
