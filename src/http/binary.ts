/**
 * Content as it is, on the wire alone: inside, it is a Binary. What comes is written into one, what is asked for is taken out of one, with headers that keep a
 * browser from running it.
 * R4: https://hl7.org/fhir/R4/binary.html#rest
 * @module
 */
import type { Version } from '../fhir/model/exchange.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';

/** Whether the path is that of a Binary's read or vread. */
export const isBinaryRead = (method: string, segments: readonly string[]): boolean =>
  method === 'GET' &&
  segments[0] === 'Binary' &&
  (segments.length === 2 || (segments.length === 4 && segments[2] === '_history')) &&
  !/^[$_]/.test(segments[1]!);

/** Whether the body may be content: of a create, an update, or a conditional one. */
export const isBinaryWrite = (method: string, segments: readonly string[]): boolean =>
  segments[0] === 'Binary' && (method === 'POST' ? segments.length === 1 : method === 'PUT' && segments.length <= 2);

/**
 * A Binary of what was sent.
 * @param id of the URL of an update
 * @param context X-Security-Context: a reference
 */
export function binaryOf(bytes: Buffer, contentType: string, id: string | undefined, context: string | undefined): AnyResource {
  return {
    resourceType: 'Binary',
    ...(id === undefined ? {} : { id }),
    contentType: contentType.trim(),
    ...(context === undefined ? {} : { securityContext: { reference: context } }),
    ...(bytes.length === 0 ? {} : { data: bytes.toString('base64') }),
  };
}

/** Whether a text that is no resource was meant to be a Binary: its refusal is told, and it is not kept as mere content. */
export const looksLikeBinary = (bytes: Buffer): boolean => {
  const start = bytes.toString('utf8', 0, 1000);
  return /"resourceType"\s*:\s*"Binary"/.test(start) || (/<(?:[\w.-]+:)?Binary[\s/>]/.test(start) && start.includes('http://hl7.org/fhir'));
};

/** Types that a browser shows and cannot run; all others are offered as a file. */
const passive = /^(?:text\/plain|image\/(?:png|jpeg|gif|webp|bmp|tiff)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

export interface Native {
  readonly type: string;
  readonly body: readonly Buffer[];
  readonly headers: readonly string[];
}

/** The media type of a stored Binary. */
export const contentTypeOf = (binary: Json): string =>
  typeof binary['contentType'] === 'string' ? binary['contentType'] : 'application/octet-stream';

/** A stored Binary as it is to leave. */
export function nativeOf(binary: Json): Native {
  const type = contentTypeOf(binary);
  const { data } = binary;
  const context = (binary['securityContext'] as Json | undefined)?.['reference'];
  const name = type.split(';', 1)[0]!.trim().toLowerCase();
  return {
    type,
    body: typeof data === 'string' ? [Buffer.from(data, 'base64')] : [],
    headers: [
      // Beside the one of all data: a document of its own, without origin, scripts and forms.
      'content-security-policy',
      'sandbox',
      ...(passive.test(name) ? [] : ['content-disposition', 'attachment']),
      ...(typeof context === 'string' ? ['x-security-context', context] : []),
    ],
  };
}

/** The resource of a stored Binary. */
export const binaryIn = ({ bytes }: Version): Json => JSON.parse(bytes.toString('utf8')) as Json;
