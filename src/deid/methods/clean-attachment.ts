/**
 * clean-attachment: a file in an Attachment leaves cleaned, with size and hash of what it is now, if its kind has a cleaner (src/deid/attachment); else it does not leave. A URL alone leads elsewhere, and goes.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Attachment
 * @module
 */
import { cleanAttachment as cleaned } from '../attachment/clean-attachment.ts';
import { isObject } from '../context.ts';
import { readDicomProfile } from '../dicom/profile.ts';
import type { Method } from './method.ts';

const base64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** Option: `dicom`, the profile of DICOM objects (docs/deidentification/images.md); without it none leaves. */
export const cleanAttachment: Method = {
  types: ['Attachment'],
  mark: 'cleaned',
  make: options => {
    const dicom = options['dicom'] === undefined ? undefined : readDicomProfile(options['dicom']);
    return (value, { context: { keys, subject, clean } }) => {
      if (!isObject(value)) return undefined;
      const { contentType, data } = value;
      if (typeof contentType !== 'string' || typeof data !== 'string' || !base64.test(data)) return undefined;
      const left = cleaned({ contentType, data: Buffer.from(data, 'base64') }, dicom === undefined ? {} : { dicom }, {
        uid: keys.uid,
        ...(subject === undefined ? {} : { subject: { shiftDays: subject.shiftDays, id: subject.id ?? '' } }),
        ...(clean === undefined ? {} : { clean: (text: string) => clean(text, subject) }),
      });
      if ('dropped' in left) return undefined;
      return { contentType: left.contentType, data: Buffer.from(left.data).toString('base64'), size: left.size, hash: left.hash };
    };
  },
};
