/**
 * How somebody tries to join two data sets of the same persons: by what of each person he compares, and how often he is right.
 * Whoever guesses is right about one person, however many there are: the mean of right guesses is 1 for any way of pairing, and their spread about that of Poisson's law.
 * @module
 */
import { readDate } from '../../src/deid/calendar.ts';
import type { AnyResource } from '../../src/fhir/model/r4.ts';

/** A resource as it stands in a data set. */
export interface Placed {
  readonly resource: AnyResource;
  /** Its place, from 0. */
  readonly at: number;
}
/** What a data set has of one person, kind by kind: everybody has the same kinds. */
export type Dossier = readonly Placed[];

/** Pseudonym of the person whom a resource of a data set is about. */
export const patientOf = (resource: AnyResource): string =>
  resource.resourceType === 'Patient' ? resource.id! : (resource['subject'] as { reference: string }).reference.slice('Patient/'.length);

/** Right guesses that chance gives now and then: the mean and five standard deviations. */
export const byChance = 1 + 5;

/** What tells kinds apart that everybody has one of. */
const kindOf = ({ resourceType, ...rest }: AnyResource): string =>
  `${resourceType} ${(rest as { code?: { coding?: { code?: string }[] } }).code?.coding?.[0]?.code ?? ''}`;

/** @param whose number of the person, from 0 */
export function dossiers(resources: readonly AnyResource[], whose: (resource: AnyResource) => number): Dossier[] {
  const found: Placed[][] = [];
  for (const [at, resource] of resources.entries()) (found[whose(resource)] ??= []).push({ resource, at });
  return found.map(one => one.sort((a, b) => (kindOf(a.resource) < kindOf(b.resource) ? -1 : 1)));
}

const known = new WeakMap<object, readonly string[]>();

/** Texts and numbers of a resource, in the order of their paths. */
function leaves(resource: AnyResource): readonly string[] {
  const found: [path: string, value: string][] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) found.push([path, String(value)]);
    else for (const [name, inner] of Object.entries(value)) walk(inner, `${path}.${name}`);
  };
  let values = known.get(resource);
  if (values === undefined) {
    walk(resource, '');
    values = found.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
    known.set(resource, values);
  }
  return values;
}
/** The same with the order of its elements, and without any value. */
const shape = (value: unknown): string =>
  typeof value !== 'object' || value === null
    ? ''
    : `(${Object.entries(value)
        .map(([name, inner]) => `${Array.isArray(value) ? '' : name}${shape(inner)}`)
        .join()})`;

const each = (dossier: Dossier, of: (placed: Placed) => number | readonly number[]): number[] => dossier.flatMap(of);
const bytesOf = ({ resource }: Placed): number => Buffer.byteLength(JSON.stringify(resource));
const days = ({ resource }: Placed): number[] => leaves(resource).flatMap(value => readDate(value)?.first ?? []);
const places = (dossier: Dossier): number[] => each(dossier, ({ at }) => at);
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** Numbers of a person; the person in the other data set whose numbers are nearest is taken for the same. */
export const nearest: Readonly<Record<string, (dossier: Dossier) => number[]>> = {
  'all dates': dossier => each(dossier, days),
  'month of birth': dossier => each(dossier, placed => (placed.resource.resourceType === 'Patient' ? days(placed) : [])),
  'places in the order of entries': places,
  'place of the Patient': dossier => places(dossier.filter(({ resource }) => resource.resourceType === 'Patient')),
  'order of the own resources': dossier => places(dossier).map((at, _, all) => all.filter(other => other < at).length),
  'distances between the own resources': dossier => places(dossier).map((at, i, all) => at - all[(i + 1) % all.length]!),
  'bytes of each resource': dossier => each(dossier, bytesOf),
  'bytes of all resources': dossier => [sum(each(dossier, bytesOf))],
  'length of each text': dossier => each(dossier, ({ resource }) => leaves(resource).map(value => value.length)),
  'number of texts in each resource': dossier => each(dossier, ({ resource }) => leaves(resource).length),
};

/** Texts of a person; who shares most of them, rare ones above all, is taken for the same. */
export const shared: Readonly<Record<string, (dossier: Dossier) => string[]>> = {
  'any value: id, reference, date, text, hash': dossier => dossier.flatMap(({ resource }) => leaves(resource)),
  'elements, and their order': dossier => dossier.map(({ resource }, i) => `${i} ${shape(resource)}`),
};

/** The guess about person i is right if nobody is nearer than person i; of those who are equally near one is drawn. @param from how far each person of the other data set is */
function right(i: number, from: readonly number[]): number {
  const own = from[i]!;
  let alike = 0;
  for (const one of from) {
    if (one < own) return 0;
    if (one === own) alike++;
  }
  return 1 / alike;
}

/** How far two persons are, or more than `enough`. */
function distance(one: readonly number[], other: readonly number[], enough: number): number {
  let far = 0;
  for (let at = 0; at < one.length && far <= enough; at++) {
    const step = one[at]! - (other[at] ?? 0);
    far += step < 0 ? -step : step;
  }
  return far;
}

/** How many of the persons are found by what is nearest. Person i of one is person i of the other. */
export function foundByNearest(one: readonly (readonly number[])[], other: readonly (readonly number[])[]): number {
  return sum(
    one.map((numbers, i) => {
      const own = distance(numbers, other[i]!, Number.POSITIVE_INFINITY);
      return right(
        i,
        other.map(far => distance(numbers, far, own)),
      );
    }),
  );
}

export function foundByShared(one: readonly (readonly string[])[], other: readonly (readonly string[])[]): number {
  const having = new Map<string, number[]>();
  for (const [i, texts] of other.entries()) for (const text of new Set(texts)) having.set(text, [...(having.get(text) ?? []), i]);
  return sum(
    one.map((texts, i) => {
      const from = new Array<number>(other.length).fill(0);
      for (const text of new Set(texts)) {
        const who = having.get(text) ?? [];
        if (who.length < other.length) for (const j of who) from[j]! -= 1 / who.length;
      }
      return right(i, from);
    }),
  );
}

/** Correlation of ranks (Spearman): 0 where two orders have nothing in common, with a standard deviation of 1/√n; those who are alike have the mean of their ranks. */
export function rankCorrelation(one: readonly number[], other: readonly number[]): number {
  const ranks = (list: readonly number[]): number[] => {
    const sorted = list.toSorted((a, b) => a - b);
    return list.map(value => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 - (list.length - 1) / 2);
  };
  const [a, b] = [ranks(one), ranks(other)];
  const spread = Math.sqrt(sum(a.map(x => x * x)) * sum(b.map(x => x * x)));
  return spread === 0 ? 0 : sum(a.map((x, i) => x * b[i]!)) / spread;
}
