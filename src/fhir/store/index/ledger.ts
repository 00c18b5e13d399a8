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

  /** 0: never mentioned. */
  find(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  /** `Type/id` of a resource number. */
  name(resource: number): string {
    return this.#names[resource]!;
  }

  add(resource: number, seq: number, time: number, sender: string, place: Place): void {
    const previous = this.#current.at(resource);
    this.#resource.set(seq, resource);
    this.#until.set(seq, never);
    this.#previous.set(seq, previous);
    this.#versionId.set(seq, previous === 0 ? 1 : this.#versionId.at(previous) + 1);
    this.#time.set(seq, time);
    this.#block.set(seq, place.block);
    this.#offset.set(seq, place.offset);
    this.#length.set(seq, place.length);
    this.#current.set(resource, seq);
    if (previous === 0) this.#sender.set(resource, this.#senderNumber(sender));
    else this.#until.set(previous, seq);
    this.last = seq;
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

  /** The version of a resource at a snapshot; 0: none yet, or deleted. */
  at(resource: number, snapshot: number): number {
    let seq = this.#current.at(resource);
    while (seq > snapshot) seq = this.#previous.at(seq);
    return seq === 0 || this.deleted(seq) ? 0 : seq;
  }
}
