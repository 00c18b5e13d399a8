/**
 * The parts that all generated resources are put together from.
 * JP eCS puts the institution's number on every resource that is no Patient: the hospital's identity is in each of them.
 * @module
 */
import type {
  BundleEntry,
  Coding,
  Extension,
  Identifier,
  Organization,
  Practitioner,
  Quantity,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { type Institution, institutions } from './person.ts';

export const institutionNumber = 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no';

/** JP_eCS_InstitutionNumber */
export const sentBy = (institution: Institution): Extension => ({
  url: 'http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber',
  valueIdentifier: { system: institutionNumber, value: institutions[institution].code },
});

/** Number of one resource inside its hospital, with institution and patient in it, as real ones have. */
export const instance = (institution: Institution, patient: string, what: string): Identifier => ({
  system: 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier',
  value: `${institutions[institution].code}-${patient}-${what}`,
});

export const coding = (system: string, code: string, display?: string): Coding => ({
  system,
  code,
  ...(display === undefined ? {} : { display }),
});

/** A code of terminology.hl7.org. */
export const hl7 = (name: string, code: string): Coding => coding(`http://terminology.hl7.org/CodeSystem/${name}`, code);

export const quantity = (value: number, unit: string, code: string): Quantity => ({
  value,
  unit,
  system: 'http://unitsofmeasure.org',
  code,
});

const escaped = (text: string): string => text.replace(/[&<>]/g, c => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : '&gt;'));

export const narrative = (...paragraphs: readonly string[]) => ({
  status: 'generated' as const,
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${paragraphs.map(p => `<p>${escaped(p)}</p>`).join('')}</div>`,
});

/** Entries of a transaction, each with a urn that the others can name. */
export class Transaction {
  readonly entries: BundleEntry[] = [];
  readonly #urn: () => string;

  constructor(urn: () => string) {
    this.#urn = urn;
  }

  /** A new resource, created, or (with criteria) created only if there is none like it. */
  add<R extends Resource>(resource: R, ifNoneExist?: string): Reference<R> {
    const fullUrl = `urn:uuid:${this.#urn()}`;
    this.entries.push({
      fullUrl,
      resource,
      request: { method: 'POST', url: resource.resourceType, ...(ifNoneExist === undefined ? {} : { ifNoneExist }) },
    });
    return { reference: fullUrl };
  }

  /** As `add`, for a resource known by its first identifier. */
  addOnce<R extends Practitioner | Organization>(resource: R): Reference<R> {
    const { system = '', value = '' } = resource.identifier?.[0] ?? {};
    return this.add(resource, `identifier=${encodeURIComponent(`${system}|${value}`)}`);
  }
}
