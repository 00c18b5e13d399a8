// https://hl7.org/fhir/R4/http.html#transaction, http://jpfhir.jp/fhir/core/ (JP Core 1.2.0), CLINS rules R1010 to R2152
import { beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Patient, Resource } from '@medplum/fhirtypes';
import { personKeys } from '../../src/fhir/model/person.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';
import { validate } from '../../src/fhir/profile/validate.ts';
import { type AtHospital, type Generated, hospitals, institutions } from '../../src/generate/hospitals.ts';

const request = { patients: 300, seed: 'test', day: '2026-04-01' };
let world: Generated[];
let records: (AtHospital & { who: Generated['person'] })[];

beforeAll(() => {
  world = [...hospitals(request)];
  records = world.flatMap(({ person, at }) => at.map(one => ({ ...one, who: person })));
});

const resources = (bundle: Bundle): Resource[] => bundle.entry!.map(e => e.resource!);
const patientOf = (bundle: Bundle): Patient => resources(bundle).find(r => r.resourceType === 'Patient') as Patient;
const keysOf = (bundle: Bundle) => new Set(personKeys(patientOf(bundle) as unknown as AnyResource));
const memberOf = (bundle: Bundle) =>
  patientOf(bundle).identifier!.filter(i => i.system === 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID');

function* strings(value: unknown): Generator<[string, string]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') yield [key, inner];
    else yield* strings(inner);
  }
}

test('generate: the same seed and day give the same bytes, another seed or day others', () => {
  const bytes = (more: Partial<typeof request> = {}) => JSON.stringify([...hospitals({ ...request, patients: 20, ...more })]);
  expect(bytes()).toBe(bytes());
  expect(bytes({ seed: 'other' })).not.toBe(bytes());
  expect(bytes({ day: '2026-04-02' })).not.toBe(bytes());
});

test('generate: every bundle, every resource and every notice is valid R4', () => {
  for (const { bundle, notice } of records) {
    expect(validate(bundle as unknown as AnyResource)).toEqual([]);
    for (const resource of resources(bundle)) expect(validate(resource as unknown as AnyResource)).toEqual([]);
    if (notice !== undefined) expect(validate(notice as unknown as AnyResource)).toEqual([]);
  }
  const types = new Set(records.flatMap(r => resources(r.bundle).map(x => x.resourceType)));
  for (const type of [
    'Patient',
    'Coverage',
    'Encounter',
    'Condition',
    'Observation',
    'DiagnosticReport',
    'MedicationRequest',
    'Procedure',
    'ImagingStudy',
    'DocumentReference',
    'Practitioner',
    'Organization',
  ] as const) {
    expect([...types]).toContain(type);
  }
});

test('generate: a person is the same however many are made', () => {
  const seventh = (patients: number) => JSON.stringify([...hospitals({ ...request, patients })][6]);
  expect(seventh(7)).toBe(seventh(40));
});

test('generate: two worlds have no patient number in common', () => {
  const numbers = (seed: string) =>
    [...hospitals({ ...request, seed, patients: 100 })].flatMap(g => g.at.map(a => `${a.institution} ${a.number}`));
  const all = ['a', 'b', 'c'].flatMap(numbers);
  expect(new Set(all).size).toBe(all.length);
});

test('Patient: one hospital number of its institution, one insurance member id in its published form', () => {
  for (const { bundle, institution, number } of records) {
    const system = `urn:oid:1.2.392.100495.20.3.51.1${institutions[institution].code}`;
    expect(
      patientOf(bundle)
        .identifier!.filter(i => i.system === system)
        .map(i => i.value),
    ).toEqual([number]);
    expect(memberOf(bundle)).toHaveLength(1);
    expect(memberOf(bundle)[0]!.value).toMatch(/^[0-9]{8}:[^:^\s　]*:[^:^\s　]*:(.{0}|[0-9][0-9])$/);
  }
  expect(institutions['hospital-1'].code).toMatch(/^[0-4][0-9][1-3][0-9]{7}$/);
});

test('Patient: a name in kanji (IDE) and one in kana (SYL)', () => {
  for (const { bundle } of records) {
    const codes = patientOf(bundle).name!.map(
      n => n.extension!.find(e => e.url === 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation')!.valueCode,
    );
    expect(codes).toEqual(['IDE', 'SYL']);
    const [kanji, kana] = patientOf(bundle).name!;
    expect(kana!.family).toMatch(/^[ァ-ヶーぁ-ゖ･-ﾟ]+$/u);
    expect(kanji!.family).not.toMatch(/^[ァ-ヶ]+$/);
  }
});

test('transaction: every urn that is named is an entry, every entry has its own', () => {
  for (const { bundle } of records) {
    const urls = bundle.entry!.map(e => e.fullUrl!);
    expect(new Set(urls).size).toBe(urls.length);
    const named = [...strings(bundle.entry!.map(e => e.resource))]
      .filter(([key, value]) => key === 'reference' && value.startsWith('urn:'))
      .map(([, value]) => value);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(urn => !urls.includes(urn))).toEqual([]);
  }
});

test('transaction: Practitioner and insurer come by conditional create, all else by create', () => {
  for (const { bundle } of records) {
    for (const { request: asked, resource } of bundle.entry!) {
      expect(asked).toMatchObject({ method: 'POST', url: resource!.resourceType });
      const shared = ['Practitioner', 'Organization'].includes(resource!.resourceType);
      expect(asked!.ifNoneExist !== undefined).toBe(shared);
      if (!shared) continue;
      const { system, value } = (resource as { identifier: { system: string; value: string }[] }).identifier[0]!;
      expect(decodeURIComponent(asked!.ifNoneExist!)).toBe(`identifier=${system}|${value}`);
    }
  }
});

test('Bundle.identifier: institution, year and an own part, told apart from all others', () => {
  const values = records.map(r => r.bundle.identifier!.value!);
  expect(new Set(values).size).toBe(values.length);
  for (const { bundle, institution } of records) {
    expect(bundle.identifier!.value).toMatch(/^[0-4][0-9][1-3][0-9]{7}[\^]20[2-3][0-9][\^][A-Za-z0-9-]{1,36}$/);
    expect(bundle.identifier!.value!.slice(0, 10)).toBe(institutions[institution].code);
  }
});

test('truth: records of different persons share no identifier of a person', () => {
  const owner = new Map<string, number>();
  for (const { bundle, who } of records) {
    for (const key of keysOf(bundle)) {
      expect([key, owner.get(key) ?? who.person]).toEqual([key, who.person]);
      owner.set(key, who.person);
    }
  }
});

test('truth: persons at both hospitals share the member id, or nothing at all', () => {
  const both = world.filter(g => g.at.length === 2);
  expect(both.length).toBeGreaterThan(20);
  for (const { person, at } of both) {
    const [first, second] = at.map(a => keysOf(a.bundle));
    expect([...first!].some(key => second!.has(key))).toBe(person.shared === 'member-id');
  }
  expect(both.some(g => g.person.shared === 'nothing')).toBe(true);
  const differs = new Set(both.flatMap(g => g.at[1]!.differs));
  for (const kind of [
    'kanji-variant',
    'kana-half-width',
    'name-full-width-space',
    'address-style',
    'insurance-changed',
    'no-branch-number',
  ])
    expect([...differs]).toContain(kind);
});

test('truth: what is said to differ does, and what is not said does not', () => {
  for (const { at } of world.filter(g => g.at.length === 2)) {
    const [first, second] = at.map(a => patientOf(a.bundle));
    const said = at[1]!.differs;
    expect(second!.name![0]!.family !== first!.name![0]!.family).toBe(
      said.some(s => ['kanji-variant', 'kanji-unshown', 'surname-changed'].includes(s)),
    );
    expect(second!.birthDate !== first!.birthDate).toBe(said.includes('birth-date-transposed'));
    expect(second!.address![0]!.text !== first!.address![0]!.text).toBe(said.includes('moved') || said.includes('address-style'));
    expect(second!.gender).toBe(first!.gender);
  }
});

test('every fifty persons hold twins, a homonym, somebody of 90 or more, a dead, one with pictures', () => {
  for (let from = 50; from < 300; from += 50) {
    const fifty = world.slice(from, from + 50);
    expect(fifty.some(g => g.person.ageYears >= 90)).toBe(true);
    expect(fifty.some(g => g.person.deceased !== undefined)).toBe(true);
    expect(fifty.some(g => g.at.some(a => resources(a.bundle).some(r => r.resourceType === 'ImagingStudy')))).toBe(true);
    const twin = fifty.find(g => g.person.twinOf !== undefined)!;
    const other = world[twin.person.twinOf! - 1]!;
    const [a, b] = [patientOf(twin.at[0]!.bundle), patientOf(other.at[0]!.bundle)];
    expect([a.birthDate, a.name![0]!.family, a.address![0]!.text]).toEqual([b.birthDate, b.name![0]!.family, b.address![0]!.text]);
    expect(a.name![1]!.given).not.toEqual(b.name![1]!.given);
    const homonym = fifty.find(g => g.person.homonymOf !== undefined)!;
    const namesake = world[homonym.person.homonymOf! - 1]!;
    expect(patientOf(homonym.at[0]!.bundle).name![0]!.text).toBe(patientOf(namesake.at[0]!.bundle).name![0]!.text);
    expect(homonym.person.birthDate).not.toBe(namesake.person.birthDate);
  }
});

test('the rare disease is one person’s, in all of them', () => {
  const has = records.filter(r =>
    resources(r.bundle).some(x => x.resourceType === 'Condition' && x.code?.coding?.some(c => c.code === 'E75.2')),
  );
  expect(new Set(has.map(r => r.who.person))).toEqual(new Set([29]));
  expect(world.filter(g => g.person.rare).map(g => g.person.person)).toEqual([29]);
});

test('a bundle is cleared exactly when its notice is more than 30 days old', () => {
  let uncleared = 0;
  for (const { notice, noticed, cleared, number, institution } of records) {
    const days = noticed === undefined ? -1 : (Date.parse(request.day) - Date.parse(noticed)) / 86_400_000;
    expect(cleared).toBe(days > 30);
    if (!cleared) uncleared++;
    expect(notice?.sent?.slice(0, 10)).toBe(noticed);
    if (notice !== undefined) {
      expect(notice.subject!.identifier).toEqual({
        system: `urn:oid:1.2.392.100495.20.3.51.1${institutions[institution].code}`,
        value: number,
      });
      expect(notice.sender!.reference).toBe(`Organization/${institution}`);
    }
  }
  expect(uncleared).toBe(12);
});

test('no date lies after the reference day or before birth, no visit after death', () => {
  for (const { bundle, who } of records) {
    const dates = [...strings(resources(bundle))]
      .filter(([key, value]) => /^\d{4}-\d\d-\d\d/.test(value) && key !== 'div')
      .map(([, value]) => value.slice(0, 10));
    expect(dates.filter(d => d > request.day || d < '1900-01-01')).toEqual([]);
    const starts = resources(bundle).flatMap(r => (r.resourceType === 'Encounter' ? [r.period!.start!.slice(0, 10)] : []));
    expect(starts.length).toBeGreaterThan(0);
    expect(starts.filter(d => d < who.birthDate || (who.deceased !== undefined && d > who.deceased))).toEqual([]);
  }
});

test('names stand where real records have them: narratives, notes, reports, letters', () => {
  const hidden = (type: string, find: (r: Resource) => string | undefined) =>
    records.some(({ bundle }) => {
      const family = patientOf(bundle).name![0]!.family!;
      return resources(bundle).some(r => r.resourceType === type && (find(r)?.includes(family) ?? false));
    });
  expect(hidden('Patient', r => (r as Patient).text?.div)).toBe(true);
  expect(hidden('Condition', r => (r.resourceType === 'Condition' ? r.note?.[0]?.text : undefined))).toBe(true);
  expect(hidden('DiagnosticReport', r => (r.resourceType === 'DiagnosticReport' ? r.conclusion : undefined))).toBe(true);
  expect(
    hidden('DocumentReference', r =>
      r.resourceType === 'DocumentReference' ? Buffer.from(r.content![0]!.attachment!.data!, 'base64').toString() : undefined,
    ),
  ).toBe(true);
});

test('a large hospital is made one person at a time', () => {
  const first = hospitals({ ...request, patients: 1_000_000 }).next();
  expect((first.value as Generated).person.person).toBe(1);
});
