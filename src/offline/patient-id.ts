/**
 * Whose a DICOM object is: the person of the input who has its PatientID, by the issuer of that number where one is named, else by the number alone if one person has it
 * as an identifier or as the id of a Patient. Where that is not sure, it is nobody's.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.7.html
 * @module
 */
import { readDate } from '../deid/calendar.ts';
import type { DicomPatient } from '../deid/dicom/patient.ts';
import { fold, hospitalNumberPrefix, personKey } from '../fhir/model/person.ts';
import type { Person, Persons } from './people.ts';

/** Why it is nobody's, as the end of a sentence that begins with the object. */
export type Found = Person | { readonly withheld: string };

/** `Identifier.system` that an issuer means: an OID, a URI, the code of ten digits of a Japanese institution. */
function systemOf({ issuer, universal }: DicomPatient): string | undefined {
  const name = universal === undefined || !['ISO', 'URI'].includes(universal.type) ? issuer : universal.id;
  if (/^\d{10}$/.test(name)) return hospitalNumberPrefix + name;
  return /^(?:[0-2](?:\.\d+)+|urn:.+|https?:.+)$/i.test(name) ? name : undefined;
}

/** What devices write where they know no number. */
const nobody = /^(?:[0\s._/-]*|unknown|anonymous|anonymi[sz]ed|none|null|test|n\/?a|不明|匿名)$/i;

const dayIn = (date: string): number | undefined => readDate(date.replace(/^(\d{4})\.?(\d{2})\.?(\d{2})$/, '$1-$2-$3'))?.first;

export function finder(persons: Pick<Persons, 'byKey' | 'byBare'>): (patient: DicomPatient) => Found {
  const named = (patient: DicomPatient): Person | null | undefined => {
    if (patient.issuer === '' && patient.universal === undefined) return persons.byBare(fold(patient.id));
    const key = personKey({ system: systemOf(patient), value: patient.id });
    return key === undefined ? undefined : persons.byKey.get(key);
  };
  return patient => {
    if (patient.id === '') return { withheld: 'has no PatientID' };
    const isIssued = patient.issuer !== '' || patient.universal !== undefined;
    if (!isIssued && nobody.test(fold(patient.id))) return { withheld: 'has a PatientID that stands for no number' };
    if (isIssued && systemOf(patient) === undefined) return { withheld: 'has a PatientID whose issuer is no system of identifiers' };
    const one = named(patient);
    if (one === undefined) return { withheld: 'is of nobody in the input' };
    if (one === null) return { withheld: 'has a PatientID that several persons of the input have' };
    const { born } = one.subject;
    const birth = dayIn(patient.birthDate);
    if (born !== undefined && patient.birthDate !== '' && !(birth !== undefined && birth >= born.first && birth <= born.last))
      return { withheld: 'has another birth date than the person of its PatientID' };
    return one;
  };
}
