/**
 * Notices and objections name a patient by number, often before a Patient record is here: no reference leads them into his compartment. What the patient's own record
 * answers to by one of its numbers is put in reach of his app beside the compartment, so that he sees what he was told and what was said in his name.
 * R4: https://hl7.org/fhir/R4/references.html#logical, https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 * @module
 */
import { type Access, asServer, type Clause } from '../fhir/model/access.ts';
import { isOnlyRecord, personKey, personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { ListEntry, Store } from '../fhir/store/store.ts';

/** Type of document → the element that says whose it is. */
const whose: Readonly<Record<string, string>> = { Communication: 'subject', Consent: 'patient' };

interface Parts {
  readonly store: Store;
  /** Sender → 10-digit code of the institution. */
  readonly codeOf: (sender: string) => string | undefined;
}

/** The access of a patient's app with the documents that name him by number; any other access as it is, at once: this is asked at every request. */
export const withOwnDocuments = (access: Access, parts: Parts): Access | Promise<Access> =>
  access.agent.role === 'patient' && access.agent.patient !== undefined ? widened(access, access.agent.patient, parts) : access;

async function widened(access: Access, patient: string, { store, codeOf }: Parts): Promise<Access> {
  const types = Object.keys(whose).filter(type => (access.reach[type] ?? []).some(clause => clause.patient !== undefined));
  if (types.length === 0) return access;
  const reader = asServer('find the documents of a patient by his numbers');

  const read = async (reference: string): Promise<readonly [resource: AnyResource, code: string | undefined] | undefined> => {
    const { type, id } = literal(reference)!;
    const version = await store.read(reader, type, id);
    if (version === undefined || version.deleted) return undefined;
    const sender = await store.sender(reader, type, id);
    return [JSON.parse(version.bytes.toString()) as AnyResource, sender === undefined ? undefined : codeOf(sender)];
  };
  const [record, code] = (await read(patient)) ?? [];
  // The lines are those of the person, under every record; a link of records widens nothing, so each document is held against this one.
  const own = record === undefined ? undefined : new Set(personKeys(record, code));
  const names = async (line: ListEntry): Promise<boolean> => {
    // Whose record was erased has no numbers here any more. The objection that erased it names it, and every record that was joined to it: whose number it is written
    // under can be told only where there was one.
    if (own === undefined) return line.list === 'objection' && isOnlyRecord(patient, line.persons);
    const [document, sentBy] = (await read(line.source)) ?? [];
    const element = whose[literal(line.source)!.type]!;
    const key = personKey(((document?.[element] ?? {}) as Json)['identifier'], sentBy);
    return key !== undefined && own.has(key);
  };
  const ids = new Map(types.map(type => [type, [] as string[]]));
  for (const line of await store.lines([patient])) {
    const { type, id } = literal(line.source)!;
    if (ids.has(type) && (await names(line))) ids.get(type)!.push(id);
  }
  if ([...ids.values()].every(list => list.length === 0)) return access;
  const reach = { ...access.reach };
  for (const [type, list] of ids) if (list.length > 0) reach[type] = [...reach[type]!, ...beside(reach[type]!, list)];
  return { ...access, reach };
}

/** What else a clause asks for (a scope's query) holds for these too. */
const beside = (clauses: readonly Clause[], ids: readonly string[]): Clause[] =>
  clauses.flatMap(({ patient, ...rest }) => (patient === undefined || rest.ids !== undefined ? [] : [{ ...rest, ids }]));
