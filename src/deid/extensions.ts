/**
 * Extensions that a policy lists leave, one by one by their URL: with one value, or with extensions inside that are listed too; all others go.
 * What stands beside a primitive (`_birthDate`) are extensions alike: they leave with its value, or where it has none.
 * R4: https://hl7.org/fhir/R4/extensibility.html#Extension, https://hl7.org/fhir/R4/json.html#primitive
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { Absent, absentReason, isObject, type Run, reasons, type Treat } from './context.ts';
import { bitOf } from './methods/mark.ts';
import type { ExtensionValue, Policy } from './policy.ts';

/** The listed ones of a list, each as it leaves. */
export type Listed = (extensions: unknown, run: Run) => Json[];

/** How the value of a listed extension is treated. */
export interface ValueTreat {
  readonly treat: Treat;
  readonly primitive: boolean;
}

const removed = bitOf('removed');

/** `extension('URL')`, and behind it those inside: how rules name one. */
export const pathOf = (url: string, above?: string): string => `${above === undefined ? '' : `${above}.`}extension('${url}')`;

/** @param treatOf how `value[x]` of the extension at a path is treated; throws for what the policy cannot treat */
export function listedOf(listed: Policy['extensions'], treatOf: (path: string, property: string) => ValueTreat, above?: string): Listed {
  const known = new Map<unknown, (given: Json, run: Run) => Json | undefined>(
    Object.entries(listed).map(([url, value]) => [url, one(url, value, pathOf(url, above))] as const),
  );

  function one(url: string, value: ExtensionValue, path: string): (given: Json, run: Run) => Json | undefined {
    if (typeof value !== 'string') {
      const inside = listedOf(value, treatOf, path);
      return (given, run) => {
        const { extension } = given;
        const kept = inside(extension, run);
        if (!isAll(kept, extension)) run.marks |= removed;
        return kept.length === 0 ? undefined : { url, extension: kept };
      };
    }
    const { treat, primitive } = treatOf(path, value);
    return (given, run) => {
      if (url === absentReason && !reasons.has(given[value])) return undefined;
      const out = treat(given[value], run);
      if (!(out instanceof Absent)) return out === undefined ? undefined : { url, [value]: out };
      return primitive ? { url, [`_${value}`]: { extension: out.extension } } : undefined;
    };
  }

  return (extensions, run) => {
    if (!Array.isArray(extensions)) return [];
    const kept: Json[] = [];
    for (const given of extensions as unknown[]) {
      const left = isObject(given) ? known.get(given['url'])?.(given, run) : undefined;
      if (left !== undefined) kept.push(left);
    }
    return kept;
  };
}

/** Whether all of a list leaves. */
export const isAll = (kept: readonly Json[], given: unknown): boolean => Array.isArray(given) && kept.length === given.length;

/** Whether all that stands beside a primitive leaves. */
export const isWhole = (given: unknown, left: unknown): boolean =>
  Array.isArray(given)
    ? Array.isArray(left) &&
      given.length === left.length &&
      given.every((one, at) => (one === null ? left[at] === null : isWhole(one, left[at])))
    : isObject(given) &&
      isObject(left) &&
      Object.keys(given).every(name => name === 'extension') &&
      isAll(left['extension'] as Json[], given['extension']);

/** A value is no reason for being absent; and of what has none the reason leaves, listed or not, and no other. */
function besideOne(hidden: unknown, hasValue: boolean, listed: Listed, run: Run): Json[] {
  const given = isObject(hidden) ? hidden['extension'] : undefined;
  const kept = listed(given, run).filter(({ url }) => url !== absentReason);
  const code: unknown = !hasValue && Array.isArray(given) && given.find(one => isObject(one) && one['url'] === absentReason)?.valueCode;
  return reasons.has(code) ? [{ url: absentReason, valueCode: code }, ...kept] : kept;
}

/** `_name` of a primitive that does not repeat; undefined: nothing of it leaves. */
export function beside(hidden: unknown, hasValue: boolean, listed: Listed, run: Run): Json | undefined {
  const extension = besideOne(hidden, hasValue, listed, run);
  return extension.length === 0 ? undefined : { extension };
}

/** A primitive that repeats and what stands beside it, in line with each other: null where one has nothing. */
export function besideEach(
  values: unknown,
  hidden: readonly unknown[],
  item: Treat,
  listed: Listed,
  run: Run,
): { readonly values?: unknown[]; readonly hidden?: unknown[] } {
  const given: readonly unknown[] = Array.isArray(values) ? values : [];
  const left: { value: unknown; hidden: Json | undefined }[] = [];
  for (let at = 0; at < Math.max(given.length, hidden.length); at++) {
    const hasValue = given[at] !== undefined && given[at] !== null;
    const treated = hasValue ? item(given[at], run) : undefined;
    const value = treated instanceof Absent ? undefined : treated;
    // Beside what does not leave, nothing does.
    const kept = hasValue && value === undefined ? undefined : beside(hidden[at], hasValue, listed, run);
    if (value !== undefined || kept !== undefined) left.push({ value, hidden: kept });
    if (hasValue && value === undefined) run.marks |= removed;
  }
  return {
    ...(left.some(one => one.value !== undefined) ? { values: left.map(one => one.value ?? null) } : {}),
    ...(left.some(one => one.hidden !== undefined) ? { hidden: left.map(one => one.hidden ?? null) } : {}),
  };
}
