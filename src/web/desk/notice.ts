/**
 * The record that a patient was told: `$record-notices` where the server has it, else the Communication itself.
 * R4: https://hl7.org/fhir/R4/communication.html
 * @module
 */
import { type Fhir, ifOffered, type Json, type Resource } from '../smart/fhir.ts';
import type { Institution } from './institution.ts';

export const channels = ['handed-document', 'tablet', 'email', 'postal'] as const;
export type Channel = (typeof channels)[number];

export const recipients = ['patient', 'guardian', 'family'] as const;
export type Recipient = (typeof recipients)[number];

export interface Told {
  /** As it stands on the patient's card. */
  readonly number: string;
  readonly channel: Channel;
  readonly recipient: Recipient;
  /** `url|version` of the text. */
  readonly text?: string;
}

/** What a scanner or a hand typed, as a number: full width is folded, and what can be no number is undefined. */
export function patientNumber(typed: string): string | undefined {
  const number = typed.normalize('NFKC').replaceAll(/\s/g, '');
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/.test(number) ? number : undefined;
}

/** Only the last four: the list stands open on a desk. */
export const masked = (number: string): string => (number.length <= 4 ? '•'.repeat(number.length) : `••••${number.slice(-4)}`);

/** Today in Japan: the day that the law counts from. */
export const today = (now: Date): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(now);

const house = 'https://noren.example/fhir/CodeSystem';

export function communicationOf(
  { number, channel, recipient, text }: Told,
  { reference, name, numberSystem }: Institution,
  now: Date,
): Resource {
  const subject = { type: 'Patient', identifier: { system: numberSystem, value: number } };
  const relationship = { guardian: 'GUARD', family: 'FAMMEMB', patient: '' }[recipient];
  return {
    resourceType: 'Communication',
    ...(recipient === 'patient'
      ? {}
      : {
          contained: [
            {
              resourceType: 'RelatedPerson',
              id: 'told',
              patient: subject,
              relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: relationship }] }],
            },
          ],
        }),
    ...(text === undefined ? {} : { instantiatesCanonical: [text] }),
    status: 'completed',
    category: [{ coding: [{ system: `${house}/communication-category`, code: 'notice' }] }],
    medium: [{ coding: [{ system: `${house}/notice-channel`, code: channel }] }],
    subject,
    recipient: [recipient === 'patient' ? subject : { reference: '#told' }],
    sent: today(now),
    sender: { reference, ...(name === '' ? {} : { display: name }) },
  };
}

/** @throws Failure */
export async function recordNotice(fhir: Fhir, told: Told, institution: Institution, now: Date): Promise<void> {
  const made = await ifOffered(fhir.operation('record-notices', parametersOf(told, institution, now)));
  if (made === undefined) await fhir.create(communicationOf(told, institution, now));
}

function parametersOf({ number, channel, recipient, text }: Told, { numberSystem }: Institution, now: Date): Json[] {
  return [
    {
      name: 'notice',
      part: [
        { name: 'patient', valueIdentifier: { system: numberSystem, value: number } },
        { name: 'date', valueDate: today(now) },
        { name: 'channel', valueCode: channel },
        { name: 'recipient', valueCode: recipient },
        ...(text === undefined ? [] : [{ name: 'text', valueCanonical: text }]),
      ],
    },
  ];
}
