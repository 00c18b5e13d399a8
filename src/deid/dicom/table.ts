/**
 * Table E.1-1 of PS3.15: what becomes of an attribute, under which options, and in which kind of object.
 * A compound action (X/Z/D) is settled by what the SOP class asks: where that is not known, in the way that stays valid.
 * Data: profiles/dicom/confidentiality.json, required.json. DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part15/chapter_E.html
 * @module
 */
import { isPrivate, ofProfiles, root, type Tag, unrepeated } from './dictionary.ts';
import type { DicomProfile, OptionName } from './profile.ts';

/** D dummy, Z empty, X remove, K keep, C clean, U new UID. */
export type Action = 'D' | 'Z' | 'X' | 'K' | 'C' | 'U';

interface Row {
  readonly basic: string;
  readonly options: Readonly<Partial<Record<OptionName, string>>>;
}

export interface ContentRow extends Row {
  readonly code: string;
  readonly scheme: string;
  readonly valueType: string;
}

const table = ofProfiles<{ edition: string; attributes: (Row & { tag: string })[]; contentItems: ContentRow[] }>('confidentiality.json');
const required = ofProfiles<{ modules: Record<string, [string, string]>; sopClasses: Record<string, string> }>('required.json');

/** Edition of the standard that the table is of. */
export const edition = table.edition;

const parse = (tag: string): Tag => Number.parseInt(tag, 16);
const rows = new Map<Tag, Row>(table.attributes.filter(({ tag }) => !/[xp]/.test(tag)).map(row => [parse(row.tag), row]));
for (const row of table.attributes) if (row.tag.startsWith('60xx')) rows.set(parse('6000' + row.tag.slice(4)), row);
const curves = table.attributes.find(({ tag }) => tag === '50xxxxxx')!;

/** undefined: the table says nothing of it. */
export const rowOf = (tag: Tag): Row | undefined => {
  const one = unrepeated(tag);
  return one >>> 16 === 0x5000 ? curves : rows.get(one);
};

const contentRows = new Map(table.contentItems.map(row => [`${row.scheme} ${row.code} ${row.valueType}`, row]));
for (const row of table.contentItems) contentRows.set(`${row.scheme} ${row.code}`, row);

/** Table E.3.4-1: a content item of a structured report by the code of its concept name, and where that has several by its value type. */
export const contentRowOf = (scheme: string, code: string, valueType: string): Row | undefined =>
  contentRows.get(`${scheme} ${code} ${valueType}`) ?? contentRows.get(`${scheme} ${code}`);

/** How much an object needs an attribute: 1 with a value, 2 at least empty, 3 not at all; 0: not known. */
export type Need = 0 | 1 | 2 | 3;

const described = new Set<Tag>();
const modules = new Map<string, ReadonlyMap<Tag, Need>>();
for (const [id, [one, two]] of Object.entries(required.modules)) {
  const needs = new Map<Tag, Need>();
  for (const [tags, need] of [
    [two, 2],
    [one, 1],
  ] as const)
    for (const tag of tags === '' ? [] : tags.split(' ')) {
      needs.set(parse(tag), need);
      described.add(parse(tag));
    }
  modules.set(id, needs);
}

const ofClass = new Map<string, ReadonlyMap<Tag, Need>>();
function needsOf(sopClass: string): ReadonlyMap<Tag, Need> | undefined {
  const known = ofClass.get(sopClass);
  if (known !== undefined) return known;
  const list = required.sopClasses[sopClass.startsWith(root) ? sopClass.slice(root.length) : ''];
  if (list === undefined) return undefined;
  const needs = new Map<Tag, Need>();
  for (const id of list.split(' ')) for (const [tag, need] of modules.get(id)!) if (needs.get(tag) !== 1) needs.set(tag, need);
  ofClass.set(sopClass, needs);
  return needs;
}

export const needOf = (sopClass: string, tag: Tag): Need => {
  const needs = needsOf(sopClass);
  return needs?.get(tag) ?? (needs !== undefined && described.has(tag) ? 3 : 0);
};

const preference: Readonly<Record<Need, string>> = { 0: 'UDZX', 1: 'UDZX', 2: 'ZUDX', 3: 'XZDU' };

/** One action out of a compound one (`X/Z/D`, `X/Z/U*`). */
export function settle(actions: string, need: Need): Action {
  if (actions === 'K' || actions === 'C') return actions;
  const possible = actions.replaceAll('*', '').split('/');
  return [...preference[need]].find(action => possible.includes(action)) as Action;
}

/** What one row says under the options of a profile: what is retained stays, what is cleaned is cleaned, else the basic profile. */
export function actionOf(row: Row, profile: DicomProfile): string {
  let clean = false;
  for (const [option, action] of Object.entries(row.options)) {
    if (!profile.options.has(option as OptionName)) continue;
    if (action === 'K') return 'K';
    if (action === 'C') clean = true;
  }
  return clean ? 'C' : row.basic;
}

/** Out whatever the profile says: private attributes, group lengths, commands and directories, and curves and overlays as a whole, whose bits may be writing. */
export const neverKept = (tag: Tag): boolean => {
  const group = unrepeated(tag) >>> 16;
  return isPrivate(tag) || (tag & 0xffff) === 0 || group <= 0x0006 || group === 0x5000 || group === 0x6000;
};
