/**
 * code-system: a coding leaves as system and code when the policy knows the system and the code has the form of that system's codes.
 * A hospital's own code systems (often with the hospital's number in their URL) are unknown, and go; so do display and version.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Coding
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { unitTest } from '../units.ts';
import { bitOf } from './mark.ts';
import type { Method } from './method.ts';
import { aText, codeLists, formList } from './option.ts';

/** Whether a code has the form of a system's codes, or is one of them. */
type Known = (code: string) => boolean;

/** Whether a code of a system may leave; without a code, whether any of that system may. */
export type KnownCodes = (system: string, code?: string) => boolean;

const plain = /^[A-Za-z0-9._:/+-]{1,64}$/;
/** A ten-digit number of a Japanese medical institution, alone or behind the arc digit 1. */
const institution = /(?<!\d)1?[0-4]\d[1-9]\d{7}(?!\d)/;
const most = 4096;
/** Codings kept ready, a power of two, and how long they may be: no real one is longer, and what is kept shall not grow with what is sent. */
const places = 8192;
const longestCode = 64;
const longestSystem = 256;

const form = (code: string | undefined): Known => {
  const pattern = code === undefined ? plain : new RegExp(`^(?:${code})$`);
  return text => pattern.test(text);
};

/** What may follow a prefix unless its row says: one name, as the publisher's systems have, perhaps below a short one. */
const anyName = '(?:[A-Za-z]{1,10}/)?[A-Za-z0-9_-]{0,80}';

const ucum = 'http://unitsofmeasure.org';
/** What stands in curly brackets is free text. */
const isUnit = unitTest(new Set());

interface Row {
  readonly key: string;
  readonly known: Known;
  /** What may follow a prefix. */
  readonly names: RegExp;
}

/** A list of the policy: rows with a system, or the prefix of one, under `key`, and perhaps with the form of its codes. */
export function formsOf(options: Json, name: string, key: string): Row[] {
  const list = options[name];
  if (!Array.isArray(list) || list.length === 0) throw new Error(`"${name}" must be a list`);
  return list.map(row => {
    // Of which kind they are was checked when the rule was read (option.ts).
    const { [key]: of, code, names } = row as Readonly<Record<string, string | undefined>>;
    return { key: of!, known: of === ucum && code === undefined ? isUnit : form(code), names: new RegExp(`^(?:${names ?? anyName})$`) };
  });
}

/**
 * From the policy's lists: `systems` (`{system, code?}`), `prefixes` of systems (`{prefix, names?, code?}`), where `code` and `names` (what follows the prefix) are regular expressions,
 * and `codes` (system → all of its codes). Codes of UCUM without a form are those that are units.
 */
export function knownCodes(options: Json): KnownCodes {
  const systems = new Map<string, Known>();
  for (const [system, codes] of Object.entries((options['codes'] ?? {}) as Json)) {
    if (!Array.isArray(codes)) throw new Error('"codes" has a list for each system');
    const set: ReadonlySet<unknown> = new Set(codes);
    systems.set(system, code => set.has(code));
  }
  for (const { key, known } of formsOf(options, 'systems', 'system')) systems.set(key, known);
  const prefixes = formsOf(options, 'prefixes', 'prefix');
  const met = new Map<string, Known | null>();
  const find = (system: string): Known | null => {
    const listed = systems.get(system);
    if (listed !== undefined) return listed;
    return institution.test(system)
      ? null
      : (prefixes.find(row => system.startsWith(row.key) && row.names.test(system.slice(row.key.length)))?.known ?? null);
  };
  return (system, code) => {
    let known = met.get(system);
    if (known === undefined) {
      known = find(system);
      if (met.size < most && system.length <= longestSystem) met.set(system, known);
    }
    if (code === undefined) return known !== null;
    return known?.(code) === true && (systems.has(system) || !institution.test(code));
  };
}

const removed = bitOf('removed');

/** Codes come again and again: each coding is made once, as long as no other one takes its place. */
interface Met {
  readonly system: string;
  readonly code: string;
  /** undefined: it does not leave. */
  readonly coding: Json | undefined;
}

const made = (known: KnownCodes, system: string, code: string): Json | undefined =>
  known(system, code) ? Object.freeze({ system, code }) : undefined;

/** A place for a code, and no map: a system that was just read is a new text, which a map would hash before it compares (decision 0037). */
function placeOf(code: string, lengthOfSystem: number): number {
  let hash = lengthOfSystem;
  for (let i = 0; i < code.length; i++) hash = Math.imul(hash, 31) + code.charCodeAt(i);
  return (hash ^ (hash >>> 13)) & (places - 1);
}

export const codeSystem: Method = {
  types: ['Coding'],
  options: { systems: formList('system'), prefixes: formList('prefix'), codes: codeLists, codesFrom: aText },
  make: options => {
    const known = knownCodes(options);
    const met = new Array<Met | undefined>(places).fill(undefined);
    return (value, run) => {
      if (typeof value !== 'object' || value === null) return undefined;
      const { system, code, display } = value as Json;
      if (display !== undefined) run.marks |= removed;
      else for (const name in value) if (name !== 'system' && name !== 'code') run.marks |= removed;
      if (typeof system !== 'string' || typeof code !== 'string') return undefined;
      if (code.length > longestCode || system.length > longestSystem) return made(known, system, code);
      const at = placeOf(code, system.length);
      let one = met[at];
      if (one === undefined || one.code !== code || one.system !== system)
        met[at] = one = { system, code, coding: made(known, system, code) };
      return one.coding;
    };
  },
};
