/**
 * $reconcile: an institution reports, under its signature, how many notices it gave and how many objections and withdrawals it received; the server says whether that is what is here.
 * Definition: profiles/OperationDefinition-reconcile.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import type { ParametersParameter } from '@medplum/fhirtypes';
import { instants } from '../consent/day.ts';
import { type Counts, countNames, heldCounts, type Report, reportsBook, stopOf } from '../consent/reconciliation.ts';
import { stopsBook } from '../consent/stops.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface ReconcileParts {
  readonly store: Store;
  /** Milliseconds. */
  readonly now: () => number;
  /** What a client signed with a key of its registration; undefined: it did not. */
  readonly signedBy: (client: string, jws: string) => unknown;
  /** Objections that an institution received and that are not here: for the audit log. */
  readonly alarm: (institution: string) => Promise<void>;
  readonly settings: {
    /** IANA zone whose calendar days count. */
    readonly timeZone: string;
  };
}

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

export function reconcile({ store, now, signedBy, alarm, settings }: ReconcileParts): Operation {
  async function run(given: Given, access: Access): Promise<Answer> {
    const { start, end } = given.get('period')![0] as Json;
    const [from, to] = [start, end].map(day =>
      /^\d{4}-\d\d-\d\d$/.test(String(day)) ? instants(String(day), settings.timeZone) : undefined,
    );
    if (from === undefined || to === undefined || to.last < from.first)
      throw wrong('period', 'The parameter period has a first and a last day, in this order.');
    if (to.first > now()) throw wrong('period', 'The parameter period does not end on a day to come.');
    const reported = Object.fromEntries(
      countNames.map(name => {
        const count = given.get(name)![0] as number;
        if (count < 0) throw wrong(name, `The parameter ${name} is not negative.`);
        return [name, count];
      }),
    ) as unknown as Counts;
    const { sender: institution, client } = access.agent;
    const signature = given.get('signature')![0] as string;
    const said = signedBy(client, signature);
    if (!isDeepStrictEqual(said, { institution, start, end, ...reported }))
      throw new Problem(
        'business-rule',
        'The signature is over institution, start, end and the counts as reported, with a registered key of this client.',
        {
          expression: "Parameters.parameter.where(name='signature')",
        },
      );

    const held = await heldCounts(store, institution, { first: from.first, last: to.last });
    const match = countNames.every(name => reported[name] === held[name]);
    const report: Report = { institution, start: String(start), end: String(end), reported, held, match, time: now(), signature };
    await store.commit({
      writes: [],
      entries: [
        { book: reportsBook, entry: report as unknown as Json },
        { book: stopsBook, entry: stopOf(report) },
      ],
    });
    const isMissing = reported.objections > held.objections;
    if (isMissing) await alarm(institution);
    const parameter: ParametersParameter[] = [
      { name: 'match', valueBoolean: match },
      ...countNames.map(
        (name): ParametersParameter => ({
          name: 'row',
          part: [
            { name: 'what', valueCode: name },
            { name: 'reported', valueUnsignedInt: reported[name] },
            { name: 'held', valueUnsignedInt: held[name] },
            { name: 'match', valueBoolean: reported[name] === held[name] },
          ],
        }),
      ),
      ...(isMissing ? [{ name: 'alarm', valueCode: 'objections-missing' }] : []),
    ];
    return { status: 200, resource: { resourceType: 'Parameters', parameter } as unknown as AnyResource };
  }

  return { definition: definitionOf('reconcile'), run };
}
