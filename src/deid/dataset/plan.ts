/**
 * From the survey to the plan: what becomes of each look, between which bounds each measured value leaves. The plan is JSON, the same for the same persons in whatever order and however many workers
 * they came, and its hash says which it was. It names rare codes (of nobody): it is for the operator, not for the recipient.
 * @module
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../compile.ts';
import { type HierarchyOf, hierarchyOf } from '../hierarchy/index.ts';
import { PolicyError } from '../policy.ts';
import { Few } from './few.ts';
import { keyOfCode } from './keys.ts';
import { Measured, type Percentiles } from './measured.ts';
import { type Report, report } from './report.ts';
import { roll } from './roll.ts';
import type { Look, Survey } from './survey.ts';

/** What becomes of a look: it stays; it goes, and `masked` stands where it leaves a trace; what holds it does not leave; the key of the code that it leaves as. */
export type Fate = typeof stays | typeof goes | typeof withheld | string;
export const stays = 0;
export const goes = 1;
export const withheld = 2;

export interface Limits {
  /** At and below it the value leaves as `<=` it. */
  readonly low?: number;
  readonly high?: number;
  /** false: no value without a comparator leaves. */
  readonly plain?: false;
  /** Values that came with a comparator and are shared by k persons: `<0.3`. */
  readonly shared?: readonly string[];
}

type ByKey<T> = Record<string, T>;

export interface PlanJson {
  readonly version: 1;
  readonly k: number;
  readonly percentiles: Percentiles;
  /** Place → key of the code it is a value of, as that leaves (empty: it stands for itself) → key → fate. */
  readonly looks: ByKey<ByKey<ByKey<Fate>>>;
  /** Place → key of the code, as it leaves → unit → limits. */
  readonly limits: ByKey<ByKey<ByKey<Limits>>>;
  /** Place → key of the code, as it leaves → what becomes of a value that goes there. */
  readonly traces: ByKey<ByKey<typeof goes | typeof withheld>>;
  /** Place of a code → its key → reference ranges that leave. */
  readonly normals: ByKey<ByKey<readonly string[]>>;
}

export interface PlanOptions {
  /** Beyond which the bound stands in the value's place; 0.5 and 99.5 unless told. */
  readonly percentiles?: Percentiles;
  /** Built in ones unless told. */
  readonly hierarchy?: HierarchyOf;
  /** Patients of codes in a population (a national list). A code with fewer than k there is rare, however many persons of the set have it. */
  readonly population?: readonly { readonly system: string; readonly code: string; readonly patients: number }[];
}

export interface Plan {
  readonly json: PlanJson;
  /** SHA-256 (hex) of the plan in canonical JSON. */
  readonly hash: string;
  readonly report: Report;
}

/** SHA-256 (hex) of a plan. */
export const hashOf = (json: PlanJson): string => createHash('sha256').update(canonicalJson(json)).digest('hex');

function checked({ low, high }: Percentiles): Percentiles {
  if (!(low >= 0 && low < 50 && high > 50 && high <= 100))
    throw new PolicyError('percentiles', 'the lower one lies from 0 to below 50, the upper one above 50 up to 100');
  return { low, high };
}

const entry = <T>(table: ByKey<ByKey<T>>, place: string, key: string, fresh: () => T): T => ((table[place] ??= {})[key] ??= fresh());

interface Group {
  readonly place: string;
  readonly owner: string;
  readonly looks: Look[];
}

/** Looks by place and, for values, the code they are values of as that leaves. */
function grouped(looks: readonly Look[], ownerOf: (look: Look) => string | undefined): Group[] {
  const groups = new Map<string, Group>();
  for (const look of looks) {
    const owner = ownerOf(look);
    if (owner === undefined) continue;
    const key = `${look.place}\n\n${owner}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { place: look.place, owner, looks: [look] });
    else group.looks.push(look);
  }
  return [...groups.values()];
}

/** @throws PolicyError for percentiles that are none */
export function plan(survey: Survey, options: PlanOptions = {}): Plan {
  const { k } = survey;
  const percentiles = checked(options.percentiles ?? { low: 0.5, high: 99.5 });
  const rolling = {
    k,
    hierarchy: options.hierarchy ?? hierarchyOf,
    population: new Map((options.population ?? []).map(row => [keyOfCode(row), row.patients] as const)),
  };
  const json: PlanJson = { version: 1, k, percentiles, looks: {}, limits: {}, traces: {}, normals: {} };
  const traces = new Map<string, { readonly place: string; readonly owner: string; readonly few: Few }>();
  const trace = (place: string, owner: string): Few => {
    const key = `${place}\n\n${owner}`;
    let one = traces.get(key);
    if (one === undefined) traces.set(key, (one = { place, owner, few: new Few() }));
    return one.few;
  };
  /** What a look leaves as; undefined: it goes. */
  const leavesAs = new Map<Look, string | undefined>();

  const decide = ({ place, owner, looks }: Group): void => {
    const { becomes, out } = roll(looks, rolling);
    const fates = entry<ByKey<Fate>>(json.looks, place, owner, () => ({}));
    for (const [key, as] of becomes) fates[key] = as === undefined ? goes : as === key ? stays : as;
    for (const look of looks) leavesAs.set(look, becomes.get(look.key));
    if (looks.some(look => look.trace) && [...becomes.values()].includes(undefined)) trace(place, owner).union(out, k);
  };
  const counted = survey.looks.filter(look => look.place !== '' && look.key !== '');
  for (const group of grouped(counted, look => (look.owner === undefined ? '' : undefined))) decide(group);
  /** Of something that is measured: its code as it leaves; undefined: no value of it does. */
  const ownerOf = (look: Look | undefined): string | undefined => (look === undefined || look.key === '' ? '' : leavesAs.get(look));
  for (const group of grouped(counted, look => (look.owner === undefined ? undefined : ownerOf(look.owner)))) decide(group);

  const measured = new Map<string, { place: string; owner: string; unit: string; trace: boolean; measured: Measured }>();
  for (const look of survey.looks) {
    const owner = ownerOf(look);
    if (owner === undefined) continue;
    for (const thing of look.measured.values()) {
      const key = `${thing.place}\n\n${owner}\n\n${thing.unit}`;
      const known = measured.get(key);
      if (known === undefined)
        measured.set(key, { place: thing.place, owner, unit: thing.unit, trace: thing.trace, measured: copy(thing.measured, k) });
      else known.measured.merge(thing.measured, k);
    }
    if (look.key === '' || owner === look.key) {
      const shared = [...look.normals].flatMap(([text, few]) => (few.enough ? [text] : [])).sort();
      if (shared.length > 0) entry(json.normals, look.place, look.key, () => shared);
    }
  }
  let error = 0;
  for (const one of measured.values()) {
    const bounds = one.measured.bounds(k, percentiles);
    error = Math.max(error, one.measured.error);
    const shared = one.measured.shared();
    entry<ByKey<Limits>>(json.limits, one.place, one.owner, () => ({}))[one.unit] = {
      ...bounds,
      ...(bounds === undefined ? { plain: false } : {}),
      ...(shared.length > 0 ? { shared } : {}),
    };
    if (!one.trace) continue;
    const few = trace(one.place, one.owner);
    if (bounds === undefined) few.union(one.measured.plain, k);
    // A number without a unit cannot have a comparator: beyond its bounds it goes, and k persons or more are there.
    else if (one.unit === '' && (bounds.low !== undefined || bounds.high !== undefined)) few.fill();
    for (const left of one.measured.unshared(bounds ?? {})) few.union(left, k);
    few.union(one.measured.other, k);
  }
  for (const { place, owner, few } of traces.values()) entry(json.traces, place, owner, () => (few.enough ? goes : withheld));
  return { json, hash: hashOf(json), report: report(survey, json, look => leavesAs.get(look) === look.key, error) };
}

function copy(measured: Measured, k: number): Measured {
  const out = new Measured();
  out.merge(measured, k);
  return out;
}
