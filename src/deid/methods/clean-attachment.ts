/**
 * clean-attachment: a file in an Attachment or a Binary leaves cleaned, with size and hash of what it is now, if its kind has a cleaner (src/deid/attachment); else it does not leave.
 * An Attachment whose file is a Binary follows it to its pseudonym, as a reference does; any other URL leads elsewhere, and goes. A Binary that is nobody's does not leave.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Attachment, https://hl7.org/fhir/R4/binary.html
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { literal } from '../../fhir/model/reference.ts';
import { cleanAttachment as cleaned, typeThatLeaves } from '../attachment/clean-attachment.ts';
import { type Context, isObject, type Run } from '../context.ts';
import { readDicomProfile } from '../dicom/profile.ts';
import type { Method } from './method.ts';
import { anObject, flag } from './option.ts';

const odd = /[^A-Za-z0-9+/\s]/;

/**
 * Whether these are base64: data that were handed in nobody has validated. A search for one character looks at each
 * once and keeps no way back, where an expression with a `+` over megabytes has been seen to run out of stack.
 */
function isBase64(data: string): boolean {
  const end = data.search(odd);
  return end < 0 ? data !== '' : end > 0 && /^={1,2}$/.test(data.slice(end).trimEnd());
}

/** The pseudonym of the Binary that an Attachment's file is. */
function followed({ contentType, url }: Json, { base, lead }: Context): Json | undefined {
  const own = typeof url === 'string' ? literal(url, base) : undefined;
  const to = own?.type === 'Binary' ? lead(`Binary/${own.id}`)?.['reference'] : undefined;
  if (to === undefined) return undefined;
  const type = typeof contentType === 'string' ? typeThatLeaves(contentType) : undefined;
  return { ...(type === undefined ? {} : { contentType: type }), url: to };
}

/**
 * Options: `dicom`, the profile of DICOM objects (docs/deidentification/images.md), without it none leaves; `texts`, whether files of text leave, cleaned (default true).
 */
export const cleanAttachment: Method = {
  types: ['Attachment', 'Binary'],
  options: { dicom: anObject, texts: flag },
  mark: 'cleaned',
  cleansTexts: options => options['texts'] !== false,
  make: (options, _, type) => {
    const dicom = options['dicom'] === undefined ? undefined : readDicomProfile(options['dicom']);
    const { texts = true } = options;
    if (typeof texts !== 'boolean') throw new Error('"texts" must be true or false');
    return (value, { context }: Run) => {
      if (!isObject(value)) return undefined;
      const { keys, subject, clean } = context;
      const { contentType, data } = value;
      if (data === undefined) return type === 'Binary' ? undefined : followed(value, context);
      if (typeof contentType !== 'string' || typeof data !== 'string' || !isBase64(data)) return undefined;
      if (type === 'Binary' && subject === undefined) return undefined;
      const left = cleaned({ contentType, data: Buffer.from(data, 'base64') }, dicom === undefined ? {} : { dicom }, {
        uid: keys.uid,
        ...(subject === undefined ? {} : { subject: { ...subject, id: subject.id ?? '' } }),
        ...(clean === undefined || !texts ? {} : { clean: (text: string) => clean(text, subject) }),
      });
      if ('dropped' in left) return undefined;
      return { contentType: left.contentType, data: Buffer.from(left.data).toString('base64'), size: left.size, hash: left.hash };
    };
  },
};
