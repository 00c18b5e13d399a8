/**
 * The persons of the whole input: their records of all files together, each person under one pseudonym and one shift.
 * One table for all workers: 64 bytes a person, 16 for each name and number that he has. What his records say lies on the shelf.
 * @module
 */
import type { Subject } from '../deid/context.ts';
import { uuid, uuidWords } from '../deid/digits.ts';
import type { PersonKey } from '../fhir/model/person.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { individual, merged } from '../release/individual.ts';
import { persons } from '../release/persons.ts';
import type { Series } from '../release/series.ts';
import type { People, Whose } from '../release/whose.ts';
import type { Only } from './notes.ts';
import { type Places, placeWords, type Shelf } from './shelf.ts';
import { type Fingerprints, fingerprint, Table } from './table.ts';

/** Patient records of a piece, in their order. */
export interface Records {
  /** Of each three words: fingerprint of its place (atOf), and how many ties it has. */
  readonly facts: Uint32Array<ArrayBuffer>;
  /** Fingerprints of their ties. */
  readonly ties: Fingerprints;
  /** Of each tie what it is: one of `tie`. */
  readonly own: Uint8Array<ArrayBuffer>;
  /** Where the JSON lies of what a release merges of each. */
  readonly kept: Places;
}
const factWords = 3;
const startWords = 3;

/** A tie leads to another record, is the record's own name or number, or is no tie: what stands of a name or number without its system, by which a DICOM object is found. */
export const tie = { other: 0, own: 1, bare: 2 } as const;

/** A person as the second pass needs him. */
export interface Person {
  /** `Patient.id` in the output. */
  readonly pseudonym: string;
  readonly subject: Subject;
}

/** Of somebody with several records what leaves of them, and all their numbers. */
interface Several {
  readonly record: AnyResource;
  readonly keys: readonly PersonKey[];
}

/** What a worker gets of them. */
export interface SharedPeople {
  readonly rows: SharedArrayBuffer;
  /** Row by the fingerprints of names and numbers. */
  readonly table: SharedArrayBuffer;
  /** Row by the fingerprints of bare names and numbers; one more than there are rows: several persons'. */
  readonly bare: SharedArrayBuffer;
}

/** Words of a row: pseudonym (4), place of the first record (2), these, and behind the last one where on the shelf several records lie (5): file, first byte in two halves, bytes, part. */
const rowWords = 16;
/** `pooled`: twice the days that a birth by month or year leaves open, and one more of who is pooled. */
const row = { place: 4, shiftDays: 6, pooled: 7, notBefore: 8, notAfter: 9, born: 10, several: 11 } as const;
/** No day. */
const none = -(2 ** 31);

/** How a name or a number stands in tables without its system: as nothing else does. */
export const bareName = (number: string): string => `#${number}`;

/** Records of some persons, as they go to a worker. */
export interface Groups {
  /** Number of the first person. */
  readonly from: number;
  /** How many records each has. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** Where what is kept of each record lies, in the order of the input. */
  readonly kept: Places;
  /** Latest day that the input tells of each person. */
  readonly lastDays: Float64Array<ArrayBuffer>;
}

/** The people of the first pass, put together by their ties. */
export class Gathering {
  readonly rows: SharedArrayBuffer;
  readonly #pieces: readonly Records[];
  readonly #lastDays: Table;
  readonly #groups: readonly (readonly number[])[];
  /** By record: its piece, its place there, where its ties begin. */
  readonly #starts: Uint32Array;

  /** @param pieces in the order of the input @param lastDays name of somebody → latest day that the input tells of him */
  constructor(pieces: readonly Records[], lastDays: Table) {
    this.#pieces = pieces;
    this.#lastDays = lastDays;
    const count = pieces.reduce((sum, { facts }) => sum + facts.length / factWords, 0);
    this.#starts = new Uint32Array(count * startWords);
    let record = 0;
    for (const [number, { facts }] of pieces.entries()) {
      for (let place = 0, tie = 0; place * factWords < facts.length; place++) {
        this.#starts.set([number, place, tie], record++ * startWords);
        tie += facts[place * factWords + 2]!;
      }
    }
    const first = new Table(3, this.#tiesThatAre(tie.own, tie.other));
    // A tie is where it stands: number of the piece, and of the tie in it.
    const met = {
      get: ([piece, tie]: readonly [number, number]) => {
        const { ties } = pieces[piece]!;
        return first.number(ties[tie * 2]!, ties[tie * 2 + 1]!);
      },
      set: ([piece, tie]: readonly [number, number], record: number) => {
        const { ties } = pieces[piece]!;
        first.put(ties[tie * 2]!, ties[tie * 2 + 1]!, record);
      },
    };
    this.#groups = persons(
      Array.from({ length: count }, (_, i) => i),
      record => this.#tiesOf(record),
      met,
    );
    this.rows = new SharedArrayBuffer(Math.max(1, this.count) * rowWords * 4);
  }

  get count(): number {
    return this.#groups.length;
  }

  #start(record: number): [piece: number, place: number, tie: number] {
    const at = record * startWords;
    return [this.#starts[at]!, this.#starts[at + 1]!, this.#starts[at + 2]!];
  }

  #tiesThatAre(...kinds: readonly number[]): number {
    return this.#pieces.reduce((sum, { own }) => sum + own.reduce((count, kind) => count + Number(kinds.includes(kind)), 0), 0);
  }

  *#tiesOf(record: number): Generator<readonly [piece: number, tie: number]> {
    const [piece, place, from] = this.#start(record);
    const count = this.#pieces[piece]!.facts[place * factWords + 2]!;
    for (let i = 0; i < count; i++) if (this.#pieces[piece]!.own[from + i] !== tie.bare) yield [piece, from + i];
  }

  /** @param from of `count` persons */
  groups(from: number, to: number): Groups {
    const rows = new Uint32Array(this.rows);
    const groups = this.#groups.slice(from, to);
    const kept = new Float64Array(groups.reduce((sum, records) => sum + records.length, 0) * placeWords);
    const lastDays = new Float64Array(groups.length).fill(Number.NEGATIVE_INFINITY);
    let end = 0;
    for (const [i, records] of groups.entries())
      for (const [nth, record] of records.entries()) {
        const [number, place] = this.#start(record);
        const piece = this.#pieces[number]!;
        const fact = place * factWords;
        if (nth === 0) rows.set(piece.facts.subarray(fact, fact + 2), (from + i) * rowWords + row.place);
        for (const [, tie] of this.#tiesOf(record))
          lastDays[i] = Math.max(lastDays[i]!, this.#lastDays.number(piece.ties[tie * 2]!, piece.ties[tie * 2 + 1]!) ?? lastDays[i]!);
        kept.set(piece.kept.subarray(place * placeWords, (place + 1) * placeWords), end);
        end += placeWords;
      }
    return { from, counts: Uint32Array.from(groups, records => records.length), kept, lastDays };
  }

  /** Where names and numbers lead; rows may be written meanwhile. */
  share(): SharedPeople {
    const table = new Table(3, this.#tiesThatAre(tie.own));
    const bare = new Table(3, this.#tiesThatAre(tie.bare));
    for (const [person, records] of this.#groups.entries())
      for (const record of records) {
        const [piece, place, from] = this.#start(record);
        const { facts, ties, own } = this.#pieces[piece]!;
        for (let at = from; at < from + facts[place * factWords + 2]!; at++) {
          const name = [ties[at * 2]!, ties[at * 2 + 1]!] as const;
          if (own[at] === tie.own) table.put(...name, person);
          else if (own[at] === tie.bare) bare.put(...name, (bare.number(...name) ?? person) === person ? person : this.count);
        }
      }
    return { rows: this.rows, table: table.shared, bare: bare.shared };
  }
}
/** Writes the rows of some persons, and lays down what leaves of those with several records. */
export function writeRows({ from, counts, kept, lastDays }: Groups, shared: SharedArrayBuffer, series: Series, shelf: Shelf): void {
  const rows = new Int32Array(shared);
  const known = { keys: series.keys, compiled: series.compiled, today: series.today };
  const several: [at: number, json: string][] = [];
  let record = 0;
  for (const [i, count] of counts.entries()) {
    const records = Array.from({ length: count }, () => JSON.parse(shelf.takeUp(kept, record++).toString()) as AnyResource);
    const names = [...new Set(records.map(({ id }) => `Patient/${id}`))];
    const { subject, pseudonym, keys } = individual({ anchor: names[0]!, records, names }, () => lastDays[i]!, known);
    const at = (from + i) * rowWords;
    rows.set(uuidWords(pseudonym), at);
    rows[at + row.shiftDays] = subject.shiftDays;
    const { born = { first: none, last: none } } = subject;
    rows[at + row.pooled] = (born.last - born.first) * 2 + (subject.pooled ? 1 : 0);
    rows[at + row.notBefore] = subject.notBefore ?? none;
    rows[at + row.notAfter] = subject.notAfter ?? none;
    rows[at + row.born] = born.first;
    if (records.length > 1)
      several.push([at + row.several, JSON.stringify({ record: merged(records), keys: [...keys] } satisfies Several)]);
  }
  const places = shelf.lay(several.map(([, json]) => json));
  for (const [i, [at]] of several.entries()) {
    const [file, first, bytes, part] = places.subarray(i * placeWords, (i + 1) * placeWords);
    rows.set([file!, first! | 0, Math.floor(first! / 2 ** 32), bytes!, part!], at);
  }
}

/** Persons that are held as objects at a time. */
const mostHeld = 10_000;

/** All of them, for a worker: each is made from his row when he is first asked for. */
export class Persons implements People<Person> {
  readonly byName: People<Person>['byName'];
  readonly byKey: People<Person>['byKey'];
  readonly #table: Table;
  readonly #rows: Int32Array;
  readonly #shelf: Shelf;
  readonly #bare: Table;
  readonly #held = new Map<number, Person>();
  readonly #places = new WeakMap<Person, number>();

  constructor(shared: SharedPeople, shelf: Shelf) {
    const table = new Table(3, shared.table);
    this.#table = table;
    this.#rows = new Int32Array(shared.rows);
    this.#shelf = shelf;
    this.#bare = new Table(3, shared.bare);
    // A number may not pass for a name: what a reference says that is none of ours may be anything.
    const isName = (name: string): boolean => name.startsWith('Patient/');
    const person = (name: string): Person | undefined => this.#at(table.get(name));
    this.byName = { get: name => (isName(name) ? person(name) : undefined), has: name => isName(name) && table.has(name) };
    this.byKey = { get: person, has: key => table.has(key) };
  }

  /** Whether the person's one Patient is written at this place: that of his first record. */
  isAt(person: Person, place: string): boolean {
    const one = new Uint32Array(2);
    fingerprint(place, one, 0);
    const at = this.#places.get(person)! + row.place;
    return this.#rows[at] === (one[0]! | 0) && this.#rows[at + 1] === (one[1]! | 0);
  }

  /** undefined: the one record stands at its place. */
  severalOf(person: Person): Several | undefined {
    const at = this.#places.get(person)! + row.several;
    const [file, low, high, bytes, part] = this.#rows.subarray(at, at + 5);
    if (bytes === 0) return undefined;
    return JSON.parse(this.#shelf.takeUp([file!, (low! >>> 0) + high! * 2 ** 32, bytes!, part!]).toString()) as Several;
  }

  /** As release/whose.ts has it of a resource that refers to nobody else in whatever form. */
  whose(only: Only): Whose<Person> {
    if (only === 'nobody') return { kind: 'undated' };
    const person = this.#at(this.#table.number(...only));
    return person === undefined ? { kind: 'foreign' } : { kind: 'one', individual: person };
  }

  /** Its row. */
  numberOf(person: Person): number {
    return this.#places.get(person)! / rowWords;
  }

  /** The person of a row. */
  numbered(number: number): Person {
    return this.#at(number)!;
  }

  /** Who has a number, of whatever system, or an id; null: several persons. */
  byBare(number: string): Person | null | undefined {
    const row = this.#bare.get(bareName(number));
    return row === undefined ? undefined : row * rowWords < this.#rows.length ? this.#at(row) : null;
  }

  /** Between two texts; within one each person is the same object. */
  forget(): void {
    if (this.#held.size > mostHeld) this.#held.clear();
  }

  #at(number: number | undefined): Person | undefined {
    return number === undefined ? undefined : (this.#held.get(number) ?? this.#make(number));
  }

  #make(number: number): Person {
    const rows = this.#rows;
    const at = number * rowWords;
    const id = uuid(rows.subarray(at));
    const [notBefore, notAfter, first] = [rows[at + row.notBefore]!, rows[at + row.notAfter]!, rows[at + row.born]!];
    const [pooled, open] = [rows[at + row.pooled]! & 1, rows[at + row.pooled]! >> 1];
    const subject: Subject = {
      id,
      shiftDays: rows[at + row.shiftDays]!,
      pooled: pooled === 1,
      ...(notBefore === none ? {} : { notBefore }),
      ...(notAfter === none ? {} : { notAfter }),
      ...(first === none ? {} : { born: { first, last: first + open } }),
    };
    const person: Person = { pseudonym: id, subject };
    this.#held.set(number, person);
    this.#places.set(person, at);
    return person;
  }
}
