/**
 * Who may do what with which resources: one table, group of types × kind of client. A token's scopes can only take away from it.
 * Rows are letters of `cruds` (create, read, update, delete, search) and how far they reach; an empty cell is no.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html (a scope gives no more than the client has)
 * @module
 */
import type { CompartmentDefinition } from '@medplum/fhirtypes';
import type { Access, Agent, Criterion, Reach, Role } from '../fhir/model/access.ts';
import { notForPatients } from '../fhir/model/indication.ts';
import { definition, resourceTypes } from '../fhir/model/r4.ts';
import type { Client, ClientKind } from './clients.ts';
import { type Context, lettersFor, type Scope, scopesFor } from './scopes.ts';

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
  conformance: {
    tester: 'cruds all',
    institution: 'rs all',
    researcher: '',
    operator: 'cruds all',
    'patient-app': '',
    'staff-app': 'rs all',
  },
  // A hospital's bundles bring their own staff and departments; it changes only what it sent (the interactions ask the store who sent it).
  directory: {
    tester: 'cruds all',
    institution: 'cruds all',
    researcher: '',
    operator: 'cruds all',
    'patient-app': '',
    'staff-app': 'rs all',
  },
  study: { tester: 'cruds all', institution: '', researcher: 'r bound', operator: 'cruds all', 'patient-app': '', 'staff-app': '' },
  measure: { tester: 'cruds all', institution: '', researcher: '', operator: 'cruds all', 'patient-app': '', 'staff-app': '' },
  text: {
    tester: 'cruds all',
    institution: 'cruds sent',
    researcher: '',
    operator: 'cruds all',
    'patient-app': 'rs all',
    'staff-app': 'rs sent',
  },
  cohort: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: 'cruds all', 'patient-app': '', 'staff-app': '' },
  communication: {
    tester: 'cruds all',
    institution: 'cruds sent',
    researcher: '',
    operator: 'cruds all',
    'patient-app': 'rs own',
    'staff-app': 'cruds sent',
  },
  consent: {
    tester: 'cruds all',
    institution: 'cruds sent',
    researcher: '',
    operator: 'cruds all',
    'patient-app': 'crus own',
    'staff-app': 'cruds sent',
  },
  // Of documents the operator reads the receipts that this server made, and no letter of a hospital.
  document: {
    tester: 'cruds all',
    institution: 'cruds sent',
    researcher: '',
    operator: 'rs receipts',
    'patient-app': 'rs own',
    'staff-app': 'rs sent',
  },
  audit: { tester: 'cruds all', institution: '', researcher: '', operator: 'rs log', 'patient-app': '', 'staff-app': '' },
  subscription: { tester: 'cruds all', institution: '', researcher: '', operator: '', 'patient-app': '', 'staff-app': '' },
  record: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: '', 'patient-app': 'rs own', 'staff-app': 'rs sent' },
  other: { tester: 'cruds all', institution: 'cruds sent', researcher: '', operator: '', 'patient-app': '', 'staff-app': '' },
};

interface OperationRight {
  readonly kinds: readonly ClientKind[];
  /** Resource type (or `*`) → letters that the token's scopes must hold. An operation whose answer can hold any type needs to read and search all. */
  readonly needs: Readonly<Record<string, string>>;
}

/** Who reads conformance resources. */
const readers: readonly ClientKind[] = ['tester', 'institution', 'operator', 'staff-app'];

/** $operations, by the ids of their definitions: which kinds of client may call them, and what their token must allow. */
const operations: Readonly<Record<string, OperationRight>> = {
  'CodeSystem-find-matches': { kinds: readers, needs: { CodeSystem: 'rs' } },
  'CodeSystem-lookup': { kinds: readers, needs: { CodeSystem: 'rs' } },
  'CodeSystem-subsumes': { kinds: readers, needs: { CodeSystem: 'rs' } },
  'CodeSystem-validate-code': { kinds: readers, needs: { CodeSystem: 'rs' } },
  'ConceptMap-closure': { kinds: readers, needs: { CodeSystem: 'rs' } },
  'ConceptMap-translate': { kinds: readers, needs: { ConceptMap: 'rs' } },
  'Resource-convert': { kinds: readers, needs: {} },
  // What they tell of or change is asked of the interactions, type by type.
  'Resource-meta': { kinds: readers, needs: {} },
  'Resource-meta-add': { kinds: readers, needs: {} },
  'Resource-meta-delete': { kinds: readers, needs: {} },
  'Resource-validate': { kinds: readers, needs: {} },
  'ValueSet-expand': { kinds: readers, needs: { CodeSystem: 'rs', ValueSet: 'rs' } },
  'ValueSet-validate-code': { kinds: readers, needs: { CodeSystem: 'rs', ValueSet: 'rs' } },
  'Encounter-everything': { kinds: ['tester', 'institution', 'patient-app', 'staff-app'], needs: { Encounter: 'r' } },
  'Group-everything': { kinds: ['tester', 'institution'], needs: { Group: 'r' } },
  'Patient-everything': { kinds: ['tester', 'institution', 'patient-app', 'staff-app'], needs: { Patient: 'r' } },
  acknowledge: { kinds: ['institution', 'operator', 'patient-app', 'staff-app'], needs: { Consent: 'r', DocumentReference: 'r' } },
  // Data that are handed in, and nothing that is stored here; so does de-identify.
  anonymize: { kinds: ['tester', 'institution', 'operator'], needs: { '*': 'rs' } },
  'check-objections': { kinds: ['institution', 'operator', 'staff-app'], needs: { Consent: 'rs' } },
  'consent-decision': { kinds: ['tester', 'operator'], needs: { '*': 'rs' } },
  'de-identify': { kinds: ['tester', 'institution', 'operator'], needs: { '*': 'rs' } },
  deidentify: { kinds: ['tester', 'institution', 'researcher', 'operator'], needs: { '*': 'rs' } },
  'entered-without-notice': { kinds: ['operator'], needs: { '*': 'rs' } },
  'explain-search': { kinds: ['operator'], needs: { '*': 'rs' } },
  holdings: { kinds: ['patient-app'], needs: { Patient: 'r' } },
  'index-status': { kinds: ['tester', 'operator'], needs: { SearchParameter: 'rs' } },
  // A tester exists in a sandbox only.
  purge: { kinds: ['tester', 'operator'], needs: { '*': 'd' } },
  reconcile: { kinds: ['institution'], needs: { Communication: 'rs', Consent: 'rs' } },
  'record-notices': { kinds: ['institution', 'operator', 'staff-app'], needs: { Communication: 'crs' } },
  'release-register': { kinds: ['operator'], needs: { ResearchStudy: 'rs' } },
  releases: { kinds: ['operator', 'patient-app'], needs: { Patient: 'r' } },
  resume: { kinds: ['operator'], needs: { '*': 'rs' } },
  stop: { kinds: ['operator'], needs: { '*': 'rs' } },
  'switch-client': { kinds: ['operator'], needs: { '*': 'rs' } },
  'verify-receipt': { kinds: ['institution', 'operator', 'patient-app', 'staff-app'], needs: { DocumentReference: 'r' } },
  'who-was-told': { kinds: ['institution', 'operator'], needs: { Communication: 'rs' } },
};

const operationsFor = (kind: ClientKind, scopes: readonly Scope[], contexts: readonly Context[]): string[] =>
  Object.entries(operations).flatMap(([code, { kinds, needs }]) => {
    const may = contexts.some(context =>
      Object.entries(needs).every(([type, letters]) => {
        // An operation answers for the whole of a type: a scope with a query does not stand for that.
        const allowed = lettersFor(
          scopes.filter(scope => scope.where === undefined),
          context,
          type,
        );
        return [...letters].every(letter => allowed.includes(letter));
      }),
    );
    return kinds.includes(kind) && may ? [code] : [];
  });

/** Role and v3-PurposeOfUse of a kind, and the contexts that its scopes may have. */
const actsAs: Readonly<Record<ClientKind, { role: Role; purpose: string; contexts: readonly Context[] }>> = {
  tester: { role: 'tester', purpose: 'HOPERAT', contexts: ['system'] },
  institution: { role: 'institution', purpose: 'TREAT', contexts: ['system'] },
  researcher: { role: 'researcher', purpose: 'HRESCH', contexts: ['system'] },
  operator: { role: 'operator', purpose: 'HOPERAT', contexts: ['system'] },
  'patient-app': { role: 'patient', purpose: 'PATRQT', contexts: ['patient'] },
  'staff-app': { role: 'institution', purpose: 'TREAT', contexts: ['user', 'patient'] },
};

/** The contexts a kind's scopes may have: a system client's `patient/…` means nothing, and the other way round. */
export const contextsOf = (kind: ClientKind): readonly Context[] => actsAs[kind].contexts;

/** What consent/ gives its receipts as type; nobody but this server stores such a document (consent/gate.ts). As a search by `type` would say it. */
const receipts: Criterion = {
  kind: 'token',
  code: 'type',
  values: [{ system: 'https://noren.example/fhir/CodeSystem/document-type', code: 'objection-receipt' }],
  not: false,
} as Criterion;

function reachFor(extent: string, client: Client, agent: Agent): Reach {
  if (extent === 'all') return [{}];
  if (extent === 'sent') return [{ sender: agent.sender }];
  if (extent === 'receipts') return [{ where: [receipts] }];
  if (extent === 'bound') return [{ ids: client.studies ?? [] }];
  if (extent === 'own' && agent.patient !== undefined) return [{ patient: agent.patient }];
  return [];
}

/** Who signed in to an app. */
export interface Person {
  /** `Patient/<id>`, `RelatedPerson/<id>`, `Practitioner/<id>` … */
  readonly fhirUser: string;
  /** staff: `Organization/<id>`. */
  readonly organization?: string;
}

/**
 * What this client may do under these scopes: the table's rights ∩ the scopes. A type that the scopes do not let it read, change or delete is out of its
 * reach as well, so that no chain and no include tells of it.
 * @param patient `Patient/<id>`, for an app with a patient in context; a patient app without it reaches nothing
 * @param token jti
 */
export function accessOf(client: Client, scopes: readonly Scope[], patient?: string, token?: string, person?: Person): Access {
  const { role, purpose, contexts } = actsAs[client.kind];
  const own = client.kind === 'patient-app' || client.kind === 'staff-app' ? patient : undefined;
  const organization = client.kind === 'staff-app' ? person?.organization : client.kind === 'institution' ? client.organization : undefined;
  const agent: Agent = {
    client: client.client_id,
    role,
    sender: organization ?? `client/${client.client_id}`,
    purpose,
    ...(own === undefined ? {} : { patient: own }),
    ...(person === undefined ? {} : { user: person.fhirUser }),
    ...(token === undefined ? {} : { token }),
  };
  const permits: Record<string, string> = {};
  const reach: Record<string, Reach> = {};
  const within: Record<string, NonNullable<Access['within']>[string]> = {};
  for (const type of resourceTypes) {
    const [letters = '', extent = ''] = rights[groupOf(type)][client.kind].split(' ');
    // The wider context that says anything of a type is the one that counts for it: letters of one never go with the reach of another.
    const context = contexts.find(one => lettersFor(scopes, one, type) !== '');
    if (context === undefined || (context === 'patient' && own === undefined)) continue;
    const asked = lettersFor(scopes, context, type);
    // What a member of staff writes is about whom it says: the patient in context limits what he reads, and gives no leave to write.
    const inContext = context === 'patient' && client.kind === 'staff-app' ? 'rs' : 'cruds';
    const may = [...letters].filter(letter => asked.includes(letter) && inContext.includes(letter)).join('');
    if (may !== '') permits[type] = may;
    const known = /[ruds]/.test(may) ? reachFor(extent, client, agent) : [];
    const narrowed = context === 'patient' ? known.map(clause => ({ ...clause, patient: own! })) : known;
    const mine = scopesFor(scopes, context, type);
    // Who may change but neither read nor search knows of a resource as he changes it, and by nothing else.
    const isBlind = /[ud]/.test(may) && !/[rs]/.test(may);
    const isQueried = mine.some(scope => scope.where !== undefined);
    const unqueried = isBlind ? narrowed.map(clause => ({ ...clause, letters: may })) : narrowed;
    const clauses = isQueried ? mine.flatMap(scope => underScope(narrowed, scope, may)) : unqueried;
    if (clauses.length > 0) reach[type] = clauses;
    if (isQueried || isBlind) within[type] = { ...mustMeet(mine, 'c'), ...mustMeet(mine, 'u') };
  }
  return {
    agent,
    permits: shortened(permits, ''),
    operations: operationsFor(client.kind, scopes, contexts),
    // Letters on a clause are those of its own type.
    ...(Object.keys(within).length === 0 ? { reach: shortened<Reach>(reach, []) } : { reach, within }),
    without: [],
    ...(role === 'patient' ? { withoutTags: notForPatients } : {}),
    studies: client.kind === 'researcher' ? (client.studies ?? []) : [],
  };
}

/** What may be known of by one scope alone: its letters do not go with another's query. */
function underScope(reach: Reach, { letters, where }: Scope, may: string): Reach {
  const held = [...letters].filter(letter => may.includes(letter)).join('');
  if (!/[ruds]/.test(held)) return [];
  return reach.map(clause => ({ ...clause, ...(where === undefined ? {} : { where }), letters: held }));
}

/** What a resource must meet when it is written with this letter; nothing where a scope without a query gives the letter. */
function mustMeet(scopes: readonly Scope[], letter: 'c' | 'u'): { readonly [key in typeof letter]?: readonly (readonly Criterion[])[] } {
  const having = scopes.filter(({ letters }) => letters.includes(letter));
  return having.some(({ where }) => where === undefined) ? {} : { [letter]: having.map(({ where }) => where!) };
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
