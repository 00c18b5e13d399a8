/**
 * Code systems and value sets of these tests, made here: a small catalogue of fruit, with two ways of telling who is whose child.
 * @module
 */
import type { CodeSystem, ConceptMap, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';
import { createKnowledge, type Knowledge } from '../../../src/fhir/terminology/knowledge.ts';
import { listed, sourceOf } from '../../../src/fhir/terminology/source.ts';

export const fruit: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://example.org/fruit',
  version: '2',
  name: 'Fruit',
  title: 'Fruit and where it grows',
  language: 'en',
  status: 'active',
  content: 'complete',
  hierarchyMeaning: 'is-a',
  caseSensitive: true,
  property: [
    { code: 'colour', type: 'code' },
    { code: 'weight', type: 'decimal' },
    { code: 'kind', uri: 'http://hl7.org/fhir/concept-properties#parent', type: 'code' },
    { code: 'group', uri: 'http://hl7.org/fhir/concept-properties#notSelectable', type: 'boolean' },
    { code: 'status', uri: 'http://hl7.org/fhir/concept-properties#status', type: 'code' },
    { code: 'origin', type: 'Coding' },
  ],
  concept: [
    {
      code: 'citrus',
      display: 'Citrus fruit',
      property: [{ code: 'group', valueBoolean: true }],
      concept: [
        {
          code: 'lemon',
          display: 'Lemon',
          definition: 'A sour fruit.',
          designation: [
            { language: 'ja', value: 'レモン' },
            { language: 'fr', use: { code: 'synonym' }, value: 'limon' },
            { language: 'fr', use: { code: 'display' }, value: 'citron' },
          ],
          property: [
            { code: 'colour', valueCode: 'yellow' },
            { code: 'origin', valueCoding: { system: 'http://example.org/places', code: 'asia' } },
          ],
        },
        { code: 'orange', display: 'Orange', property: [{ code: 'colour', valueCode: 'orange' }] },
      ],
    },
    {
      code: 'yuzu',
      display: '柚子',
      property: [
        { code: 'kind', valueCode: 'citrus' },
        { code: 'kind', valueCode: 'tree' },
      ],
    },
    { code: 'tree', display: 'Grows on trees', property: [{ code: 'group', valueBoolean: true }] },
    {
      code: 'medlar',
      display: 'Medlar',
      property: [
        { code: 'status', valueCode: 'retired' },
        { code: 'colour', valueCode: 'brown' },
      ],
    },
  ],
};

export const valueSet = (url: string, include: ValueSetComposeInclude[], more: Partial<ValueSet> = {}): ValueSet => ({
  resourceType: 'ValueSet',
  url: `http://example.org/${url}`,
  status: 'active',
  ...more,
  compose: { include, ...more.compose },
});

/** What is known of these resources and of nothing else. */
export function knowing(...resources: (CodeSystem | ValueSet | ConceptMap)[]): Knowledge {
  return createKnowledge(sourceOf(resources.map((resource, index) => listed(resource, `${index}`))));
}
