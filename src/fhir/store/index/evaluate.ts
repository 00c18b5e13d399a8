/**
 * A query over the indexes: the most selective predicate first, then the others among what is left; only what the Access may know of, at one snapshot.
 * Chains and _has are queries of their own, under the same Access: what may not be known of cannot be found by its shadow.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import type { Access } from '../../model/access.ts';
import { Problem } from '../../model/outcome.ts';
import { anyRange, dateTest } from '../../search/compare.ts';
import { unanswerable } from '../../search/concepts.ts';
import type { Predicate } from '../../search/query.ts';
import type { Deadline } from './deadline.ts';
import { guarded } from './guard.ts';
import { Guesses, isFar, isLink, judged, type Settled } from './guess.ts';
import { implied } from './implied.ts';
import type { Searched } from './inside.ts';
import { along, chain, has, type Looking } from './links.ts';
import { ascending, intersect, listOf, place, union, without } from './postings.ts';
import { everything, nothing, type Sight, sight, within } from './sight.ts';
import type { State } from './state.ts';

export interface EvaluationLimits {
  readonly deadline?: Deadline;
  readonly settled?: Settled;
}

export class Evaluation {
  readonly state: State;
  readonly access: Access;
  readonly snapshot: number;
  readonly guesses: Guesses;
  readonly #now: number;
  readonly #deadline: Deadline | undefined;
  readonly #settled: Settled | undefined;
  readonly #sights = new Map<string, Sight>();
  readonly #looking: Looking;
  /** Ends of chains, each of which is looked for once however many ways lead to it. */
  readonly #run = new Map<Predicate, readonly number[]>();

  constructor(state: State, access: Access, snapshot: number, now: number, { deadline, settled }: EvaluationLimits = {}) {
    this.state = state;
    this.access = access;
    this.snapshot = snapshot;
    this.#now = now;
    this.#deadline = deadline;
    this.#settled = settled;
    this.guesses = new Guesses(state, settled);
    this.#looking = {
      state,
      snapshot,
      sees: type => this.sees(type),
      at: (type, resource) => this.at(type, resource),
      ends: (type, where) => this.#runOne(type, where),
      among: (type, where, seqs) => this.#among(type, where, seqs),
      inside: (type, index, where, candidates) => this.#having(type, [where], candidates && intersect(candidates, index.all), index),
      check: () => this.check(),
    };
  }

  /** Whether a version of this type is there for the Access (current or not). */
  sees(type: string): Sight {
    let made = this.#sights.get(type);
    if (!made) {
      // A clause that looks at other resources of its own type sees none of them.
      this.#sights.set(type, nothing);
      made = sight(this.state, this.access, type, this.#now, where => this.#having(type, where));
      if (type === 'Binary') made = guarded(made, this.state, this.snapshot, other => this.sees(other));
      this.#sights.set(type, made);
    }
    return made;
  }

  /** Whether there is time left. @throws Problem too-costly */
  check(): void {
    this.#deadline?.check();
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
      const type = typeOf(ledger.name(ledger.resource(seq)));
      return (types === undefined || types.includes(type)) && this.sees(type)(seq);
    });
  }

  /** Current versions of a type for which all predicates hold, ascending. */
  run(type: string, where: readonly Predicate[]): readonly number[] {
    return this.#visible(type, this.#having(type, where, this.within(type)));
  }

  /** Versions of a type, no deletions, among which all lie that the Access may know of; undefined: any may be one of them. */
  within(type: string): readonly number[] | undefined {
    return within(this.state, this.access, type);
  }

  /** Roughly how many versions `run` would find, at most. */
  most = (type: string, where: readonly Predicate[]): number => this.guesses.most(type, where, this.within(type)?.length);

  /** Roughly how many looks at a version `run` would take. */
  looks = (type: string, where: readonly Predicate[]): number => this.guesses.looks(type, where, this.within(type)?.length);

  /** The first `most` of what `run` would give after a number: a list is walked piece by piece, and no further than needed. */
  first(type: string, where: readonly Predicate[], after: number, most: number): readonly number[] {
    const index = this.state.type(type);
    const all = expanded(type, where);
    const plan = this.guesses.plan(type, all).filter(({ predicate }) => !opposite(predicate));
    const free = plan.find(({ predicate }) => listed.has(predicate.kind))?.predicate;
    const other = plan.find(({ predicate }) => made.has(predicate.kind))?.predicate;
    const keepBut = (driver: Predicate | undefined) =>
      this.filter(
        type,
        all.filter(one => one !== driver && (where.includes(one) || listed.has(one.kind))),
      );
    const list = free ? this.#find(type, index, free) : index.all;
    // As much of it is walked as it takes to make another one; less, where so few are met that it would not do, and nothing, where that is told beforehand.
    const effort = other ? this.guesses.effort(type, other) : Number.POSITIVE_INFINITY;
    const found: number[] = [];
    let last = after;
    if (effort * effort >= list.length * most) {
      const keep = keepBut(free);
      let walked = 0;
      for (const piece of pieces(list, after)) {
        for (const seq of keep(piece)) found.push(seq);
        if (found.length >= most) return found.slice(0, most);
        last = piece[piece.length - 1]!;
        walked += piece.length;
        if (other && (walked >= effort || isFar(walked, found.length, most, effort))) break;
      }
      if (last >= (list[list.length - 1] ?? 0)) return found;
    }
    const keep = keepBut(other);
    for (const piece of this.#piecesOf(type, index, other!, last)) {
      for (const seq of keep(piece)) found.push(seq);
      if (found.length >= most) return found.slice(0, most);
    }
    return found;
  }

  /** What one predicate finds after a number, ascending. */
  #piecesOf(type: string, index: Searched, predicate: Predicate, after: number): Iterable<readonly number[]> {
    const parameter = 'code' in predicate && !isLink(predicate) ? parameterOf(index, type, predicate.code) : undefined;
    return parameter?.pieces?.(predicate, after) ?? pieces(this.#find(type, index, predicate), after);
  }

  /** Of versions of a type (ascending) those that `run` would find: asked piece by piece. What must be worked out as a whole is worked out once. */
  filter(type: string, where: readonly Predicate[]): (piece: readonly number[]) => readonly number[] {
    const index = this.state.type(type);
    // Lists are the cheapest to ask, links the dearest.
    const plan = this.guesses.plan(type, where).map(({ predicate }) => predicate);
    const dearness = (one: Predicate): number => (isLink(one) ? 2 : judged.has(one.kind) ? 1 : 0);
    const tests = plan.sort((a, b) => dearness(a) - dearness(b)).map(predicate => this.#test(type, index, predicate));
    return piece => {
      this.#deadline?.check();
      let left = piece;
      for (const test of tests) {
        if (left.length === 0) return left;
        left = test(left);
      }
      return this.#visible(type, left);
    };
  }

  /** Keeps of a piece of a list what satisfies a predicate. */
  #test(type: string, index: Searched, predicate: Predicate): (piece: readonly number[]) => readonly number[] {
    if (predicate.kind === 'lastUpdated') return piece => this.#find(type, index, predicate, piece);
    const denied = opposite(predicate);
    let all: readonly number[] | undefined;
    /** How many are looked at one by one: as long as that is less than to find all that there are. */
    let left = 0;
    if (judged.has(predicate.kind)) left = this.guesses.of(type, predicate) * 2;
    if (isLink(predicate)) left = this.guesses.followed(type, predicate);
    return piece => {
      left -= piece.length;
      if (left > 0) return this.#find(type, index, predicate, piece);
      all ??= this.#having(type, [denied ?? predicate]);
      return denied ? without(piece, all) : intersect(piece, all);
    };
  }

  #runOne(type: string, predicate: Predicate): readonly number[] {
    let found = this.#run.get(predicate);
    if (!found) {
      this.#deadline?.check();
      found = this.run(type, [predicate]);
      this.#run.set(predicate, found);
    }
    return found;
  }

  /** Versions of a type, current or not and whether they may be known of or not, for which all predicates hold; among the candidates if there are any. */
  #having(
    type: string,
    where: readonly Predicate[],
    candidates?: readonly number[],
    index: Searched = this.state.type(type),
  ): readonly number[] {
    let found = candidates;
    const all = where.flatMap(one => (one.kind === 'composite' && !index.ids ? [...this.#narrowed(type, one), one] : one));
    for (const { predicate } of all.length > 1 ? this.guesses.plan(type, all, index) : all.map(predicate => ({ predicate }))) {
      this.#deadline?.check();
      found = this.#find(type, index, predicate, found);
      if (found.length === 0) return found;
    }
    return found ?? index.all;
  }

  /** What finds much fewer than have the composite at all; they are looked at then. */
  #narrowed(type: string, composite: Extract<Predicate, { kind: 'composite' }>): Predicate[] {
    const [best] = this.guesses.plan(type, implied(type, composite));
    return best && best.cost * 8 < (this.state.type(type).parameter(composite.code)?.present.length ?? 0) ? [best.predicate] : [];
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

  /** Versions (current or not) that satisfy one predicate, among the candidates if there are any. */
  #find(type: string, index: Searched, predicate: Predicate, candidates?: readonly number[]): readonly number[] {
    const among = (list: readonly number[]): readonly number[] => (candidates ? intersect(candidates, list) : list);
    switch (predicate.kind) {
      case 'and':
        return this.#having(type, predicate.all, candidates, index);
      case 'or':
        return this.#any(type, index, predicate.any, candidates);
      case 'not':
        return without(candidates ?? index.all, this.#find(type, index, predicate.denied, candidates));
      case 'id': {
        if (index.ids) {
          const ids = index.ids.find({ kind: 'token', code: '_id', values: predicate.values.map(code => ({ code })), not: false });
          return predicate.not ? without(candidates ?? index.all, ids) : among(ids);
        }
        const seqs = predicate.values
          .map(id => this.state.ledger.at(this.state.ledger.find(`${type}/${id}`), this.snapshot))
          .filter(seq => seq > 0);
        return predicate.not ? without(candidates ?? index.all, ascending(seqs)) : among(ascending(seqs));
      }
      case 'lastUpdated': {
        // What is contained has no time of its own, and nothing refers to it from outside (R4: references.html#contained).
        if (index.ids) return [];
        const test = anyRange(predicate.values, dateTest);
        return (candidates ?? index.all).filter(seq => {
          const time = this.state.ledger.time(seq);
          return test(time, time);
        });
      }
      case 'missing': {
        const present = valued(index, type, predicate.code);
        return predicate.missing ? without(candidates ?? index.all, present) : among(present);
      }
      case 'token': {
        const found = parameterOf(index, type, predicate.code)?.find(predicate, candidates, this.#deadline) ?? [];
        return predicate.not ? without(candidates ?? index.all, found) : among(found);
      }
      case 'concept':
        throw unanswerable(predicate);
      case 'words': {
        const settled = this.#settled?.get(predicate);
        if (!settled) throw new Problem('invalid-parameter', 'Words (_text, _content) can be looked for only in a search.');
        return among(settled);
      }
      case 'reference':
        return among(
          predicate.along ? along(this.#looking, index, predicate) : (parameterOf(index, type, predicate.code)?.find(predicate) ?? []),
        );
      case 'chain':
        return chain(this.#looking, index, predicate, candidates);
      case 'has':
        return index.ids ? [] : has(this.#looking, type, predicate, candidates);
      default:
        return among(parameterOf(index, type, predicate.code)?.find(predicate, candidates, this.#deadline) ?? []);
    }
  }

  /** Put together now and then: a thousand alternatives that each find nearly all would not find room beside each other. */
  #any(type: string, index: Searched, any: readonly Predicate[], candidates?: readonly number[]): readonly number[] {
    const { length } = candidates ?? index.all;
    let lists: (readonly number[])[] = [];
    let size = 0;
    for (const one of any) {
      this.#deadline?.check();
      const list = this.#find(type, index, one, candidates);
      lists.push(list);
      size += list.length;
      if (size <= length * 2) continue;
      lists = [union(lists)];
      size = lists[0]!.length;
      if (size === length) break;
    }
    return union(lists);
  }

  /** Of some versions of a type those that may be known of and meet a predicate. */
  #among(type: string, where: Predicate, seqs: readonly number[]): ReadonlySet<number> {
    const known = this.#run.get(where);
    const some = this.#visible(type, ascending(seqs));
    return new Set(known ? intersect(some, known) : this.#find(type, this.state.type(type), where, some));
  }
}

const typeOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

/** Kinds whose versions stand in lists already. */
const listed: ReadonlySet<Predicate['kind']> = new Set(['token', 'string', 'reference', 'uri', 'id', 'missing']);
/** Kinds whose list must be made, out of fewer than all there are. */
const made: ReadonlySet<Predicate['kind']> = new Set(['date', 'number', 'quantity', 'chain', 'has']);

/** A list after a number, more and more at once. */
function* pieces(list: readonly number[], after: number): Iterable<readonly number[]> {
  let size = 256;
  for (let at = place(list, after + 1); at < list.length; at += size / 2) {
    yield list.slice(at, at + size);
    size *= 2;
  }
}

/** With what composites imply beside them. */
const expanded = (type: string, where: readonly Predicate[]): readonly Predicate[] =>
  where.flatMap(one => (one.kind === 'composite' ? [...implied(type, one), one] : one));

/** What a negative predicate denies; undefined for a positive one. */
export function opposite(predicate: Predicate): Predicate | undefined {
  if (predicate.kind === 'token' && predicate.not) return { ...predicate, not: false };
  if (predicate.kind === 'missing' && predicate.missing) return { ...predicate, missing: false };
  if (predicate.kind === 'not') return predicate.denied;
  if (predicate.kind !== 'id' || !predicate.not) return undefined;
  const { not: _, ...positive } = predicate;
  return positive;
}

/** Versions with a value of the parameter, ascending; a reference by identifier alone or to what is contained, and a code in words alone, are values too. */
const valued = (index: Searched, type: string, code: string): readonly number[] =>
  union([
    parameterOf(index, type, code)?.present ?? [],
    index.parameter(`${code}:identifier`)?.present ?? [],
    index.parameter(`${code}:text`)?.present ?? [],
    ...(index.inside?.(code).map(({ present }) => present) ?? []),
  ]);

/** Undefined where nothing stands beside a parameter (`code:text`), or nothing that is inside has a value of it. */
const parameterOf = (index: Searched, type: string, code: string) => {
  const found = index.parameter(code);
  if (!found && !index.ids && !code.includes(':'))
    throw new Problem('invalid-parameter', `The parameter ${code} cannot be searched for ${type}.`, { expression: `http.${code}` });
  return found;
};
