/**
 * The written receipt of an objection: made by `$acknowledge` where the server has it, else a DocumentReference about the Consent that somebody made, else none.
 * R4: https://hl7.org/fhir/R4/documentreference.html
 * @module
 */
import type { Language } from '../page/text.ts';
import { type Fhir, ifOffered, type Json, listIn, type Resource } from '../smart/fhir.ts';

export interface Receipt {
  readonly number: string;
  /** Base64. */
  readonly data: string;
  readonly contentType: string;
}

function receiptIn(document: Resource): Receipt | undefined {
  const attachment = listIn(document['content'])[0]?.['attachment'] as Json | undefined;
  const number =
    (document['masterIdentifier'] as Json | undefined)?.['value'] ?? listIn(document['identifier'])[0]?.['value'] ?? document.id;
  if (typeof attachment?.['data'] !== 'string') return undefined;
  return { number: String(number ?? ''), data: attachment['data'], contentType: String(attachment['contentType'] ?? 'application/pdf') };
}

/** @param consent id */
export async function receiptOf(fhir: Fhir, consent: string, language: Language): Promise<Receipt | undefined> {
  const made = await ifOffered(
    fhir.operation('acknowledge', [
      { name: 'consent', valueReference: { reference: `Consent/${consent}` } },
      { name: 'language', valueCode: language },
    ]),
  );
  const answer = made?.resourceType === 'Parameters' ? (listIn(made['parameter'])[0]?.['resource'] as Resource | undefined) : made;
  if (answer?.resourceType === 'DocumentReference') return receiptIn(answer);
  const kept = (await ifOffered(fhir.search('DocumentReference', { related: `Consent/${consent}` }))) ?? [];
  return kept.flatMap(one => receiptIn(one) ?? [])[0];
}

/** Hands bytes to the browser as a file to save; nothing is uploaded or opened. */
export function saveReceipt({ data, contentType, number }: Receipt, language: string): void {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: contentType }));
  const link = document.createElement('a');
  link.href = url;
  // The check character of a number may be one that no file's name may hold.
  link.download = `noren-${number.replace(/[^0-9A-Z-]/g, '')}-${language}.pdf`;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
