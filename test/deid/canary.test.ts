// Closed world: a canary in every element of every R4 type survives nowhere: of codes those that FHIR lists leave.
// https://hl7.org/fhir/R4/resourcelist.html, https://hl7.org/fhir/R4/extensibility.html, https://hl7.org/fhir/R4/references.html#contained
import { describe, expect, test } from '@jest/globals';
import type { CompiledPolicy } from '../../src/deid/compile.ts';
import { deidentify } from '../../src/deid/deidentify.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { elementsOf, typesOf } from '../../src/fhir/profile/elements.ts';
import { builtIn, policyNamed } from '../../src/release/policies.ts';
import { chest, entry, file, syntaxes } from './dicom/ground.ts';
import { compile, context, out } from './ground.ts';
import { holding, mayLead, type Place, pathOf, placesOf } from './places.ts';

interface Planted {
  readonly canary: string;
  readonly path: string;
  readonly type: string;
}

/** A DICOM object that leaves, with a canary in a name, a number, a description, an institution, a private attribute and behind the preamble; base64. */
const object = (canary: string): string =>
  file(
    chest([
      entry(0x00080020, 'DA', '19130317'),
      entry(0x00080080, 'LO', canary),
      entry(0x00081030, 'LO', canary),
      entry(0x00100010, 'PN', `${canary}^${canary}`),
      entry(0x00100020, 'LO', canary),
      entry(0x00100030, 'DA', '19130317'),
      entry(0x00191008, 'LO', canary),
    ]),
    syntaxes.explicit,
  ).toString('base64');

interface Growth {
  readonly resource: AnyResource;
  readonly canaries: Planted[];
}

/** A resource with every element that its type has, down to some depth, a different canary in each text. */
function planted(type: string, { plausible }: { plausible: boolean }): Growth {
  const canaries: Planted[] = [];
  const text = (path: string, of: string): string => {
    const canary = `CANARY${canaries.length}X`;
    canaries.push({ canary, path, type: of });
    return canary;
  };
  const primitive = (path: string, of: string): unknown => {
    if (of === 'boolean') return true;
    if (['integer', 'positiveInt', 'unsignedInt', 'decimal'].includes(of)) return 3;
    if (of === 'date') return '1913-03-17';
    if (of === 'dateTime' || of === 'instant') return '1913-03-17T01:02:03+09:00';
    if (of === 'time') return '01:02:03';
    const name = path.slice(path.lastIndexOf('.') + 1);
    // Siblings that look right must not carry a canary out.
    if (plausible && name === 'system') return 'http://loinc.org';
    if (plausible && name === 'state') return '東京都';
    if (plausible && name === 'contentType') return 'application/dicom';
    if (plausible && of === 'base64Binary') return object(text(path, of));
    if (plausible && name === 'reference') return `Patient/${text(path, of)}`;
    return text(path, of);
  };
  const build = (at: string, path: string, depth: number): Json => {
    const node: Json = {};
    for (const [name, element] of elementsOf(at)) {
      if (name === 'modifierExtension' || name === 'implicitRules') continue;
      const here = `${path}.${name}`;
      let value: unknown;
      if (element.primitive) {
        value = primitive(here, element.type);
        node['_' + name] = element.array ? [extended(here)] : extended(here);
      } else if (element.type === 'Resource')
        value = { resourceType: 'Observation', id: text(here, 'id'), note: [{ text: text(here, 'markdown') }] };
      else if (element.type === 'Extension') value = extended(here).extension[0];
      // A Reference has an Identifier, and that a Reference again.
      else if (element.type.includes('.') ? here.split('.').length < 8 : depth > 0)
        value = build(element.type, here, element.type.includes('.') ? depth : depth - 1);
      else continue;
      node[name] = element.array ? [value] : value;
    }
    return node;
  };
  const extended = (path: string) => ({
    id: text(path, 'id'),
    extension: [{ url: `urn:${text(path, 'uri')}`, valueString: text(path, 'string') }],
  });
  return { resource: { resourceType: type, ...build(type, type, 3) } as AnyResource, canaries };
}

/** The output as text, with what is in the files of it. */
function told(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  const files = [...text.matchAll(/"data":"([^"]+)"/g)].map(found => Buffer.from(found[1]!, 'base64').toString('latin1'));
  return [text, ...files].join('\n');
}

/** Every text of the output that holds a canary. */
function survivors(value: unknown, planted: readonly Planted[]): Planted[] {
  const text = told(value);
  return [...text.matchAll(/CANARY(\d+)X/g)].map(found => planted[Number(found[1])]!);
}

const ways = builtIn.flatMap(name => [false, true].map(plausible => ({ name, plausible })));

describe.each(ways)('a canary in every element, $name (with siblings that look right: $plausible)', how => {
  const by = policyNamed(how.name);
  test.each(typesOf('resource'))('%s', type => {
    const { resource, canaries } = planted(type, how);
    expect(canaries.length).toBeGreaterThan(2);
    const left = out(resource, how.plausible ? {} : { lead: () => undefined }, by);
    // What no cleaner knows the kind of is no file that leaves.
    if (!by.types.has(type) || (type === 'Binary' && !how.plausible)) {
      expect(left).toBeUndefined();
      return;
    }
    const met = survivors(left, canaries);
    // References lead to pseudonyms, which these tests make of the id: that is the one place where a text comes out changed.
    const others = met.filter(one => !one.path.endsWith('.reference'));
    expect(others).toEqual([]);
    // The dates of the person moved, or were cut; pseudonymized data have them as they were, but for the birth.
    if (how.name !== 'jp-pseudonymized') expect(told(left)).not.toMatch(/1913-?03-?17/);
    else expect(String(left!['birthDate'])).not.toContain('1913-03-17');
  });
});

/** Places where a reference to `target` may stand, those first whose definition names it. */
const holdersOf = (target: string, by: CompiledPolicy): Place[] =>
  placesOf(by)
    .filter(place => mayLead(place, target))
    .sort((a, b) => Number(a.targets === undefined) - Number(b.targets === undefined));

/** Contained resources never are one of these: whose they are is told by what points at them. */
const neverContained = new Set(['Patient', 'Binary']);
const containable = (by: CompiledPolicy): string[] => [...by.types.keys()].filter(type => !neverContained.has(type)).sort();

/** Full of canaries, but about the container's own subject: it is nobody else's, and may leave. */
function plantedWithin(type: string, how: { plausible: boolean }): Growth {
  const growth = planted(type, how);
  for (const name of ['subject', 'patient']) {
    const subject = growth.resource[name];
    if (!how.plausible && typeof subject === 'object' && subject !== null && !Array.isArray(subject)) (subject as Json)['reference'] = '#';
  }
  return growth;
}

/** Whatever refers to it, a contained resource of this type does not leave, nor what leads to it. */
function staysInside(type: string, how: (typeof ways)[number]): void {
  const by = policyNamed(how.name);
  const { resource, canaries } = planted(type, how);
  const places = holdersOf(type, by);
  if (type === 'Patient') expect(places.length).toBeGreaterThan(10);
  for (const place of places) {
    const left = out({ ...holding(place, `#${resource.id}`), contained: [resource] }, how.plausible ? {} : { lead: () => undefined }, by)!;
    expect(left).not.toHaveProperty('contained');
    expect(JSON.stringify(left)).not.toContain('#');
    expect(survivors(left, canaries)).toEqual([]);
  }
}

/** Types to which no element leads by name, in any container that leaves: only one that may lead to any resource (Observation.focus) does. */
const onlyByAny = ['AdverseEvent', 'BodyStructure', 'DeviceUseStatement', 'ExplanationOfBenefit'];

const withoutContained = ({ name }: (typeof ways)[number]) => policyNamed(name).policy.contained === 'remove';

describe.each(ways.filter(how => !withoutContained(how)))(
  'a canary in every element of what is contained, $name (with siblings that look right: $plausible)',
  how => {
    const by = policyNamed(how.name);
    const leave = (resource: AnyResource) => out(resource, how.plausible ? {} : { lead: () => undefined }, by)!;
    const nothingOf = (left: AnyResource, canaries: readonly Planted[]) => {
      const met = survivors(left, canaries).filter(one => !one.path.endsWith('.reference'));
      expect(met.slice(0, 3)).toEqual([]);
      if (how.name !== 'jp-pseudonymized') expect(/1913-?03-?17/.test(told(left))).toBe(false);
    };

    test.each(containable(by))('%s, to which each element refers that may', type => {
      const holders = holdersOf(type, by);
      expect(holders.length).toBeGreaterThan(0);
      // One place for each type of container, and all of them where R4 names the target.
      const places = holders.filter(
        (one, i) => one.targets !== undefined || holders.findIndex(({ type: other }) => other === one.type) === i,
      );
      const { resource, canaries } = plantedWithin(type, how);
      expect(canaries.length).toBeGreaterThan(2);
      for (const place of places) {
        const left = leave({ ...holding(place, `#${resource.id}`), contained: [resource] });
        const at = pathOf(place);
        expect([at, (left['contained'] as AnyResource[] | undefined)?.map(one => [one.resourceType, one.id])]).toEqual([
          at,
          [[type, 'c1']],
        ]);
        expect(JSON.stringify({ ...left, contained: undefined })).toContain('"reference":"#c1"');
        nothingOf(left, canaries);
      }
    });

    test.each(containable(by))('%s, to which only another contained resource refers', type => {
      // A contained resource that is about another contained one is about nobody that we know.
      const [inner] = holdersOf(type, by).filter(one => containable(by).includes(one.type) && !/^(?:subject|patient)$/.test(one.path[0]!));
      const [outer] = holdersOf(inner!.type, by);
      const { resource, canaries } = plantedWithin(type, how);
      const between = { ...holding(inner!, `#${resource.id}`), id: 'between' };
      const left = leave({ ...holding(outer!, '#between'), contained: [resource, between] });
      expect((left['contained'] as AnyResource[]).map(one => [one.resourceType, one.id])).toEqual([
        [inner!.type, 'c2'],
        [type, 'c1'],
      ]);
      nothingOf(left, canaries);
    });

    test.each([...neverContained])('%s never leaves as contained, whatever refers to it', type => staysInside(type, how));

    test('to a type that leaves some element leads that names it, or one that may lead to any', () => {
      const named = containable(by).filter(type => holdersOf(type, by)[0]!.targets !== undefined);
      const others = containable(by).filter(type => !named.includes(type));
      expect(others).toEqual(onlyByAny);
      expect(named.length).toBeGreaterThan(20);
    });
  },
);

describe.each(ways.filter(withoutContained))('nothing contained leaves, $name (with siblings that look right: $plausible)', how =>
  test.each([...neverContained, ...containable(policyNamed(how.name))])('%s, whatever refers to it', type => staysInside(type, how)),
);

test('a canary is met where a policy keeps what nobody has listed the codes of: the test can fail', () => {
  const lax = compile({ elements: { CodeSystem: ['concept.code'] } });
  const { resource, canaries } = planted('CodeSystem', { plausible: false });
  const left = deidentify(lax, resource, context());
  expect(survivors(left, canaries).map(one => one.path)).toContain('CodeSystem.concept.code');
});

test('a canary in a modifierExtension takes with it what it stands in', () => {
  const extension = [{ url: 'urn:CANARY', valueBoolean: true }];
  expect(out({ resourceType: 'Observation', status: 'final', modifierExtension: extension })).toBeUndefined();
  const nested = out({
    resourceType: 'Observation',
    status: 'final',
    component: [{ modifierExtension: extension, code: { coding: [{ system: 'http://loinc.org', code: '1-2' }] } }],
  });
  expect(nested).toMatchObject({ status: 'final' });
  expect(nested).not.toHaveProperty('component');
});

test('a resource with implicitRules does not leave', () => {
  expect(out({ resourceType: 'Observation', status: 'final', implicitRules: 'urn:CANARY' })).toBeUndefined();
});

test.each(['Binary', 'Media', 'DocumentReference'])('%s: the file that looks right does leave under jp-anonymized-images', type => {
  const { resource } = planted(type, { plausible: true });
  expect(told(out(resource, {}, policyNamed('jp-anonymized-images')))).toContain('DICM');
});
