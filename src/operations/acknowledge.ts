/**
 * $acknowledge: the written receipt of an objection or of its withdrawal, as PDF and JSON in a DocumentReference. Made once for each version of a Consent and each
 * language: who asks again gets the same bytes. It belongs to the legal record and outlives the data.
 * Definition: profiles/OperationDefinition-acknowledge.json; R4: https://hl7.org/fhir/R4/documentreference.html
 * @module
 */
import { createHash } from 'node:crypto';
import { type Acknowledgement, masked, receiptType, relationOf, sealed } from '../consent/acknowledgement.ts';
import { isObjection } from '../consent/objection.ts';
import { receiptNumber } from '../consent/receipt/number.ts';
import { pdfOf } from '../consent/receipt/pdf.ts';
import { wordsOf } from '../consent/receipt/words.ts';
import { type Access, asServer } from '../fhir/model/access.ts';
import type { Answer, Version } from '../fhir/model/exchange.ts';
import { newId } from '../fhir/model/id.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';
import { receiptKeyOf } from './verify-receipt.ts';

export interface AcknowledgeParts {
  readonly store: Store;
  /** 32 bytes or more for one purpose. */
  readonly secret: (purpose: string) => Buffer;
  /** Milliseconds. */
  readonly now: () => number;
  readonly settings: {
    /** IANA zone whose calendar days count. */
    readonly timeZone: string;
    /** Where a patient can ask; stands on every receipt. */
    readonly operatorContact?: string;
  };
  readonly baseUrl: string;
}

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

/** A code of a parameter, one of these. */
function oneOf<T extends string>(given: Given, name: string, codes: readonly T[]): T | undefined {
  const code = given.get(name)?.[0];
  if (code === undefined) return undefined;
  const found = codes.find(one => one === code);
  if (found === undefined) throw wrong(name, `The parameter ${name} is ${codes.join(' or ')}.`);
  return found;
}

/** Characters of an institution's name that find room on the page. */
const mostName = 80;

export function acknowledge({ store, secret, now, settings, baseUrl }: AcknowledgeParts): Operation {
  const { timeZone } = settings;
  const server = asServer('make the receipt of an objection');

  async function resourceAt(reference: string, access = server): Promise<AnyResource | undefined> {
    const [type, id] = reference.split('/') as [string, string];
    const version = await store.read(access, type, id);
    return version === undefined || version.deleted ? undefined : (JSON.parse(version.bytes.toString()) as AnyResource);
  }

  async function nameOf(organization: string): Promise<string> {
    const name = (await resourceAt(organization))?.['name'];
    return typeof name === 'string' && name.trim() !== '' ? name.slice(0, mostName) : organization;
  }

  /** When the objection came, or when it was withdrawn: the first version that says what the current one says. */
  async function receivedAt(access: Access, current: Version, status: unknown): Promise<number> {
    let received = current.lastUpdated;
    for (let n = current.versionId - 1; n > 0; n--) {
      const before = await store.version(access, 'Consent', current.id, n);
      if (before === undefined || before.deleted || (JSON.parse(before.bytes.toString()) as AnyResource)['status'] !== status) break;
      received = before.lastUpdated;
    }
    return received;
  }

  async function run(given: Given, access: Access): Promise<Answer> {
    const text = (given.get('consent')![0] as Json)['reference'];
    const target = typeof text === 'string' ? literal(text, baseUrl) : undefined;
    if (target?.type !== 'Consent') throw wrong('consent', 'The parameter consent is a reference to a Consent.');
    const language = oneOf(given, 'language', ['ja', 'en']) ?? 'ja';
    const isPatient = access.agent.role === 'patient';
    const delivery = oneOf(given, 'delivery', ['paper', 'electronic']) ?? (isPatient ? 'electronic' : 'paper');
    // Who fetches it with an app of his own wants it so.
    const electronicConsent = (given.get('electronicConsent')?.[0] as boolean | undefined) ?? (isPatient && delivery === 'electronic');
    if (delivery === 'electronic' && !electronicConsent)
      throw new Problem('business-rule', 'A receipt is handed over electronically only with the consent of whoever objects.', {
        expression: "Parameters.parameter.where(name='electronicConsent')",
      });

    const version = await store.read(access, 'Consent', target.id);
    if (version === undefined || version.deleted) throw new Problem('not-found', 'There is no such Consent.');
    const consent = JSON.parse(version.bytes.toString()) as AnyResource;
    if (!isObjection(consent))
      throw new Problem('business-rule', 'A receipt is given of an objection.', {
        expression: "Parameters.parameter.where(name='consent')",
      });
    const about = `Consent/${version.id}/_history/${version.versionId}`;
    const number = receiptNumber(secret('objection-receipt'), about);
    const key = receiptKeyOf(number, language);
    const before = await store.receipt(key);
    if (before !== undefined) return answer(before.versions[0]!, consent);

    const sender = (await store.sender(access, 'Consent', version.id))!;
    const made = await document(number, about, consent, sender, {
      language,
      delivery,
      electronicConsent,
      received: await receivedAt(access, version, consent['status']),
    });
    const { versions } = await store.commit({
      writes: [{ type: 'DocumentReference', id: made.id!, resource: made, expect: 'absent', sender, legal: true }],
      receipt: { key, shape: 'objection-receipt' },
    });
    return answer(versions[0]!, consent);
  }

  async function document(
    number: string,
    about: string,
    consent: AnyResource,
    sender: string,
    how: Pick<Acknowledgement, 'language' | 'delivery' | 'electronicConsent' | 'received'>,
  ): Promise<AnyResource> {
    const { display: _, ...subject } = consent['patient'] as Json;
    const actor = [((consent['provision'] ?? {}) as Json)['actor'] ?? []].flat()[0] as Json | undefined;
    const limit = literal(String(((actor?.['reference'] ?? {}) as Json)['reference'] ?? ''), baseUrl);
    const patientNumber = masked(subject['identifier']);
    const said: Acknowledgement = {
      number,
      of: consent['status'] === 'inactive' ? 'withdrawal' : 'objection',
      consent: about,
      ...how,
      asked: String(consent['dateTime']),
      // An institution is told of no RelatedPerson but its own.
      relation: await relationOf(consent, reference =>
        resourceAt(reference, sender.startsWith('Organization/') ? { ...server, reach: { '*': [{ sender }] } } : server),
      ),
      ...(sender.startsWith('Organization/') ? { receivedBy: await nameOf(sender) } : {}),
      ...(limit === undefined ? {} : { institution: await nameOf(`Organization/${limit.id}`) }),
      ...(patientNumber === undefined ? {} : { patientNumber }),
      contact: settings.operatorContact ?? new URL(baseUrl).origin,
    };
    const { json, sha256 } = sealed(said);
    const words = wordsOf(said, sha256, timeZone);
    const time = now();
    const creation = new Date(time).toISOString();
    const attachment = (contentType: string, bytes: Buffer, title: string) => ({
      attachment: {
        contentType,
        language: said.language,
        data: bytes.toString('base64'),
        size: bytes.length,
        hash: createHash('sha1').update(bytes).digest('base64'),
        title,
        creation,
      },
    });
    return {
      resourceType: 'DocumentReference',
      id: newId(time),
      language: said.language,
      masterIdentifier: { system: 'https://noren.example/fhir/NamingSystem/objection-receipt', value: number },
      status: 'current',
      docStatus: 'final',
      type: { coding: [receiptType], text: words.title },
      subject,
      date: creation,
      content: [
        attachment('application/pdf', await pdfOf(words, said.language, time), words.title),
        attachment('application/json', json, sha256),
      ],
      context: { related: [{ reference: about }] },
    } as unknown as AnyResource;
  }

  return { definition: definitionOf('acknowledge'), run };
}

const answer = (version: Version, consent: AnyResource): Answer => {
  const reference = ((consent['patient'] ?? {}) as Json)['reference'];
  return {
    status: 200,
    resource: JSON.parse(version.bytes.toString()) as AnyResource,
    ...(typeof reference === 'string' && reference.startsWith('Patient/') ? { patients: [reference] } : {}),
  };
};
