/**
 * How a resource says what was done to it: codings of `meta.security` beside the policy's label.
 * Those that HL7 has a code for have HL7's; the others are ours (profiles/CodeSystem-deidentification-method.json).
 * R4: https://hl7.org/fhir/R4/v3/ObservationValue/cs.html, https://hl7.org/fhir/R4/security-labels.html
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';

const hl7 = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const ours = 'https://noren.example/fhir/CodeSystem/deidentification-method';

/** What was done, in the order in which the codings stand. */
const marks = {
  removed: { system: hl7, code: 'REDACTED' },
  generalized: { system: hl7, code: 'ABSTRED' },
  hashed: { system: hl7, code: 'CRYTOHASH' },
  encrypted: { system: hl7, code: 'MASKED' },
  shifted: { system: ours, code: 'date-shifted' },
  perturbed: { system: ours, code: 'perturbed' },
  substituted: { system: ours, code: 'substituted' },
  cleaned: { system: ours, code: 'text-cleaned' },
} as const satisfies Record<string, Json>;

export type Mark = keyof typeof marks;

const names = Object.keys(marks) as Mark[];

/** The bit of a mark in `Run.marks`. */
export const bitOf = (mark: Mark): number => 1 << names.indexOf(mark);

const made = new Map<Json, Map<number, Json>>();

/** `meta` of a resource: the policy's label, then what was done. */
export function metaOf(label: Json, bits: number): Json {
  let of = made.get(label);
  if (of === undefined) made.set(label, (of = new Map()));
  let meta = of.get(bits);
  if (meta === undefined)
    of.set(bits, (meta = { security: [label, ...names.filter(name => bits & bitOf(name)).map(name => marks[name])] }));
  return meta;
}

/** A `meta` of ours with one mark more. */
export function marked(meta: Json, mark: Mark): Json {
  const [label, ...done] = meta['security'] as Json[];
  const bits = names.filter(name => done.includes(marks[name])).reduce((sum, name) => sum | bitOf(name), bitOf(mark));
  return metaOf(label!, bits);
}
