/**
 * Access → smaller Access: whoever asks for research sees nobody who objected.
 * @module
 */
import { type Access, leavingOut } from '../fhir/model/access.ts';

/** v3-PurposeOfUse codes of research. */
const research: ReadonlySet<string> = new Set([
  'HRESCH',
  'BIORCH',
  'CLINTRCH',
  'CLINTRCHNPC',
  'CLINTRCHPC',
  'PRECLINTRCH',
  'DSRCH',
  'POARCH',
  'TRANSRCH',
]);

/** The access that may be handed on: for research, without the persons on the list of objections. */
export const narrow = (access: Access): Access =>
  access.agent.role === 'researcher' || research.has(access.agent.purpose) ? leavingOut(access, 'objection') : access;
