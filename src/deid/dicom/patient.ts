/**
 * Who an object says that it is of: for whoever has to find that person, before the object is de-identified.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.7.html, https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_10.14.html
 * @module
 */
import { decoderOf } from './charset.ts';
import { type DataSet, textOf, trimmed, Withheld } from './element.ts';
import { readFile } from './read.ts';

export interface DicomPatient {
  /** (0010,0020) PatientID; '' where there is none. */
  readonly id: string;
  /** (0010,0021) Issuer of Patient ID: whatever its institution calls itself. */
  readonly issuer: string;
  /** (0040,0032) Universal Entity ID of the issuer, and (0040,0033) what it is: `ISO` (an OID), `URI` … */
  readonly universal?: { readonly id: string; readonly type: string };
  /** (0010,0030), as written; '' where there is none. */
  readonly birthDate: string;
}

/** withheld: why that cannot be told, as the end of a sentence that begins with the object. */
export function patientOf(bytes: Uint8Array): DicomPatient | { readonly withheld: string } {
  try {
    return of(readFile(bytes).set);
  } catch (error) {
    if (error instanceof Withheld) return { withheld: error.reason };
    throw error;
  }
}

function of(set: DataSet): DicomPatient {
  const decode = decoderOf(textOf(set, 0x0008_0005));
  /** A text that is not in the declared set is nobody's number. */
  const said = (tag: number, within = set): string => {
    const bytes = within.get(tag)?.bytes;
    return bytes === undefined || bytes.length > 1024 ? '' : trimmed(decode?.(bytes) ?? '');
  };
  const qualifiers = set.get(0x0010_0024)?.items?.[0];
  const universal = qualifiers === undefined ? '' : said(0x0040_0032, qualifiers);
  return {
    id: said(0x0010_0020),
    issuer: said(0x0010_0021),
    ...(universal === '' ? {} : { universal: { id: universal, type: textOf(qualifiers, 0x0040_0033) } }),
    birthDate: textOf(set, 0x0010_0030),
  };
}
