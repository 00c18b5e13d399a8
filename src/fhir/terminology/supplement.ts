/**
 * Supplements: names of a code system's concepts in other languages, brought by others than its authors. Names alone: nothing that a supplement says changes
 * which concepts there are, or what they mean.
 * R4: https://hl7.org/fhir/R4/codesystem.html#supplements
 * @module
 */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptDesignation } from '@medplum/fhirtypes';
import { readCanonical } from './canonical.ts';

/** Whether a supplement is for this version of its system, and in use. */
export function isFor({ supplements = '', status, content }: CodeSystem, version: string | undefined): boolean {
  const wanted = readCanonical(supplements).version;
  return content === 'supplement' && status !== 'retired' && (wanted === undefined || wanted === version);
}

/** The code system with the designations of its supplements after its own; their displays are names in their language. */
export function supplemented(system: CodeSystem, supplements: readonly CodeSystem[]): CodeSystem {
  const names = new Map<string, CodeSystemConceptDesignation[]>();
  const gather = (list: readonly CodeSystemConcept[], language: string | undefined): void => {
    for (const { code, display, designation = [], concept = [] } of list) {
      const own = display === undefined || language === undefined ? designation : [{ language, value: display }, ...designation];
      names.set(code!, [...(names.get(code!) ?? []), ...own]);
      gather(concept, language);
    }
  };
  for (const { concept = [], language } of supplements) gather(concept, language);
  const named = (list: readonly CodeSystemConcept[]): CodeSystemConcept[] =>
    list.map(({ designation = [], concept, ...rest }) => ({
      ...rest,
      designation: [...designation, ...(names.get(rest.code!) ?? [])],
      ...(concept === undefined ? {} : { concept: named(concept) }),
    }));
  return { ...system, concept: named(system.concept ?? []) };
}
