/**
 * $check-objections: who of these has objected? One number in real time, or a whole list, which comes back without those who did.
 * An institution learns of its own numbers alone, and no more than an attempt to send would tell it.
 * Definition: profiles/OperationDefinition-check-objections.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import type { ParametersParameter } from '@medplum/fhirtypes';
import type { Institution } from '../consent/legal.ts';
import { type Asker, type Standing, standing } from '../consent/objected.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';
import { readNumberList } from './number-list.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface CheckObjectionsParts {
  readonly store: Store;
  /** Milliseconds. */
  readonly now: () => number;
  /** `Organization/<id>` → its numbers; undefined: no institution known here. */
  readonly institutions: (sender: string) => Institution | undefined;
  readonly baseUrl: string;
}

/** Rows of a list, and identifiers of one call. */
const mostRows = 100_000;
const mostIdentifiers = 1000;
/** Rows looked up without letting others have their turn. */
const atATime = 500;

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

export function checkObjections({ store, now, institutions, baseUrl }: CheckObjectionsParts): Operation {
  function askerOf(given: Given, access: Access): Asker & { readonly system?: string } {
    const text = (given.get('institution')?.[0] as Json | undefined)?.['reference'];
    const target = typeof text === 'string' ? literal(text, baseUrl) : undefined;
    if (given.has('institution') && target?.type !== 'Organization')
      throw wrong('institution', 'The parameter institution is a reference to an Organization.');
    const named = target === undefined ? undefined : `Organization/${target.id}`;
    if (access.agent.role !== 'institution') {
      const system = named === undefined ? undefined : institutions(named)?.numberSystem;
      return { ...(named === undefined ? {} : { sender: named }), ...(system === undefined ? {} : { system }) };
    }
    const { sender } = access.agent;
    if (named !== undefined && named !== sender) throw new Problem('forbidden', 'An institution asks about its own patients.');
    const only = institutions(sender);
    if (only === undefined) throw new Problem('business-rule', 'The institution has no patient number system on record here.');
    return { sender, only, system: only.numberSystem };
  }

  async function run(given: Given, access: Access): Promise<Answer> {
    const { system, ...asker } = askerOf(given, access);
    const identifiers = (given.get('identifier') ?? []) as readonly Json[];
    if (given.has('file') === identifiers.length > 0) throw wrong('identifier', 'Either identifiers are given or a file.');
    if (identifiers.length > mostIdentifiers)
      throw new Problem('too-costly', `One call asks about ${mostIdentifiers} identifiers at most; send a file.`);
    const file = given.has('file') ? readNumberList(given.get('file')![0] as Json, system, mostRows) : undefined;
    const asked = file?.rows.map(row => row.identifier) ?? identifiers;

    const standings: Standing[] = [];
    for (const [i, identifier] of asked.entries()) {
      if (i > 0 && i % atATime === 0) await setImmediate();
      standings.push(identifier === undefined ? 'unusable' : await standing(identifier, asker, { store, now: now() }));
    }
    const told = (i: number): ParametersParameter => ({
      name: 'result',
      part: [{ name: 'row', valuePositiveInt: i + 1 }, ...saying(standings[i]!)],
    });
    const rows = [...standings.keys()];
    const parameter: ParametersParameter[] = [
      { name: 'checked', valueUnsignedInt: asked.length },
      ...(['objected', 'unusable', 'foreign'] as const).map(
        (name): ParametersParameter => ({ name, valueUnsignedInt: standings.filter(one => one === name).length }),
      ),
      ...(file === undefined ? rows : rows.filter(i => standings[i] !== 'clear')).map(told),
    ];
    if (file !== undefined) {
      // Who cannot be made out might have objected: he is left out too.
      const kept = file.rows.flatMap(({ text }, i) => (standings[i] === 'clear' ? [text] : []));
      const bytes = Buffer.from(file.head + kept.join(''));
      parameter.push({
        name: 'cleaned',
        valueAttachment: {
          contentType: file.contentType,
          data: bytes.toString('base64'),
          size: bytes.length,
          creation: new Date(now()).toISOString(),
        },
      });
    }
    return { status: 200, resource: { resourceType: 'Parameters', parameter } as unknown as AnyResource };
  }

  return { definition: definitionOf('check-objections'), run };
}

const saying = (one: Standing): ParametersParameter[] =>
  one === 'objected' || one === 'clear' ? [{ name: 'objected', valueBoolean: one === 'objected' }] : [{ name: 'problem', valueCode: one }];
