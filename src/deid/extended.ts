/**
 * A policy that builds on another: what it says is put over what the other says, and what comes out stands by itself, with a hash of its own.
 * `elements` adds to the other's lists, `omit` takes away from them (`*`: the whole type); a rule of its own is the only one for its paths,
 * and of the methods in `without` the other's rules fall away; an extension that is null goes, and so does `pooledFrom`.
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { isObject } from './context.ts';
import { methods } from './methods/index.ts';
import { only, PolicyError } from './policy.ts';

interface Rules {
  paths?: unknown;
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter(one => typeof one === 'string') : []);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What is no list would be passed over, and with it what it was to protect. */
function listOf<T>(value: unknown, place: string, is: (one: unknown) => one is T): T[] {
  if (!Array.isArray(value) || !value.every(is)) throw new PolicyError(place, 'is no list of what it has to hold');
  return value;
}
const isText = (value: unknown): value is string => typeof value === 'string';

function groupsIn(groups: unknown): Json[] {
  const list = listOf(groups ?? [], 'groups', isObject);
  for (const [i, group] of list.entries()) {
    listOf(group['rules'], `groups[${i}].rules`, isObject);
    only(group, ['measure', 'title', 'rules'], `groups[${i}]`);
  }
  return list;
}

function methodsIn(without: unknown): string[] {
  const names = listOf(without ?? [], 'without', isText);
  const unknown = names.find(name => !methods.has(name));
  if (unknown !== undefined) throw new PolicyError('without', `there is no method "${unknown}"`);
  return names;
}

function objectIn(value: unknown, place: string): Json {
  if (value !== undefined && !isObject(value)) throw new PolicyError(place, 'must be an object');
  return value ?? {};
}

/**
 * @param base JSON of a policy that stands by itself
 * @param own JSON of one that has `extends`
 * @throws PolicyError for `omit` of what the other does not list, `without` of a method that there is not, and for what is no list or object where one belongs
 */
export function extended(base: Json, own: Json): Json {
  const { extends: _, groups, elements, extensions, omit, without, ...rest } = own;
  const { pooledFrom, ...scalars } = { ...base, ...rest } as Json;
  const listed = objectIn(elements, 'elements');
  const omitted = objectIn(omit, 'omit');
  const urls = Object.fromEntries(
    Object.entries({ ...(base['extensions'] as Json), ...objectIn(extensions, 'extensions') }).filter(([, value]) => value !== null),
  );
  return {
    ...scalars,
    ...(pooledFrom === null || pooledFrom === undefined ? {} : { pooledFrom }),
    groups: groupsOf(objects(base['groups']), groupsIn(groups), methodsIn(without), isOmitted(omitted, listed, urls)),
    elements: elementsOf((base['elements'] ?? {}) as Json, listed, omitted),
    extensions: urls,
  };
}

/** Whether what a path leads to does not leave any more: a rule for it would have nothing to work on. Of a type that is listed anew the rules stay. */
const isOmitted =
  (omit: Json, listed: Json, extensions: Json) =>
  (path: string): boolean => {
    const url = /^extension\('([^']+)'\)/.exec(path)?.[1];
    if (url !== undefined) return !Object.hasOwn(extensions, url);
    const [type = '', ...names] = path.split('.');
    return omit[type] === '*' ? listed[type] === undefined : texts(omit[type]).includes(names.join('.'));
  };

function groupsOf(base: readonly Json[], own: readonly Json[], without: readonly string[], isGone: (path: string) => boolean): Json[] {
  const settled = new Set(own.flatMap(group => objects(group['rules']).flatMap((rule: Rules) => texts(rule.paths))));
  const left = base.map(group => ({
    ...group,
    rules: objects(group['rules']).flatMap(rule => {
      if (without.includes(String(rule['method']))) return [];
      const paths = texts(rule['paths']).filter(path => !settled.has(path) && !isGone(path));
      return paths.length === 0 ? [] : [{ ...rule, paths }];
    }),
  })) as (Json & { rules: Json[] })[];
  for (const group of own) {
    const same = left.find(one => one['measure'] === group['measure']);
    if (same === undefined) left.push({ ...group, rules: objects(group['rules']) });
    else {
      Object.assign(same, { ...(group['title'] === undefined ? {} : { title: group['title'] }) });
      same.rules.push(...objects(group['rules']));
    }
  }
  return left.filter(group => group.rules.length > 0);
}

function elementsOf(base: Json, own: Json, omit: Json): Json {
  const out: Record<string, string[]> = Object.fromEntries(Object.entries(base).map(([type, list]) => [type, texts(list)]));
  for (const [type, names] of Object.entries(omit)) {
    const listed = out[type];
    if (listed === undefined) throw new PolicyError(`omit.${type}`, 'is no type that the other policy lists');
    if (names === '*') delete out[type];
    else {
      const omitted = listOf(names, `omit.${type}`, isText);
      const unknown = omitted.find(name => !listed.includes(name));
      if (unknown !== undefined) throw new PolicyError(`omit.${type}`, `"${unknown}" is not listed there`);
      out[type] = listed.filter(name => !omitted.includes(name));
    }
  }
  for (const [type, names] of Object.entries(own)) {
    const added = listOf(names, `elements.${type}`, isText);
    // The other's rules for it have fallen away.
    const again = texts(omit[type]).find(name => added.includes(name));
    if (again !== undefined) throw new PolicyError(`omit.${type}`, `"${again}" is listed again: give it a rule of its own instead`);
    out[type] = [...(out[type] ?? []), ...added];
  }
  return out;
}
