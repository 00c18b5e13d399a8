/**
 * The objection (提供停止の求め): a Consent that denies research. What looks like one and is not whole is refused, so that nobody believes to have objected who has not.
 * R4: https://hl7.org/fhir/R4/consent.html
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { instants } from './day.ts';
import { hasCoding } from './notice.ts';

const scopeSystem = 'http://terminology.hl7.org/CodeSystem/consentscope';
const actCodes = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

export interface Objection {
  /** `active`, or `inactive` for one withdrawn. */
  readonly status: 'active' | 'inactive';
  /** As written: a reference, an identifier, or both. */
  readonly patient: Json;
  /** Covers only what this Organization sends. */
  readonly sender?: string;
  /** Milliseconds: 0 for at once. */
  readonly from: number;
  /** Milliseconds: end of its period. */
  readonly until?: number;
}

/** A Consent about research that refuses, or says neither that it refuses nor that it permits. */
export function isObjection(resource: AnyResource | undefined): boolean {
  if (resource?.resourceType !== 'Consent' || !hasCoding(resource['scope'], undefined, 'research')) return false;
  const type = (resource['provision'] as Json | undefined)?.['type'];
  if (type === 'deny' || hasCoding(resource['policyRule'], undefined, 'OPTOUT')) return true;
  return type !== 'permit' && !hasCoding(resource['policyRule'], undefined, 'OPTIN');
}

/** Limits that a provision may have and an objection may not: they would make it smaller than the server can keep it. */
const limits = ['action', 'securityLabel', 'purpose', 'class', 'code', 'dataPeriod', 'data', 'provision', 'extension', 'modifierExtension'];

/** An objection as it is written down, or what is wrong with it. */
export function readObjection(
  resource: AnyResource,
  at: { readonly expression: string; readonly timeZone: string },
): Objection | readonly Finding[] {
  const findings: Finding[] = [];
  const wrong = (element: string, text: string) =>
    findings.push({ kind: 'business-rule', text, expression: `${at.expression}.${element}` });
  const { status } = resource;
  if (status !== 'active' && status !== 'inactive') wrong('status', 'An objection is active, or inactive once it is withdrawn.');
  if (!hasCoding(resource['scope'], scopeSystem, 'research'))
    wrong('scope', 'The code research of an objection’s scope is from the system consentscope.');
  if (!hasCoding(resource['category'], 'http://loinc.org', '59284-0')) wrong('category', 'An objection has the LOINC category 59284-0.');
  if (!hasCoding(resource['policyRule'], actCodes, 'OPTOUT')) wrong('policyRule', 'An objection has the policy rule OPTOUT of v3-ActCode.');
  if (instants(resource['dateTime'], at.timeZone) === undefined)
    wrong('dateTime', 'An objection says when it was made, to the day at least.');
  const patient = resource['patient'] as Json | undefined;
  if (patient === undefined || (patient['reference'] === undefined && patient['identifier'] === undefined))
    wrong('patient', 'An objection says whose it is, by identifier or reference.');
  if (resource['modifierExtension'] !== undefined) wrong('modifierExtension', 'An objection has no modifier extension.');
  const provision = (resource['provision'] ?? {}) as Json;
  if (provision['type'] !== 'deny') wrong('provision.type', 'The provision of an objection is of type deny.');
  for (const element of limits)
    if (provision[element] !== undefined) wrong(`provision.${element}`, `An objection cannot be limited by ${element}.`);
  if (!isLetter(resource['sourceAttachment']))
    wrong('sourceAttachment', 'The letter of an objection is a PDF, PNG, JPEG or plain text of at most 5 MB, in the resource itself.');
  const sender = actor(provision['actor']);
  if (sender === 'wrong') wrong('provision.actor', 'The actor of an objection is one Organization in the role CST.');
  const period = Object.keys((provision['period'] ?? {}) as Json).every(name => name === 'start' || name === 'end')
    ? periodOf(provision['period'], at.timeZone)
    : 'wrong';
  if (period === 'wrong') wrong('provision.period', 'The period of an objection is exact to the day and does not end before it begins.');
  if (findings.length > 0 || sender === 'wrong' || period === 'wrong') return findings;
  return { status: status as 'active' | 'inactive', patient: patient!, ...(sender === undefined ? {} : { sender }), ...period };
}

const mostLetterBytes = 5_000_000;
/** How the bytes of each type begin; plain text holds no control character but ends of lines, tabs and form feeds. */
const letters: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  'application/pdf': bytes => bytes.subarray(0, 5).toString('latin1') === '%PDF-',
  'image/png': bytes => bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n',
  'image/jpeg': bytes => bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff',
  'text/plain': bytes => !/[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]/.test(bytes.toString()),
};

/** A letter that may be kept and shown: nothing that runs, nothing that is fetched from elsewhere. Absent is fine. */
function isLetter(attachment: unknown): boolean {
  if (attachment === undefined) return true;
  const { contentType, data, url } = attachment as Json;
  const type = typeof contentType === 'string' ? contentType.split(';')[0]!.trim().toLowerCase() : '';
  if (url !== undefined || typeof data !== 'string' || data.length > (mostLetterBytes * 4) / 3 + 4 || !Object.hasOwn(letters, type))
    return false;
  return letters[type]!(Buffer.from(data, 'base64'));
}

function actor(actors: unknown): string | undefined | 'wrong' {
  if (actors === undefined) return undefined;
  const [one, ...more] = [actors].flat() as Json[];
  const organization = literal(String((one?.['reference'] as Json | undefined)?.['reference'] ?? ''));
  if (more.length > 0 || organization?.type !== 'Organization' || !hasCoding(one?.['role'], participation, 'CST')) return 'wrong';
  return `Organization/${organization.id}`;
}

function periodOf(period: unknown, timeZone: string): { from: number; until?: number } | 'wrong' {
  const { start, end } = (period ?? {}) as Json;
  const [first, last] = [start, end].map(one => (one === undefined ? undefined : instants(one, timeZone)));
  if ((start !== undefined && first === undefined) || (end !== undefined && last === undefined)) return 'wrong';
  const from = first?.first ?? 0;
  if (last !== undefined && last.last < from) return 'wrong';
  return last === undefined ? { from } : { from, until: last.last };
}

/** Whether an update leaves patient and provision of an objection as they were, with everything that makes it one. */
export const sameObjection = (before: AnyResource, after: AnyResource): boolean =>
  ['patient', 'provision', 'scope', 'category', 'policyRule'].every(element =>
    isDeepStrictEqual(plain(before[element]), plain(after[element])),
  );

/** Display texts and the like may change; what is meant may not. */
export const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null, (name, child) => (name === 'display' || name === 'text' ? undefined : child)));
