/**
 * What one request leaves behind: who, what, whose, when, why, how it ended. No value of a patient beyond the reference.
 * What comes from outside goes in only when it looks like what it should be: an id like an id, a parameter like a parameter's name.
 * R4: https://hl7.org/fhir/R4/auditevent.html
 * @module
 */
import type { Disclosure } from '../fhir/model/exchange.ts';
import { isId, isResourceType } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { parameterNameOf } from './parameter-name.ts';

/** One request as the wire saw it. Names of query parameters, never their values. */
export interface AuditRecord {
  /** Milliseconds since 1970: when the request came. */
  readonly time: number;
  readonly requestId: string;
  /** OAuth client_id; absent for a request without a good token. */
  readonly client?: string;
  readonly role?: string;
  /** What the agent writes is recorded as sent by: `Organization/hospital-1`. */
  readonly sender?: string;
  /** Who signed in to the app: `Patient/<id>`, `Practitioner/<id>` … */
  readonly user?: string;
  /** jti of the token. */
  readonly token?: string;
  /** v3-PurposeOfUse. */
  readonly purpose?: string;
  /** Code of the RESTful interaction (`read`, `search-type`, `transaction` …), of the operation (`$deidentify`), or `token`. */
  readonly interaction: string;
  readonly method?: string;
  readonly type?: string;
  readonly id?: string;
  readonly versionId?: string;
  /** Whose data the answer showed or the request touched: `Patient/<id>`. */
  readonly patients?: readonly string[];
  /** NAMES of the query's parameters. */
  readonly parameters?: readonly string[];
  /** HTTP status of the answer. */
  readonly status: number;
  /** IssueType of a refusal: `forbidden`, `business-rule` … */
  readonly issue?: string;
  /** IP address of the client. */
  readonly address?: string;
  /** Under which studies something left, and by which policies. */
  readonly disclosures?: readonly Disclosure[];
  /** What a transaction or batch did: interaction → references, with version where known (`Patient/1/_history/1`). */
  readonly entries?: Readonly<Record<string, readonly string[]>>;
}

/** Whether nothing but the answer can have come of it. Who only reads may leave before the disk has the record; who changes anything, or is given a release or a token, may not. */
export const onlyReads = ({ method }: AuditRecord): boolean => method === 'GET' || method === 'HEAD';

const word = /^\$?[A-Za-z][A-Za-z0-9-]{0,63}$/;
const opaque = /^[A-Za-z0-9._~:/+=-]{1,128}$/;
const canonical = /^https:[A-Za-z0-9._~:/|+-]{1,120}$/;
const methodName = /^[A-Z]{3,7}$/;
const address = /^[0-9A-Fa-f.:]{2,45}(%[A-Za-z0-9]{1,16})?$/;

const fits = (text: unknown, shape: RegExp): string | undefined => (typeof text === 'string' && shape.test(text) ? text : undefined);
const patient = (reference: string): boolean => literal(reference)?.type === 'Patient' && !reference.includes('/_history/');

/** What stands in place of something that came in no shape it should have: that there was something is worth knowing, what it was is not for a log. */
export const unusable = 'unusable';

type Draft = { -readonly [element in keyof AuditRecord]: AuditRecord[element] };

/** The record as it may be written: everything that could carry a text from outside is held against its shape. Every read pays for this. */
export function checkedRecord(r: AuditRecord): AuditRecord {
  const all = {
    time: Number.isFinite(r.time) ? Math.trunc(r.time) : 0,
    requestId: fits(r.requestId, opaque) ?? unusable,
  } as Draft;
  if (r.client !== undefined) all.client = fits(r.client, opaque) ?? unusable;
  const role = fits(r.role, word);
  if (role !== undefined) all.role = role;
  const sender = fits(r.sender, opaque);
  if (sender !== undefined) all.sender = sender;
  if (r.user !== undefined) all.user = literal(r.user)?.versionId === undefined ? (fits(r.user, opaque) ?? unusable) : unusable;
  if (r.token !== undefined) all.token = fits(r.token, opaque) ?? unusable;
  const purpose = fits(r.purpose, word);
  if (purpose !== undefined) all.purpose = purpose;
  all.interaction = fits(r.interaction, word) ?? unusable;
  const method = fits(r.method, methodName);
  if (method !== undefined) all.method = method;
  if (r.type !== undefined && (isResourceType(r.type) || r.type === 'Parameters')) all.type = r.type;
  if (r.id !== undefined && isId(r.id)) all.id = r.id;
  if (r.versionId !== undefined && isId(r.versionId)) all.versionId = r.versionId;
  const patients = list(r.patients, one => (patient(one) ? one : undefined));
  if (patients !== undefined) all.patients = patients;
  const parameters = list(r.parameters, name => parameterNameOf(name) ?? unusable);
  if (parameters !== undefined) all.parameters = parameters;
  all.status = Number.isInteger(r.status) ? r.status : 0;
  const issue = fits(r.issue, word);
  if (issue !== undefined) all.issue = issue;
  const from = fits(r.address, address);
  if (from !== undefined) all.address = from;
  const disclosures = r.disclosures?.flatMap(disclosureOf) ?? [];
  if (disclosures.length > 0) all.disclosures = disclosures;
  if (r.entries !== undefined) all.entries = entriesOf(r.entries);
  return all;
}

/** What is left of a list, without repeats; nothing where nothing is left. */
function list(values: readonly string[] | undefined, checked: (one: string) => string | undefined): readonly string[] | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const kept: string[] = [];
  for (const value of values) {
    const one = checked(value);
    if (one !== undefined) kept.push(one);
  }
  if (kept.length < 2) return kept.length === 0 ? undefined : kept;
  return [...new Set(kept)];
}

const digest = /^[0-9a-f]{64}$/;
const dataSetName = /^urn:uuid:[0-9a-f-]{36}$/;

function disclosureOf(r: Disclosure): Disclosure[] {
  if (literal(r.study)?.type !== 'ResearchStudy') return [];
  const plan = fits(r.plan, digest);
  const dataSet = fits(r.dataSet, dataSetName);
  return [
    {
      study: r.study,
      policy: fits(r.policy, canonical) ?? unusable,
      hash: fits(r.hash, digest) ?? unusable,
      ...(plan === undefined ? {} : { plan }),
      ...(dataSet === undefined ? {} : { dataSet }),
    },
  ];
}

const entriesOf = (entries: NonNullable<AuditRecord['entries']>): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(entries)
      .filter(([interaction]) => word.test(interaction))
      .map(([interaction, references]) => [interaction, references.filter(one => literal(one) !== undefined)]),
  );

/**
 * The log's own remarks. `torn-end`: what was being written when the server was killed was cut off, harmless;
 * the others: something is gone or was changed while the server did not run.
 */
export type Note = 'torn-end' | 'records-missing' | 'mark-missing' | 'mark-false';

/** A record as it stands in the log: numbered, with the time of writing. */
export interface Recorded extends AuditRecord {
  readonly seq: number;
  /** Name of the log that it stands in; absent: that of a process that serves alone. */
  readonly log?: string;
  /** Milliseconds; never before that of the record before. */
  readonly recorded: number;
  readonly note?: Note;
}
