// https://hl7.org/fhir/R4/profiling.html#snapshot: what a differential makes of its base; and HL7's own snapshots as the truth
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { StructureDefinition } from '@medplum/fhirtypes';
import { type Definition, elementsIn, type Node, type Structure, stepsOf, treeOf } from '../../../src/fhir/profile/definition.ts';
import { ownProfiles } from '../../../src/fhir/profile/derive-profiles.ts';
import { generate } from '../../../src/fhir/profile/snapshot.ts';
import { ownStructure, typeNamed, typeTree } from '../../../src/fhir/profile/specification.ts';
import { own, profileOf, r4 } from './profile-ground.ts';

/** id min..max types fixed, of the elements that are wanted. */
async function snapshotOf(structure: Structure, others: readonly Structure[] = [], wanted = /./): Promise<string[]> {
  const get = async (canonical: string): Promise<Node | undefined> => {
    const other = others.find(({ url }) => url === canonical);
    const type = typeNamed(canonical);
    return type !== undefined ? typeTree(type) : other && (await generate(other, typeTree(other.type)!, get)).root;
  };
  const { root, findings } = await generate(structure, (await get(structure.baseDefinition!))!, get);
  expect(findings).toEqual([]);
  return elementsIn(root)
    .filter(({ id }) => wanted.test(id!))
    .map(shown);
}

const shown = (one: Definition): string => {
  const types = (one.type ?? []).map(({ code, profile = [] }) => [code, ...profile].join(' ')).join('|');
  const values = Object.keys(one).filter(key => /^(fixed|pattern)[A-Z]/.test(key));
  return `${one.id} ${one.min}..${one.max} ${types}${values.map(key => ` ${key}=${JSON.stringify(one[key])}`).join('')}`.trim();
};

test('an element is changed, the others stay as they are in the base', async () => {
  const list = await snapshotOf(
    profileOf('p', 'Basic', [
      { path: 'Basic.subject', min: 1 },
      { path: 'Basic.code', patternCodeableConcept: { text: 'x' } },
    ]),
    [],
    /^Basic(\.(identifier|code|subject|created))?$/,
  );
  expect(list).toEqual([
    'Basic 0..*',
    'Basic.identifier 0..* Identifier',
    'Basic.code 1..1 CodeableConcept patternCodeableConcept={"text":"x"}',
    'Basic.subject 1..1 Reference',
    'Basic.created 0..1 date',
  ]);
});

test('an element of a data type gets its parts when the differential goes into it', async () => {
  const list = await snapshotOf(
    profileOf('p', 'Patient', [{ path: 'Patient.maritalStatus.coding.code', min: 1, fixedCode: 'M' }]),
    [],
    /maritalStatus/,
  );
  expect(list).toEqual([
    'Patient.maritalStatus 0..1 CodeableConcept',
    'Patient.maritalStatus.id 0..1 string',
    'Patient.maritalStatus.extension 0..* Extension',
    'Patient.maritalStatus.coding 0..* Coding',
    'Patient.maritalStatus.coding.id 0..1 string',
    'Patient.maritalStatus.coding.extension 0..* Extension',
    'Patient.maritalStatus.coding.system 0..1 uri',
    'Patient.maritalStatus.coding.version 0..1 string',
    'Patient.maritalStatus.coding.code 1..1 code fixedCode="M"',
    'Patient.maritalStatus.coding.display 0..1 string',
    'Patient.maritalStatus.coding.userSelected 0..1 boolean',
    'Patient.maritalStatus.text 0..1 string',
  ]);
});

test('slices come after their element, each with the parts that it has', async () => {
  const profile = profileOf('p', 'Patient', [
    { path: 'Patient.contact', slicing: { discriminator: [{ type: 'value', path: 'gender' }] } },
    { path: 'Patient.contact', sliceName: 'her', max: '1' },
    { path: 'Patient.contact.gender', min: 1, fixedCode: 'female' },
    { path: 'Patient.contact', sliceName: 'him', min: 1 },
  ]);
  expect(await snapshotOf(profile, [], /contact(:\w+)?(\.gender)?$/)).toEqual([
    'Patient.contact 0..* BackboneElement',
    'Patient.contact.gender 0..1 code',
    'Patient.contact:her 0..1 BackboneElement',
    'Patient.contact:her.gender 1..1 code fixedCode="female"',
    'Patient.contact:him 1..* BackboneElement',
    'Patient.contact:him.gender 0..1 code',
  ]);
});

test('a shortcut is a slice by type, and alone it is the only type', async () => {
  const quantity: Definition = { path: 'Observation.valueQuantity.unit', min: 1 };
  expect(await snapshotOf(profileOf('p', 'Observation', [quantity]), [], /value\[x\](:\w+)?(\.unit)?$/)).toEqual(
    [
      'Observation.component.value[x] 0..1 Quantity|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period',
      'Observation.value[x] 0..1 Quantity',
      'Observation.value[x]:valueQuantity 0..1 Quantity',
      'Observation.value[x]:valueQuantity.unit 1..1 string',
    ].sort((a, b) => (a.includes('component') ? 1 : 0) - (b.includes('component') ? 1 : 0)),
  );
});

test('parts come from the profile of a type, and from the element that a content reference names', async () => {
  const name = profileOf('n', 'HumanName', [{ path: 'HumanName.family', min: 1 }]);
  const profile = profileOf('p', 'Patient', [
    { path: 'Patient.name', type: [{ code: 'HumanName', profile: [name.url] }] },
    { path: 'Patient.name.text', min: 1 },
  ]);
  expect(await snapshotOf(profile, [name], /^Patient\.name(\.(family|text))?$/)).toEqual([
    `Patient.name 0..* HumanName ${own}n`,
    'Patient.name.text 1..1 string',
    'Patient.name.family 1..1 string',
  ]);
  const items = profileOf('q', 'Questionnaire', [{ path: 'Questionnaire.item.item.text', min: 1 }]);
  expect(await snapshotOf(items, [], /item\.(item\.)?(text|type)$/)).toEqual([
    'Questionnaire.item.text 0..1 string',
    'Questionnaire.item.type 1..1 code',
    'Questionnaire.item.item.text 1..1 string',
    'Questionnaire.item.item.type 1..1 code',
  ]);
});

test('a profile of a profile has what both say', async () => {
  const below = profileOf('below', 'Patient', [{ path: 'Patient.name', min: 1 }]);
  const above = profileOf('above', 'Patient', [{ path: 'Patient.name', max: '2' }], below.url);
  expect(await snapshotOf(above, [below], /^Patient\.name$/)).toEqual(['Patient.name 1..2 HumanName']);
});

test('ids: from path and sliceName where there are none, and slices of slices', () => {
  const steps = stepsOf([
    { path: 'Patient' },
    { path: 'Patient.telecom', sliceName: 'a' },
    { path: 'Patient.telecom.use' },
    { path: 'Patient.telecom', sliceName: 'a/b' },
    { path: 'Patient.telecom.use' },
    { path: 'Patient.name' },
  ]);
  expect(steps.map(list => list.map(({ name, slice }) => (slice ? `${name}:${slice}` : name)).join('.'))).toEqual([
    'Patient',
    'Patient.telecom:a',
    'Patient.telecom:a.use',
    'Patient.telecom:a/b',
    'Patient.telecom:a/b.use',
    'Patient.name',
  ]);
});

test.each<[string, Definition, RegExp]>([
  ['another type', { path: 'Observation.status' }, /begin with the type/],
  ['an element that is not there', { path: 'Patient.colour' }, /does not have/],
  ['a shortcut of a type that is not there', { path: 'Patient.deceasedQuantity' }, /does not have/],
  ['more than the base', { path: 'Patient.birthDate', max: '2' }, /more often/],
  ['less than the base', { path: 'Patient.link.other', min: 0 }, /less often/],
  ['more than may be', { path: 'Patient.name', min: 2, max: '1' }, /has to come more often/],
  ['a type that the base does not have', { path: 'Patient.deceased[x]', type: [{ code: 'string' }] }, /type that its base/],
])('a differential with %s is a finding', async (_, element, text) => {
  const { findings } = await generate(profileOf('p', 'Patient', [element]), typeTree('Patient')!, async () => undefined);
  expect(findings).toEqual([
    { kind: 'business-rule', text: expect.stringMatching(text), expression: 'StructureDefinition.differential.element[1]' },
  ]);
});

test('a definition that would grow without end stops growing', async () => {
  const element: Definition[] = [];
  for (let path = 'Questionnaire.item', i = 0; i < 200; i++) element.push({ path: (path += '.item'), min: 0 });
  for (let i = 0; i < 400; i++) element.push({ path: 'Questionnaire.item', sliceName: `s${i}` });
  const { findings } = await generate(profileOf('q', 'Questionnaire', element), typeTree('Questionnaire')!, async () => undefined);
  expect(findings.some(({ text }) => /more elements/.test(text!))).toBe(true);
});

describe('HL7’s own snapshots', () => {
  let all: StructureDefinition[];
  beforeAll(() => {
    all = ownProfiles();
  });
  const trees = new Map<string, Promise<Node | undefined>>();
  const tree = (canonical: string): Promise<Node | undefined> => {
    if (!trees.has(canonical)) {
      const structure = ownStructure(canonical);
      const type = typeNamed(canonical);
      const make = async () => {
        if (structure === undefined) return type === undefined ? undefined : typeTree(type);
        const base = await tree(structure.baseDefinition!);
        return base && (await generate(structure, base, tree)).root;
      };
      trees.set(canonical, make());
    }
    return trees.get(canonical)!;
  };
  /** Of ids and urls, whose types are written in the words of FHIRPath, the number alone. */
  const said = ({ id, min, max, type = [], contentReference = '', ...more }: Definition): string => {
    const types = type.map(({ code, profile = [] }) => (/\.(id|url)$/.test(id!) ? '' : [code, ...profile].join(' '))).sort();
    const values = Object.keys(more).filter(key => /^(fixed|pattern|minValue|maxValue)[A-Z]/.test(key) || key === 'maxLength');
    return `${id} ${min}..${max} ${types} ${contentReference} ${values.sort().map(key => `${key}=${JSON.stringify(more[key])}`)}`;
  };
  /** Where HL7's snapshot is not what its differential says. */
  const reasons: Readonly<Record<string, string>> = {
    [`${r4}familymemberhistory-genetic`]: 'elements without min and max: the snapshot is torn',
    [`${r4}catalog`]: 'an element without min and max',
    [`${r4}provenance-relevant-history`]: 'a content reference that leads to a slice',
    [`${r4}elementdefinition-de`]: 'slices are opened that the differential does not go into',
  };
  test('are what we make of their differentials: paths, number, types, values', async () => {
    const other: string[] = [];
    for (const { url, snapshot } of all) {
      const root = await tree(url!);
      const theirs = elementsIn(treeOf(snapshot!.element as unknown as Definition[])!).map(said);
      if (root === undefined || JSON.stringify(elementsIn(root).map(said).sort()) !== JSON.stringify(theirs.sort())) other.push(url!);
    }
    expect(all.length).toBeGreaterThan(400);
    expect(other.sort()).toEqual(Object.keys(reasons).sort());
  }, 60_000);
});
