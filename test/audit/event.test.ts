// https://hl7.org/fhir/R4/auditevent.html, https://profiles.ihe.net/ITI/BALP/
import { describe, expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';
import { render } from '../../src/audit/event.ts';
import { type AuditRecord, checkedRecord } from '../../src/audit/record.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { read, start } from './ground.ts';

const base = 'https://noren.test/fhir';
const event = (more: Partial<AuditRecord> = {}, index = 0): AuditEvent =>
  render({ ...read(more), seq: 12, recorded: start + 5 }, index, base)!;
const agent = (e: AuditEvent, code: string) => e.agent!.filter(one => one.type?.coding?.some(c => c.code === code));
const entity = (e: AuditEvent, code: string) => (e.entity ?? []).filter(one => one.type?.code === code);
const role = (e: AuditEvent, code: string) => (e.entity ?? []).filter(one => one.role?.code === code);

/** The required elements of the BALP patterns, one row each: subtype, action, agent types of client and server. */
const patterns: [string, string, string, string, string][] = [
  ['create', 'Create', 'C', '110153', '110152'],
  ['read', 'Read', 'R', '110152', '110153'],
  ['vread', 'Read', 'R', '110152', '110153'],
  ['update', 'Update', 'U', '110153', '110152'],
  ['patch', 'Update', 'U', '110153', '110152'],
  ['delete', 'Delete', 'D', '110150', 'custodian'],
  ['search-type', 'Query', 'E', '110153', '110152'],
];

describe.each(patterns)('%s is an IHE.BasicAudit event', (interaction, profile, action, client, server) => {
  for (const [prefix, patients] of [
    ['Patient', ['Patient/p1']],
    ['', undefined],
  ] as const) {
    test(`${prefix}${profile}`, () => {
      const { patients: _, ...plain } = read();
      const e = render({ ...plain, interaction, ...(patients === undefined ? {} : { patients }), seq: 12, recorded: start + 5 }, 0, base)!;
      expect(e.meta?.profile).toEqual([`https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${prefix}${profile}`]);
      expect(e.type).toMatchObject({ system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' });
      expect(e.subtype).toEqual([{ system: 'http://hl7.org/fhir/restful-interaction', code: interaction }]);
      expect(e).toMatchObject({ action, outcome: '0', recorded: '2026-06-15T03:00:00.005Z' });
      for (const code of [client, server]) {
        const found = agent(e, code);
        expect(found).toHaveLength(1);
        expect(found[0]).toMatchObject({ who: expect.anything(), network: { address: expect.any(String) }, requestor: false });
        expect(found[0]).not.toHaveProperty('media');
      }
      const user = e.agent!.filter(one => one.requestor);
      expect(user).toHaveLength(1);
      expect(user[0]).toMatchObject({
        who: { identifier: { value: 'hospital-1' } },
        policy: ['urn:ietf:params:oauth:jti:token-1'],
        purposeOfUse: [{ coding: [{ code: 'TREAT' }] }],
      });
      expect(user[0]).not.toHaveProperty('network');
      expect(entity(e, 'XrequestId')[0]?.what?.identifier?.value).toBe('request-1');
      expect(role(e, '1').map(one => one.what?.reference)).toEqual(patients ?? []);
      if (profile === 'Query') {
        expect(role(e, '24')).toEqual([
          { type: expect.objectContaining({ code: '2' }), role: expect.anything(), query: expect.any(String) },
        ]);
      } else
        expect(role(e, '4')).toEqual([
          expect.objectContaining({ type: expect.objectContaining({ code: '2' }), what: { reference: 'Observation/o1/_history/1' } }),
        ]);
      expect(e.source).toMatchObject({ observer: expect.anything() });
    });
  }
});

test('one event for each distinct patient, with ids that stay the same', () => {
  const patients = ['Patient/p1', 'Patient/p2', 'Patient/p3'];
  const events = [0, 1, 2].map(k => event({ patients, interaction: 'search-type' }, k));
  expect(events.map(e => e.id)).toEqual(['12-1', '12-2', '12-3']);
  expect(events.map(e => role(e, '1').map(one => one.what?.reference))).toEqual(patients.map(one => [one]));
  expect(render({ ...read({ patients }), seq: 12, recorded: start }, 3, base)).toBeUndefined();
  expect(event().id).toBe('12');
});

test('a query shows path and names of parameters, no value', () => {
  const {
    id: _,
    versionId: __,
    ...search
  } = read({ interaction: 'search-type', parameters: ['family', 'birthdate:missing'], type: 'Patient' });
  const e = render({ ...search, seq: 1, recorded: start }, 0, base)!;
  expect(Buffer.from(role(e, '24')[0]!.query!, 'base64').toString()).toBe('GET Patient?family=&birthdate:missing=');
});

test.each([
  [200, '0'],
  [201, '0'],
  [304, '0'],
  [400, '4'],
  [401, '8'],
  [403, '8'],
  [404, '4'],
  [409, '4'],
  [422, '4'],
  [500, '8'],
  [503, '12'],
  [504, '12'],
])('%i has the outcome %s', (status, outcome) => {
  const e = event({ status, issue: 'business-rule' });
  expect(e.outcome).toBe(outcome);
  if (outcome === '0') expect(e.contained).toBeUndefined();
  else {
    expect(e.contained).toEqual([
      {
        resourceType: 'OperationOutcome',
        id: 'outcome',
        issue: [{ severity: 'error', code: 'business-rule', details: { text: `Answered with ${status}.` } }],
      },
    ]);
    expect(entity(e, 'OperationOutcome')[0]?.what?.reference).toBe('#outcome');
    expect(e.meta?.profile).toBeUndefined();
  }
});

test('a request without a good token has a client, and nobody who asked', () => {
  const e = render(
    { time: start, requestId: 'x', interaction: 'read', type: 'Patient', id: '1', status: 401, seq: 3, recorded: start },
    0,
    base,
  )!;
  expect(e.agent).toHaveLength(2);
  expect(e.agent![0]).toMatchObject({ requestor: true, who: { display: 'unknown client' } });
});

test('a token that was issued is a User Authentication (ITI-71)', () => {
  const e = event({ interaction: 'token', type: undefined as never });
  expect(e).toMatchObject({ type: { code: '110114' }, subtype: [{ system: 'urn:ihe:event-type-code', code: 'ITI-71' }], action: 'E' });
  expect(agent(e, '110150')).toHaveLength(1);
  expect(agent(e, 'AuthzOauthService')).toHaveLength(1);
  expect(role(e, '24')).toHaveLength(1);
});

test('an operation and a transaction are events too, with what was written', () => {
  expect(event({ interaction: '$deidentify' }).subtype).toEqual([
    { system: 'http://hl7.org/fhir/restful-interaction', code: 'operation' },
    { system: 'https://noren.example/fhir/CodeSystem/operation', code: 'deidentify' },
  ]);
  const {
    type: _,
    id: __,
    versionId: ___,
    ...plain
  } = read({ interaction: 'transaction', entries: { create: ['Patient/p1/_history/1', 'Observation/o1/_history/1'] } });
  const e = render({ ...plain, seq: 1, recorded: start }, 0, base)!;
  expect(e).toMatchObject({ action: 'E', subtype: [{ code: 'transaction' }] });
  expect(role(e, '4').map(one => one.what?.reference)).toEqual(['Patient/p1/_history/1', 'Observation/o1/_history/1']);
});

test('every event is a valid AuditEvent of R4', () => {
  const all: Partial<AuditRecord>[] = [
    ...patterns.map(([interaction]) => ({ interaction })),
    ...[
      { interaction: '$deidentify' },
      { interaction: 'token' },
      { interaction: 'audit' },
      { interaction: 'options', status: 404, issue: 'not-found' },
      { interaction: 'transaction', entries: { create: ['Patient/1/_history/1'] }, status: 503, issue: 'transient' },
    ],
  ];
  for (const more of all) {
    for (const record of [read(more), { time: start, requestId: 'r', interaction: 'read', status: 401, ...more }]) {
      const e = render({ ...record, seq: 1, recorded: start }, 0, base)!;
      expect([more, validate(e as unknown as AnyResource)]).toEqual([more, []]);
    }
  }
});

describe('a release under a study', () => {
  const policy = 'https://noren.example/fhir/deidentification-policy/jp-anonymized-shared|1.0.0';
  const dataSet = 'urn:uuid:9f0a2b1c-0000-4000-8000-000000000001';
  const disclosure = { study: 'ResearchStudy/open', policy, hash: 'a'.repeat(64), plan: 'b'.repeat(64), dataSet };
  const release = (more: Partial<AuditRecord> = {}): AuditRecord => {
    const { type: _, id: __, versionId: ___, ...plain } = read();
    const asks = { client: 'researcher-1', role: 'researcher', sender: 'client/researcher-1', purpose: 'HRESCH' };
    return checkedRecord({ ...plain, ...asks, method: 'POST', interaction: '$deidentify', disclosures: [disclosure], ...more });
  };
  const eventOf = (record: AuditRecord, index = 0): AuditEvent => render({ ...record, seq: 12, recorded: start + 5 }, index, base)!;
  const identifiers = (e: AuditEvent) => (e.entity ?? []).map(one => one.what?.identifier?.value);

  test('is a disclosure of IHE BALP for each patient: an export from this server to who received it', () => {
    const patients = ['Patient/p1', 'Patient/p2'];
    const events = [0, 1].map(n => eventOf(release({ patients }), n));
    for (const [n, e] of events.entries()) {
      expect(e.meta?.profile).toEqual(['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source']);
      expect(e).toMatchObject({ type: { code: '110106' }, action: 'R', outcome: '0', purposeOfEvent: [{ coding: [{ code: 'HRESCH' }] }] });
      expect(e.subtype!.map(({ code }) => code)).toEqual(['disclose', 'deidentify', 'operation', 'deidentify']);
      const [source, ...others] = agent(e, '110153');
      expect(others).toEqual([]);
      // Invariant val-audit-source.
      expect(source!.who).toEqual(e.source.observer);
      expect(source!.network).toBeDefined();
      expect(agent(e, '110152')).toEqual([
        expect.objectContaining({ who: { identifier: { value: 'researcher-1' } }, network: { address: '192.0.2.1', type: '2' } }),
      ]);
      expect(entity(e, '1').map(one => one.what?.reference)).toEqual([patients[n]]);
      expect(validate(e as unknown as AnyResource)).toEqual([]);
    }
  });

  test('names study, policy, plan and data set, and nothing that leads from the patient to a pseudonym', () => {
    const e = eventOf(release());
    expect(role(e, '4').map(one => one.what?.reference)).toEqual(['ResearchStudy/open']);
    expect(role(e, '3').map(one => one.what?.identifier?.value)).toEqual([dataSet]);
    expect(role(e, '13').map(one => [one.what?.identifier?.system, one.what?.identifier?.value])).toEqual([
      ['https://noren.example/fhir/deidentification-policy/jp-anonymized-shared#sha-256', disclosure.hash],
      ['https://noren.example/fhir/deidentification-policy/jp-anonymized-shared#plan', disclosure.plan],
    ]);
  });

  test('a count is one event without a patient', () => {
    const { plan: _, dataSet: __, ...count } = disclosure;
    const { patients: ___, ...record } = release({ disclosures: [count] });
    const e = eventOf(record);
    expect(e.meta?.profile).toBeUndefined();
    expect([entity(e, '1'), role(e, '3').map(one => one.what?.type)]).toEqual([[], ['MeasureReport']]);
    expect(validate(e as unknown as AnyResource)).toEqual([]);
  });

  test('a batch in which something left stays a batch, and names it', () => {
    const e = eventOf(release({ interaction: 'batch' }));
    expect([e.type.code, e.action]).toEqual(['rest', 'E']);
    expect(e.subtype!.map(({ code }) => code)).toEqual(['batch', 'disclose', 'deidentify']);
    expect(identifiers(e)).toContain(disclosure.hash);
  });

  test('what came in no shape that it should have is no part of a record', () => {
    const [kept, ...more] = release({
      disclosures: [
        { study: 'Patient/p1', policy, hash: disclosure.hash },
        { study: 'ResearchStudy/open', policy: '山田', hash: '山田', plan: '山田', dataSet: '山田' },
      ],
    }).disclosures!;
    expect([kept, more]).toEqual([{ study: 'ResearchStudy/open', policy: 'unusable', hash: 'unusable' }, []]);
  });
});
