/**
 * A policy as data: what leaves (everything else does not), and by which method. This is the one place where the file's JSON becomes a Policy.
 * The rules stand in groups named after the five measures of the Japanese criteria (rules for anonymized information, article 34 of the enforcement rules).
 * Documented in docs/deidentification.md.
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { isObject } from './context.ts';
import type { ShiftRange } from './keys.ts';

export interface Rule {
  /** Data types (`HumanName`), elements (`Patient.birthDate`), or elements of data types (`Coding.display`). */
  readonly paths: readonly string[];
  readonly method: string;
  /** What else the rule says, for its method. */
  readonly options: Json;
}

export interface Group {
  /** Name of the measure. */
  readonly measure: string;
  readonly title: string;
  readonly rules: readonly Rule[];
}

export interface Policy {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  /** Security label of everything that leaves. */
  readonly label: { readonly system: string; readonly code: string; readonly display: string };
  /** Age (years) from which persons are pooled. Absent: nobody is. */
  readonly pooledFrom?: number;
  /** How far the dates of a person move. */
  readonly shift: ShiftRange;
  /** Ages that a resource is given beside its elements. */
  readonly ages: readonly AgeAt[];
  /** Instants that leave as dates beside the elements of a resource. Absent: none does. */
  readonly instants?: readonly InstantAt[];
  /** `remove`: no contained resource leaves. Absent: those do that the policy knows and something refers to. */
  readonly contained?: 'remove';
  readonly groups: readonly Group[];
  /** Resource type or data type → elements that leave, by path below it (`component.code`). What is not listed does not leave. */
  readonly elements: Readonly<Record<string, readonly string[]>>;
  /** URLs of extensions that leave, and in which `value[x]`, or with which extensions inside. */
  readonly extensions: Readonly<Record<string, ExtensionValue>>;
  /** By which dictionary a morphological analyser finds persons in texts that are cleaned, beside what records, numbers and cues find. Absent: none does. */
  readonly analyser?: 'ipadic';
  /** What is done over the whole of a data set: codes and values that fewer than `k` persons share are made coarser, or go. Absent: nothing. */
  readonly dataSet?: DataSetRules;
  /** `remove`: what is neither listed nor named by a rule is removed. Absent: everything has to be decided. */
  readonly otherwise?: 'remove';
}

/** `valueCode` and the like; or URL → the same, of those that stand in a complex one. */
export type ExtensionValue = string | { readonly [url: string]: ExtensionValue };

/** docs/deidentification/dataset.md */
export interface DataSetRules {
  /** Persons. */
  readonly k: number;
  /** Percent of persons beyond which a measured value becomes a bound. Default 0.5 and 99.5. */
  readonly percentiles?: { readonly low: number; readonly high: number };
  /** Patients of codes in a population (a national list): `{ system, code, patients }` each. One with fewer than `k` is rare, however many have it in the data set. */
  readonly population?: unknown;
  /** What stands above codes, beside what is known: `{ system: { code: the code above, or { system, code } } }`. */
  readonly hierarchies?: unknown;
  /** Default false: a rare code that can go without a trace goes. */
  readonly rollUpEverywhere?: boolean;
}

/** An age that leaves as an extension of a resource: `valueQuantity`, whole years, or `valueRange` of a band, or where a birth by month or year leaves two open. */
export interface AgeAt {
  /** Resource type. */
  readonly on: string;
  /** Element of it that holds the date of the event (`period.start`, `effective[x]`), or `today`, `year-end` (31 December of the year before the release). */
  readonly at: string;
  readonly url: string;
  /** Width of the bands that it leaves in (years, counted from 0; the last one ends below `pooledFrom`). Absent: it leaves as it is. */
  readonly years?: number;
}

/** An instant of a resource that leaves as an extension (`valueDateTime`), made as the policy makes every dateTime: cut to its year it is an instant no longer. */
export interface InstantAt {
  /** Resource type. */
  readonly on: string;
  /** Element of the type instant: `issued`. */
  readonly at: string;
  readonly url: string;
}

/** A policy that cannot be used; the message names the place. */
export class PolicyError extends Error {
  constructor(place: string, text: string) {
    super(`policy: ${place}: ${text}`);
    this.name = 'PolicyError';
  }
}

const text = (value: unknown, place: string): string => {
  if (typeof value !== 'string' || value.trim() === '') throw new PolicyError(place, 'must be a text');
  return value;
};

const object = (value: unknown, place: string): Json => {
  if (!isObject(value)) throw new PolicyError(place, 'must be an object');
  return value;
};

const several = (value: unknown, place: string): unknown[] => {
  if (!Array.isArray(value)) throw new PolicyError(place, 'must be a list');
  return value;
};

const list = (value: unknown, place: string): unknown[] => {
  if (!Array.isArray(value) || value.length === 0) throw new PolicyError(place, 'must be a list that is not empty');
  return value;
};

/** What is misspelt would be passed over, and with it what it was to protect. @throws PolicyError */
export function only(value: Json, names: readonly string[], place: string): void {
  const other = Object.keys(value).find(name => !names.includes(name));
  if (other !== undefined) throw new PolicyError(place, `"${other}" is no part of a policy`);
}

function rule(value: unknown, place: string): Rule {
  const { paths, method, ...options } = object(value, place);
  return {
    paths: list(paths, place + '.paths').map(path => text(path, place + '.paths')),
    method: text(method, place + '.method'),
    options,
  };
}

function group(value: unknown, place: string): Group {
  const json = object(value, place);
  only(json, ['measure', 'title', 'rules'], place);
  return {
    measure: text(json['measure'], place + '.measure'),
    title: text(json['title'], place + '.title'),
    rules: list(json['rules'], place + '.rules').map((one, i) => rule(one, `${place}.rules[${i}]`)),
  };
}

function elements(value: unknown): Policy['elements'] {
  return Object.fromEntries(
    Object.entries(object(value, 'elements')).map(([type, names]) => {
      const place = `elements.${type}`;
      const paths = list(names, place).map(name => text(name, place));
      const twice = paths.find((path, i) => paths.indexOf(path) !== i);
      if (twice !== undefined) throw new PolicyError(place, `"${twice}" stands twice`);
      return [type, paths];
    }),
  );
}

function extension(value: unknown, place: string, depth = 0): ExtensionValue {
  if (!isObject(value)) return text(value, place);
  const inside = Object.entries(value);
  if (inside.length === 0 || depth > 8) throw new PolicyError(place, 'lists the extensions inside, by their URL');
  return Object.fromEntries(inside.map(([url, one]) => [url, extension(one, place, depth + 1)]));
}

function shift(value: unknown): ShiftRange {
  const { mostDays, wholeWeeks, ...rest } = object(value ?? {}, 'shift');
  only(rest, [], 'shift');
  if (mostDays !== undefined && (!Number.isInteger(mostDays) || (mostDays as number) < 7 || (mostDays as number) > 3650))
    throw new PolicyError('shift.mostDays', 'must be a whole number of days, 7 to 3650');
  if (wholeWeeks !== undefined && typeof wholeWeeks !== 'boolean') throw new PolicyError('shift.wholeWeeks', 'must be true or false');
  return {
    ...(mostDays === undefined ? {} : { mostDays: mostDays as number }),
    ...(wholeWeeks === undefined ? {} : { wholeWeeks }),
  };
}

function age(value: unknown, place: string): AgeAt {
  const json = object(value, place);
  only(json, ['on', 'at', 'url', 'years'], place);
  const { years, ...where } = json;
  if (years !== undefined && (!Number.isInteger(years) || (years as number) < 2))
    throw new PolicyError(place + '.years', 'must be a whole number of years, 2 or more');
  return { ...placeOf(where, place), ...(years === undefined ? {} : { years: years as number }) };
}

/** Where something stands, and the URL of the extension that it leaves as. */
function placeOf(value: unknown, place: string): InstantAt {
  const json = object(value, place);
  only(json, ['on', 'at', 'url'], place);
  return { on: text(json['on'], place + '.on'), at: text(json['at'], place + '.at'), url: text(json['url'], place + '.url') };
}

function dataSet(value: unknown): DataSetRules {
  const json = object(value, 'dataSet');
  only(json, ['k', 'percentiles', 'population', 'hierarchies', 'rollUpEverywhere'], 'dataSet');
  const { k, percentiles, rollUpEverywhere, ...lists } = json;
  if (!Number.isInteger(k) || (k as number) < 2) throw new PolicyError('dataSet.k', 'must be a whole number of persons, 2 or more');
  if (rollUpEverywhere !== undefined && typeof rollUpEverywhere !== 'boolean')
    throw new PolicyError('dataSet.rollUpEverywhere', 'must be true or false');
  const rules = { k: k as number, ...lists, ...(rollUpEverywhere === undefined ? {} : { rollUpEverywhere }) };
  if (percentiles === undefined) return rules;
  const { low, high, ...others } = object(percentiles, 'dataSet.percentiles');
  only(others, [], 'dataSet.percentiles');
  if (typeof low !== 'number' || typeof high !== 'number' || !(low >= 0 && low < 50 && high > 50 && high <= 100))
    throw new PolicyError('dataSet.percentiles', 'must be two numbers, "low" from 0 to below 50 and "high" above 50 up to 100');
  return { ...rules, percentiles: { low, high } };
}

const parts = [
  'name',
  'version',
  'title',
  'label',
  'pooledFrom',
  'shift',
  'ages',
  'instants',
  'contained',
  'groups',
  'elements',
  'extensions',
  'analyser',
  'dataSet',
  'otherwise',
];

/** From the JSON of a policy file that stands by itself (extended.ts makes one of it that does not). @throws PolicyError */
export function readPolicy(json: unknown): Policy {
  const policy = object(json, 'the file');
  only(policy, parts, 'the file');
  const label = object(policy['label'], 'label');
  only(label, ['system', 'code', 'display'], 'label');
  const { pooledFrom, ages, instants, contained, analyser, otherwise } = policy;
  if (pooledFrom !== undefined && (!Number.isInteger(pooledFrom) || (pooledFrom as number) < 1 || (pooledFrom as number) > 120))
    throw new PolicyError('pooledFrom', 'must be a whole number of years, 1 to 120');
  if (contained !== undefined && contained !== 'remove') throw new PolicyError('contained', 'is "remove", or not there');
  if (otherwise !== undefined && otherwise !== 'remove') throw new PolicyError('otherwise', 'is "remove", or not there');
  if (analyser !== undefined && analyser !== 'ipadic') throw new PolicyError('analyser', 'is "ipadic", or not there');
  const extensions = Object.entries(object(policy['extensions'], 'extensions')).map(
    ([url, value]) => [url, extension(value, `extensions.${url}`)] as const,
  );
  return {
    name: text(policy['name'], 'name'),
    version: text(policy['version'], 'version'),
    title: text(policy['title'], 'title'),
    label: {
      system: text(label['system'], 'label.system'),
      code: text(label['code'], 'label.code'),
      display: text(label['display'], 'label.display'),
    },
    ...(pooledFrom === undefined ? {} : { pooledFrom: pooledFrom as number }),
    shift: shift(policy['shift']),
    ages: several(ages ?? [], 'ages').map((one, i) => age(one, `ages[${i}]`)),
    ...(instants === undefined ? {} : { instants: several(instants, 'instants').map((one, i) => placeOf(one, `instants[${i}]`)) }),
    ...(contained === undefined ? {} : { contained }),
    groups: list(policy['groups'], 'groups').map((one, i) => group(one, `groups[${i}]`)),
    elements: elements(policy['elements']),
    extensions: Object.fromEntries(extensions),
    ...(analyser === undefined ? {} : { analyser }),
    ...(policy['dataSet'] === undefined ? {} : { dataSet: dataSet(policy['dataSet']) }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}
