/**
 * The data dictionary of DICOM: which value representation an attribute has, and which UIDs are the standard's own.
 * Data: profiles/dicom/dictionary.json. DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part06/PS3.6.html
 * @module
 */
import { readFileSync } from 'node:fs';

/** One of profiles/dicom/. */
export const ofProfiles = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../profiles/dicom/${name}`, import.meta.url), 'utf8')) as T;

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));
const data = ofProfiles<{
  vrs: Record<string, string>;
  signed: string;
  atMost: Record<string, string>;
  sopClasses: string;
  otherUids: string;
}>('dictionary.json');

/** Group and element in one number, (0008,0060) is 0x00080060. */
export type Tag = number;

const exact = new Map<Tag, string>();
/** Groups that repeat: 50xx and 60xx, by element. */
const repeating = new Map<number, string>();
for (const [vr, tags] of Object.entries(data.vrs)) {
  for (const tag of words(tags)) {
    if (tag.startsWith('60xx') || tag.startsWith('50xx')) repeating.set(Number.parseInt(tag.slice(0, 2) + '00' + tag.slice(4), 16), vr);
    else if (!tag.includes('x')) exact.set(Number.parseInt(tag, 16), vr);
  }
}

/** (60xx,3000) → (6000,3000); every other attribute itself. */
export const unrepeated = (tag: Tag): Tag => {
  const family = tag >>> 24;
  return (family === 0x60 || family === 0x50) && ((tag >>> 16) & 0xff) <= 0x1e ? (tag & 0xff00ffff) >>> 0 : tag;
};

/** undefined: the standard does not know this attribute. */
export const vrOf = (tag: Tag): string | undefined => exact.get(tag) ?? repeating.get(unrepeated(tag));

const counts = new Map<Tag, number>();
for (const [most, tags] of Object.entries(data.atMost))
  for (const tag of words(tags)) counts.set(Number.parseInt(tag.replaceAll('x', '0'), 16), Number(most));

/** How many values an attribute of numbers or codes has at most. */
export const mostValues = (tag: Tag): number => counts.get(unrepeated(tag)) ?? Number.POSITIVE_INFINITY;

/** US, or SS where (0028,0103) Pixel Representation says that pixels have a sign. */
export const signed: ReadonlySet<Tag> = new Set(words(data.signed).map(tag => Number.parseInt(tag, 16)));

export const isPrivate = (tag: Tag): boolean => ((tag >>> 16) & 1) === 1;

/** Arc of the standard's own UIDs. */
export const root = '1.2.840.10008.';
export const sopClasses: ReadonlySet<string> = new Set(words(data.sopClasses).map(uid => root + uid));
const wellKnown: ReadonlySet<string> = new Set([...sopClasses, ...words(data.otherUids).map(uid => root + uid)]);

/** A UID that the standard itself gives a meaning: a SOP class, a transfer syntax, a well-known frame of reference. It names nobody. */
export const isWellKnown = (uid: string): boolean => wellKnown.has(uid);
