/**
 * What a hospital's EMR would post of one patient: a transaction of everything it has, with names in all the places where real records have them.
 * R4: https://hl7.org/fhir/R4/http.html#transaction, http://jpfhir.jp/fhir/core/ (JP Core 1.2.0)
 * @module
 */
import type { Bundle, ContactPoint, Patient, Practitioner, Reference } from '@medplum/fhirtypes';
import { hospitalNumberPrefix } from '../fhir/model/person.ts';
import { at } from './calendar.ts';
import { diagnoses, visits } from './course.ts';
import { memberId } from './numbers.ts';
import { coding, hl7, institutionNumber, narrative, sentBy, Transaction } from './parts.ts';
import { ageOn, type Institution, institutions, type Person, type Request, type Writing, writingOf } from './person.ts';
import { type Random, random } from './random.ts';
import { type Doctor, doctors } from './staff.ts';
import type { Told } from './told.ts';
import { visit } from './visit.ts';

/** Patient number at a hospital: 10 digits, the first four drawn from the seed so that two generated worlds do not share people. */
export function patientNumber({ seed }: Request, { person }: Person, institution: Institution): string {
  return (
    String(random(seed, 'numbers', institution).whole(1000, 9999)) +
    String(person * (institution === 'hospital-1' ? 3 : 7)).padStart(6, '0')
  );
}

const numberSystem = (institution: Institution): string => hospitalNumberPrefix + institutions[institution].code;

const representation = (valueCode: 'IDE' | 'SYL') => [
  { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode },
];

function patient(
  r: Random,
  who: Person,
  written: Writing,
  number: string,
  institution: Institution,
  doctor: Reference<Practitioner>,
): Patient {
  const { name, place, line } = written;
  const family = r.chance(0.3) ? r.pick(['配偶者', '長女', '長男', '母']) : undefined;
  const telecom: ContactPoint[] = [
    ...(written.phone === undefined ? [] : [{ system: 'phone' as const, value: written.phone, use: 'mobile' as const }]),
    ...(who.email === undefined ? [] : [{ system: 'email' as const, value: who.email }]),
  ];
  return {
    resourceType: 'Patient',
    text: narrative(
      `${written.nameText}（${written.kanaText}）様　${written.birthDate}生`,
      `患者番号 ${number}　保険 ${written.insurance.insurer}`,
    ),
    identifier: [
      { use: 'usual', type: { coding: [hl7('v2-0203', 'MR')] }, system: numberSystem(institution), value: number },
      { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: memberId(written.insurance) },
    ],
    active: true,
    name: [
      { extension: representation('IDE'), use: 'usual', text: written.nameText, family: name.family, given: [name.given] },
      { extension: representation('SYL'), use: 'usual', text: written.kanaText, family: name.familyKana, given: [name.givenKana] },
    ],
    ...(telecom.length === 0 ? {} : { telecom }),
    gender: who.gender,
    birthDate: written.birthDate,
    ...(who.deceased === undefined ? {} : { deceasedDateTime: who.deceased }),
    address: [
      {
        use: 'home',
        text: place.state + place.city + line,
        line: [line],
        city: place.city,
        state: place.state,
        postalCode: place.postalCode,
        country: 'JP',
      },
    ],
    ...(family === undefined
      ? {}
      : {
          contact: [
            {
              relationship: [{ text: family }],
              name: { text: `${name.family} ${r.pick(['和子', '健一', '美穂', '誠'])}`, family: name.family },
              telecom: [{ system: 'phone' as const, value: who.phone }],
            },
          ],
        }),
    generalPractitioner: [doctor],
    managingOrganization: { reference: `Organization/${institution}` },
  };
}

const practitioner = ({ name, kana, gender, number }: Doctor, institution: Institution): Practitioner => ({
  resourceType: 'Practitioner',
  identifier: [{ system: `urn:oid:1.2.392.100495.20.3.41.1${institutions[institution].code}`, value: number }],
  name: [
    { extension: representation('IDE'), use: 'usual', text: `${name[0]} ${name[1]}`, family: name[0], given: [name[1]] },
    { extension: representation('SYL'), use: 'usual', text: `${kana[0]} ${kana[1]}`, family: kana[0], given: [kana[1]] },
  ],
  gender,
});

/** The whole record of a person at one hospital. */
export function recordOf(request: Request, who: Person, institution: Institution): Bundle {
  const { seed, day } = request;
  const r = random(seed, day, 'record', who.person, institution);
  const written = writingOf(request, who, institution);
  const number = patientNumber(request, who, institution);
  const bundle = new Transaction(r.uuid);
  const extension = [sentBy(institution)];

  const [doctor, second] = doctors(seed, institution, who.person);
  const by = bundle.addOnce(practitioner(doctor, institution));
  const also = bundle.addOnce(practitioner(second, institution));
  const subject = bundle.add(patient(r, who, written, number, institution, by));

  const { insurance } = written;
  const payor = bundle.addOnce({
    resourceType: 'Organization',
    identifier: [{ system: 'http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber', value: insurance.insurer }],
    type: [{ coding: [hl7('organization-type', 'pay')] }],
    name: insurance.insurerName,
  });
  const onCoverage = (name: string, valueString: string) =>
    valueString === ''
      ? []
      : [{ url: `http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson${name}`, valueString }];
  bundle.add({
    resourceType: 'Coverage',
    extension: [
      ...extension,
      ...onCoverage('Symbol', insurance.symbol),
      ...onCoverage('Number', insurance.number),
      ...onCoverage('SubNumber', insurance.branch),
    ],
    status: 'active',
    subscriberId: `${insurance.symbol}・${insurance.number}`,
    beneficiary: subject,
    ...(insurance.branch === '' ? {} : { dependent: insurance.branch }),
    period: { start: `${Number(day.slice(0, 4)) - 1}-04-01` },
    payor: [payor],
  });

  const told: Told = {
    r,
    bundle,
    who,
    written,
    number,
    institution,
    extension,
    subject,
    doctor: by,
    second: also,
    doctorName: doctor.name.join(' '),
    conditions: new Map(),
  };
  const has = diagnoses(r, who);
  for (const one of visits(r, who, has, day)) visit(told, one);

  return {
    resourceType: 'Bundle',
    identifier: {
      system: 'http://jpfhir.jp/fhir/clins/bundle-identifier',
      value: `${institutions[institution].code}^${day.slice(0, 4)}^${r.uuid()}`,
    },
    type: 'transaction',
    timestamp: at(day, '00:00'),
    entry: bundle.entries,
  };
}

/** Whom a notice was given to. */
const recipient = 'https://noren.example/fhir/StructureDefinition/notice-recipient';

/** The hospital's word that the patient was told: https://noren.example/fhir/CodeSystem/communication-category|notice */
export function noticeOf(request: Request, who: Person, institution: Institution, sent: string) {
  const uuid = random(request.seed, 'notice', who.person, institution, sent).uuid();
  // By the birth date that this hospital has written down.
  const isChild = ageOn(writingOf(request, who, institution).birthDate, sent) < 16;
  return {
    resourceType: 'Communication' as const,
    ...(isChild ? { extension: ['patient', 'guardian'].map(valueCode => ({ url: recipient, valueCode })) } : {}),
    identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${uuid}` }],
    status: 'completed' as const,
    category: [{ coding: [coding('https://noren.example/fhir/CodeSystem/communication-category', 'notice')] }],
    medium: [{ coding: [hl7('v3-ParticipationMode', 'WRITTEN')] }],
    subject: { identifier: { system: numberSystem(institution), value: patientNumber(request, who, institution) } },
    sent: at(sent, '10:00'),
    sender: { reference: `Organization/${institution}`, identifier: { system: institutionNumber, value: institutions[institution].code } },
  };
}
