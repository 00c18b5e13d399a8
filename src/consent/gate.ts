/**
 * The gate of every write: with whose leave? An institution needs a notice for everybody its request names; an objection stops everyone.
 * It judges twice: at once, for an answer that names all places, and by checks that the store runs inside the commit, so that nothing slips in between.
 * @module
 */
import { type Access, asServer } from '../fhir/model/access.ts';
import { type Finding, Problem } from '../fhir/model/outcome.ts';
import { isOnlyRecord, type PersonKey, personKey, personKeys } from '../fhir/model/person.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Gate, Proposal, Verdict } from '../fhir/store/gate.ts';
import type { LineName, ListCheck, ListEntry, Store } from '../fhir/store/store.ts';
import { isReceipt } from './acknowledgement.ts';
import { inForce } from './decide.ts';
import { besides } from './document.ts';
import { isFiled, judgeFiling } from './filing.ts';
import { type GuardianRule, heard, storedNotice } from './guardian.ts';
import { checksOf, institutionSubjects, mentionsOf, nestedIn, otherSubjects, type Rules, type Subject } from './intake.ts';
import { type Desk, type Institution, isDocument, isLegal, linesOf, namesOnRecord, ownNumbersOf, sideOf } from './legal.ts';
import { judgeText } from './notice-text.ts';
import { isObjection } from './objection.ts';
import { reportCheck, reportsBook } from './reconciliation.ts';
import { refuse } from './refusal.ts';
import { outdatedAmong, type RenoticeRule, textsFor } from './renotice.ts';
import { createResolver, type Resolver } from './resolve.ts';
import { intakeCheck, stopsBook } from './stops.ts';
import { judgeTags } from './tags.ts';
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
  /** Whom a guardian must hear a notice for; absent: nobody. */
  readonly guardian?: GuardianRule;
  /** What is stored about somebody who objects is erased with the objection. Default: it is. */
  readonly eraseOnObjection?: boolean;
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
    const erase: LineName[] = [];
    const findings: Finding[] = [];
    for (const proposal of proposals) {
      const made = legal.has(proposal) ? await linesOf(proposal, desk) : [];
      lists.push(...made);
      if (parts.eraseOnObjection !== false && isObjection(proposal.resource) && !isObjection(proposal.current))
        erase.push(...made.filter(line => inForce(line, desk.now)).map(({ list, source }) => ({ list, source })));
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
          mark: store.mark,
        })),
      );
    }
    findings.push(
      ...proposals.filter(one => agent.role === 'institution' || legal.has(one)).flatMap(one => judgeTags(one, legal.has(one))),
    );
    if (findings.length > 0) throw Problem.of(findings);

    const verdict = { lists, erase, legal: legalAmong(proposals, access) };
    const stops = stopsOf(access, ordinary, parts);
    await judgeNow(store, stops);
    if (mentions.length === 0) return { ...verdict, checks: stops };
    // The text comes before its filing.
    const filable = agent.role === 'institution' && parts.filingRequired ? mentions.filter(one => one.type !== 'Questionnaire') : [];
    if (filable.length > 0 && !(await isFiled(store, agent.sender, now(), parts.timeZone)))
      throw Problem.of(filable.map(one => refuse('no-filing', one.expression)));
    if (agent.role === 'institution' && institution === undefined)
      throw Problem.of(ordinary.map(one => refuse('unknown-institution', one.expression)));
    const subjects =
      institution === undefined ? otherSubjects(mentions) : await institutionSubjects(mentions, resolver, ownNumbersOf(institution));
    const ages =
      parts.guardian === undefined || institution === undefined
        ? { guarded: new Map(), outgrown: [] }
        : await byAge(subjects, lists, proposals, { resolver, institution, sender: agent.sender, rule: parts.guardian }, parts);
    const changed =
      parts.renotice === undefined || institution === undefined ? [] : await toldAnew(subjects, lists, agent.sender, parts.renotice, parts);
    const rules: Rules = {
      institution: agent.sender,
      purpose: institution === undefined ? 'care' : 'intake',
      now,
      waitDays: parts.waitDays,
      ...(parts.waitRule === undefined ? {} : { waitRule: parts.waitRule }),
      outdated: new Set([...changed, ...ages.outgrown]),
      guarded: ages.guarded,
      timeZone: parts.timeZone,
      mark: store.mark,
    };
    const checks = checksOf(subjects, rules, lists);
    await judgeNow(store, checks);
    return { ...verdict, checks: [...stops, ...checks] };
  };
}

/** Notices and objections, and the deletion of a notice; whatever else takes the place of one is data. */
const legalAmong = (proposals: readonly Proposal[], access: Access): ReadonlySet<string> =>
  new Set(
    proposals
      .filter(one => (one.resource === undefined ? isDocument({ ...one, resource: one.current! }, access) : isDocument(one, access)))
      .map(({ type, id }) => `${type}/${id}`),
  );

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

/** For everybody whose birth date is known, here or in the request: the notices that count for his age, and those that he has outgrown. */
async function byAge(
  subjects: readonly Subject[],
  own: readonly ListEntry[],
  proposals: readonly Proposal[],
  { resolver, institution, sender, rule }: { resolver: Resolver; institution: Institution; sender: string; rule: GuardianRule },
  { store, now, timeZone }: GateParts,
): Promise<{ guarded: ReadonlyMap<PersonKey, ReadonlySet<string>>; outgrown: readonly string[] }> {
  const guarded = new Map<PersonKey, ReadonlySet<string>>();
  const outgrown: string[] = [];
  const stored = storedNotice(store);
  const notice = async (source: string) => proposals.find(one => `${one.type}/${one.id}` === source)?.resource ?? (await stored(source));
  for (const { names, number, birthDates } of subjects) {
    if (number === undefined) continue;
    // A second record under the same number may leave out how old he is.
    const identifier = { system: institution.numberSystem, value: number.slice(number.indexOf('|') + 1) };
    const born =
      birthDates.size > 0 ? [...birthDates] : (await resolver.identifier({ key: number, identifier })).flatMap(one => one.birthDate ?? []);
    if (born.length === 0) continue;
    const written = own.filter(line => line.persons.map(store.mark).includes(store.mark(number)));
    const lines = [...(await store.lines([...names])), ...written].filter(line => line.list === 'notice' && line.sender === sender);
    const found = await heard(lines, born, rule, { now: now(), timeZone, notice });
    guarded.set(number, found.guarded);
    outgrown.push(...found.outgrown);
  }
  return { guarded, outgrown };
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
  const isHere = version !== undefined && !version.deleted;
  // Whose record was erased is known by the lines about him.
  const names = isHere || id === undefined ? [] : await namesOnRecord(`Patient/${id}`, store);
  if (!isHere && names.length === 0) throw new Problem('forbidden');
  // … and by them his numbers, where he had one record: else it cannot be told which are his.
  const known = isHere
    ? personKeys(JSON.parse(version.bytes.toString()) as AnyResource)
    : isOnlyRecord(`Patient/${id}`, names)
      ? names
      : [];
  const keys = known.map(store.mark);
  for (const { type, method, resource, current, expression } of proposals) {
    if (type !== 'Consent') throw new Problem('forbidden', undefined, { expression });
    for (const consent of method === 'delete' ? [current] : [resource, current]) {
      if (consent !== undefined && !means(consent['patient'] as Json | undefined, id!, keys, store, base)) {
        throw new Problem('forbidden', 'A patient’s app writes Consents of its own patient only.', { expression: `${expression}.patient` });
      }
    }
  }
  return [`Patient/${id}`, ...keys];
}

function means(patient: Json | undefined, id: string, keys: readonly string[], { mark }: Store, base: string | undefined): boolean {
  const { reference, identifier } = patient ?? {};
  if (reference === undefined && identifier === undefined) return false;
  const target = literal(String(reference ?? ''), base);
  const key = personKey(identifier);
  return (
    (reference === undefined || (target?.type === 'Patient' && target.id === id)) &&
    (identifier === undefined || (key !== undefined && keys.includes(mark(key))))
  );
}
