/**
 * Builds a new object out of the listed elements of a type or group, and sees nothing else: the inner loop of de-identification.
 * An element that an application must not overlook (modifierExtension) takes what it stands in with it.
 * R4: https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/extensibility.html#modifierExtension
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { Absent, type Run, type Treat } from './context.ts';
import { beside, besideEach, isAll, isWhole, type Listed } from './extensions.ts';
import { bitOf } from './methods/mark.ts';
import { ordered, type Ranked } from './ordered.ts';

/** What stands where a required element does not leave, or where there is none of one that is always there; `bit`: of those that leave. */
export interface Required {
  readonly bit: number;
  readonly property: string;
  readonly hidden: string;
  readonly primitive: boolean;
  readonly absent: unknown;
  readonly always: boolean;
}

/** A Treat of an object; a resource's goes on with one that is begun. */
export type Build = (value: unknown, run: Run, begun?: Json) => Json | undefined;

export interface Field {
  readonly treat: Treat;
  /** Treats one item of a list. */
  readonly item: Treat;
  readonly primitive: boolean;
  readonly array: boolean;
  /** What stands where there is none. */
  readonly missing?: unknown;
}

/** What becomes of a property: a listed one is treated, any other one counted. All are of one shape, since the inner loop reads one after the other. */
export interface Slot extends Ranked {
  readonly treat: Treat | undefined;
  readonly item: Treat | undefined;
  readonly primitive: boolean;
  readonly array: boolean;
  /** Of a primitive that repeats: the property that stands in line with it. */
  readonly inLine: string | undefined;
  /** Of the required elements of its type or group that leave; 0: it is none. */
  readonly bit: number;
  readonly counter: number;
}

/** @param rest `counter` of what is not listed, `bit`, `rank` */
export const slotOf = (
  property: string,
  field: Field | undefined,
  { counter, bit, rank }: Pick<Slot, 'counter' | 'bit' | 'rank'>,
): Slot => ({
  treat: field?.treat,
  item: field?.item,
  primitive: field?.primitive === true,
  array: field?.array === true,
  inLine: field?.primitive === true && field.array ? `_${property}` : undefined,
  bit: field === undefined ? 0 : bit,
  counter,
  rank,
});

/** What is written, or treated, beside the listed elements of a resource. */
export const treatedApart: ReadonlySet<string> = new Set(['resourceType', 'id', 'contained']);

const removedBit = bitOf('removed');

/** An object or a list. */
const isStructure = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/**
 * @param listed the extensions that leave
 * @param unlisted counter of what no list names
 * @returns makes a Build out of what becomes of each property (`root`: of a resource)
 */
export function objects(
  listed: Listed,
  unlisted: number,
): (slots: ReadonlyMap<string, Slot>, required: readonly Required[], root: boolean) => Build {
  /** What stands beside the primitives of an object, added to what is made of it. */
  function besides(
    keys: readonly string[],
    slots: ReadonlyMap<string, Slot>,
    value: Json,
    run: Run,
    begun: Json | undefined,
  ): Json | undefined {
    let out = begun;
    for (const key of keys) {
      const name = key.slice(1);
      const { item, array } = slots.get(name)!;
      const given = value[key];
      let left: unknown;
      if (array) {
        const both = besideEach(value[name], Array.isArray(given) ? given : [], item!, listed, run);
        if (both.values !== undefined) (out ??= {})[name] = both.values;
        left = both.hidden;
      } else {
        const hasValue = value[name] !== undefined;
        // Beside what does not leave, nothing does.
        if (!hasValue || out?.[name] !== undefined) left = beside(given, hasValue, listed, run);
      }
      if (left !== undefined) (out ??= {})[key] = left;
      if (isWhole(given, left)) continue;
      run.tally[unlisted]!++;
      run.marks |= removedBit;
    }
    return out;
  }

  return (slots, required, root) => {
    const all = required.reduce((bits, { bit }) => bits | bit, 0);
    const mayTurn = slots.has('modifierExtension');
    return (value, run, begun) => {
      // In a list that stands where none may, nothing is listed.
      if (!isStructure(value)) return undefined;
      // Before anything in it counts as being referred to.
      if (mayTurn && value['modifierExtension'] !== undefined) return undefined;
      // A resource stays one, whatever is left of it.
      let out = begun;
      let left = 0;
      let hidden: string[] | undefined;
      let last = 0;
      let inOrder = true;
      for (const key in value) {
        const slot = slots.get(key);
        if (slot?.treat === undefined) {
          if (root && treatedApart.has(key)) continue;
          if (key === 'modifierExtension') return undefined;
          if (key === 'extension') {
            const given = value[key];
            const kept = listed(given, run);
            if (kept.length > 0) {
              (out ??= {})[key] = kept;
              if (slot !== undefined && slot.rank < last) inOrder = false;
              last = slot?.rank ?? last;
            }
            if (isAll(kept, given)) continue;
          } else if (key.charCodeAt(0) === 95) {
            const base = slots.get(key.slice(1));
            if (base?.treat !== undefined && base.primitive) {
              (hidden ??= []).push(key);
              continue;
            }
          }
          run.tally[slot?.counter ?? unlisted]!++;
          run.marks |= removedBit;
          continue;
        }
        if (slot.rank < last) inOrder = false;
        last = slot.rank;
        // In line with what stands beside it, when all else is done.
        if (slot.inLine !== undefined && value[slot.inLine] !== undefined) continue;
        const treated = slot.treat(value[key], run);
        if (treated === undefined) {
          run.marks |= removedBit;
          continue;
        }
        left |= slot.bit;
        if (slot.primitive && treated instanceof Absent) (out ??= {})['_' + key] = { extension: treated.extension };
        else (out ??= {})[key] = treated;
      }
      if (hidden !== undefined) out = besides(hidden, slots, value, run, out);
      if (out === undefined) return undefined;
      if (!inOrder || hidden !== undefined) out = ordered(out, slots);
      if (left === all) return out;
      for (const { property, hidden, primitive, absent, always } of required) {
        if (property in out || hidden in out || !(always || property in value || hidden in value)) continue;
        out[primitive ? hidden : property] = absent;
      }
      return out;
    };
  };
}
