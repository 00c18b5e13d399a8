/**
 * Resources that others refer to by a number alone, which no reference by name tells. The first pass notes which numbers are asked for; who has them is looked for
 * in a pass of its own, and only where there are any.
 * R4: https://hl7.org/fhir/R4/references.html#logical
 * @module
 */
import type { CompiledPolicy } from '../deid/compile.ts';
import { isObject } from '../deid/context.ts';
import { withheld } from '../deid/deidentify.ts';
import { uuid, wordsOf } from '../deid/digits.ts';
import type { SeriesKeys } from '../deid/keys.ts';
import { typeOf } from '../deid/methods/reference.ts';
import { type AnyResource, resourceTypes } from '../fhir/model/r4.ts';
import { identifiedBy } from '../fhir/model/reference.ts';
import { keyOf, numberOf, numbersOf } from '../release/numbers.ts';
import type { Input } from './inputs.ts';
import { look } from './look.ts';
import type { Piece } from './pieces.ts';
import { resourcesOf } from './resources.ts';
import { type Fingerprints, fingerprintsOf, Table } from './table.ts';

/** Numbers by which a resource refers to something of a type that leaves, or does not say of which. Patients are found by theirs without this. */
export function numbersAskedBy(resource: AnyResource, { types }: CompiledPolicy, asked: Set<string>): void {
  const ask = (number: string | undefined, type: string | undefined): void => {
    if (number !== undefined && type !== 'Patient' && (type === undefined || types.has(type))) asked.add(number);
  };
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) walk(one);
    else if (isObject(node)) {
      const { reference, identifier } = node;
      const meant = typeof reference === 'string' ? identifiedBy(reference) : undefined;
      if (meant !== undefined) ask(numberOf(meant.identifier), meant.type);
      // What has a type of resource is no reference: its identifier is its own.
      else if (reference === undefined && isObject(identifier) && node['resourceType'] === undefined)
        ask(numberOf(identifier), typeOf(node['type']));
      for (const name in node) if (typeof node[name] === 'object') walk(node[name]);
    }
  };
  walk(resource);
}

export interface NumbersTask {
  readonly kind: 'numbers';
  readonly input: Input;
  readonly piece: Piece;
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
export async function lookForNumbers(
  { input, piece, asked }: NumbersTask,
  { types }: CompiledPolicy,
  keys: SeriesKeys,
  base: string,
): Promise<NumbersFound> {
  const table = new Table(2, asked);
  const found: string[] = [];
  const rows: number[] = [];
  await look(input, piece, 'identifier', (root, where) => {
    for (const { name, resource } of resourcesOf(root, where, base)) {
      const type = resource.resourceType;
      if (type === 'Patient' || !types.has(type) || withheld(resource)) continue;
      for (const number of numbersOf(resource)) {
        if (!table.has(number)) continue;
        found.push(keyOf(type, number), keyOf(undefined, number));
        rows.push(...wordsOf(keys.pseudonym(type, name.slice(type.length + 1))), resourceTypes.indexOf(type));
      }
    }
  });
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
