/**
 * Who may do what with which resources: one table, group of types × kind of client. A token's scopes can only take away from it.
 * Rows are letters of `cruds` (create, read, update, delete, search) and how far they reach; an empty cell is no.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html (a scope gives no more than the client has)
 * @module
 */
import type { CompartmentDefinition } from '@medplum/fhirtypes';
import type { Access, Agent, Reach, Role } from '../fhir/model/access.ts';
import { definition, resourceTypes } from '../fhir/model/r4.ts';
import type { Client, ClientKind } from './clients.ts';
import { type Context, lettersFor, type Scope } from './scopes.ts';

/** all: everybody's · sent: what this sender sent · bound: the studies it is bound to · own: its patient's compartment · receipts: receipts of objections, whoever sent the objection · log: not from the store, served from the audit log. */
type Extent = 'all' | 'sent' | 'bound' | 'own' | 'receipts' | 'log';
type Cell = '' | `${string} ${Extent}`;

const compartment: ReadonlySet<string> = new Set(
  definition<CompartmentDefinition>('compartmentdefinition-patient.json')
    .resource!.filter(r => (r.param ?? []).length > 0)
    .map(r => r.code),
);

/** Groups of types that are named; what is in none of them is `record` (the patient compartment) or `other`. */
const named = {
  conformance:
    'CapabilityStatement CodeSystem CompartmentDefinition ConceptMap ExampleScenario GraphDefinition ImplementationGuide MessageDefinition NamingSystem OperationDefinition SearchParameter StructureDefinition StructureMap TerminologyCapabilities ValueSet',
  directory: 'Organization Practitioner PractitionerRole',
  study: 'ResearchStudy',
  measure: 'Measure',
  // The texts of notices; an institution's names no patient (consent/).
  text: 'Questionnaire',
  // Stands in the compartment of each member and names all the others.
  cohort: 'Group',
  communication: 'Communication',
  consent: 'Consent',
  document: 'DocumentReference',
  audit: 'AuditEvent',
  // Sends data to an address of the client's choice.
  subscription: 'Subscription',
} as const;

export type TypeGroup = keyof typeof named | 'record' | 'other';

const groups: ReadonlyMap<string, TypeGroup> = new Map(
  Object.entries(named).flatMap(([group, types]) => types.split(' ').map(type => [type, group as TypeGroup] as const)),
);

/** The row of the table that a resource type stands in. */
export const groupOf = (type: string): TypeGroup => groups.get(type) ?? (compartment.has(type) ? 'record' : 'other');

/** The table. */
export const rights: Readonly<Record<TypeGroup, Readonly<Record<ClientKind, Cell>>>> = {
  conformance: { tester: 'cruds all', institution: 'rs all', researcher: '', operator: 'cruds all', 'patient-app': '' },
  // A hospital's bundles bring their own staff and departments; it changes only what it sent (the interactions ask the store who sent it).
  directory: { tester: 'cruds all', institution: 'cruds all', researcher: '', operator: 'cruds all', 'patient-app': '' },
  study: { tester: 'cruds all', institution: '', researcher: 'r bound', operator: 'cruds all', 'patient-app': '' },
  measure: { tester: 'cruds all', institution: '', researcher: '', operator: 'cruds all', 'patient-app': '' },
  text: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: 'cruds all', 'patient-app': '' },
  cohort: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: 'cruds all', 'patient-app': '' },
  communication: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: 'cruds all', 'patient-app': 'rs own' },
  consent: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: 'cruds all', 'patient-app': 'crus own' },
  // Of documents the operator reads the receipts that this server made, and no letter of a hospital.
  document: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: 'rs receipts', 'patient-app': 'rs own' },
  audit: { tester: 'cruds all', institution: '', researcher: '', operator: 'rs log', 'patient-app': '' },
  subscription: { tester: 'cruds all', institution: '', researcher: '', operator: '', 'patient-app': '' },
  record: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: '', 'patient-app': 'rs own' },
  other: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: '', 'patient-app': '' },
};

interface OperationRight {
  readonly kinds: readonly ClientKind[];
  /** Resource type (or `*`) → letters that the token's scopes must hold. An operation whose answer can hold any type needs to read and search all. */
  readonly needs: Readonly<Record<string, string>>;
}

/** $operations: which kinds of client may call them, and what their token must allow. */
const operations: Readonly<Record<string, OperationRight>> = {
  acknowledge: { kinds: ['institution', 'operator', 'patient-app'], needs: { Consent: 'r', DocumentReference: 'r' } },
  'check-objections': { kinds: ['institution', 'operator'], needs: { Consent: 'rs' } },
  'consent-decision': { kinds: ['tester', 'operator'], needs: { '*': 'rs' } },
  deidentify: { kinds: ['tester', 'institution', 'researcher', 'operator'], needs: { '*': 'rs' } },
  'entered-without-notice': { kinds: ['operator'], needs: { '*': 'rs' } },
  reconcile: { kinds: ['institution'], needs: { Communication: 'rs', Consent: 'rs' } },
  resume: { kinds: ['operator'], needs: { '*': 'rs' } },
  stop: { kinds: ['operator'], needs: { '*': 'rs' } },
  'switch-client': { kinds: ['operator'], needs: { '*': 'rs' } },
  'verify-receipt': { kinds: ['institution', 'operator', 'patient-app'], needs: { DocumentReference: 'r' } },
};

const operationsFor = (kind: ClientKind, scopes: readonly Scope[], context: Context): string[] =>
  Object.entries(operations).flatMap(([code, { kinds, needs }]) => {
    const may = Object.entries(needs).every(([type, letters]) => {
      const allowed = lettersFor(scopes, context, type);
      return [...letters].every(letter => allowed.includes(letter));
    });
    return kinds.includes(kind) && may ? [code] : [];
  });

/** Role and v3-PurposeOfUse of a kind, and the context that its scopes must have. */
const actsAs: Readonly<Record<ClientKind, { role: Role; purpose: string; context: Context }>> = {
  tester: { role: 'tester', purpose: 'HOPERAT', context: 'system' },
  institution: { role: 'institution', purpose: 'TREAT', context: 'system' },
  researcher: { role: 'researcher', purpose: 'HRESCH', context: 'system' },
  operator: { role: 'operator', purpose: 'HOPERAT', context: 'system' },
  'patient-app': { role: 'patient', purpose: 'PATRQT', context: 'patient' },
};

/** The context a kind's scopes must have: a system client's `patient/…` means nothing, and the other way round. */
export const contextOf = (kind: ClientKind): Context => actsAs[kind].context;

/** What consent/ gives its receipts as type; nobody but this server stores such a document (consent/gate.ts). */
const receiptType = {
  parameter: 'type',
  system: 'https://noren.example/fhir/CodeSystem/document-type',
  code: 'objection-receipt',
} as const;

function reachFor(extent: string, client: Client, agent: Agent): Reach {
  if (extent === 'all') return [{}];
  if (extent === 'sent') return [{ sender: agent.sender }];
  if (extent === 'receipts') return [{ coded: receiptType }];
  if (extent === 'bound') return [{ ids: client.studies ?? [] }];
  if (extent === 'own' && agent.patient !== undefined) return [{ patient: agent.patient }];
  return [];
}

/**
 * What this client may do under these scopes: the table's rights ∩ the scopes. A type that the scopes do not let it read, change or delete is out of its
 * reach as well, so that no chain and no include tells of it.
 * @param patient `Patient/<id>`, for a patient app; without it there is nothing for such a client
 * @param token jti
 */
export function accessOf(client: Client, scopes: readonly Scope[], patient?: string, token?: string): Access {
  const { role, purpose, context } = actsAs[client.kind];
  const own = client.kind === 'patient-app' ? patient : undefined;
  const agent: Agent = {
    client: client.client_id,
    role,
    sender: client.kind === 'institution' && client.organization !== undefined ? client.organization : `client/${client.client_id}`,
    purpose,
    ...(own === undefined ? {} : { patient: own }),
    ...(token === undefined ? {} : { token }),
  };
  const permits: Record<string, string> = {};
  const reach: Record<string, Reach> = {};
  for (const type of resourceTypes) {
    const [letters = '', extent = ''] = rights[groupOf(type)][client.kind].split(' ');
    const asked = lettersFor(scopes, context, type);
    const may = extent === 'own' && own === undefined ? '' : [...letters].filter(letter => asked.includes(letter)).join('');
    if (may !== '') permits[type] = may;
    const known = /[ruds]/.test(may) ? reachFor(extent, client, agent) : [];
    if (known.length > 0) reach[type] = known;
  }
  return {
    agent,
    permits: shortened(permits, ''),
    operations: operationsFor(client.kind, scopes, context),
    reach: shortened<Reach>(reach, []),
    without: [],
    studies: client.kind === 'researcher' ? (client.studies ?? []) : [],
  };
}

/** Where all types say the same (a tester): one `*` instead of 148 rows. */
function shortened<T>(byType: Readonly<Record<string, T>>, none: T): Readonly<Record<string, T>> {
  const says = (type: string) => JSON.stringify(byType[type] ?? none);
  const [first] = resourceTypes;
  return resourceTypes.every(type => says(type) === says(first!)) && byType[first!] !== undefined ? { '*': byType[first!]! } : byType;
}

/** Clinical resources name these, and a cohort or a Measure may be stored: what research reads beside the patient compartment. */
const researchToo =
  'Group Location Measure Medication MedicationKnowledge Organization Practitioner PractitionerRole Substance HealthcareService Device Library ValueSet CodeSystem ConceptMap'.split(
    ' ',
  );
/** Stands in the patient compartment and is about the law or the log, not about the patient's health. */
const notForResearch = new Set(['AuditEvent', 'Communication', 'CommunicationRequest', 'Consent', 'Person', 'Provenance']);

/**
 * What `$deidentify` reads for a researcher: everything clinical of everyone but those who object. Never handed to an interaction: the researcher himself reads none of it.
 * @param access of the researcher who asks; it keeps his agent and studies
 */
export function researchAccess(access: Access): Access {
  const types = [...[...compartment].filter(type => !notForResearch.has(type)), ...researchToo];
  return {
    agent: { ...access.agent, purpose: 'HRESCH' },
    permits: { ...Object.fromEntries(types.map(type => [type, 'rs'])), ResearchStudy: 'r' },
    operations: [],
    reach: {
      ...Object.fromEntries(types.map(type => [type, [{}] as Reach])),
      ResearchStudy: access.studies.length > 0 ? [{ ids: access.studies }] : [],
    },
    without: [...new Set([...access.without, 'objection'])],
    studies: access.studies,
  };
}
