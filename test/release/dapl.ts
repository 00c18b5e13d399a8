/**
 * The rules of HL7's DAPL (De-identified, Anonymized FHIR Profiles Library, 1.0.0-ballot) as checks of our own, each by its name; written from its profiles, which are not copied here.
 * Left out is what the source alone can hold: bindings, and elements that a profile asks for and a hospital did not write (Encounter.type and subject, Observation.category, one Condition.category).
 * https://build.fhir.org/ig/HL7/fhir-dapl/artifacts.html
 * @module
 */
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { elementsOf } from '../../src/fhir/profile/elements.ts';

const dapl = 'http://hl7.org/fhir/us/dapl/StructureDefinition/';
const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** A value of an output, with its FHIR type: `Patient.address.postalCode` is a string. */
interface At {
  readonly path: string;
  readonly type: string;
  readonly value: unknown;
}

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : value === undefined ? [] : [value as Json]);

/** Every value of a resource by the types of R4, those of extensions too; not what a label says (meta). */
function* valuesOf(node: Json, type: string, path: string = type): Generator<At> {
  for (const [property, element] of elementsOf(type)) {
    const given = node[property];
    if (given === undefined || property === 'meta') continue;
    for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
      const at = { path: `${path}.${property}`, type: element.type, value };
      yield at;
      if (typeof value !== 'object' || value === null) continue;
      const of = element.type === 'Resource' ? String((value as Json)['resourceType']) : element.type;
      yield* valuesOf(value as Json, of, at.path);
    }
  }
}

const reasonOf = (element: unknown): unknown =>
  listOf((element as Json | undefined)?.['extension']).find(({ url }) => url === absentReason)?.['valueCode'];

const extensionsOf = (resource: Json, name: string): Json[] => listOf(resource['extension']).filter(({ url }) => url === dapl + name);

const years = (quantity: unknown): number | undefined => {
  const { value, system, code, ...rest } = (quantity ?? {}) as Json;
  const others = Object.keys(rest).filter(name => name !== 'unit');
  const isYears = system === 'http://unitsofmeasure.org' && code === 'a' && Number.isInteger(value) && others.length === 0;
  return isYears ? (value as number) : undefined;
};

/** `dapl-age-extension`: Quantity or Range; over 89 it is 90 and more; where it is not told, why. */
function isAge({ url: _, valueQuantity, valueRange, ...rest }: Json): boolean {
  if (Object.keys(rest).length > 0 || (valueQuantity === undefined) === (valueRange === undefined)) return false;
  if (valueRange !== undefined) {
    const [low, high] = ['low', 'high'].map(end => years((valueRange as Json)[end]));
    return low !== undefined && high !== undefined && low >= 0 && low <= high && high < 90;
  }
  const { comparator, ...plain } = valueQuantity as Json;
  const value = years(plain);
  if (value === undefined) return ['unknown', 'masked', 'not-applicable'].includes(String(reasonOf(valueQuantity)));
  return comparator === undefined ? value >= 0 && value < 90 : comparator === '>=' && value === 90;
}

const year = /^\d{4}$/;
const isYear = (value: unknown): boolean => typeof value === 'string' && year.test(value) && value >= '1900';

/** What a check finds is the path of what breaks the rule. */
type Check = (resource: AnyResource, values: readonly At[]) => string[];

const where = (values: readonly At[], broken: (at: At) => boolean): string[] => values.filter(broken).map(({ path }) => path);
const none =
  (...names: readonly string[]): Check =>
  resource =>
    names.filter(name => resource[name] !== undefined || resource[`_${name}`] !== undefined);
/** Of a choice only some types; of a required one that is masked, the type of what was there. */
const only =
  (name: string, ...types: readonly string[]): Check =>
  resource =>
    Object.keys(resource).filter(key => key.startsWith(name) && !types.includes(key.slice(name.length)));
const say = (broken: boolean, path: string): string[] => (broken ? [path] : []);

const everywhere: Readonly<Record<string, Check>> = {
  'no text (narrative)': none('text'),
  'no contained resource': none('contained'),
  'a date is a year from 1900 on': (_, values) =>
    where(values, ({ type, value }) => (type === 'date' || type === 'dateTime') && !isYear(value)),
  'no instant: it would tell the second': (_, values) => where(values, ({ type }) => type === 'instant'),
  'a Reference has no display and no text': (_, values) =>
    where(values, ({ type, value }) => type === 'Reference' && ['display', 'text'].some(name => name in (value as Json))),
  'a CodeableConcept has no text, a Coding no display': (_, values) =>
    where(
      values,
      ({ type, value }) => (type === 'CodeableConcept' && 'text' in (value as Json)) || (type === 'Coding' && 'display' in (value as Json)),
    ),
  'no note, name, contact, identifier or attachment': (_, values) =>
    where(values, ({ type }) => ['Annotation', 'HumanName', 'ContactPoint', 'Identifier', 'Attachment', 'Narrative'].includes(type)),
  'an age over 89 is 90 and more': (_, values) =>
    where(values, ({ type, value }) => {
      if (type !== 'Age' && type !== 'Quantity') return false;
      const { value: number, code, comparator } = value as Json;
      return code === 'a' && Number(number) >= 90 && comparator !== '>=' && type === 'Age';
    }),
  'an extension of the guide is one of those that it has, where it has them': ({ resourceType, ...resource }) =>
    listOf(resource['extension']).flatMap(({ url }) => {
      if (!String(url).startsWith(dapl)) return [];
      const types = contexts[String(url).slice(dapl.length)];
      return say(types === undefined || (types !== '*' && !types.includes(resourceType)), `extension ${String(url)}`);
    }),
  'dapl-event-recorded-datetime-extension and its kin hold a year, once': resource =>
    Object.keys(contexts)
      .filter(name => name !== 'dapl-age-extension')
      .filter(name => {
        const met = extensionsOf(resource, name);
        return met.length > 1 || met.some(one => !isYear(one['valueDateTime']) || Object.keys(one).length !== 2);
      }),
};

/** Where the extensions of the guide may stand. */
const contexts: Readonly<Record<string, readonly string[] | '*'>> = {
  'dapl-age-extension': ['Patient', 'Encounter', 'Condition'],
  'dapl-deidentified-instant-extension': ['Observation', 'Condition'],
  'dapl-event-recorded-datetime-extension': '*',
  'dapl-recordedDate-extension': ['Procedure'],
};

const oneAge: Check = resource => {
  const ages = extensionsOf(resource, 'dapl-age-extension');
  return say(ages.length !== 1 || !isAge(ages[0]!), 'extension:age');
};

const ofTypes: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  Patient: {
    'Patient: what is forbidden': none(
      ...['identifier', 'name', 'telecom', 'birthDate', 'maritalStatus', 'multipleBirthBoolean', 'multipleBirthInteger'],
      ...['photo', 'contact', 'generalPractitioner', 'managingOrganization', 'link'],
    ),
    'Patient: one age': oneAge,
    'Patient: one address, without text, lines, city and district': ({ address }) => {
      const [one = {}, ...others] = listOf(address);
      const told = ['text', '_text', 'line', '_line', 'city', 'district', 'country', 'period'].filter(name => name in one);
      return [...say(address === undefined || others.length > 0, 'address'), ...told];
    },
    'Patient: one postalCode, three digits and zeros; 00000 says why': ({ address }) => {
      const [{ postalCode, _postalCode } = {} as Json] = listOf(address);
      const reason = reasonOf(_postalCode);
      const isWhy = ['masked', 'unknown', 'unsupported'].includes(String(reason));
      return say(
        !/^\d{3}00(?:-\d{4})?$/.test(String(postalCode)) || (postalCode === '00000' ? !isWhy : reason !== undefined),
        'address.postalCode',
      );
    },
    'Patient: communication with its language': ({ communication }) =>
      listOf(communication).flatMap(({ language }) => say(language === undefined, 'communication.language')),
  },
  Encounter: {
    'Encounter: one age': oneAge,
    'Encounter: one participant at most': ({ participant }) => say(listOf(participant).length > 1, 'participant'),
  },
  Condition: {
    'Condition: onset is a dateTime or Period': only('onset', 'DateTime', 'Period'),
    'Condition: abatement is a dateTime or Period': only('abatement', 'DateTime', 'Period'),
  },
  Observation: {
    'Observation: effective is a dateTime, Period or Timing': only('effective', 'DateTime', 'Period', 'Timing'),
    'Observation: value has one of the types': only(
      'value',
      ...['Quantity', 'CodeableConcept', 'String', 'Boolean', 'Integer', 'Range', 'Ratio', 'SampledData', 'DateTime', 'Period'],
    ),
  },
  Immunization: { 'Immunization: occurrence is a dateTime': only('occurrence', 'DateTime') },
};

/** Names of all rules: the table that stands in docs/deidentification/dapl.md. */
export const daplRules: readonly string[] = [
  ...Object.keys(everywhere),
  ...Object.values(ofTypes).flatMap(rules => Object.keys(rules)),
  'references lead to what left',
  'no id of the source',
];

/** Rule and path of whatever breaks one in a resource that left. */
export function daplFaults(resource: AnyResource): string[] {
  const values = [...valuesOf(resource, resource.resourceType)];
  return Object.entries({ ...everywhere, ...ofTypes[resource.resourceType] }).flatMap(([rule, check]) =>
    check(resource, values).map(path => `${rule}: ${resource.resourceType} ${path}`),
  );
}

/** The same of a whole release. @param given what it was made of */
export function daplFaultsOf(resources: readonly AnyResource[], given: readonly AnyResource[]): string[] {
  const names = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const ids = new Set(given.flatMap(({ id }) => id ?? []));
  return resources.flatMap(resource => [
    ...daplFaults(resource),
    ...[...valuesOf(resource, resource.resourceType)].flatMap(({ path, type, value }) => {
      const { reference } = (type === 'Reference' ? value : {}) as Json;
      return say(reference !== undefined && !names.has(String(reference)), `references lead to what left: ${path}`);
    }),
    ...say(resource.id === undefined || ids.has(resource.id), `no id of the source: ${resource.resourceType}`),
  ]);
}

/** The rules of `dapl-anonymized-dataset` for a MeasureReport. */
export const daplFaultsOfReport = (report: AnyResource): string[] => [
  ...say(report['type'] !== 'summary', 'type is summary'),
  ...say(report['subject'] !== undefined, 'no subject'),
  ...['measure', 'reporter', 'period'].flatMap(name => say(report[name] === undefined, `a ${name}`)),
];
