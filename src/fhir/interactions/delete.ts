/**
 * delete: the resource is gone from reads and searches, its history stays. Deleting again changes nothing and answers the same.
 * R4: https://hl7.org/fhir/R4/http.html#delete, https://hl7.org/fhir/R4/http.html#cdelete
 * @module
 */
import { reachOf } from '../model/access.ts';
import type { Answer } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import type { Committed } from '../store/store.ts';
import { answerTo, store } from './commit.ts';
import { decide, decideAll, type Pairs } from './criteria.ts';
import { checkVersion } from './etag.ts';
import type { AtType, Context, Interaction } from './interaction.ts';
import { patientsOf } from './patients.ts';
import { bringsIds, type Conditions, conditionsOf, isOwn, type Plan } from './plan.ts';
import { receiptOf } from './receipt.ts';
import { inTurn, Overtaken, untilSettled } from './tries.ts';

/** `DELETE [base]/[type]/[id]`: 204, also where it was deleted before or never was; 404 for those whose ids are the server's. */
export const remove: Interaction = async ({ type, id }, context) => {
  const { request } = context;
  return inTurn(`${type}/${id}`, () =>
    untilSettled(async () => {
      const plan = await planDelete(type, id, conditionsOf(request.headers), context, type);
      return answerTo(plan, await store([plan], context, receiptOf(request)));
    }),
  );
};

/** `DELETE [base]/[type]?[criteria]`: what matches, all of it or nothing; none 204, more than may be deleted so 412 or 422. */
export const conditionalDelete: Interaction<AtType> = async ({ type }, context) => {
  const { request } = context;
  return untilSettled(async () => {
    const plans = await planConditionalDelete(type, request.query, conditionsOf(request.headers), context, type);
    const [first, ...more] = plans;
    if (first === undefined) return { status: 204 };
    const committed = await store(plans, context, receiptOf(request));
    return more.length === 0 ? answerTo(first, committed) : answerToAll(plans, committed);
  });
};

/** The answer to several deletions shows none of them. */
export function answerToAll(plans: readonly Plan[], { versions }: Committed): Answer {
  return {
    status: 204,
    patients: patientsOf(plans.flatMap(({ current }) => current ?? [])),
    entries: { delete: versions.map(({ type, id, versionId }) => `${type}/${id}/_history/${versionId}`) },
  };
}

export async function planDelete(type: string, id: string, conditions: Conditions, context: Context, place: string): Promise<Plan> {
  const current = await context.store.read(context.access, type, id);
  // R4 has the same answer "if the resource does not exist at all". Whose reach has limits would be told that something is gone which is only beyond them.
  const knowsAll = reachOf(context.access, type).some(({ letters: _, ...limits }) => Object.keys(limits).length === 0);
  const isNothing = current === undefined && knowsAll && bringsIds(context);
  if (!isNothing && !(current && (await isOwn(type, id, context)))) throw new Problem('not-found');
  checkVersion(conditions, current);
  if (current === undefined) return { method: 'delete', type, id, status: 204, writes: false, place };
  return { method: 'delete', type, id, status: 204, current, writes: !current.deleted, place };
}

/** None: nothing matches, nothing is to be done. A condition on the version goes with one match only. */
export async function planConditionalDelete(
  type: string,
  pairs: Pairs,
  conditions: Conditions,
  context: Context,
  place: string,
): Promise<readonly Plan[]> {
  const { conditional, maxConditionalDeletes } = context.settings;
  const one = conditional.delete !== 'multiple' || conditions.ifMatch !== undefined || conditions.ifNoneMatch !== undefined;
  const criteria = one ? await decide(type, pairs, context) : await decideAll(type, pairs, context, maxConditionalDeletes);
  if (criteria.ids.length > maxConditionalDeletes)
    throw new Problem('too-costly', `The criteria match more than the ${maxConditionalDeletes} resources that one request may delete.`);
  const plans: Plan[] = [];
  for (const id of criteria.ids) {
    const plan = await planDelete(type, id, conditions, context, place);
    if (!plan.writes) throw new Overtaken();
    plans.push(plans.length === 0 ? { ...plan, criteria } : plan);
  }
  return plans;
}
