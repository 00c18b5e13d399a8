/**
 * Editions of the built-in search parameters: by which definitions, and by which state of the program, the values of an index record were taken out of its resource.
 * Each record says its edition (`made`); the store keeps for each what it consisted of. Where that differs from today's, the values are taken anew (renewal.ts).
 * @module
 */
import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { resourceTypes } from '../../model/r4.ts';
import { besideCodes, taking } from '../../search/extract.ts';
import { type Parameter, searchParameters } from '../../search/parameters.ts';
import type { ParameterType } from '../../search/values.ts';
import { guard } from '../index/state.ts';

/** Resource type → code of values (also of those beside a parameter, `code:text`) → a hash of what they are taken by. */
export type Definitions = { readonly [type: string]: { readonly [code: string]: string } };

/** Values that have an index of their own. */
export interface Slot {
  readonly code: string;
  readonly type: ParameterType;
  /** Canonical URL of the definition. */
  readonly url: string;
  readonly hash: string;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 6);

const hl7 = 'http://hl7.org/fhir/SearchParameter/';

const slots = new Map<string, readonly Slot[]>();

/** All that is taken out of resources of a type. */
export function slotsOf(type: string): readonly Slot[] {
  let list = slots.get(type);
  if (!list) slots.set(type, (list = [...searchParameters(type).values()].flatMap(slotsBy).concat(type === 'Binary' ? [secured] : [])));
  return list;
}

const secured: Slot = {
  code: guard,
  type: 'reference',
  url: 'http://hl7.org/fhir/StructureDefinition/Binary',
  hash: String(taking.guard),
};

function slotsBy(parameter: Parameter): Slot[] {
  const { code, type, url, expression, components = [] } = parameter;
  // The store knows them.
  if (code === '_id' || code === '_lastUpdated') return [];
  const parts = components.map(part => [part.expression, part.type, taking[part.type]]);
  const own: Slot = { code, type, url, hash: hash(JSON.stringify([expression, type, taking[type], parts])) };
  const beside = besideCodes(type).map(
    ([ending, of]): Slot => ({ code: code + ending, type: of, url, hash: hash(JSON.stringify([expression, taking[ending]])) }),
  );
  return type === 'reference' ? [own, ...beside, insideOf(parameter)] : [own, ...beside];
}

const own = new Map<string, string>();

/** By what the values of a type's own parameters are taken. */
function hashOfType(type: string): string {
  let found = own.get(type);
  if (found === undefined) {
    const parameters = [...searchParameters(type).values()].map(one => [one.code, one.type, one.expression, taking[one.type]]);
    own.set(type, (found = hash(JSON.stringify(parameters))));
  }
  return found;
}

/** What a reference leads to inside the resource (contained): it changes with every parameter of the types that may be there. */
const insideOf = ({ code, url, expression, targets }: Parameter): Slot => ({
  code: `${code}#`,
  type: 'token',
  url,
  hash: hash(JSON.stringify([expression, taking['#'], targets.map(hashOfType)])),
});

let current: { readonly mark: string; readonly definitions: Definitions } | undefined;

/** Today's edition: a short name, and what it consists of. */
export function edition(): NonNullable<typeof current> {
  if (!current) {
    const definitions = Object.fromEntries(
      resourceTypes.map(type => [type, Object.fromEntries(slotsOf(type).map(slot => [slot.code, slot.hash]))]),
    );
    current = { mark: hash(JSON.stringify(definitions)), definitions };
  }
  return current;
}

/** As stores keep it. */
export const packed = (definitions: Definitions): Buffer => zstdCompressSync(JSON.stringify(definitions));
export const unpacked = (bytes: Buffer): Definitions => JSON.parse(zstdDecompressSync(bytes).toString()) as Definitions;

/** What records without an edition have for certain: R4's own parameters, as long as these are what they were when editions came. */
const isOfOld = ({ code, type, url }: Slot): boolean => url.startsWith(hl7) && type !== 'special' && !/:text$|:of-type$|#$/.test(code);
export const hashOfOld = (): string =>
  hash(JSON.stringify(resourceTypes.map(type => slotsOf(type).flatMap(slot => (isOfOld(slot) ? [[slot.code, slot.hash]] : [])))));
const knownOfOld = 'QbnpGn';

/**
 * Of a type what is not as it would be taken today.
 * @param made what the edition of a record consisted of; `none`: the record names none; undefined: nobody knows
 */
export function outdated(type: string, made: Definitions | 'none' | undefined): readonly Slot[] {
  if (made === 'none') return hashOfOld() === knownOfOld ? slotsOf(type).filter(slot => !isOfOld(slot)) : slotsOf(type);
  return slotsOf(type).filter(({ code, hash }) => made?.[type]?.[code] !== hash);
}
