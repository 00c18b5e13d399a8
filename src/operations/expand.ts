/**
 * $expand: the codes of a value set, as a tree or in pages.
 * Definition: profiles/OperationDefinition-ValueSet-expand.json; R4: https://hl7.org/fhir/R4/valueset-operation-expand.html
 * @module
 */
import { randomUUID } from 'node:crypto';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { expansionIn, expand as expansionOf, versionsOf } from '../fhir/terminology/expand.ts';
import { definitionOf, type Operation } from './operation.ts';
import { meant, one, refuse, type TerminologyParts, wrong } from './terminology.ts';

export interface ExpandParts extends TerminologyParts {
  /** Milliseconds. */
  readonly now: () => number;
}

export const expand = (parts: ExpandParts): Operation => ({
  definition: definitionOf('ValueSet-expand'),
  async run(given, access, at) {
    refuse(given, 'context', 'contextDirection', 'date');
    for (const name of ['offset', 'count'])
      if ((one<number>(given, name) ?? 0) < 0) throw wrong(name, `The parameter ${name} is not negative.`);
    const asked = expansionIn(given);
    const found = await meant('ValueSet', given, at, { inline: 'valueSet', url: 'url', version: 'valueSetVersion' }, access, parts);
    if (found === undefined) throw new Problem('invalid-parameter', 'One of the parameters url and valueSet is required.');
    const knowledge = parts.knowledge(access);
    const versions = versionsOf(asked);
    const set = await knowledge.resolve(found, versions);
    const resource = expansionOf(set, asked, `urn:uuid:${randomUUID()}`, new Date(parts.now()).toISOString());
    return { status: 200, resource: resource as unknown as AnyResource };
  },
});
