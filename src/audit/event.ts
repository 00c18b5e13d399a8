/**
 * A record as AuditEvents, made only when somebody reads them: one for each distinct patient, with ids that stay the same.
 * Profiles: IHE Basic Audit Log Patterns, https://profiles.ihe.net/ITI/BALP/
 * R4: https://hl7.org/fhir/R4/auditevent.html
 * @module
 */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from '@medplum/fhirtypes';
import type { Disclosure } from '../fhir/model/exchange.ts';
import type { Recorded } from './record.ts';

const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
const restful = 'http://hl7.org/fhir/restful-interaction';
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const balp = 'https://profiles.ihe.net/ITI/BALP';
const entityTypes = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const roles = 'http://terminology.hl7.org/CodeSystem/object-role';

/** Where the log says which server recorded. */
export const defaultBase = 'urn:noren';

type Kind = 'create' | 'read' | 'update' | 'delete' | 'query' | 'other';

const kinds: Readonly<Record<string, Kind>> = {
  create: 'create',
  read: 'read',
  vread: 'read',
  update: 'update',
  patch: 'update',
  delete: 'delete',
  search: 'query',
  'search-type': 'query',
  'search-system': 'query',
};
const readers: ReadonlySet<string> = new Set([
  'read',
  'vread',
  'history',
  'history-instance',
  'history-type',
  'history-system',
  'capabilities',
]);
/** R4: https://hl7.org/fhir/R4/valueset-system-restful-interaction.html and type-restful-interaction */
const interactions: ReadonlySet<string> = new Set([...Object.keys(kinds), ...readers, 'transaction', 'batch', 'operation']);

/** Whether data left under a study. A batch is an event of its own, in which something may have left. */
const isExport = (r: Recorded): boolean => r.disclosures !== undefined && r.interaction === '$deidentify';

/** R4: https://hl7.org/fhir/R4/valueset-audit-event-action.html */
export const actionOf = (r: Recorded): 'C' | 'R' | 'U' | 'D' | 'E' => {
  if (isExport(r)) return 'R';
  const kind = kinds[r.interaction];
  if (kind === 'create') return 'C';
  if (kind === 'update') return 'U';
  if (kind === 'delete' || r.interaction.startsWith('delete-history') || r.interaction === '$purge') return 'D';
  return readers.has(r.interaction) ? 'R' : 'E';
};

/** 0 done; 4 refused; 8 refused for want of right, or failed; 12 the server could not. R4: https://hl7.org/fhir/R4/valueset-audit-event-outcome.html */
export const outcomeOf = ({ status }: Recorded): '0' | '4' | '8' | '12' => {
  if (status >= 100 && status < 400) return '0';
  if (status === 503 || status === 504 || status === 507) return '12';
  return status === 401 || status === 403 || status >= 500 || status < 100 ? '8' : '4';
};

export const typeOf = (r: Recorded): Coding => {
  if (isExport(r)) return { system: dcm, code: '110106', display: 'Export' };
  if (r.interaction === 'token') return { system: dcm, code: '110114', display: 'User Authentication' };
  if (r.interaction === 'audit') return { system: dcm, code: '110101', display: 'Audit Log Used' };
  return { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest', display: 'RESTful Operation' };
};

const lifecycle = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
const exported: readonly Coding[] = [
  { system: lifecycle, code: 'disclose', display: 'Disclose Record Lifecycle Event' },
  { system: lifecycle, code: 'deidentify', display: 'De-Identify (Anononymize) Record Lifecycle Event' },
];

export const subtypesOf = (r: Recorded): Coding[] => {
  if (r.interaction === 'token') return [{ system: 'urn:ihe:event-type-code', code: 'ITI-71', display: 'Get Access Token' }];
  if (r.interaction === 'audit') return [{ system: 'https://noren.example/fhir/CodeSystem/audit-note', code: r.note ?? 'start' }];
  // A batch in which something left is found as such.
  if (interactions.has(r.interaction)) return [{ system: restful, code: r.interaction }, ...(r.disclosures === undefined ? [] : exported)];
  const own = (name: string, code: string): Coding => ({ system: `https://noren.example/fhir/CodeSystem/${name}`, code });
  // Discovery, a CORS question, a path that means nothing: no interaction of FHIR's.
  if (!r.interaction.startsWith('$')) return [own('audit-interaction', r.interaction)];
  const operation = [{ system: restful, code: 'operation' }, own('operation', r.interaction.slice(1))];
  return isExport(r) ? [...exported, ...operation] : operation;
};

/** How many AuditEvents a record gives: one for each patient, one where there is none. */
export const countOf = (r: Recorded): number => Math.max(1, r.patients?.length ?? 0);

/** `12` for a record with one event, `12-1`, `12-2` … else; `w2.12` in the log of one of several processes. */
export const idOf = (r: Recorded, index: number): string =>
  (r.log === undefined ? '' : `${r.log}.`) + (countOf(r) === 1 ? String(r.seq) : `${r.seq}-${index + 1}`);

export const parseEventId = (id: string): { log: string; seq: number; index: number } | undefined => {
  const m = /^(?:(w[1-9]\d{0,2})\.)?([1-9]\d{0,14})(?:-([1-9]\d{0,8}))?$/.exec(id);
  return m ? { log: m[1] ?? '', seq: Number(m[2]), index: m[3] === undefined ? 0 : Number(m[3]) - 1 } : undefined;
};

/** `Type/id`, with the version where it is known. */
export const subjectOf = (r: Recorded): string | undefined => {
  if (r.type === undefined || r.id === undefined) return undefined;
  return r.versionId === undefined ? `${r.type}/${r.id}` : `${r.type}/${r.id}/_history/${r.versionId}`;
};

const coding = (system: string, code: string, display?: string): Coding => ({
  system,
  code,
  ...(display === undefined ? {} : { display }),
});
const concept = (...codings: Coding[]) => ({ coding: codings });
const source = coding(dcm, '110153', 'Source Role ID');
const destination = coding(dcm, '110152', 'Destination Role ID');
const application = coding(dcm, '110150', 'Application');
const custodian = coding('http://terminology.hl7.org/CodeSystem/provenance-participant-type', 'custodian', 'Custodian');
const oauthService = coding(`${balp}/CodeSystem/UserAgentTypes`, 'AuthzOauthService');

/** Agent types of client and server, by the direction that the data take. */
function ends(r: Recorded): readonly [client: Coding, server: Coding] {
  if (r.interaction === 'token') return [application, oauthService];
  if (r.interaction === 'delete') return [application, custodian];
  return readers.has(r.interaction) || isExport(r) ? [destination, source] : [source, destination];
}

/** Who signed in to the app, or the institution whose system it is. */
const whoOf = ({ user, sender }: Recorded): { reference?: string } =>
  user !== undefined ? { reference: user } : sender?.startsWith('Organization/') ? { reference: sender } : {};

function agents(r: Recorded, base: string): AuditEventAgent[] {
  const [client, server] = ends(r);
  const user: AuditEventAgent | undefined =
    r.client === undefined || r.role === undefined
      ? undefined
      : {
          type: concept(
            ...(['create', 'update', 'delete'].includes(kinds[r.interaction] ?? '')
              ? [coding(participation, 'AUT', 'author (originator)')]
              : [coding(participation, 'IRCP', 'information recipient')]),
            ...(r.token === undefined || r.interaction === 'token' ? [] : [coding(`${balp}/CodeSystem/UserAgentTypes`, 'UserOauthAgent')]),
          ),
          role: [concept(coding('https://noren.example/fhir/CodeSystem/client-kind', r.role))],
          who: { ...whoOf(r), identifier: { value: r.client } },
          name: r.client,
          requestor: true,
          ...(r.token === undefined ? {} : { policy: [`urn:ietf:params:oauth:jti:${r.token}`] }),
          ...(r.purpose === undefined
            ? {}
            : { purposeOfUse: [concept(coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', r.purpose))] }),
        };
  return [
    {
      type: concept(client),
      who: r.client === undefined ? { display: 'unknown client' } : { identifier: { value: r.client } },
      requestor: user === undefined,
      network: r.address === undefined ? { address: 'unknown', type: '1' } : { address: r.address, type: '2' },
    },
    {
      type: concept(server),
      who: { identifier: { value: base }, display: 'Noren' },
      requestor: false,
      network: { address: base, type: '5' },
    },
    ...(user === undefined ? [] : [user]),
  ];
}

/** The request as it may be known: path and names of parameters, no value of theirs. */
export const requestLine = (r: Recorded): string => {
  const path = [r.type, r.id, ...(r.interaction.startsWith('$') ? [r.interaction] : [])].filter(part => part !== undefined).join('/');
  const query = (r.parameters ?? []).map(name => `${name}=`).join('&');
  return `${r.method ?? 'GET'} ${path}${query === '' ? '' : `?${query}`}`;
};

/** What left, under which study, and by what; the patient stands beside it. Nothing of it leads from him to his pseudonym. */
function disclosed({ study, policy, hash, plan, dataSet }: Disclosure): AuditEventEntity[] {
  const type = coding(entityTypes, '2', 'System Object');
  const rule = (what: string, value: string, display: string): AuditEventEntity => ({
    what: { type: 'Library', identifier: { system: `${policy.split('|')[0]}#${what}`, value }, display },
    type,
    role: coding(roles, '13', 'Security Resource'),
  });
  return [
    {
      what:
        dataSet === undefined
          ? { type: 'MeasureReport', display: 'Count' }
          : { type: 'Bundle', identifier: { system: 'urn:ietf:rfc:3986', value: dataSet } },
      type,
      role: coding(roles, '3', 'Report'),
    },
    { what: { reference: study }, type, role: coding(roles, '4', 'Domain Resource') },
    rule('sha-256', hash, `Policy ${policy}`),
    ...(plan === undefined ? [] : [rule('plan', plan, 'Plan of the data set')]),
  ];
}

function entities(r: Recorded, patient: string | undefined): AuditEventEntity[] {
  const object = coding(entityTypes, '2', 'System Object');
  const data = (reference: string): AuditEventEntity => ({
    what: { reference },
    type: object,
    role: coding(roles, '4', 'Domain Resource'),
  });
  const subject = subjectOf(r);
  const kind = kinds[r.interaction];
  return [
    ...(kind === 'query' || subject === undefined ? [] : [data(subject)]),
    ...(kind !== 'query' && subject === undefined && r.type !== undefined
      ? [{ what: { type: r.type as 'Patient', display: r.type }, type: object, role: coding(roles, '4', 'Domain Resource') }]
      : []),
    ...Object.values(r.entries ?? {}).flatMap(references => references.map(data)),
    ...(r.disclosures ?? []).flatMap(disclosed),
    ...(kind === 'query' || (r.parameters?.length ?? 0) > 0 || r.interaction === 'token'
      ? [{ type: object, role: coding(roles, '24', 'Query'), query: Buffer.from(requestLine(r)).toString('base64') }]
      : []),
    ...(patient === undefined
      ? []
      : [{ what: { reference: patient }, type: coding(entityTypes, '1', 'Person'), role: coding(roles, '1', 'Patient') }]),
    { what: { identifier: { value: r.requestId } }, type: coding(`${balp}/CodeSystem/BasicAuditEntityType`, 'XrequestId') },
    ...(outcomeOf(r) === '0'
      ? []
      : [{ what: { reference: '#outcome' }, type: coding('http://hl7.org/fhir/resource-types', 'OperationOutcome') }]),
  ];
}

const profiles: Readonly<Record<Kind, string>> = {
  create: 'Create',
  read: 'Read',
  update: 'Update',
  delete: 'Delete',
  query: 'Query',
  other: '',
};

/** The BALP profile that a successful event follows; none where the guide has no pattern for it. */
function profileOf(r: Recorded, patient: string | undefined): string | undefined {
  if (isExport(r)) return patient === undefined ? undefined : `${balp}/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source`;
  const kind = kinds[r.interaction] ?? 'other';
  if (kind === 'other' || outcomeOf(r) !== '0' || (kind !== 'query' && r.type === undefined)) return undefined;
  return `${balp}/StructureDefinition/IHE.BasicAudit.${patient === undefined ? '' : 'Patient'}${profiles[kind]}`;
}

/** The event of a record's n-th patient (n from 0); `undefined` where there is no such. */
export function render(r: Recorded, index: number, base: string = defaultBase): AuditEvent | undefined {
  if (index < 0 || index >= countOf(r)) return undefined;
  const patient = r.patients?.[index];
  const profile = profileOf(r, patient);
  const outcome = outcomeOf(r);
  return {
    resourceType: 'AuditEvent',
    id: idOf(r, index),
    meta: { versionId: '1', lastUpdated: new Date(r.recorded).toISOString(), ...(profile === undefined ? {} : { profile: [profile] }) },
    ...(outcome === '0'
      ? {}
      : {
          contained: [
            {
              resourceType: 'OperationOutcome',
              id: 'outcome',
              issue: [
                { severity: 'error', code: (r.issue ?? 'processing') as 'processing', details: { text: `Answered with ${r.status}.` } },
              ],
            },
          ],
        }),
    type: typeOf(r),
    subtype: subtypesOf(r),
    action: actionOf(r),
    period: { start: new Date(r.time).toISOString(), end: new Date(Math.max(r.time, r.recorded)).toISOString() },
    recorded: new Date(r.recorded).toISOString(),
    outcome,
    ...(outcome === '0' ? {} : { outcomeDesc: `HTTP ${r.status}` }),
    ...(r.purpose === undefined
      ? {}
      : { purposeOfEvent: [concept(coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', r.purpose))] }),
    agent: agents(r, base),
    source: {
      observer: { identifier: { value: base }, display: 'Noren' },
      type: [coding('http://terminology.hl7.org/CodeSystem/security-source-type', '4', 'Application Server')],
    },
    entity: entities(r, patient),
  };
}
