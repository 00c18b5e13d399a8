/**
 * What the terminology operations know and take: the specification's code systems by name. What is stored is told only to who may search it.
 * R4: https://hl7.org/fhir/R4/terminologycapabilities.html, https://hl7.org/fhir/R4/http.html#capabilities (mode)
 * @module
 */
import type { CodeSystem, TerminologyCapabilities, TerminologyCapabilitiesCodeSystem } from '@medplum/fhirtypes';
import { specified } from '../terminology/definitions.ts';
import { expansionParameters, mostCodes } from '../terminology/expand.ts';
import type { Parts } from './interaction.ts';

function codeSystems(): TerminologyCapabilitiesCodeSystem[] {
  const systems = specified().flatMap(({ kind, found }) => (kind === 'CodeSystem' ? [found.open() as CodeSystem] : []));
  return [...Map.groupBy(systems, ({ url }) => url!)].map(([uri, same]) => {
    const version = same.flatMap(one => one.version ?? []);
    return {
      uri,
      ...(version.length > 0 ? { version: version.map((code, index) => ({ code, isDefault: index === version.length - 1 })) } : {}),
      subsumption: same.some(({ hierarchyMeaning }) => hierarchyMeaning === 'is-a'),
    };
  });
}

/** `GET [base]/metadata?mode=terminology` */
export function terminologyCapabilities({
  baseUrl,
  capabilities: { version, date },
}: Pick<Parts, 'baseUrl' | 'capabilities'>): TerminologyCapabilities {
  return {
    resourceType: 'TerminologyCapabilities',
    status: 'active',
    date,
    kind: 'instance',
    software: { name: 'Noren', version },
    implementation: {
      description:
        'Noren. Code systems, value sets and concept maps that are stored here come before the specification’s own, which are listed.',
      url: baseUrl,
    },
    codeSystem: codeSystems(),
    expansion: {
      hierarchical: true,
      paging: true,
      incomplete: false,
      parameter: expansionParameters.map(name => ({ name })),
      textFilter: `Every word, somewhere in code, display or designation; width, case, accents, kana and punctuation make no difference. One answer holds ${mostCodes} codes.`,
    },
    codeSearch: 'all',
    validateCode: { translations: false },
    translation: { needsMap: true },
    closure: { translation: false },
  };
}
