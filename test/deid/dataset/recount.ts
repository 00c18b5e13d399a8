/**
 * A slow, plain count over what has left, which knows nothing of how it was made: how many persons share each coded thing, each mark of something missing, each outermost value.
 * @module
 */
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Elements whose value set FHIR requires: they stay as they are. */
const fixed = new Set(['clinicalStatus', 'verificationStatus']);

interface Value {
  readonly person: string;
  readonly number: number;
  readonly comparator: string;
}

export interface Recount {
  /** What → persons who have it. */
  readonly shared: ReadonlyMap<string, ReadonlySet<string>>;
  /** Place, code and unit → values. */
  readonly values: ReadonlyMap<string, readonly Value[]>;
}

const codes = (concept: unknown): string =>
  isObject(concept) && Array.isArray(concept['coding'])
    ? (concept['coding'] as Json[])
        .map(one => `${one['system']}|${one['code']}`)
        .sort()
        .join(' + ')
    : JSON.stringify(concept ?? null);

export function recount(left: Iterable<readonly [string, readonly AnyResource[]]>): Recount {
  const shared = new Map<string, Set<string>>();
  const values = new Map<string, Value[]>();
  const note = (person: string, what: string) => shared.set(what, (shared.get(what) ?? new Set()).add(person));
  for (const [person, resources] of left) {
    const visit = (value: unknown, place: string, of: string): void => {
      if (Array.isArray(value)) for (const one of value) visit(one, place, of);
      if (!isObject(value)) return;
      if (Array.isArray(value['coding'])) note(person, `${place}${of} = ${codes(value)}`);
      else if (Array.isArray(value['extension'])) note(person, `${place}${of} = ${JSON.stringify(value['extension'])}`);
      else if (typeof value['system'] === 'string' && typeof value['code'] === 'string' && value['value'] === undefined)
        note(person, `${place}${of} = ${value['system']}|${value['code']}`);
      if (typeof value['value'] === 'number' && typeof value['unit'] === 'string' && !place.includes('referenceRange')) {
        const key = `${place}${of} in ${value['unit']}`;
        const comparator = String(value['comparator'] ?? '');
        if (place.endsWith('doseQuantity')) note(person, `${key} = ${value['value']}`);
        values.set(key, [...(values.get(key) ?? []), { person, number: value['value'], comparator }]);
        if (comparator !== '') note(person, `${key} = ${comparator}${value['value']}`);
      }
      for (const [name, inner] of Object.entries(value)) {
        if (fixed.has(name) || name === 'coding') continue;
        const owned = /^value[A-Z]/.test(name) || name === 'referenceRange' || name === 'dataAbsentReason';
        const owner = owned ? ` of ${codes(value['code'])}` : '';
        if (typeof inner === 'boolean' && owned) note(person, `${place}.${name}${owner} = ${inner}`);
        if (name === 'valueInteger') note(person, `${place}.${name}${owner} = ${inner}`);
        if (name === 'valueRatio' || name === 'valueRange') note(person, `${place}${owner} = ${JSON.stringify(inner)}`);
        else if (name === 'referenceRange') for (const one of inner as Json[]) note(person, `${place}${owner} ~ ${JSON.stringify(one)}`);
        else visit(inner, `${place}.${name}`, owner);
      }
    };
    for (const resource of resources) {
      note(person, resource.resourceType);
      visit(resource, resource.resourceType, '');
    }
  }
  return { shared, values };
}

/** What fewer than k persons share, and at which ends of which values fewer than k persons are. */
export function tooFew({ shared, values }: Recount, k: number): string[] {
  const found: string[] = [];
  for (const [what, persons] of shared) if (persons.size < k) found.push(`${what}: ${persons.size}`);
  for (const [what, list] of values) {
    if (new Set(list.map(one => one.person)).size < k) found.push(`${what}: values of ${new Set(list.map(one => one.person)).size}`);
    for (const sign of [1, -1]) {
      // At the end stand the values that lie beyond a bound, or else those that reach furthest.
      const outward = sign > 0 ? '>=' : '<=';
      const bounded = list.filter(one => one.comparator === outward);
      const plain = list.filter(one => one.comparator === '');
      const end = Math.max(...plain.map(one => sign * one.number));
      const last = bounded.length > 0 ? bounded : plain.filter(one => sign * one.number === end);
      const persons = new Set(last.map(one => one.person)).size;
      if (plain.length > 0 && persons < k) found.push(`${what}: ${sign > 0 ? 'upper' : 'lower'} end of ${persons}`);
      if (bounded.length > 0 && plain.some(one => sign * one.number >= sign * bounded[0]!.number)) found.push(`${what}: beyond the bound`);
    }
  }
  return found;
}
