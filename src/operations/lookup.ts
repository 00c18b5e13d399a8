/**
 * $lookup: what is known of a code.
 * Definition: profiles/OperationDefinition-CodeSystem-lookup.json; R4: https://hl7.org/fhir/R4/codesystem-operation-lookup.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { writeCanonical } from '../fhir/terminology/canonical.ts';
import { detailsOf } from '../fhir/terminology/lookup.ts';
import { definitionOf, type Operation } from './operation.ts';
import { notHere, one, parametersOf, refuse, sentCodes, systemBy, type TerminologyParts, wrong } from './terminology.ts';

export const lookup = (parts: TerminologyParts): Operation => ({
  definition: definitionOf('CodeSystem-lookup'),
  async run(given, access) {
    refuse(given, 'date');
    const [sent] = sentCodes(given, { system: 'system', version: 'version' });
    if (sent!.system === undefined) throw wrong('coding', 'coding.system is required.');
    const system = await systemBy(writeCanonical(sent!.system, sent!.version), parts.knowledge(access));
    const concept = system.find(sent!.code);
    if (concept === undefined) throw notHere('The code system has no such code here.');
    const wanted = (given.get('property') ?? []) as readonly string[];
    const { display, designations, properties } = detailsOf(system, concept, wanted, one(given, 'displayLanguage'));
    return parametersOf([
      { name: 'name', valueString: system.name },
      ...(system.version === undefined ? [] : [{ name: 'version', valueString: system.version }]),
      { name: 'display', valueString: display },
      ...designations.map(
        ({ language, use, value }): Json => ({
          name: 'designation',
          part: [
            ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
            ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
            { name: 'value', valueString: value },
          ],
        }),
      ),
      ...properties.map(
        ({ code, value }): Json => ({
          name: 'property',
          part: [
            { name: 'code', valueCode: code },
            { name: 'value', ...value },
          ],
        }),
      ),
    ]);
  },
});
