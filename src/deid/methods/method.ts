/**
 * What a method is: it says which data types it can treat, and makes a function for one element of a policy.
 * A rule whose method cannot treat the type of its element stops the load of the policy.
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import type { Treat } from '../context.ts';
import type { Mark } from './mark.ts';
import type { Options } from './option.ts';

export interface Method {
  /** FHIR types that it can treat; `*`: every type. */
  readonly types: readonly string[];
  /** What a rule may say for it, beside `paths` and `method`. */
  readonly options: Options;
  /** What a resource says where this was done; absent: what is kept as it is. */
  readonly mark?: Mark;
  /** It goes on with what the rules before it for the same path make. Absent: it works on the value itself, and can only be the first. */
  readonly goesOn?: true;
  /** It gets a repeating element as the whole list. */
  readonly list?: true;
  /** The values of a repeating element leave in this order, and nothing beside them: the order in which they came would tell something. */
  readonly order?: readonly string[];
  /** What stands in the place of an element that is not there, or of which nothing leaves, where a rule names the element itself. Absent: nothing. */
  readonly missing?: Json;
  /** Whether, with these options, it cleans texts by what the records know of people. Absent: it does not. */
  readonly cleansTexts?: (options: Json) => boolean;
  /** A value such as it makes, where not every element can hold one: an element that cannot stops the load. */
  readonly sample?: (options: Json) => unknown;
  /**
   * @param options what the rule says, and the policy's `pooledFrom`; throws an Error that names what is wrong with them
   * @param inner how the elements of a data type are treated one by one, where the policy lists them
   * @param type FHIR type of the element
   */
  readonly make: (options: Json, inner: Treat | undefined, type: string) => Treat;
}

/** A number among the options. */
export function number(options: Json, name: string, otherwise?: number): number {
  const value = options[name] ?? otherwise;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`"${name}" must be a number`);
  return value;
}

/** One of some words among the options, or the first of them. */
export function oneOf<T extends string>(options: Json, name: string, words: readonly [T, ...T[]]): T {
  const value = options[name] ?? words[0];
  if (!words.includes(value as T)) throw new Error(`"${name}" must be one of ${words.join(', ')}`);
  return value as T;
}

/** A non-empty list of texts among the options. */
export function texts(options: Json, name: string): readonly string[] {
  const value = options[name];
  if (!Array.isArray(value) || value.length === 0 || !value.every(one => typeof one === 'string' && one !== ''))
    throw new Error(`"${name}" must be a list of texts`);
  return value as string[];
}
