/**
 * Coded entries: a code leaves in a public coding scheme and in that scheme's form. A local scheme (99…) may hold a hospital's name or a person's number, and is
 * replaced as a whole. What a code means is free text, whoever wrote it: the code stands in its place unless somebody cleans it.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part03/chapter_8.html; schemes: PS3.16 chapter 8
 * @module
 */
import { unitTest } from '../units.ts';
import type { DataSet } from './element.ts';
import { textOf } from './element.ts';
import { text } from './write.ts';

const codeValue = 0x0008_0100;
const scheme = 0x0008_0102;
const meaning = 0x0008_0104;

/** Words in curly brackets that units of PS3.16 have. */
const annotations = new Set('counts pixels ratio no_units beats H.B. SUVbw SUVlbm'.split(' '));

const forms: Readonly<Record<string, Pick<RegExp, 'test'>>> = {
  DCM: /^\d{6}$/,
  SCT: /^\d{6,18}$/,
  SRT: /^[A-Z][A-Z0-9]?-[0-9A-F]{4,6}$/,
  SNM3: /^[A-Z][A-Z0-9]?-[0-9A-F]{4,6}$/,
  '99SDM': /^[A-Z][A-Z0-9]?-[0-9A-F]{4,6}$/,
  LN: /^\d{1,5}-\d$/,
  UCUM: { test: unitTest(annotations) },
  FMA: /^\d{1,6}$/,
  RADLEX: /^RID\d{1,6}$/,
  UMLS: /^C\d{7}$/,
  NCIt: /^C\d{1,6}$/,
  I10: /^[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?$/,
  I10P: /^[0-9A-HJ-NP-Z]{7}$/,
  ISO3166_1: /^(?:[A-Z]{2}|[A-Z]{3})$/,
  RFC5646: /^[a-z]{2}(?:-[A-Z]{2})?$/,
  RFC3066: /^[a-z]{2}(?:-[A-Z]{2})?$/,
  ISO639_1: /^[a-z]{2}$/,
  UBERON: /^\d{7}$/,
  PUBCHEM_CID: /^\d{1,9}$/,
};

/** Attributes of a coded entry that leave only with their code, or not at all: UIDs of schemes and context groups, mapped, would say nothing. */
export const ofCodes: ReadonlySet<number> = new Set([
  codeValue,
  scheme,
  0x0008_0103,
  meaning,
  0x0008_0119,
  0x0008_0120,
  0x0008_0106,
  0x0008_0107,
  0x0008_010c,
  0x0008_0117,
  0x0008_0118,
]);

export const isCode = (set: DataSet): boolean => set.has(scheme) || set.has(codeValue);

/** The code of an entry, or undefined: it is in no public scheme. */
export function publicCode(set: DataSet): { readonly code: string; readonly scheme: string } | undefined {
  const designator = textOf(set, scheme);
  const code = textOf(set, codeValue);
  return Object.hasOwn(forms, designator) && forms[designator]!.test(code) ? { code, scheme: designator } : undefined;
}

/** The attributes that stand for the entry in the output. @param said the cleaned meaning */
export function codeElements(known: { readonly code: string; readonly scheme: string } | undefined, said?: string): DataSet {
  const { code, scheme: designator } = known ?? { code: 'REMOVED', scheme: '99NOREN' };
  const elements = [text(codeValue, 'SH', code), text(scheme, 'SH', designator), text(meaning, 'LO', said ?? code)];
  return new Map(elements.map(element => [element.tag, element]));
}

/** One coded entry in words of our own. */
export const coded = (code: string, designator: string, said: string): DataSet => codeElements({ code, scheme: designator }, said);
