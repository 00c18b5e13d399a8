/**
 * What a de-identification is told about one resource, and what its methods share while they work on it.
 * Nothing here reads a store or a clock: the caller has done both.
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import type { Days } from './calendar.ts';
import type { SeriesKeys } from './keys.ts';
import type { Recent } from './recent.ts';

/** The one person that a resource is about. */
export interface Subject {
  /** Pseudonym of the person: what a file of his is filed under. */
  readonly id?: string;
  /** Days that every date of this person moves by. */
  readonly shiftDays: number;
  /** 90 years or older at some event, or nobody knows: neither the date of birth nor any age leaves. */
  readonly pooled: boolean;
  /**
   * True day numbers between which dates may leave. What lies outside is no day of this person's life (1900-01-01, 9999-12-31), and moved it would show
   * by how much; of somebody pooled also what lies so early that with a late date it would tell an age of 90 or more.
   */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** True days of the birth, where it is known: what ages are counted from. */
  readonly born?: Days;
}

export interface Context {
  readonly keys: SeriesKeys;
  /** Own base URL of the server: an absolute reference below it is a relative one. */
  readonly base: string;
  /** id under which the resource leaves. */
  readonly id: string;
  /** Absent: the resource is nobody's, or several persons', and leaves without dates. */
  readonly subject?: Subject;
  /** What becomes of a reference: a new Reference; undefined: its target does not leave. Gets `Type/id`, or what was written when it is no literal of ours. */
  readonly lead: (reference: string) => Json | undefined;
  /** Where the last references led: kept by the caller from resource to resource, as long as `lead` answers the same. */
  readonly led?: Recent<Json | undefined>;
  /** The same for a reference that has only a logical identifier. @param type that it is said to be of, if any */
  readonly identified?: (identifier: Json, type: string | undefined) => Json | undefined;
  /** Day number of the release: what an age today is counted to. */
  readonly today?: number;
  /** Numbers that one person alone has, in one spelling (`system|value`), of a Patient: what a link key is made of. */
  readonly personKeys?: readonly string[];
  /** A text without anything that tells who it is about; undefined: it cannot be judged, and does not leave. Absent: no text leaves. */
  readonly clean?: (text: string, subject: Subject | undefined) => string | undefined;
}

/** State of one call. */
export interface Run {
  readonly context: Context;
  /** One place per counter of the compiled policy. */
  readonly tally: Uint32Array;
  /** Contained resources that may leave: id as written → id in the output. */
  readonly contained: ReadonlyMap<string, string>;
  /** Contained Patients: id as written → the person of the release. */
  readonly people: ReadonlyMap<string, Json>;
  /** ids in the output of contained resources that something refers to; added to only where there are any. */
  readonly used: Set<string>;
  /** Bits of what was done to this resource (methods/mark.ts). */
  marks: number;
  /** How many values of this resource were encrypted: each has a name of its own. */
  draws: number;
  /** How often each value of this resource was perturbed. */
  perturbed?: Map<number, number>;
  /** id of the contained resource that is being treated; absent: the container itself. */
  inside?: string;
}

/** Value in, value out; undefined: it does not leave. Never changes what it was given. */
export type Treat = (value: unknown, run: Run) => unknown;

/** A primitive without a value: the extensions that say why. */
export class Absent {
  readonly extension: readonly Json[];
  constructor(extension: readonly Json[]) {
    this.extension = extension;
  }
}

/** R4: https://hl7.org/fhir/R4/extension-data-absent-reason.html */
export const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** Says that a value is there and is not given. */
export const masked: Json = Object.freeze({ url: absentReason, valueCode: 'masked' });

/** The reasons that FHIR knows: the only ones that leave. R4: https://hl7.org/fhir/R4/valueset-data-absent-reason.html */
export const reasons: ReadonlySet<unknown> = new Set(
  'unknown asked-unknown temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error not-a-number negative-infinity positive-infinity not-performed not-permitted'.split(
    ' ',
  ),
);

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
