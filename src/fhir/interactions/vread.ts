/**
 * vread: one version of one resource.
 * A version this Access may not know of answers like one that never was.
 * R4: https://hl7.org/fhir/R4/http.html#vread
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { unchanged } from './etag.ts';
import type { AtVersion, Interaction } from './interaction.ts';
import { patientsOf } from './patients.ts';
import { askedSubset, subset } from './subset.ts';

/** `GET [base]/[type]/[id]/_history/[vid]`: the stored bytes, or 410 where that version is the deletion. */
export const vread: Interaction<AtVersion> = async ({ type, id, versionId }, { store, access, request, settings }) => {
  const wanted = askedSubset(request.query);
  const version = await store.version(access, type, id, versionId);
  if (!version) throw new Problem('not-found');
  if (version.deleted) throw new Problem('deleted');
  const patients = patientsOf([version]);
  if (settings.conditional.read && unchanged(request.headers, version)) return { status: 304, version, patients };
  if (!wanted) return { status: 200, version, patients };
  return { status: 200, version, bytes: [subset(version, wanted)], patients };
};
