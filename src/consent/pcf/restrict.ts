/**
 * Decision → smaller Access: what of it can be said in the words of a reach (a patient's compartment, ids). What cannot be said so is not given.
 * @module
 */
import type { Access, Clause, Reach } from '../../fhir/model/access.ts';
import { literal } from '../../fhir/model/reference.ts';
import type { Decision, ResidualRule } from './decision.ts';
import { isUnlimited } from './rule.ts';

/**
 * The part of an access in which nothing but this patient's data are, and of those only what was decided to be permitted.
 * A refusal leaves nothing. Of rules for the data a list of instances is kept; rules by label, date, relation or author leave nothing, and so does any exception.
 * @param patient `Patient/<id>`
 */
export function restrict(access: Access, patient: string, decision: Decision): Access {
  const given = decision.permit ? idsGiven(decision.residual) : 'nothing';
  const reach: Record<string, Reach> = {};
  if (given !== 'nothing') {
    for (const [type, clauses] of Object.entries(given === 'everything' ? access.reach : ofTypes(access, [...given.keys()]))) {
      const kept = clauses.flatMap(clause => within(clause, patient, given === 'everything' ? undefined : (given.get(type) ?? [])));
      if (kept.length > 0) reach[type] = kept;
    }
  }
  return { ...access, reach };
}

/** Type → ids that are permitted. */
function idsGiven(residual: readonly ResidualRule[]): ReadonlyMap<string, readonly string[]> | 'everything' | 'nothing' {
  if (residual.length === 0) return 'everything';
  if (residual.some(rule => rule.type === 'forbid' && !isUnlimited(rule))) return 'nothing';
  const ids = new Map<string, string[]>();
  for (const { type, securityLabel, dataPeriod, data } of residual) {
    if (type !== 'permit' || securityLabel.length + dataPeriod.length > 0) continue;
    for (const one of data) {
      const target = one.meaning === 'instance' ? literal(one.reference) : undefined;
      if (target !== undefined) ids.set(target.type, [...(ids.get(target.type) ?? []), target.id]);
    }
  }
  return ids;
}

const ofTypes = (access: Access, types: readonly string[]): Readonly<Record<string, Reach>> =>
  Object.fromEntries(types.map(type => [type, access.reach[type] ?? access.reach['*'] ?? []]));

/** A clause and this patient's compartment, both; none where it is another's. */
function within(clause: Clause, patient: string, ids: readonly string[] | undefined): Clause[] {
  if (clause.patient !== undefined && clause.patient !== patient) return [];
  const both = ids === undefined ? clause.ids : clause.ids === undefined ? ids : ids.filter(id => clause.ids!.includes(id));
  return [{ ...clause, patient, ...(both === undefined ? {} : { ids: both }) }];
}
