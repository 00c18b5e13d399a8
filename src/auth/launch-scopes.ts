/**
 * The words of a scope parameter that name no FHIR resource: who signs in, with which context, and for how long.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 * @module
 */

/** Every one that works here. */
export const words = ['openid', 'fhirUser', 'launch', 'launch/patient', 'launch/encounter', 'offline_access', 'online_access'] as const;
export type Word = (typeof words)[number];

const known: ReadonlySet<string> = new Set(words);

export const isWord = (text: string): text is Word => known.has(text);

/** What of a scope parameter is left for resources. */
export const withoutWords = (scope: string): string =>
  scope
    .split(' ')
    .filter(word => !isWord(word))
    .join(' ');
