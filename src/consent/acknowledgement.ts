/**
 * The written receipt of an objection, and of its withdrawal: what it says, as data. The law asks the institution to hand one to whoever objects, without delay.
 * It holds nothing of the patient but the end of the number that the Consent names, and no word that a client wrote: relations are codes, names are those of institutions.
 * 次世代医療基盤法 on 提供停止の求め; R4: https://hl7.org/fhir/R4/consent.html
 * @module
 */
import { createHash } from 'node:crypto';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';

export const receiptType = { system: 'https://noren.example/fhir/CodeSystem/document-type', code: 'objection-receipt' } as const;

/** A document that says it is a receipt: only this server makes them. */
export const isReceipt = (resource: AnyResource | undefined): boolean =>
  resource?.resourceType === 'DocumentReference' &&
  ([(resource['type'] as Json | undefined)?.['coding'] ?? []].flat() as Json[]).some(
    one => one?.['system'] === receiptType.system && one['code'] === receiptType.code,
  );

/** v3-RoleCode of whoever objects for somebody else, as far as a receipt tells them apart; anything else is `other`. */
const relations = {
  SPS: 'spouse',
  HUSB: 'spouse',
  WIFE: 'spouse',
  CHILD: 'child',
  SON: 'child',
  DAU: 'child',
  NCHILD: 'child',
  GRNDCHILD: 'grandchild',
  PRN: 'parent',
  FTH: 'parent',
  MTH: 'parent',
  NPRN: 'parent',
  GRPRN: 'grandparent',
  SIB: 'sibling',
  BRO: 'sibling',
  SIS: 'sibling',
  GUARD: 'guardian',
  HPOWATT: 'representative',
  POWATT: 'representative',
} as const;
export type Relation = 'self' | 'not-stated' | 'other' | (typeof relations)[keyof typeof relations];

export interface Acknowledgement {
  readonly number: string;
  readonly of: 'objection' | 'withdrawal';
  /** `Consent/<id>/_history/<n>` */
  readonly consent: string;
  readonly language: 'ja' | 'en';
  /** Milliseconds: when this server stored the objection, or its withdrawal. */
  readonly received: number;
  /** Consent.dateTime as it was written: the day on which it was asked. */
  readonly asked: string;
  readonly relation: Relation;
  /** Name of the institution at which it was made; absent: at the operator or by an app. */
  readonly receivedBy?: string;
  /** Name of the one institution that it is limited to; absent: all. */
  readonly institution?: string;
  /** Last characters of the number that the Consent names. */
  readonly patientNumber?: string;
  readonly delivery: 'paper' | 'electronic';
  readonly electronicConsent: boolean;
  readonly contact: string;
}

/** Who objects: the patient himself, or in which relation somebody stands to him. `read` gives a RelatedPerson that is no part of the Consent. */
export async function relationOf(consent: AnyResource, read: (reference: string) => Promise<AnyResource | undefined>): Promise<Relation> {
  const performers = [consent['performer'] ?? []].flat() as Json[];
  const contained = [consent['contained'] ?? []].flat() as Json[];
  let found: Relation = 'not-stated';
  for (const { reference, type } of performers) {
    const text = typeof reference === 'string' ? reference : '';
    const inside = text.startsWith('#') ? contained.find(one => one['id'] === text.slice(1)) : undefined;
    const target = literal(text);
    const person = (inside as AnyResource | undefined) ?? (target?.type === 'RelatedPerson' ? await read(text) : undefined);
    if (person?.resourceType === 'RelatedPerson' || target?.type === 'RelatedPerson' || type === 'RelatedPerson') return codeOf(person);
    if (target?.type === 'Patient' || type === 'Patient') found = 'self';
  }
  return found;
}

function codeOf(person: AnyResource | undefined): Relation {
  const codes = ([person?.['relationship'] ?? []].flat() as Json[]).flatMap(one => [one['coding'] ?? []].flat() as Json[]);
  for (const { code } of codes) if (Object.hasOwn(relations, String(code))) return relations[code as keyof typeof relations];
  return 'other';
}

/** `••••0001`: the last four characters, of a number long enough that these do not tell it. */
export function masked(identifier: unknown): string | undefined {
  const { value } = (identifier ?? {}) as Json;
  const characters = typeof value === 'string' ? [...value.normalize('NFKC').trim()] : [];
  return characters.length < 6 ? undefined : '••••' + characters.slice(-4).join('');
}

/** The receipt as JSON, and the SHA-256 (hex) over exactly these bytes, which its PDF prints. */
export function sealed(acknowledgement: Acknowledgement): { readonly json: Buffer; readonly sha256: string } {
  const { received, ...said } = acknowledgement;
  const json = Buffer.from(JSON.stringify({ ...said, received: new Date(received).toISOString() }));
  return { json, sha256: createHash('sha256').update(json).digest('hex') };
}
