/**
 * How many versions a predicate finds and how much work it is, roughly and without doing it: what the order of predicates and the way to a page are chosen by.
 * @module
 */
import type { Predicate } from '../../search/query.ts';
import { implied } from './implied.ts';
import type { Searched } from './inside.ts';
import type { State } from './state.ts';

/** What was found out before: the versions in whose bytes the words of a predicate stand. */
export type Settled = ReadonlyMap<Predicate, readonly number[]>;

export type Link = Extract<Predicate, { kind: 'chain' | 'has' }>;
export const isLink = (predicate: Predicate): predicate is Link => predicate.kind === 'chain' || predicate.kind === 'has';

/** Kinds that are judged value by value. */
export const judged: ReadonlySet<Predicate['kind']> = new Set(['date', 'number', 'quantity', 'composite']);

/** A look at a number in a list is the unit. These take as long as so many: a look at a value; at values that stand together; one that is only put in order; an end of a link, found and put together; what one version leads to. */
const asLongAs = { value: 8, together: 20, row: 0.5, end: 8, followed: 8 };

/** Looks for each version that a predicate finds. */
const looksOf = ({ kind }: Predicate): number => (kind === 'composite' ? asLongAs.together : judged.has(kind) ? asLongAs.value : 1);

/** Whether a walk that has met so few is likely to go further than that. The first steps tell nothing. */
export const isFar = (walked: number, met: number, most: number, furthest: number): boolean =>
  walked > 1000 && walked * 16 > furthest && walked * (most - met) > furthest * 2 * Math.max(met, 1);

interface Planned {
  readonly predicate: Predicate;
  readonly cost: number;
}

export class Guesses {
  readonly #state: State;
  readonly #settled: Settled | undefined;
  /** What was guessed already: many ways may lead to one predicate. */
  readonly #known = new Map<Predicate, { readonly index: Searched; readonly number: number }>();

  constructor(state: State, settled: Settled | undefined) {
    this.#state = state;
    this.#settled = settled;
  }

  /** The predicates in the order in which they are looked at, with how many versions each is guessed to find. */
  plan(type: string, where: readonly Predicate[], index?: Searched): Planned[] {
    return where.map(predicate => ({ predicate, cost: this.of(type, predicate, index) })).sort((a, b) => a.cost - b.cost);
  }

  /** How many versions are found at most. @param within so many lie in reach; absent: all */
  most(type: string, where: readonly Predicate[], within = this.#state.type(type).all.length): number {
    return this.plan(type, where).reduce((least, { cost }) => Math.min(least, cost), within);
  }

  /** How many looks it takes to find all. @param within so many lie in reach; absent: all */
  looks(type: string, where: readonly Predicate[], within?: number): number {
    const all = within ?? this.#state.type(type).all.length;
    let least = within ?? (where.length === 0 ? all : Number.POSITIVE_INFINITY);
    // Where few others are left, links are followed one by one; else all ends are found and put together.
    let ahead = all;
    let links = 0;
    for (const { predicate, cost } of this.plan(type, where)) {
      if (isLink(predicate)) links += Math.min(this.effort(type, predicate), ahead * asLongAs.followed);
      else ahead = Math.min(ahead, cost);
      least = Math.min(least, cost * looksOf(predicate));
    }
    return least + links;
  }

  /** How many versions a predicate finds; more than all: it cannot be told. */
  of(type: string, predicate: Predicate, index: Searched = this.#state.type(type)): number {
    let known = this.#known.get(predicate);
    if (known?.index !== index) {
      known = { index, number: this.#guess(type, predicate, index) };
      this.#known.set(predicate, known);
    }
    return known.number;
  }

  #guess(type: string, predicate: Predicate, index: Searched): number {
    const all = index.all.length;
    switch (predicate.kind) {
      case 'id':
        return predicate.not ? all + 1 : predicate.values.length;
      case 'chain':
      case 'has':
        return Math.min(all, this.ends(predicate) * (predicate.kind === 'chain' ? (index.reference(predicate.code)?.fan ?? 1) : 1));
      case 'lastUpdated':
        return all;
      case 'missing':
        return predicate.missing ? all + 1 : (index.parameter(predicate.code)?.present.length ?? 0);
      case 'token':
        return predicate.not ? all + 1 : (index.parameter(predicate.code)?.estimate(predicate) ?? 0);
      case 'and':
        return predicate.all.reduce((least, one) => Math.min(least, this.of(type, one, index)), all);
      case 'or':
        return predicate.any.reduce((sum, one) => sum + this.of(type, one, index), 0);
      case 'not':
        return all + 1;
      case 'words':
        return this.#settled?.get(predicate)?.length ?? all;
      case 'concept':
        return 0;
      case 'composite':
        return (index.ids ? [] : implied(type, predicate)).reduce(
          (least, one) => Math.min(least, this.of(type, one, index)),
          index.parameter(predicate.code)?.present.length ?? 0,
        );
      default:
        return index.parameter(predicate.code)?.estimate(predicate) ?? 0;
    }
  }

  /** How many versions the ends of a link are; what stands inside resources is not counted. */
  ends(link: Link): number {
    const ends = link.kind === 'has' ? [link] : link.alternatives;
    return ends.reduce((sum, { type, where }) => {
      const all = this.#state.type(type).all.length;
      // What no reference leads to need not be guessed.
      return all === 0 ? sum : sum + Math.min(all, this.of(type, where));
    }, 0);
  }

  /** How long it takes to find all that a predicate finds whose list must be made. */
  effort(type: string, predicate: Predicate): number {
    if (!isLink(predicate)) return this.of(type, predicate) * asLongAs.row;
    return this.ends(predicate) * asLongAs.end + (predicate.kind === 'chain' ? this.of(type, predicate) : 0);
  }

  /** Of how many versions a link is followed before it takes as long as to find all that it finds. */
  followed(type: string, link: Link): number {
    const steps = link.kind === 'has' ? this.#width(type, link) : 1;
    return Math.min(this.#state.type(type).all.length / 8, this.effort(type, link) / (asLongAs.followed * steps));
  }

  /** How many versions there are at the end of a `_has`, or at the beginning of a chain, for each at its other end: on average. */
  #width(type: string, link: Link): number {
    return Math.max(1, this.#state.type(link.kind === 'has' ? link.type : type).reference(link.code)?.fan ?? 1);
  }
}
