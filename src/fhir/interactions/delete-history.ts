/**
 * delete-history: what was is taken out for good, all versions but the current one, or one of them. Not for everybody who may delete: a right of its own.
 * R5 names it; R4 has no word for it: https://hl7.org/fhir/R5/http.html#delete-history
 * @module
 */
import { type Access, asServer } from '../model/access.ts';
import type { Answer } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import type { Forget, Store } from '../store/store.ts';
import type { AtVersion, Interaction } from './interaction.ts';
import { patientsOf } from './patients.ts';
import { Overtaken, untilSettled } from './tries.ts';

/** Code of the right, which is that to call the operation of this name. */
export const purgeRight = 'purge';

/** `DELETE [base]/[type]/[id]/_history`. */
export const deleteHistory: Interaction = ({ type, id }, { store, granted }) => purge({ type, id, what: 'history' }, granted, store);

/** `DELETE [base]/[type]/[id]/_history/[vid]`: 409 for the current version. */
export const deleteHistoryVersion: Interaction<AtVersion> = ({ type, id, versionId }, { store, granted }) =>
  purge({ type, id, what: 'version', versionId }, granted, store);

/**
 * Takes versions out for good. The operator purges what he may not read: who it was about stands in the audit log alone. Others purge what they may know of.
 * @throws Problem `forbidden`, `not-found`, `conflict`, `business-rule`
 */
export async function purge(wanted: Forget, access: Access, store: Store): Promise<Answer> {
  if (!access.operations.includes(purgeRight)) throw new Problem('forbidden');
  const { type, id } = wanted;
  const reader = access.agent.role === 'operator' ? asServer('purge a resource for the operator') : access;
  return untilSettled(async () => {
    const history = await store.history(reader, { type, id }, { count: 1000 });
    if (!history) throw new Problem('not-found');
    // What stays is the version that is known of here, whatever comes meanwhile.
    const stays = wanted.what === 'history' ? { versionId: history.versions[0]!.versionId } : {};
    try {
      await store.commit({ writes: [], forget: [{ ...wanted, ...stays }] });
    } catch (thrown) {
      throw thrown instanceof Problem && thrown.kind === 'precondition-failed' ? new Overtaken() : thrown;
    }
    const gone = history.versions.filter(({ versionId }, i) =>
      wanted.what === 'version' ? versionId === wanted.versionId : wanted.what === 'all' || i > 0,
    );
    return {
      status: 204,
      patients: patientsOf(history.versions),
      entries: { delete: gone.map(({ versionId }) => `${type}/${id}/_history/${versionId}`) },
    };
  });
}
