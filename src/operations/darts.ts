/**
 * $de-identify and $anonymize: the operations of HL7's De-Identification, Anonymization, Redaction Toolkit Services, over data that are handed in: a Bundle, or files by URL.
 * Of a Bundle a Bundle is made, of files files. Both take the same way: the same rights, the same objections, keys that exist for the call alone.
 * DARTS 1.0.0-ballot: OperationDefinition/de-identify, OperationDefinition/anonymize, CodeSystem/darts-policy-identifiers
 * @module
 */
import type { CompiledPolicy } from '../deid/compile.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { filesByType } from '../release/ndjson.ts';
import { builtIn, type PolicyName, policyNamed } from '../release/policies.ts';
import { bundleOfFiles, type FileParts, listOf } from './data-files.ts';
import { type HandedIn, mayHandIn } from './handed-in.ts';
import { createLine, type Line } from './line.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface DartsParts extends FileParts {
  readonly handedIn: HandedIn;
  /** That all releases stand in. */
  readonly line: Line;
}

/** Policies by the codes of DARTS. A link key is shared with nobody who hands data in: jp-linkable is none of them. */
const byCode: ReadonlyMap<string, PolicyName> = new Map<string, PolicyName>([
  ['HHS_SAFE_HARBOR_DETERMINISTIC_METHOD', 'hipaa-safe-harbor'],
  ...builtIn.filter(name => name !== 'jp-linkable').map(name => [name, name] as const),
]);

/** Calls with files under way at once, and waiting: a source that is slow holds up nobody but them. */
const atOnce = 2;
const mostWaiting = 16;

const pathOf = (name: string): string => `Parameters.parameter.where(name='${name}')`;
const place = (name: string): { expression: string } => ({ expression: pathOf(name) });

export function darts(parts: DartsParts): readonly Operation[] {
  const { handedIn, line } = parts;
  const fileLine = createLine(atOnce, mostWaiting);

  async function ofBundle(data: AnyResource, access: Access, by: CompiledPolicy, name: string): Promise<Answer> {
    const { bytes } = await line(() => handedIn(data, by, new Set(by.types.keys()), access, place('identifiableData')));
    const head = Buffer.from(`{"resourceType":"Parameters","parameter":[{"name":"${name}","resource":`);
    return { status: 200, bytes: [head, ...bytes, Buffer.from('}]}')] };
  }

  async function ofFiles(list: AnyResource, access: Access, by: CompiledPolicy, name: string, operation: string): Promise<Answer> {
    const named = pathOf('identifiableDataFileUrls');
    // Before anything is fetched for somebody who may not.
    mayHandIn(access, { expression: named });
    const data = await bundleOfFiles(list, `${named}.resource`, parts);
    const { entries, moment } = await line(() => handedIn(data, by, new Set(by.types.keys()), access, { expression: named }, true));
    const { offered, until } = await parts.offerFiles(filesByType(entries), { access, operation, moment });
    return {
      status: 200,
      resource: { resourceType: 'Parameters', parameter: [{ name, resource: listOf(offered) }] },
      headers: { expires: new Date(until).toUTCString() },
    };
  }

  /** @param out names of the parameters that go out */
  async function answer(
    given: Given,
    access: Access,
    by: CompiledPolicy,
    operation: string,
    out: readonly [string, string],
  ): Promise<Answer> {
    const data = given.get('identifiableData')?.[0] as AnyResource | undefined;
    const list = given.get('identifiableDataFileUrls')?.[0] as AnyResource | undefined;
    if (data !== undefined && list !== undefined)
      throw new Problem(
        'invalid-parameter',
        'The parameters identifiableData and identifiableDataFileUrls do not go together.',
        place('identifiableDataFileUrls'),
      );
    if (list !== undefined) return await fileLine(() => ofFiles(list, access, by, out[1], operation));
    if (data === undefined)
      throw new Problem(
        'invalid-parameter',
        'The parameter identifiableData is required, or identifiableDataFileUrls.',
        place('identifiableData'),
      );
    return await ofBundle(data, access, by, out[0]);
  }

  const deIdentify = async (given: Given, access: Access): Promise<Answer> => {
    const name = byCode.get(String(given.get('policy')?.[0]));
    if (name === undefined)
      throw new Problem('invalid-parameter', `The parameter policy is one of ${[...byCode.keys()].join(', ')}.`, place('policy'));
    return await answer(given, access, policyNamed(name), 'de-identify', ['de-identifiedData', 'de-identifiedDataFileUrls']);
  };
  const anonymize = async (given: Given, access: Access): Promise<Answer> =>
    await answer(given, access, policyNamed('jp-anonymized'), 'anonymize', ['anonymizedData', 'anonymizedFileUrls']);

  return [
    { definition: definitionOf('de-identify'), run: deIdentify },
    { definition: definitionOf('anonymize'), run: anonymize },
  ];
}
