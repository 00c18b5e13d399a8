/**
 * The $operations of this server, one line each.
 * R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Dispatch } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type ConsentDecisionParts, consentDecision } from './consent-decision.ts';
import { type DeidentifyParts, deidentify } from './deidentify.ts';
import { type HoldingsParts, holdings } from './holdings.ts';
import { definitionOf, type Operation, parametersIn } from './operation.ts';
import { type RecordNoticesParts, recordNotices } from './record-notices.ts';
import { type ReleaseRegisterParts, releaseRegister } from './release-register.ts';
import { type ReleasesParts, releases } from './releases.ts';
import { type SwitchClientParts, switchClient } from './switch-client.ts';
import { type WhoWasToldParts, whoTold } from './who-was-told.ts';

export type OperationParts = ConsentDecisionParts &
  DeidentifyParts &
  HoldingsParts &
  RecordNoticesParts &
  ReleaseRegisterParts &
  ReleasesParts &
  SwitchClientParts &
  WhoWasToldParts;

const own = (parts: OperationParts): readonly Operation[] => [
  consentDecision(parts),
  deidentify(parts),
  holdings(parts),
  recordNotices(parts),
  releaseRegister(parts),
  releases(parts),
  switchClient(parts),
  whoTold(parts),
];

/** Codes of the operations, each with its definition in profiles/. */
const codes = [
  'consent-decision',
  'deidentify',
  'holdings',
  'record-notices',
  'release-register',
  'releases',
  'switch-client',
  'who-was-told',
];

/** Definitions of the operations of this folder, for the CapabilityStatement. */
export const operationDefinitions = (): readonly OperationDefinition[] => codes.map(definitionOf);

/** `POST [base]/$code` → its operation. */
export function createOperations(parts: OperationParts): Dispatch {
  const operations = new Map(own(parts).map(operation => ['$' + operation.definition.code, operation]));
  return async (request, access) => {
    const operation = operations.get(request.path);
    if (operation === undefined) throw new Problem('unknown-type', 'There is no such operation.');
    if (!access.operations.includes(operation.definition.code!)) throw new Problem('forbidden');
    if (request.method !== 'POST') throw new Problem('method-not-allowed', undefined, { headers: { Allow: 'POST' } });
    if (request.query.length > 0) throw new Problem('invalid-parameter', 'This operation takes its parameters in the body alone.');
    return await operation.run(parametersIn(operation.definition, request.body), access);
  };
}
