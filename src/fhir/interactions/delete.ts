/**
 * delete: the resource is gone from reads and searches, its history stays. Deleting again changes nothing and answers the same.
 * R4: https://hl7.org/fhir/R4/http.html#delete, https://hl7.org/fhir/R4/http.html#cdelete
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { answerTo, store } from './commit.ts';
import { decide, type Pairs } from './criteria.ts';
import { checkVersion } from './etag.ts';
import type { AtType, Context, Interaction } from './interaction.ts';
import { type Conditions, conditionsOf, isOwn, type Plan } from './plan.ts';
import { receiptOf } from './receipt.ts';
import { inTurn, Overtaken, untilSettled } from './tries.ts';

/** `DELETE [base]/[type]/[id]`: 204, also where it was deleted before; 404 where there never was one. */
export const remove: Interaction = async ({ type, id }, context) => {
  const { request } = context;
  return inTurn(`${type}/${id}`, () =>
    untilSettled(async () => {
      const plan = await planDelete(type, id, conditionsOf(request.headers), context, type);
      return answerTo(plan, await store([plan], context, receiptOf(request)));
    }),
  );
};

/** `DELETE [base]/[type]?[criteria]`: the one that matches; none 204, several 412. */
export const conditionalDelete: Interaction<AtType> = async ({ type }, context) => {
  const { request } = context;
  return untilSettled(async () => {
    const plan = await planConditionalDelete(type, request.query, conditionsOf(request.headers), context, type);
    return plan === undefined ? { status: 204 } : answerTo(plan, await store([plan], context, receiptOf(request)));
  });
};

export async function planDelete(type: string, id: string, conditions: Conditions, context: Context, place: string): Promise<Plan> {
  const current = await context.store.read(context.access, type, id);
  if (!current || !(await isOwn(type, id, context))) throw new Problem('not-found');
  checkVersion(conditions, current);
  return { method: 'delete', type, id, status: 204, current, writes: !current.deleted, place };
}

/** Undefined: nothing matches, nothing is to be done. */
export async function planConditionalDelete(
  type: string,
  pairs: Pairs,
  conditions: Conditions,
  context: Context,
  place: string,
): Promise<Plan | undefined> {
  const criteria = await decide(type, pairs, context);
  const [found] = criteria.ids;
  if (found === undefined) return undefined;
  const plan = await planDelete(type, found, conditions, context, place);
  if (!plan.writes) throw new Overtaken();
  return { ...plan, criteria };
}
