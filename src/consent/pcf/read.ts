/**
 * A Consent → its rules: a root and one level of exceptions. Whatever limits it in a way that cannot be kept here makes the whole of it count as the strictest:
 * then it permits nothing, and where any part of it denies, or says not what it does, it denies everything.
 * R4: https://hl7.org/fhir/R4/consent.html; IHE PCF: https://profiles.ihe.net/ITI/PCF/content.html
 * @module
 */
import type { AnyResource, Json } from '../../fhir/model/r4.ts';
import { literal } from '../../fhir/model/reference.ts';
import { noBeginning, noEnd } from '../../fhir/search/dates.ts';
import { hasCoding } from '../notice.ts';
import { isObjection } from '../objection.ts';
import { actCode, actReason, type Coding, isRecipient } from './codes.ts';
import { type Data, noLimits, type Period, type Rule, spanOf } from './rule.ts';

export interface Reading {
  /** IANA zone of dates that name none. */
  readonly timeZone: string;
  /** Base URL of this server: references below it are its own. */
  readonly base?: string;
}

interface Head {
  /** `Consent/<id>` */
  readonly reference: string;
  /** `policy.uri` */
  readonly policies: readonly string[];
  /** Milliseconds: its period. */
  readonly from: number;
  readonly until: number;
}

export type ConsentRules = Head &
  (
    | { readonly kind: 'rules'; readonly root: Rule; readonly nested: readonly Rule[] }
    /** An objection to research (objection.ts): whatever else it says, it denies research. */
    | { readonly kind: 'objection' }
    | {
        readonly kind: 'unreadable';
        readonly counts: 'permits-nothing' | 'denies-everything';
        /** Elements that could not be kept. */
        readonly elements: readonly string[];
      }
  );

/** What this server can keep of a provision; every other element limits it. */
const known: ReadonlySet<string> = new Set('id extension type period actor purpose securityLabel dataPeriod data provision'.split(' '));
const related: ReadonlySet<string> = new Set(['Encounter', 'CarePlan', 'EpisodeOfCare']);
const authors: ReadonlySet<string> = new Set(
  'Practitioner PractitionerRole Organization Device Group CareTeam Patient RelatedPerson'.split(' '),
);
const scopes = 'http://terminology.hl7.org/CodeSystem/consentscope';

/** Consents that are about the use of data: all but those to a treatment and advance directives. */
export const isPrivacy = (resource: AnyResource): boolean =>
  resource.resourceType === 'Consent' && !['treatment', 'adr'].some(code => hasCoding(resource['scope'], scopes, code));

/** Undefined: it is not active, so it counts as absent. */
export function readConsent(resource: AnyResource, at: Reading): ConsentRules | undefined {
  if (resource['status'] !== 'active') return undefined;
  const provision = objectOf(resource['provision']);
  const wrong = new Set<string>();
  const head: Head = {
    reference: `Consent/${resource.id}`,
    policies: listOf(resource['policy']).flatMap(one =>
      typeof objectOf(one)?.['uri'] === 'string' ? [objectOf(one)!['uri'] as string] : [],
    ),
    ...holds(provision?.['period'], 'provision.period', at, wrong),
  };
  if (isObjection(resource)) return { ...head, kind: 'objection' };
  for (const element of ['modifierExtension', 'implicitRules']) if (resource[element] !== undefined) wrong.add(element);
  if (resource['provision'] !== undefined && provision === undefined) wrong.add('provision');
  const base = baseOf(resource['policyRule']);
  const inResearch = hasCoding(resource['scope'], undefined, 'research');
  const root = ruleOf(provision ?? {}, 'provision', at, wrong, inResearch ? [{ system: actReason, code: 'HRESCH' }] : undefined);
  // Without a type the rule may be what is agreed to or what is kept out of it: only where it has no limits both are the same.
  const type = root.type ?? (isLimited(root) ? undefined : base);
  if (type === undefined) wrong.add('provision.type');
  const nested = listOf(provision?.['provision']).map((one, n) => {
    const path = `provision.provision[${n}]`;
    const inner = objectOf(one) ?? {};
    if (inner['provision'] !== undefined) wrong.add(`${path}.provision`);
    const rule = ruleOf(inner, path, at, wrong);
    if (rule.type === undefined) wrong.add(`${path}.type`);
    return rule;
  });
  if (wrong.size > 0) {
    const permits = type === 'permit' && nested.every(rule => rule.type === 'permit');
    return { ...head, kind: 'unreadable', counts: permits ? 'permits-nothing' : 'denies-everything', elements: [...wrong] };
  }
  const whole: Rule = { ...root, type: type! };
  return {
    ...head,
    kind: 'rules',
    root: whole,
    nested: nested.map(rule => (rule.type === 'permit' ? inherit(rule as Rule, whole) : (rule as Rule))),
  };
}

/** A permit that is an exception is meant within what it is an exception to, but for what it says itself. */
const inherit = (rule: Rule, root: Rule): Rule => ({
  ...root,
  ...rule,
  ...(rule.purpose === undefined && root.purpose !== undefined ? { purpose: root.purpose } : {}),
  ...(rule.actor === undefined && root.actor !== undefined ? { actor: root.actor } : {}),
  securityLabel: rule.securityLabel.length > 0 ? rule.securityLabel : root.securityLabel,
  dataPeriod: rule.dataPeriod.length > 0 ? rule.dataPeriod : root.dataPeriod,
  data: rule.data.length > 0 ? rule.data : root.data,
});

type Draft = Omit<Rule, 'type'> & { readonly type?: 'permit' | 'deny' };

const isLimited = (rule: Draft): boolean =>
  rule.purpose !== undefined || rule.actor !== undefined || rule.securityLabel.length + rule.dataPeriod.length + rule.data.length > 0;

/** R4: https://hl7.org/fhir/R4/valueset-consent-policy.html, as far as it says permit or deny. */
function baseOf(policyRule: unknown): 'permit' | 'deny' | undefined {
  const [permits, denies] = [hasCoding(policyRule, actCode, 'OPTIN'), hasCoding(policyRule, actCode, 'OPTOUT')];
  return permits === denies ? undefined : permits ? 'permit' : 'deny';
}

function ruleOf(provision: Json, path: string, at: Reading, wrong: Set<string>, purposes?: readonly Coding[]): Draft {
  for (const element of Object.keys(provision)) if (!known.has(element.replace(/^_/, ''))) wrong.add(`${path}.${element}`);
  const { type } = provision;
  if (type !== undefined && type !== 'permit' && type !== 'deny') wrong.add(`${path}.type`);
  const codings = (element: string): Coding[] | undefined => {
    if (provision[element] === undefined) return undefined;
    const list = listOf(provision[element]).map(codingOf);
    if (list.length === 0 || list.includes(undefined)) wrong.add(`${path}.${element}`);
    return list.flatMap(one => one ?? []);
  };
  const purpose = codings('purpose') ?? purposes;
  const actor = provision['actor'] === undefined ? undefined : actorsOf(provision['actor'], `${path}.actor`, at, wrong);
  return {
    ...noLimits,
    ...(type === 'permit' || type === 'deny' ? { type } : {}),
    ...holds(provision['period'], `${path}.period`, at, wrong),
    ...(purpose === undefined ? {} : { purpose }),
    ...(actor === undefined ? {} : { actor }),
    securityLabel: codings('securityLabel') ?? [],
    dataPeriod: provision['dataPeriod'] === undefined ? [] : [periodOf(provision['dataPeriod'], `${path}.dataPeriod`, at, wrong)],
    data: provision['data'] === undefined ? [] : dataOf(provision['data'], `${path}.data`, at, wrong),
  };
}

/** A rule whose period cannot be read holds always, and its consent counts as the strictest. */
function holds(period: unknown, path: string, at: Reading, wrong: Set<string>): { from: number; until: number } {
  const always = { from: noBeginning, until: noEnd };
  if (period === undefined) return always;
  const span = spanOf(periodOf(period, path, at, wrong), at.timeZone);
  return span ?? always;
}

function periodOf(value: unknown, path: string, { timeZone }: Reading, wrong: Set<string>): Period {
  const { start, end, modifierExtension, _start, _end } = objectOf(value) ?? {};
  const period = {
    ...(typeof start === 'string' ? { start } : {}),
    ...(typeof end === 'string' ? { end } : {}),
  };
  // An end that is said to be unknown is not the same as no end.
  const odd =
    [modifierExtension, _start, _end].some(one => one !== undefined) ||
    (start ?? '') !== (period.start ?? '') ||
    (end ?? '') !== (period.end ?? '');
  if (odd || spanOf(period, timeZone) === undefined) wrong.add(path);
  return period;
}

function actorsOf(actors: unknown, path: string, at: Reading, wrong: Set<string>): string[] {
  const list = listOf(actors).map(one => {
    const { role, reference, modifierExtension } = objectOf(one) ?? {};
    const codings = listOf(objectOf(role)?.['coding']).map(codingOf);
    const recipient = codings.some(coding => coding !== undefined && isRecipient(coding));
    const target = referenceOf(reference, at);
    if (!recipient || modifierExtension !== undefined || target === undefined) wrong.add(path);
    return target;
  });
  if (list.length === 0) wrong.add(path);
  return list.flatMap(one => one ?? []);
}

function dataOf(data: unknown, path: string, at: Reading, wrong: Set<string>): Data[] {
  const list = listOf(data).map((one): Data | undefined => {
    const { meaning, reference, modifierExtension } = objectOf(one) ?? {};
    const target = referenceOf(reference, at);
    const type = target === undefined ? undefined : literal(target)?.type;
    if (target === undefined || modifierExtension !== undefined) return undefined;
    if (meaning === 'instance') return { meaning, reference: target };
    if (meaning === 'related' && type !== undefined && related.has(type)) return { meaning, reference: target };
    if (meaning === 'authoredby' && type !== undefined && authors.has(type)) return { meaning, reference: target };
    return undefined;
  });
  if (list.length === 0 || list.includes(undefined)) wrong.add(path);
  return list.flatMap(one => one ?? []);
}

/** `Type/id` without version or own base; a foreign URL as written; undefined: an identifier or a display alone, something contained. */
export function referenceOf(reference: unknown, { base }: Pick<Reading, 'base'>): string | undefined {
  const text = objectOf(reference)?.['reference'];
  if (typeof text !== 'string' || text === '') return undefined;
  const found = literal(text, base);
  if (found !== undefined) return `${found.type}/${found.id}`;
  return /^(https?:\/\/|urn:)/.test(text) ? text : undefined;
}

/** A code needs its system: the same letter says something else in another one. */
function codingOf(coding: unknown): Coding | undefined {
  const { system, code } = objectOf(coding) ?? {};
  return typeof system === 'string' && system !== '' && typeof code === 'string' && code !== '' ? { system, code } : undefined;
}

const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
