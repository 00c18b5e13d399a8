/**
 * What a study chooses of PS3.15 Annex E: its options, which of its free text may stay, and what is known of the pixels of certain devices.
 * Without a choice the Basic Profile holds. This is the one place where the JSON becomes a DicomProfile. Documented in docs/deidentification/images.md.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { PolicyError } from '../policy.ts';

/** The option columns of table E.1-1; what each does stands in the table. */
export const optionNames = [
  'retainUids',
  'retainDeviceIdentity',
  'retainInstitutionIdentity',
  'retainPatientCharacteristics',
  'retainLongitudinalFullDates',
  'retainLongitudinalModifiedDates',
  'cleanDescriptors',
  'cleanStructuredContent',
  'cleanGraphics',
] as const;
export type OptionName = (typeof optionNames)[number] | 'retainSafePrivate';

/** A rectangle of pixels, from the upper left corner. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Says of the images that it matches where text is burned in, or that a face cannot be seen in them. All that is given has to match. */
export interface PixelRule {
  readonly modality: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly bodyPart?: string;
  /** Blanked. Empty: these images have no text burned in. Absent: the rule says nothing of text. */
  readonly regions?: readonly Region[];
  /** No face can be made from these images (they are of another part, or have been defaced). */
  readonly facesCleared: boolean;
}

/** A private attribute that is safe: of a creator, at an element of its block (0–255), with numbers or codes. */
export interface SafePrivate {
  readonly creator: string;
  readonly group: number;
  readonly element: number;
}

export interface DicomProfile {
  readonly options: ReadonlySet<OptionName>;
  readonly safePrivate: readonly SafePrivate[];
  /** Text outside of table E.1-1: tag → what a value must look like to stay. All other text goes. */
  readonly keep: ReadonlyMap<number, RegExp>;
  readonly pixels: readonly PixelRule[];
  /** Waveforms leave; off by default, since an electrocardiogram is as personal as a face. */
  readonly waveforms: boolean;
}

const only = (json: Json, names: readonly string[], place: string): void => {
  const other = Object.keys(json).find(name => !names.includes(name));
  if (other !== undefined) throw new PolicyError(`${place}.${other}`, 'is no part of a DICOM profile');
};

const object = (value: unknown, place: string): Json => {
  if (!isObject(value)) throw new PolicyError(place, 'must be an object');
  return value;
};

const list = (value: unknown, place: string): readonly unknown[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new PolicyError(place, 'must be a list');
  return value;
};

const flag = (value: unknown, place: string): boolean => {
  if (value !== undefined && typeof value !== 'boolean') throw new PolicyError(place, 'must be true or false');
  return value === true;
};

const name = (value: unknown, place: string): string => {
  if (typeof value !== 'string' || value.trim() === '') throw new PolicyError(place, 'must be a text');
  return value;
};

const whole = (value: unknown, place: string, most: number): number => {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > most)
    throw new PolicyError(place, `must be a whole number up to ${most}`);
  return value as number;
};

const hex = (value: unknown, digits: number, place: string): number => {
  if (typeof value !== 'string' || !new RegExp(`^[0-9A-Fa-f]{${digits}}$`).test(value))
    throw new PolicyError(place, `must be ${digits} hexadecimal digits`);
  return Number.parseInt(value, 16);
};

const region = (value: unknown, place: string): Region => {
  const json = object(value, place);
  only(json, ['x', 'y', 'width', 'height'], place);
  const side = (key: string): number => whole(json[key], `${place}.${key}`, 65_535);
  return { x: side('x'), y: side('y'), width: side('width'), height: side('height') };
};

function pixelRule(value: unknown, place: string): PixelRule {
  const json = object(value, place);
  only(json, ['modality', 'manufacturer', 'model', 'rows', 'columns', 'bodyPart', 'regions', 'facesCleared'], place);
  const { manufacturer, model, rows, columns, bodyPart, regions } = json;
  return {
    modality: name(json['modality'], place + '.modality'),
    ...(manufacturer === undefined ? {} : { manufacturer: name(manufacturer, place + '.manufacturer') }),
    ...(model === undefined ? {} : { model: name(model, place + '.model') }),
    ...(rows === undefined ? {} : { rows: whole(rows, place + '.rows', 65_535) }),
    ...(columns === undefined ? {} : { columns: whole(columns, place + '.columns', 65_535) }),
    ...(bodyPart === undefined ? {} : { bodyPart: name(bodyPart, place + '.bodyPart') }),
    ...(regions === undefined ? {} : { regions: list(regions, place + '.regions').map((one, i) => region(one, `${place}.regions[${i}]`)) }),
    facesCleared: flag(json['facesCleared'], place + '.facesCleared'),
  };
}

function pattern(value: unknown, place: string): RegExp {
  try {
    return new RegExp(`^(?:${name(value, place)})$`, 'u');
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    throw new PolicyError(place, 'must be a regular expression');
  }
}

function safePrivate(value: unknown, place: string): SafePrivate {
  const json = object(value, place);
  only(json, ['creator', 'group', 'element'], place);
  const group = hex(json['group'], 4, place + '.group');
  if (group % 2 === 0) throw new PolicyError(place + '.group', 'must be odd, as private groups are');
  return { creator: name(json['creator'], place + '.creator'), group, element: hex(json['element'], 2, place + '.element') };
}

/** @throws PolicyError that names the place */
export function readDicomProfile(value: unknown): DicomProfile {
  const json = object(value, 'dicom');
  only(json, ['options', 'safePrivate', 'keep', 'pixels', 'waveforms'], 'dicom');
  const options = list(json['options'], 'dicom.options').map((option, i) => {
    const found = optionNames.find(one => one === option);
    if (found === undefined) throw new PolicyError(`dicom.options[${i}]`, 'is no option of table E.1-1');
    return found;
  });
  const chosen = new Set<OptionName>(options);
  if (chosen.has('retainLongitudinalFullDates') && chosen.has('retainLongitudinalModifiedDates'))
    throw new PolicyError('dicom.options', 'has full and modified dates at once');
  const safe = list(json['safePrivate'], 'dicom.safePrivate').map((one, i) => safePrivate(one, `dicom.safePrivate[${i}]`));
  if (safe.length > 0) chosen.add('retainSafePrivate');
  const keep = Object.entries(object(json['keep'] ?? {}, 'dicom.keep'));
  return {
    options: chosen,
    safePrivate: safe,
    keep: new Map(keep.map(([tag, form]) => [hex(tag, 8, `dicom.keep.${tag}`), pattern(form, `dicom.keep.${tag}`)])),
    pixels: list(json['pixels'], 'dicom.pixels').map((one, i) => pixelRule(one, `dicom.pixels[${i}]`)),
    waveforms: flag(json['waveforms'], 'dicom.waveforms'),
  };
}
