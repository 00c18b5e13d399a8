// contract: who may do what. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html (a scope gives no more than the client has)
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Client, type ClientKind, defaultScope, kinds, sandboxClients } from '../../src/auth/clients.ts';
import { accessOf, groupOf, type Person, researchAccess, rights } from '../../src/auth/roles.ts';
import { parseScopes } from '../../src/auth/scopes.ts';
import { type Access, askedFor, type Letter, permits, reachOf } from '../../src/fhir/model/access.ts';
import { resourceTypes } from '../../src/fhir/model/r4.ts';

const client = (id: string): Client => {
  const row = sandboxClients.find(c => c.client_id === id)!;
  return { ...row, active: true, jwks: { keys: [] }, scope: defaultScope(row.kind) };
};
const access = (id: string, scope = client(id).scope, patient?: string): Access => accessOf(client(id), parseScopes(scope).known, patient);
const desk: Client = { client_id: 'desk-app', kind: 'staff-app', active: true, jwks: { keys: [] }, scope: defaultScope('staff-app') };
const staff: Person = { fhirUser: 'Practitioner/1', organization: 'Organization/hospital-1' };
const who: Record<ClientKind, Access> = {
  tester: access('tester'),
  institution: access('hospital-1'),
  researcher: access('researcher-1'),
  operator: access('operator'),
  'patient-app': access('patient-app', undefined, 'Patient/1'),
  'staff-app': accessOf(desk, parseScopes(desk.scope).known, undefined, undefined, staff),
};
const all: Letter[] = ['c', 'r', 'u', 'd', 's'];

// Type by type what each kind may do, written down by the contract and not taken from the table. Order: tester, institution, researcher, operator, patient app, staff app.
const expected: Record<string, readonly [string, string, string, string, string, string]> = {
  Patient: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  RelatedPerson: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  Encounter: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  Observation: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  Condition: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  Coverage: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  DocumentReference: ['cruds', 'cruds', '', 'rs', 'rs', 'rs'],
  Provenance: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  List: ['cruds', 'cruds', '', '', 'rs', 'rs'],
  Group: ['cruds', 'cruds', '', 'cruds', '', ''],
  Location: ['cruds', 'cruds', '', '', '', ''],
  Medication: ['cruds', 'cruds', '', '', '', ''],
  Binary: ['cruds', 'cruds', '', '', '', ''],
  Bundle: ['cruds', 'cruds', '', '', '', ''],
  Organization: ['cruds', 'cruds', '', 'cruds', '', 'rs'],
  Practitioner: ['cruds', 'cruds', '', 'cruds', '', 'rs'],
  PractitionerRole: ['cruds', 'cruds', '', 'cruds', '', 'rs'],
  StructureDefinition: ['cruds', 'rs', '', 'cruds', '', 'rs'],
  ValueSet: ['cruds', 'rs', '', 'cruds', '', 'rs'],
  CodeSystem: ['cruds', 'rs', '', 'cruds', '', 'rs'],
  SearchParameter: ['cruds', 'rs', '', 'cruds', '', 'rs'],
  OperationDefinition: ['cruds', 'rs', '', 'cruds', '', 'rs'],
  ResearchStudy: ['cruds', '', 'r', 'cruds', '', ''],
  Measure: ['cruds', '', '', 'cruds', '', ''],
  Consent: ['cruds', 'cruds', '', 'cruds', 'crus', 'cruds'],
  Communication: ['cruds', 'cruds', '', 'cruds', 'rs', 'cruds'],
  AuditEvent: ['cruds', '', '', 'rs', '', ''],
  Subscription: ['cruds', '', '', '', '', ''],
};

describe.each(Object.entries(expected))('%s', (type, cells) => {
  test.each(kinds.map((kind, i) => [kind, cells[i]!] as const))(`${type}: %s may "%s"`, (kind, letters) => {
    expect(all.filter(letter => permits(who[kind], letter, type)).join('')).toBe(letters);
  });
});

describe('the table, row by row', () => {
  const rows = Object.entries(rights).flatMap(([group, cells]) => kinds.map(kind => [group, kind, cells[kind]] as const));
  test.each(rows)('%s × %s: "%s" holds for every type of the group and no letter more', (group, kind, cell) => {
    const types = resourceTypes.filter(type => groupOf(type) === group);
    expect(types.length).toBeGreaterThan(0);
    for (const type of types)
      for (const letter of all) expect(permits(who[kind], letter, type)).toBe((cell.split(' ')[0] ?? '').includes(letter));
  });

  test('every type that is named in a group is a type of R4', () => {
    for (const group of Object.keys(rights)) expect(resourceTypes.some(type => groupOf(type) === group)).toBe(true);
  });
});

describe('reach', () => {
  test('a tester: everything', () => {
    for (const type of resourceTypes) expect(reachOf(who.tester, type)).toEqual([{}]);
  });

  test('an institution: what it sent itself; directory and conformance of everybody; nothing of studies and audit', () => {
    expect(reachOf(who.institution, 'Patient')).toEqual([{ sender: 'Organization/hospital-1' }]);
    expect(reachOf(who.institution, 'Consent')).toEqual([{ sender: 'Organization/hospital-1' }]);
    expect(reachOf(who.institution, 'Location')).toEqual([{ sender: 'Organization/hospital-1' }]);
    for (const type of ['Organization', 'Practitioner', 'StructureDefinition', 'ValueSet'])
      expect(reachOf(who.institution, type)).toEqual([{}]);
    for (const type of ['ResearchStudy', 'Measure', 'AuditEvent']) expect(reachOf(who.institution, type)).toEqual([]);
  });

  test('a researcher: the studies it is bound to; bound to none: nothing', () => {
    expect(reachOf(who.researcher, 'ResearchStudy')).toEqual([{ ids: ['sandbox-active', 'sandbox-second', 'sandbox-withdrawn'] }]);
    expect(reachOf(access('researcher-2'), 'ResearchStudy')).toEqual([{ ids: [] }]);
    for (const type of resourceTypes.filter(t => t !== 'ResearchStudy')) expect(reachOf(who.researcher, type)).toEqual([]);
  });

  test('an operator: nothing clinical, and no AuditEvent of the store', () => {
    for (const type of ['Patient', 'Observation', 'Encounter', 'RelatedPerson', 'Coverage', 'List', 'Binary', 'Bundle', 'AuditEvent'])
      expect(reachOf(who.operator, type)).toEqual([]);
    expect(reachOf(who.operator, 'Consent')).toEqual([{}]);
  });

  test('a patient app: its patient alone; without a patient: nothing at all', () => {
    const clauses = resourceTypes.flatMap(type => reachOf(who['patient-app'], type));
    expect(clauses.length).toBeGreaterThan(30);
    for (const clause of clauses) expect(clause).toEqual({ patient: 'Patient/1' });
    expect(who['patient-app'].withoutTags).toEqual(['UNINFORMED', 'UNDELIVERED']);
    expect(kinds.filter(kind => who[kind].withoutTags !== undefined)).toEqual(['patient-app']);
    const nobody = access('patient-app');
    for (const type of resourceTypes) {
      expect(reachOf(nobody, type)).toEqual([]);
      for (const letter of all) expect(permits(nobody, letter, type)).toBe(false);
    }
  });
});

describe('scopes take away and never add', () => {
  const context = fc.constantFrom('patient', 'user', 'system');
  const rightsOf = fc.oneof(
    fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }).map(l => l.join('')),
    fc.constantFrom('read', 'write', '*'),
  );
  const text = fc
    .array(
      fc.tuple(context, fc.constantFrom('*', ...Object.keys(expected)), rightsOf).map(([c, t, l]) => `${c}/${t}.${l}`),
      { maxLength: 5 },
    )
    .map(list => list.join(' '));

  test('whatever the scopes, no kind gains a letter or a clause of reach', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), text, (kind, scope) => {
        const narrow = accessOf(
          kind === 'staff-app' ? desk : client(who[kind].agent.client),
          parseScopes(scope).known,
          'Patient/1',
          undefined,
          staff,
        );
        for (const type of Object.keys(expected)) {
          for (const letter of all) if (permits(narrow, letter, type)) expect(permits(who[kind], letter, type)).toBe(true);
          const inContext = kind === 'staff-app' ? [reachOf(who[kind], type).map(clause => ({ ...clause, patient: 'Patient/1' }))] : [];
          const narrowed = reachOf(narrow, type).map(({ letters: _, ...clause }) => clause);
          expect([[], reachOf(who[kind], type), ...inContext]).toContainEqual(narrowed);
        }
        for (const operation of narrow.operations) expect(who[kind].operations).toContain(operation);
      }),
      { numRuns: 300 },
    );
  });

  test('a type outside the scopes is out of reach, for chains and includes too', () => {
    const narrow = access('tester', 'system/Patient.rs');
    expect(reachOf(narrow, 'Patient')).toEqual([{}]);
    expect(reachOf(narrow, 'Observation')).toEqual([]);
  });

  test('a scope that only creates brings nothing into reach', () => {
    expect(reachOf(access('tester', 'system/Patient.c'), 'Patient')).toEqual([]);
  });

  test('scopes of another context mean nothing', () => {
    expect(permits(access('tester', 'patient/*.cruds user/*.cruds'), 'r', 'Patient')).toBe(false);
    expect(permits(access('patient-app', 'system/*.cruds', 'Patient/1'), 'r', 'Patient')).toBe(false);
  });

  test('staff: a patient in context narrows what is read, and lets nothing be written; user/ wins where both are named', () => {
    const scopes = parseScopes('user/Patient.r patient/Patient.rs patient/Consent.cruds').known;
    const narrow = accessOf(desk, scopes, 'Patient/1', undefined, staff);
    expect([narrow.permits['Patient'], narrow.permits['Consent']]).toEqual(['r', 'rs']);
    expect(reachOf(narrow, 'Patient')).toEqual([{ sender: 'Organization/hospital-1' }]);
    expect(reachOf(narrow, 'Consent')).toEqual([{ sender: 'Organization/hospital-1', patient: 'Patient/1' }]);
    expect(accessOf(desk, parseScopes('patient/*.rs').known, undefined, undefined, staff).permits).toEqual({});
  });

  test('a patient named for another kind of client changes nothing', () => {
    expect(access('hospital-1', undefined, 'Patient/1')).toEqual(who.institution);
  });
});

/** What tells of nobody, or asks the interactions for what it tells of or changes. */
const harmless = [
  'CodeSystem-find-matches',
  'CodeSystem-lookup',
  'CodeSystem-subsumes',
  'CodeSystem-validate-code',
  'ConceptMap-closure',
  'ConceptMap-translate',
  'Resource-convert',
  'Resource-meta',
  'Resource-meta-add',
  'Resource-meta-delete',
  'Resource-validate',
  'ValueSet-expand',
  'ValueSet-validate-code',
];

const everything = ['Encounter-everything', 'Group-everything', 'Patient-everything'];

describe('operations', () => {
  test('each kind of client may call its own', () => {
    expect(Object.fromEntries(kinds.map(kind => [kind, who[kind].operations]))).toEqual({
      tester: [...harmless, ...everything, 'anonymize', 'consent-decision', 'de-identify', 'deidentify', 'index-status', 'purge'],
      institution: [
        ...harmless,
        ...everything,
        'acknowledge',
        'anonymize',
        'check-objections',
        'de-identify',
        'deidentify',
        'reconcile',
        'record-notices',
        'verify-receipt',
        'who-was-told',
      ],
      researcher: ['deidentify'],
      operator: [
        ...harmless,
        'acknowledge',
        'anonymize',
        'check-objections',
        'consent-decision',
        'de-identify',
        'deidentify',
        'entered-without-notice',
        'explain-search',
        'index-status',
        'purge',
        'record-notices',
        'release-register',
        'releases',
        'resume',
        'stop',
        'switch-client',
        'verify-receipt',
        'who-was-told',
      ],
      'patient-app': ['Encounter-everything', 'Patient-everything', 'acknowledge', 'holdings', 'releases', 'verify-receipt'],
      'staff-app': [
        ...harmless,
        'Encounter-everything',
        'Patient-everything',
        'acknowledge',
        'check-objections',
        'record-notices',
        'verify-receipt',
      ],
    });
    expect(access('tester', 'system/ValueSet.rs system/CodeSystem.rs').operations).toEqual(
      harmless.filter(id => id !== 'ConceptMap-translate'),
    );
  });

  test('need a token that may read and search every type', () => {
    expect(access('researcher-1', 'system/ResearchStudy.r').operations).toEqual([]);
    expect(access('researcher-1', 'system/*.r').operations).toEqual([]);
    expect(access('researcher-1', 'system/*.read').operations).toEqual(['deidentify']);
  });

  test('of a patient’s app: its token need read no more than the Patient', () => {
    expect(access('patient-app', 'patient/Patient.r', 'Patient/1').operations).toEqual(['Patient-everything', 'holdings', 'releases']);
    expect(access('patient-app', 'patient/Observation.rs', 'Patient/1').operations).toEqual([]);
  });
});

describe('who it says it is', () => {
  test('sender, role and purpose of each kind', () => {
    expect(kinds.map(kind => [who[kind].agent.sender, who[kind].agent.role, who[kind].agent.purpose])).toEqual([
      ['client/tester', 'tester', 'HOPERAT'],
      ['Organization/hospital-1', 'institution', 'TREAT'],
      ['client/researcher-1', 'researcher', 'HRESCH'],
      ['client/operator', 'operator', 'HOPERAT'],
      ['client/patient-app', 'patient', 'PATRQT'],
      ['Organization/hospital-1', 'institution', 'TREAT'],
    ]);
  });
});

describe('research access', () => {
  const research = researchAccess(who.researcher);

  test('reads clinical data of everyone but those who object, and writes nothing', () => {
    for (const type of ['Patient', 'Observation', 'Condition', 'MedicationRequest', 'Medication'])
      expect(reachOf(research, type)).toEqual([{}]);
    expect(research.without).toEqual(['objection']);
    expect(research.agent.purpose).toBe('HRESCH');
    for (const type of resourceTypes) for (const letter of ['c', 'u', 'd'] as const) expect(permits(research, letter, type)).toBe(false);
  });

  test('knows nothing of objections, notices, logs, and of no study but its own', () => {
    for (const type of ['Consent', 'Communication', 'AuditEvent', 'Provenance', 'Binary', 'Bundle', 'Subscription'])
      expect(reachOf(research, type)).toEqual([]);
    expect(reachOf(research, 'ResearchStudy')).toEqual([{ ids: who.researcher.studies }]);
    expect(reachOf(researchAccess(access('researcher-2')), 'ResearchStudy')).toEqual([]);
  });

  test('keeps what was left out already', () => {
    expect(researchAccess({ ...who.researcher, without: ['objection', 'erased'] }).without).toEqual(['objection', 'erased']);
  });
});

describe('scopes with a query', () => {
  const queries = ['', '?category=laboratory', '?code=x', '?status=final,amended'];
  const scope = fc
    .tuple(
      fc.constantFrom('Observation', 'Condition', '*'),
      fc.subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 }).map(list => list.join('')),
      fc.constantFrom(...queries),
    )
    .map(
      ([type, letters, query]) =>
        `system/${type}.${letters}${type === '*' ? '' : query.replace('status', type === 'Condition' ? 'clinical-status' : 'status')}`,
    );

  test('for each letter exactly the queries of the scopes that give it, and nothing narrows what a scope without one gives', () => {
    fc.assert(
      fc.property(fc.array(scope, { minLength: 1, maxLength: 5 }), texts => {
        const { known } = parseScopes(texts.join(' '));
        const made = accessOf(client('tester'), known);
        for (const type of ['Observation', 'Condition', 'Patient']) {
          for (const letter of ['r', 'u', 'd', 's'] as const) {
            const giving = known.filter(one => (one.type === '*' || one.type === type) && one.letters.includes(letter));
            expect(permits(made, letter, type)).toBe(giving.length > 0);
            if (giving.length === 0) continue;
            const wheres = reachOf(askedFor(made, letter, type), type).map(clause => JSON.stringify(clause.where ?? []));
            expect(new Set(wheres)).toEqual(new Set(giving.map(one => JSON.stringify(one.where ?? []))));
          }
          const creating = known.filter(one => (one.type === '*' || one.type === type) && one.letters.includes('c'));
          const free = creating.some(one => one.where === undefined);
          if (creating.length > 0) expect(made.within?.[type]?.c).toEqual(free ? undefined : creating.map(one => one.where));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('letters on a clause never go without the mark that makes them count', () => {
    fc.assert(
      fc.property(fc.array(scope, { minLength: 1, maxLength: 5 }), texts => {
        const made = accessOf(client('tester'), parseScopes(texts.join(' ')).known);
        const lettered = Object.values(made.reach).some(reach => reach.some(clause => clause.letters !== undefined));
        if (lettered) expect(made.within).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  test('what may be changed but neither read nor searched is known of as it is changed, and not met elsewhere', () => {
    for (const scopes of ['system/Observation.cud system/Patient.rs', 'system/*.cud']) {
      const made = access('tester', scopes);
      for (const letter of ['u', 'd'] as const) expect(reachOf(askedFor(made, letter, 'Observation'), 'Observation')).toHaveLength(1);
      for (const letter of ['c', 'r', 's'] as const) expect(reachOf(askedFor(made, letter, 'Observation'), 'Observation')).toEqual([]);
      for (const letter of ['c', 'u', 'd'] as const) expect(reachOf(askedFor(made, letter, 'Patient'), 'Observation')).toEqual([]);
    }
  });

  test('of other types what may be searched, or else read', () => {
    const made = access(
      'tester',
      'system/Observation.r system/Observation.s?category=laboratory system/Condition.r?code=x system/Condition.u',
    );
    const met = askedFor(made, 'r', 'Patient');
    expect(reachOf(met, 'Observation').map(({ where }) => where?.length)).toEqual([1]);
    expect(reachOf(met, 'Condition').map(({ where }) => where?.length)).toEqual([1]);
  });
});
