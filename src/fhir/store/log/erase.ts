/**
 * Erasing a person: which versions, under which keys; the keys destroyed, and memory as if the versions had never been.
 * The order is the caller's: what is to be erased is written down with the objection, then the keys go, then memory, and only then anybody is answered; a start finishes
 * what it finds unfinished. A key covers versions that go together or not at all (`ownerOf`, prepare.ts); one that would take others along is not destroyed.
 * @module
 */
import { add, ascending, listOf, type Postings } from '../index/postings.ts';
import type { IndexRecord, Intention, State } from '../index/state.ts';
import type { Tombstone } from '../keys/secrets.ts';
import type { LineName, ListEntry } from '../store.ts';

/** Entry of the book `erasures`: it says of nobody who he was. */
export interface Erased {
  /** What asked for it: `Consent/<id>`. */
  readonly source: string;
  readonly counts: Intention['counts'];
  /** How many data keys were destroyed. */
  readonly keys: number;
  /** Milliseconds: when it was asked for, and when the keys were gone. */
  readonly time: number;
  readonly done: number;
}

export interface EraserParts {
  readonly state: State;
  /** Number of the data key of a block. */
  readonly keyOf: (block: number) => number;
  /** The index records under a data key, whose runs begin with these blocks; none when the key is destroyed. */
  readonly records: (key: number, firsts: readonly number[]) => readonly IndexRecord[];
  /** Forgets unpacked blocks. */
  readonly drop: (blocks: ReadonlySet<number>) => void;
  /** Whether what a sender has of a type outlives the persons that it names by reference alone. */
  readonly keeps: (sender: string, type: string) => boolean;
}

export interface Plan {
  readonly intention: Intention;
  readonly records: readonly IndexRecord[];
}

/** A deletion to be stored: of a resource whose last version goes, while one before it, about somebody else, stays. */
export interface Closing {
  /** Number of its data key. */
  readonly key: number;
  readonly record: Omit<IndexRecord, 'seq' | 'time'>;
}

const reference = /^(Patient|RelatedPerson)\//;

export class Eraser {
  readonly #parts: EraserParts;
  /** Number of a data key → numbers of the first blocks of its runs. */
  readonly #runs = new Map<number, Postings>();
  /** `list source` of the lines that have a tombstone. */
  readonly #buried = new Set<string>();

  constructor(parts: EraserParts) {
    this.#parts = parts;
  }

  /** Every run of blocks is told, in order. */
  run(key: number, first: number): void {
    add(this.#runs, key, first);
  }

  /** Nothing lies under these keys any more. */
  retire(keys: readonly number[]): void {
    for (const key of keys) this.#runs.delete(key);
  }

  /** First blocks of the runs under a data key. */
  runsOf(key: number): readonly number[] {
    return listOf(this.#runs.get(key));
  }

  /** The lines of tombstones join those of the files: an older copy of the files has not all of them, or not all of what became of them. */
  readTombstones(tombstones: readonly Tombstone[]): void {
    const { state } = this.#parts;
    for (const { name, text } of tombstones) {
      const line = JSON.parse(text) as ListEntry;
      const here = state.lists.get(line.list, line.source);
      // Whoever has withdrawn has withdrawn, whichever of the two knows it.
      const until = Math.min(line.until ?? Number.POSITIVE_INFINITY, here?.until ?? Number.POSITIVE_INFINITY);
      const whole: ListEntry = {
        ...line,
        ...here,
        persons: [...new Set([...line.persons, ...(here?.persons ?? [])])],
        ...(until === Number.POSITIVE_INFINITY ? {} : { until }),
      };
      // Several processes compare how many changes there were: the stones that one finds when it starts are none.
      state.lists.put(whole, false);
      this.#buried.add(name);
    }
  }

  /**
   * What a line erases now.
   * @param taken keys that another line of the same commit destroys
   * @throws Error where a key covers more
   */
  plan({ list, source, persons, sender }: ListEntry, time: number, taken: ReadonlySet<number>): Plan {
    const { state, keyOf } = this.#parts;
    const known = persons.map(name => state.persons.find(name)).filter(number => number >= 0);
    const roots = new Set(known.map(number => state.persons.person(number)));
    const numbers = [...roots].flatMap(root => state.persons.names(root));
    const names = new Set(numbers.map(number => state.persons.label(number)));
    const seqs = ascending(numbers.flatMap(number => listOf(state.mentioning(number))));
    const keys: number[] = [];
    const records: IndexRecord[] = [];
    const covers = (record: IndexRecord): boolean => {
      if (record.legal || (sender !== undefined && record.sender !== sender)) return false;
      const his = record.mentions.about.filter(name => names.has(name));
      return his.length > 0 && !(this.#parts.keeps(record.sender, record.type) && his.every(name => reference.test(name)));
    };
    const blocks = new Set(seqs.map(seq => state.ledger.place(seq).block));
    for (const key of new Set([...blocks].map(keyOf))) {
      if (taken.has(key)) continue;
      const under = this.#records(key);
      const covered = under.filter(covers).length;
      if (covered === 0) continue;
      if (covered < under.length) throw new Error('a data key covers what is to be erased and what is not');
      keys.push(key);
      for (const record of under) records.push(record);
    }
    const counts = Map.groupBy(records, ({ type, sender }) => `${type} ${sender}`);
    return {
      intention: {
        list,
        source,
        persons: [...new Set([...persons, ...names])],
        keys,
        counts: [...counts.values()].map(some => ({ type: some[0]!.type, sender: some[0]!.sender, versions: some.length })),
        time,
      },
      records,
    };
  }

  /** What a plan was made of, from the log: for a start that finishes it. */
  resume(intention: Intention): Plan {
    return { intention, records: intention.keys.flatMap(key => this.#records(key)) };
  }

  /** Resources that would come back to life in an older version, which somebody else's data replaced. */
  closings(plans: readonly Plan[]): Closing[] {
    const records = plans.flatMap(plan => plan.records);
    const { state, keyOf } = this.#parts;
    const { ledger } = state;
    const gone = new Set(records.map(({ seq }) => seq));
    const closings: Closing[] = [];
    for (const resource of new Set(records.map(({ seq }) => ledger.resource(seq)))) {
      const last = ledger.current(resource);
      let left = last;
      while (gone.has(left)) left = ledger.previous(left);
      if (left === last || left === 0 || ledger.deleted(left)) continue;
      const key = keyOf(ledger.place(left).block);
      const before = this.#records(key).find(({ seq }) => seq === left)!;
      closings.push({
        key,
        record: { ...before, values: {}, mentions: { about: before.mentions.about, same: [] }, versionId: ledger.versionId(last) + 1 },
      });
    }
    return closings;
  }

  /** What stays of the person: laid down in the same step in which the keys are destroyed. */
  stone(intention: Intention): Tombstone {
    return stone(this.#wholeLine(intention));
  }

  /** The keys are gone: takes the versions out of memory; the line stands for every name of the person from here on. */
  purge({ intention, records }: Plan): void {
    const { state, drop } = this.#parts;
    const line = this.#wholeLine(intention);
    this.#buried.add(`${line.list} ${line.source}`);
    const blocks = new Set(records.map(({ seq }) => state.ledger.place(seq).block));
    state.remove(records);
    drop(blocks);
    for (const key of intention.keys) this.#runs.delete(key);
    state.lists.put(line);
  }

  #wholeLine({ list, source, persons }: Intention): ListEntry {
    return { ...this.#parts.state.lists.get(list, source)!, persons };
  }

  /** What has become of a line after its persons were erased is told to the tombstone: it holds in an older copy of the files too. Undefined: it has none. */
  changedStone({ list, source }: LineName): Tombstone | undefined {
    const { state } = this.#parts;
    if (!this.#buried.has(`${list} ${source}`)) return undefined;
    const line = state.lists.get(list, source)!;
    const names = new Set(line.persons.flatMap(name => state.persons.names(state.persons.person(state.persons.number(name)))));
    return stone({ ...line, persons: [...names].map(number => state.persons.label(number)) });
  }

  /** Whether nothing lies under a key any more. */
  isBare = (key: number): boolean => listOf(this.#runs.get(key)).every(first => this.#parts.records(key, [first]).length === 0);

  #records(key: number): readonly IndexRecord[] {
    return this.#parts.records(key, this.runsOf(key));
  }
}

const stone = (line: ListEntry): Tombstone => ({ name: `${line.list} ${line.source}`, text: JSON.stringify(line) });
