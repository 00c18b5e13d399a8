/**
 * Intake by an institution: everybody whom its request names must be a patient of its own, cleared by a notice, under exactly one number of its own.
 * Others who write (a tester) need no notice; objections bind them all the same.
 * @module
 */

import { type Named, type Names, namesOf, personsIn } from '../fhir/model/named.ts';
import { type Finding, Problem } from '../fhir/model/outcome.ts';
import type { PersonKey } from '../fhir/model/person.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { patientCompartment } from '../fhir/search/compartment.ts';
import type { Proposal } from '../fhir/store/gate.ts';
import type { ListCheck, ListEntry } from '../fhir/store/store.ts';
import { decide, type Question } from './decide.ts';
import { refuse } from './refusal.ts';
import type { Found, Resolver } from './resolve.ts';
import type { WaitRule } from './waiting-period.ts';

/** Whether each resource of a type is about a patient. R4: https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const isAboutPatient = (type: string): boolean => patientCompartment(type).length > 0;

/** Whether a resource must name a patient. A Binary may hold anything: it belongs to whom its securityContext says, and must say it. */
function mustName(resource: AnyResource): boolean {
  if (resource.resourceType !== 'Binary') return isAboutPatient(resource.resourceType);
  const { reference } = (resource['securityContext'] ?? {}) as { readonly reference?: unknown };
  const type = typeof reference === 'string' ? /^([A-Z][A-Za-z]+)\//.exec(reference)?.[1] : undefined;
  return type === undefined || isAboutPatient(type);
}

/** What institutions read of each other: whoever stands in it, all would learn of. */
const shared: ReadonlySet<string> = new Set(['Organization', 'Practitioner', 'PractitionerRole', 'Questionnaire']);

/** One person, and the places of the request that name him. */
export interface Subject {
  readonly names: Set<string>;
  readonly expressions: Set<string>;
  /** For an institution's own patient. */
  readonly number?: PersonKey;
  /** Of the records that name him; what is replaced counts where nothing else says it. */
  readonly birthDates: Set<string>;
}

/** What the request says about persons, place by place. */
export interface Mention {
  readonly expression: string;
  readonly type: string;
  /** Whether it is about a patient by what it is. */
  readonly mustName: boolean;
  readonly named: Named;
  /** What is stored now and will be replaced: judged as far as it can be resolved. */
  readonly before?: Named;
}

/** @param proposals without notices and objections (legal.ts), which are taken for patients of whom nothing else is here */
export const mentionsOf = (proposals: readonly Proposal[], names: Names): Mention[] =>
  proposals.flatMap(({ method, type, id, expression, resource, current }) =>
    method === 'delete' || resource === undefined
      ? []
      : [
          {
            expression,
            type,
            mustName: mustName(resource),
            named: personsIn(withId(resource, id), names),
            ...(current === undefined ? {} : { before: personsIn(withId(current, id), names) }),
          },
        ],
  );

const withId = (resource: AnyResource, id: string): AnyResource => (resource.id === id ? resource : { ...resource, id });

/** Patients that stand inside resources of the request. */
export const nestedIn = (mentions: readonly Mention[]): Found[] =>
  mentions.flatMap(({ named }) =>
    named.records.filter(one => !one.itself).map(({ keys, birthDate }) => ({ keys, ...(birthDate === undefined ? {} : { birthDate }) })),
  );

export interface Rules {
  readonly institution: string;
  /** Start of the institution's own person keys: number system and a bar. */
  readonly ownNumbers?: string;
  readonly purpose: 'intake' | 'care';
  readonly now: () => number;
  readonly waitDays: number;
  readonly waitRule?: WaitRule;
  /** Sources of notices that must be given anew. */
  readonly outdated?: ReadonlySet<string>;
  /** Number of a person whose age is known → sources of the notices that count for it. */
  readonly guarded?: ReadonlyMap<PersonKey, ReadonlySet<string>>;
  readonly timeZone: string;
  /** Names as lines on record have them. */
  readonly mark: (name: string) => string;
}

/** Subjects of an institution's request. Throws Problem with a finding for each place where a person cannot be made out. */
export async function institutionSubjects(mentions: readonly Mention[], resolver: Resolver, ownNumbers: string): Promise<Subject[]> {
  const findings: Finding[] = [];
  const byNumber = new Map<string, Subject>();
  const strangers = new Map<string, Subject>();
  for (const { expression, type, mustName: isNeeded, named, before } of mentions) {
    const add = (found: Found, name?: string, isReplaced = false): boolean => {
      const own = found.keys.filter(key => key.startsWith(ownNumbers));
      if (own.length !== 1) return false;
      const subject = into(byNumber, own[0]!, expression, own[0]!);
      for (const one of [...found.keys, ...(found.reference === undefined ? [] : [found.reference]), ...(name === undefined ? [] : [name])])
        subject.names.add(one);
      if (found.birthDate !== undefined && !(isReplaced && subject.birthDates.size > 0)) subject.birthDates.add(found.birthDate);
      return true;
    };
    const place = (found: readonly Found[], name?: string): void => {
      if (found.length === 0) findings.push(refuse('not-here', expression));
      else if (!found.map(one => add(one, name)).every(Boolean)) findings.push(refuse('no-number', expression));
    };
    for (const { keys, itself, names, birthDate } of named.records)
      place([{ keys, ...(itself ? { reference: names[0]! } : {}), ...(birthDate === undefined ? {} : { birthDate }) }]);
    for (const reference of named.references) place(await resolver.reference(reference), reference);
    for (const identified of named.identifiers) place(await resolver.identifier(identified));
    for (const element of named.unresolvable) findings.push(refuse('unresolvable', `${expression}.${element}`));
    let somebody = named.records.length + named.references.length + named.identifiers.length + named.unresolvable.length > 0;
    for (const identified of named.perhaps) {
      const found = await resolver.identifier(identified);
      if (found.length > 0) {
        place(found);
        somebody = true;
      } else into(strangers, identified.key, expression);
    }
    for (const key of named.others) into(strangers, key, expression);
    if (shared.has(type) && (somebody || named.others.length > 0)) findings.push(refuse('shared', expression));
    if (!somebody && isNeeded) findings.push(refuse('nobody', expression));
    if (before !== undefined) {
      for (const record of before.records) if (record.itself) add(record, undefined, true);
      // A Patient's references are its links: taking one off brings in nothing of the other.
      for (const reference of type === 'Patient' ? [] : before.references)
        for (const found of await resolver.reference(reference)) add(found, reference);
      for (const identified of before.identifiers) for (const found of await resolver.identifier(identified)) add(found);
    }
  }
  if (findings.length > 0) throw Problem.of(findings);
  return [...byNumber.values(), ...strangers.values()];
}

/** Subjects of a request by somebody who needs no notice: each name by itself, a Patient record with all its names. */
export function otherSubjects(mentions: readonly Mention[]): Subject[] {
  const subjects = new Map<string, Subject>();
  for (const { expression, named, before } of mentions) {
    for (const one of before === undefined ? [named] : [named, before]) {
      for (const record of one.records) {
        const names = [...(record.itself ? record.names : []), ...record.keys];
        if (names.length === 0) continue;
        const subject = into(subjects, names[0]!, expression);
        for (const name of names) subject.names.add(name);
      }
      for (const name of namesOf({ ...one, records: [] })) into(subjects, name, expression);
    }
  }
  return [...subjects.values()];
}

function into(subjects: Map<string, Subject>, name: string, expression: string, number?: PersonKey): Subject {
  let subject = subjects.get(name);
  if (subject === undefined) {
    subject = { names: new Set([name]), expressions: new Set(), birthDates: new Set(), ...(number === undefined ? {} : { number }) };
    subjects.set(name, subject);
  }
  subject.expressions.add(expression);
  return subject;
}

/**
 * The decisions as checks for the commit.
 * @param own lines that the same request makes: they count as if they were on record
 */
export const checksOf = (subjects: readonly Subject[], rules: Rules, own: readonly ListEntry[]): ListCheck[] =>
  subjects.map(subject => ({
    persons: [...subject.names],
    judge: lines => {
      const findings = judge(subject, lines, rules, own);
      if (findings.length > 0) throw Problem.of(findings);
    },
  }));

function judge(subject: Subject, lines: readonly ListEntry[], rules: Rules, own: readonly ListEntry[]): Finding[] {
  const names = new Set([...subject.names].map(rules.mark));
  const made = own
    .map(line => ({ ...line, persons: line.persons.map(rules.mark) }))
    .filter(line => line.persons.some(one => names.has(one)));
  // A line that this request replaces is judged by what it will say.
  const kept = lines.filter(line => !own.some(one => one.list === line.list && one.source === line.source));
  const guarded = subject.number === undefined ? undefined : rules.guarded?.get(subject.number);
  const question: Question = {
    // Somebody who is no patient of the institution by this name needs no notice under it, but may have objected.
    purpose: subject.number === undefined ? 'care' : rules.purpose,
    lines: [...kept, ...made],
    institution: rules.institution,
    now: rules.now(),
    waitDays: rules.waitDays,
    ...(rules.waitRule === undefined ? {} : { waitRule: rules.waitRule }),
    ...(rules.outdated === undefined ? {} : { outdated: rules.outdated }),
    ...(guarded === undefined ? {} : { guarded }),
    timeZone: rules.timeZone,
    ...(subject.number === undefined ? {} : { number: rules.mark(subject.number) }),
  };
  const decision = decide(question);
  return decision === 'clear' ? [] : [...subject.expressions].map(expression => refuse(decision, expression));
}
