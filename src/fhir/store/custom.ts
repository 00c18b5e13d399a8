/**
 * Stored SearchParameters: what they define, and the reading of what is there already. They are found by the state of the log, so every process that reads it knows
 * them; their values are read from the bytes anew at each start, in the background, and until that is done a search by them is told to wait.
 * R4: https://hl7.org/fhir/R4/searchparameter.html
 * @module
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { customParameters } from '../search/custom.ts';
import { type Extractor, extractorFor } from '../search/extract.ts';
import { type Parameter, searchParameters } from '../search/parameters.ts';
import { partsOf } from '../search/parts.ts';
import type { SearchQuery } from '../search/query.ts';
import { CustomIndex } from './index/indexes.ts';
import { place } from './index/postings.ts';
import type { State } from './index/state.ts';
import type { Indexing } from './store.ts';

/** Parameters that may be defined, counted for each base. */
const most = 100;
/** Versions read between two turns of others. */
const atOnce = 100;
/** Milliseconds that a search waits for what is nearly there. */
const patience = 1000;

/** Whatever of a query may name a parameter. */
type Asked = Pick<SearchQuery, 'type' | 'where' | 'parts' | 'sort' | 'include' | 'revinclude'>;

type Known = (type: string) => ReadonlyMap<string, Parameter>;

export interface CustomParts {
  readonly state: State;
  readonly baseUrl: string;
  readonly timeZone: string;
  readonly fresh: () => Promise<void>;
  readonly bytes: (seqs: readonly number[]) => Promise<readonly Buffer[]>;
}

export class Custom {
  readonly #parts: CustomParts;
  /** By type, then code. */
  #known: ReadonlyMap<string, ReadonlyMap<string, Parameter>> = new Map();
  readonly #extractors = new WeakMap<CustomIndex, Extractor>();
  /** Types whose versions are being read. */
  readonly #reading = new Set<string>();
  /** What the definitions were read from. */
  #seen = -1;
  #refreshing: Promise<void> | undefined;

  constructor(parts: CustomParts) {
    this.#parts = parts;
  }

  /** Search parameters of a type, by code; another function when they are others. */
  parameters: Known = searchParameters;

  /** Reads the definitions again if one was written since. */
  async refresh(): Promise<void> {
    const { state } = this.#parts;
    while (state.type('SearchParameter').changes !== this.#seen) {
      this.#refreshing ??= this.#define().finally(() => {
        this.#refreshing = undefined;
      });
      await this.#refreshing;
    }
  }

  async #define(): Promise<void> {
    const { state, bytes } = this.#parts;
    const { ledger } = state;
    const type = state.type('SearchParameter');
    const { changes } = type;
    // In the order in which they first came: who takes a code first keeps it.
    const seqs = type.all.filter(seq => ledger.holds(seq, ledger.last)).sort((a, b) => ledger.resource(a) - ledger.resource(b));
    const read = await bytes(seqs);
    const known = new Map<string, Map<string, Parameter>>();
    let count = 0;
    for (const one of read) {
      for (const parameter of customParameters(JSON.parse(one.toString()) as AnyResource).parameters) {
        const ofBase = known.get(parameter.base) ?? new Map<string, Parameter>();
        if (ofBase.has(parameter.code) || ++count > most) continue;
        known.set(parameter.base, ofBase.set(parameter.code, parameter));
      }
    }
    this.#known = known;
    this.parameters = withOwn(known);
    this.#seen = changes;
    for (const base of new Set([...known.keys(), ...state.customTypes()])) {
      const { custom } = state.type(base);
      const wanted = known.get(base) ?? new Map<string, Parameter>();
      for (const [code, index] of custom) if (!same(index.parameter, wanted.get(code))) custom.delete(code);
      for (const [code, parameter] of wanted) if (!custom.has(code)) custom.set(code, new CustomIndex(parameter, ledger));
      this.#start(base);
    }
  }

  /** Reads what is not read yet, unless somebody is at it. */
  #start(type: string): void {
    if (this.#reading.has(type)) return;
    this.#reading.add(type);
    // A store that was closed ends it; whoever asks next begins again.
    void this.#read(type)
      .catch(() => {})
      .finally(() => this.#reading.delete(type));
  }

  async #read(type: string): Promise<void> {
    const { state, fresh, bytes } = this.#parts;
    const index = state.type(type);
    for (;;) {
      await setImmediate();
      await fresh();
      const from = Math.min(...[...index.custom.values()].map(({ upTo }) => upTo));
      const seqs = index.all.slice(place(index.all, from + 1), place(index.all, from + 1) + atOnce);
      const last = seqs.at(-1);
      if (last === undefined) return;
      const read = await bytes(seqs);
      seqs.forEach((seq, i) => {
        // What was erased in the meantime is not there any more.
        if (index.all[place(index.all, seq)] !== seq) return;
        const resource = JSON.parse(read[i]!.toString()) as AnyResource;
        for (const custom of index.custom.values()) if (custom.upTo < seq) custom.add(seq, this.#extract(custom)(resource));
      });
      for (const custom of index.custom.values()) custom.upTo = Math.max(custom.upTo, last);
    }
  }

  #extract(custom: CustomIndex): Extractor {
    let made = this.#extractors.get(custom);
    if (!made) {
      made = extractorFor([custom.parameter], { base: this.#parts.baseUrl, timeZone: this.#parts.timeZone });
      this.#extractors.set(custom, made);
    }
    return made;
  }

  /** Resolves when what a query asks by defined parameters has been read up to a snapshot. Throws Problem unavailable when that takes longer. */
  async ready({ type, where, parts = [{ type, where }], sort, include, revinclude }: Asked, snapshot: number): Promise<void> {
    if (this.#known.size === 0) return;
    const asked: (readonly [string, string])[] = [];
    for (const { type, where } of parts) {
      for (const { code, through } of sort) {
        if (through) asked.push([type, through.code]);
        for (const of of through?.types ?? [type]) asked.push([of, code]);
      }
      for (const [of, part] of partsOf(type, where)) if ('code' in part) asked.push([part.kind === 'has' ? part.type : of, part.code]);
    }
    for (const { source, code } of [...include, ...revinclude]) {
      const sources = source === '*' ? [...this.#known.keys()] : [source];
      for (const of of sources) for (const one of code === '*' ? (this.#known.get(of)?.keys() ?? []) : [code]) asked.push([of, one]);
    }
    const end = performance.now() + patience;
    for (const [of, code] of asked) {
      const index = this.#parts.state.type(of);
      for (;;) {
        const custom = index.custom.get(code.split(':', 1)[0]!);
        const next = custom ? index.all[place(index.all, custom.upTo + 1)] : undefined;
        if (next === undefined || next > snapshot) break;
        this.#start(of);
        if (performance.now() > end)
          throw new Problem('unavailable', `The parameter ${code} is being indexed: search by it a little later.`, {
            expression: `http.${code}`,
            headers: { 'Retry-After': '5' },
          });
        await setTimeout(5);
      }
    }
  }

  indexing(): Indexing[] {
    return [...this.#known].flatMap(([type, own]) =>
      [...own.values()].map(({ code, url }) => {
        const { all, custom } = this.#parts.state.type(type);
        return { type, code, url, indexed: place(all, (custom.get(code)?.upTo ?? 0) + 1), of: all.length };
      }),
    );
  }
}

const withOwn = (known: ReadonlyMap<string, ReadonlyMap<string, Parameter>>): Known =>
  known.size === 0
    ? searchParameters
    : type => {
        const own = known.get(type);
        return own ? new Map([...searchParameters(type), ...own]) : searchParameters(type);
      };

const same = (a: Parameter, b: Parameter | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
