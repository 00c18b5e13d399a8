/**
 * Letters and pictures: a discharge summary as an attached text that names everybody, and an imaging study.
 * R4: https://hl7.org/fhir/R4/documentreference.html, https://hl7.org/fhir/R4/imagingstudy.html
 * @module
 */
import type { Encounter, Reference } from '@medplum/fhirtypes';
import { at, dayAfter } from './calendar.ts';
import { systems } from './codes.ts';
import type { Visit } from './course.ts';
import { coding, instance, narrative } from './parts.ts';
import { institutions } from './person.ts';
import type { Told } from './told.ts';

export function letter(
  { bundle, institution, extension, subject, number, doctor, doctorName, written, who }: Told,
  seen: Visit,
  encounter: Reference<Encounter>,
): void {
  const out = dayAfter(seen.day, seen.nights);
  const text = [
    '退院時サマリー',
    `患者 ${written.nameText}（${written.kanaText}）　${written.birthDate}生　患者番号 ${number}`,
    `住所 ${written.place.state}${written.place.city}${written.line}　電話 ${written.phone ?? who.phone}`,
    `診断 ${seen.diseases.map(d => d.name).join('、')}`,
    `${seen.day}入院、${out}退院。${written.name.family}さんは食事摂取良好。`,
    `${institutions[institution].name}　${doctorName}`,
  ].join('\n');
  bundle.add({
    resourceType: 'DocumentReference',
    text: narrative(`退院時サマリー　${written.nameText}様`),
    extension,
    identifier: [instance(institution, number, `DOC${seen.count}`)],
    status: 'current',
    type: { coding: [coding(systems.loinc, '18842-5')], text: '退院時サマリー' },
    subject,
    date: at(out, '11:00'),
    author: [doctor],
    custodian: { reference: `Organization/${institution}` },
    description: `${written.nameText}様 退院時サマリー`,
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'ja',
          title: `${written.nameText}_退院時サマリー.txt`,
          data: Buffer.from(text).toString('base64'),
        },
      },
    ],
    context: { encounter: [encounter], period: { start: seen.day, end: out } },
  });
}

/** UID under 2.25: a UUID as one decimal number. DICOM PS3.5 B.2 */
const uid = (uuid: string): string => `2.25.${BigInt('0x' + uuid.replaceAll('-', ''))}`;

export function imagingStudy(
  { r, bundle, institution, extension, subject, number, doctor, written }: Told,
  seen: Visit,
  encounter: Reference<Encounter>,
): void {
  const started = at(seen.day, '15:20');
  const ct = coding('http://dicom.nema.org/resources/ontology/DCM', 'CT');
  const study = uid(r.uuid());
  bundle.add({
    resourceType: 'ImagingStudy',
    text: narrative(`胸部CT　${written.nameText}様（${number}）`),
    extension,
    identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${study}` }, instance(institution, number, 'IMG1')],
    status: 'available',
    modality: [ct],
    subject,
    encounter,
    started,
    referrer: doctor,
    numberOfSeries: 1,
    numberOfInstances: 2,
    description: '胸部CT',
    series: [
      {
        uid: uid(r.uuid()),
        number: 1,
        modality: ct,
        description: `胸部　${written.kanaText}`,
        numberOfInstances: 2,
        started,
        instance: [1, 2].map(n => ({
          uid: uid(r.uuid()),
          sopClass: coding('urn:ietf:rfc:3986', 'urn:oid:1.2.840.10008.5.1.4.1.1.2'),
          number: n,
        })),
      },
    ],
  });
}
