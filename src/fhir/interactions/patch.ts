/**
 * patch: a new version of a resource, made of the stored one and a list of changes; conditional patch: of the one that matches.
 * What comes out is judged and stored as an update of it would be.
 * R4: https://hl7.org/fhir/R4/http.html#patch
 * @module
 */
import { askedFor, permits } from '../model/access.ts';
import type { Request, Version } from '../model/exchange.ts';
import { parseJson } from '../model/json.ts';
import { Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { answerTo, store } from './commit.ts';
import { decide, type Pairs } from './criteria.ts';
import { checkVersion } from './etag.ts';
import type { AtType, Context, Interaction } from './interaction.ts';
import { applyFhirPathPatch } from './patch/fhirpath-patch.ts';
import { applyJsonPatch } from './patch/json-patch.ts';
import { createBudget, isSame } from './patch/values.ts';
import { applyXmlPatch } from './patch/xml-patch.ts';
import { type Conditions, conditionsOf, isOwn, type Plan } from './plan.ts';
import { receiptOf } from './receipt.ts';
import { resourceOf } from './stored.ts';
import { inTurn, Overtaken, untilSettled } from './tries.ts';

/** Media types of the documents that are patches; Parameters, in any format of FHIR, are one too. */
export const patchTypes = ['application/json-patch+json', 'application/xml-patch+xml'] as const;

/** What a request brings as its patch. */
export type PatchDocument = Pick<Request, 'body' | 'content'>;

/** `PATCH [base]/[type]/[id]`: 200; 404 and 410 where there is nothing to patch. */
export const patch: Interaction = async ({ type, id }, context) => {
  const { request } = context;
  return inTurn(`${type}/${id}`, () =>
    untilSettled(async () => {
      const plan = await planPatch(type, id, request, conditionsOf(request.headers), context, type);
      return answerTo(plan, await store([plan], context, receiptOf(request)));
    }),
  );
};

/** `PATCH [base]/[type]?[criteria]`: the one that matches; none 404, several 412. */
export const conditionalPatch: Interaction<AtType> = async ({ type }, context) => {
  const { request } = context;
  return untilSettled(async () => {
    const plan = await planConditionalPatch(type, request.query, request, conditionsOf(request.headers), context, type);
    return answerTo(plan, await store([plan], context, receiptOf(request)));
  });
};

export async function planPatch(
  type: string,
  id: string,
  document: PatchDocument,
  conditions: Conditions,
  context: Context,
  place: string,
): Promise<Plan> {
  const current = await context.store.read(context.access, type, id);
  if (!current || !(await isOwn(type, id, context)) || !(await mayRead(type, id, context))) throw new Problem('not-found');
  if (current.deleted) throw new Problem('deleted');
  checkVersion(conditions, current);
  return { method: 'update', type, id, status: 200, sent: patched(current, document), current, writes: true, place };
}

export async function planConditionalPatch(
  type: string,
  pairs: Pairs,
  document: PatchDocument,
  conditions: Conditions,
  context: Context,
  place: string,
): Promise<Plan> {
  const criteria = await decide(type, pairs, context);
  const [found] = criteria.ids;
  if (found === undefined) throw new Problem('not-found', 'The criteria match nothing.');
  const plan = await planPatch(type, found, document, conditions, context, place).catch(thrown => {
    throw thrown instanceof Problem && thrown.kind === 'deleted' ? new Overtaken() : thrown;
  });
  return { ...plan, criteria };
}

/** A patch tells of what stands in the resource, by its tests and by what comes out: who may change it but not read it learns nothing by it. */
async function mayRead(type: string, id: string, { store: stored, granted }: Context): Promise<boolean> {
  return permits(granted, 'r', type) && (await stored.read(askedFor(granted, 'r', type), type, id)) !== undefined;
}

/** The current version as the patch leaves it. */
function patched(current: Version, document: PatchDocument): AnyResource {
  const before = resourceOf(current);
  const after = applied(resourceOf(current), document);
  checkIdentity(before, after);
  if (depthOf(after) > Math.max(deepest, depthOf(before))) throw new Problem('too-deep', 'The patch nests the resource too deeply.');
  return withoutStaleNarrative(before, after);
}

function applied(resource: AnyResource, { body, content }: PatchDocument): AnyResource {
  const budget = createBudget();
  if (body?.resourceType === 'Parameters') return applyFhirPathPatch(resource, body, budget);
  if (body !== undefined) throw new Problem('invalid-request', 'A patch in FHIR is a Parameters resource.');
  if (content?.type === 'application/xml-patch+xml') return applyXmlPatch(resource, content.bytes, budget);
  if (content?.type !== 'application/json-patch+json')
    throw new Problem('unsupported-media-type', `A patch is Parameters, or of the type ${patchTypes.join(', ')}.`);
  const result = applyJsonPatch(resource, parseJson(content.bytes), budget);
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    throw new Problem('unprocessable', 'The patch leaves no resource.');
  return result as AnyResource;
}

/** What a resource is and which version of it is current are not said by what is in it. */
function checkIdentity(before: AnyResource, after: AnyResource): void {
  const refuse = (element: string) =>
    new Problem('invalid-request', `A patch does not change ${element}.`, { expression: `${before.resourceType}.${element}` });
  if (after.resourceType !== before.resourceType) throw refuse('resourceType');
  if (after.id !== before.id) throw refuse('id');
  const meta = (after.meta ?? {}) as Json;
  if (typeof meta !== 'object' || meta === null) return;
  for (const element of ['versionId', 'lastUpdated'])
    if (meta[element] !== undefined && meta[element] !== before.meta?.[element]) throw refuse(`meta.${element}`);
}

const deepest = 100;

const depthOf = (value: unknown): number =>
  typeof value !== 'object' || value === null ? 0 : 1 + Object.values(value).reduce<number>((most, one) => Math.max(most, depthOf(one)), 0);

/** Elements that a narrative does not tell of. */
const untold = new Set(['id', 'meta', 'implicitRules', 'language', 'text']);

/**
 * A narrative must not tell what is no longer so: one that was generated from the data goes where the patch changed them and left it as it was; one that says
 * more than the data cannot be given up, so the patch must change it too.
 */
function withoutStaleNarrative(before: AnyResource, after: AnyResource): AnyResource {
  const { text, ...rest } = after;
  if (text === undefined || !isSame(text, before['text'])) return after;
  const told = (resource: Json) => Object.fromEntries(Object.entries(resource).filter(([name]) => !untold.has(name)));
  if (isSame(told(before), told(after))) return after;
  const status = (text as Json | null)?.['status'];
  if (status === 'generated' || status === 'extensions') return rest as AnyResource;
  if (status === 'empty') return after;
  throw new Problem('unprocessable', 'The narrative says more than the data: a patch of the data must change it too.', {
    expression: `${before.resourceType}.text`,
  });
}
