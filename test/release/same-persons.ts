/**
 * Persons who are clinically alike, to the letter: the same codes, values, intervals, times of day, and the same texts but for the names in them. They differ in all that keys and
 * policies hide or change: ids, numbers, names, references, days, months of birth, versions, displays, the order of elements. Whoever tells them apart has found some of that.
 * @module
 */
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { base } from './ground.ts';

export interface Person {
  /** `Patient/<id>`: from it the pseudonym is drawn. */
  readonly name: string;
  readonly entries: readonly Entry[];
}
interface Entry {
  readonly fullUrl: string;
  readonly resource: AnyResource;
}

type Draw = (below: number) => number;

/** Whole numbers below a bound, the same each time: mulberry32. */
function drawing(seed: number): Draw {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export function shuffled<T>(list: readonly T[], draw: Draw = drawing(1)): T[] {
  const out = [...list];
  for (let at = out.length - 1; at > 0; at--) {
    const other = draw(at + 1);
    [out[at], out[other]] = [out[other]!, out[at]!];
  }
  return out;
}

export function population(persons: number): readonly Person[] {
  const draw = drawing(persons);
  return Array.from({ length: persons }, (_, i) => person(i, draw));
}

/** Everybody's entries in one order, in which nobody's stand together. */
export const together = (persons: readonly Person[]): AnyResource => ({
  ...{ resourceType: 'Bundle', type: 'collection', entry: shuffled(persons.flatMap(one => one.entries)) },
});

const digits = '0123456789';
const letters = `abcdefghijklmnopqrstuvwxyz${digits}`;
const kanji = '春夏秋冬東西南北山川海空';
const families = ['林', '山田', '鈴木', '佐々木', '長谷川', '勅使河原', '五十嵐', '東海林'];
const givens = ['翔', '花子', '太郎', '京太郎', '龍之介', '小百合'];

function person(i: number, draw: Draw): Person {
  const word = (least: number, most: number, from = letters): string =>
    Array.from({ length: least + draw(most - least + 1) }, () => from[draw(from.length)]).join('');
  const text = (most: number): string => word(1, most, kanji);
  const oneOf = <T>(list: readonly T[]): T => list[draw(list.length)]!;
  const sometimes = <T>(make: () => T): T | undefined => (draw(2) === 0 ? undefined : make());
  const hex = (length: number): string => word(length, length, '0123456789abcdef');
  const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  /** Long and short, of digits and of letters; nobody's twice. */
  const newId = (): string => oneOf([() => `${i}-${word(1, 9)}`, uuid, () => `${word(40, 55)}.${i}`, () => `${word(3, 3, digits)}${i}`])();

  const [family, given] = [oneOf(families), oneOf(givens)];
  const phone = `0${word(2, 2, digits)}-${word(4, 4, digits)}-${word(4, 4, digits)}`;
  const number = { system: 'urn:oid:1.2.392.100495.20.3.51.1', value: `9${String(i).padStart(6, '0')}${word(1, 12, digits)}` };
  /** All days of everybody begin within four weeks: shifts of a year hide that. A year more they would not hide. */
  const start = draw(28);
  const day = (after: number): string => new Date(Date.UTC(2020, 2, 1 + start + after)).toISOString().slice(0, 10);
  const time = (after: number): string => `${day(after)}T08:30:00${oneOf(['', '.5', `.${word(3, 3, '123456789')}`])}+09:00`;

  const entryFor = (type: string): { readonly id: string; readonly fullUrl: string } => {
    const id = newId();
    return { id, fullUrl: oneOf([`urn:uuid:${uuid()}`, `${base}/${type}/${id}`]) };
  };
  const [self, visit] = [entryFor('Patient'), entryFor('Encounter')];
  const to = (type: string, { id, fullUrl }: { id: string; fullUrl: string }) => ({
    reference: oneOf([`${type}/${id}`, `${base}/${type}/${id}`, fullUrl, `${type}/${id}/_history/${1 + draw(9999)}`]),
    display: sometimes(() => text(20)),
    identifier: sometimes(() => ({ value: word(1, 20) })),
  });
  const subject = () => oneOf([() => to('Patient', self), () => to('Patient', self), () => ({ identifier: number })])();
  const about = () => ({ subject: subject(), encounter: to('Encounter', visit) });
  const identifiers = (): object[] =>
    Array.from({ length: draw(4) }, () => ({ system: `urn:oid:1.2.${word(1, 9, '123456789')}`, value: `${i}-${word(1, 30)}` }));
  const hidden = () => ({
    meta: {
      versionId: String(1 + draw(1_000_000)),
      lastUpdated: `2026-0${1 + draw(6)}-1${draw(10)}T00:00:00.${word(3, 3, '123456789')}Z`,
      source: sometimes(() => `urn:${word(1, 40)}`),
      tag: sometimes(() => [{ system: `urn:${word(2, 20)}`, code: word(1, 9) }]),
    },
    language: sometimes(() => 'ja'),
    identifier: identifiers(),
    text: sometimes(() => ({ status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${family} ${text(99)}</div>` })),
    extension: sometimes(() => [{ url: `urn:${word(1, 20)}`, valueString: text(20) }]),
  });
  const coded = (system: string, code: string) => ({
    coding: [{ system, code, display: sometimes(() => text(30)), version: sometimes(() => word(1, 8)) }],
    text: `${family}様の所見`,
  });
  const note = () => [{ text: `${family}${given}様、電話${phone}、番号${number.value}、再診`, authorString: sometimes(() => text(9)) }];
  const observation = (code: string, after: number) => ({
    ...{ resourceType: 'Observation', ...hidden(), status: 'final', code: coded('http://loinc.org', code), ...about(), note: note() },
    ...{ effectiveDateTime: time(after), issued: time(after + 1), performer: sometimes(() => [{ display: text(9) }]) },
    ...{ valueQuantity: { value: 5.5, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' } },
  });
  const patient = {
    ...{ resourceType: 'Patient', ...hidden(), identifier: [number, ...identifiers()], active: true, gender: 'female' },
    ...{
      name: [{ family, given: [given] }, ...(sometimes(() => [{ text: `${family}　${given}` }]) ?? [])],
      birthDate: `1970-04-${10 + draw(19)}`,
    },
    ...{ telecom: [{ system: 'phone', value: phone }], photo: sometimes(() => [{ data: 'A'.repeat(4 * (1 + draw(50))) }]) },
    ...{ address: [{ state: '東京都', city: '港区', line: [text(20)], postalCode: word(7, 7, digits), text: sometimes(() => text(30)) }] },
    ...{ contact: sometimes(() => [{ name: { text: text(8) } }]), managingOrganization: sometimes(() => ({ display: text(9) })) },
  };
  const file = Buffer.from(`患者 ${family}${given} 様（番号 ${number.value}、電話 ${phone}）は退院。`);
  const others = [
    observation('2339-0', 0),
    observation('2345-7', 11),
    observation('2947-0', 45),
    {
      ...{ resourceType: 'Condition', ...hidden(), code: coded('http://hl7.org/fhir/sid/icd-10', 'E11.9'), ...about(), note: note() },
      ...{ onsetDateTime: day(-90), recordedDate: day(0), recorder: sometimes(() => ({ display: text(9) })) },
    },
    {
      ...{ resourceType: 'Procedure', ...hidden(), status: 'completed', code: coded('http://snomed.info/sct', '80146002'), ...about() },
      ...{ performedPeriod: { start: time(20), end: time(21) }, note: note() },
    },
    {
      ...{ resourceType: 'DocumentReference', ...hidden(), status: 'current', subject: subject(), date: time(46) },
      description: sometimes(() => text(30)),
      content: [
        { attachment: { contentType: 'text/plain', title: sometimes(() => text(30)), data: file.toString('base64'), size: file.length } },
      ],
    },
  ];
  const encounter = {
    ...{ resourceType: 'Encounter', ...hidden(), status: 'finished', subject: subject(), period: { start: time(0), end: time(2) } },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: sometimes(() => text(9)) },
    serviceProvider: sometimes(() => ({ display: text(20) })),
  };
  /** As it is sent: elements in an order of its own, as programs differ; without those that are not there. */
  const entry = (resource: object, { id, fullUrl }: { id: string; fullUrl: string }): Entry => {
    const written = Object.fromEntries(shuffled(Object.entries({ ...resource, id }), draw));
    return { fullUrl, resource: JSON.parse(JSON.stringify(written)) as AnyResource };
  };
  return {
    name: `Patient/${self.id}`,
    entries: [entry(patient, self), entry(encounter, visit), ...others.map(one => entry(one, entryFor(one.resourceType)))],
  };
}
