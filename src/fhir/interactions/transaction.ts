/**
 * transaction: all entries or none, in one commit; answers in the order of the request.
 * R4: https://hl7.org/fhir/R4/http.html#trules
 * @module
 */
import type { Answer, Version } from '../model/exchange.ts';
import { type Finding, Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import type { Receipt } from '../store/store.ts';
import { again } from './batch.ts';
import { answerRoom, type BundleEntry, bundleBytes, failureEntry, responseEntry } from './bundle.ts';
import { type Entry, entriesOf, placed } from './bundle-entry.ts';
import { answerTo, store } from './commit.ts';
import { planCreate } from './create.ts';
import { decide, pairsOf } from './criteria.ts';
import { deeds } from './deeds.ts';
import { answerToAll, planConditionalDelete, planDelete } from './delete.ts';
import type { Context } from './interaction.ts';
import { planConditionalPatch, planPatch } from './patch.ts';
import { conditionsOf, type Plan } from './plan.ts';
import { receiptKey, shapeOf, storedBefore } from './receipt.ts';
import { accessFor, checkPermission, type Route, route } from './route.ts';
import { untilSettled } from './tries.ts';
import { planConditionalUpdate, planUpdate } from './update.ts';

/** An entry that writes, and where it goes. */
interface Writing {
  readonly entry: Entry;
  readonly to: Route;
}

/** An entry and what it answers; absent: it is a read, answered once everything is stored. */
interface Answered {
  readonly entry: Entry;
  readonly answer?: Answer;
}

/** What comes first: deletions make room, updates may refer to what is created. */
const turn: Readonly<Record<string, number>> = { delete: 0, create: 1, update: 2 };

const isOperation = ({ request: { path } }: Entry): boolean => path.slice(path.lastIndexOf('/') + 1).startsWith('$');

const isRead = ({ request }: Entry): boolean => request.method === 'GET' || request.method === 'HEAD';

/** `POST [base]` with a Bundle of type transaction: 200, or one OperationOutcome that names the entries, and nothing is stored. */
export async function transaction(bundle: AnyResource, context: Context): Promise<Answer> {
  const { access, baseUrl } = context;
  const entries = entriesOf(bundle, context);
  const writing = routed(entries, context);
  const key = receiptKey(bundle, access);
  const receipt =
    key === undefined
      ? undefined
      : {
          key,
          shape: shapeOf(
            'transaction',
            entries.map(entry => entry.request),
          ),
        };
  const before = receipt === undefined ? undefined : await storedBefore(receipt, access, context.store);
  if (key !== undefined && !before) await checkNoBatch(key, entries, context);
  const answered = before
    ? await asBefore(entries, before, context)
    : await untilSettled(() => perform(entries, writing, receipt, context));
  const all: BundleEntry[] = [];
  const patients = new Set<string>();
  const done = deeds();
  const fits = answerRoom();
  for (const { entry, answer } of answered) {
    const { method, headers } = entry.request;
    const told = (given: Answer): BundleEntry => fits(method, given, responseEntry(method, given, baseUrl, headers['prefer']));
    const result = answer ? { entry: told(answer), answer } : await readAtLast(entry, told, context);
    all.push(result.entry);
    if (result.answer === undefined) continue;
    done.add(method, result.answer);
    for (const patient of result.answer.patients ?? []) patients.add(patient);
  }
  return { status: 200, bytes: bundleBytes({ type: 'transaction-response' }, all), patients: [...patients], entries: done.entries };
}

/** A batch under the same identifier left a receipt with each entry that it stored. */
async function checkNoBatch(key: string, entries: readonly Entry[], { store: stored }: Context): Promise<void> {
  for (const { index } of entries)
    if (await stored.receipt(`${key}|${index}`)) throw new Problem('conflict', 'This Bundle.identifier came with another Bundle before.');
}

/** Where the writing entries go. Throws what is wrong with any entry's url, and 403 where this agent may not do that with the type. */
function routed(entries: readonly Entry[], { access, settings }: Context): readonly Writing[] {
  const findings: Finding[] = [];
  const writing: Writing[] = [];
  for (const entry of entries) {
    // What is no interaction of a type is tried as a whole, when all entries that write are known.
    if (isRead(entry) && (entry.request.path === 'metadata' || isOperation(entry))) continue;
    try {
      const to = route(entry.request, settings);
      checkPermission(to, access);
      if (entry.request.method === 'POST' && to.interaction !== 'create')
        throw new Problem('invalid-request', 'A transaction posts resources to their type only.');
      if (to.interaction === 'delete-history') throw new Problem('invalid-request', 'A transaction takes nothing out for good.');
      if (!isRead(entry)) writing.push({ entry, to });
    } catch (thrown) {
      const problem = placed(thrown, entry);
      if (!(problem instanceof Problem)) throw problem;
      findings.push(...problem.findings);
    }
  }
  if (findings.length > 0) throw Problem.of(findings);
  return writing;
}

/** Decides, stores, and answers the entries that write; may be done again from the start while nothing is stored. */
async function perform(
  entries: readonly Entry[],
  writing: readonly Writing[],
  receipt: Receipt | undefined,
  context: Context,
): Promise<readonly Answered[]> {
  const plans = new Map<Entry, readonly Plan[]>();
  for (const { entry, to } of writing) plans.set(entry, await planned(entry, to, context));
  checkOnce(plans);
  await tryReads(entries, plans, context);

  const sorted = [...plans].flatMap(([entry, some]) => some.map(plan => ({ entry, plan })));
  sorted.sort((a, b) => turn[a.plan.method]! - turn[b.plan.method]!);
  const { versions, repeated } = await store(
    sorted.map(({ plan }) => plan),
    context,
    receipt,
    sorted.map(({ entry }) => entry.fullUrl),
  );
  if (repeated) return asBefore(entries, versions, context);
  const next = versions.values();
  const stored = new Map(sorted.map(({ plan }) => [plan, plan.writes ? next.next().value : plan.current] as const));
  return entries.map((entry): Answered => {
    if (isRead(entry)) return { entry };
    const [plan, ...more] = plans.get(entry) ?? [];
    if (plan === undefined) return { entry, answer: { status: 204 } };
    const committed = { versions: [plan, ...more].flatMap(one => stored.get(one) ?? []), repeated };
    return { entry, answer: more.length === 0 ? answerTo(plan, committed) : answerToAll([plan, ...more], committed) };
  });
}

/** One plan; for a conditional delete as many as match. */
async function planned(entry: Entry, to: Route, whole: Context): Promise<readonly Plan[]> {
  const { interaction, type, id } = to;
  const context = { ...whole, access: accessFor(to, whole.access) };
  const { body, query, headers } = entry.request;
  const conditions = conditionsOf(headers);
  const place = `${entry.place}.resource`;
  try {
    if (interaction === 'delete' && id === undefined) return await planConditionalDelete(type, query, conditions, context, entry.place);
    if (interaction === 'delete') return [await planDelete(type, id!, conditions, context, entry.place)];
    if (interaction === 'create') return [await planCreate(type, body, conditions, context, place)];
    if (interaction === 'update') {
      return [
        id === undefined
          ? await planConditionalUpdate(type, query, body, conditions, context, place)
          : await planUpdate(type, id, body, conditions, context, place),
      ];
    }
    return [
      id === undefined
        ? await planConditionalPatch(type, query, entry.request, conditions, context, place)
        : await planPatch(type, id, entry.request, conditions, context, place),
    ];
  } catch (thrown) {
    throw placed(thrown, entry);
  }
}

/** A resource can be in a transaction once, by whatever name; the same criteria twice would make two of one. */
function checkOnce(plans: ReadonlyMap<Entry, readonly Plan[]>): void {
  const first = new Map<string, Entry>();
  const findings: Finding[] = [];
  const check = (key: string, entry: Entry, text: string) => {
    const other = first.get(key);
    if (!other) first.set(key, entry);
    else findings.push(...[other, entry].map(({ place }): Finding => ({ kind: 'invalid-request', text, expression: place })));
  };
  for (const [entry, some] of plans) {
    for (const { type, id, criteria } of some) {
      check(`${type}/${id}`, entry, 'Two entries mean the same resource.');
      if (criteria?.ids.length === 0)
        check(`${type}?${JSON.stringify(criteria.query.where)}`, entry, 'Two entries have the same criteria.');
    }
  }
  if (findings.length > 0) throw Problem.of(findings);
}

/** Reads come last, when nothing can be taken back any more: what is going to fail is found out before. */
async function tryReads(
  entries: readonly Entry[],
  plans: ReadonlyMap<Entry, readonly Plan[]>,
  { dispatch, access }: Context,
): Promise<void> {
  const all = [...plans.values()].flat();
  const written = new Set(all.filter(plan => plan.method !== 'delete').map(({ type, id }) => `${type}/${id}`));
  const deleted = new Set(all.filter(plan => plan.method === 'delete').map(({ type, id }) => `${type}/${id}`));
  for (const entry of entries.filter(isRead)) {
    const target = entry.request.path.split('/', 2).join('/');
    if (written.has(target)) continue;
    try {
      if (deleted.has(entry.request.path)) throw new Problem('deleted');
      await dispatch(entry.request, access);
    } catch (thrown) {
      throw placed(thrown, entry);
    }
  }
}

/** Everything is stored by now: a read that fails all the same fails alone. */
async function readAtLast(
  entry: Entry,
  told: (answer: Answer) => BundleEntry,
  { dispatch, access, report }: Context,
): Promise<{ readonly entry: BundleEntry; readonly answer?: Answer }> {
  try {
    const answer = await dispatch(entry.request, access);
    return { entry: told(answer), answer };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) report?.(thrown);
    return { entry: failureEntry(placed(thrown, entry)) };
  }
}

/**
 * The answer of the first time, told from what it stored then: criteria name their resource again,
 * every other entry takes the first version left that can be its own.
 */
async function asBefore(entries: readonly Entry[], versions: readonly Version[], context: Context): Promise<readonly Answered[]> {
  const left = new Set(versions);
  const answers = new Map<Entry, Answer>();
  const take = (entry: Entry, fits: (version: Version) => boolean): boolean => {
    const version = [...left].find(fits);
    if (!version) return false;
    left.delete(version);
    answers.set(entry, again(version));
    return true;
  };
  const writing = entries.filter(entry => !isRead(entry)).map(entry => ({ entry, to: route(entry.request, context.settings) }));
  for (const { entry, to } of writing) {
    const { method, query, headers } = entry.request;
    const criteria = to.conditional ? query : headers['if-none-exist'] === undefined ? undefined : pairsOf(headers['if-none-exist']);
    if (criteria === undefined || method === 'DELETE') continue;
    const access = accessFor(to, context.access);
    const [id] = (await decide(to.type, criteria, { ...context, access })).ids;
    if (id === undefined || take(entry, version => version.type === to.type && version.id === id)) continue;
    const version = await context.store.read(access, to.type, id);
    answers.set(entry, { status: 200, ...(version ? { version } : {}) });
  }
  // Versions lie in the order in which they were stored.
  for (const { entry, to } of writing.sort((a, b) => turn[a.to.interaction]! - turn[b.to.interaction]!)) {
    if (answers.has(entry)) continue;
    const isDeletion = to.interaction === 'delete';
    take(entry, ({ type, id, deleted }) => type === to.type && deleted === isDeletion && (to.id === undefined || to.id === id));
  }
  return entries.map(
    (entry): Answered =>
      isRead(entry) ? { entry } : { entry, answer: answers.get(entry) ?? { status: entry.request.method === 'DELETE' ? 204 : 200 } },
  );
}
