/**
 * What makes two values the same look: the codings of a concept as a set, both ends of a range, both parts of a ratio. Texts, displays and versions do not count: where a look is changed they go.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import type { Code } from '../hierarchy/index.ts';
import type { Kind } from './walk.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const ofCoding = (value: unknown): string => (isObject(value) ? `${text(value['system'])}|${text(value['code'])}` : '|');

/** `system|code`, of several codings one a line, sorted. */
export const keyOfCode = ({ system, code }: Code): string => `${system}|${code}`;

export const codeOfKey = (key: string): Code => {
  const at = key.indexOf('|');
  return { system: key.slice(0, at), code: key.slice(at + 1) };
};

/** Key of a CodeableConcept; empty when it has no coding. */
export function keyOfConcept(value: unknown): string {
  const codings = isObject(value) ? value['coding'] : undefined;
  if (!Array.isArray(codings) || codings.length === 0) return '';
  if (codings.length === 1) return ofCoding(codings[0]);
  return [...new Set((codings as unknown[]).map(ofCoding))].sort().join('\n');
}

/** The concept with its codings in one order, each once: how somebody wrote them would tell who did. The same object, if they are. */
export function inOrder(value: unknown): unknown {
  const codings = isObject(value) ? value['coding'] : undefined;
  if (!isObject(value) || !Array.isArray(codings) || codings.length < 2) return value;
  const keys = (codings as unknown[]).map(ofCoding);
  if (keys.every((key, i) => i === 0 || keys[i - 1]! < key)) return value;
  const first = [...new Set(keys)].sort().map(key => codings[keys.indexOf(key)] as unknown);
  return { ...value, coding: first };
}

/** `system|code|unit`, of Money its currency; of a number without a unit empty. */
export const keyOfUnit = (value: unknown): string =>
  isObject(value) ? `${text(value['system'])}|${text(value['code'])}|${text(value['unit'] ?? value['currency'])}` : '';

const amount = (value: unknown): string =>
  isObject(value) ? `${text(value['comparator'])}${value['value'] === undefined ? '' : Number(value['value'])} ${keyOfUnit(value)}` : '';

/** Key of anything that is a look; undefined: nothing in it that could be peculiar. Of what is no code it begins with `=`. */
export function keyOf(value: unknown, kind: Kind): string | undefined {
  if (kind === 'concept') return keyOfConcept(value) || undefined;
  if (kind === 'boolean') return `=${String(value)}`;
  if (kind === 'amount') return amountOf(value) === undefined ? undefined : `=${isObject(value) ? amount(value) : Number(value)}`;
  if (!isObject(value)) return undefined;
  if (kind === 'reference') {
    // There is no set without Patients: to count references to them would only take time.
    if (typeof value['reference'] === 'string' && value['reference'].startsWith('Patient/')) return undefined;
    const type = targetOf(value);
    return type === undefined || type === 'Patient' ? undefined : `${target}${type}`;
  }
  if (kind === 'coding') return ofCoding(value);
  return kind === 'range'
    ? `=${amount(value['low'])} to ${amount(value['high'])}`
    : `=${amount(value['numerator'])} : ${amount(value['denominator'])}`;
}

/** In place of a value's key: it is masked. */
export const maskedValue = '?';
/** Before the unit of a value that is measured: the key of all values in that unit. */
const inUnit = '~';

/** Key of the value of a fact: what k persons must share of it. All plain quantities of a unit are one; empty when there is none. */
export function keyOfValue(value: unknown, kind: Kind | undefined): string {
  if (value === undefined) return '';
  if (kind === undefined) return '=other';
  if (kind === 'sampled') return '=sampled';
  if (kind !== 'quantity') return keyOf(value, kind) ?? '=text';
  const found = amountOf(value);
  if (found === undefined) return '=no amount';
  return found.comparator === '' ? inUnit + keyOfUnit(value) : `=${amount(value)}`;
}

/** Of a value that came with a comparator: it (`<0.3`), and the key of all plain values in its unit. */
export function comparedOf(valueKey: string): { text: string; measured: string } | undefined {
  const parts = /^=([<>]=?-?[0-9.e+-]+) (.*)$/s.exec(valueKey);
  return parts === null ? undefined : { text: parts[1]!, measured: inUnit + parts[2]! };
}

export const isMeasured = (valueKey: string): boolean => valueKey.startsWith(inUnit);

/** A fact: key of its code, key of its value. */
export const keyOfFact = (code: string, value: string): string => `${code}\t${value}`;
export const partsOfFact = (key: string): readonly [string, string] => {
  const at = key.indexOf('\t');
  return [key.slice(0, at), key.slice(at + 1)];
};

const target = '=to ';

/** The type that a look is a reference to. */
export const targetOfKey = (key: string): string | undefined => (key.startsWith(target) ? key.slice(target.length) : undefined);

/** The type that a Reference leads to, if it tells. */
export function targetOf({ reference, type }: Json): string | undefined {
  const told = typeof reference === 'string' ? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(reference)?.[1] : undefined;
  return told ?? (typeof type === 'string' ? type : undefined);
}

/** Keys of the codings that a look has; of what is no code none. */
export const codesOf = (key: string): readonly string[] => (key.includes('|') && !/^[=~]/.test(key) ? key.split('\n') : []);

export const keyOfNormal = (value: Json): string => JSON.stringify(value);

/** A measured value: its number, and the comparator with it (`<`), empty if it has none. */
export interface Amount {
  readonly number: number;
  readonly comparator: string;
}

/** undefined: there is no number. */
export function amountOf(value: unknown): Amount | undefined {
  const given = isObject(value) ? value['value'] : value;
  // A Decimal (model/json.ts) computes like a number.
  if (typeof given !== 'number' && !(given instanceof Number)) return undefined;
  const number = Number(given);
  return Number.isFinite(number) ? { number, comparator: isObject(value) ? text(value['comparator']) : '' } : undefined;
}
