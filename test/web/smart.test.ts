// https://hl7.org/fhir/smart-app-launch/conformance.html: what the pages ask for by what a server says, and how its answers are told
import { expect, test } from '@jest/globals';
import { scopesFor } from '../../src/web/smart/discovery.ts';
import { failureOf, noAnswer } from '../../src/web/smart/failure.ts';
import { createKeep } from '../../src/web/smart/session.ts';

const resources = ['patient/Patient.rs', 'patient/Consent.crus', 'patient/*.rs'];
const wanted = { resources, patient: true, launched: false };

test('scopes: identity, context and refresh only where they are offered', () => {
  expect(scopesFor({ capabilities: ['permission-v2'] }, wanted)).toBe(
    'launch/patient patient/Patient.rs patient/Consent.crus patient/*.rs',
  );
  expect(scopesFor({ capabilities: ['sso-openid-connect', 'permission-v2', 'permission-online', 'permission-offline'] }, wanted)).toBe(
    'openid fhirUser launch/patient online_access patient/Patient.rs patient/Consent.crus patient/*.rs',
  );
  expect(scopesFor({ capabilities: ['permission-offline'] }, { ...wanted, launched: true })).toMatch(/^launch offline_access /);
});

test('scopes: a server of version 1 is asked in version 1', () => {
  expect(scopesFor({ capabilities: ['permission-v1'] }, wanted)).toBe(
    'launch/patient patient/Patient.read patient/Consent.* patient/*.read',
  );
  expect(scopesFor({ capabilities: ['permission-v1', 'permission-v2'] }, wanted)).toContain('patient/Consent.crus');
});

test('failures: each status has its way out, and only words for people are passed on', () => {
  expect([401, 403, 404, 405, 501, 400, 409, 422, 429, 500, 503].map(status => failureOf(status, undefined).kind)).toEqual([
    'expired',
    'absent',
    'absent',
    'absent',
    'absent',
    'refused',
    'refused',
    'refused',
    'away',
    'away',
    'away',
  ]);
  const outcome = {
    resourceType: 'OperationOutcome',
    issue: [{ diagnostics: 'at line 3', details: { text: 'Too young.' } }, { diagnostics: 'x' }],
  };
  expect(failureOf(422, outcome).message).toBe('Too young.');
  expect(failureOf(422, '<html>').message).toBe('');
  expect([noAnswer(true).kind, noAnswer(false).kind]).toEqual(['away', 'offline']);
});

test('keep: what is kept in the tab is each page’s own; what cannot be read is not there', () => {
  const held = new Map<string, string>();
  const storage = {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => held.set(key, value),
    removeItem: (key: string) => held.delete(key),
  } as unknown as Storage;
  const [one, other] = [createKeep('objection', storage), createKeep('desk', storage)];
  one.set('view', { name: 'object' });
  expect([one.get('view'), other.get('view')]).toEqual([{ name: 'object' }, undefined]);
  held.set('objection:view', '{');
  expect(one.get('view')).toBeUndefined();
  one.drop('view');
  expect([...held.keys()]).toEqual([]);
});
