/**
 * From the survey to the plan: what becomes of each look, between which bounds each measured value leaves. The plan is JSON, the same for the same persons in whatever order and however many workers
 * they came, and its hash says which it was. It names rare codes (of nobody): it is for the operator, not for the recipient.
 * @module
 */
import { type HierarchyOf, hierarchyOf } from '../hierarchy/index.ts';
import { PolicyError } from '../policy.ts';
import { codesOf, comparedOf, isMeasured, keyOfFact, partsOfFact, targetOfKey } from './keys.ts';
import { beyond, type Percentiles } from './measured.ts';
import { type Fate, hashOf, type Limits, type PlanJson, type Table } from './plan-json.ts';
import type { Population } from './population.ts';
import { type Report, report } from './report.ts';
import { aboveCode, aboveFact, roll } from './roll.ts';
import type { Look, Survey } from './survey.ts';

export interface PlanOptions {
  /** Beyond which the bound stands in the value's place, in percent of persons; 0.5 and 99.5 unless told. */
  readonly percentiles?: Percentiles;
  /** The built-in hierarchies unless told. */
  readonly hierarchy?: HierarchyOf;
  /** Patients of codes in a population (a national list). A code with fewer than k there is rare, however many persons of the set have it; a code that is not listed is not judged by it. */
  readonly population?: Population;
  /**
   * Whether a rare code is rolled up also where it can go without a trace (`Encounter.reasonCode`); unless told it goes: what somebody has is then told at one place, and not by two groups that
   * may have few in common.
   */
  readonly rollUpEverywhere?: boolean;
}

const root = (): undefined => undefined;

export interface Plan {
  readonly json: PlanJson;
  /** SHA-256 (hex) of the plan in canonical JSON. */
  readonly hash: string;
  readonly report: Report;
}

function checked({ low, high }: Percentiles): Percentiles {
  if (!(low >= 0 && low < 50 && high > 50 && high <= 100))
    throw new PolicyError('percentiles', 'the lower one lies from 0 to below 50, the upper one above 50 up to 100');
  return { low, high };
}

function put<T>(table: Table<T>, place: string, key: string, value: T): void {
  (table[place] ??= {})[key] = value;
}

/** @throws PolicyError for percentiles that are none */
export function plan(survey: Survey, options: PlanOptions = {}): Plan {
  const { k } = survey;
  const percentiles = checked(options.percentiles ?? { low: 0.5, high: 99.5 });
  const population: Population = options.population ?? new Map();
  const json = {
    version: 1 as const,
    k,
    percentiles,
    looks: {} as Table<Fate>,
    limits: {} as Table<Limits>,
    normals: {} as Table<string[]>,
    withheld: [] as string[],
  };

  let error = 0;
  for (const { place, key, measured } of survey.things) {
    const bounds = measured.bounds(k, percentiles);
    const shared = measured.shared();
    error = Math.max(error, measured.error);
    put(json.limits, place, key, {
      ...bounds,
      ...(bounds === undefined ? { plain: false } : {}),
      ...(shared.length > 0 ? { shared } : {}),
    });
  }

  const above = aboveCode(options.hierarchy ?? hierarchyOf);
  const withheld = new Set([...survey.types].flatMap(([type, few]) => (few.enough ? [] : [type])));
  const common = (key: string): boolean =>
    codesOf(key).every(code => (population.get(code) ?? k) >= k) && !withheld.has(targetOfKey(key) ?? '');
  const commonFact = (place: string, key: string): boolean => {
    const [code, value] = partsOfFact(key);
    return common(code) && common(value) && value !== '=sampled' && (!isMeasured(value) || json.limits[place]?.[key]?.plain !== false);
  };
  /** `<0.3`, where plain values leave as `<= 0.5` from 0.5 down. */
  const boundedAt = (place: string) => (code: string, value: string) => {
    const compared = comparedOf(value);
    if (compared === undefined) return undefined;
    const limits = json.limits[place]?.[keyOfFact(code, compared.measured)];
    return limits !== undefined && beyond(limits, compared.text) !== undefined ? compared.measured : undefined;
  };
  const places = byPlace(survey.looks);
  // What must refer to a type that does not leave is decided when that is known; and it may take another type with it.
  for (let before = -1; before < withheld.size; ) {
    before = withheld.size;
    for (const [place, looks] of places) {
      const { fact, holder } = looks[0]!;
      const trace = looks.some(look => look.trace);
      const { becomes, whole } = roll(looks, {
        k,
        trace,
        above: fact ? aboveFact(above, boundedAt(place)) : trace || options.rollUpEverywhere === true ? above : root,
        holds: fact ? key => commonFact(place, key) : common,
      });
      if (whole) withheld.add(holder);
      for (const [key, as] of becomes) put<Fate>(json.looks, place, key, as === undefined ? 1 : as === key ? 0 : as);
    }
  }
  for (const look of survey.looks) {
    const normals =
      json.looks[look.place]?.[look.key] === 0 ? [...look.normals].flatMap(([text, few]) => (few.enough ? [text] : [])).sort() : [];
    if (normals.length > 0) put(json.normals, look.place, look.key, normals);
  }
  json.withheld.push(...[...withheld].sort());
  return { json, hash: hashOf(json), report: report(survey, json, error) };
}

function byPlace(looks: readonly Look[]): Map<string, Look[]> {
  const places = new Map<string, Look[]>();
  for (const look of looks) {
    // Traits of persons have no place: they are counted for the report alone.
    if (look.place === '') continue;
    const at = places.get(look.place);
    if (at === undefined) places.set(look.place, [look]);
    else at.push(look);
  }
  return places;
}
