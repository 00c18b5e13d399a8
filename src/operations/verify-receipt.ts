/**
 * $verify-receipt: was a receipt of this number issued, when, of what; and does it say what this server wrote? Without a word of whose it is.
 * Definition: profiles/OperationDefinition-verify-receipt.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import { createHash } from 'node:crypto';
import type { ParametersParameter } from '@medplum/fhirtypes';
import { readReceiptNumber } from '../consent/receipt/number.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { definitionOf, type Operation } from './operation.ts';

export interface VerifyReceiptParts {
  readonly store: Store;
}

const languages = ['ja', 'en'] as const;

/** A key that no Bundle.identifier can have: that of a Bundle holds two bars. */
export const receiptKeyOf = (number: string, language: (typeof languages)[number]): string => `objection-receipt ${number} ${language}`;

interface Attachment {
  readonly contentType: string;
  readonly data: string;
}

const sha = (algorithm: 'sha1' | 'sha256', attachment: Attachment, encoding: 'hex' | 'base64'): string =>
  createHash(algorithm).update(Buffer.from(attachment.data, 'base64')).digest(encoding);

export const verifyReceipt = ({ store }: VerifyReceiptParts): Operation => ({
  definition: definitionOf('verify-receipt'),
  run: async given => {
    const number = readReceiptNumber(given.get('number')![0] as string);
    if (number === undefined)
      throw new Problem('invalid-parameter', 'The parameter number is no number of a receipt: a character is wrong or missing.', {
        expression: "Parameters.parameter.where(name='number')",
      });
    const hash = (given.get('hash')?.[0] as string | undefined)?.trim();
    const parameter: ParametersParameter[] = [];
    const documents = (await Promise.all(languages.map(language => store.receipt(receiptKeyOf(number, language)))))
      .flatMap(found => found?.versions ?? [])
      .map(version => JSON.parse(version.bytes.toString()) as { content: { attachment: Attachment }[] });
    parameter.push({ name: 'issued', valueBoolean: documents.length > 0 });
    if (documents.length > 0) {
      const said = JSON.parse(Buffer.from(documents[0]!.content[1]!.attachment.data, 'base64').toString()) as {
        of: string;
        received: string;
      };
      parameter.push({ name: 'of', valueCode: said.of }, { name: 'received', valueInstant: said.received });
    }
    if (hash !== undefined) {
      const hashes = documents.flatMap(({ content }) =>
        content.flatMap(({ attachment }) => [sha('sha256', attachment, 'hex'), sha('sha1', attachment, 'base64')]),
      );
      parameter.push({ name: 'genuine', valueBoolean: hashes.includes(hash) || hashes.includes(hash.toLowerCase()) });
    }
    return { status: 200, resource: { resourceType: 'Parameters', parameter } as unknown as AnyResource };
  },
});
