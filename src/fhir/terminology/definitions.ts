/**
 * The specification's own code systems, value sets and concept maps: read at first use, each kept as text until it is asked for.
 * R4: https://hl7.org/fhir/R4/terminologies-systems.html, https://hl7.org/fhir/R4/terminologies-valuesets.html, https://hl7.org/fhir/R4/terminologies-conceptmaps.html
 * @module
 */
import type { CodeSystem, ConceptMap, ValueSet } from '@medplum/fhirtypes';
import { definitions } from '../model/r4.ts';
import { type Listed, listed, type Source, sourceOf } from './source.ts';

const files = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json', 'conceptmaps.json'];

let list: readonly Listed[] | undefined;
let source: Source | undefined;

/** Everything that the specification defines, in its order. */
export const specified = (): readonly Listed[] =>
  (list ??= files.flatMap(file =>
    (definitions<CodeSystem | ValueSet | ConceptMap>(file).entry ?? []).map(({ resource }) => {
      const { text: _, ...rest } = resource!;
      const json = JSON.stringify(rest);
      return listed(resource!, `hl7:${resource!.resourceType}/${resource!.id}|${resource!.version}`, () => JSON.parse(json));
    }),
  ));

export const specification = (): Source => (source ??= sourceOf(specified()));
