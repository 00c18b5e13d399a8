/**
 * $explain-search: in which order the indexes are asked for a search. Guesses are told by their order of magnitude and not below a thousand: an exact one would tell of
 * resources that the caller may not know of.
 * Definition: profiles/OperationDefinition-explain-search.json; R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import { type Access, permits } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { type AnyResource, isResourceType } from '../fhir/model/r4.ts';
import type { parseSearch } from '../fhir/search/parse.ts';
import type { Step, Store } from '../fhir/store/store.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface ExplainSearchParts {
  readonly store: Store;
  readonly parseSearch: typeof parseSearch;
  readonly baseUrl: string;
  readonly now: () => number;
  readonly settings: { readonly timeZone: string };
}

const wrong = (text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: "Parameters.parameter.where(name='search')" });

export function explainSearch({ store, parseSearch, baseUrl, now, settings: { timeZone } }: ExplainSearchParts): Operation {
  async function run(given: Given, access: Access) {
    const [, type = '', text = ''] = /^([A-Za-z]+)(?:\?(.*))?$/s.exec(String(given.get('search')?.[0])) ?? [];
    if (!isResourceType(type)) throw wrong('The search begins with a resource type and a question mark.');
    if (!permits(access, 's', type)) throw new Problem('forbidden');
    const parameters = await store.parameters();
    const options = { defaultCount: 0, maxCount: 0, base: baseUrl, timeZone, now: now(), parameters };
    const { query } = parseSearch(type, [...new URLSearchParams(text)], options);
    const parameter = (await store.plan(query)).map(stepOf);
    const resource = { resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) };
    return { status: 200, resource: resource as unknown as AnyResource };
  }

  return { definition: definitionOf('explain-search'), run };
}

const stepOf = ({ kind, code, atLeast }: Step): ParametersParameter => ({
  name: 'step',
  part: [
    { name: 'kind', valueCode: kind },
    ...(code === undefined ? [] : [{ name: 'code', valueString: code }]),
    { name: 'at-least', valueUnsignedInt: atLeast },
  ],
});
