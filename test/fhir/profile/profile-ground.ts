/** Profiles made for tests, and what they find. */
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import type { Definition, Structure } from '../../../src/fhir/profile/definition.ts';
import { type Codes, createProfiles, type Profiles } from '../../../src/fhir/profile/profiles.ts';

export const own = 'http://example.org/StructureDefinition/';
export const r4 = 'http://hl7.org/fhir/StructureDefinition/';

/** A profile over a type, by its differential. */
export const profileOf = (name: string, type: string, element: readonly Definition[], base = r4 + type): Structure => ({
  resourceType: 'StructureDefinition',
  url: own + name,
  name,
  status: 'active',
  kind: /^(Extension|[A-Z]\w+Name|Quantity|CodeableConcept)$/.test(type) ? 'complex-type' : 'resource',
  abstract: false,
  type,
  baseDefinition: base,
  derivation: 'constraint',
  differential: { element: [{ path: type }, ...element] },
});

export const profilesOf = (structures: readonly Structure[], terminology?: Codes): Profiles =>
  createProfiles({
    source: async canonical => structures.find(({ url, version }) => canonical === url || canonical === `${url}|${version}`),
    now: () => Date.now(),
    ...(terminology === undefined ? {} : { terminology }),
  });

/** kind and place of what one profile finds, warnings marked; or all texts. */
export async function found(structures: readonly Structure[], resource: object, terminology?: Codes): Promise<string[]> {
  const findings = await profilesOf(structures, terminology).check(resource as AnyResource, [structures[0]!.url]);
  return findings.map(({ kind, expression, severity }) => `${severity === undefined ? '' : `${severity}: `}${kind} ${expression}`);
}
