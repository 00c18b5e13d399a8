/**
 * The notice that an institution gave a patient: a Communication of one category. Anything of that category that says less than a notice must is refused,
 * not passed over.
 * R4: https://hl7.org/fhir/R4/communication.html
 * @module
 */
import type { Finding } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import { dayNumber, instants } from './day.ts';
import { toldFindings } from './told.ts';

export const noticeCategory = { system: 'https://noren.example/fhir/CodeSystem/communication-category', code: 'notice' } as const;

export interface Notice {
  /** Milliseconds: when it was given; the start of the day when only the day is known. */
  readonly sent: number;
  /** `Organization/<id>` */
  readonly sender: string;
  /** As written: a reference, an identifier, or both. */
  readonly subject: Json;
}

export const isNotice = (resource: AnyResource | undefined): boolean =>
  resource?.resourceType === 'Communication' && hasCoding(resource['category'], noticeCategory.system, noticeCategory.code);

/** Whether a CodeableConcept (or one of several) has this coding. */
export function hasCoding(concepts: unknown, system: string | undefined, code: string): boolean {
  return [concepts].flat().some(concept => {
    const codings = (concept as Json | undefined)?.['coding'];
    return (
      Array.isArray(codings) &&
      codings.some(one => (one as Json | null)?.['code'] === code && (system === undefined || (one as Json)['system'] === system))
    );
  });
}

/** A notice as it is written down, or what is wrong with it. `status` entered-in-error is for the caller to treat as taken back. */
export function readNotice(
  resource: AnyResource,
  at: { readonly expression: string; readonly now: number; readonly timeZone: string },
): Notice | readonly Finding[] {
  const findings: Finding[] = [];
  const wrong = (element: string, text: string) =>
    findings.push({ kind: 'business-rule', text, expression: `${at.expression}.${element}` });
  const sent = instants(resource['sent'], at.timeZone);
  if (resource['status'] !== 'completed') wrong('status', 'A notice has the status completed.');
  if (sent === undefined) wrong('sent', 'A notice says the day on which it was given.');
  else if (dayNumber(sent.first, at.timeZone) > dayNumber(at.now, at.timeZone))
    wrong('sent', 'A notice cannot have been given on a day to come.');
  const organization = literal(String((resource['sender'] as Json | undefined)?.['reference'] ?? ''));
  if (organization?.type !== 'Organization') wrong('sender', 'A notice says which Organization gave it.');
  const subject = resource['subject'] as Json | undefined;
  if (subject === undefined || (subject['reference'] === undefined && subject['identifier'] === undefined))
    wrong('subject', 'A notice says to whom it was given, by identifier or reference.');
  if (resource['modifierExtension'] !== undefined) wrong('modifierExtension', 'A notice has no modifier extension.');
  findings.push(...toldFindings(resource, at.expression));
  return findings.length > 0 ? findings : { sent: sent!.first, sender: `Organization/${organization!.id}`, subject: subject! };
}
