// docs/profiles.md, https://hl7.org/fhir/R4/structuredefinition.html: which definitions are known, when they are read anew, and which can be used
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import type { Definition, Structure } from '../../../src/fhir/profile/definition.ts';
import { createProfiles } from '../../../src/fhir/profile/profiles.ts';
import { own, profileOf, profilesOf, r4 } from './profile-ground.ts';

const named = profileOf('named', 'Patient', [{ path: 'Patient.name', min: 1 }]);
const patient = (...profile: string[]): AnyResource => ({
  resourceType: 'Patient',
  ...(profile.length === 0 ? {} : { meta: { profile } }),
});

describe('what there is to do', () => {
  const { concerns } = profilesOf([]);
  test.each<[string, object, boolean]>([
    ['a resource without a profile', patient(), false],
    ['one that names one', patient('urn:p'), true],
    ['one inside that does', { resourceType: 'Observation', contained: [patient('urn:p')] }, true],
    ['an entry that does', { resourceType: 'Bundle', entry: [{ resource: patient('urn:p') }] }, true],
    ['a definition', { resourceType: 'StructureDefinition' }, true],
  ])('%s', (_, resource, wanted) => {
    expect(concerns(resource as AnyResource)).toBe(wanted);
  });
});

describe('which definition is meant', () => {
  const kinds = async (profiles: ReturnType<typeof createProfiles>, ...claims: string[]) =>
    (await profiles.check(patient(...claims))).map(({ kind, severity }) => [kind, severity]);
  test('a stored one, before the specification’s; one that is known nowhere refuses nothing', async () => {
    expect(await kinds(profilesOf([named]), named.url)).toEqual([['required', undefined]]);
    expect(await kinds(profilesOf([]), named.url)).toEqual([['not-found', 'information']]);
    expect(await kinds(profilesOf([]), `${r4}Patient`)).toEqual([]);
    expect(await kinds(profilesOf([]), `${r4}vitalsigns`)).toEqual([['not-in-profile', undefined]]);
    expect(await kinds(profilesOf([{ ...named, url: `${r4}vitalsigns` }]), `${r4}vitalsigns`)).toEqual([['required', undefined]]);
  });
  test('this server’s own are known, and can be used', async () => {
    const folder = new URL('../../../profiles/', import.meta.url);
    const files = readdirSync(folder).filter(file => file.startsWith('StructureDefinition-'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const definition = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Structure;
      expect([file, await profilesOf([]).checkDefinition(definition)]).toEqual([file, []]);
      expect((await kinds(profilesOf([]), definition.url)).map(([kind]) => kind)).not.toContain('not-found');
    }
  });
  test('more than anybody conforms to are not looked up', async () => {
    const many = Array.from({ length: 501 }, (_, i) => `urn:profile:${i}`);
    expect(await kinds(profilesOf([]), ...many)).toEqual([['too-costly', undefined]]);
  });
  test('with a version, that one', async () => {
    const second = { ...named, version: '2', differential: { element: [{ path: 'Patient' }, { path: 'Patient.photo', min: 1 }] } };
    const profiles = profilesOf([{ ...named, version: '1' }, second]);
    const expressions = async (claim: string) => (await profiles.check(patient(claim))).map(({ expression }) => expression);
    expect(await expressions(`${named.url}|1`)).toEqual(['Patient.name']);
    expect(await expressions(`${named.url}|2`)).toEqual(['Patient.photo']);
    expect(await expressions(`${named.url}|3`)).toEqual(['Patient.meta.profile']);
  });
  test('a logical model or a new type is nothing to hold a resource against', async () => {
    for (const more of [{ kind: 'logical' }, { derivation: 'specialization' }, { type: 'Patiant' }])
      expect(await kinds(profilesOf([{ ...named, ...more }]), named.url)).toEqual([['not-found', 'information']]);
  });
});

describe('what is stored may change', () => {
  function changing() {
    let time = 0;
    let asked = 0;
    const stored = new Map<string, Structure>([[named.url, { ...named, id: '1', meta: { versionId: '1' } }]]);
    const profiles = createProfiles({
      source: async canonical => {
        asked++;
        return stored.get(canonical);
      },
      now: () => time,
    });
    const store = (structure: Structure, versionId: string) => stored.set(structure.url, { ...structure, id: '1', meta: { versionId } });
    const other = profileOf('named', 'Patient', [{ path: 'Patient.photo', min: 1 }]);
    const expressions = async (claim = named.url) => (await profiles.check(patient(claim))).map(({ expression }) => expression);
    return { profiles, store, other, expressions, later: () => (time += 1_001), asked: () => asked };
  }
  test('is asked for once a second at most, and made again only where it changed', async () => {
    const { store, other, expressions, later, asked } = changing();
    expect([await expressions(), await expressions(), asked()]).toEqual([['Patient.name'], ['Patient.name'], 1]);
    store(other, '2');
    expect(await expressions()).toEqual(['Patient.name']);
    later();
    expect([await expressions(), asked()]).toEqual([['Patient.photo'], 2]);
  });
  test('at once where this server changed it', async () => {
    const { profiles, store, other, expressions } = changing();
    await expressions();
    store(other, '2');
    profiles.changed();
    expect(await expressions()).toEqual(['Patient.photo']);
  });
  test('what was made from it changes too', async () => {
    const { store, other, expressions, later } = changing();
    const above = profileOf('above', 'Patient', [{ path: 'Patient.active', min: 1 }], named.url);
    store(above, '1');
    expect(await expressions(above.url)).toEqual(['Patient.active', 'Patient.name']);
    store(other, '2');
    later();
    await expressions();
    expect(await expressions(above.url)).toEqual(['Patient.active', 'Patient.photo']);
  });
});

test('circles of bases end', async () => {
  const a = profileOf('a', 'Patient', [], `${own}b`);
  const b = profileOf('b', 'Patient', [], `${own}a`);
  expect((await profilesOf([a, b]).check(patient(a.url)))[0]!.kind).toBe('not-found');
});

describe('definitions that are to be stored', () => {
  const { differential: _, ...bare } = named;
  const check = async (structure: Structure, ...beside: Structure[]) =>
    (await profilesOf([]).checkDefinition(structure, [structure, ...beside])).map(({ kind, expression }) => `${kind} ${expression}`);
  const ofElement = (...element: Definition[]) => profileOf('p', 'Patient', element);
  const at = (i: number) => `StructureDefinition.differential.element[${i}]`;

  test('a good one, one that is no profile, and another resource', async () => {
    expect(await check(named)).toEqual([]);
    expect(await check({ ...named, kind: 'logical', baseDefinition: 'urn:x' })).toEqual([]);
    expect(await profilesOf([]).checkDefinition({ resourceType: 'Patient' })).toEqual([]);
  });
  test('a base that is not known, but with a snapshot, or beside it', async () => {
    const above = profileOf('above', 'Patient', [], named.url);
    expect(await check(above)).toEqual(['business-rule StructureDefinition.baseDefinition']);
    expect(await check(above, named)).toEqual([]);
    expect(await check({ ...above, snapshot: { element: [{ path: 'Patient' }] } })).toEqual([]);
    expect(await check({ ...named, baseDefinition: `${r4}Observation` })).toEqual(['business-rule StructureDefinition.type']);
    expect(await check({ ...named, baseDefinition: named.url })).toEqual(['business-rule StructureDefinition.baseDefinition']);
  });
  test('a differential that does not go with its base', async () => {
    expect(await check(ofElement({ path: 'Patient.colour' }))).toEqual([`business-rule ${at(1)}`]);
  });
  test('a snapshot with elements that the type does not have', async () => {
    const snapshot = (...element: Definition[]): Structure => ({ ...bare, snapshot: { element: [{ path: 'Patient' }, ...element] } });
    expect(await check(snapshot({ path: 'Patient.name', type: [{ code: 'HumanName' }] }, { path: 'Patient.name.family' }))).toEqual([]);
    expect(await check(snapshot({ path: 'Patient.colour' }))).toEqual(['business-rule StructureDefinition.snapshot.element[1]']);
    expect(await check({ ...bare, snapshot: { element: [{ path: 'Basic' }] } })).toEqual(['business-rule StructureDefinition.snapshot']);
  });
  test('expressions that are none, or hostile; discriminators that cannot be followed', async () => {
    const constraint = (expression: string) => ofElement({ path: 'Patient.name', constraint: [{ key: 'x', expression }] });
    expect(await check(constraint('family.exists()'))).toEqual([]);
    for (const expression of ['((', 'a.shell()', 'repeat(repeat(repeat(repeat(repeat(name)))))'])
      expect(await check(constraint(expression))).toEqual([`business-rule ${at(1)}.constraint[0].expression`]);
    const by = (path: string) => ofElement({ path: 'Patient.name', slicing: { discriminator: [{ type: 'value', path }] } });
    expect(await check(by("extension('urn:x').value.ofType(Coding).code"))).toEqual([]);
    expect(await check(by('where(use = 1)'))).toEqual([`business-rule ${at(1)}.slicing.discriminator[0].path`]);
  });
  test('more elements than anybody needs', async () => {
    const many = Array.from({ length: 6_000 }, () => ({ path: 'Patient.name' }));
    expect(await check(ofElement(...many))).toEqual(['too-costly StructureDefinition.differential']);
  });
});
