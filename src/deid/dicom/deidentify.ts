/**
 * One DICOM object, de-identified: table E.1-1 of PS3.15 for what stands in it, and outside of the table a closed world — numbers and codes stay, text goes unless
 * somebody cleans it or the profile keeps it, dates follow those of the table, UIDs are mapped, private attributes and unknown bytes go. Pure; never changes what it is given.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part15/chapter_E.html
 * @module
 */
import { type Decode, decoderOf } from './charset.ts';
import { coded } from './codes.ts';
import { type DataSet, type Element, latin1, textOf, Withheld } from './element.ts';
import { floatPictures, picture, pixelData } from './pixels.ts';
import type { DicomProfile, OptionName } from './profile.ts';
import { readFile } from './read.ts';
import { edition } from './table.ts';
import { type DicomContext, Walk } from './walk.ts';

import { type Described, mustLeave, rulesFor } from './withhold.ts';
import { short, text, writeFile } from './write.ts';

export type DicomResult =
  /** How often what was done: removed, emptied, dummied, mapped, shifted, cleaned, kept, blanked. */
  | { readonly bytes: Uint8Array; readonly counts: Readonly<Record<string, number>> }
  /** Why the object does not leave, as the end of a sentence that begins with it. */
  | { readonly withheld: string };

/** Methods of (0012,0064). PS3.16 CID 7050 */
const methods: readonly (readonly [OptionName, string, string])[] = [
  ['cleanGraphics', '113103', 'Clean Graphics Option'],
  ['cleanStructuredContent', '113104', 'Clean Structured Content Option'],
  ['cleanDescriptors', '113105', 'Clean Descriptors Option'],
  ['retainLongitudinalFullDates', '113106', 'Retain Longitudinal Temporal Information Full Dates Option'],
  ['retainLongitudinalModifiedDates', '113107', 'Retain Longitudinal Temporal Information Modified Dates Option'],
  ['retainPatientCharacteristics', '113108', 'Retain Patient Characteristics Option'],
  ['retainDeviceIdentity', '113109', 'Retain Device Identity Option'],
  ['retainUids', '113110', 'Retain UIDs Option'],
  ['retainSafePrivate', '113111', 'Retain Safe Private Option'],
  ['retainInstitutionIdentity', '113112', 'Retain Institution Identity Option'],
];

/** Descriptions that tell which part of the body is seen. */
const descriptions = [0x0008_1030, 0x0008_103e, 0x0018_1030, 0x0032_1060, 0x0040_0254, 0x0040_0007, 0x0018_0015, 0x0020_4000, 0x0008_2111];

function described(set: DataSet, decode: Decode | undefined): Described {
  const words: string[] = [];
  const codes: string[] = [];
  for (const tag of descriptions) {
    const bytes = set.get(tag)?.bytes;
    // Bytes that are no text in the declared set are read as they are: a word of the head in them still counts.
    if (bytes !== undefined && bytes.length < 65_536) words.push(decode?.(bytes) ?? latin1(bytes));
  }
  const collect = (one: DataSet, depth: number): void => {
    const code = textOf(one, 0x0008_0100);
    if (code !== '') codes.push(code);
    const said = one.get(0x0008_0104)?.bytes;
    if (said !== undefined && said.length < 256 && depth > 0) words.push(decode?.(said) ?? latin1(said));
    for (const { items } of one.values()) for (const inner of items ?? []) collect(inner, depth + 1);
  };
  for (const tag of [0x0008_2218, 0x0008_2228, 0x0040_0260, 0x0008_1032, 0x0040_0008, 0x0040_0440, 0x5200_9229, 0x5200_9230])
    for (const inner of set.get(tag)?.items ?? []) collect(inner, 1);
  return { words: words.join('\n'), codes };
}

const put = (set: DataSet, element: Element): void => {
  set.set(element.tag, element);
};

export function deidentifyDicom(bytes: Uint8Array, profile: DicomProfile, context: DicomContext): DicomResult {
  try {
    return leave(bytes, profile, context);
  } catch (error) {
    if (error instanceof Withheld) return { withheld: error.reason };
    throw error;
  }
}

function leave(bytes: Uint8Array, profile: DicomProfile, context: DicomContext): DicomResult {
  const file = readFile(bytes);
  const sopClass = textOf(file.set, 0x0008_0016);
  const decode = decoderOf(textOf(file.set, 0x0008_0005));
  mustLeave(file.set, profile, described(file.set, decode));
  const walk = new Walk(profile, context, sopClass);
  const out = walk.dataSet(file.set, decode);
  if (textOf(out, 0x0008_0018) === '') throw new Withheld('has no SOP Instance UID');

  const { regions, facesCleared } = rulesFor(profile, file.set);
  for (const element of floatPictures(file.set, regions)) put(out, element);
  let transferSyntax = '1.2.840.10008.1.2.1';
  if (file.set.has(pixelData)) {
    const seen = picture(file.set, file.transferSyntax, regions);
    put(out, seen.element);
    transferSyntax = seen.transferSyntax;
    if (seen.planar !== undefined && file.set.has(0x0028_0006)) put(out, short(0x0028_0006, seen.planar ? 1 : 0));
    if (regions !== undefined && regions.length > 0) walk.count('blanked');
    put(out, text(0x0028_0301, 'CS', 'NO'));
    if (facesCleared) put(out, text(0x0028_0302, 'CS', 'NO'));
  }

  put(out, text(0x0008_0005, 'CS', 'ISO_IR 192'));
  if (context.subject !== undefined) put(out, text(0x0010_0020, 'LO', context.subject.id));
  put(out, text(0x0012_0062, 'CS', 'YES'));
  put(out, text(0x0012_0063, 'LO', `Noren: DICOM PS3.15 ${edition} Basic Profile, closed world`));
  const codes = [coded('113100', 'DCM', 'Basic Application Confidentiality Profile')];
  if (file.set.has(pixelData) && regions !== undefined) codes.push(coded('113101', 'DCM', 'Clean Pixel Data Option'));
  if (file.set.has(pixelData) && facesCleared) codes.push(coded('113102', 'DCM', 'Clean Recognizable Visual Features Option'));
  for (const [option, code, meaning] of methods) if (profile.options.has(option)) codes.push(coded(code, 'DCM', meaning));
  put(out, { tag: 0x0012_0064, vr: 'SQ', items: codes });
  put(out, text(0x0028_0303, 'CS', walk.temporal));
  return { bytes: writeFile(out, transferSyntax), counts: walk.counts };
}
