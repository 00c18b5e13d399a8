/**
 * A classification of diseases as large as ICD-10, made up: chapters, blocks, categories and subcategories, with names in Japanese and English.
 * @module
 */
import type { CodeSystem, CodeSystemConcept } from '@medplum/fhirtypes';

const organs = [
  ['胃', 'stomach'],
  ['肺', 'lung'],
  ['肝臓', 'liver'],
  ['腎臓', 'kidney'],
  ['心臓', 'heart'],
  ['皮膚', 'skin'],
  ['骨', 'bone'],
  ['眼', 'eye'],
  ['耳', 'ear'],
  ['甲状腺', 'thyroid'],
] as const;
const illnesses = [
  ['の炎症', 'Inflammation of the'],
  ['の腫瘍', 'Tumour of the'],
  ['の損傷', 'Injury of the'],
  ['の変性', 'Degeneration of the'],
  ['の奇形', 'Malformation of the'],
  ['の感染症', 'Infection of the'],
] as const;

/** 20 chapters of 6 blocks of 9 categories, each with 10 subcategories: 12,020 concepts. */
export function classification(url: string): CodeSystem {
  const letters = 'ABCDEFGHIJKLMNOPQRST';
  const named = (code: string, number: number, more: CodeSystemConcept['concept'] = []): CodeSystemConcept => {
    const [organJa, organ] = organs[number % organs.length]!;
    const [illnessJa, illness] = illnesses[Math.floor(number / organs.length) % illnesses.length]!;
    return {
      code,
      display: `${organJa}${illnessJa} ${number}`,
      designation: [{ language: 'en', value: `${illness} ${organ}, type ${number}` }],
      ...(more.length > 0 ? { concept: more } : {}),
    };
  };
  let number = 0;
  const list = (length: number, make: (index: number) => CodeSystemConcept) => Array.from({ length }, (_, index) => make(index));
  return {
    resourceType: 'CodeSystem',
    url,
    version: '2026',
    name: 'Classification',
    language: 'ja',
    status: 'active',
    content: 'complete',
    hierarchyMeaning: 'is-a',
    caseSensitive: true,
    concept: list(20, chapter =>
      named(
        letters[chapter]!,
        number++,
        list(6, block =>
          named(
            `${letters[chapter]}${block}0-${letters[chapter]}${block}9`,
            number++,
            list(9, category => {
              const code = `${letters[chapter]}${block}${category}`;
              return named(
                code,
                number++,
                list(10, sub => named(`${code}.${sub}`, number++)),
              );
            }),
          ),
        ),
      ),
    ),
  };
}
