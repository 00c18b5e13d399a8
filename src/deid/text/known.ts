/**
 * What records say of the people and places in them: everything that must not stand in a text.
 * Read from every HumanName, Address, ContactPoint and Identifier, of contained resources and of those in a Bundle too, from the strings that
 * name people (Annotation.authorString, FamilyMemberHistory.name, ContactDetail.name), and from what any resource calls somebody it refers to.
 * Whose they are says the resource they stand in.
 * R4: https://hl7.org/fhir/R4/datatypes.html#HumanName, https://hl7.org/fhir/R4/references.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { surnameAt } from './surnames.ts';

export type Role = 'patient' | 'related' | 'staff' | 'institution';

/** IDE: kanji; SYL: kana; ABC: Latin letters. http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation */
export type Representation = 'IDE' | 'SYL' | 'ABC';

export interface KnownName {
  readonly role: Role;
  readonly family?: string;
  readonly given: readonly string[];
  /** The whole, as written. */
  readonly text?: string;
  readonly representation?: Representation;
}

export interface KnownAddress {
  readonly role: Role;
  readonly state?: string;
  readonly city?: string;
  readonly district?: string;
  readonly line: readonly string[];
  readonly text?: string;
  readonly postalCode?: string;
}

/** A value of somebody's. */
export interface KnownValue {
  readonly role: Role;
  readonly value: string;
}

export interface Known {
  readonly names: readonly KnownName[];
  /** Names of hospitals, wards, companies, schools, payers. */
  readonly institutions: readonly string[];
  readonly addresses: readonly KnownAddress[];
  readonly phones: readonly KnownValue[];
  readonly emails: readonly KnownValue[];
  readonly urls: readonly string[];
  readonly identifiers: readonly KnownValue[];
  /** FHIR dates. */
  readonly birthDates: readonly string[];
  /** Other FHIR dates of the records: they tell what a number without separators is. */
  readonly dates: readonly string[];
}

type Mutable = { -readonly [K in keyof Known]: Known[K][number][] };

const empty = (): Mutable => ({
  names: [],
  institutions: [],
  addresses: [],
  phones: [],
  emails: [],
  urls: [],
  identifiers: [],
  birthDates: [],
  dates: [],
});

export const nothingKnown: Known = empty();

/** All of several. */
export const allKnown = (several: readonly Known[]): Known =>
  Object.fromEntries(
    Object.keys(nothingKnown).map(part => [part, several.flatMap((one): readonly unknown[] => one[part as keyof Known])]),
  ) as unknown as Known;

const representationUrl = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
const roleOf: Readonly<Record<string, Role>> = {
  Patient: 'patient',
  Person: 'patient',
  RelatedPerson: 'related',
  Practitioner: 'staff',
  PractitionerRole: 'staff',
  Organization: 'institution',
  Location: 'institution',
  HealthcareService: 'institution',
  CareTeam: 'institution',
};
/** Elements whose reference, where it does not say to what, is to a patient or an institution; all others are to staff. */
const elementRole: Readonly<Record<string, Role>> = {
  subject: 'patient',
  patient: 'patient',
  beneficiary: 'patient',
  policyHolder: 'related',
  subscriber: 'related',
  organization: 'institution',
  managingOrganization: 'institution',
  serviceProvider: 'institution',
  custodian: 'institution',
  location: 'institution',
  payor: 'institution',
  insurer: 'institution',
  partOf: 'institution',
  owner: 'institution',
  manufacturer: 'institution',
  origin: 'institution',
  destination: 'institution',
};
/** Elements of R4 that refer to people and institutions; what others are called (a device, a report) tells nobody's name. */
const towardsPeople = new Set(
  [
    ...Object.keys(elementRole),
    ...'actor agent asserter attender attester author collector individual enterer generalPractitioner informationSource interpreter member operator other participant payee performer performerActor practitioner provider receiver recipient recorder reporter requester requestedBy reviewer sender source verifier who witness onBehalfOf party assigner responsible responsibleParty resultsInterpreter deliverTo orderer caregiver link assessor authenticator candidate careManager contributor expressedBy grantor managingEntity observer prescriber principalInvestigator referrer reported requestor requestProvider sourcePatientInfo submitter supplier verifiedWith entity contact publisher target'.split(
      ' ',
    ),
  ].flatMap(name => [name, name + 'Reference']),
);
const places =
  /(?:病院|医院|診療所|クリニック|センター|薬局|施設|ホーム|ステーション|大学|学校|会社|法人|組合|協会|連合|保険|園|署|課|室|科|病棟)$|hospital|clinic|cent(?:er|re)|universit|pharmacy|\b(?:inc|ltd|llc|corp)\b|department|insurance/i;

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one.trim() !== '');
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value : [value]).filter(isObject);

/** Elements whose type is Identifier in R4, besides those that are called so. */
const identifierElement = /^(?:identifier|.+Identifier|requisition)$/;
/** Strings that are numbers of somebody's: of a policy, of a device, of a user. */
const numbers = new Set(['subscriberId', 'serialNumber', 'carrierHRF', 'altId']);
/** Elements of type ContactDetail, Contributor and AuditEvent.agent, whose `name` is a string. */
const named = new Set(['contact', 'author', 'editor', 'reviewer', 'endorser', 'contributor', 'agent']);
const addressElements = new Set(['address', 'valueAddress', 'locationAddress']);
const telecomElements = new Set(['telecom', 'contact', 'valueContactPoint']);

/**
 * Everything that resources say of people and places.
 * @param role whose the resources are: of a Person or an Organization that alone does not say it, and of persons in a reference that does not say to whom;
 * `related`: a Patient among them is another one than the one whose texts are read
 */
export function knownOf(resources: Iterable<AnyResource>, role: Role): Known {
  const known = empty();
  for (const resource of resources) walk(resource, resource.resourceType, role, known);
  return known;
}

function walk(node: Json, element: string, whose: Role, known: Mutable): void {
  const { resourceType } = node;
  const type = typeof resourceType === 'string' ? resourceType : undefined;
  const own = type === 'Person' || (type === 'Patient' && whose === 'related') ? whose : roleOf[type ?? ''];
  const role = own ?? whose;
  if (own === 'institution') known.institutions.push(...texts(node['name']), ...texts(node['alias']));
  // Patient.name as a string: no HumanName, yet a name.
  else if (own !== undefined) for (const text of texts(node['name'])) known.names.push({ role, given: [], text });
  if (typeof node['display'] === 'string') reference(node, element, known);
  for (const name in node) {
    const child = node[name];
    if (typeof child === 'string') {
      // Of staff there are so many that every day is somebody's.
      if (name === 'birthDate') {
        if (role !== 'staff') known.birthDates.push(child);
      } else if (day.test(child)) known.dates.push(child.slice(0, 10));
      else if (name === 'authorString' || (name === 'name' && (named.has(element) || type === 'FamilyMemberHistory')))
        called(child, type === 'FamilyMemberHistory' ? 'related' : 'staff', known);
      else if (numbers.has(name)) known.identifiers.push({ role: 'patient', value: child });
      continue;
    }
    for (const one of objects(child)) {
      // A number of a record (an order, a report) is as good as the patient's own.
      if (identifierElement.test(name)) identifier(one, own ?? 'patient', known);
      else if (name === 'name' || name === 'valueHumanName') humanName(one, role, known);
      else if (addressElements.has(name)) address(one, role, known);
      else if (telecomElements.has(name) && 'value' in one) telecom(one, role, known);
      // Consent.provision.actor.reference is to the actor.
      else walk(one, name === 'reference' ? element : name, name === 'contact' ? (role === 'patient' ? 'related' : 'staff') : role, known);
    }
  }
}

const day = /^\d{4}-\d\d-\d\d(?:T|$)/;

function humanName(name: Json, role: Role, known: Mutable): void {
  const family = texts(name['family'])[0];
  const text = texts(name['text'])[0];
  const given = texts(name['given']);
  const code = objects(name['extension']).find(one => one['url'] === representationUrl)?.['valueCode'];
  if (family === undefined && text === undefined && given.length === 0) return;
  known.names.push({
    role,
    given,
    ...(family === undefined ? {} : { family }),
    ...(text === undefined ? {} : { text }),
    ...(code === 'IDE' || code === 'SYL' || code === 'ABC' ? { representation: code } : {}),
  });
}

function address(one: Json, role: Role, known: Mutable): void {
  const part = (name: string): Record<string, string> => {
    const value = texts(one[name])[0];
    return value === undefined ? {} : { [name]: value };
  };
  known.addresses.push({
    role,
    line: texts(one['line']),
    ...part('state'),
    ...part('city'),
    ...part('district'),
    ...part('text'),
    ...part('postalCode'),
  });
}

function telecom({ system, value }: Json, role: Role, known: Mutable): void {
  for (const text of texts(value)) {
    if (system === 'email' || text.includes('@')) known.emails.push({ role, value: text });
    else if (system === 'url' || /^https?:/i.test(text)) known.urls.push(text);
    else known.phones.push({ role, value: text });
  }
}

function identifier({ value }: Json, role: Role, known: Mutable): void {
  for (const text of texts(value)) {
    known.identifiers.push({ role, value: text });
    // JP_Insurance_memberID and the like: the parts are written without the whole.
    for (const part of text.split(/[:^|/]/)) if (part !== text && part.trim() !== '') known.identifiers.push({ role, value: part });
  }
}

/** What a resource calls somebody without giving his record: recorder.display 「消化器内科　田中太郎」. */
function reference(node: Json, element: string, known: Mutable): void {
  const target =
    typeof node['type'] === 'string' ? node['type'] : /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(String(node['reference'] ?? ''))?.[1];
  const role =
    target === undefined
      ? towardsPeople.has(element)
        ? (elementRole[element.replace(/Reference$/, '')] ?? 'staff')
        : undefined
      : roleOf[target];
  if (role === undefined) return;
  for (const text of texts(node['display']))
    if (role === 'institution') {
      known.institutions.push(text);
      // A payor or an owner may be a person.
      if (target === undefined && !places.test(text.trim()) && surnameAt(text.trim()) !== undefined) called(text, 'related', known);
    } else called(text, role, known, target === undefined);
}

/** A name in one piece, of a person or, where nothing says so, of a place. */
function called(text: string, role: Role, known: Mutable, perhapsPlace = true): void {
  if (text.trim() === '') return;
  if (perhapsPlace && places.test(text.trim())) known.institutions.push(text);
  else known.names.push({ role, given: [], text });
}
