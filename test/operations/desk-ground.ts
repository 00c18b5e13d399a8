/**
 * What tests of the law's paperwork stand on: a whole server over HTTP, objections, notices, and the numbers of the sandbox's hospitals.
 * @module
 */
import { sandboxClients } from '../../src/auth/clients.ts';

export { openWhole, type Whole } from '../http/whole.ts';

const numbersOf = (client: string): string => sandboxClients.find(one => one.client_id === client)!.patientNumberSystem!;
export const numbers = numbersOf('hospital-1');
export const numbersOf2 = numbersOf('hospital-2');

export const objection = (patient: object, more: object = {}) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient,
  dateTime: '2026-06-15',
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
  provision: { type: 'deny' },
  ...more,
});
