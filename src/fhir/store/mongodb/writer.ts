/**
 * Commits on their way into the log: what waits in this process and does not hang together goes into one entry; what is refused touches nobody else.
 * Refused, or answered as a repeat, is only what was judged against everything that was in the log when it came.
 * @module
 */

import type { Version } from '../../model/exchange.ts';
import { Problem } from '../../model/outcome.ts';
import type { AnyResource } from '../../model/r4.ts';
import { createExtractor } from '../../search/extract.ts';
import type { Values } from '../../search/values.ts';
import type { CommitRecord } from '../index/state.ts';
import type { SharedKeyring } from '../keys/shared.ts';
import { judge, type Making, type Prepared, prepare } from '../log/prepare.ts';
import { stored } from '../reader.ts';
import type { Commit, Committed, LineName } from '../store.ts';
import type { Bodies } from './bodies.ts';
import { newCommit } from './collections.ts';
import { unavailable } from './connection.ts';
import type { Decider, Draft } from './decider.ts';
import type { Erasures } from './erasures.ts';
import { Group } from './group.ts';
import type { Purge, Purges } from './purges.ts';
import type { Replica } from './replica.ts';

export interface WriterParts {
  readonly replica: Replica;
  readonly bodies: Bodies;
  readonly keyring: SharedKeyring;
  readonly decider: Decider;
  readonly erasures: Erasures;
  readonly purges: Purges;
  readonly baseUrl: string;
  readonly timeZone: string;
  readonly now: () => number;
  readonly institutionCode?: Making['institutionCode'];
  readonly keeps: Making['keeps'];
  readonly mark: Making['mark'];
}

interface Waiting {
  readonly commit: Commit;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (reason: unknown) => void;
  /** Times that another process had the number. */
  losses: number;
}

interface Member {
  readonly waiter: Waiting;
  readonly prepared: Prepared;
  readonly record: CommitRecord;
}

/** Numbers that a commit may lose to other processes. */
const mostLosses = 60;

/** The judge of a commit wants a book to which the group adds. */
class NotNow extends Error {}

export class Writer {
  readonly #parts: WriterParts;
  readonly #extract: (resource: AnyResource) => Values;
  #waiting: Waiting[] = [];
  #members: Member[] = [];
  /** How many waited before the last look at the log. */
  #seen = 0;
  #running: Promise<void> | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#extract = createExtractor({ base: parts.baseUrl, timeZone: parts.timeZone });
  }

  commit(commit: Commit): Promise<Committed> {
    return new Promise<Committed>((resolve, reject) => {
      this.#waiting.push({ commit, resolve, reject, losses: 0 });
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // What comes in the same turn goes the same way.
    await new Promise(resolve => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      try {
        await this.#next();
      } catch (error) {
        // Nothing of it is in the log. Without a group it is the database that cannot be asked.
        const members = this.#members.splice(0).map(({ waiter }) => waiter);
        for (const waiter of members.length > 0 ? members : this.#waiting.splice(0)) waiter.reject(error);
      }
    }
  }

  async #next(): Promise<void> {
    const { decider } = this.#parts;
    const decided = await decider.decide({
      look: () => {
        // The members of a draft that came to nothing wait again, before all others.
        this.#waiting.unshift(...this.#members.splice(0).map(({ waiter }) => waiter));
        this.#seen = this.#waiting.length;
      },
      draft: () => this.#draft(),
      lost: () => this.#lose(),
      unknown: () => {
        for (const { waiter } of this.#members)
          waiter.reject(unavailable('Whether this was stored is not known yet; look before it is sent again.'));
        for (const waiter of this.#waiting.splice(0)) waiter.reject(unavailable());
      },
    });
    if (!decided) return;
    for (const { waiter, prepared, record } of this.#members.splice(0)) {
      const committed: Committed = { versions: written(prepared), repeated: false };
      void this.#settle(record, decided.entry.number).then(() => waiter.resolve(committed), waiter.reject);
    }
  }

  #lose(): void {
    for (const { waiter } of this.#members)
      if (++waiter.losses > mostLosses) waiter.reject(unavailable('Too many write at the same time; try again.'));
    this.#members = this.#members.filter(({ waiter }) => waiter.losses <= mostLosses);
  }

  /** What must be done before a commit is answered. */
  async #settle({ lists, asks, forget }: CommitRecord, number: number): Promise<void> {
    const { replica, keyring, erasures, purges } = this.#parts;
    for (const line of lists) {
      const stone = replica.eraser.changedStone(line);
      if (stone) await keyring.destroy([], { ...stone, version: newCommit(Date.now()) });
    }
    if (asks) await erasures.carryOut(number);
    if (forget) await purges.carryOut(number);
  }

  async #draft(): Promise<Draft | undefined> {
    const { replica, keyring, mark, now } = this.#parts;
    const { state } = replica;
    const erasing = await this.#erasable(this.#waiting[0]);
    const purging = await this.#purged(this.#waiting[0]);
    const { last: before, latest } = state.ledger;
    const time = Math.max(now(), latest);
    const group = new Group(state, mark);
    const left: Waiting[] = [];
    let last = before;
    for (const waiter of this.#waiting.splice(0, this.#seen)) {
      try {
        if (this.#repeats(waiter)) continue;
        const { commit } = waiter;
        const isFirst = commit === erasing?.commit || commit === purging?.commit;
        const member =
          group.admits(commit, time) && (isFirst || !(erases(commit) || forgets(commit))) && this.#judged(waiter, group, last, time);
        if (!member || !group.add(commit, member.prepared)) {
          left.push(waiter);
          continue;
        }
        this.#members.push({
          ...member,
          record: isFirst ? { ...member.record, ...askedBy(erasing, purging, member.record) } : member.record,
        });
        last += member.prepared.seqs.length;
      } catch (refusal) {
        waiter.reject(refusal);
      }
    }
    this.#waiting.unshift(...left);
    const runs = this.#members.flatMap(({ prepared }) => prepared.runs);
    const notes = this.#members
      .map(({ record }) => record)
      .filter(({ lists, entries, receipt, asks, forget }) => lists.length > 0 || entries || receipt || asks || forget);
    if (runs.length + notes.length === 0) {
      for (const { waiter } of this.#members.splice(0)) waiter.resolve({ versions: [], repeated: false });
      return undefined;
    }
    const keys = await keyring.keysFor(runs.map(({ owner }) => owner));
    const moved = notes.some(({ forget }) => forget) ? purging!.purge.runs : [];
    return { runs: [...moved, ...runs.map((run, i) => ({ ...run, key: keys[i]! }))], notes, last: [last, last === before ? latest : time] };
  }

  /** Undefined: not in this group, for the judge wants a book to which the group adds. @throws what refuses the commit */
  #judged(waiter: Waiting, group: Group, last: number, time: number): Member | undefined {
    const { replica, baseUrl, mark, keeps, institutionCode = () => undefined } = this.#parts;
    const { state } = replica;
    const { commit } = waiter;
    const making: Making = { state, extract: this.#extract, baseUrl, institutionCode, mark, keeps, now: time };
    try {
      judge(commit, making, book => (group.adds(book) ? notNow() : state.book(book)));
    } catch (error) {
      if (error instanceof NotNow) return undefined;
      throw error;
    }
    const prepared = prepare(commit, making, last);
    const record: CommitRecord = {
      lists: (commit.lists ?? []).map(line => ({ ...line, persons: line.persons.map(mark) })),
      ...(commit.entries === undefined ? {} : { entries: commit.entries }),
      ...(commit.receipt === undefined ? {} : { receipt: { ...commit.receipt, versions: prepared.seqs } }),
    };
    return { waiter, prepared, record };
  }

  /** Whether the request was stored before: then it is answered as it was. */
  #repeats({ commit: { receipt }, resolve, reject }: Waiting): boolean {
    const { replica, bodies } = this.#parts;
    const { ledger } = replica.state;
    const first = receipt && replica.state.receipt(receipt.key);
    if (!first) return false;
    if (first.shape !== receipt.shape) throw new Problem('conflict', 'This identifier came with another request before.');
    const versions = first.versions.map(seq => stored(ledger, seq, Buffer.alloc(0)));
    void Promise.resolve(bodies.of(first.versions)).then(
      bytes => resolve({ versions: versions.map((version, i) => ({ ...version, bytes: bytes[i]! })), repeated: true }),
      reject,
    );
    return true;
  }

  /** What a commit takes out; undefined: nothing, or it was refused. */
  async #purged(waiter: Waiting | undefined): Promise<Purging | undefined> {
    if (!waiter || !forgets(waiter.commit)) return undefined;
    const { replica, purges } = this.#parts;
    for (let at = replica.applied; ; at = replica.applied) {
      try {
        return { commit: waiter.commit, purge: await purges.plan(waiter.commit.forget!) };
      } catch (refusal) {
        // The log has moved while it was read.
        if (replica.applied !== at) continue;
        if (!(refusal instanceof Problem) || refusal.kind === 'unavailable') throw refusal;
        this.#waiting.shift();
        this.#seen--;
        waiter.reject(refusal);
        return undefined;
      }
    }
  }

  /** Which of its lines a commit can erase: an objection is taken in any case. */
  async #erasable(waiter: Waiting | undefined): Promise<Erasing | undefined> {
    const { replica, erasures, mark } = this.#parts;
    if (!waiter || !erases(waiter.commit)) return undefined;
    const { commit } = waiter;
    const names: LineName[] = [];
    for (const { list, source } of commit.erase!) {
      const fresh = commit.lists?.find(one => one.list === list && one.source === source);
      const line = fresh ? { ...fresh, persons: fresh.persons.map(mark) } : replica.state.lists.get(list, source);
      if (line && (await erasures.can(line))) names.push({ list, source });
      if (line) continue;
      this.#waiting.shift();
      this.#seen--;
      waiter.reject(new Error('a line that is to erase somebody is not on record'));
      return undefined;
    }
    return { commit, names };
  }
}

interface Erasing {
  readonly commit: Commit;
  readonly names: readonly LineName[];
}

interface Purging {
  readonly commit: Commit;
  readonly purge: Purge;
}

/** What the record of a commit says of erasures and purges. */
function askedBy(erasing: Erasing | undefined, purging: Purging | undefined, { lists }: CommitRecord): Partial<CommitRecord> {
  if (!purging) return erasing && erasing.names.length > 0 ? { asks: erasing.names } : {};
  const { forgotten, keys, lines } = purging.purge;
  return { forget: forgotten, lists: [...lists, ...lines], ...(keys.length === 0 ? {} : { retire: keys }) };
}

const forgets = (commit: Commit): boolean => (commit.forget ?? []).length > 0;
const erases = (commit: Commit): boolean => (commit.erase ?? []).length > 0;
const notNow = (): never => {
  throw new NotNow();
};

/** The versions in the order of the writes: what was written is at hand. */
function written({ runs, seqs }: Prepared): Version[] {
  const versions = new Map<number, Version>();
  for (const { entries, blocks } of runs) {
    const bytes = blocks.flat();
    entries.forEach(([{ seq, type, id, time, versionId = 1 }, length], i) => {
      versions.set(seq, { type, id, versionId, lastUpdated: time, deleted: length === 0, bytes: bytes[i]! });
    });
  }
  return seqs.map(seq => versions.get(seq)!);
}
