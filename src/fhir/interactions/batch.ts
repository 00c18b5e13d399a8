/**
 * batch: each entry stands alone, as if it had been sent by itself; its failure is its own.
 * R4: https://hl7.org/fhir/R4/http.html#brules
 * @module
 */
import type { Answer, Disclosure, Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import { asOne } from '../profile/budget.ts';
import type { Receipt } from '../store/store.ts';
import { answerRoom, type BundleEntry, bundleBytes, failureEntry, responseEntry } from './bundle.ts';
import { type Entry, entriesOf, placed } from './bundle-entry.ts';
import { deeds } from './deeds.ts';
import type { Context } from './interaction.ts';
import { receiptKey, shapeOf, storedBefore, withReceipt } from './receipt.ts';
import { checkPermission, route } from './route.ts';

/** Entries in flight at once: as many as may share one commit of the store. */
const atOnce = 64;

/** Entries run in the order of a transaction: what reads comes last. */
const phases = [['DELETE'], ['POST'], ['PUT', 'PATCH'], ['GET', 'HEAD']];

/** `POST [base]` with a Bundle of type batch: 200, and a status per entry, in the order of the request. */
export async function batch(bundle: AnyResource, context: Context): Promise<Answer> {
  const entries = entriesOf(bundle, context, true);
  const key = receiptKey(bundle, context.access);
  const receiptOfEntry = ({ index, request }: Entry): Receipt | undefined =>
    key === undefined ? undefined : { key: `${key}|${index}`, shape: shapeOf('batch', [request]) };
  if (key !== undefined && (await context.store.receipt(key)))
    throw new Problem('conflict', 'This Bundle.identifier came with another Bundle before.');
  const answers: BundleEntry[] = new Array(entries.length);
  const patients = new Set<string>();
  const disclosures: Disclosure[] = [];
  const done = deeds();
  const fits = answerRoom();
  const all = async () => {
    for (const methods of phases) {
      const waiting = entries.filter(entry => methods.includes(entry.request.method)).values();
      const work = async () => {
        for (const entry of waiting) {
          const answer = await one(entry, receiptOfEntry(entry), fits, context);
          answers[entry.index] = answer.entry;
          if (!answer.answer) continue;
          done.add(entry.request.method, answer.answer);
          for (const patient of answer.answer.patients ?? []) patients.add(patient);
          disclosures.push(...(answer.answer.disclosures ?? []));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    }
  };
  // Alone, what an entry's profiles may cost is its own; a batch is one request all the same.
  await asOne(entries.length, all);
  const bytes = bundleBytes({ type: 'batch-response' }, answers);
  return { status: 200, bytes, patients: [...patients], disclosures, entries: done.entries };
}

async function one(
  entry: Entry,
  receipt: Receipt | undefined,
  fits: ReturnType<typeof answerRoom>,
  context: Context,
): Promise<{ entry: BundleEntry; answer?: Answer }> {
  const { dispatch, access, baseUrl, store, report, settings } = context;
  const { method, headers } = entry.request;
  try {
    if (entry.refusal) throw entry.refusal;
    const isWrite = method !== 'GET' && method !== 'HEAD';
    const before = receipt !== undefined && isWrite ? await storedBefore(receipt, access, store) : undefined;
    if (before) checkPermission(route(entry.request, settings), access);
    const answer = before?.[0]
      ? again(before[0])
      : await dispatch(receipt === undefined ? entry.request : withReceipt(entry.request, receipt), access);
    return { entry: fits(method, answer, responseEntry(method, answer, baseUrl, headers['prefer'])), answer };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) report?.(thrown);
    return { entry: failureEntry(placed(thrown, entry)) };
  }
}

/** The answer of the first time. */
export const again = (version: Version): Answer => ({ status: version.deleted ? 204 : version.versionId === 1 ? 201 : 200, version });
