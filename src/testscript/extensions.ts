/**
 * The extensions of TestScripts that this runner understands, by names below a base address that the caller may change: scripts of another
 * publisher say the same by other addresses. An unknown extension means nothing, as everywhere in FHIR.
 * R4: https://hl7.org/fhir/R4/extensibility.html
 * @module
 */
import { Fault } from './fault.ts';
import type { Pick } from './pick.ts';

/** What an extension does → its name below the base. */
const names = {
  /** On a script or a test: FHIRPath over the CapabilityStatement; not true: skipped. */
  requires: 'requiresCapability',
  /** On a test: list of FHIR versions; another version: skipped. */
  versions: 'fhirVersions',
  /** On a test: a variable and its values; the test runs once per value. */
  each: 'parametrize',
  /** On an assert: name of a group of which one member has to hold. */
  anyOf: 'assertionAnyOfGroup',
  /** On an assert: only if an earlier response had one of these statuses. */
  when: 'assertionWhenResponseStatus',
  /** On an operation: sent again as long as the answer has this status. */
  wait: 'waitFor',
  /** In the resource of a fixture: a valid resource of this type is made. */
  generated: 'fhirfakes',
} as const;

type Name = keyof typeof names;

/** Addresses by meaning. */
export type ExtensionUrls = Readonly<Record<Name, string>>;

export const extensionBase = 'http://ignixa.io/testscript/';

/** @param own meanings with addresses of their own, whatever the base */
export const extensionUrls = (base: string = extensionBase, own: Partial<ExtensionUrls> = {}): ExtensionUrls =>
  ({ ...Object.fromEntries(Object.entries(names).map(([key, name]) => [key, base + name])), ...own }) as ExtensionUrls;

export const isExtensionName = (name: string): name is Name => Object.hasOwn(names, name);
export const extensionNames = Object.keys(names);

const find = (at: Pick, url: string): Pick | undefined => at.many('extension').find(e => e.json['url'] === url);

/** The string of an extension with one value (valueString, valueCode …). */
export function single(at: Pick, url: string): string | undefined {
  const found = find(at, url);
  if (found === undefined) return undefined;
  const value = found.text('valueString') ?? found.text('valueCode');
  if (value === undefined || value.trim() === '') throw new Fault(`${found.place} has no valueString.`);
  return value;
}

/** FHIRPath of a gate: the extension, or the property of the same name as some scripts write it. */
export function requirement(at: Pick, urls: ExtensionUrls): string | undefined {
  const long = single(at, urls.requires);
  const short = at.text(names.requires);
  if (long !== undefined && short !== undefined && long !== short)
    throw new Fault(`${at.place} requires one capability by extension and another by its property ${names.requires}.`);
  return long ?? short;
}

export interface Each {
  readonly variable: string;
  readonly values: readonly string[];
}

const mostValues = 1000;

export function each(at: Pick, urls: ExtensionUrls): Each | undefined {
  const found = find(at, urls.each);
  if (found === undefined) return undefined;
  const child = (url: string) => {
    const value = found.many('extension').find(e => e.json['url'] === url);
    if (value === undefined) throw new Fault(`${found.place} has no ${url}.`);
    return value.needed('valueString');
  };
  const values = child('values')
    .split(',')
    .map(v => v.trim());
  if (values.length > mostValues) throw new Fault(`${found.place} has more than ${mostValues} values.`);
  return { variable: child('variable'), values };
}

export interface When {
  /** Id of an earlier response. */
  readonly sourceId: string;
  readonly statuses: readonly number[];
}

export function when(at: Pick, urls: ExtensionUrls): When | undefined {
  const found = find(at, urls.when);
  if (found === undefined) return undefined;
  const children = found.many('extension');
  const sourceId = children.find(e => e.json['url'] === 'sourceId')?.text('valueString');
  const statuses = children.filter(e => e.json['url'] === 'status').map(e => e.whole('valueInteger'));
  if (sourceId === undefined || statuses.length === 0 || statuses.some(s => s === undefined || s < 100 || s > 599))
    throw new Fault(`${found.place} needs a sourceId and at least one status from 100 to 599.`);
  return { sourceId, statuses: statuses as number[] };
}

export interface Wait {
  readonly status: number;
  readonly attempts: number;
  readonly intervalMs: number;
}

export function wait(at: Pick, urls: ExtensionUrls): Wait | undefined {
  const found = find(at, urls.wait);
  if (found === undefined) return undefined;
  const child = (url: string, fallback: number, least: number, most: number): number => {
    const value =
      found
        .many('extension')
        .find(e => e.json['url'] === url)
        ?.whole('valueInteger') ?? fallback;
    if (value < least || value > most) throw new Fault(`${found.place}: ${url} must be from ${least} to ${most}.`);
    return value;
  };
  return {
    status: child('pollingStatusCode', 202, 100, 599),
    attempts: child('maxAttempts', 60, 1, 1000),
    intervalMs: child('intervalMs', 1000, 0, 60_000),
  };
}
