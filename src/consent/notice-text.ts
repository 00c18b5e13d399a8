/**
 * The text of a notice (通知), version by version: a Questionnaire that only says things, one display item for each matter that Article 52 (1) names, in Japanese and English.
 * A text that is in use does not change any more: what somebody was told stays readable as it was.
 * R4: https://hl7.org/fhir/R4/questionnaire.html, https://hl7.org/fhir/R4/extension-translation.html
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { asServer } from '../fhir/model/access.ts';
import type { Finding } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { type Predicate, searchFor } from '../fhir/search/query.ts';
import type { Proposal } from '../fhir/store/gate.ts';
import type { Store } from '../fhir/store/store.ts';

export const noticeTextProfile = 'https://noren.example/fhir/StructureDefinition/notice-text';
/** On the Questionnaire: whoever was told under an older version has to be told again. */
const renoticeExtension = 'https://noren.example/fhir/StructureDefinition/notice-text-renotice';
const translation = 'http://hl7.org/fhir/StructureDefinition/translation';

/** linkId of an item → what it says. */
const mandatory: Readonly<Record<string, string>> = {
  'institution-name': 'the name of the institution',
  'institution-address': 'the address of the institution',
  'institution-representative': 'the representative of the institution',
  'to-certified-operator': 'that data go to a certified operator, which anonymizes them',
  'items-provided': 'which items are provided',
  'how-obtained': 'how the data are obtained',
  'how-updated': 'how the data are updated',
  'how-provided': 'how the data are provided',
  'stop-on-request': 'that provision stops when the person or the bereaved family asks for it',
  'how-to-ask': 'how to ask for it',
  'no-disadvantage': 'that asking for it brings no disadvantage',
};

/** A text on record. */
export interface NoticeText {
  readonly url: string;
  readonly version: string;
  /** `url|version`, as a notice names it. */
  readonly canonical: string;
  /** Day from which it is used, `2026-04-01`. */
  readonly date: string;
  readonly representative: string;
  /** Marked: whoever was told before has to be told again. */
  readonly renotice: boolean;
  /** False: retired. */
  readonly isActive: boolean;
  /** Who wrote it: an institution (`Organization/<id>`) for itself, or the operator for any. */
  readonly sender: string;
}

export const isNoticeText = (resource: AnyResource | undefined): boolean =>
  resource?.resourceType === 'Questionnaire' && [resource.meta?.['profile']].flat().includes(noticeTextProfile);

const itemsOf = (resource: AnyResource): Json[] => (Array.isArray(resource['item']) ? (resource['item'] as Json[]) : []);
const extensionsOf = (element: unknown): Json[] => [((element ?? {}) as Json)['extension'] ?? []].flat() as Json[];

/** What an item says in English. */
function inEnglish(item: Json): string {
  const english = extensionsOf(item['_text']).find(
    one => one['url'] === translation && extensionsOf(one).some(part => part['url'] === 'lang' && part['valueCode'] === 'en'),
  );
  return String(extensionsOf(english).find(part => part['url'] === 'content')?.['valueString'] ?? '');
}

/** What is wrong with a text; nothing for a draft but what a version must be. */
export function textFindings(resource: AnyResource, expression: string): readonly Finding[] {
  const findings: Finding[] = [];
  const wrong = (element: string, text: string) => findings.push({ kind: 'business-rule', text, expression: `${expression}.${element}` });
  for (const element of ['url', 'version', 'date'])
    if (typeof resource[element] !== 'string') wrong(element, `The text of a notice has the element ${element}.`);
  if (typeof resource['version'] === 'string' && resource['version'].includes('|')) wrong('version', 'A version holds no bar.');
  if (typeof resource['date'] === 'string' && !/^\d{4}-\d\d-\d\d/.test(resource['date']))
    wrong('date', 'The text of a notice says to the day from when it is used.');
  if (resource['language'] !== 'ja') wrong('language', 'The text of a notice is in Japanese (ja), with translations into English.');
  const items = itemsOf(resource);
  for (const [linkId, meaning] of Object.entries(mandatory)) {
    const item = items.find(one => one['linkId'] === linkId);
    const place = `item.where(linkId='${linkId}')`;
    for (const [language, said] of [
      ['Japanese', String(item?.['text'] ?? '')],
      ['English', item === undefined ? '' : inEnglish(item)],
    ] as const) {
      if (said.trim() === '') wrong(place, `The text of a notice says in ${language} ${meaning}: the item ${linkId}.`);
      else if (/\{[a-z-]+\}/.test(said)) wrong(place, `The item ${linkId} has a blank in ${language} that is not filled in.`);
    }
  }
  return findings;
}

/** A text as the rules see it. */
function textOf(resource: AnyResource, sender: string): NoticeText {
  const [url, version] = [String(resource['url']), String(resource['version'])];
  const named = itemsOf(resource).find(one => one['linkId'] === 'institution-representative');
  return {
    url,
    version,
    canonical: `${url}|${version}`,
    date: String(resource['date']).slice(0, 10),
    representative: String(named?.['text'] ?? '').trim(),
    renotice: extensionsOf(resource).some(one => one['url'] === renoticeExtension && one['valueBoolean'] === true),
    isActive: resource['status'] === 'active',
    sender,
  };
}

const reader = asServer('read the texts of notices');
/** More texts than this nobody keeps. */
const most = 5000;

/** Texts on record that are or were in use (no drafts); with `url`, the versions of one. */
export async function noticeTexts(store: Store, url?: string): Promise<readonly (NoticeText & { readonly id: string })[]> {
  const where: Predicate[] = url === undefined ? [] : [{ kind: 'uri', code: 'url', values: [url], match: 'exact' }];
  const { matches } = await store.search(reader, searchFor('Questionnaire', where, most));
  const texts: (NoticeText & { id: string })[] = [];
  for (const { id, bytes } of matches) {
    const resource = JSON.parse(bytes.toString()) as AnyResource;
    if (!isNoticeText(resource) || !['active', 'retired'].includes(String(resource['status']))) continue;
    texts.push({ ...textOf(resource, (await store.sender(reader, 'Questionnaire', id)) ?? ''), id });
  }
  return texts;
}

/** Whether an institution may say that it gave this text: its own, or one of nobody's in particular. */
export const mayUse = ({ sender }: NoticeText, institution: string): boolean =>
  sender === institution || !sender.startsWith('Organization/');

/** What a write does to a text: it must be whole, be the only one of its version, and change no more once it is in use. */
export async function judgeText({ method, id, resource, current, expression }: Proposal, store: Store): Promise<readonly Finding[]> {
  const wasUsed = isNoticeText(current) && current!['status'] !== 'draft';
  if (wasUsed && (method === 'delete' || resource === undefined))
    return [{ kind: 'conflict', text: 'A text that notices may name is not deleted; its status becomes retired.', expression }];
  if (resource === undefined) return [];
  if (wasUsed) {
    const isSame = isDeepStrictEqual(withoutStatus(current!), withoutStatus(resource));
    const [before, after] = [current!['status'], resource['status']];
    if (!isSame || !isNoticeText(resource) || !(before === after || after === 'retired'))
      return [{ kind: 'conflict', text: 'A text that notices may name does not change; write a new version.', expression }];
    return [];
  }
  if (!isNoticeText(resource) || resource['status'] === 'draft') return [];
  const findings = [...textFindings(resource, expression)];
  if (findings.length > 0) return findings;
  const others = await noticeTexts(store, String(resource['url']));
  if (others.some(one => one.id !== id && one.version === resource['version']))
    findings.push({ kind: 'business-rule', text: 'There is another text of this url and version.', expression: `${expression}.version` });
  return findings;
}

/** All that is said; what the server or a narrative generator adds does not count. */
function withoutStatus(resource: AnyResource): Json {
  const { id: _, meta: __, text: ___, status: ____, ...rest } = resource;
  return JSON.parse(JSON.stringify(rest)) as Json;
}

/**
 * A template with its blanks filled in: `{name}` → what stands under `name`, in Japanese and English.
 * @param template profiles/Questionnaire-notice-text-template.json
 */
export function fillText(
  template: AnyResource,
  blanks: Readonly<Record<string, { readonly ja: string; readonly en: string }>>,
  head: { readonly id?: string; readonly url: string; readonly version: string; readonly date: string },
): AnyResource {
  const filled = (text: string, language: 'ja' | 'en') =>
    text.replace(/\{([a-z-]+)\}/g, (whole, name: string) => blanks[name]?.[language] ?? whole);
  const item = itemsOf(template).map(one => ({
    ...one,
    text: filled(String(one['text']), 'ja'),
    _text: {
      extension: [
        {
          url: translation,
          extension: [
            { url: 'lang', valueCode: 'en' },
            { url: 'content', valueString: filled(inEnglish(one), 'en') },
          ],
        },
      ],
    },
  }));
  return { ...template, ...head, status: 'active', item } as unknown as AnyResource;
}
