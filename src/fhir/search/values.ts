/**
 * What a SearchParameter takes out of a resource: plain JSON, so that a store can keep it (encrypted) and build its index from it again.
 * R4: https://hl7.org/fhir/R4/search.html#ptypes
 * @module
 */

/** [system, code]: null where absent. Coding, CodeableConcept (one per coding), Identifier, ContactPoint, code, boolean, id, string. */
export type TokenValue = readonly [system: string | null, code: string | null];
/** As written; folding is the index's business. HumanName and Address give one value per part, and text. */
export type StringValue = string;
/** Milliseconds of the first and the last instant meant; an open end of a Period is ±8.64e15. */
export type DateValue = readonly [low: number, high: number];
/** A decimal is [n, n]; a Range its ends (open: ±1.7976931348623157e308). */
export type NumberValue = readonly [low: number, high: number];
/** low and high as for numbers; system, code and unit as written or null. */
export type QuantityValue = readonly [low: number, high: number, system: string | null, code: string | null, unit: string | null];
/** `Type/id` (own base and version cut off), else the reference as written (`urn:…`, foreign URL, canonical). Contained (`#x`) ones are not values. */
export type ReferenceValue = string;
export type UriValue = string;
/** For each component of the composite the values that stand in one and the same element. */
export type CompositeValue = readonly (readonly SimpleValue[])[];
export type SimpleValue = TokenValue | StringValue | DateValue | NumberValue | QuantityValue | ReferenceValue | UriValue;
/** [latitude, longitude] */
export type PositionValue = readonly [number, number];
export type Value = SimpleValue | CompositeValue | PositionValue;

/**
 * SearchParameter.code → its values in one resource, without repeats; a parameter without values has no key.
 * Logical identifiers of references stand under `<code>:identifier` as tokens, texts of codings under `<code>:text` as strings, identifiers by their type under
 * `<code>:of-type` as tokens (`system code` of the type, value).
 * What a reference leads to inside the resource (contained) has its values under `<code>#<Type>.<its code>`, and its id as a token under `<code>#<Type>`.
 * `_id` and `_lastUpdated` are not in it: the store knows them.
 */
export type Values = { readonly [code: string]: readonly Value[] };

export type ParameterType = 'token' | 'string' | 'date' | 'number' | 'quantity' | 'reference' | 'uri' | 'composite' | 'special';
