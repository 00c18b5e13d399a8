/**
 * A client's closure table: the concepts that it uses, in the order in which they came, and which of them are kinds of which. The table is what its events
 * make it; a version is the number of additions.
 * R4: https://hl7.org/fhir/R4/terminology-service.html#closure, https://hl7.org/fhir/R4/conceptmap-operation-closure.html
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { related, type System } from './code-system.ts';
import { newWork } from './work.ts';

export interface Coded {
  readonly system: string;
  readonly code: string;
}

/** What happened to a table: it was begun (anew), or concepts were added. */
export interface ClosureEvent {
  readonly id: string;
  /** Absent: begun. */
  readonly concepts?: readonly Coded[];
}

export interface Table {
  readonly version: number;
  /** Each once, with the version that it came with. */
  readonly concepts: readonly (Coded & { readonly since: number })[];
}

/** Concepts of one table. */
const mostConcepts = 20_000;

const keyOf = ({ system, code }: Coded): string => `${system}|${code}`;

/** The table that the events make, oldest first; undefined: it was never begun. @throws Problem `too-costly` */
export function tableOf(events: readonly ClosureEvent[]): Table | undefined {
  const begun = events.findLastIndex(event => event.concepts === undefined);
  if (begun < 0) return undefined;
  const concepts = new Map<string, Coded & { readonly since: number }>();
  const added = events.slice(begun + 1);
  for (const [index, event] of added.entries())
    for (const one of event.concepts ?? []) if (!concepts.has(keyOf(one))) concepts.set(keyOf(one), { ...one, since: index + 1 });
  if (concepts.size > mostConcepts) throw new Problem('too-costly', `A closure table has at most ${mostConcepts} concepts.`);
  return { version: added.length, concepts: [...concepts.values()] };
}

/** Below, and what is above it. */
export interface Relation {
  readonly system: string;
  readonly code: string;
  readonly above: readonly string[];
}

/** Every relation of which one end came after a version. @throws Problem `too-costly` */
export function relationsSince({ concepts }: Table, version: number, systems: ReadonlyMap<string, System>): Relation[] {
  const work = newWork();
  const since = new Map(concepts.map(one => [keyOf(one), one.since]));
  return concepts.flatMap(({ system: url, code, since: came }) => {
    const system = systems.get(url);
    const concept = system?.find(code);
    if (system === undefined || concept === undefined) return [];
    const known = related(system, concept, 'above');
    work.spend(known.size);
    const above = [...known].flatMap(other => {
      const then = other === concept ? undefined : since.get(keyOf({ system: url, code: other.code }));
      return then !== undefined && Math.max(then, came) > version ? [other.code] : [];
    });
    return above.length === 0 ? [] : [{ system: url, code, above }];
  });
}
