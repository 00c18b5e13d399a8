/**
 * The gate of every write: with whose leave? An institution needs a notice for everybody its request names; an objection stops everyone.
 * It judges twice: at once, for an answer that names all places, and by checks that the store runs inside the commit, so that nothing slips in between.
 * @module
 */
import { type Access, asServer } from '../fhir/model/access.ts';
import { type Finding, Problem } from '../fhir/model/outcome.ts';
import { personKey, personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Gate, Proposal, Verdict } from '../fhir/store/gate.ts';
import type { ListCheck, ListEntry, Store } from '../fhir/store/store.ts';
import { isReceipt } from './acknowledgement.ts';
import { besides } from './document.ts';
import { isFiled, judgeFiling } from './filing.ts';
import { checksOf, institutionSubjects, mentionsOf, nestedIn, otherSubjects, type Rules, type Subject } from './intake.ts';
import { type Desk, type Institution, isDocument, isLegal, linesOf, ownNumbersOf, sideOf } from './legal.ts';
import { judgeText } from './notice-text.ts';
import { reportCheck, reportsBook } from './reconciliation.ts';
import { refuse } from './refusal.ts';
import { outdatedAmong, type RenoticeRule, textsFor } from './renotice.ts';
import { createResolver } from './resolve.ts';
import { intakeCheck, stopsBook } from './stops.ts';
import type { WaitRule } from './waiting-period.ts';

export interface GateParts {
  readonly store: Store;
  /** Full days that pass between a notice's day and the first permitted day. */
  readonly waitDays: number;
  /** Default: days alone. */
  readonly waitRule?: WaitRule;
  /** A notice must name the version of its text. */
  readonly noticeVersionRequired?: boolean;
  /** An institution without a filing that holds today brings nothing in. */
  readonly filingRequired?: boolean;
  /** Whoever must be told again waits for it; absent: nobody waits. */
  readonly renotice?: RenoticeRule;
  /** Days without a matching report after which an institution’s intake is held; absent or 0: never. */
  readonly reconcileSilenceDays?: number;
  /** IANA name. */
  readonly timeZone: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** `Organization/<id>` → its patient number system and 10-digit code; undefined: no institution known here. */
  readonly institutions: (sender: string) => Institution | undefined;
  /** Base URL of this server: absolute references below it are its own. */
  readonly base?: string;
}

/** Books that checks ask. */
const booksOfChecks = [reportsBook, stopsBook];

const nothing: Verdict = { lists: [], checks: [] };

export function createGate(parts: GateParts): Gate {
  const { store, now, institutions, base } = parts;
  return async (access, proposals) => {
    const { agent } = access;
    if (agent.role === 'server' || proposals.length === 0) return nothing;
    if (agent.role === 'researcher') throw new Problem('forbidden');
    for (const { resource, current, expression } of proposals)
      if (isReceipt(resource) || isReceipt(current))
        throw new Problem('forbidden', 'A receipt of an objection is made by this server alone.', { expression });
    const legal = new Set(proposals.filter(isLegal));
    const ordinary = agent.role === 'patient' ? [] : proposals.filter(one => !isDocument(one, access));
    const institution = agent.role === 'institution' ? institutions(agent.sender) : undefined;
    const names = { ...(base === undefined ? {} : { base }), ...(institution === undefined ? {} : { institution: institution.code }) };
    // Who keeps the registers may take out whom a register may not hold: only what he writes is judged, not what it replaces.
    const mentions = mentionsOf(agent.role === 'operator' ? ordinary.map(withoutCurrent) : ordinary, names);
    const resolver = createResolver({ store, access: sightOf(access), proposals, names, nested: nestedIn(mentions) });
    const own = agent.role === 'patient' ? await ownOnly(access, proposals, store, base) : [];

    const desk: Desk = {
      access,
      store,
      resolver,
      now: now(),
      timeZone: parts.timeZone,
      institutions,
      ...(parts.noticeVersionRequired === undefined ? {} : { noticeVersionRequired: parts.noticeVersionRequired }),
      ...(base === undefined ? {} : { base }),
    };
    const lists: ListEntry[] = [];
    const findings: Finding[] = [];
    for (const proposal of proposals) {
      const made = legal.has(proposal) ? await linesOf(proposal, desk) : [];
      lists.push(...made);
      findings.push(...(await judgeText(proposal, store)), ...judgeFiling(proposal, access, parts.timeZone));
      const { resource, expression } = proposal;
      if (resource === undefined || !(agent.role === 'patient' || isDocument(proposal, access))) continue;
      const code = sideOf(proposal, desk)?.code;
      findings.push(
        ...(await besides({ ...resource, id: proposal.id }, [...made.flatMap(line => line.persons), ...own], {
          expression,
          names: { ...names, ...(code === undefined ? {} : { institution: code }) },
          resolver,
          byPatient: agent.role === 'patient',
        })),
      );
    }
    if (findings.length > 0) throw Problem.of(findings);

    const stops = stopsOf(access, ordinary, parts);
    await judgeNow(store, stops);
    if (mentions.length === 0) return { lists, checks: stops };
    // The text comes before its filing.
    const filable = agent.role === 'institution' && parts.filingRequired ? mentions.filter(one => one.type !== 'Questionnaire') : [];
    if (filable.length > 0 && !(await isFiled(store, agent.sender, now(), parts.timeZone)))
      throw Problem.of(filable.map(one => refuse('no-filing', one.expression)));
    if (agent.role === 'institution' && institution === undefined)
      throw Problem.of(ordinary.map(one => refuse('unknown-institution', one.expression)));
    const subjects =
      institution === undefined ? otherSubjects(mentions) : await institutionSubjects(mentions, resolver, ownNumbersOf(institution));
    const rules: Rules = {
      institution: agent.sender,
      purpose: institution === undefined ? 'care' : 'intake',
      now,
      waitDays: parts.waitDays,
      ...(parts.waitRule === undefined ? {} : { waitRule: parts.waitRule }),
      ...(parts.renotice === undefined || institution === undefined
        ? {}
        : { outdated: await toldAnew(subjects, lists, agent.sender, parts.renotice, parts) }),
      timeZone: parts.timeZone,
    };
    const checks = checksOf(subjects, rules, lists);
    await judgeNow(store, checks);
    return { lists, checks: [...stops, ...checks] };
  };
}

/** The notices of these persons that count no more because the text has changed. */
async function toldAnew(
  subjects: readonly Subject[],
  own: readonly ListEntry[],
  institution: string,
  rule: RenoticeRule,
  { store, now, timeZone }: GateParts,
): Promise<ReadonlySet<string>> {
  const texts = await textsFor(store, institution);
  if (texts.length === 0) return new Set();
  const written = new Set(own.map(line => line.source));
  const notices = new Map<string, ListEntry>();
  for (const subject of subjects.filter(one => one.number !== undefined)) {
    for (const line of await store.lines([...subject.names]))
      if (line.list === 'notice' && line.sender === institution && !written.has(line.source)) notices.set(line.source, line);
  }
  return outdatedAmong([...notices.values()], texts, { store, rule, now: now(), timeZone });
}

const withoutCurrent = ({ current: _, ...proposal }: Proposal): Proposal => proposal;

/** What this side may know of, whatever its token may do with it: an institution what it sent, everybody else all. */
const sightOf = ({ agent }: Access): Access => ({
  ...asServer('find whom a request names'),
  ...(agent.role === 'institution' ? { reach: { '*': [{ sender: agent.sender }] } } : {}),
});

/** Data that come in wait while intake is stopped; the operator goes on keeping his registers, and taking out is no intake. */
const stopsOf = ({ agent }: Access, ordinary: readonly Proposal[], { reconcileSilenceDays = 0, now }: GateParts): readonly ListCheck[] => {
  const coming = ordinary.find(one => one.method !== 'delete');
  if (coming === undefined || agent.role === 'operator') return [];
  const { expression } = coming;
  const reports = agent.role === 'institution' ? [reportCheck(agent.sender, reconcileSilenceDays, now, expression)] : [];
  return [intakeCheck(agent.sender, expression), ...reports];
};

/** All findings of all persons in one answer; the checks alone would stop at the first. */
async function judgeNow(store: Store, checks: readonly ListCheck[]): Promise<void> {
  const findings: Finding[] = [];
  if (checks.length === 0) return;
  const books = new Map(await Promise.all(booksOfChecks.map(async name => [name, await store.book(name)] as const)));
  for (const check of checks) {
    const lines = await store.lines(check.persons);
    try {
      check.judge(lines, name => books.get(name) ?? []);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      findings.push(...error.findings);
    }
  }
  if (findings.length > 0) throw Problem.of(findings);
}

/** A patient's app writes Consents of its own patient, and nothing else. Gives that patient's names. */
async function ownOnly(
  { agent }: Access,
  proposals: readonly Proposal[],
  store: Store,
  base: string | undefined,
): Promise<readonly string[]> {
  const id = agent.patient?.startsWith('Patient/') ? agent.patient.slice('Patient/'.length) : undefined;
  const version = id === undefined ? undefined : await store.read(asServer('find the patient of an app'), 'Patient', id);
  if (version === undefined || version.deleted) throw new Problem('forbidden');
  const keys = personKeys(JSON.parse(version.bytes.toString()) as AnyResource);
  for (const { type, method, resource, current, expression } of proposals) {
    if (type !== 'Consent') throw new Problem('forbidden', undefined, { expression });
    for (const consent of method === 'delete' ? [current] : [resource, current]) {
      if (consent !== undefined && !means(consent['patient'] as Json | undefined, id!, keys, base)) {
        throw new Problem('forbidden', 'A patient’s app writes Consents of its own patient only.', { expression: `${expression}.patient` });
      }
    }
  }
  return [`Patient/${id}`, ...keys];
}

function means(patient: Json | undefined, id: string, keys: readonly string[], base: string | undefined): boolean {
  const { reference, identifier } = patient ?? {};
  if (reference === undefined && identifier === undefined) return false;
  const target = literal(String(reference ?? ''), base);
  const key = personKey(identifier);
  return (
    (reference === undefined || (target?.type === 'Patient' && target.id === id)) &&
    (identifier === undefined || (key !== undefined && keys.includes(key)))
  );
}
