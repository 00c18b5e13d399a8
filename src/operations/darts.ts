/**
 * $de-identify and $anonymize: the operations of HL7's De-Identification, Anonymization, Redaction Toolkit Services, over data that are handed in.
 * Of the ways to hand data in there is the Bundle; files by URL are refused, since a server that fetches what a client names can be sent anywhere.
 * DARTS 1.0.0-ballot: OperationDefinition/de-identify, OperationDefinition/anonymize, CodeSystem/darts-policy-identifiers
 * @module
 */
import type { CompiledPolicy } from '../deid/compile.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { builtIn, type PolicyName, policyNamed } from '../release/policies.ts';
import type { HandedIn } from './handed-in.ts';
import type { createLine } from './line.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

/** Policies by the codes of DARTS. A link key is shared with nobody who hands data in: jp-linkable is none of them. */
const byCode: ReadonlyMap<string, PolicyName> = new Map<string, PolicyName>([
  ['HHS_SAFE_HARBOR_DETERMINISTIC_METHOD', 'hipaa-safe-harbor'],
  ...builtIn.filter(name => name !== 'jp-linkable').map(name => [name, name] as const),
]);

const place = (name: string): { expression: string } => ({ expression: `Parameters.parameter.where(name='${name}')` });

export function darts(handedIn: HandedIn, line: ReturnType<typeof createLine>): readonly Operation[] {
  async function answer(given: Given, access: Access, by: CompiledPolicy, name: string): Promise<Answer> {
    if (given.has('identifiableDataFileUrls'))
      throw new Problem(
        'invalid-parameter',
        'Files by URL are not fetched: hand the data in as identifiableData.',
        place('identifiableDataFileUrls'),
      );
    const data = given.get('identifiableData')?.[0] as AnyResource | undefined;
    if (data === undefined)
      throw new Problem('invalid-parameter', 'The parameter identifiableData is required.', place('identifiableData'));
    const bytes = await handedIn(data, by, new Set(by.types.keys()), access, place('identifiableData'));
    const head = Buffer.from(`{"resourceType":"Parameters","parameter":[{"name":"${name}","resource":`);
    return { status: 200, bytes: [head, ...bytes, Buffer.from('}]}')] };
  }

  const deIdentify = async (given: Given, access: Access): Promise<Answer> => {
    const name = byCode.get(String(given.get('policy')?.[0]));
    if (name === undefined)
      throw new Problem('invalid-parameter', `The parameter policy is one of ${[...byCode.keys()].join(', ')}.`, place('policy'));
    return await answer(given, access, policyNamed(name), 'de-identifiedData');
  };
  const anonymize = async (given: Given, access: Access): Promise<Answer> =>
    await answer(given, access, policyNamed('jp-anonymized'), 'anonymizedData');

  return [
    { definition: definitionOf('de-identify'), run: (given, access) => line(() => deIdentify(given, access)) },
    { definition: definitionOf('anonymize'), run: (given, access) => line(() => anonymize(given, access)) },
  ];
}
