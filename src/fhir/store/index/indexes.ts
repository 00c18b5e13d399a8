/**
 * The indexes of some parameters of one type, by code; what stands beside a parameter (`code:text`, `subject:identifier`) has one from its first value on.
 * R4: https://hl7.org/fhir/R4/search.html#ptypes
 * @module
 */
import { type Parameter, searchParameters } from '../../search/parameters.ts';
import type { ParameterType, Values } from '../../search/values.ts';
import type { Ledger } from './ledger.ts';
import type { Gone, ParameterIndex } from './parameter.ts';
import { parameterIndex } from './parameters.ts';
import { ReferenceIndex } from './references.ts';

/** What stands beside a parameter: `:text`, `:identifier`, `#Patient` (what it leads to inside the resource), `#Patient.name`, `#Patient.identifier:of-type`. */
function typeBeside(name: string): ParameterType | undefined {
  if (name.includes(':')) return name.endsWith(':text') ? 'string' : 'token';
  const [type = '', code] = name.slice(1).split('.');
  return code === undefined ? 'token' : searchParameters(type).get(code)?.type;
}

export class Indexes {
  readonly #byCode = new Map<string, ParameterIndex>();
  readonly #inside = new Map<string, readonly ParameterIndex[]>();
  readonly #ledger: Ledger;

  constructor(parameters: Iterable<Pick<Parameter, 'code' | 'type'>>, ledger: Ledger) {
    this.#ledger = ledger;
    for (const { code, type } of parameters) this.#byCode.set(code, parameterIndex(type, ledger));
  }

  /** Numbers must come in ascending order. */
  add(seq: number, values: Values): void {
    for (const code in values) this.#slot(code)?.add(seq, values[code]!);
  }

  #slot(code: string): ParameterIndex | undefined {
    const known = this.#byCode.get(code);
    if (known) return known;
    const of = /^[^:#]+/.exec(code)?.[0] ?? '';
    const type = this.has(code) ? typeBeside(code.slice(of.length)) : undefined;
    if (type === undefined) return undefined;
    const made = parameterIndex(type, this.#ledger);
    this.#byCode.set(code, made);
    if (!/[:.]/.test(code)) this.#inside.set(of, [...(this.#inside.get(of) ?? []), made]);
    return made;
  }

  /** Where a reference leads to something inside: for each type of it, its ids. */
  inside = (code: string): readonly ParameterIndex[] => this.#inside.get(code) ?? [];

  /** Whether values of this code come into these indexes: those of what is inside behind a reference go with it, or with `<code>#` alone. */
  has(code: string): boolean {
    const of = /^[^:#]+/.exec(code)?.[0] ?? '';
    return this.#byCode.has(of) || this.#byCode.has(code) || (code.startsWith('#', of.length) && this.#byCode.has(`${of}#`));
  }

  /** Puts the indexes of another in the place of its own: of what comes into the other nothing of before stays, though the other met no value of it. */
  take(other: Indexes): void {
    for (const code of this.#byCode.keys()) if (other.has(code)) this.#byCode.delete(code);
    for (const code of this.#inside.keys()) if (other.has(`${code}#`)) this.#inside.delete(code);
    for (const [code, index] of other.#byCode) this.#byCode.set(code, index);
    for (const [code, indexes] of other.#inside) this.#inside.set(code, indexes);
  }

  /** Entries of the largest Map in them. */
  get entries(): number {
    let most = 0;
    for (const { entries } of this.#byCode.values()) most = Math.max(most, entries);
    return most;
  }

  get = (code: string): ParameterIndex | undefined => this.#byCode.get(code);

  /** Codes of all reference parameters. */
  *references(): Iterable<[string, ReferenceIndex]> {
    for (const [code, index] of this.#byCode) if (index instanceof ReferenceIndex) yield [code, index];
  }

  /** Takes versions out, ascending, with the values they were put in with; where these are not known, all there are are looked through. */
  remove(versions: readonly { readonly seq: number; readonly values?: Values }[]): void {
    const gone = new Map<string, Gone[]>();
    const unknown = versions.filter(({ values }) => values === undefined).map(({ seq }) => seq);
    if (unknown.length > 0) for (const index of this.#byCode.values()) index.strike(unknown);
    for (const { seq, values = {} } of versions) {
      for (const code in values) {
        const pairs = gone.get(code);
        if (pairs) pairs.push([seq, values[code]!]);
        else gone.set(code, [[seq, values[code]!]]);
      }
    }
    for (const [code, pairs] of gone) this.#byCode.get(code)?.remove(pairs);
  }
}

/** The index of a parameter that somebody defined: its values are read from the bytes of the versions, one after the other, and are in no file. */
export class CustomIndex {
  readonly parameter: Parameter;
  readonly indexes: Indexes;
  readonly #values = new Map<number, Values>();
  /** Versions of the type up to this number are in it. */
  upTo = 0;

  constructor(parameter: Parameter, ledger: Ledger) {
    this.parameter = parameter;
    this.indexes = new Indexes([parameter], ledger);
  }

  get entries(): number {
    return Math.max(this.#values.size, this.indexes.entries);
  }

  add(seq: number, values: Values): void {
    this.indexes.add(seq, values);
    this.#values.set(seq, values);
  }

  remove(seqs: readonly number[]): void {
    const known = seqs.flatMap(seq => {
      const values = this.#values.get(seq);
      this.#values.delete(seq);
      return values ? { seq, values } : [];
    });
    this.indexes.remove(known);
  }
}
