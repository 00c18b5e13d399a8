/**
 * The $operations of this server, one line each.
 * R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Dispatch } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type AcknowledgeParts, acknowledge } from './acknowledge.ts';
import { type CheckObjectionsParts, checkObjections } from './check-objections.ts';
import { type ClosureParts, closure } from './closure.ts';
import { type ConsentDecisionParts, consentDecision } from './consent-decision.ts';
import { convert } from './convert.ts';
import { type DeidentifyParts, deidentifying } from './deidentify.ts';
import { type EnteredWithoutNoticeParts, enteredWithoutNotice } from './entered-without-notice.ts';
import { type EverythingParts, everything } from './everything.ts';
import { type ExpandParts, expand } from './expand.ts';
import { type ExplainSearchParts, explainSearch } from './explain-search.ts';
import { findMatches } from './find-matches.ts';
import { type HoldingsParts, holdings } from './holdings.ts';
import { type IndexStatusParts, indexStatus } from './index-status.ts';
import { givenOf, isCalledAt, readPath } from './invocation.ts';
import { lookup } from './lookup.ts';
import { type MetaParts, meta, metaAdd, metaDelete } from './meta.ts';
import { definitionOf, type Operation } from './operation.ts';
import { type PurgeParts, purgeOperation } from './purge.ts';
import { type ReconcileParts, reconcile } from './reconcile.ts';
import { type RecordNoticesParts, recordNotices } from './record-notices.ts';
import { type ReleaseRegisterParts, releaseRegister } from './release-register.ts';
import { type ReleasesParts, releases } from './releases.ts';
import { resume, type StopParts, stop } from './stop.ts';
import { subsumes } from './subsumes.ts';
import { type SwitchClientParts, switchClient } from './switch-client.ts';
import type { TerminologyParts } from './terminology.ts';
import { translate } from './translate.ts';
import { type ValidateParts, validate } from './validate.ts';
import { validateCodeInSet, validateCodeInSystem } from './validate-code.ts';
import { type VerifyReceiptParts, verifyReceipt } from './verify-receipt.ts';
import { type WhoWasToldParts, whoTold } from './who-was-told.ts';

export type OperationParts = AcknowledgeParts &
  CheckObjectionsParts &
  ClosureParts &
  ConsentDecisionParts &
  DeidentifyParts &
  EnteredWithoutNoticeParts &
  EverythingParts &
  ExpandParts &
  ExplainSearchParts &
  HoldingsParts &
  IndexStatusParts &
  MetaParts &
  PurgeParts &
  ReconcileParts &
  RecordNoticesParts &
  ReleaseRegisterParts &
  ReleasesParts &
  StopParts &
  SwitchClientParts &
  TerminologyParts &
  ValidateParts &
  VerifyReceiptParts &
  WhoWasToldParts;

const own = (parts: OperationParts): readonly Operation[] => [
  acknowledge(parts),
  checkObjections(parts),
  closure(parts),
  consentDecision(parts),
  convert(),
  ...deidentifying(parts),
  enteredWithoutNotice(parts),
  ...everything(parts),
  expand(parts),
  explainSearch(parts),
  findMatches(parts),
  holdings(parts),
  indexStatus(parts),
  lookup(parts),
  meta(parts),
  metaAdd(parts),
  metaDelete(parts),
  purgeOperation(parts),
  reconcile(parts),
  recordNotices(parts),
  releaseRegister(parts),
  releases(parts),
  resume(parts),
  stop(parts),
  subsumes(parts),
  switchClient(parts),
  translate(parts),
  validate(parts),
  validateCodeInSet(parts),
  validateCodeInSystem(parts),
  verifyReceipt(parts),
  whoTold(parts),
];

/** Ids of the operations' definitions in profiles/: the code, or type and code where several types have one of this code. */
const ids = [
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
  'Encounter-everything',
  'Group-everything',
  'Patient-everything',
  'acknowledge',
  'anonymize',
  'check-objections',
  'consent-decision',
  'de-identify',
  'deidentify',
  'entered-without-notice',
  'explain-search',
  'holdings',
  'index-status',
  'purge',
  'reconcile',
  'record-notices',
  'release-register',
  'releases',
  'resume',
  'stop',
  'switch-client',
  'verify-receipt',
  'who-was-told',
];

/** Definitions of the operations of this folder, for the CapabilityStatement. */
export const operationDefinitions = (): readonly OperationDefinition[] => ids.map(definitionOf);

/** `[base]/$code`, `[base]/Type/$code`, `[base]/Type/id/$code` → its operation. */
export function createOperations(parts: OperationParts): Dispatch {
  const operations = Map.groupBy(own(parts), ({ definition }) => definition.code!);
  return async (request, access) => {
    const called = readPath(request.path);
    const found = called && operations.get(called.code)?.find(({ definition }) => isCalledAt(definition, called.at));
    if (found === undefined) throw new Problem('unknown-type', 'There is no such operation.');
    const { definition, run } = found;
    if (!access.operations.includes(definition.id!)) throw new Problem('forbidden');
    return await run(givenOf(definition, request), access, called!.at);
  };
}
