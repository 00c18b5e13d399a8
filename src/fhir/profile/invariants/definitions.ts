/**
 * Invariants of StructureDefinition, ImplementationGuide and the two statements of capabilities.
 * R4: https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/capabilitystatement.html
 * @module
 */
import type { Json } from '../../model/r4.ts';
import { child, has, hasChoice, isDistinct, items, type Rule, type Rules, values } from './rule.ts';

const elements = (definition: Json, view: 'snapshot' | 'differential'): Json[] => items(child(definition, view)['element']);
const both = (definition: Json): Json[] => [...elements(definition, 'snapshot'), ...elements(definition, 'differential')];
const pathOf = (element: Json | undefined): string => String(element?.['path'] ?? '');
const isRoot = (element: Json): boolean => !pathOf(element).includes('.');
const isHl7 = (definition: Json): boolean => String(definition['url'] ?? '').startsWith('http://hl7.org/fhir/StructureDefinition');
const allHaveIds = (list: readonly Json[]): boolean => list.every(e => has(e, 'id'));

const typeName = { snapshot: /^[a-zA-Z0-9.]+$/, differential: /^[a-zA-Z0-9]+$/ };
const systemType = /^http:\/\/hl7\.org\/fhirpath\/System\.[A-Z][A-Za-z]+$/;
const namesTypes = (definition: Json, view: 'snapshot' | 'differential'): boolean =>
  elements(definition, view)
    .flatMap(e => items(e['type']).flatMap(t => values(t['code'])))
    .every(code => typeName[view].test(String(code)) || systemType.test(String(code)));

const described = (s: Json): boolean => has(s, 'description') || has(s, 'software') || has(s, 'implementation');
const instance: Rule = s => s['kind'] !== 'instance' || has(s, 'implementation');
const capability: Rule = s => s['kind'] !== 'capability' || (!has(s, 'implementation') && has(s, 'software'));
const requirements: Rule = s => s['kind'] !== 'requirements' || (!has(s, 'implementation') && !has(s, 'software'));

export const definitions: Rules = {
  'cpb-1': s => has(s, 'rest') || has(s, 'messaging') || has(s, 'document'),
  'cpb-2': described,
  'cpb-3': s => s['kind'] === 'instance' || !items(s['messaging']).some(m => has(m, 'endpoint')),
  'cpb-7': s => isDistinct(items(s['document']).map(d => `${String(d['profile'])} ${String(d['mode'])}`)),
  'cpb-9': r => isDistinct(items(r['resource']).flatMap(one => values(one['type']))),
  'cpb-12': r => isDistinct(items(r['searchParam']).flatMap(one => values(one['name']))),
  'cpb-14': instance,
  'cpb-15': capability,
  'cpb-16': requirements,
  'tcp-2': described,
  'tcp-3': instance,
  'tcp-4': capability,
  'tcp-5': requirements,
  'ig-1': d => {
    const groups = new Set(items(d['grouping']).map(g => g['id']));
    return items(d['resource']).every(r => !has(r, 'groupingId') || groups.has(r['groupingId']));
  },
  'ig-2': g => {
    const versions = new Set(values(g['fhirVersion']));
    return items(child(g, 'definition')['resource']).every(r => values(r['fhirVersion']).every(v => versions.has(v)));
  },
  'sdf-1': d => d['derivation'] === 'constraint' || isDistinct(elements(d, 'snapshot').map(pathOf)),
  'sdf-3': s => items(s['element']).every(e => has(e, 'definition') && has(e, 'min') && has(e, 'max')),
  'sdf-4': d => d['abstract'] === true || has(d, 'baseDefinition'),
  'sdf-5': d => d['type'] !== 'Extension' || d['derivation'] === 'specialization' || has(d, 'context'),
  'sdf-6': d => has(d, 'snapshot') || has(d, 'differential'),
  'sdf-8': (s, { resource }) => {
    const [root, ...rest] = items(s['element']);
    const start = pathOf(elements(resource, 'snapshot')[0]) + '.';
    return (resource['kind'] === 'logical' || pathOf(root) === resource['type']) && rest.every(e => pathOf(e).startsWith(start));
  },
  'sdf-8a': (d, { resource }) => {
    const [root, ...rest] = items(d['element']);
    // The rule asks the resource for its first element, not the differential that it stands on.
    const start = pathOf(elements(resource, 'differential')[0]).replace(/\..*/s, '') + '.';
    return (
      (resource['kind'] === 'logical' || pathOf(root).startsWith(String(resource['type']))) && rest.every(e => pathOf(e).startsWith(start))
    );
  },
  'sdf-8b': s => items(s['element']).every(e => has(e, 'base')),
  'sdf-9': d => both(d).every(e => !isRoot(e) || (!has(e, 'label') && !has(e, 'code') && !has(e, 'requirements'))),
  'sdf-11': d => d['kind'] === 'logical' || elements(d, 'snapshot').length === 0 || pathOf(elements(d, 'snapshot')[0]) === d['type'],
  'sdf-14': d => allHaveIds(both(d)),
  'sdf-15': d => d['kind'] === 'logical' || !has(elements(d, 'snapshot')[0] ?? {}, 'type'),
  'sdf-15a': d => {
    const first = elements(d, 'differential')[0];
    return d['kind'] === 'logical' || first === undefined || !isRoot(first) || !has(first, 'type');
  },
  'sdf-16': d => allHaveIds(elements(d, 'snapshot')) && isDistinct(elements(d, 'snapshot').map(e => e['id'])),
  'sdf-17': d => allHaveIds(elements(d, 'differential')) && isDistinct(elements(d, 'differential').map(e => e['id'])),
  'sdf-18': d => !has(d, 'contextInvariant') || d['type'] === 'Extension',
  'sdf-19': d => !isHl7(d) || (namesTypes(d, 'snapshot') && namesTypes(d, 'differential')),
  'sdf-20': d => !items(d['element']).some(e => isRoot(e) && has(e, 'slicing')),
  'sdf-21': d => d['derivation'] === 'specialization' || !elements(d, 'differential').some(e => hasChoice(e, 'defaultValue')),
  'sdf-22': d => !isHl7(d) || !both(d).some(e => hasChoice(e, 'defaultValue')),
  'sdf-23': d => both(d).every(e => !isRoot(e) || !has(e, 'sliceName')),
};
