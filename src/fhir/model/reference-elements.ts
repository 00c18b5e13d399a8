/**
 * Names of reference elements by whom they mean, for references that do not say their type.
 * R4: https://hl7.org/fhir/R4/references.html (held against the definitions by a test)
 * @module
 */

/** Elements that refer to a Patient or RelatedPerson first of all: an identifier in them means a person, unless `type` says otherwise. */
export const peoples: ReadonlySet<string> = new Set(
  'subject patient beneficiary subscriber candidate sourcePatientInfo verifiedWith for other'.split(' '),
);
/** Elements that never refer to a person, where a reference without a type may be left alone. All others may. */
export const nobodys: ReadonlySet<string> = new Set(
  `encounter context managingOrganization organization serviceProvider custodian location insurer provider facility device specimen
   medicationReference episodeOfCare appointment diagnosticReport service serviceType generalPractitioner assigner manufacturer hospitalization
   origin destination instantiates definition schedule slot coverage insurance endpoint image imagingStudy problem condition conditions goal
   result hasMember authorizingPrescription protocol relatesTo prescription originalPrescription claim serviceRequested procedureReference
   substance ingredient asset library measure`.split(/\s+/),
);
