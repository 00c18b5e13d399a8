/**
 * Every stored version by its number (seq, given in time order), and every resource by its own: who follows whom, when, where its bytes lie.
 * A version is current at a snapshot t when it came at or before t and its successor after t.
 * @module
 */
import { floats, integers } from './column.ts';

/** Where the bytes of a version lie. A length of 0 is a deletion. */
export interface Place {
  readonly block: number;
  readonly offset: number;
  readonly length: number;
}

const never = 0xffffffff;

export class Ledger {
  /** Number of the last version applied. */
  last = 0;
  /** Time of the last version applied, milliseconds. */
  latest = 0;
  readonly #resource = integers();
  readonly #until = integers();
  readonly #previous = integers();
  readonly #versionId = integers();
  readonly #time = floats();
  readonly #block = integers();
  readonly #offset = integers();
  readonly #length = integers();

  // By resource number; a reference to what is not here has a number too, but no current version.
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [''];
  readonly #current = integers();
  readonly #sender = integers();
  readonly #senders: string[] = [''];
  readonly #senderNumbers = new Map<string, number>();

  /** Number of `Type/id` (or of any other reference), given at its first mention. */
  number(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.push(name) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }

  /** Names that have a number. */
  get size(): number {
    return this.#names.length - 1;
  }

  /** 0: never mentioned. */
  find(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  /** `Type/id` of a resource number. */
  name(resource: number): string {
    return this.#names[resource]!;
  }

  /** @param versionId where it is not one more than that of the version before, which may have been erased */
  add(resource: number, seq: number, time: number, sender: string, place: Place, versionId?: number): void {
    const previous = this.#current.at(resource);
    this.#resource.set(seq, resource);
    this.#until.set(seq, never);
    this.#previous.set(seq, previous);
    this.#versionId.set(seq, versionId ?? (previous === 0 ? 1 : this.#versionId.at(previous) + 1));
    this.#time.set(seq, time);
    this.#block.set(seq, place.block);
    this.#offset.set(seq, place.offset);
    this.#length.set(seq, place.length);
    this.#current.set(resource, seq);
    if (previous === 0) this.#sender.set(resource, this.#senderNumber(sender));
    else this.#until.set(previous, seq);
    this.last = seq;
    this.latest = time;
  }

  /** Numbers up to this one were given before, up to this time: none is given again, even if its version is erased. */
  reserve(seq: number, time: number): void {
    this.last = Math.max(this.last, seq);
    this.latest = Math.max(this.latest, time);
  }

  /** Versions as if they had never been. Gives the numbers of resources of which nothing is left. */
  forget(seqs: readonly number[]): number[] {
    const gone = new Set(seqs);
    const left: number[] = [];
    for (const resource of new Set(seqs.map(this.resource))) {
      const chain: number[] = [];
      for (let seq = this.current(resource); seq !== 0; seq = this.previous(seq)) if (!gone.has(seq)) chain.push(seq);
      this.#current.set(resource, chain[0] ?? 0);
      chain.forEach((seq, i) => void this.#previous.set(seq, chain[i + 1] ?? 0));
      // What was replaced stays replaced, at every snapshot.
      if (chain.length > 0) {
        this.#until.set(chain[0]!, never);
        continue;
      }
      this.#sender.set(resource, 0);
      left.push(resource);
    }
    for (const seq of gone)
      for (const column of [
        this.#resource,
        this.#until,
        this.#previous,
        this.#versionId,
        this.#time,
        this.#block,
        this.#offset,
        this.#length,
      ])
        column.set(seq, 0);
    return left;
  }

  /** Forgets the name of a resource that is not here and that nothing refers to. */
  release(resource: number): void {
    this.#numbers.delete(this.#names[resource]!);
    this.#names[resource] = '';
  }

  /** The bytes of a version lie elsewhere from now on. */
  move(seq: number, { block, offset, length }: Place): void {
    this.#block.set(seq, block);
    this.#offset.set(seq, offset);
    this.#length.set(seq, length);
  }

  #senderNumber(sender: string): number {
    let number = this.#senderNumbers.get(sender);
    if (number === undefined) {
      number = this.#senders.push(sender) - 1;
      this.#senderNumbers.set(sender, number);
    }
    return number;
  }

  /** Last version of a resource, a deletion too; 0: none. */
  current = (resource: number): number => this.#current.at(resource);
  sender = (resource: number): string => this.#senders[this.#sender.at(resource)]!;
  resource = (seq: number): number => this.#resource.at(seq);
  previous = (seq: number): number => this.#previous.at(seq);
  versionId = (seq: number): number => this.#versionId.at(seq);
  time = (seq: number): number => this.#time.at(seq);
  deleted = (seq: number): boolean => this.#length.at(seq) === 0;
  place = (seq: number): Place => ({ block: this.#block.at(seq), offset: this.#offset.at(seq), length: this.#length.at(seq) });

  /** Whether a version is the current one at a snapshot (a deletion is one too). */
  holds = (seq: number, snapshot: number): boolean => seq <= snapshot && this.#until.cells[seq]! > snapshot;

  /** First number of a version stored at a time (ms) or later; one more than the last: none. */
  from(time: number): number {
    let low = 1;
    let high = this.last + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      // What was erased has no time: the next that has one tells.
      let known = middle;
      while (known < high && this.#time.at(known) === 0) known++;
      if (known === high || this.#time.at(known) >= time) high = middle;
      else low = known + 1;
    }
    return low;
  }

  /** When a version was replaced, milliseconds; Infinity: it is the last one. Where its successor was erased, what came next tells. */
  replaced(seq: number): number {
    let next = this.#until.at(seq);
    if (next === never) return Number.POSITIVE_INFINITY;
    while (next <= this.last && this.#time.at(next) === 0) next++;
    return next <= this.last ? this.#time.at(next) : this.latest;
  }

  /** The version of a resource at a snapshot; 0: none yet, or deleted. */
  at(resource: number, snapshot: number): number {
    let seq = this.#current.at(resource);
    while (seq > snapshot) seq = this.#previous.at(seq);
    return seq === 0 || this.deleted(seq) ? 0 : seq;
  }
}
