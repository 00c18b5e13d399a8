/**
 * Counts over a cohort: a Measure in, a MeasureReport of type summary out. Persons are counted, never records; small counts and what would give them back are masked.
 * R4: https://hl7.org/fhir/R4/measure.html, https://hl7.org/fhir/R4/measurereport.html
 * @module
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../deid/canonical-json.ts';
import { absentReason, isObject, masked as maskedExtension } from '../deid/context.ts';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { PersonSet, Store } from '../fhir/store/store.ts';
import { byIds, patientQuery, type Reader } from './cohort.ts';
import { type Reduced, reduced, type Stratifier, stratifier } from './strata.ts';
import { type Cell, suppress } from './suppress.ts';
import { isSmall } from './threshold.ts';
import { Turn } from './turn.ts';

/** Cells of one report. */
const mostCells = 400;
/** Disjoint parts of a cohort that its cells may make. */
const mostParts = 4000;
/** Up to so many parts each that is small is protected; beyond, what two cells tell together. */
const partsProtected = 150;
/** Milliseconds that the stratifiers of one report may take. */
const stratifyMs = 5000;

export interface SummaryParts {
  readonly store: Store;
  readonly access: Access;
  readonly reader: Reader;
  readonly label: Json;
  /** URL of the server: who runs it reports. */
  readonly baseUrl: string;
}

interface Population {
  readonly code?: unknown;
  readonly kind: string;
  readonly set: PersonSet;
}

interface Stratum {
  /** undefined: those without a value. */
  readonly value: string | undefined;
  readonly set: PersonSet;
}

/** Population kind → the kind that it is a part of, if the group has that. Order of evaluation. */
const within: ReadonlyMap<string, string> = new Map([
  ['denominator', 'initial-population'],
  ['measure-population', 'initial-population'],
  ['denominator-exclusion', 'denominator'],
  ['numerator', 'denominator'],
  ['numerator-exclusion', 'numerator'],
  ['denominator-exception', 'denominator'],
  ['measure-population-exclusion', 'measure-population'],
]);

const tooManyCells = (): Problem =>
  new Problem('too-costly', `The report would have more than ${mostCells} counts.`, { expression: 'Measure.group' });

const wrong = (text: string, expression: string): Problem => new Problem('invalid-parameter', text, { expression });

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? (value as unknown[]).filter(isObject) : []);

/**
 * @param period of the study
 * @throws Problem `invalid-parameter` for a Measure that cannot be evaluated, `too-costly` for one with too many cells
 */
export async function summary(measure: AnyResource, cohort: PersonSet, period: Json, parts: SummaryParts): Promise<AnyResource> {
  const groups = listOf(measure['group']);
  if (groups.length === 0) throw wrong('The Measure has no group.', 'Measure.group');
  // Counted before anything is looked for.
  const sum = groups.reduce((n, group) => {
    const populations = listOf(group['population']).length;
    return n + populations * (1 + 2 * listOf(group['stratifier']).length);
  }, 0);
  if (sum > mostCells) throw tooManyCells();
  const people = new People(cohort, parts);
  const tables: { group: Json; populations: Population[]; stratifiers: { given: Json; strata: Stratum[] }[] }[] = [];
  for (const group of groups) {
    const populations = await populationsOf(group, cohort, parts);
    const stratifiers = [];
    for (const given of listOf(group['stratifier'])) stratifiers.push({ given, strata: await strataOf(given, cohort, people, parts) });
    tables.push({ group, populations, stratifiers });
  }
  const board = new Board(cohort);
  const report = tables.map(({ group, populations, stratifiers }, g) => {
    const place = `group ${g}`;
    const total = populations.map(one => board.cell(one.set, place));
    const remainders = (sets: readonly PersonSet[]) =>
      board.remainders(
        populations.map((one, i) => ({ kind: one.kind, set: sets[i]! })),
        place,
      );
    remainders(populations.map(one => one.set));
    const strata = stratifiers.map(({ given, strata: values }, s) => ({
      given,
      values: values.map(({ value, set }) => {
        const sets = populations.map(one => one.set.and(set));
        remainders(sets);
        return { value, cells: sets.map((one, p) => board.cell(one, `${place} stratifier ${s} population ${p}`)) };
      }),
    }));
    return { group, populations, total, strata };
  });
  if (board.size > mostCells) throw tooManyCells();
  const count = await board.publish();
  const populationOf = (one: Population, cell: number): Json => ({ ...(one.code === undefined ? {} : { code: one.code }), ...count(cell) });
  return {
    resourceType: 'MeasureReport',
    meta: { security: [parts.label] },
    status: 'complete',
    type: 'summary',
    measure: canonicalOf(measure),
    reporter: { type: 'Organization', identifier: { system: 'urn:ietf:rfc:3986', value: parts.baseUrl } },
    period: Object.keys(period).length === 0 ? { extension: [unknown] } : period,
    group: report.map(({ group, populations, total, strata }) => ({
      ...(group['code'] === undefined ? {} : { code: group['code'] }),
      population: populations.map((one, i) => populationOf(one, total[i]!)),
      ...(strata.length === 0
        ? {}
        : {
            stratifier: strata.map(({ given, values }) => ({
              ...(given['code'] === undefined ? {} : { code: [given['code']] }),
              stratum: values.map(({ value, cells }) => ({
                value: stratumValue(value),
                population: cells.map((cell, i) => populationOf(populations[i]!, cell)),
              })),
            })),
          }),
    })),
  };
}

/** A study without a period. */
const unknown: Json = { url: absentReason, valueCode: 'unknown' };

/** Its url (and version), or a urn made of what it says. */
function canonicalOf(measure: AnyResource): string {
  const { url, version } = measure;
  if (typeof url === 'string' && url !== '') return typeof version === 'string' ? `${url}|${version}` : url;
  const hex = createHash('sha256').update(canonicalJson(measure)).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const stratumValue = (value: string | undefined): Json =>
  value === undefined
    ? { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] }
    : { text: value };

function criteriaOf(holder: Json, place: string): { language: string; expression: string } {
  const criteria = holder['criteria'];
  const { language, expression } = isObject(criteria) ? criteria : {};
  if (typeof language !== 'string' || typeof expression !== 'string')
    throw wrong('Criteria are an Expression with language and expression.', `${place}.criteria`);
  return { language, expression };
}

async function populationsOf(group: Json, cohort: PersonSet, { store, access, reader }: SummaryParts): Promise<Population[]> {
  const given = listOf(group['population']);
  if (given.length === 0) throw wrong('A group of the Measure has no population.', 'Measure.group.population');
  const found: Population[] = [];
  for (const one of given) {
    const { language, expression } = criteriaOf(one, 'Measure.group.population');
    if (language !== 'application/x-fhir-query')
      throw wrong('Criteria of a population have the language application/x-fhir-query.', 'Measure.group.population.criteria.language');
    const set = cohort.and(await store.persons(access, patientQuery(expression, reader)));
    const kind = listOf((one['code'] as Json | undefined)?.['coding'])
      .map(coding => coding['code'])
      .find(code => typeof code === 'string') as string | undefined;
    found.push({ ...(one['code'] === undefined ? {} : { code: one['code'] }), kind: kind ?? '', set });
  }
  // In the order of the kinds, so that each is cut to what it is a part of.
  const cut = new Map<Population, PersonSet>();
  const of = (kind: string): PersonSet | undefined => {
    const sets = found.filter(one => one.kind === kind).map(one => cut.get(one) ?? one.set);
    return sets.length === 0 ? undefined : sets.reduce((a, b) => a.or(b));
  };
  for (const [kind, outer] of within) {
    for (const one of found.filter(candidate => candidate.kind === kind)) {
      let set = of(outer) === undefined ? one.set : one.set.and(of(outer)!);
      const excluded = kind === 'numerator' ? of('denominator-exclusion') : undefined;
      if (excluded !== undefined) set = set.minus(excluded);
      cut.set(one, set);
    }
  }
  return found.map(one => ({ ...one, set: cut.get(one) ?? one.set }));
}

async function strataOf(given: Json, cohort: PersonSet, people: People, { store, access, reader }: SummaryParts): Promise<Stratum[]> {
  if (given['component'] !== undefined)
    throw wrong('A stratifier of several components is not supported.', 'Measure.group.stratifier.component');
  const { language, expression } = criteriaOf(given, 'Measure.group.stratifier');
  if (language === 'application/x-fhir-query') {
    const inside = cohort.and(await store.persons(access, patientQuery(expression, reader)));
    return [
      { value: 'true', set: inside },
      { value: 'false', set: cohort.minus(inside) },
    ];
  }
  if (language !== 'text/fhirpath')
    throw wrong(
      'Criteria of a stratifier have the language application/x-fhir-query or text/fhirpath.',
      'Measure.group.stratifier.criteria.language',
    );
  return await people.by(stratifier(expression));
}

/** The persons of a cohort by a value, each read once for all stratifiers. */
class People {
  readonly #cohort: PersonSet;
  readonly #parts: SummaryParts;
  readonly #turn = new Turn();
  #spentMs = 0;
  #read: Promise<readonly { id: string; person: Reduced }[]> | undefined;

  constructor(cohort: PersonSet, parts: SummaryParts) {
    this.#cohort = cohort;
    this.#parts = parts;
  }

  async by(value: Stratifier): Promise<Stratum[]> {
    const { store, access } = this.#parts;
    this.#read ??= this.#all();
    const ids = new Map<string | undefined, string[]>();
    for (const { id, person } of await this.#read) {
      const start = performance.now();
      const key = value(person);
      this.#spentMs += performance.now() - start;
      if (this.#spentMs > stratifyMs)
        throw new Problem('too-costly', 'The stratifiers take too long: make their expressions simpler.', {
          expression: 'Measure.group.stratifier',
        });
      await this.#turn.pause();
      const met = ids.get(key);
      if (met === undefined) ids.set(key, [id]);
      else met.push(id);
    }
    if (ids.size > mostCells)
      throw new Problem('too-costly', 'A stratifier has too many values.', { expression: 'Measure.group.stratifier' });
    const strata: Stratum[] = [];
    for (const [key, values] of [...ids].sort(([a], [b]) => order(a, b))) {
      strata.push({ value: key, set: this.#cohort.and(await store.persons(access, byIds(values))) });
    }
    return strata;
  }

  async #all(): Promise<{ id: string; person: Reduced }[]> {
    const { store, access, reader } = this.#parts;
    const found: { id: string; person: Reduced }[] = [];
    for await (const person of store.each(access, this.#cohort)) {
      const first = person.records[0];
      if (first === undefined) continue;
      const records = (await store.referred(access, person.records))
        .filter(version => !version.deleted)
        .map(version => JSON.parse(version.bytes.toString()) as AnyResource);
      found.push({ id: first.slice('Patient/'.length), person: reduced(records, reader.asks, reader.today) });
      await this.#turn.pause();
    }
    return found;
  }
}

const order = (a: string | undefined, b: string | undefined): number => (a === undefined ? 1 : b === undefined ? -1 : a < b ? -1 : 1);

/** All cells of one report, cut into the disjoint parts of the cohort that they are made of. */
class Board {
  readonly #cohort: PersonSet;
  readonly #cells: { readonly set: PersonSet; readonly table: string; readonly hidden: boolean }[] = [];

  constructor(cohort: PersonSet) {
    this.#cohort = cohort;
  }

  get size(): number {
    return this.#cells.filter(cell => !cell.hidden).length;
  }

  /** Number of a new cell. */
  cell(set: PersonSet, table: string, hidden = false): number {
    return this.#cells.push({ set, table, hidden }) - 1;
  }

  /** What is in a population and not in the one that is a part of it: not shown, but easily computed. */
  remainders(populations: readonly { kind: string; set: PersonSet }[], table: string): void {
    for (const inner of populations) {
      for (const outer of populations) if (within.get(inner.kind) === outer.kind) this.cell(outer.set.minus(inner.set), table, true);
    }
  }

  /** How each cell is written: with its count, or as masked. @throws Problem `too-costly` */
  async publish(): Promise<(cell: number) => Json> {
    const turn = new Turn();
    let parts: { set: PersonSet; cells: readonly number[] }[] = [{ set: this.#cohort, cells: [] }];
    for (const [i, { set }] of this.#cells.entries()) {
      const split: typeof parts = [];
      for (const part of parts) {
        const inside = part.set.and(set);
        if (inside.size > 0) split.push({ set: inside, cells: [...part.cells, i] });
        if (inside.size < part.set.size) split.push({ set: part.set.minus(set), cells: part.cells });
        await turn.pause();
      }
      parts = split;
      if (parts.length > mostParts)
        throw new Problem('too-costly', 'The counts of this report overlap in too many ways: ask for fewer at once.', {
          expression: 'Measure.group',
        });
    }
    const inCell: number[][] = this.#cells.map(() => []);
    parts.forEach((part, p) => {
      for (const i of part.cells) inCell[i]!.push(p);
    });
    const sizes = parts.map(part => part.set.size);
    const cells: Cell[] = this.#cells.map(({ set, table, hidden }, i) => ({
      parts: inCell[i]!,
      count: set.size,
      table,
      ...(hidden ? { hidden: 'remainder' as const } : {}),
    }));
    const masked = await suppress([...cells, ...between(cells, sizes)], sizes, turn);
    return cell => (masked.has(cell) ? { _count: { extension: [maskedExtension] } } : { count: cells[cell]!.count });
  }
}

/** Few persons whom cells tell from the others, although none counts them: those of one part; of many parts, those who are in one cell and not in another that lies in it. */
function between(cells: readonly Cell[], sizes: readonly number[]): Cell[] {
  const found: Cell[] = [];
  if (sizes.length <= partsProtected) {
    for (const [p, count] of sizes.entries()) if (isSmall(count)) found.push({ parts: [p], count, table: '', hidden: 'part' });
    return found;
  }
  const sets = cells.map(cell => new Set(cell.parts));
  for (const [i, inner] of cells.entries()) {
    for (const outer of cells) {
      const count = outer.count - inner.count;
      if (!isSmall(count) || inner.hidden !== undefined || outer.hidden !== undefined) continue;
      const rest = outer.parts.filter(part => !sets[i]!.has(part));
      if (rest.length === outer.parts.length - inner.parts.length) found.push({ parts: rest, count, table: '', hidden: 'part' });
    }
  }
  return found;
}
