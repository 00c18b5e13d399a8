/**
 * R4's StructureDefinitions and required value sets, boiled down to the rows of r4.ndjson: what a validator and a summary need, and nothing else.
 * Runs when the definitions change (`node scripts/derive-r4.ts`), never in the server: 44 MB of definitions become half a megabyte.
 * R4: https://hl7.org/fhir/R4/elementdefinition.html
 * @module
 */
import type { CodeSystem, CodeSystemConcept, ElementDefinition, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { definitions } from '../model/r4.ts';
import { changed, missing, notOfR4 } from './corrections.ts';
import type { ElementRow, Row, RuleRow, TypeCode } from './table.ts';

const tail = (canonical: string): string => canonical.slice(canonical.lastIndexOf('/') + 1);
const unversioned = (canonical: string): string => canonical.split('|')[0]!;

/** Held by every validator without being named: ele-1 and ext-1 by the shape, dom-* by what is contained, ref-1 by the target, txt-* by the narrative. */
const builtIn: ReadonlySet<string> = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2']);

const errorsOf = (element: ElementDefinition): RuleRow[] =>
  (element.constraint ?? [])
    .filter(c => c.severity === 'error' && !builtIn.has(c.key!) && c.expression !== undefined)
    .map(c => ({ key: c.key!, text: c.human!.trim().replace(/\.?$/, '.'), expression: c.expression! }));

const languages = 'http://hl7.org/fhir/ValueSet/all-languages';

/** The value set that binds: a required one, or the greatest one that a code of a language may come from. */
function bindingOf(element: ElementDefinition): string | undefined {
  if (element.binding?.strength === 'required') return unversioned(element.binding.valueSet ?? '') || undefined;
  const most = element.binding?.extension?.find(e => e.url.endsWith('elementdefinition-maxValueSet'))?.valueCanonical;
  return most === languages && element.type?.[0]?.code === 'code' ? languages : undefined;
}

function typeOf(type: NonNullable<ElementDefinition['type']>[number], isResourceId: boolean): TypeCode {
  if (type.code!.startsWith('http://hl7.org/fhirpath/')) {
    const name = type.extension?.find(e => e.url.endsWith('structuredefinition-fhir-type'))?.valueUrl;
    return { code: isResourceId ? 'id' : (name ?? 'string') };
  }
  const targets = type.code === 'Reference' ? (type.targetProfile ?? []).map(tail) : [];
  return {
    code: type.code!,
    ...(targets.length === 0 || targets.includes('Resource') ? {} : { targets }),
    ...(type.profile?.some(p => tail(p) === 'SimpleQuantity') ? { simple: true } : {}),
  };
}

function elementRow(element: ElementDefinition, name: string, isResource: boolean): ElementRow {
  const valueSet = bindingOf(element);
  const rules = errorsOf(element);
  const parts = (element.type ?? []).some(t => t.code === 'BackboneElement' || t.code === 'Element');
  return {
    name,
    ...(element.min === 1 ? { required: true } : {}),
    ...(element.max === '*' ? { array: true } : {}),
    ...(element.isSummary === true ? { summary: true } : {}),
    types: element.contentReference
      ? [{ code: element.contentReference.slice(element.contentReference.indexOf('#') + 1) }]
      : parts
        ? [{ code: element.path }]
        : (element.type ?? []).map(type => typeOf(type, isResource && name === 'id')),
    ...(valueSet === undefined ? {} : { valueSet }),
    ...(parts || rules.length === 0 ? {} : { rules }),
  };
}

function* typeRows(structure: StructureDefinition): Generator<Row> {
  const isResource = structure.kind === 'resource';
  const elements = structure
    .snapshot!.element.filter(e => !notOfR4.some(path => e.path === path || e.path.startsWith(path + '.')) && e.max !== '0')
    .map(e => ({ ...e, ...changed[e.path] }) as ElementDefinition)
    .flatMap(e => [e, ...(missing[e.path] ?? [])]);
  const groups = new Map<string, ElementDefinition[]>();
  const roots = new Map(elements.map(e => [e.path, e]));
  for (const e of elements) {
    const dot = e.path.lastIndexOf('.');
    const parent = dot < 0 ? e.path : e.path.slice(0, dot);
    groups.set(parent, [...(groups.get(parent) ?? []), ...(dot < 0 ? [] : [e])]);
  }
  for (const [path, children] of groups) {
    const rules = errorsOf(roots.get(path)!);
    yield {
      row: 'type',
      path,
      kind: path !== structure.name ? 'backbone' : isResource ? 'resource' : 'datatype',
      ...(structure.abstract === true ? { abstract: true } : {}),
      elements: children.map(e => elementRow(e, e.path.slice(path.length + 1), path === structure.name && isResource)),
      ...(rules.length === 0 ? {} : { rules }),
    };
  }
}

const everyCode = (concepts: readonly CodeSystemConcept[] | undefined): string[] =>
  (concepts ?? []).flatMap(c => [c.code!, ...everyCode(c.concept)]);

/** A value set's codes by system, or undefined where the specification does not list them (mime types, UCUM, currencies, LOINC). */
function expand(
  url: string,
  valueSets: ReadonlyMap<string, ValueSet>,
  systems: ReadonlyMap<string, CodeSystem>,
): Record<string, string[]> | undefined {
  const codes: Record<string, string[]> = {};
  const compose = valueSets.get(url)?.compose;
  if (compose === undefined || compose.exclude !== undefined) return undefined;
  for (const include of compose.include) {
    if (include.filter !== undefined) return undefined;
    for (const other of include.valueSet ?? []) {
      const inner = expand(unversioned(other), valueSets, systems);
      if (inner === undefined) return undefined;
      for (const [system, list] of Object.entries(inner)) (codes[system] ??= []).push(...list);
    }
    if (include.system === undefined) continue;
    const system = systems.get(include.system);
    const list = include.concept?.map(c => c.code) ?? (system?.content === 'complete' ? everyCode(system.concept) : undefined);
    if (list === undefined) return undefined;
    (codes[include.system] ??= []).push(...(list as string[]));
  }
  return codes;
}

/** All rows, types first in the order of the definitions, then value sets sorted by URL. */
function derive(): Row[] {
  const structures = ['profiles-types.json', 'profiles-resources.json']
    .flatMap(file => definitions(file).entry!.map(e => e.resource!))
    .filter((r): r is StructureDefinition => r.resourceType === 'StructureDefinition' && r.derivation !== 'constraint')
    .filter(r => r.kind !== 'primitive-type' && !notOfR4.includes(r.name));
  const rows = structures.flatMap(structure => [...typeRows(structure)]);
  const terms = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'].flatMap(file => definitions(file).entry!.map(e => e.resource!));
  const valueSets = new Map(terms.flatMap(r => (r.resourceType === 'ValueSet' ? [[r.url!, r] as const] : [])));
  const systems = new Map(terms.flatMap(r => (r.resourceType === 'CodeSystem' ? [[r.url!, r] as const] : [])));
  const required = new Set(rows.flatMap(row => (row.row === 'type' ? row.elements.flatMap(e => e.valueSet ?? []) : [])));
  for (const url of [...required].sort()) {
    const codes = expand(url, valueSets, systems);
    rows.push({ row: 'valueSet', url, ...(codes === undefined ? {} : { codes }) });
  }
  return rows;
}

/** The text of r4.ndjson. */
export const derived = (): string =>
  derive()
    .map(row => JSON.stringify(row) + '\n')
    .join('');
