/**
 * What every adapter answers from the same memory: reads, searches and lists, by an Access at a snapshot. Where the bytes of a version lie, the adapter knows.
 * @module
 */
import { type Access, asServer } from '../model/access.ts';
import type { Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import type { Part, Predicate, SearchQuery } from '../search/query.ts';
import { Custom } from './custom.ts';
import { Deadline } from './index/deadline.ts';
import { Evaluation, type EvaluationLimits, opposite } from './index/evaluate.ts';
import { history } from './index/history.ts';
import { type Included, included } from './index/include.ts';
import type { Ledger } from './index/ledger.ts';
import { type Cut, cut, type Found, sortedPage } from './index/page.ts';
import { Bits } from './index/person-set.ts';
import { ascending, union } from './index/postings.ts';
import type { State } from './index/state.ts';
import { tally } from './index/tally.ts';
import type { Cursor, Indexing, ListEntry, Page, Person, PersonSet, Store } from './store.ts';
import { firstWithWords, settleWords, wordWalk } from './words.ts';

export interface ReaderParts {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Absolute references below it are our own. */
  readonly baseUrl: string;
  /** Zone of dates without one. */
  readonly timeZone: string;
  /** Resources that one page may bring along by _include and _revinclude. */
  readonly maxIncluded?: number;
  /** Milliseconds that one search may keep the processor; 2,000 unless said otherwise. */
  readonly maxSearchMs?: number;
  /** For a total that nobody asked for so many versions are looked at, and no more; 20,000 unless said otherwise. */
  readonly maxWalked?: number;
  readonly mark: Store['mark'];
  /** Called before each answer: brings memory up to date with what was answered anywhere. Throws Problem `unavailable` when nothing can be read. */
  readonly fresh: () => void | Promise<void>;
  /** How far what is stored has been read anew for built-in parameters; nothing: there is no need. */
  readonly renewing: () => readonly Indexing[];
  /** Bytes of versions by their numbers, in order; none for a deletion's. */
  readonly bytes: (seqs: readonly number[]) => readonly Buffer[] | Promise<readonly Buffer[]>;
}

const nothing = Buffer.alloc(0);
/** Where what is brought along counts as found, more of it is refused. */
const maxWhole = 50_000;

/** Reading words gives others their turn: it may take so many times as long. */
const wordsTimes = 3;
/** To sort a version costs as much as to look at so many in the index. */
const sortCost = 8;
/** To read a version costs as much as to look at so many in the index. */
const wordsCost = 20;

/** All of the port that changes nothing. */
export function createReader(parts: ReaderParts): Omit<Store, 'commit' | 'ready' | 'close'> {
  const { state, now, timeZone, mark, maxIncluded = 1000, maxSearchMs = 2000, maxWalked = 20_000 } = parts;
  const { ledger } = state;
  const versionsAt = async (seqs: readonly number[]): Promise<Version[]> => {
    const read = parts.bytes(seqs);
    if (!(read instanceof Promise)) return seqs.map((seq, i) => stored(ledger, seq, read[i]!));
    // What the versions are is told before the wait: an erasure may come in it.
    const versions = seqs.map(seq => stored(ledger, seq, nothing));
    const bytes = await read;
    return versions.map((version, i) => ({ ...version, bytes: bytes[i]! }));
  };
  const versionAt = async (seq: number): Promise<Version> => (await versionsAt([seq]))[0]!;
  const fresh = async (): Promise<void> => {
    const wait = parts.fresh();
    if (wait) await wait;
  };
  const custom = new Custom({
    state,
    baseUrl: parts.baseUrl,
    timeZone,
    fresh,
    bytes: async seqs => await parts.bytes(seqs),
  });
  // Begun here, so that a search soon after a start need not wait for long; what fails is tried again by whoever asks.
  void custom.refresh().catch(() => {});
  const evaluation = (access: Access, snapshot = ledger.last, limits: EvaluationLimits = {}): Evaluation =>
    new Evaluation(state, access, snapshot, now(), limits);
  /** Last version of a resource, a deletion too, if this Access may know of the resource. */
  const known = (access: Access, type: string, id: string): number => {
    const seq = ledger.current(ledger.find(`${type}/${id}`));
    return seq !== 0 && evaluation(access).sees(type)(seq) ? seq : 0;
  };

  const personOf = (seq: number): number => state.persons.person(state.persons.number(ledger.name(ledger.resource(seq))));

  return {
    async read(access, type, id) {
      await fresh();
      const seq = known(access, type, id);
      return seq === 0 ? undefined : await versionAt(seq);
    },

    async version(access, type, id, versionId) {
      await fresh();
      const sees = evaluation(access).sees(type);
      let seq = ledger.current(ledger.find(`${type}/${id}`));
      while (seq !== 0 && ledger.versionId(seq) > versionId) seq = ledger.previous(seq);
      return seq !== 0 && ledger.versionId(seq) === versionId && sees(seq) ? await versionAt(seq) : undefined;
    },

    async history(access, of, asked) {
      await fresh();
      const found = history(evaluation(access, asked.cursor?.snapshot, { deadline: new Deadline(maxSearchMs) }), of, asked);
      if (found === undefined) return undefined;
      const { seqs, ...rest } = found;
      return { versions: await versionsAt(seqs), ...rest };
    },

    async search(access: Access, query: SearchQuery, cursor?: Cursor): Promise<Page> {
      await fresh();
      const snapshot = cursor?.snapshot ?? ledger.last;
      const alternatives = query.parts ?? [query];
      await custom.ready(query, snapshot);
      const wordSearch = {
        evaluation: () => evaluation(access, snapshot, { deadline: new Deadline(maxSearchMs) }),
        bytes: parts.bytes,
        deadline: new Deadline(maxSearchMs * wordsTimes),
      };
      // A page that nobody wants the total of: looked for from where the page before ended, and no further than needed.
      const open = isOpen(query) && !cursor?.before;
      const isSorted = query.sort.length > 0;
      const after = (cursor?.after?.[0] as number | undefined) ?? 0;
      const walk = open && !isSorted ? wordWalk(alternatives) : undefined;
      if (walk && wordSearch.evaluation().looks(walk.type, walk.others) * wordsCost > maxWalked) {
        const some = await firstWithWords(walk, after, query.count + 1, wordSearch);
        return await page(wordSearch.evaluation(), query, cursor, cutOpen(some, query.count, after));
      }
      const settled = await settleWords(alternatives, wordSearch);
      const asked = evaluation(access, snapshot, { deadline: new Deadline(maxSearchMs), ...(settled ? { settled } : {}) });
      const guess = open ? alternatives.reduce((sum, { type, where }) => sum + asked.looks(type, where), 0) : 0;
      if (open && isSorted) {
        const some = guess * sortCost > maxWalked ? sortedPage(asked, query, cursor?.after) : undefined;
        if (some) return await page(asked, query, cursor, some);
      } else if (guess > maxWalked) {
        const some = ascending(alternatives.flatMap(({ type, where }) => asked.first(type, where, after, query.count + 1)));
        return await page(asked, query, cursor, cutOpen(some, query.count, after));
      }
      const found = foundBy(asked, alternatives, query);
      const total = found.reduce((sum, { seqs }) => sum + seqs.length, 0);
      if (query.count === 0 || query.summary === 'count') return { matches: [], included: [], total, truncatedIncludes: false };
      return { ...(await page(asked, query, cursor, cut(asked, query, found, cursor))), total };
    },

    async parameters() {
      await fresh();
      await custom.refresh();
      return custom.parameters;
    },

    async plan({ type, where }) {
      await fresh();
      return evaluation(asServer('explain a search'))
        .guesses.plan(type, where)
        .map(({ predicate, cost }) => ({
          kind: predicate.kind,
          ...('code' in predicate ? { code: predicate.code } : {}),
          atLeast: cost < 1000 ? 0 : 10 ** Math.floor(Math.log10(cost)),
        }));
    },

    async indexing() {
      await fresh();
      await custom.refresh();
      return [...parts.renewing(), ...custom.indexing()];
    },

    async match(access, query, most) {
      await fresh();
      const found = evaluation(access, ledger.last, { deadline: new Deadline(maxSearchMs) }).run(query.type, query.where);
      return found.slice(0, most + 1).map(seq => ledger.name(ledger.resource(seq)).slice(query.type.length + 1));
    },

    async sender(access, type, id) {
      await fresh();
      return known(access, type, id) === 0 ? undefined : ledger.sender(ledger.find(`${type}/${id}`));
    },

    async receipt(key) {
      await fresh();
      const found = state.receipt(key);
      return found && { shape: found.shape, versions: await versionsAt(found.versions) };
    },

    async book(name) {
      await fresh();
      return [...state.book(name)];
    },

    async lines(persons): Promise<readonly ListEntry[]> {
      await fresh();
      return state.lists.of(persons.map(mark));
    },

    async list(name): Promise<readonly ListEntry[]> {
      await fresh();
      return state.lists.lines(name);
    },

    mark,

    async moment() {
      await fresh();
      return state.lists.moment;
    },

    async persons(access, query): Promise<PersonSet> {
      await fresh();
      const asked = evaluation(access);
      const having = (where: readonly Predicate[]): PersonSet => Bits.of(state.persons.size, asked.run('Patient', where).map(personOf));
      let set: PersonSet | undefined;
      for (const predicate of query.where) {
        const denied = opposite(predicate);
        if (denied) set = (set ?? having([])).minus(having([denied]));
        else set = set ? set.and(having([predicate])) : having([predicate]);
      }
      return set ?? having([]);
    },

    async *each(access, set): AsyncIterable<Person> {
      await fresh();
      for (const root of set as Bits) {
        const asked = evaluation(access);
        const records = state.persons
          .names(root)
          .map(number => state.persons.label(number))
          .filter(name => name.startsWith('Patient/') && asked.at('Patient', ledger.find(name)) !== 0)
          .sort((a, b) => first(a) - first(b));
        if (records.length > 0) yield { number: root, anchor: anchorOf(root), records };
      }
    },

    async about(access, person, types): Promise<readonly Version[]> {
      await fresh();
      return await versionsAt(evaluation(access).about(person.number, types));
    },

    async tally(access, patient) {
      await fresh();
      const name = state.persons.find(patient);
      const asked = evaluation(access);
      return name < 0 ? [] : tally(state, asked.about(state.persons.person(name)), timeZone);
    },

    async referred(access, references): Promise<readonly Version[]> {
      await fresh();
      const asked = evaluation(access);
      const seqs = references.map(name => asked.at(name.slice(0, name.indexOf('/')), ledger.find(name))).filter(seq => seq !== 0);
      return await versionsAt(ascending(seqs));
    },
  };

  /** All that a query finds, by type. */
  function foundBy(asked: Evaluation, parts: readonly Part[], query: SearchQuery): readonly Found[] {
    const lists = Map.groupBy(parts, ({ type }) => type);
    const found = [...lists].map(([type, some]) => ({ type, seqs: union(some.map(({ where }) => asked.run(type, where))) }));
    if (!query.whole) return found;
    const seqs = ascending(found.flatMap(one => one.seqs));
    const extra = included(asked, query, seqs, maxWhole);
    if (extra.truncated) throw new Problem('too-costly', `More than ${maxWhole} resources would be brought along.`);
    const { types, since = 0 } = query.whole;
    const isShown = (seq: number): boolean => {
      const name = ledger.name(ledger.resource(seq));
      return ledger.time(seq) >= since && (types === undefined || types.includes(name.slice(0, name.indexOf('/'))));
    };
    return [{ type: '', seqs: ascending([...seqs, ...extra.seqs]).filter(isShown) }];
  }

  /** A page of matches with what they bring along; or only more of that, where a cursor says how much was told. */
  async function page(asked: Evaluation, query: SearchQuery, cursor: Cursor | undefined, { seqs, after, before }: Cut): Promise<Page> {
    const extra: Included = query.whole ? { seqs: [], truncated: false } : included(asked, query, seqs, maxIncluded, cursor?.told);
    const matches = cursor?.told === undefined ? seqs : [];
    // Read at once: an erasure may come between two turns.
    const versions = await versionsAt([...matches, ...extra.seqs]);
    const { snapshot } = asked;
    return {
      matches: versions.slice(0, matches.length),
      included: versions.slice(matches.length),
      truncatedIncludes: extra.truncated,
      ...(extra.told === undefined ? {} : { rest: { ...cursor, snapshot, told: extra.told } }),
      ...(after && cursor?.told === undefined ? { next: { snapshot, after } } : {}),
      ...(before && cursor?.told === undefined ? { previous: { snapshot, before } } : {}),
    };
  }

  /** Number of the first version of a resource. */
  function first(name: string): number {
    let seq = ledger.current(ledger.find(name));
    while (ledger.previous(seq) !== 0) seq = ledger.previous(seq);
    return seq;
  }

  /** The first Patient record of a person that ever came, readable or not: what keys are derived from must not hang on the asker. */
  function anchorOf(root: number): string {
    const records = state.persons
      .names(root)
      .map(number => state.persons.label(number))
      .filter(name => name.startsWith('Patient/') && first(name) !== 0);
    return records.reduce((a, b) => (first(b) < first(a) ? b : a));
  }
}

/** A page of what was found from a number on, one more than it holds if there are more. */
const cutOpen = (some: readonly number[], count: number, after: number) => {
  const seqs = some.slice(0, count);
  return {
    seqs,
    ...(some.length > count ? { after: [seqs[count - 1]!] } : {}),
    ...(after > 0 && seqs.length > 0 ? { before: [seqs[0]!] } : {}),
  };
};

/** A page without a total. */
const isOpen = ({ total, count, summary, whole }: SearchQuery): boolean => total === 'none' && count > 0 && summary !== 'count' && !whole;

/** A version by its number. @param bytes none for a deletion */
export function stored(ledger: Ledger, seq: number, bytes: Buffer): Version {
  const name = ledger.name(ledger.resource(seq));
  const slash = name.indexOf('/');
  return {
    type: name.slice(0, slash),
    id: name.slice(slash + 1),
    versionId: ledger.versionId(seq),
    lastUpdated: ledger.time(seq),
    deleted: ledger.deleted(seq),
    bytes,
  };
}
