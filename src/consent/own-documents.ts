/**
 * Notices and objections name a patient by number, often before a Patient record is here: no reference leads them into his compartment. What the patient's own record
 * answers to by one of its numbers is put in reach of his app beside the compartment, so that he sees what he was told and what was said in his name.
 * R4: https://hl7.org/fhir/R4/references.html#logical, https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 * @module
 */
import { type Access, asServer, type Clause } from '../fhir/model/access.ts';
import { personKeys } from '../fhir/model/person.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';

/** Types of what makes lines on the lists of notices and objections. */
const documents = ['Communication', 'Consent'] as const;

interface Parts {
  readonly store: Store;
  /** Sender → 10-digit code of the institution. */
  readonly codeOf: (sender: string) => string | undefined;
}

/** The access of a patient's app with the documents that name him by number; any other access as it is. */
export async function withOwnDocuments(access: Access, { store, codeOf }: Parts): Promise<Access> {
  const { role, patient } = access.agent;
  const types = documents.filter(type => (access.reach[type] ?? []).some(clause => clause.patient !== undefined));
  if (role !== 'patient' || patient === undefined || types.length === 0) return access;
  const lines = await store.lines([patient]);
  if (lines.length === 0) return access;
  const own = await namesOf(patient, { store, codeOf });
  const reach = { ...access.reach };
  for (const type of types) {
    const ids = lines
      // The lines are those of the person, under every record. A link of records widens nothing: each is held against this one, while it is there;
      // once it is erased, the lines are all that is known of who it was.
      .filter(line => own === undefined || line.persons.some(name => own.has(name)))
      .flatMap(({ source }) => literal(source) ?? [])
      .flatMap(target => (target.type === type ? target.id : []));
    if (ids.length > 0) reach[type] = [...reach[type]!, ...beside(reach[type]!, [...new Set(ids)])];
  }
  return { ...access, reach };
}

/** What a Patient record is called in lines; undefined: it is not here (any more). */
async function namesOf(patient: string, { store, codeOf }: Parts): Promise<ReadonlySet<string> | undefined> {
  const reader = asServer('find the documents of a patient by his numbers');
  const { id } = literal(patient)!;
  const version = await store.read(reader, 'Patient', id);
  if (version === undefined || version.deleted) return undefined;
  const sender = await store.sender(reader, 'Patient', id);
  const keys = personKeys(JSON.parse(version.bytes.toString()) as AnyResource, sender === undefined ? undefined : codeOf(sender));
  return new Set([patient, ...keys].map(name => store.mark(name)));
}

/** What else a clause asks for (a scope's query) holds for these too. */
const beside = (clauses: readonly Clause[], ids: readonly string[]): Clause[] =>
  clauses.flatMap(({ patient, ...rest }) => (patient === undefined || rest.ids !== undefined ? [] : [{ ...rest, ids }]));
