/**
 * Validation by a profile of the script, with the server's own validator: profiles of FHIR R4, and those that the script contains or brings along.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.validateProfileId
 * @module
 */
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { createProfiles } from '../fhir/profile/profiles.ts';
import { validate } from '../fhir/profile/validate.ts';
import { Fault } from './fault.ts';
import { referred, type Surroundings } from './fixtures.ts';
import type { Memory } from './memory.ts';
import { isJson } from './pick.ts';

/** What is wrong with a resource by the profile with an id of the script. @throws Fault when that cannot be told */
export type ProfileCheck = (resource: AnyResource, profileId: string) => Promise<readonly string[]>;

const isElsewhere = (reference: string, { source }: Surroundings): boolean =>
  /^(?:https?|urn):/i.test(reference) && !source.bundle.has(reference);

/** @param named id → canonical URL, `#id`, or file of a StructureDefinition */
export function profileCheck(named: ReadonlyMap<string, string>, around: Surroundings, memory: Memory): ProfileCheck {
  const own = new Map<string, AnyResource>();
  const keep = (json: unknown): string | undefined => {
    if (!isJson(json) || json['resourceType'] !== 'StructureDefinition' || typeof json['url'] !== 'string') return undefined;
    own.set(json['url'], json as AnyResource);
    return json['url'];
  };
  for (const json of [...around.contained, ...around.source.bundle.values()] as Json[]) keep(json);
  const profiles = createProfiles({ source: async canonical => own.get(canonical.split('|', 1)[0]!), now: Date.now });

  async function canonicalOf(id: string): Promise<string> {
    const reference = named.get(id);
    if (reference !== undefined && isElsewhere(reference, around)) return reference;
    const canonical = keep(reference === undefined ? memory.get(id).json : await referred(reference, around));
    if (canonical === undefined) throw new Fault(`${id} is no profile of the script.`);
    return canonical;
  }

  return async (resource, id) => {
    // One profile may ask for another of the script.
    for (const reference of named.values()) if (!isElsewhere(reference, around)) keep(await referred(reference, around));
    const canonical = await canonicalOf(id);
    const found = await profiles.check(resource, [canonical]);
    if (found.some(({ kind, expression }) => kind === 'not-found' && expression === resource.resourceType))
      throw new Fault(`The profile ${canonical} is not known here.`);
    const wrong = [...validate(resource), ...found.filter(({ severity }) => severity === undefined)];
    return wrong.map(({ text, kind, expression }) => `${text ?? kind}${expression === undefined ? '' : ` (${expression})`}`);
  };
}
