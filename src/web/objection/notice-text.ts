/**
 * The text of a notice in the version that was given: a Questionnaire that only says things, in Japanese with translations.
 * R4: https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/R4/extension-translation.html
 * @module
 */
import type { Language } from '../page/text.ts';
import { type Fhir, ifOffered, type Json, listIn, type Resource } from '../smart/fhir.ts';

const translation = 'http://hl7.org/fhir/StructureDefinition/translation';

/** What an element says in a language; the element itself where no translation is. */
function said(element: Json, name: string, language: Language): string {
  const translated = listIn((element[`_${name}`] as Json | undefined)?.['extension'])
    .filter(one => one['url'] === translation)
    .map(one => listIn(one['extension']))
    .find(parts => parts.some(part => part['url'] === 'lang' && part['valueCode'] === language));
  return String(translated?.find(part => part['url'] === 'content')?.['valueString'] ?? element[name] ?? '');
}

export interface NoticeText {
  readonly title: string;
  readonly version: string;
  readonly lines: readonly string[];
}

export const noticeTextIn = (resource: Resource, language: Language): NoticeText => ({
  title: said(resource, 'title', language),
  version: String(resource['version'] ?? ''),
  lines: listIn(resource['item'])
    .map(item => said(item, 'text', language))
    .filter(line => line !== ''),
});

/** The Questionnaire of `url|version`, or undefined where the server does not give it. */
export async function readNoticeText(fhir: Fhir, canonical: string): Promise<Resource | undefined> {
  const [url = '', version] = canonical.split('|');
  const found = await ifOffered(fhir.search('Questionnaire', { url, ...(version === undefined ? {} : { version }) }));
  return found?.[0];
}
