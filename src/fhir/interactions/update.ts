/**
 * update: a new version of a resource; update as create: the first version under an id of the client's;
 * conditional update: of the one that matches.
 * R4: https://hl7.org/fhir/R4/http.html#update, https://hl7.org/fhir/R4/http.html#upsert, https://hl7.org/fhir/R4/http.html#cond-update
 * @module
 */
import { Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { answerTo, store } from './commit.ts';
import { decide, type Pairs } from './criteria.ts';
import { checkVersion } from './etag.ts';
import type { AtType, Context, Interaction } from './interaction.ts';
import { bodyOf, bringsIds, type Conditions, conditionsOf, isOwn, type Plan } from './plan.ts';
import { receiptOf } from './receipt.ts';
import { inTurn, Overtaken, untilSettled } from './tries.ts';

/** `PUT [base]/[type]/[id]`: 200, or 201 where there was none. */
export const update: Interaction = async ({ type, id }, context) => {
  const { request } = context;
  return inTurn(`${type}/${id}`, () =>
    untilSettled(async () => {
      const plan = await planUpdate(type, id, request.body, conditionsOf(request.headers), context, type);
      return answerTo(plan, await store([plan], context, receiptOf(request)));
    }),
  );
};

/** `PUT [base]/[type]?[criteria]`: no match 201, one 200, several 412. */
export const conditionalUpdate: Interaction<AtType> = async ({ type }, context) => {
  const { request } = context;
  return untilSettled(async () => {
    const plan = await planConditionalUpdate(type, request.query, request.body, conditionsOf(request.headers), context, type);
    return answerTo(plan, await store([plan], context, receiptOf(request)));
  });
};

export async function planUpdate(
  type: string,
  id: string,
  body: AnyResource | undefined,
  conditions: Conditions,
  context: Context,
  place: string,
): Promise<Plan> {
  const current = await context.store.read(context.access, type, id);
  // Whether the resource is there comes before any other judgement.
  if (current ? !(await isOwn(type, id, context)) : !bringsIds(context)) throw new Problem('not-found');
  if (current === undefined) checkUpdateCreate(context);
  const sent = bodyOf(type, body);
  if (sent.id === undefined)
    throw new Problem('invalid-request', 'The body must have the id that the URL names.', { expression: `${type}.id` });
  if (sent.id !== id) throw new Problem('invalid-request', 'The ids of body and URL differ.', { expression: `${type}.id` });
  checkVersion(conditions, current);
  const isThere = current !== undefined && !current.deleted;
  return { method: 'update', type, id, status: isThere ? 200 : 201, sent, ...(current ? { current } : {}), writes: true, place };
}

/** Throws 405 where ids of clients are not taken at all. R4: https://hl7.org/fhir/R4/http.html#upsert */
function checkUpdateCreate({ settings }: Context): void {
  if (!settings.updateCreate)
    throw new Problem('method-not-allowed', 'There is no resource of this id to update, and ids are given by this server alone.', {
      headers: { Allow: 'GET, HEAD' },
    });
}

export async function planConditionalUpdate(
  type: string,
  pairs: Pairs,
  body: AnyResource | undefined,
  conditions: Conditions,
  context: Context,
  place: string,
): Promise<Plan> {
  const sent = bodyOf(type, body);
  const criteria = await decide(type, pairs, context);
  const [found] = criteria.ids;
  if (found === undefined) {
    if (sent.id !== undefined && !bringsIds(context)) throw new Problem('not-found');
    if (sent.id !== undefined) checkUpdateCreate(context);
    const id = sent.id ?? context.newId();
    if (sent.id !== undefined && (await context.store.read(context.access, type, id))?.deleted === false) {
      throw new Problem('conflict', 'The criteria match nothing, and the id in the body belongs to another resource.', {
        expression: `${type}.id`,
      });
    }
    checkVersion(conditions, undefined);
    const current = sent.id === undefined ? undefined : await context.store.read(context.access, type, id);
    return { method: 'update', type, id, status: 201, sent, ...(current ? { current } : {}), writes: true, criteria, place };
  }
  if (!(await isOwn(type, found, context))) throw new Problem('not-found');
  if (sent.id !== undefined && sent.id !== found) {
    throw new Problem('invalid-request', 'The id in the body is not that of the resource that matches.', { expression: `${type}.id` });
  }
  const current = await context.store.read(context.access, type, found);
  if (!current || current.deleted) throw new Overtaken();
  checkVersion(conditions, current);
  return { method: 'update', type, id: found, status: 200, sent, current, writes: true, criteria, place };
}
