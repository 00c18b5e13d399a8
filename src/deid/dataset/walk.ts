/**
 * Goes through a resource by R4's own types, to everything in it that may be peculiar: codings, quantities, ranges, ratios. Both passes go this one way, so that the second meets what the first has counted.
 * Never changes what it is given: what differs is new, the rest is shared.
 * Not gone into: `meta`, and coded elements whose value set FHIR requires (a status is one of a handful, and other elements depend on it).
 * R4: https://hl7.org/fhir/R4/datatypes.html, https://hl7.org/fhir/R4/element.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { type Element, elementsOf } from '../../fhir/profile/elements.ts';
import { typeRow } from '../../fhir/profile/table.ts';
import { isObject, masked } from '../context.ts';

/**
 * What kind of value stands at a place. `quantity` is more or less, and beyond a bound the bound can stand for it; all others are the same as another or not. An `amount` is a number
 * that cannot say that it is a bound: an integer, Money, or a SimpleQuantity (a dose), which have no comparator.
 * A `reference` that must be there is known by the type that it leads to.
 */
export type Kind = 'concept' | 'coding' | 'boolean' | 'range' | 'ratio' | 'amount' | 'quantity' | 'sampled' | 'reference';

export interface Spot {
  /** `Condition.code`, `MedicationRequest.dosageInstruction.route`, `Patient.extension(url)`; of something contained `MedicationRequest/Medication.code`. */
  readonly place: string;
  /** Place of the object that it is an element of. */
  readonly holder: string;
  readonly kind: Kind;
  /**
   * Taken away, it leaves a trace: the element must be there, or it is what the resource is about (`code`, `vaccineCode`, `medication[x]`). So as many must bear the trace as must share a code.
   */
  readonly trace: boolean;
}

/** In place of a value: what holds it does not leave. */
export const gone: unique symbol = Symbol('gone');
/** In place of a value: it goes, and nothing says that it was there. */
export const silent: unique symbol = Symbol('silent');

/**
 * What is done with what is met. `undefined` in place of a value: it goes, and `masked` says so where that leaves a trace anyway.
 * An Observation or a component of one is a fact: its code and its value belong together.
 */
export interface Visitor<Fact> {
  /** Whether an object at this place (`Condition`, `Observation.component`) leaves at all. */
  leaves(place: string): boolean;
  /** @param kind of the value; absent: of a kind that is not looked into, or there is none */
  fact(place: string, code: unknown, value: unknown, kind: Kind | undefined): Fact;
  code(value: unknown, fact: Fact): unknown;
  value(value: unknown, fact: Fact): unknown;
  /** One reference range. */
  normal(value: Json, fact: Fact): unknown;
  look(value: unknown, spot: Spot): unknown;
  measure(value: unknown, spot: Spot): unknown;
  /** One that need not be there. */
  reference(value: Json): unknown;
}

interface Field {
  readonly spot?: Spot;
  readonly part?: 'code' | 'value' | 'normal';
  readonly kind?: Kind;
  readonly reference?: true;
  readonly inner?: () => Fields;
  readonly resource?: true;
  readonly array: boolean;
  readonly required: boolean;
  /** Property that `masked` stands in: of a choice always the same one, so that it does not tell what was there. */
  readonly mark: string;
}

interface Fields {
  readonly place: string;
  readonly fact: boolean;
  readonly by: ReadonlyMap<string, Field>;
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
  Money: 'amount',
  SampledData: 'sampled',
};
const factKinds: Readonly<Record<string, Kind>> = { ...kinds, boolean: 'boolean', integer: 'amount', decimal: 'amount' };
const skipped = new Set(['meta', 'text', 'modifierExtension']);
const about = /^(?:code|vaccineCode|medication\[x\])$/;
/** Elements that need not be there by their cardinality, and must by an invariant (app-1, con-1, con-2, ppc-1, ces-1, fhs-2, gol-1, imr-1, mea-1, mrp-2, mad-1, msq-5, msq-6). */
const needed: ReadonlySet<string> = new Set(
  `Appointment.participant.type AppointmentResponse.participantType Condition.evidence.code Condition.stage.summary Consent.policyRule
  CoverageEligibilityResponse.insurance.item.category CoverageEligibilityResponse.insurance.item.productOrService FamilyMemberHistory.age[x] Goal.target.measure
  ImmunizationRecommendation.recommendation.targetDisease Measure.group.stratifier.code MeasureReport.group.stratifier.stratum.value
  MedicationAdministration.dosage.dose MedicationAdministration.dosage.rate[x] MolecularSequence.referenceSeq.chromosome MolecularSequence.referenceSeq.referenceSeqId`.split(
    /\s+/,
  ),
);

const cache = new Map<string, Fields>();
/** Places are few, unless somebody makes up extensions. */
const mostPlaces = 20_000;

/** What of a type at a place leads anywhere. */
function fieldsOf(type: string, place: string): Fields {
  const key = `${type} ${place}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const elements = elementsOf(type);
  const simple = new Map((typeRow(type)?.elements ?? []).map(row => [row.name, row.types.some(one => one.simple === true)]));
  const fact = elements.has('dataAbsentReason') && elements.has('code') && elements.has('valueQuantity');
  const by = new Map<string, Field>();
  const marks = new Map<string, string>();
  for (const [property, element] of elements) {
    if (!element.primitive && !marks.has(element.path)) marks.set(element.path, property);
    const mark = marks.get(element.path) ?? property;
    const made = skipped.has(property) ? undefined : field(property, element, place, { fact, simple, mark });
    if (made !== undefined) by.set(property, made);
  }
  const fields: Fields = { place, fact, by };
  if (cache.size < mostPlaces) cache.set(key, fields);
  return fields;
}

function field(
  property: string,
  element: Element,
  place: string,
  { fact, simple, mark }: { fact: boolean; simple: ReadonlyMap<string, boolean>; mark: string },
): Field | undefined {
  const { type, array, required } = element;
  const last = element.path.slice(element.path.lastIndexOf('.') + 1);
  const at = `${place}.${last.replace('[x]', '')}`;
  const rest = { array, required, mark };
  if (fact && property === 'code') return { ...rest, part: 'code' };
  if (fact && last === 'value[x]') return { ...rest, part: 'value', ...(factKinds[type] === undefined ? {} : { kind: factKinds[type] }) };
  if (fact && property === 'referenceRange') return { ...rest, part: 'normal' };
  const general = kinds[type];
  const trace = required || about.test(last) || needed.has(element.path);
  // Without a comparator a bound cannot stand for the value; where something must stand, a shared one does.
  const kind = general === 'quantity' && (simple.get(last) === true || trace) ? 'amount' : general;
  if (kind !== undefined) {
    if ((kind === 'concept' || kind === 'coding') && element.valueSet !== undefined) return undefined;
    return { ...rest, spot: { place: at, holder: place, kind, trace } };
  }
  if (element.primitive || property === 'extension') return undefined;
  if (type === 'Reference')
    return required ? { ...rest, spot: { place: at, holder: place, kind: 'reference', trace } } : { ...rest, reference: true };
  if (type === 'Resource') return { ...rest, resource: true };
  // A group has one name wherever it stands (Questionnaire.item.item); a data type is told by the element that has it.
  const below = type.includes('.') ? place.slice(0, place.lastIndexOf('/') + 1) + type : at;
  return { ...rest, inner: () => fieldsOf(type, below) };
}

/** The resource, a new one where something differs; undefined: it does not leave. @param within place of what contains it, with a slash at its end */
export function walk<Fact>(resource: AnyResource, visitor: Visitor<Fact>, within = ''): AnyResource | undefined {
  const out = object(resource, fieldsOf(resource.resourceType, within + resource.resourceType), visitor);
  if (out === gone || out === undefined) return undefined;
  // A narrative would tell what has gone.
  if (out !== resource && (out as Json)['text'] !== undefined) delete (out as Json)['text'];
  return out as AnyResource;
}

const absent: Json = { extension: [masked] };
const maskedReason: Json = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }] };

function factOf<Fact>(value: Json, fields: Fields, visitor: Visitor<Fact>): Fact {
  for (const key in value) {
    const one = fields.by.get(key);
    if (one?.part === 'value') return visitor.fact(fields.place, value['code'], value[key], one.kind);
  }
  return visitor.fact(fields.place, value['code'], undefined, undefined);
}

function object<Fact>(value: Json, fields: Fields, visitor: Visitor<Fact>): unknown {
  if (!visitor.leaves(fields.place)) return gone;
  const fact = fields.fact ? factOf(value, fields, visitor) : undefined;
  let out: Json | undefined;
  /** What stands beside a value that has gone. */
  let beyond: string | undefined;
  for (const key in value) {
    if (key === beyond) continue;
    const one = fields.by.get(key);
    const given = value[key];
    if (one === undefined && key.charCodeAt(0) === 95) {
      const left = beside(given, `${fields.place}.${key.slice(1)}`, visitor);
      if (left === given) continue;
      out ??= { ...value };
      out[key] = left;
      inLine(out, key.slice(1));
      continue;
    }
    if (one === undefined && key !== 'extension') continue;
    const treated = one === undefined ? extensions(given, fields.place, visitor) : all(given, one, visitor, fields, fact);
    if (treated === given) continue;
    if (treated === gone && (one?.inner === undefined || one.required)) return gone;
    out ??= { ...value };
    delete out[key];
    if (treated === silent || treated === gone) continue;
    if (treated !== undefined) out[key] = treated;
    else if (one?.part === 'value') {
      out['dataAbsentReason'] ??= maskedReason;
      beyond = `_${key}`;
      delete out[beyond];
    } else if (one !== undefined && (one.required || one.part === 'code' || one.spot?.trace === true))
      out[one.mark] = one.array ? [absent] : absent;
  }
  if (out === undefined) return value;
  // What is empty is not there.
  for (const _ in out) return out;
  return undefined;
}

/** A primitive and what is left beside it: where it repeats, without the places that have neither any more. */
function inLine(out: Json, name: string): void {
  const hidden = `_${name}`;
  const [values, left] = [out[name], out[hidden]];
  if (!Array.isArray(left)) {
    if (left === null) delete out[hidden];
    return;
  }
  const rows = left.map((one: unknown, at) => [Array.isArray(values) ? ((values as unknown[])[at] ?? null) : null, one]);
  const filled = rows.filter(row => row.some(one => one !== null));
  for (const [column, key] of [name, hidden].entries()) {
    delete out[key];
    if (filled.some(row => row[column] !== null)) out[key] = filled.map(row => row[column]);
  }
}

const goes = (value: unknown): boolean => value === gone || value === silent || value === undefined;

/** An element, all of it where it repeats. */
function all<Fact>(value: unknown, field: Field, visitor: Visitor<Fact>, fields: Fields, fact: Fact | undefined): unknown {
  if (!Array.isArray(value)) return single(value, field, visitor, fields, fact);
  let out: unknown[] | undefined;
  let left = 0;
  for (const one of value as unknown[]) {
    const treated = single(one, field, visitor, fields, fact);
    // Without a contained resource the references to it would lead nowhere.
    if (treated === gone && (field.spot !== undefined || field.resource === true)) return gone;
    if (treated !== one) out ??= [...(value as unknown[])];
    if (goes(treated)) continue;
    if (out !== undefined) out[left] = treated;
    left++;
  }
  if (out === undefined) return value;
  out.length = left;
  if (left > 0) return out;
  return field.inner !== undefined && field.required ? gone : undefined;
}

function single<Fact>(value: unknown, field: Field, visitor: Visitor<Fact>, fields: Fields, fact: Fact | undefined): unknown {
  const { spot, part } = field;
  if (spot !== undefined)
    return spot.kind === 'quantity' || spot.kind === 'sampled' ? visitor.measure(value, spot) : visitor.look(value, spot);
  if (part === 'code') return visitor.code(value, fact as Fact);
  if (part === 'value') return visitor.value(value, fact as Fact);
  if (!isObject(value)) return value;
  if (part === 'normal') return visitor.normal(value, fact as Fact);
  if (field.reference === true) return visitor.reference(value);
  if (field.resource === true)
    return typeof value['resourceType'] === 'string' ? (walk(value as AnyResource, visitor, `${fields.place}/`) ?? gone) : value;
  return field.inner === undefined ? value : object(value, field.inner(), visitor);
}

/** What stands beside a primitive, or beside each of one that repeats; null: nothing is left. */
function beside<Fact>(value: unknown, place: string, visitor: Visitor<Fact>): unknown {
  if (Array.isArray(value)) {
    const treated = (value as unknown[]).map(one => beside(one, place, visitor));
    return treated.every((one, at) => one === value[at]) ? value : treated;
  }
  if (!isObject(value)) return value;
  const left = extensions(value['extension'], place, visitor);
  if (left === value['extension']) return value;
  return left === silent ? null : { ...value, extension: left };
}

/** Extensions with a value, each a place of its own by its URL; one whose value goes, goes. */
function extensions<Fact>(list: unknown, place: string, visitor: Visitor<Fact>): unknown {
  if (!Array.isArray(list)) return list;
  let changed = false;
  const out = (list as unknown[]).flatMap(one => {
    if (!isObject(one)) return [one];
    const treated = object(one, fieldsOf('Extension', `${place}.extension(${String(one['url'])})`), visitor);
    if (treated === one) return [one];
    changed = true;
    const told = isObject(treated) && Object.keys(treated).some(key => key !== 'url' && key !== 'id');
    return told ? [treated] : [];
  });
  if (!changed) return list;
  return out.length === 0 ? silent : out;
}
