/**
 * What these tests stand on: consents in the shape of IHE PCF, questions, and a decision written as the line of a table.
 * @module
 */

import { actCode, actReason, type Coding, confidentiality } from '../../../src/consent/pcf/codes.ts';
import type { Decision, Question, ResidualRule } from '../../../src/consent/pcf/decision.ts';
import type { Data, Period } from '../../../src/consent/pcf/rule.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';

export const timeZone = 'Asia/Tokyo';
export const noon = Date.parse('2026-06-15T12:00:00+09:00');

export const purpose = (code: string): Coding => ({ system: actReason, code });
export const level = (code: string): Coding => ({ system: confidentiality, code });
export const about = (code: string): Coding => ({ system: actCode, code });
export const care = ['TREAT', 'HPAYMT', 'HOPERAT'].map(purpose);
export const project: Coding = { system: 'urn:example:projects', code: 'sleep-study' };

export const doctor = 'Practitioner/suzuki';
export const colleague = 'Practitioner/sato';
export const laboratory = 'Organization/sleep-laboratory';
export const duty = 'Group/on-duty';

export const by = (...references: string[]): Json[] =>
  references.map(reference => ({
    role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
    reference: { reference },
  }));
export const data = (meaning: Data['meaning'], ...references: string[]): Json[] =>
  references.map(reference => ({ meaning, reference: { reference } }));

let made = 0;
export const consent = (provision: Json | undefined, more: Json = {}): AnyResource => ({
  resourceType: 'Consent',
  id: `c${++made}`,
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: 'Patient/hanako' },
  dateTime: '2026-01-10',
  performer: [{ reference: 'Patient/hanako' }],
  organization: [{ reference: 'Organization/hospital-1' }],
  policy: [{ uri: 'urn:example:policy' }],
  ...(provision === undefined ? {} : { provision }),
  ...more,
});
export const objection = (more: Json = {}): AnyResource =>
  consent(
    { type: 'deny' },
    {
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
      policyRule: policyRule('OPTOUT'),
      ...more,
    },
  );
export const policyRule = (code: string): Json => ({ coding: [{ system: actCode, code }] });

export const question = (more: Partial<Question> = {}): Question => ({
  purposes: [purpose('TREAT')],
  actors: [doctor],
  now: noon,
  implicit: 'basic-normal',
  timeZone,
  ...more,
});

const periodText = ({ start = '', end = '' }: Period): string => `${start} to ${end}`;
export const ruleText = ({ type, securityLabel, dataPeriod, data }: ResidualRule): string => {
  const limits = [
    securityLabel.map(one => one.code).join(' or '),
    dataPeriod.map(periodText).join(' or '),
    data.map(one => `${one.meaning} ${one.reference}`).join(' or '),
  ].filter(text => text !== '');
  return `${type} ${limits.length === 0 ? 'all' : limits.join(' and ')}`;
};
/** `permit`, `permit: forbid all; permit N`, `deny`. */
export const decisionText = (decision: Decision): string =>
  decision.permit ? ['permit', ...(decision.residual.length > 0 ? [decision.residual.map(ruleText).join('; ')] : [])].join(': ') : 'deny';

/** A resource with labels. */
export const labelled = (...labels: Coding[]): AnyResource => ({
  resourceType: 'Observation',
  id: 'o1',
  ...(labels.length > 0 ? { meta: { security: labels } } : {}),
});
