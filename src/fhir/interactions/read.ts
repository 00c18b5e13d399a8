/**
 * read: the current version of one resource.
 * What this Access may not know of answers like what never was.
 * R4: https://hl7.org/fhir/R4/http.html#read, https://hl7.org/fhir/R4/http.html#cread
 * @module
 */
import { Problem } from '../model/outcome.ts';
import { unchanged } from './etag.ts';
import type { Interaction } from './interaction.ts';
import { patientsOf } from './patients.ts';
import { askedSubset, subset } from './subset.ts';

/** `GET [base]/[type]/[id]`: the stored bytes; 304 where the client has them, 410 where the resource was deleted. */
export const read: Interaction = async ({ type, id }, { store, access, request, settings }) => {
  const wanted = askedSubset(request.query);
  const version = await store.read(access, type, id);
  if (!version) throw new Problem('not-found');
  if (version.deleted) throw new Problem('deleted');
  const patients = patientsOf([version]);
  if (settings.conditional.read && unchanged(request.headers, version)) return { status: 304, version, patients };
  if (!wanted) return { status: 200, version, patients };
  return { status: 200, version, bytes: [subset(version, wanted)], patients };
};
