/**
 * What a researcher's query may ask: nothing that identifies, nothing finer than a year, nothing that a data set would not tell. Whatever is not listed is refused, before the store is asked.
 * @module
 */
import { isAgeCode } from '../deid/age-value.ts';
import { yearsIn } from '../deid/methods/age-top-code.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { Component, Predicate, Ranged, SearchQuery, TokenTest } from '../fhir/search/query.ts';
import type { Asks } from './asks.ts';

/** Patient's own parameters. */
const ofPatient: ReadonlySet<string> = new Set(['gender', 'birthdate', 'deceased', 'address-state']);

/** Parameters of clinical types, whatever the type: codes, categories, classes, statuses, values, and dates by year. */
const ofClinical: ReadonlySet<string> = new Set([
  ...[
    'code',
    'category',
    'class',
    'status',
    'clinical-status',
    'verification-status',
    'lifecycle-status',
    'vaccine-code',
    'modality',
    'ingredient-code',
  ],
  ...['value-quantity', 'value-concept', 'component-code', 'component-value-quantity', 'component-value-concept'],
  ...['combo-code', 'combo-value-quantity', 'combo-value-concept', 'code-value-quantity', 'code-value-concept'],
  ...['component-code-value-quantity', 'component-code-value-concept', 'combo-code-value-quantity', 'combo-code-value-concept'],
  ...[
    'date',
    'onset-date',
    'abatement-date',
    'recorded-date',
    'authoredon',
    'effective',
    'effective-time',
    'occurrence',
    'performed',
    'whenhandedover',
    'started',
    'issued',
    'collected',
  ],
]);

/** References that a chain or `_has` may follow. */
const followed: ReadonlySet<string> = new Set([
  'patient',
  'subject',
  'encounter',
  'context',
  'medication',
  'specimen',
  'result',
  'condition',
  'based-on',
  'part-of',
]);

const day = 86_400_000;
const years: ReadonlySet<number> = new Set([365, 366]);

/** A date of the query means a whole year. */
const byYear = (range: Ranged): boolean => range.prefix !== 'ap' && years.has(Math.round((range.high - range.low) / day));

/** Year that begins at an instant near to this one, whatever the time zone. */
const yearAt = (ms: number): number => new Date(ms + 15 * day).getUTCFullYear();

/** Years at whose beginning the test changes its answer. */
function borders({ prefix, low, high }: Ranged): number[] {
  if (prefix === 'ge' || prefix === 'lt' || prefix === 'eb') return [yearAt(low)];
  if (prefix === 'gt' || prefix === 'le' || prefix === 'sa') return [yearAt(high)];
  return [yearAt(low), yearAt(high)];
}

/** A ten-digit number of an institution (or any other) in the place of a code. */
const number = /^\d{10,11}$/;

function refuse(text: string): never {
  throw new Problem('invalid-parameter', text);
}

/**
 * @param today day number
 * @throws Problem `invalid-parameter`, naming the parameter, never its value
 */
export function allowed(query: SearchQuery, asks: Asks, today: number): SearchQuery {
  if (query.type !== 'Patient') refuse('A cohort is a search for Patient.');
  if (query.sort.length + query.include.length + query.revinclude.length + query.elements.length > 0)
    refuse('A cohort takes no parameters that shape a result.');
  for (const predicate of query.where) check(predicate, 'Patient', asks, today);
  return query;
}

/** @param behind how it was come to: behind `_has` one chain may follow, behind a chain nothing */
function check(predicate: Predicate, type: string, asks: Asks, today: number, behind?: 'has' | 'chain'): void {
  const { clinical } = asks;
  if (type !== 'Patient' && !clinical.has(type)) refuse(`A cohort may not ask about ${type}.`);
  if (predicate.kind === 'id') refuse('A cohort may not ask by _id.');
  if (predicate.kind === 'lastUpdated') refuse('A cohort may not ask by _lastUpdated.');
  if (!('code' in predicate)) refuse('A cohort may not ask by _filter, _text or _content, nor for what is always so.');
  const { code } = predicate;
  if ((behind !== undefined && predicate.kind === 'has') || (behind === 'chain' && predicate.kind === 'chain'))
    refuse('A cohort may follow a reference to a Patient, and one more from there.');
  if (predicate.kind === 'has') {
    if (!followed.has(code)) refuse(`A cohort may not follow ${predicate.type}.${code}.`);
    check(predicate.where, predicate.type, asks, today, 'has');
    return;
  }
  if (predicate.kind === 'chain') {
    if (type === 'Patient' || !followed.has(code)) refuse(`A cohort may not follow ${type}.${code}.`);
    // A subject may be several things; what is asked of them must be fit for each that a release knows.
    const met = predicate.alternatives.filter(one => one.type === 'Patient' || clinical.has(one.type));
    if (met.length === 0 || met.length < predicate.alternatives.length)
      refuse(`A cohort may follow ${type}.${code} only to a type that a release knows.`);
    for (const one of met) check(one.where, one.type, asks, today, 'chain');
    return;
  }
  if (!(type === 'Patient' ? ofPatient : ofClinical).has(code)) refuse(`A cohort may not ask by ${type}.${code}.`);
  if (predicate.kind === 'missing') return;
  if (predicate.kind === 'date') {
    if (!predicate.values.every(byYear)) refuse(`A cohort may ask by ${type}.${code} only in whole years.`);
    // Earlier borders would tell the years of birth of those whom a release pools as 90 and older, or, by what was before, that somebody is much older.
    const first = type === 'Patient' ? asks.firstYear(today) : asks.firstEvents(today);
    if (predicate.values.flatMap(borders).some(year => year < first))
      refuse(`A cohort may ask by ${type}.${code} only in years by which nobody of ${asks.pooledFrom} or older is told from another.`);
  } else if (predicate.kind === 'string') {
    if (type !== 'Patient' || code !== 'address-state' || predicate.match === 'contains' || !predicate.values.every(asks.isState))
      refuse(`A cohort may ask by the text of ${type}.${code} only for a prefecture.`);
  } else if (predicate.kind === 'token') {
    if (!predicate.values.every(one => isKnown(one, asks)))
      refuse(`A cohort may ask by ${type}.${code} only for codes that a release knows.`);
  } else if (predicate.kind === 'quantity') {
    if (!predicate.values.every(one => isKnownUnit(one, asks)))
      refuse(`A cohort may ask by ${type}.${code} only in units that a release knows.`);
    if (predicate.values.some(one => isHighAge(one, asks))) refuse(`A cohort may not ask by ${type}.${code} for such an age.`);
  } else if (predicate.kind === 'composite') {
    if (!predicate.values.every(parts => parts.every(part => plain(part, asks)) && !isHighAgeByCode(parts, asks)))
      refuse(`A cohort may not ask by ${type}.${code} like this.`);
  } else if (predicate.kind !== 'number') refuse(`A cohort may not ask by ${type}.${code}.`);
}

/** A hospital's own systems would tell where somebody was. */
function isKnown({ system, code }: TokenTest, { known }: Asks): boolean {
  if (system === null || (code !== undefined && number.test(code) && (system === undefined || !known(system, code)))) return false;
  return system === undefined || known(system, code);
}

type Measured = Ranged & { readonly unitOrCode?: string; readonly system?: string | null };

/** So would its own units. */
const isKnownUnit = ({ unitOrCode, system }: Measured, { knownUnit }: Asks): boolean =>
  unitOrCode === undefined ? system === undefined : system !== null && knownUnit(unitOrCode, system);

/** More than the greatest age that may be asked for. */
function isHighAge({ value, unitOrCode }: Measured, { mostAge }: Asks): boolean {
  const age = unitOrCode === undefined ? undefined : yearsIn(value, unitOrCode);
  return age !== undefined && age > mostAge;
}

/** The same of an age by its code. */
const isHighAgeByCode = (parts: readonly Component[], { mostAge }: Asks): boolean =>
  parts.some(part => part.kind === 'token' && isAgeCode(part.test.code)) &&
  parts.some(part => part.kind === 'quantity' && part.test.unitOrCode === undefined && part.test.value > mostAge);

const plain = (part: Component, asks: Asks): boolean =>
  part.kind === 'number' ||
  (part.kind === 'token' && isKnown(part.test, asks)) ||
  (part.kind === 'quantity' && isKnownUnit(part.test, asks) && !isHighAge(part.test, asks));
