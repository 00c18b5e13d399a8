/**
 * Free text, Japanese and English: what is known of people becomes a dictionary, and a dictionary a function that cleans texts. Documented in docs/deidentification/text.md.
 * @module
 */
export { type Analyse, type Mark, refusal, type TextCleaner, type TextOptions, textCleaner, textFinder } from './cleaner.ts';
export { type Dictionary, dictionary } from './dictionary.ts';
export { type Entity, entities, type Markers, markers } from './entity.ts';
export { allKnown, type Known, knownOf, nothingKnown } from './known.ts';
