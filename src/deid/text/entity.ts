/**
 * The kinds of thing that free text must not tell, and the marker that stands where one was.
 * @module
 */

/** Japanese and English marker of each kind; the order is the order of reports. */
const table = {
  name: ['氏名', 'NAME'],
  relative: ['家族', 'RELATIVE'],
  staff: ['医療者', 'STAFF'],
  institution: ['施設', 'INSTITUTION'],
  workplace: ['勤務先・学校', 'WORKPLACE'],
  address: ['住所', 'ADDRESS'],
  'postal-code': ['郵便番号', 'POSTAL CODE'],
  phone: ['電話', 'PHONE'],
  email: ['メール', 'E-MAIL'],
  url: ['リンク', 'LINK'],
  'birth-date': ['生年月日', 'BIRTH DATE'],
  date: ['日付', 'DATE'],
  age: ['高齢', 'OLD AGE'],
  /** Of somebody pooled, whatever it is: an old one must not be told from a young one. */
  'any-age': ['年齢', 'AGE'],
  identifier: ['識別番号', 'IDENTIFIER'],
  'my-number': ['個人番号', 'MY NUMBER'],
  'insurer-number': ['保険者番号', 'INSURER NUMBER'],
  'insured-number': ['被保険者番号', 'INSURED NUMBER'],
  'public-payer-number': ['公費番号', 'PUBLIC PAYER NUMBER'],
  'institution-number': ['医療機関コード', 'INSTITUTION NUMBER'],
  'licence-number': ['免許番号', 'LICENCE NUMBER'],
  'document-number': ['旅券・免許証', 'DOCUMENT NUMBER'],
  'vehicle-number': ['車両番号', 'VEHICLE NUMBER'],
  'card-number': ['カード番号', 'CARD NUMBER'],
  number: ['番号', 'NUMBER'],
} as const satisfies Record<string, readonly [ja: string, en: string]>;

export type Entity = keyof typeof table;

export const entities = Object.keys(table) as readonly Entity[];

/** Place of a kind in `entities`. */
export const ordinal: Readonly<Record<Entity, number>> = Object.fromEntries(entities.map((name, i) => [name, i])) as Record<Entity, number>;

export type Language = 'ja' | 'en';
export type Markers = Readonly<Record<Entity, Readonly<Record<Language, string>>>>;

/** `【氏名】`, `[NAME]` … */
export const markers: Markers = Object.fromEntries(
  entities.map(name => [name, { ja: `【${table[name][0]}】`, en: `[${table[name][1]}]` }]),
) as unknown as Markers;

/** A part of a text, in UTF-16 units, and what it tells. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly entity: Entity;
}

/** Takes what was found. */
export type Emit = (start: number, end: number, entity: Entity) => void;
