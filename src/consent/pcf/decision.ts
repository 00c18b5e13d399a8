/**
 * The decision of IHE PCF: may these actors use this patient's data for these purposes now; and if so, which data not?
 * An objection to research comes before everything. Of several consents each adds what it permits, and what any of them denies stays denied.
 * IHE PCF: https://profiles.ihe.net/ITI/PCF/volume-1.html; docs/consent.md has the table.
 * @module
 */
import type { AnyResource } from '../../fhir/model/r4.ts';
import { type Coding, covers, isBreakGlass, mayBeResearch, touches } from './codes.ts';
import { type ImplicitPolicy, permittedBy, policyUri } from './implicit.ts';
import { type ConsentRules, isPrivacy, type Reading, readConsent } from './read.ts';
import { isNarrower, isNarrowerLimit, isUnlimited, type Limits, limitsWithin, noLimits, type Rule } from './rule.ts';

export interface Question extends Reading {
  /** All of them are asked for together; none permits nothing. */
  readonly purposes: readonly Coding[];
  /** Who asks, as references: the person, and the roles, organisations and groups in which he asks. None: it is not known who asks. */
  readonly actors: readonly string[];
  /** Groups of which it could not be found out whether who asks is a member: what is denied to them is denied. */
  readonly perhaps?: readonly string[];
  /** Milliseconds. */
  readonly now: number;
  /** Whether who asks may break the glass (BTG); whoever declares it and may not is refused before any consent is looked at. */
  readonly mayBreakGlass?: boolean;
  /** What holds where no consent says anything. */
  readonly implicit: ImplicitPolicy;
}

/** A rule for data on their way out. No forbid that matches: allowed; a permit lifts a forbid that is wider than itself. */
export interface ResidualRule extends Limits {
  readonly type: 'forbid' | 'permit';
}

/** What a consent in force had to say: outside = it permits, but not this; silent = it denies, but not this. */
export type Effect = 'permits' | 'forbids' | 'outside' | 'silent' | 'unreadable' | 'objection';

export interface Considered {
  /** `Consent/<id>` */
  readonly consent: string;
  readonly effect: Effect;
}

interface Grounds {
  readonly considered: readonly Considered[];
  /** Consents that decided. */
  readonly doc_id: readonly string[];
  /** Policies that decided: those of the consents, or the implicit one. */
  readonly acp: readonly string[];
}

export type Decision = Grounds &
  (
    | { readonly permit: true; readonly residual: readonly ResidualRule[] }
    | { readonly permit: false; readonly because: 'no-purpose' | 'break-glass' | 'objection' | 'consent' | 'policy' }
  );

/** Groups that the rules of these consents name as actors. */
export const groupsIn = (consents: readonly AnyResource[], at: Reading): readonly string[] => [
  ...new Set(
    consents
      .flatMap(one => readConsent(one, at) ?? [])
      .flatMap(one => (one.kind === 'rules' ? [one.root, ...one.nested] : []))
      .flatMap(rule => rule.actor ?? [])
      .filter(actor => actor.startsWith('Group/')),
  ),
];

/** A rule that matches the question, and where it stands. */
interface Said {
  readonly consent: string;
  readonly nested: boolean;
  readonly rule: Rule;
}

/** What one consent says to the question. */
interface Opinion extends Considered {
  /** It stands in the place of the implicit policy. A deny of some data, actors or purposes does not: what else holds for the others is the policy's to say. */
  readonly instead: boolean;
  readonly policies: readonly string[];
  readonly permits: readonly Said[];
  readonly denies: readonly Said[];
}

/** @param consents resources of the type Consent about this patient, in any order; what is not active, not in force or not about data counts as absent */
export function decideUse(consents: readonly AnyResource[], question: Question): Decision {
  const { purposes, now, implicit } = question;
  const read = consents
    .filter(isPrivacy)
    .flatMap(one => readConsent(one, question) ?? [])
    .filter(one => one.from <= now && now <= one.until)
    .sort((a, b) => (a.reference < b.reference ? -1 : a.reference > b.reference ? 1 : 0));
  const opinions = read.map(one => opinionOf(one, question));
  const considered = opinions.map(({ consent, effect }) => ({ consent, effect }));
  const grounds = (of: readonly Opinion[]): Grounds => ({
    considered,
    doc_id: [...new Set(of.map(one => one.consent))],
    acp: [...new Set(of.flatMap(one => one.policies))],
  });
  if (purposes.length === 0) return { ...grounds([]), permit: false, because: 'no-purpose' };
  if (purposes.some(isBreakGlass) && question.mayBreakGlass !== true) return { ...grounds([]), permit: false, because: 'break-glass' };
  const objections = opinions.filter(one => one.effect === 'objection');
  if (objections.length > 0) return { ...grounds(objections), permit: false, because: 'objection' };

  const speaking = opinions.filter(one => one.effect !== 'silent');
  const decided = opinions.some(one => one.instead);
  const byPolicy = !decided && permittedBy(implicit, purposes);
  const residual = residualOf(opinions, byPolicy, question.timeZone);
  const own = grounds(speaking);
  const all: Grounds = decided ? own : { ...own, acp: [...new Set([...own.acp, policyUri(implicit)])] };
  return residual === undefined ? { ...all, permit: false, because: decided ? 'consent' : 'policy' } : { ...all, permit: true, residual };
}

function opinionOf(consent: ConsentRules, question: Question): Opinion {
  const { reference, policies } = consent;
  const opinion = (effect: Effect, instead: boolean, permits: readonly Said[] = [], denies: readonly Said[] = []): Opinion => ({
    consent: reference,
    effect,
    instead,
    policies,
    permits,
    denies,
  });
  const say = (rule: Rule, nested: boolean): Said => ({ consent: reference, nested, rule });
  if (consent.kind === 'objection') return opinion(question.purposes.some(mayBeResearch) ? 'objection' : 'silent', false);
  if (consent.kind === 'unreadable') {
    const everything: Rule = { ...noLimits, type: 'deny', from: consent.from, until: consent.until };
    return opinion('unreadable', true, [], consent.counts === 'denies-everything' ? [say(everything, false)] : []);
  }
  const said = [say(consent.root, false), ...consent.nested.map(rule => say(rule, true))].filter(({ rule }) => matches(rule, question));
  const permits = said.filter(({ rule }) => rule.type === 'permit');
  const denies = said.filter(({ rule }) => rule.type === 'deny');
  const permitting = consent.root.type === 'permit';
  if (permits.length > 0) return opinion('permits', true, permits, denies);
  if (denies.length > 0) return opinion('forbids', permitting || denies.some(({ rule }) => isUnlimited(rule)), permits, denies);
  return permitting ? opinion('outside', true) : opinion('silent', false);
}

/** A permit must hold for all that is asked; a deny holds as soon as it may touch some of it. */
function matches(rule: Rule, { purposes, actors, perhaps = [], now }: Question): boolean {
  if (now < rule.from || rule.until < now) return false;
  const [permit, named] = [rule.type === 'permit', rule.actor];
  const may = (one: string): boolean => actors.includes(one) || (!permit && (actors.length === 0 || perhaps.includes(one)));
  if (named !== undefined && !named.some(may)) return false;
  const { purpose } = rule;
  if (purpose === undefined) return true;
  return permit
    ? purposes.every(asked => purpose.some(one => covers(one, asked)))
    : purposes.some(asked => purpose.some(one => touches(one, asked)));
}

/** Whether a permit is an exception to this deny: of one consent, and further inside it. */
const excepts = (permit: Said, deny: Said, timeZone: string): boolean =>
  permit.consent === deny.consent && permit.nested && (!deny.nested || isNarrower(permit.rule, deny.rule, timeZone));

/** The rules that are left for the data; undefined: nothing is permitted. */
function residualOf(opinions: readonly Opinion[], byPolicy: boolean, timeZone: string): ResidualRule[] | undefined {
  const permits = opinions.flatMap(one => one.permits);
  const denies = opinions.flatMap(one => one.denies);
  const inside = (a: Said, b: Said): boolean => limitsWithin(a.rule, b.rule, timeZone);
  // A permit that lies within a deny gives nothing, unless it is an exception to it.
  const alive = permits.filter(permit => denies.every(deny => !inside(permit, deny) || excepts(permit, deny, timeZone)));
  // A deny of just what its exception permits is lifted whole.
  const kept = denies.filter(deny => !alive.some(permit => excepts(permit, deny, timeZone) && inside(deny, permit)));
  if (byPolicy ? kept.some(({ rule }) => isUnlimited(rule)) : alive.length === 0) return undefined;
  const forbids = kept.map(({ rule }) => rule).filter(rule => !isUnlimited(rule));
  const lifts = (rule: Limits): boolean => forbids.some(forbid => isNarrowerLimit(rule, forbid, timeZone));
  const everything = byPolicy || alive.some(({ rule }) => isUnlimited(rule));
  const rules = alive.map(({ rule }) => rule).filter(rule => !isUnlimited(rule));
  return distinct([
    ...(everything ? [] : [residualRule('forbid', noLimits)]),
    ...(everything ? [] : rules.filter(rule => !lifts(rule))).map(rule => residualRule('permit', rule)),
    ...forbids.map(rule => residualRule('forbid', rule)),
    ...rules.filter(lifts).map(rule => residualRule('permit', rule)),
  ]);
}

const residualRule = (type: ResidualRule['type'], { securityLabel, dataPeriod, data }: Limits): ResidualRule => ({
  type,
  securityLabel,
  dataPeriod,
  data,
});

const distinct = (rules: readonly ResidualRule[]): ResidualRule[] => [...new Map(rules.map(rule => [JSON.stringify(rule), rule])).values()];
