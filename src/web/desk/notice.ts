/**
 * The record that a patient was told: `$record-notices` where the server has it, else the Communication itself.
 * R4: https://hl7.org/fhir/R4/communication.html
 * @module
 */
import { Failure } from '../smart/failure.ts';
import { type Fhir, ifOffered, type Json, listIn, type Resource } from '../smart/fhir.ts';
import type { Institution } from './institution.ts';

export const channels = ['handed-document', 'tablet', 'email', 'postal'] as const;
export type Channel = (typeof channels)[number];

/** Who was told: the patient, the patient and who speaks for him, that one alone, or the bereaved family. */
export const recipients = ['patient', 'together', 'guardian', 'family'] as const;
export type Recipient = (typeof recipients)[number];

/** In codes of notice-recipient. */
const codesOf: Readonly<Record<Recipient, readonly string[]>> = {
  patient: ['patient'],
  together: ['patient', 'guardian'],
  guardian: ['guardian'],
  family: ['bereaved-family'],
};

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

const house = 'https://noren.example/fhir';

export function communicationOf(
  { number, channel, recipient, text }: Told,
  { reference, name, numberSystem }: Institution,
  now: Date,
): Resource {
  return {
    resourceType: 'Communication',
    extension: codesOf[recipient].map(valueCode => ({ url: `${house}/StructureDefinition/notice-recipient`, valueCode })),
    ...(text === undefined ? {} : { instantiatesCanonical: [text] }),
    status: 'completed',
    category: [{ coding: [{ system: `${house}/CodeSystem/communication-category`, code: 'notice' }] }],
    medium: [{ coding: [{ system: `${house}/CodeSystem/notice-channel`, code: channel }] }],
    subject: { type: 'Patient', identifier: { system: numberSystem, value: number } },
    sent: today(now),
    sender: { reference, ...(name === '' ? {} : { display: name }) },
  };
}

const parametersOf = ({ number, channel, recipient }: Told, now: Date): Json[] => [
  {
    name: 'notice',
    part: [
      { name: 'number', valueString: number },
      { name: 'sent', valueDateTime: today(now) },
      { name: 'channel', valueCode: channel },
      ...codesOf[recipient].map(valueCode => ({ name: 'recipient', valueCode })),
    ],
  },
];

/**
 * The operation finds the institution's text by itself.
 * @returns whether it was on record before
 * @throws Failure
 */
export async function recordNotice(fhir: Fhir, told: Told, institution: Institution, now: Date): Promise<'recorded' | 'already'> {
  const answer = await ifOffered(fhir.operation('record-notices', parametersOf(told, now)));
  if (answer === undefined) {
    await fhir.create(communicationOf(told, institution, now));
    return 'recorded';
  }
  const row = valuesIn(answer, 'row')[0];
  if (row !== undefined) throw new Failure('refused', String(valuesIn({ parameter: row['part'] }, 'because')[0]?.['valueString'] ?? ''));
  return valuesIn(answer, 'already')[0]?.['valueUnsignedInt'] === 1 ? 'already' : 'recorded';
}

const valuesIn = (answer: Json, name: string): readonly Json[] => listIn(answer['parameter']).filter(one => one['name'] === name);
