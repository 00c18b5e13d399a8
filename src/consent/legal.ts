/**
 * Notices and objections among the writes of a request → lines for the lists. An objection stands from its commit on; only the side that made it ends it,
 * by an update to inactive; nobody turns it on another patient, changes what it covers, or deletes it.
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import type { Access } from '../fhir/model/access.ts';
import { type Finding, Problem } from '../fhir/model/outcome.ts';
import { type PersonKey, personKey } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Proposal } from '../fhir/store/gate.ts';
import type { ListEntry, Store } from '../fhir/store/store.ts';
import { isNotice, readNotice } from './notice.ts';
import { mayUse, noticeTexts } from './notice-text.ts';
import { isObjection, plain, readObjection, sameObjection } from './objection.ts';
import { refuse } from './refusal.ts';
import { textNamed } from './renotice.ts';
import type { Found, Resolver } from './resolve.ts';

export interface Institution {
  /** System of its patient numbers. */
  readonly numberSystem: string;
  /** 10 digits. */
  readonly code: string;
}

export interface Desk {
  readonly access: Access;
  readonly store: Store;
  readonly resolver: Resolver;
  readonly now: number;
  readonly timeZone: string;
  readonly base?: string;
  readonly institutions: (sender: string) => Institution | undefined;
  /** A notice must name the version of its text. */
  readonly noticeVersionRequired?: boolean;
}

/** Whether a write is the business of this page: it is, was, or becomes a notice or an objection. */
export const isLegal = ({ resource, current }: Proposal): boolean => [resource, current].some(one => isNotice(one) || isObjection(one));

/** A tester's notice is an ordinary resource: it clears nobody. */
const givesNotices = ({ agent }: Access): boolean => agent.role === 'institution' || agent.role === 'operator';

/** Whether what is to be stored is a notice or an objection itself: all else is data, also where it takes the place of a notice. */
export const isDocument = ({ resource }: Proposal, access: Access): boolean =>
  isObjection(resource) || (isNotice(resource) && givesNotices(access));

/** Institution whose numbers stand in a notice or objection: who gives the notice, else who sends. */
export const sideOf = (
  { resource }: Proposal,
  { access, institutions }: Pick<Desk, 'access' | 'institutions'>,
): Institution | undefined => {
  const giver = isNotice(resource) ? ((resource!['sender'] ?? {}) as Json)['reference'] : undefined;
  return institutions(typeof giver === 'string' ? giver : access.agent.sender);
};

/** Throws Problem. */
export async function linesOf(proposal: Proposal, desk: Desk): Promise<ListEntry[]> {
  const { resource, current } = proposal;
  if (proposal.type === 'Consent') return objectionLines(proposal, desk);
  if (
    givesNotices(desk.access) &&
    resource !== undefined &&
    isNotice(resource) &&
    !(current !== undefined && resource['status'] === 'entered-in-error')
  ) {
    return [await noticeLine(proposal, resource, desk)];
  }
  // Taken back: deleted, entered in error, turned into something else, changed by somebody who gives no notices.
  const giver = String(((current?.['sender'] ?? {}) as Json)['reference'] ?? '');
  const lines = isNotice(current) ? await onRecord(current!, 'subject', desk, giver) : [];
  return lines.filter(one => one.list === 'notice' && one.source === sourceOf(proposal)).map(line => ({ ...line, until: desk.now }));
}

const sourceOf = ({ type, id }: Proposal): string => `${type}/${id}`;

/** Start of an institution's own person keys. */
export const ownNumbersOf = ({ numberSystem, code }: Institution): string =>
  personKey({ system: numberSystem, value: '0' }, code)!.slice(0, -1);

async function noticeLine(proposal: Proposal, resource: AnyResource, desk: Desk): Promise<ListEntry> {
  const { access } = desk;
  const { expression } = proposal;
  const notice = readNotice(resource, { expression, now: desk.now, timeZone: desk.timeZone });
  if (!('sent' in notice)) throw Problem.of(notice);
  // Data may have come in under it: what it said must stay provable.
  const { current } = proposal;
  if (isNotice(current) && current!['status'] === 'completed')
    for (const element of ['sent', 'subject', 'sender'])
      if (!isDeepStrictEqual(plain(current![element]), plain(resource[element])))
        throw new Problem(
          'conflict',
          'The day, the patient and the giver of a notice do not change; it is taken back, and another one given.',
          {
            expression: `${expression}.${element}`,
          },
        );
  if (access.agent.role === 'institution' && notice.sender !== access.agent.sender) {
    throw new Problem('business-rule', 'An institution gives notices in its own name only.', { expression: `${expression}.sender` });
  }
  const institution = desk.institutions(notice.sender);
  if (institution === undefined) throw Problem.of([refuse('unknown-institution', `${expression}.sender`)]);
  await checkText(resource, notice.sender, expression, desk);
  const own = ownNumbersOf(institution);
  const persons = await personOf(notice.subject, `${expression}.subject`, desk, institution.code);
  const numbers = persons.filter(one => one.startsWith(own));
  if (numbers.length !== 1) {
    throw new Problem('business-rule', 'The subject of a notice has one patient number of the institution that gives it.', {
      expression: `${expression}.subject`,
    });
  }
  return { list: 'notice', source: sourceOf(proposal), persons, sender: notice.sender, from: notice.sent };
}

/** The version of the text that a notice names is on record, and this institution's to use. */
async function checkText(resource: AnyResource, sender: string, expression: string, desk: Desk): Promise<void> {
  const named = resource['instantiatesCanonical'];
  const at = { expression: `${expression}.instantiatesCanonical` };
  if (named === undefined) {
    if (desk.noticeVersionRequired !== true) return;
    throw new Problem('business-rule', 'A notice names the version of its text: url and version of a Questionnaire.', at);
  }
  const canonical = Array.isArray(named) && named.length === 1 ? textNamed(resource) : undefined;
  const known = canonical === undefined ? [] : await noticeTexts(desk.store, canonical.split('|')[0]);
  if (!known.some(text => text.canonical === canonical && mayUse(text, sender)))
    throw new Problem('business-rule', 'A notice names one text, in a version that is on record here.', at);
}

/** References and keys of one person as an element names him. Throws Problem where it leads to nobody, or to two. */
async function personOf(reference: Json, expression: string, desk: Desk, institution: string | undefined): Promise<(string | PersonKey)[]> {
  const { store } = desk;
  const text = reference['reference'];
  const key = reference['identifier'] === undefined ? undefined : personKey(reference['identifier'], institution);
  const findings: Finding[] = [];
  const type = reference['type'];
  if (type !== undefined && type !== 'Patient') findings.push(refuse('unresolvable', `${expression}.type`));
  if (reference['identifier'] !== undefined && key === undefined) findings.push(refuse('unresolvable', `${expression}.identifier`));
  let found: Found | undefined;
  if (text !== undefined) {
    const target = literal(String(text), desk.base);
    if (target?.type !== 'Patient') findings.push(refuse('unresolvable', `${expression}.reference`));
    else {
      [found] = await desk.resolver.reference(`Patient/${target.id}`);
      found ??= await erasedPatient(`Patient/${target.id}`, desk);
      if (found === undefined) findings.push(refuse('not-here', `${expression}.reference`));
      else if (key !== undefined && !found.keys.map(store.mark).includes(store.mark(key)))
        findings.push(refuse('unresolvable', `${expression}.identifier`));
    }
  }
  if (findings.length > 0) throw Problem.of(findings);
  return [
    ...new Set([...(found?.reference === undefined ? [] : [found.reference]), ...(found?.keys ?? []), ...(key === undefined ? [] : [key])]),
  ];
}

/**
 * A record that was erased is still known by the lines about it, to those who may object for it all the same: the patient's own app, and the operator with a letter in his hand.
 * Its keys are marked ones.
 */
async function erasedPatient(reference: string, { access, store }: Desk): Promise<Found | undefined> {
  const { role, patient } = access.agent;
  if (!(role === 'operator' || (role === 'patient' && patient === reference))) return undefined;
  const names = await namesOnRecord(reference, store);
  return names.length === 0 ? undefined : { reference, keys: names.filter(name => name !== reference) };
}

/** Every name of a person on whom there is a line; empty: there is none. */
export const namesOnRecord = async (reference: string, store: Store): Promise<string[]> => [
  ...new Set((await store.lines([reference])).flatMap(line => line.persons)),
];

/** Lines about whom a stored resource names; `side` is the institution whose numbers stand in it. */
async function onRecord(resource: AnyResource, element: string, desk: Desk, side: string): Promise<readonly ListEntry[]> {
  const reference = (resource[element] ?? {}) as Json;
  const target = literal(String(reference['reference'] ?? ''), desk.base);
  const key = personKey(reference['identifier'], desk.institutions(side)?.code);
  return desk.store.lines([...(target === undefined ? [] : [`${target.type}/${target.id}`]), ...(key === undefined ? [] : [key])]);
}

async function objectionLines(proposal: Proposal, desk: Desk): Promise<ListEntry[]> {
  const { method, resource, current, expression } = proposal;
  if (isObjection(current)) return [await changedObjection(proposal, current!, desk)];
  if (method === 'delete' || resource === undefined) return [];
  const objection = readObjection(resource, { expression, timeZone: desk.timeZone });
  if (!('status' in objection)) throw Problem.of(objection);
  if (objection.status !== 'active')
    throw new Problem('business-rule', 'An objection is active when it is made.', { expression: `${expression}.status` });
  if (objection.sender !== undefined && desk.institutions(objection.sender) === undefined) {
    throw new Problem('business-rule', 'The actor of an objection is an institution known here.', {
      expression: `${expression}.provision.actor`,
    });
  }
  const { agent } = desk.access;
  const institution = agent.role === 'institution' ? desk.institutions(agent.sender) : undefined;
  if (agent.role === 'institution' && institution === undefined) throw Problem.of([refuse('unknown-institution', expression)]);
  let persons = await personOf(objection.patient, `${expression}.patient`, desk, institution?.code);
  if (institution !== undefined && !persons.some(one => one.startsWith(ownNumbersOf(institution)))) {
    persons = await ownPatient(objection.patient, `${expression}.patient`, desk, institution);
  }
  return [
    {
      list: 'objection',
      source: sourceOf(proposal),
      persons,
      ...(objection.sender === undefined ? {} : { sender: objection.sender }),
      from: objection.from,
      ...(objection.until === undefined ? {} : { until: objection.until }),
    },
  ];
}

/** An institution objects for a patient of its own: by its own number, or by another one that leads to a patient here who has one. */
async function ownPatient(patient: Json, expression: string, desk: Desk, institution: Institution): Promise<string[]> {
  const key = personKey(patient['identifier'], institution.code);
  const found = key === undefined ? [] : await desk.resolver.identifier({ key, identifier: patient['identifier'] as Json });
  const own = found.filter(one => one.keys.some(k => k.startsWith(ownNumbersOf(institution))));
  if (own.length === 0) throw Problem.of([refuse('not-here', expression)]);
  return [...new Set(own.flatMap(one => [...(one.reference === undefined ? [] : [one.reference]), ...one.keys]))];
}

/** What may become of an objection: clerical changes while it is active, and its withdrawal. */
async function changedObjection(proposal: Proposal, current: AnyResource, desk: Desk): Promise<ListEntry> {
  const { method, resource, currentSender, expression } = proposal;
  if (method === 'delete' || resource === undefined)
    throw new Problem('conflict', 'An objection is not deleted; it is withdrawn by an update to the status inactive.', { expression });
  if (currentSender !== desk.access.agent.sender)
    throw new Problem('forbidden', 'An objection is changed and withdrawn by the side that made it.', { expression });
  if (!isObjection(resource) || !sameObjection(current, resource)) {
    throw new Problem('conflict', 'The patient and the provision of an objection do not change.', { expression });
  }
  const [before, after] = [current['status'], resource['status']];
  if (!(before === after || (before === 'active' && after === 'inactive'))) {
    throw new Problem('conflict', 'An objection goes from active to inactive only; who objects again makes a new one.', {
      expression: `${expression}.status`,
    });
  }
  const read = readObjection(resource, { expression, timeZone: desk.timeZone });
  if (!('status' in read)) throw Problem.of(read);
  const line = (await onRecord(current, 'patient', desk, desk.access.agent.sender)).find(
    one => one.list === 'objection' && one.source === sourceOf(proposal),
  );
  if (line === undefined) throw new Error('an objection is stored, but not on its list');
  if (before === after) return line;
  return { ...line, until: Math.min(line.until ?? desk.now, desk.now) };
}
