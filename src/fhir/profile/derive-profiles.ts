/**
 * R4's profiles and extensions, boiled down to the rows of r4-profiles.ndjson: of each its differential, of each element what is enforced.
 * Runs when the definitions change (`node scripts/derive-r4.ts`), never in the server.
 * R4: https://hl7.org/fhir/R4/profilelist.html
 * @module
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { definitions, type Json } from '../model/r4.ts';
import type { Definition } from './definition.ts';

const kept =
  /^(id|path|sliceName|min|max|contentReference|slicing|maxLength|fixed[A-Z]\w*|pattern[A-Z]\w*|minValue[A-Z]\w*|maxValue[A-Z]\w*)$/;

function slim(element: Json, base: string): Definition {
  const { type, binding, constraint } = element as unknown as Definition;
  const own = constraint
    ?.filter(one => one.expression !== undefined && (one.source === undefined || one.source === base))
    .map(({ key, severity, human, expression }) => ({ key, severity, human, expression }));
  return {
    ...Object.fromEntries(Object.entries(element).filter(([key]) => kept.test(key))),
    ...(type === undefined ? {} : { type: type.map(({ code, profile, targetProfile }) => ({ code, profile, targetProfile })) }),
    ...(binding === undefined ? {} : { binding: { strength: binding.strength, valueSet: binding.valueSet } }),
    ...(own === undefined || own.length === 0 ? {} : { constraint: own }),
  } as unknown as Definition;
}

/** The structures of R4 that constrain its types, as the package has them. */
export const ownProfiles = (): StructureDefinition[] =>
  ['profiles-others.json', 'extension-definitions.json', 'profiles-types.json']
    .flatMap(file => definitions(file).entry!.map(entry => entry.resource!))
    .filter((one): one is StructureDefinition => one.resourceType === 'StructureDefinition' && one.derivation === 'constraint');

/** The text of r4-profiles.ndjson. */
export const derivedProfiles = (): string =>
  ownProfiles()
    .map(({ url, name, type, kind, derivation, baseDefinition, differential }) => {
      const element = differential!.element.map(one => slim(one as unknown as Json, url));
      return `${JSON.stringify({ resourceType: 'StructureDefinition', url, name, type, kind, derivation, baseDefinition, differential: { element } })}\n`;
    })
    .join('');
