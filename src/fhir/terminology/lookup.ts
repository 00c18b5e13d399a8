/**
 * What is known of one concept, in the words of $lookup.
 * R4: https://hl7.org/fhir/R4/codesystem-operation-lookup.html
 * @module
 */
import type { CodeSystemConceptDesignation } from '@medplum/fhirtypes';
import type { Json } from '../model/r4.ts';
import type { Concept, System } from './code-system.ts';
import { displayIn } from './display.ts';

export interface Details {
  readonly display: string;
  readonly designations: readonly CodeSystemConceptDesignation[];
  /** Each with its `value[x]` as Parameters have it. */
  readonly properties: readonly { readonly code: string; readonly value: Json }[];
}

/**
 * @param wanted names of properties; empty: all
 * @param language of the display
 */
export function detailsOf(system: System, concept: Concept, wanted: readonly string[], language: string | undefined): Details {
  const isWanted = (...names: readonly string[]) => wanted.length === 0 || names.some(name => wanted.includes(name));
  const told = (code: string, values: readonly Json[]) => (isWanted(code) ? values.map(value => ({ code, value })) : []);
  const own = concept.properties.filter(({ code }) => code !== 'parent' && code !== 'child');
  const languages = wanted.filter(name => name.startsWith('lang.')).map(name => name.slice('lang.'.length));
  return {
    display: displayIn(concept, language, system.language) ?? concept.code,
    designations: isWanted('designation')
      ? concept.designations
      : concept.designations.filter(one => one.language !== undefined && languages.includes(one.language)),
    properties: [
      ...told('url', wanted.includes('url') ? [{ valueUri: system.url }] : []),
      ...told('definition', concept.definition === undefined ? [] : [{ valueString: concept.definition }]),
      ...told(
        'parent',
        concept.parents.map(one => ({ valueCode: one.code })),
      ),
      ...told(
        'child',
        concept.children.map(one => ({ valueCode: one.code })),
      ),
      ...told('inactive', [{ valueBoolean: concept.isInactive }]),
      ...own.flatMap(({ code, choice, value }) => (code !== 'inactive' && isWanted(code) ? [{ code, value: { [choice]: value } }] : [])),
    ],
  };
}
