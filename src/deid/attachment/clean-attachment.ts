/**
 * An attachment, cleaned where there is a cleaner for what it is, else dropped: plain text, XHTML, CDA, DICOM. PDF, RTF, pictures, sound and everything else have none.
 * Its content type and its first bytes have to agree. Pure, linear, bounded, and never thrown by what it is given.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Attachment
 * @module
 */
import { createHash } from 'node:crypto';
import { deidentifyDicom } from '../dicom/deidentify.ts';
import type { DicomProfile } from '../dicom/profile.ts';
import type { DicomSubject } from '../dicom/walk.ts';
import { cleanDocument } from './clinical-document.ts';
import { type ContentType, contentType, looks } from './content-type.ts';
import { declaredCharset } from './markup.ts';
import { cleanNarrative } from './narrative.ts';
import { hidesText, holdsMoreThanText, textOf } from './text.ts';

export interface AttachmentOptions {
  /** Absent: no DICOM object leaves. */
  readonly dicom?: DicomProfile;
  /** Of texts and documents; DICOM objects have limits of their own. Default 8 MiB. */
  readonly maxTextBytes?: number;
}

export interface AttachmentContext {
  /** A UID for a UID. */
  readonly uid: (uid: string) => string;
  /** Absent: nobody's that is known; no dates leave. */
  readonly subject?: DicomSubject;
  /** Free text without what identifies; undefined: it does not leave. Absent: no text leaves. */
  readonly clean?: (text: string) => string | undefined;
}

export type CleanedAttachment =
  | {
      /** With the charset of the output. */
      readonly contentType: string;
      readonly data: Uint8Array;
      /** Attachment.size: bytes. */
      readonly size: number;
      /** Attachment.hash: SHA-1 in base64, as R4 has it. */
      readonly hash: string;
    }
  /** Why, as the end of a sentence that begins with the attachment. */
  | { readonly dropped: string };

const mostTextBytes = 8 * 1024 * 1024;
const encoder = new TextEncoder();

const hashOf = (data: Uint8Array): string => createHash('sha1').update(data).digest('base64');

const cleanedTo = (type: string, data: Uint8Array): CleanedAttachment => ({
  contentType: type,
  data,
  size: data.length,
  hash: hashOf(data),
});

const markups = new Set(['text/html', 'application/xhtml+xml']);
const documents = new Set(['text/xml', 'application/xml', 'application/cda+xml', 'application/hl7-cda+xml']);

/** A content type as it leaves where the file stands elsewhere: one that has a cleaner, without parameters. */
export function typeThatLeaves(said: string): string | undefined {
  const essence = contentType(said)?.essence;
  return essence === 'application/dicom' || essence === 'text/plain' || markups.has(essence ?? '') || documents.has(essence ?? '')
    ? essence
    : undefined;
}

export function cleanAttachment(
  { contentType: said, data }: { readonly contentType: string; readonly data: Uint8Array },
  options: AttachmentOptions,
  context: AttachmentContext,
): CleanedAttachment {
  const type = contentType(said);
  if (type === undefined) return { dropped: 'has no content type' };
  if (type.essence === 'application/dicom') return cleanObject(data, options, context);
  const isText = type.essence === 'text/plain';
  if (!isText && !markups.has(type.essence) && !documents.has(type.essence)) return { dropped: 'is of a content type that has no cleaner' };
  if (data.length > (options.maxTextBytes ?? mostTextBytes)) return { dropped: 'is too large' };
  if (looks(data) !== (isText ? 'text' : 'markup')) return { dropped: 'is not what its content type says' };
  return cleanText(type, data, context);
}

function cleanText({ essence, charset }: ContentType, data: Uint8Array, { clean, subject }: AttachmentContext): CleanedAttachment {
  const isText = essence === 'text/plain';
  const text = textOf(data, charset ?? (isText ? undefined : declaredCharset(data)));
  if (text === undefined) return { dropped: 'is no text in its character set' };
  if (clean === undefined) return { dropped: 'is text that nobody cleans' };
  // Of markup the references are read first; what stands escaped in them is asked of each text.
  if (isText ? hidesText(text) : holdsMoreThanText(text)) return { dropped: 'holds more than text' };
  const plain = (said: string): string | undefined => (hidesText(said) ? undefined : clean(said));
  const out = isText ? clean(text) : markups.has(essence) ? cleanNarrative(text, plain) : cleanDocument(text, plain, subject);
  if (out === undefined) return { dropped: isText ? 'cannot be cleaned' : 'is no document that can be cleaned' };
  return cleanedTo(`${essence};charset=utf-8`, encoder.encode(out));
}

function cleanObject(data: Uint8Array, { dicom }: AttachmentOptions, context: AttachmentContext): CleanedAttachment {
  if (dicom === undefined) return { dropped: 'is of a content type that has no cleaner' };
  if (looks(data) !== 'dicom') return { dropped: 'is not what its content type says' };
  const result = deidentifyDicom(data, dicom, context);
  return 'withheld' in result ? { dropped: result.withheld } : cleanedTo('application/dicom', result.bytes);
}
