/**
 * capabilities: what this server does, told from what it routes.
 * R4: https://hl7.org/fhir/R4/http.html#capabilities, https://hl7.org/fhir/R4/capabilitystatement.html
 * @module
 */
import type {
  CapabilityStatement,
  CapabilityStatementRestInteraction,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceInteraction,
  CapabilityStatementRestResourceOperation,
  CapabilityStatementRestResourceSearchParam,
} from '@medplum/fhirtypes';
import { resourceTypes } from '../model/r4.ts';
import { type Parameter, searchParameters } from '../search/parameters.ts';
import type { Parts, ServedOperation, Settings } from './interaction.ts';
import { patchTypes } from './patch.ts';
import { routed } from './route.ts';

const stated = <Code>(where: 'type' | 'system'): Code[] =>
  Object.entries(routed).flatMap(([code, stands]) => (stands === where ? [code as Code] : []));
const ofType = stated<CapabilityStatementRestResourceInteraction['code']>('type');
const ofSystem: readonly CapabilityStatementRestInteraction['code'][] = [
  'transaction',
  'batch',
  ...stated<'search-system' | 'history-system'>('system'),
];

/** Search parameters of a type, by code. */
type Known = (type: string) => ReadonlyMap<string, Parameter>;

/** Parameters of all types that are read from no element. */
const ofNoElement: readonly { readonly code: string; readonly type: string; readonly url?: string }[] = [
  { code: '_text', type: 'string', url: 'http://hl7.org/fhir/SearchParameter/DomainResource-text' },
  { code: '_content', type: 'string', url: 'http://hl7.org/fhir/SearchParameter/Resource-content' },
  { code: '_filter', type: 'special' },
  { code: '_has', type: 'special' },
  { code: '_summary', type: 'special' },
  { code: '_total', type: 'special' },
];

const named = ({ name, definition }: ServedOperation): CapabilityStatementRestResourceOperation => ({ name, definition });
const told = (operation: ServedOperation): CapabilityStatementRestResourceOperation => ({
  ...named(operation),
  ...(operation.documentation === undefined ? {} : { documentation: operation.documentation }),
});
/** What an operation of all types does stands in its definition: said at each type it was two fifths of the whole statement. */
const toldOfType = (operation: ServedOperation): CapabilityStatementRestResourceOperation =>
  operation.types?.includes('Resource') ? named(operation) : told(operation);

/** Type → the reference parameters that lead to it: `Observation:subject`. */
function referring(known: Known): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const source of resourceTypes) {
    for (const { code, type, targets } of known(source).values()) {
      if (type !== 'reference') continue;
      for (const target of targets) found.set(target, [...(found.get(target) ?? []), `${source}:${code}`]);
    }
  }
  return found;
}

function resource(
  type: string,
  operations: readonly ServedOperation[],
  settings: Settings,
  known: Known,
  referringTo: readonly string[],
): CapabilityStatementRestResource {
  const operation = operations.filter(({ types = [] }) => types.includes(type) || types.includes('Resource')).map(toldOfType);
  const parameters = [...known(type).values()].filter(({ code }) => !code.startsWith('_'));
  const references = [...known(type).values()].filter(({ type: kind }) => kind === 'reference').map(({ code }) => `${type}:${code}`);
  const searchParam = parameters.map(
    ({ code, type: kind, url }): CapabilityStatementRestResourceSearchParam => ({ name: code, type: kind, definition: url }),
  );
  return {
    type: type as NonNullable<CapabilityStatementRestResource['type']>,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: ofType.map(code => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: settings.updateCreate,
    conditionalCreate: settings.conditional.create,
    conditionalRead: settings.conditional.read ? 'full-support' : 'not-supported',
    conditionalUpdate: settings.conditional.update,
    conditionalDelete: settings.conditional.delete,
    referencePolicy: ['literal', 'logical', 'local'],
    ...(references.length > 0 ? { searchInclude: ['*', ...references] } : {}),
    searchRevInclude: ['*', ...referringTo],
    ...(searchParam.length > 0 ? { searchParam } : {}),
    ...(operation.length > 0 ? { operation } : {}),
  };
}

/** The CapabilityStatement of this server. */
export function capabilityStatement(
  { baseUrl, settings, capabilities: { version, date, operations } }: Pick<Parts, 'baseUrl' | 'settings' | 'capabilities'>,
  known: Known = searchParameters,
): CapabilityStatement {
  const all = [...[...searchParameters('Basic').values()].filter(({ code }) => code.startsWith('_')), ...ofNoElement];
  const leading = referring(known);
  const atBase = operations.filter(({ system }) => system !== false).map(told);
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    kind: 'instance',
    software: { name: 'Noren', version },
    implementation: { description: `Noren. Dates without a time zone are read in ${settings.timeZone}.`, url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json', 'application/fhir+xml', 'xml'],
    patchFormat: ['application/fhir+json', 'application/fhir+xml', ...patchTypes],
    rest: [
      {
        mode: 'server',
        documentation:
          'The base takes Bundles of type transaction and batch, and from institutions report units: Bundles of type collection. ' +
          'Searches of the base and of compartments take _type; every search takes _list with ids of Lists. ' +
          `Conditional patch is ${settings.conditional.patch ? '' : 'not '}supported; a conditional delete takes at most ${settings.maxConditionalDeletes} resources.`,
        security: {
          cors: true,
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                  display: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          description: 'OAuth 2 with private_key_jwt; see .well-known/smart-configuration below the base.',
        },
        resource: resourceTypes.map(type => resource(type, operations, settings, known, leading.get(type) ?? [])),
        interaction: ofSystem.map(code => ({ code })),
        compartment: ['patient', 'encounter', 'relatedPerson', 'practitioner', 'device'].map(
          id => `http://hl7.org/fhir/CompartmentDefinition/${id}`,
        ),
        ...(all.length > 0
          ? {
              searchParam: all.map(({ code, type, url }) => ({
                name: code,
                type: type as 'token',
                ...(url === undefined ? {} : { definition: url }),
              })),
            }
          : {}),
        ...(atBase.length > 0 ? { operation: atBase } : {}),
      },
    ],
  };
}

/** `GET [base]/metadata`: made once, then the same bytes, until other search parameters are stored. */
export function capabilityBytes(parts: Pick<Parts, 'baseUrl' | 'settings' | 'capabilities'>): (known: Known) => Buffer {
  let made: { readonly known: Known; readonly bytes: Buffer } | undefined;
  return known => {
    if (made?.known !== known) made = { known, bytes: Buffer.from(JSON.stringify(capabilityStatement(parts, known))) };
    return made.bytes;
  };
}
