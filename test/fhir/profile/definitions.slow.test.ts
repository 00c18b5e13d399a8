// https://hl7.org/fhir/R4/downloads.html: our table beside HL7's own definitions of 4.0.1, element by element, code by code
import { beforeAll, expect, test } from '@jest/globals';
import type { CodeSystem, CodeSystemConcept, ElementDefinition, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { typesOf } from '../../../src/fhir/profile/elements.ts';
import { type ElementRow, typePaths, typeRow, valueSetCodes } from '../../../src/fhir/profile/table.ts';
import { hl7Examples, slow } from './shared.ts';

const builtIn = ['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2'];

/** Where the expression that HL7 published cannot be what it meant; ours is the corrected one of the definitions package. */
const corrected = ['app-4', 'bdl-8', 'ras-2', 'tim-9'];

const tail = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

slow('the table says what HL7 says', () => {
  const structures = new Map<string, StructureDefinition>();
  const valueSets = new Map<string, ValueSet>();
  const systems = new Map<string, CodeSystem>();
  beforeAll(() => {
    for (const [, text] of hl7Examples('json', file => /^(StructureDefinition|ValueSet|CodeSystem)-/.test(file))) {
      const resource = JSON.parse(text) as StructureDefinition | ValueSet | CodeSystem;
      if (resource.resourceType === 'StructureDefinition') structures.set(resource.id!, resource);
      else if (resource.resourceType === 'ValueSet') valueSets.set(resource.url!, resource);
      else systems.set(resource.url!, resource);
    }
  }, 120_000);

  const official = (e: ElementDefinition): unknown => ({
    required: e.min === 1,
    array: e.max === '*',
    types: e.contentReference
      ? [tail(e.contentReference).slice(tail(e.contentReference).indexOf('#') + 1)]
      : e.type!.map(t => (['BackboneElement', 'Element'].includes(t.code!) ? e.path : t.code!.startsWith('http') ? 'primitive' : t.code)),
    targets: e.type?.map(t =>
      t.code === 'Reference' && t.targetProfile && !t.targetProfile.some(p => tail(p) === 'Resource')
        ? t.targetProfile.map(tail)
        : undefined,
    ),
    binding: e.binding?.strength === 'required' ? e.binding.valueSet!.split('|')[0] : undefined,
  });
  const ours = (e: ElementRow, theirs: ElementDefinition): unknown => ({
    required: e.required === true,
    array: e.array === true,
    types: theirs.type?.[0]?.code?.startsWith('http') ? ['primitive'] : e.types.map(t => t.code),
    targets: theirs.contentReference ? undefined : e.types.map(t => t.targets),
    binding: e.valueSet?.endsWith('all-languages') ? undefined : e.valueSet,
  });

  test('every element: cardinality, types, reference targets, required binding', () => {
    const differences: unknown[] = [];
    for (const name of [...typesOf('resource'), ...typesOf('datatype')]) {
      const theirs = structures.get(name)!.snapshot!.element.filter(e => e.path.includes('.') && e.max !== '0');
      const mine = typePaths()
        .filter(path => path === name || path.startsWith(`${name}.`))
        .flatMap(path => typeRow(path)!.elements.map(e => [`${path}.${e.name}`, e] as const));
      const known = new Map<string, ElementRow>(mine);
      for (const element of theirs) {
        const row = known.get(element.path);
        if (row === undefined) differences.push(['missing', element.path]);
        else if (JSON.stringify(ours(row, element)) !== JSON.stringify(official(element)))
          differences.push([element.path, ours(row, element), official(element)]);
      }
      const paths = new Set<string>(theirs.map(e => e.path));
      for (const path of known.keys()) if (!paths.has(path)) differences.push(['not of R4', path]);
    }
    expect(differences).toEqual([]);
  });

  test('every invariant of severity error, and its expression', () => {
    const differences: unknown[] = [];
    for (const name of [...typesOf('resource'), ...typesOf('datatype')]) {
      for (const element of structures.get(name)!.snapshot!.element) {
        const dot = element.path.lastIndexOf('.');
        const row =
          typeRow(element.path) ?? typeRow(element.path.slice(0, dot))?.elements.find(e => e.name === element.path.slice(dot + 1));
        const mine = row?.rules?.map(r => [r.key, corrected.includes(r.key) ? '' : r.expression]) ?? [];
        const theirs = (element.constraint ?? [])
          .filter(c => c.severity === 'error' && !builtIn.includes(c.key!) && c.expression !== undefined)
          .map(c => [c.key, corrected.includes(c.key!) ? '' : c.expression]);
        if (JSON.stringify(mine) !== JSON.stringify(theirs)) differences.push([element.path, mine, theirs]);
      }
    }
    expect(differences).toEqual([]);
  });

  test('every code of every required value set that HL7 lists', () => {
    const every = (concepts: readonly CodeSystemConcept[] = []): string[] => concepts.flatMap(c => [c.code!, ...every(c.concept)]);
    const codesOf = (url: string): string[] | undefined => {
      const codes: string[] = [];
      for (const include of valueSets.get(url)?.compose?.include ?? [{ filter: [] }]) {
        if (include.filter) return undefined;
        for (const other of include.valueSet ?? []) codes.push(...(codesOf(other.split('|')[0]!) ?? []));
        if (include.system === undefined) continue;
        const list =
          include.concept?.map(c => c.code!) ?? (systems.has(include.system) ? every(systems.get(include.system)!.concept) : undefined);
        if (list === undefined) return undefined;
        codes.push(...list.map(code => `${include.system}|${code}`));
      }
      return [...new Set(codes)].sort();
    };
    const urls = new Set(typePaths().flatMap(path => typeRow(path)!.elements.flatMap(e => e.valueSet ?? [])));
    expect(urls.size).toBeGreaterThan(200);
    for (const url of urls) {
      const mine = valueSetCodes(url);
      const list = mine && Object.entries(mine).flatMap(([system, codes]) => codes.map(code => `${system}|${code}`));
      expect({ url, codes: list && [...new Set(list)].sort() }).toEqual({ url, codes: codesOf(url) });
    }
  });
});
