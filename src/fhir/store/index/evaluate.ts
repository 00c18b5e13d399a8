/**
 * A query over the indexes: the most selective predicate first, then the others among what is left; only what the Access may know of, at one snapshot.
 * Chains and _has are queries of their own, under the same Access: what may not be known of cannot be found by its shadow.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import type { Access } from '../../model/access.ts';
import { Problem } from '../../model/outcome.ts';
import { matchesDate } from '../../search/compare.ts';
import type { Predicate } from '../../search/query.ts';
import { ascending, intersect, listOf, place, union, without } from './postings.ts';
import { everything, type Sight, sight } from './sight.ts';
import type { State, TypeIndex } from './state.ts';

export class Evaluation {
  readonly state: State;
  readonly access: Access;
  readonly snapshot: number;
  readonly #now: number;
  readonly #sights = new Map<string, Sight>();

  constructor(state: State, access: Access, snapshot: number, now: number) {
    this.state = state;
    this.access = access;
    this.snapshot = snapshot;
    this.#now = now;
  }

  /** Whether a version of this type is there for the Access (current or not). */
  sees(type: string): Sight {
    let made = this.#sights.get(type);
    if (!made) {
      made = sight(this.state, this.access, type, this.#now, where => this.#having(type, where));
      this.#sights.set(type, made);
    }
    return made;
  }

  /** Current version of a resource at the snapshot that the Access may know of; 0: none. */
  at(type: string, resource: number): number {
    const seq = this.state.ledger.at(resource, this.snapshot);
    return seq !== 0 && this.sees(type)(seq) ? seq : 0;
  }

  /** Current versions, no deletions, that mention a person (a root), ascending; `types` limits them. */
  about(person: number, types?: readonly string[]): number[] {
    const { ledger, persons } = this.state;
    const seqs = ascending(persons.names(person).flatMap(name => listOf(this.state.mentioning(name))));
    return seqs.filter(seq => {
      if (!ledger.holds(seq, this.snapshot) || ledger.deleted(seq)) return false;
      const name = ledger.name(ledger.resource(seq));
      const type = name.slice(0, name.indexOf('/'));
      return (types === undefined || types.includes(type)) && this.sees(type)(seq);
    });
  }

  /** Current versions of a type for which all predicates hold, ascending. */
  run(type: string, where: readonly Predicate[]): readonly number[] {
    return this.#visible(type, this.#having(type, where));
  }

  /** Roughly how many versions `run` would have to look at. */
  estimate(type: string, where: readonly Predicate[]): number {
    const index = this.state.type(type);
    return where.reduce((least, predicate) => Math.min(least, this.#estimate(index, predicate)), index.all.length);
  }

  /** The first `most` of what `run` would give after a number: the list is walked piece by piece, and no further than needed. */
  first(type: string, where: readonly Predicate[], after: number, most: number): readonly number[] {
    const index = this.state.type(type);
    const asked = this.#bySelectivity(index, where);
    const driver = asked[0] && listed.has(asked[0].kind) && !opposite(asked[0]) ? asked.shift() : undefined;
    const list = driver ? this.#find(type, index, driver) : index.all;
    const tests = asked.map(predicate => this.#test(type, index, predicate));
    const found: number[] = [];
    let size = 256;
    for (let at = place(list, after + 1); at < list.length && found.length < most; at += size, size = Math.min(size * 2, 65_536)) {
      let piece: readonly number[] = list.slice(at, at + size);
      for (const test of tests) piece = test(piece);
      for (const seq of this.#visible(type, piece)) found.push(seq);
    }
    return found.slice(0, most);
  }

  /** Keeps of a piece of a list what satisfies a predicate; what must be worked out as a whole is worked out once. */
  #test(type: string, index: TypeIndex, predicate: Predicate): (piece: readonly number[]) => readonly number[] {
    if (predicate.kind === 'lastUpdated') return piece => this.#find(type, index, predicate, piece);
    if (ranges.has(predicate.kind)) return piece => parameterOf(index, type, (predicate as { code: string }).code).find(predicate, piece);
    const denied = opposite(predicate);
    let all: readonly number[] | undefined;
    return piece => {
      all ??= this.#find(type, index, denied ?? predicate);
      return denied ? without(piece, all) : intersect(piece, all);
    };
  }

  #bySelectivity(index: TypeIndex, where: readonly Predicate[]): Predicate[] {
    return where
      .map(predicate => ({ predicate, cost: this.#estimate(index, predicate) }))
      .sort((a, b) => a.cost - b.cost)
      .map(({ predicate }) => predicate);
  }

  /** Versions of a type, current or not and whether they may be known of or not, for which all predicates hold. */
  #having(type: string, where: readonly Predicate[]): readonly number[] {
    const index = this.state.type(type);
    let found: readonly number[] | undefined;
    for (const predicate of this.#bySelectivity(index, where)) {
      found = this.#find(type, index, predicate, found);
      if (found.length === 0) return found;
    }
    return found ?? index.all;
  }

  #visible(type: string, seqs: readonly number[]): readonly number[] {
    const sees = this.sees(type);
    const { ledger } = this.state;
    const { snapshot } = this;
    const rest: number[] = [];
    if (sees === everything) {
      for (const seq of seqs) if (ledger.holds(seq, snapshot)) rest.push(seq);
    } else {
      for (const seq of seqs) if (ledger.holds(seq, snapshot) && sees(seq)) rest.push(seq);
    }
    return rest;
  }

  #estimate(index: TypeIndex, predicate: Predicate): number {
    switch (predicate.kind) {
      case 'id':
        return predicate.not ? index.all.length + 1 : predicate.values.length;
      case 'chain':
      case 'has':
        return index.all.length / 2;
      case 'lastUpdated':
        return index.all.length;
      case 'missing':
        return predicate.missing ? index.all.length + 1 : (index.parameter(predicate.code)?.present.length ?? 0);
      case 'token':
        return predicate.not ? index.all.length + 1 : (index.parameter(predicate.code)?.estimate(predicate) ?? 0);
      default:
        return index.parameter(predicate.code)?.estimate(predicate) ?? 0;
    }
  }

  /** Versions (current or not) that satisfy one predicate, among the candidates if there are any. */
  #find(type: string, index: TypeIndex, predicate: Predicate, candidates?: readonly number[]): readonly number[] {
    const among = (list: readonly number[]): readonly number[] => (candidates ? intersect(candidates, list) : list);
    switch (predicate.kind) {
      case 'id': {
        const seqs = predicate.values
          .map(id => this.state.ledger.at(this.state.ledger.find(`${type}/${id}`), this.snapshot))
          .filter(seq => seq > 0);
        return predicate.not ? without(candidates ?? index.all, ascending(seqs)) : among(ascending(seqs));
      }
      case 'lastUpdated':
        return (candidates ?? index.all).filter(seq => {
          const time = this.state.ledger.time(seq);
          return predicate.values.some(test => matchesDate([time, time], test));
        });
      case 'missing': {
        const present = valued(index, type, predicate.code);
        return predicate.missing ? without(candidates ?? index.all, present) : among(present);
      }
      case 'token': {
        const found = parameterOf(index, type, predicate.code).find(predicate);
        return predicate.not ? without(candidates ?? index.all, found) : among(found);
      }
      case 'chain':
        return among(this.#chain(index, predicate));
      case 'has':
        return among(this.#has(type, predicate));
      default: {
        const found = parameterOf(index, type, predicate.code).find(predicate, candidates);
        return among(found);
      }
    }
  }

  #chain(index: TypeIndex, { code, alternatives }: Extract<Predicate, { kind: 'chain' }>): readonly number[] {
    const reference = index.reference(code);
    if (!reference) return [];
    const targets = new Set<number>();
    for (const { type, where } of alternatives) for (const seq of this.run(type, [where])) targets.add(this.state.ledger.resource(seq));
    return targets.size === 0 ? [] : reference.toAny(targets);
  }

  #has(of: string, { type, code, where }: Extract<Predicate, { kind: 'has' }>): readonly number[] {
    const reference = this.state.type(type).reference(code);
    const prefix = `${of}/`;
    if (!reference) return [];
    const targets = new Set<number>();
    for (const seq of this.run(type, [where])) for (const target of reference.from(seq)) targets.add(target);
    const seqs: number[] = [];
    for (const target of targets) {
      const seq = this.state.ledger.name(target).startsWith(prefix) ? this.state.ledger.at(target, this.snapshot) : 0;
      if (seq !== 0) seqs.push(seq);
    }
    return ascending(seqs);
  }
}

/** Kinds whose versions stand in lists already. */
const listed: ReadonlySet<Predicate['kind']> = new Set(['token', 'string', 'reference', 'uri', 'id', 'missing', 'chain', 'has']);
/** Kinds that are judged value by value. */
const ranges: ReadonlySet<Predicate['kind']> = new Set(['date', 'number', 'quantity', 'composite']);

/** What a negative predicate denies; undefined for a positive one. */
export function opposite(predicate: Predicate): Predicate | undefined {
  if (predicate.kind === 'token' && predicate.not) return { ...predicate, not: false };
  if (predicate.kind === 'missing' && predicate.missing) return { ...predicate, missing: false };
  if (predicate.kind !== 'id' || !predicate.not) return undefined;
  const { not: _, ...positive } = predicate;
  return positive;
}

/** Versions with a value of the parameter, ascending; a reference by identifier alone is one too. */
const valued = (index: TypeIndex, type: string, code: string): readonly number[] =>
  union([parameterOf(index, type, code).present, index.parameter(`${code}:identifier`)?.present ?? []]);

const parameterOf = (index: TypeIndex, type: string, code: string) => {
  const found = index.parameter(code);
  if (!found)
    throw new Problem('invalid-parameter', `The parameter ${code} cannot be searched for ${type}.`, { expression: `http.${code}` });
  return found;
};
