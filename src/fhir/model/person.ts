/**
 * Which identifiers tell one person from all others, in one spelling: full and half width, OID and URL forms alike.
 * Stored data are never normalized, only keys. JP Core: http://jpfhir.jp/fhir/core/ (identifier systems)
 * @module
 */
import type { AnyResource, Json } from './r4.ts';

/** `system|value`, normalized. */
export type PersonKey = string;

/** A hospital's own patient number: this prefix, then the institution's 10 digits. */
export const hospitalNumberPrefix = 'urn:oid:1.2.392.100495.20.3.51.1';
/** The same number without the institution in its system (eCS). */
const hospitalNumberUrl = 'http://jpfhir.jp/fhir/ecs/idsystem/jp_hospital_patientid';
const memberId = 'http://jpfhir.jp/fhir/clins/idsystem/jp_insurance_memberid';

/** Numbers that an insurer, a household or a branch has, and no single person. */
const nobodysOwn: ReadonlySet<string> = new Set(
  ['insurernumber', 'insuredpersonsymbol', 'insuredpersonnumber', 'insuredpersonsubnumber', 'publicpayernumber']
    .map(name => `http://jpfhir.jp/fhir/core/mhlw/idsystem/${name}`)
    .concat(['61', '62', '63', '71'].map(arc => `urn:oid:1.2.392.100495.20.3.${arc}`)),
);

/** ASCII without spaces has one spelling, and most numbers and systems are that. */
const plain = /^[!-~]*$/;

/** A number in one spelling: characters that nobody sees (a zero-width space, a direction mark) make no other number. */
export const fold = (text: string): string =>
  plain.test(text)
    ? text
    : text
        .normalize('NFKC')
        .replace(/\p{Cf}/gu, '')
        .trim();

function foldSystem(system: string): string {
  // From the first of its last slashes alone: an expression that begins at each of them takes a minute for 200,000.
  const text = fold(system)
    .toLowerCase()
    .replace(/(?<!\/)\/+$/, '');
  return /^\d+(\.\d+)+$/.test(text) ? `urn:oid:${text}` : text.replace(/^https:/, 'http:');
}

/**
 * Key of an Identifier that means one person, or undefined: no system or value, or a number that a family shares.
 * @param institution 10-digit code of the sending institution, for a patient number whose system does not name it
 */
export function personKey(identifier: unknown, institution?: string): PersonKey | undefined {
  const { system, value } = (identifier ?? {}) as Json;
  if (typeof system !== 'string' || typeof value !== 'string') return undefined;
  let key = foldSystem(system);
  let text = fold(value);
  if (key === '' || text === '' || nobodysOwn.has(key)) return undefined;
  if (key === hospitalNumberUrl) {
    if (institution === undefined) return undefined;
    key = hospitalNumberPrefix + institution;
  }
  if (key === memberId) {
    const parts = text.split(':').map(part => part.replace(/\s/g, ''));
    if (parts.length !== 4 || parts.some(part => part === '')) return undefined;
    text = parts.join(':');
  }
  return `${key}|${text}`;
}

/** Keys of all identifiers of a resource's `identifier` element that mean one person. */
export function personKeys(resource: AnyResource, institution?: string): PersonKey[] {
  const list = Array.isArray(resource['identifier']) ? resource['identifier'] : [resource['identifier']];
  return [...new Set(list.flatMap(one => personKey(one, institution) ?? []))];
}

/** Whether these names of a person (references and keys) know this Patient record and no other. */
export const isOnlyRecord = (patient: string, names: readonly string[]): boolean =>
  names.includes(patient) && !names.some(name => name.startsWith('Patient/') && name !== patient);
