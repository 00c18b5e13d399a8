/**
 * The gate that write interactions are handed: it sees resolved resources and says what the commit must check and note down.
 * fhir/ knows nothing of notices or objections; consent/ does.
 * @module
 */
import type { Access } from '../model/access.ts';
import type { AnyResource } from '../model/r4.ts';
import type { LineName, ListCheck, ListEntry } from './store.ts';

/** One write as it would be stored: conditional references and urns are settled. */
export interface Proposal {
  readonly method: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  /** Absent for a deletion. */
  readonly resource?: AnyResource;
  /** What is stored now, for an update or deletion. */
  readonly current?: AnyResource;
  /** Who sent what is stored now. */
  readonly currentSender?: string;
  /** Where it stands in the request: `Bundle.entry[3].resource`, or the resource type alone. */
  readonly expression: string;
}

export interface Verdict {
  /** Lines that the written resources make (a notice, an objection). */
  readonly lists: readonly ListEntry[];
  /** Judged by the store inside the commit. */
  readonly checks: readonly ListCheck[];
  /** Lines whose persons the commit erases. */
  readonly erase?: readonly LineName[];
  /** `Type/id` of the written resources that belong to the legal record; absent: as the store has it. */
  readonly legal?: ReadonlySet<string>;
}

/** Throws Problem to refuse the whole request. */
export type Gate = (access: Access, proposals: readonly Proposal[]) => Promise<Verdict>;
