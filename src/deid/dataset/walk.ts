/**
 * Goes through a resource by R4's own types, to everything in it that may be peculiar: codings, quantities, ranges, ratios. Both passes go this one way, so that the second meets what the first has counted.
 * Never changes what it is given: what differs is new, the rest is shared.
 * Not gone into: `meta`, primitives' extensions, and coded elements whose value set FHIR requires (a status is one of a handful, and other elements depend on it).
 * R4: https://hl7.org/fhir/R4/datatypes.html, https://hl7.org/fhir/R4/element.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { type Element, elementsOf } from '../../fhir/profile/elements.ts';
import { typeRow } from '../../fhir/profile/table.ts';
import { isObject, masked } from '../context.ts';

/** What kind of value stands at a place. `look`: it is the same as another or not; `measure`: it is more or less. */
export type Kind = 'concept' | 'coding' | 'boolean' | 'range' | 'ratio' | 'quantity' | 'number' | 'sampled';

export interface Spot {
  /** `Condition.code`, `Observation.component.value`, `Dosage.route` below its element (`MedicationRequest.dosageInstruction.route`), `Extension(url)`. */
  readonly place: string;
  readonly kind: Kind;
  /** A quantity of it may have a comparator: it is no SimpleQuantity. */
  readonly comparator: boolean;
  /**
   * Taken away, it leaves a trace: the element is required, or it is what the resource is about (`code`, `vaccineCode`, `medication[x]`, an Observation's value).
   * So as many must bear the trace as must share a code.
   */
  readonly trace: boolean;
}

/** In place of a value: what holds it (a component, the resource) does not leave. */
export const gone: unique symbol = Symbol('gone');
/** In place of a value: it goes, and nothing says that it was there. */
export const silent: unique symbol = Symbol('silent');

/** `undefined` in place of a value: it goes, and `masked` says so where that leaves a trace anyway. */
export interface Visitor<Owner> {
  /** What a value beside it is a value of: the `code` of an Observation or component. */
  owner(code: unknown, place: string): Owner;
  look(value: unknown, spot: Spot, owner: Owner | undefined): unknown;
  measure(value: unknown, spot: Spot, owner: Owner | undefined): unknown;
  /** One reference range of what is measured. */
  normal(value: Json, owner: Owner): unknown;
  /** A Reference, or undefined: it goes; absent: all stay. */
  reference?(value: Json): unknown;
}

interface Field {
  readonly spot?: Spot;
  readonly normal?: true;
  readonly reference?: true;
  readonly inner?: () => Fields;
  readonly resource?: true;
  readonly array: boolean;
  readonly required: boolean;
  /** It is a value of what `code` beside it says. */
  readonly owned: boolean;
}

interface Fields {
  readonly by: ReadonlyMap<string, Field>;
  /** Place of the `code` that values here belong to. */
  readonly owner?: string;
  readonly required: readonly (readonly [string, Field])[];
}

const kinds: Readonly<Record<string, Kind>> = {
  CodeableConcept: 'concept',
  Coding: 'coding',
  Range: 'range',
  Ratio: 'ratio',
  Quantity: 'quantity',
  Age: 'quantity',
  Duration: 'quantity',
  Count: 'quantity',
  Distance: 'quantity',
  SampledData: 'sampled',
};
const ownedKinds: Readonly<Record<string, Kind>> = { ...kinds, boolean: 'boolean', integer: 'number', decimal: 'number' };
const skipped = new Set(['meta', 'text', 'modifierExtension']);
const about = /^(?:code|vaccineCode|medication\[x\])$/;

const cache = new Map<string, Fields>();

/** Fields of a type at a place that lead anywhere. */
function fieldsOf(type: string, place: string): Fields {
  const key = type === place ? type : `${type} ${place}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const elements = elementsOf(type);
  const simple = new Map((typeRow(type)?.elements ?? []).map(row => [row.name, row.types.some(one => one.simple === true)]));
  const owns = elements.has('dataAbsentReason') && elements.has('code') && elements.has('valueQuantity');
  const by = new Map<string, Field>();
  for (const [property, element] of elements) {
    const made = skipped.has(property) ? undefined : field(property, element, place, owns, simple);
    if (made !== undefined) by.set(property, made);
  }
  const required = [...by].filter(([, one]) => one.required);
  const fields: Fields = { by, required, ...(owns ? { owner: `${place}.code` } : {}) };
  cache.set(key, fields);
  return fields;
}

function field(property: string, element: Element, place: string, owns: boolean, simple: ReadonlyMap<string, boolean>): Field | undefined {
  const { type, array, required } = element;
  const last = element.path.slice(element.path.lastIndexOf('.') + 1);
  const at = `${place}.${last.replace('[x]', '')}`;
  const owned = owns && last === 'value[x]';
  const rest = { array, required, owned };
  if (owns && property === 'referenceRange') return { ...rest, normal: true };
  if (property === 'extension') return { ...rest, inner: () => none };
  const kind = (owned ? ownedKinds : kinds)[type];
  if (kind !== undefined) {
    if ((kind === 'concept' || kind === 'coding') && element.valueSet !== undefined) return undefined;
    const trace = required || owned || about.test(last);
    return { ...rest, spot: { place: at, kind, comparator: simple.get(last) !== true, trace } };
  }
  if (element.primitive) return undefined;
  if (type === 'Reference') return { ...rest, reference: true };
  if (type === 'Resource') return { ...rest, resource: true };
  // A group has one name wherever it stands (Questionnaire.item.item); a data type is told by the element that has it.
  const below = type.includes('.') ? type : at;
  return { ...rest, inner: () => fieldsOf(type, below) };
}

const none: Fields = { by: new Map(), required: [] };

/** The resource, a new one where something differs; undefined: it does not leave. */
export function walk<Owner>(resource: AnyResource, visitor: Visitor<Owner>): AnyResource | undefined {
  const out = object(resource, fieldsOf(resource.resourceType, resource.resourceType), visitor);
  if (out === gone || out === undefined) return undefined;
  // A narrative would tell what has gone.
  if (out !== resource && (out as Json)['text'] !== undefined) delete (out as Json)['text'];
  return out as AnyResource;
}

const absent: Json = { extension: [masked] };
const maskedReason: Json = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }],
};

function object<Owner>(value: Json, fields: Fields, visitor: Visitor<Owner>): unknown {
  const owner = fields.owner === undefined ? undefined : visitor.owner(value['code'], fields.owner);
  let out: Json | undefined;
  for (const key in value) {
    const one = fields.by.get(key);
    const given = value[key];
    if (one === undefined) {
      if (key !== 'extension' || !Array.isArray(given)) continue;
    }
    const treated = one === undefined || key === 'extension' ? extensions(given, visitor) : all(given, one, visitor, owner);
    if (treated === given) continue;
    if (treated === gone) return gone;
    out ??= { ...value };
    if (treated === silent) delete out[key];
    else if (treated !== undefined) out[key] = treated;
    else if (one?.owned === true) {
      delete out[key];
      out['dataAbsentReason'] ??= maskedReason;
    } else if (one?.spot?.trace === true || one?.required === true) out[key] = one.array ? [absent] : absent;
    else delete out[key];
  }
  return out ?? value;
}

/** An element, all of it where it repeats. */
function all<Owner>(value: unknown, field: Field, visitor: Visitor<Owner>, owner: Owner | undefined): unknown {
  if (!Array.isArray(value)) return single(value, field, visitor, owner);
  let out: unknown[] | undefined;
  let left = 0;
  for (const one of value as unknown[]) {
    const treated = single(one, field, visitor, owner);
    // Without a contained resource the references to it would lead nowhere.
    if (treated === gone && (field.spot !== undefined || field.resource === true)) return gone;
    if (treated !== one) out ??= [...value];
    if (out !== undefined && treated !== gone && treated !== silent && treated !== undefined) out[left] = treated;
    if (treated !== gone && treated !== silent && treated !== undefined) left++;
  }
  if (out === undefined) return value;
  out.length = left;
  if (left > 0) return out;
  return field.required && field.spot === undefined ? gone : undefined;
}

function single<Owner>(value: unknown, field: Field, visitor: Visitor<Owner>, owner: Owner | undefined): unknown {
  const { spot } = field;
  if (spot !== undefined) {
    if (spot.kind === 'quantity' || spot.kind === 'number' || spot.kind === 'sampled')
      return visitor.measure(value, spot, field.owned ? owner : undefined);
    return visitor.look(value, spot, field.owned ? owner : undefined);
  }
  if (!isObject(value)) return value;
  if (field.normal === true) return visitor.normal(value, owner as Owner);
  if (field.reference === true) {
    const out = visitor.reference === undefined ? value : visitor.reference(value);
    // What must refer to it does not leave without it: a reference that says `masked` would tell that something is missing.
    return out === undefined && field.required ? gone : out;
  }
  if (field.resource === true) {
    const out = typeof value['resourceType'] === 'string' ? walk(value as AnyResource, visitor) : value;
    return out ?? gone;
  }
  return field.inner === undefined ? value : object(value, field.inner(), visitor);
}

/** Extensions with a value, each a place of its own by its URL, wherever it stands; one whose value goes, goes. */
function extensions<Owner>(list: unknown, visitor: Visitor<Owner>): unknown {
  if (!Array.isArray(list)) return list;
  let changed = false;
  const out = list.flatMap((one: unknown) => {
    if (!isObject(one)) return [one];
    const fields = fieldsOf('Extension', `Extension(${String(one['url'])})`);
    const treated = object(one, fields, visitor);
    const valueless = treated === gone || !Object.keys(treated as Json).some(key => key !== 'url' && key !== 'id');
    if (treated !== one) changed = true;
    return valueless && treated !== one ? [] : [treated];
  });
  if (!changed) return list;
  return out.length === 0 ? silent : out;
}
