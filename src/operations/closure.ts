/**
 * $closure: keeps a client's closure table: which of the codes that it uses are kinds of which others.
 * Definition: profiles/OperationDefinition-ConceptMap-closure.json; R4: https://hl7.org/fhir/R4/terminology-service.html#closure
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { ClosureEvent, Coded, Relation } from '../fhir/terminology/closure.ts';
import { relationsSince, tableOf } from '../fhir/terminology/closure.ts';
import type { System } from '../fhir/terminology/code-system.ts';
import type { Knowledge } from '../fhir/terminology/knowledge.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';
import { codingIn, notHere, one, systemBy, type TerminologyParts, wrong } from './terminology.ts';

export interface ClosureParts extends TerminologyParts {
  /** Milliseconds. */
  readonly now: () => number;
}

/** A client's tables are its own. The name is its choice, and stands nowhere. */
const bookOf = ({ agent }: Access, name: string): string =>
  `closure:${createHash('sha256')
    .update(JSON.stringify([agent.client, name]))
    .digest('base64url')}`;

/** The concepts to add, each known here. @throws Problem `not-found` */
async function conceptsIn(given: Given, knowledge: Knowledge): Promise<readonly Coded[]> {
  const sent = (given.get('concept') ?? []).map(coding => codingIn(new Map([['concept', [coding]]]), 'concept')!);
  const systems = new Map<string, System>();
  for (const url of new Set(sent.map(one => one.system))) {
    if (url === undefined) throw wrong('concept', 'concept.system is required.');
    systems.set(url, await systemBy(url, knowledge));
  }
  return sent.map(({ system, code }) => {
    const concept = systems.get(system!)!.find(code);
    if (concept === undefined) throw notHere('The code system has no such code here.');
    return { system: system!, code: concept.code };
  });
}

export const closure = (parts: ClosureParts): Operation => {
  const { store, now } = parts;

  async function run(given: Given, access: Access): Promise<Answer> {
    const name = one<string>(given, 'name')!;
    const book = bookOf(access, name);
    const knowledge = parts.knowledge(access);
    const since = one<string>(given, 'version');
    if (since !== undefined && given.has('concept')) throw wrong('version', 'The parameters version and concept do not go together.');
    const events = async () => (await store.book(book)) as unknown as readonly ClosureEvent[];
    if (since !== undefined) {
      const table = tableOf(await events());
      if (table === undefined) throw notHere('There is no such closure table.');
      const version = /^\d{1,9}$/.test(since) ? Number(since) : Number.POSITIVE_INFINITY;
      if (version > table.version) throw wrong('version', 'The closure table has no such version.');
      return answer(name, table.version, relationsSince(table, version, await systemsOf(table.concepts, knowledge)));
    }
    if (!given.has('concept')) {
      await store.commit({ writes: [], entries: [{ book, entry: { id: randomUUID() } }] });
      return answer(name, 0, []);
    }
    const concepts = await conceptsIn(given, knowledge);
    const event: ClosureEvent = { id: randomUUID(), concepts };
    const grown = async (list: readonly ClosureEvent[]) => {
      const table = tableOf(list);
      if (table === undefined) throw notHere('There is no such closure table.');
      return answer(name, table.version, relationsSince(table, table.version - 1, await systemsOf(table.concepts, knowledge)));
    };
    const before = await events();
    // Judged before it is stored: a table that would be too large stays as it was.
    const expected = await grown([...before, event]);
    await store.commit({ writes: [], entries: [{ book, entry: event as unknown as Json }] });
    const after = await events();
    // Others may have added to it meanwhile: the place among the events is the version.
    const place = after.findIndex(one => one.id === event.id);
    return place === before.length ? expected : await grown(after.slice(0, place + 1));
  }

  const answer = (name: string, version: number, relations: readonly Relation[]): Answer => ({
    status: 200,
    resource: {
      resourceType: 'ConceptMap',
      version: String(version),
      name: `Updates for the closure table ${name}`,
      status: 'active',
      experimental: true,
      date: new Date(now()).toISOString(),
      ...(relations.length > 0 ? { group: groupsOf(relations) } : {}),
    } as AnyResource,
  });

  return { definition: definitionOf('ConceptMap-closure'), run };
};

async function systemsOf(concepts: readonly Coded[], knowledge: Knowledge): Promise<ReadonlyMap<string, System>> {
  const systems = new Map<string, System>();
  for (const url of new Set(concepts.map(one => one.system))) {
    const system = await knowledge.system(url);
    if (system) systems.set(url, system);
  }
  return systems;
}

const groupsOf = (relations: readonly Relation[]): Json[] =>
  [...Map.groupBy(relations, one => one.system)].map(([system, list]) => ({
    source: system,
    target: system,
    element: list.map(({ code, above }) => ({ code, target: above.map(other => ({ code: other, equivalence: 'subsumes' })) })),
  }));
