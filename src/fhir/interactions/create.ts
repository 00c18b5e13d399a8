/**
 * create: a new resource under an id of the server's making; conditional create: only where nothing matches.
 * R4: https://hl7.org/fhir/R4/http.html#create, https://hl7.org/fhir/R4/http.html#ccreate
 * @module
 */
import { Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { answerTo, store } from './commit.ts';
import { decide, pairsOf } from './criteria.ts';
import type { AtType, Context, Interaction } from './interaction.ts';
import { bodyOf, type Conditions, conditionsOf, type Plan } from './plan.ts';
import { receiptOf } from './receipt.ts';
import { Overtaken, untilSettled } from './tries.ts';

/** `POST [base]/[type]`: 201; with If-None-Exist 200 and nothing stored where one matches, 412 where several do. */
export const create: Interaction<AtType> = async ({ type }, context) => {
  const { request } = context;
  return untilSettled(async () => {
    const plan = await planCreate(type, request.body, conditionsOf(request.headers), context, type);
    return answerTo(plan, await store([plan], context, receiptOf(request)));
  });
};

export async function planCreate(
  type: string,
  body: AnyResource | undefined,
  { ifNoneExist }: Conditions,
  context: Context,
  place: string,
): Promise<Plan> {
  const sent = bodyOf(type, body);
  const fresh = { method: 'create', type, id: context.newId(), status: 201, sent, writes: true, place } as const;
  if (ifNoneExist === undefined) return fresh;
  if (!context.settings.conditional.create)
    throw new Problem('precondition-failed', 'Conditional create is switched off.', { expression: 'http.If-None-Exist' });
  if (ifNoneExist.trim() === '') {
    throw new Problem('invalid-request', 'If-None-Exist holds no criteria.', { expression: 'http.If-None-Exist' });
  }
  const criteria = await decide(type, pairsOf(ifNoneExist), context);
  const [found] = criteria.ids;
  if (found === undefined) return { ...fresh, criteria };
  const current = await context.store.read(context.access, type, found);
  if (!current || current.deleted) throw new Overtaken();
  return { method: 'create', type, id: found, status: 200, current, writes: false, criteria, place };
}
