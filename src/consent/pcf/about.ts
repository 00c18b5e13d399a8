/**
 * Which data a rule means: by date, by what they are or belong to, by who wrote them. Each question has three answers; what is not known is said to be so.
 * IHE PCF: https://profiles.ihe.net/ITI/PCF/content.html#intermediate; R4: https://hl7.org/fhir/R4/valueset-consent-data-meaning.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { elementsOf } from '../../fhir/search/elements.ts';
import { createExtractor } from '../../fhir/search/extract.ts';
import { searchParameters } from '../../fhir/search/parameters.ts';
import type { DateValue } from '../../fhir/search/values.ts';
import { type Reading, referenceOf } from './read.ts';
import { type Data, type Period, spanOf } from './rule.ts';

/** partly: yes for one of its dates, no for another. */
export type Answer = 'yes' | 'no' | 'partly' | 'unknown';

export interface Seeing extends Reading {
  /** A resource that another one refers to: an Encounter's plan and episode, a PractitionerRole's practitioner. Undefined: not to be had. */
  readonly see?: (reference: string) => AnyResource | undefined;
}

/** Dates that say nothing of when data arose. */
const notClinical: ReadonlySet<string> = new Set(['_lastUpdated', 'birthdate', 'death-date', 'value-date', 'expiration-date']);

/** Whether a resource's dates lie in a period; of a type that has none (a Patient, a Location) it is `no`. */
export function inPeriod(resource: AnyResource, period: Period, { timeZone, base = '' }: Seeing): Answer {
  const span = spanOf(period, timeZone);
  if (span === undefined) return 'unknown';
  const codes = [...searchParameters(resource.resourceType).values()].filter(one => one.type === 'date' && !notClinical.has(one.code));
  if (codes.length === 0) return 'no';
  const values = createExtractor({ base, timeZone })(resource);
  const dates = codes.flatMap(({ code }) => (values[code] ?? []) as readonly DateValue[]);
  if (dates.length === 0) return 'unknown';
  if (dates.every(([low, high]) => span.from <= low && high <= span.until)) return 'yes';
  return dates.some(([low, high]) => low <= span.until && span.from <= high) ? 'partly' : 'no';
}

export function isData(resource: AnyResource, { meaning, reference }: Data, seeing: Seeing): Answer {
  const itself = `${resource.resourceType}/${resource.id}` === reference;
  if (meaning === 'authoredby') return authoredBy(resource, reference, seeing);
  if (meaning === 'instance' || itself) return itself ? 'yes' : 'no';
  return relatedTo(resource, reference, seeing);
}

/** References in a node at any depth; undefined stands for one that is no literal. */
function referencesIn(node: unknown, at: Reading): (string | undefined)[] {
  if (node === null || typeof node !== 'object') return [];
  if (Array.isArray(node)) return node.flatMap(one => referencesIn(one, at));
  const { reference, identifier, display } = node as Json;
  if (typeof reference === 'string') return [referenceOf(node, at)];
  // A person or an encounter that is named without a reference.
  const named = (typeof identifier === 'object' && !Array.isArray(identifier) && identifier !== null) || typeof display === 'string';
  const inner = Object.values(node).flatMap(child => referencesIn(child, at));
  return named && inner.length === 0 && !('code' in node) ? [undefined] : inner;
}

/** It refers to the encounter, plan or episode, or its encounter does. */
function relatedTo(resource: AnyResource, target: string, seeing: Seeing): Answer {
  if (referencesIn(resource, seeing).includes(target)) return 'yes';
  const visits = ['encounter', 'context'].flatMap(name => referencesIn(resource[name], seeing));
  if (visits.includes(undefined)) return 'unknown';
  if (target.startsWith('Encounter/')) return 'no';
  let answer: Answer = 'no';
  for (const visit of visits) {
    const encounter = visit?.startsWith('Encounter/') ? seeing.see?.(visit) : undefined;
    if (encounter === undefined) answer = 'unknown';
    else if (referencesIn(encounter, seeing).includes(target)) return 'yes';
  }
  return answer;
}

/** Elements that say who wrote a resource or answers for it. */
const authorship = 'author recorder asserter performer requester enterer assessor agent'.split(' ');

function authoredBy(resource: AnyResource, author: string, seeing: Seeing): Answer {
  const elements = authorship.filter(name => elementsOf(resource.resourceType, name).length > 0);
  if (elements.length === 0) return 'no';
  const authors = elements.flatMap(name => referencesIn(resource[name], seeing));
  if (authors.includes(author)) return 'yes';
  let answer: Answer = authors.length === 0 || authors.includes(undefined) ? 'unknown' : 'no';
  for (const one of authors) {
    if (!one?.startsWith('PractitionerRole/')) {
      // Who is in a team is not looked up.
      if (/^(CareTeam|Group)\//.test(one ?? '')) answer = 'unknown';
      continue;
    }
    const role = seeing.see?.(one);
    if (role === undefined) answer = 'unknown';
    else if ([role['practitioner'], role['organization']].some(who => referenceOf(who, seeing) === author)) return 'yes';
  }
  return answer;
}
