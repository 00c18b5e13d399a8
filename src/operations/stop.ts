/**
 * $stop and $resume: in one step the operator stops intake, release or both, and lets them go on again. What is stopped is refused from the next statement on.
 * Definitions: profiles/OperationDefinition-stop.json, profiles/OperationDefinition-resume.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import { type StopEntry, type Stoppable, stopsBook, stopsIn } from '../consent/stops.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface StopParts {
  readonly store: Store;
  /** Milliseconds. */
  readonly now: () => number;
  /** Undefined: no institution known here. */
  readonly institutions: (sender: string) => object | undefined;
  readonly baseUrl: string;
}

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

const kinds: Readonly<Record<string, readonly Stoppable[]>> = { intake: ['intake'], release: ['release'], all: ['intake', 'release'] };

function whatOf(given: Given): readonly Stoppable[] {
  const what = String(given.get('what')![0]);
  if (!Object.hasOwn(kinds, what)) throw wrong('what', 'The parameter what is intake, release or all.');
  return kinds[what]!;
}

const operation = (event: 'stop' | 'resume', { store, now, institutions, baseUrl }: StopParts): Operation => {
  function institutionOf(given: Given, what: readonly Stoppable[]): string | undefined {
    if (!given.has('institution')) return undefined;
    const text = (given.get('institution')![0] as Json)['reference'];
    const target = typeof text === 'string' ? literal(text, baseUrl) : undefined;
    const institution = `Organization/${target?.id}`;
    if (target?.type !== 'Organization' || institutions(institution) === undefined)
      throw wrong('institution', 'The parameter institution is a reference to an institution known here.');
    if (what.includes('release')) throw wrong('institution', 'One institution’s intake can be stopped; a release is stopped as a whole.');
    return institution;
  }

  async function run(given: Given, access: Access): Promise<Answer> {
    const what = whatOf(given);
    const institution = institutionOf(given, what);
    const entry: StopEntry = {
      event,
      what,
      ...(institution === undefined ? {} : { institution }),
      reason: given.get('reason')![0] as string,
      time: now(),
      by: access.agent.client,
    };
    await store.commit({ writes: [], entries: [{ book: stopsBook, entry: entry as unknown as Json }] });
    const parameter = stopsIn(await store.book(stopsBook)).map(
      (stop): ParametersParameter => ({
        name: 'stopped',
        part: [
          { name: 'what', valueCode: stop.what.length > 1 ? 'all' : stop.what[0]! },
          { name: 'because', valueCode: stop.event },
          { name: 'since', valueInstant: new Date(stop.time).toISOString() },
          ...(stop.institution === undefined ? [] : [{ name: 'institution', valueReference: { reference: stop.institution } }]),
        ],
      }),
    );
    return { status: 200, resource: { resourceType: 'Parameters', parameter } as unknown as AnyResource };
  }

  return { definition: definitionOf(event), run };
};

export const stop = (parts: StopParts): Operation => operation('stop', parts);
export const resume = (parts: StopParts): Operation => operation('resume', parts);
