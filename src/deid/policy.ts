/**
 * A policy as data: what leaves (everything else does not), and by which method. This is the one place where the file's JSON becomes a Policy.
 * The rules stand in groups named after the five measures of the Japanese criteria (rules for anonymized information, article 34 of the enforcement rules).
 * Documented in docs/deidentification.md.
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { isObject } from './context.ts';

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
  /** Age (years) from which persons are pooled. */
  readonly pooledFrom: number;
  readonly groups: readonly Group[];
  /** Resource type or data type → elements that leave, by path below it (`component.code`). What is not listed does not leave. */
  readonly elements: Readonly<Record<string, readonly string[]>>;
  /** URLs of extensions that leave, and in which `value[x]`. */
  readonly extensions: Readonly<Record<string, string>>;
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

const list = (value: unknown, place: string): unknown[] => {
  if (!Array.isArray(value) || value.length === 0) throw new PolicyError(place, 'must be a list that is not empty');
  return value;
};

function only(value: Json, names: readonly string[], place: string): void {
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

/** From the JSON of a policy file. @throws PolicyError */
export function readPolicy(json: unknown): Policy {
  const policy = object(json, 'the file');
  only(policy, ['name', 'version', 'title', 'label', 'pooledFrom', 'groups', 'elements', 'extensions'], 'the file');
  const label = object(policy['label'], 'label');
  const pooledFrom = policy['pooledFrom'];
  if (!Number.isInteger(pooledFrom) || (pooledFrom as number) < 1) throw new PolicyError('pooledFrom', 'must be a whole number of years');
  const extensions = Object.entries(object(policy['extensions'], 'extensions')).map(
    ([url, value]) => [url, text(value, `extensions.${url}`)] as const,
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
    pooledFrom: pooledFrom as number,
    groups: list(policy['groups'], 'groups').map((one, i) => group(one, `groups[${i}]`)),
    elements: elements(policy['elements']),
    extensions: Object.fromEntries(extensions),
  };
}
