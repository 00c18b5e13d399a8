/**
 * How a notice was given and to whom: its channel (Communication.medium) and its recipients (an extension of ours, since R4 lets `recipient` name resources only).
 * Codes: profiles/CodeSystem-notice-channel.json, profiles/CodeSystem-notice-recipient.json. R4: https://hl7.org/fhir/R4/communication-definitions.html#Communication.medium
 * @module
 */
import type { Finding } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';

export const channelSystem = 'https://noren.example/fhir/CodeSystem/notice-channel';
export const recipientExtension = 'https://noren.example/fhir/StructureDefinition/notice-recipient';

export const channels: readonly string[] = ['handed-document', 'tablet', 'email', 'postal'];
export const recipients: readonly string[] = ['patient', 'guardian', 'person-with-parental-authority', 'bereaved-family'];

/** Who speaks for somebody under age, or without capacity. */
const speaksFor: ReadonlySet<string> = new Set(['guardian', 'person-with-parental-authority']);

const listOf = (element: unknown): Json[] => (Array.isArray(element) ? (element as Json[]) : []);

/** Codes of our system under `medium`. */
const channelCodes = (notice: AnyResource): unknown[] =>
  listOf(notice['medium']).flatMap(one =>
    listOf(one?.['coding'])
      .filter(coding => coding?.['system'] === channelSystem)
      .map(coding => coding['code']),
  );

const recipientCodes = (notice: AnyResource): unknown[] =>
  listOf(notice['extension'])
    .filter(one => one?.['url'] === recipientExtension)
    .map(one => one['valueCode']);

/** The channel that a notice names; undefined: none. */
export const channelOf = (notice: AnyResource): string | undefined => channelCodes(notice)[0] as string | undefined;

/** Whom the notice was given to; nothing said: the patient. */
export function recipientsOf(notice: AnyResource): readonly string[] {
  const said = recipientCodes(notice) as string[];
  return said.length === 0 ? ['patient'] : said;
}

/** Whether a guardian was told, too or instead of the patient. */
export const guardianWasTold = (notice: AnyResource): boolean => recipientsOf(notice).some(one => speaksFor.has(one));

/** Whether the patient heard it. */
export const patientWasTold = (notice: AnyResource): boolean => recipientsOf(notice).includes('patient');

/** Codes that nobody knows. */
export function toldFindings(notice: AnyResource, expression: string): readonly Finding[] {
  const findings: Finding[] = [];
  const medium = channelCodes(notice);
  if (medium.length > 1 || !medium.every(one => channels.includes(one as string)))
    findings.push({
      kind: 'code-invalid',
      text: 'A notice is given by one channel, with a code of notice-channel.',
      expression: `${expression}.medium`,
    });
  if (!recipientCodes(notice).every(one => recipients.includes(one as string)))
    findings.push({
      kind: 'code-invalid',
      text: 'Whom a notice was given to is said by a code of notice-recipient.',
      expression: `${expression}.extension`,
    });
  return findings;
}

/** The elements of a notice that say how and to whom. */
export const toldElements = (channel: string | undefined, to: readonly string[]): Json => ({
  ...(to.length === 0 ? {} : { extension: to.map(valueCode => ({ url: recipientExtension, valueCode })) }),
  ...(channel === undefined ? {} : { medium: [{ coding: [{ system: channelSystem, code: channel }] }] }),
});
