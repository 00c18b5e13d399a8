/**
 * Predicates that a terminology must answer → the codes that it answers with. Done before a store is asked: no store knows a code system.
 * R4: https://hl7.org/fhir/R4/search.html#token (`:in`, `:not-in`, `:above`, `:below`)
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { partsOf } from './parts.ts';
import type { Part, Predicate, SearchQuery, TokenTest } from './query.ts';

/** What search asks of a terminology. */
export interface Concepts {
  /** Every code of a value set by system; undefined: not known here. Throws Problem too-costly. */
  codesIn(valueSet: string): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined>;
  /** The code itself and all below or above it; undefined: system or code unknown. */
  related(system: string, code: string, direction: 'below' | 'above'): Promise<ReadonlySet<string> | undefined>;
}

/** Codes that one request may come to. */
const most = 100_000;

type Concept = Extract<Predicate, { kind: 'concept' }>;

const about = ({ code, relation, not }: Concept, text: string, kind: 'not-found' | 'too-costly' | 'invalid-parameter'): Problem => {
  const name = `${code}:${not ? 'not-' : ''}${relation}`;
  return new Problem(kind, `The parameter ${name} ${text}.`, { expression: `http.${name}` });
};

/** What is said where a concept is asked of nobody who knows. */
export const unanswerable = (concept: Concept): Problem =>
  about(concept, 'needs a terminology, and there is none here', 'invalid-parameter');

/** The query with codes in the place of concepts. Throws 404 for what the terminology does not know, 422 for more than 100,000 codes. */
export async function resolveConcepts(query: SearchQuery, terminology: Concepts | undefined): Promise<SearchQuery> {
  let codes = 0;
  const resolved = new Map<Predicate, Predicate>();
  const resolve = async (predicate: Predicate): Promise<Predicate> => {
    let found = resolved.get(predicate);
    if (found === undefined) {
      found = await inside(predicate);
      resolved.set(predicate, found);
    }
    return found;
  };
  const all = async (list: readonly Predicate[]): Promise<Predicate[]> => {
    const some: Predicate[] = [];
    for (const one of list) some.push(await resolve(one));
    return some;
  };

  async function inside(predicate: Predicate): Promise<Predicate> {
    switch (predicate.kind) {
      case 'concept':
        return await tokens(predicate);
      case 'and':
        return { kind: 'and', all: await all(predicate.all) };
      case 'or':
        return { kind: 'or', any: await all(predicate.any) };
      case 'not':
        return { kind: 'not', denied: await resolve(predicate.denied) };
      case 'has':
        return { ...predicate, where: await resolve(predicate.where) };
      case 'chain': {
        const wheres = await all(predicate.alternatives.map(one => one.where));
        return { ...predicate, alternatives: predicate.alternatives.map(({ type }, i) => ({ type, where: wheres[i]! })) };
      }
      default:
        return predicate;
    }
  }

  async function tokens(concept: Concept): Promise<Predicate> {
    if (!terminology) throw unanswerable(concept);
    const values: TokenTest[] = [];
    const add = (system: string, code: string): void => {
      if (++codes > most) throw about(concept, `comes to more than ${most} codes`, 'too-costly');
      values.push({ system: concept.implicit.includes(system) ? null : system, code });
    };
    for (const { set, system, code } of concept.values) {
      if (set !== undefined) {
        const sets = await terminology.codesIn(set);
        if (!sets) throw about(concept, 'names a value set that is not known here', 'not-found');
        for (const [of, some] of sets) for (const one of some) add(of, one);
      } else {
        const some = await terminology.related(system!, code!, concept.relation as 'below');
        if (!some) throw about(concept, 'names a code or a code system that is not known here', 'not-found');
        for (const one of some) add(system!, one);
      }
    }
    return { kind: 'token', code: concept.code, values, not: concept.not };
  }

  // Most queries ask nothing of a terminology, and are left as they are.
  const lot = query.parts ?? [query];
  if (!lot.some(({ type, where }) => [...partsOf(type, where)].some(([, part]) => part.kind === 'concept'))) return query;
  if (!query.parts) return { ...query, where: await all(query.where) };
  const parts: Part[] = [];
  for (const { type, where } of query.parts) parts.push({ type, where: await all(where) });
  return { ...query, parts };
}
