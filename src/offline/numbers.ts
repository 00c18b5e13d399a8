/**
 * Resources that others refer to by a number alone, which no reference by name tells. The first pass notes which numbers are asked for; who has them is looked for
 * in a pass of its own, and only where there are any.
 * R4: https://hl7.org/fhir/R4/references.html#logical
 * @module
 */
import type { CompiledPolicy } from '../deid/compile.ts';
import { withheld } from '../deid/deidentify.ts';
import { uuid, uuidWords } from '../deid/digits.ts';
import { typeOf } from '../deid/methods/reference.ts';
import { type AnyResource, type Json, resourceTypes } from '../fhir/model/r4.ts';
import { eachReference, identifiedBy } from '../fhir/model/reference.ts';
import { keyOf, numberOf, numbersOf, patientKey } from '../release/numbers.ts';
import type { Series } from '../release/series.ts';
import { again, type PieceSeen } from './again.ts';
import { resourcesOf, type Where } from './resources.ts';
import type { Shelf } from './shelf.ts';
import { type Fingerprints, fingerprintsOf, Table } from './table.ts';

/** Numbers that are asked for, and of each what it is called as a person's; `#`: no person has such a one. */
export type Asked = Map<string, string>;

/** Adds the numbers by which a resource refers to something of a type that leaves, or does not say of which. Patients are found by theirs without this. */
export function addAsked(resource: AnyResource, { types }: CompiledPolicy, asked: Asked): void {
  const ask = (identifier: Json, type: string | undefined): void => {
    const number = numberOf(identifier);
    if (number !== undefined && type !== 'Patient' && (type === undefined || types.has(type)))
      asked.set(number, patientKey(identifier, type) ?? '#');
  };
  eachReference(resource, ({ reference, identifier, type }) => {
    const meant = typeof reference === 'string' ? identifiedBy(reference) : undefined;
    if (meant !== undefined) ask(meant.identifier, meant.type);
    else if (typeof reference !== 'string') ask(identifier as Json, typeOf(type));
  });
}

/** What is asked for by the whole input. */
export class AllAsked {
  readonly numbers = new Table(2);
  readonly #persons = new Table(2);

  /** @param fingerprints of a piece: of each two */
  add(fingerprints: Fingerprints): void {
    for (let at = 0; at < fingerprints.length; at += 4) {
      this.numbers.put(fingerprints[at]!, fingerprints[at + 1]!);
      this.#persons.put(fingerprints[at + 2]!, fingerprints[at + 3]!);
    }
  }

  /** Whether all of them are these people's. */
  areOf(people: Table): boolean {
    for (const [a, b] of this.#persons) if (people.number(a, b) === undefined) return false;
    return true;
  }
}

export interface NumbersTask extends PieceSeen {
  readonly kind: 'numbers';
  /** What is asked for. */
  readonly asked: SharedArrayBuffer;
}

/** A number that a resource has: four words of its pseudonym, and its type. */
const rowWords = 5;

export interface NumbersFound {
  /** Of each row two: of the number with its type, and of the number alone. */
  readonly keys: Fingerprints;
  readonly rows: Int32Array<ArrayBuffer>;
}

/** A worker's part. */
export async function lookForNumbers(task: NumbersTask, shelf: Shelf, { compiled: { types }, keys, base }: Series): Promise<NumbersFound> {
  const asked = new Table(2, task.asked);
  const found: string[] = [];
  const rows: number[] = [];
  const each = (read: () => AnyResource, where: Where): void => {
    for (const { name, resource } of resourcesOf(read(), where, base)) {
      const type = resource.resourceType;
      // A Binary has no number in R4, and leaves only where somebody claims it.
      if (type === 'Patient' || type === 'Binary' || !types.has(type) || withheld(resource)) continue;
      for (const number of numbersOf(resource)) {
        if (!asked.has(number)) continue;
        found.push(keyOf(type, number), keyOf(undefined, number));
        rows.push(...uuidWords(keys.pseudonym(type, name.slice(type.length + 1))), resourceTypes.indexOf(type));
      }
    }
  };
  await again(task, shelf, each, { word: 'identifier' });
  return { keys: fingerprintsOf(found), rows: Int32Array.from(rows) };
}

/** What a worker gets of them. */
export interface SharedNumbers {
  /** Row by the fingerprint of what is asked for; `several` resources have it. */
  readonly table: SharedArrayBuffer;
  readonly rows: SharedArrayBuffer;
}
const several = -1;

/** What was found, while it comes. */
export class NumbersMet {
  readonly #table = new Table(3);
  #rows = new Int32Array(rowWords * 64);
  #count = 0;

  add({ keys, rows }: NumbersFound): void {
    for (let i = 0; i * rowWords < rows.length; i++) {
      const row = rows.subarray(i * rowWords, (i + 1) * rowWords);
      let own: number | undefined;
      for (const at of [i * 4, i * 4 + 2]) {
        const [a, b] = [keys[at]!, keys[at + 1]!];
        const before = this.#table.number(a, b);
        if (before === undefined) this.#table.put(a, b, (own ??= this.#put(row)));
        else if (before !== several && row.some((word, n) => word !== this.#rows[before * rowWords + n])) this.#table.put(a, b, several);
      }
    }
  }

  share(): SharedNumbers {
    const rows = new SharedArrayBuffer(this.#count * rowWords * 4);
    new Int32Array(rows).set(this.#rows.subarray(0, this.#count * rowWords));
    return { table: this.#table.shared, rows };
  }

  #put(row: Int32Array): number {
    if ((this.#count + 1) * rowWords > this.#rows.length) {
      const more = new Int32Array(2 * this.#rows.length);
      more.set(this.#rows);
      this.#rows = more;
    }
    this.#rows.set(row, this.#count * rowWords);
    return this.#count++;
  }
}

/** Where numbers lead, for a worker. */
export class Numbers {
  readonly #table: Table;
  readonly #rows: Int32Array;

  constructor({ table, rows }: SharedNumbers) {
    this.#table = new Table(3, table);
    this.#rows = new Int32Array(rows);
  }

  /** The type and pseudonym of what alone has it. @param type absent: of any type */
  get(type: string | undefined, number: string): { readonly type: string; readonly pseudonym: string } | undefined {
    const row = this.#table.get(keyOf(type, number));
    if (row === undefined || row === several) return undefined;
    const at = row * rowWords;
    return { type: resourceTypes[this.#rows[at + rowWords - 1]!]!, pseudonym: uuid(this.#rows.subarray(at)) };
  }
}
