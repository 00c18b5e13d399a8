/**
 * Which code systems go without saying, boiled down to the rows of implicit-systems.ndjson: 44 MB of definitions become a few kilobytes.
 * Runs when the definitions change (`node scripts/derive-r4.ts`), never in the server.
 * R4: https://hl7.org/fhir/R4/search.html#token, https://hl7.org/fhir/R4/terminologies.html#required
 * @module
 */
import type { ElementDefinition, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { definitions, resourceTypes } from '../model/r4.ts';
import { compile, type Selector } from './compile.ts';
import { parseExpression } from './expression.ts';
import type { ImplicitRow } from './implicit-systems.ts';
import { searchParameters } from './parameters.ts';

/** Value set → the systems that its definition names. */
function systemsBySet(): ReadonlyMap<string, readonly string[]> {
  const sets = (definitions<ValueSet>('valuesets.json').entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'ValueSet' && resource.url !== undefined ? [[resource.url, resource] as const] : [],
  );
  return new Map(sets.map(([url, set]) => [url, (set.compose?.include ?? []).flatMap(({ system }) => system ?? [])]));
}

/** `Patient.gender` → its definition; `Patient.address` and `Address.use` are two of them. */
const elementsByPath = (): ReadonlyMap<string, ElementDefinition> =>
  new Map(
    ['profiles-types.json', 'profiles-resources.json']
      .flatMap(file => definitions<StructureDefinition>(file).entry ?? [])
      .flatMap(({ resource }) =>
        resource?.resourceType === 'StructureDefinition' && resource.derivation !== 'constraint' ? [resource] : [],
      )
      .flatMap(structure => structure.snapshot?.element ?? [])
      .map(element => [element.path!, element]),
  );

/** The element that a selector ends at, through groups, data types and what is defined elsewhere; undefined: it does more than to read. */
function elementAt(base: string, { steps }: Selector, elements: ReadonlyMap<string, ElementDefinition>): ElementDefinition | undefined {
  let owner = base;
  let element: ElementDefinition | undefined;
  for (const step of steps) {
    element = step.do === 'read' ? elements.get(`${owner}.${step.key}`) : undefined;
    if (element === undefined) return undefined;
    const type = element.type?.[0]?.code;
    owner = element.contentReference?.split('#')[1] ?? (type === undefined || /Element$/.test(type) ? element.path! : type);
  }
  return element;
}

/** All rows, in the order of types and then of their parameters. */
function derive(): ImplicitRow[] {
  const bySet = systemsBySet();
  const elements = elementsByPath();
  const systemsOf = (base: string, way: Selector): readonly string[] => {
    const binding = elementAt(base, way, elements)?.binding;
    return binding?.strength === 'required' ? (bySet.get(binding.valueSet?.split('|', 1)[0] ?? '') ?? []) : [];
  };
  return resourceTypes.flatMap(base =>
    [...searchParameters(base).values()].flatMap(({ code, type, expression }) => {
      const ways = type === 'token' ? compile(parseExpression(expression), base) : [];
      if (!ways.every(way => way.type === 'code')) return [];
      const systems = [...new Set(ways.flatMap(way => systemsOf(base, way)))];
      return systems.length === 0 ? [] : [{ parameter: `${base}?${code}`, systems }];
    }),
  );
}

/** The text of implicit-systems.ndjson. */
export const derived = (): string =>
  derive()
    .map(row => JSON.stringify(row) + '\n')
    .join('');
