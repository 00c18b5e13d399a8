/**
 * What the entries of a Bundle did, for the audit: interaction → references with version.
 * R4: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html
 * @module
 */
import type { Answer } from '../model/exchange.ts';

export interface Deeds {
  add(method: string, answer: Answer): void;
  /** For `Answer.entries`. */
  readonly entries: Readonly<Record<string, readonly string[]>>;
}

const interactionOf = (method: string, status: number): string => {
  if (method === 'DELETE') return 'delete';
  if (method === 'PATCH') return 'patch';
  if (method === 'GET' || method === 'HEAD') return 'read';
  return status === 201 ? 'create' : 'update';
};

export function deeds(): Deeds {
  const entries: Record<string, string[]> = {};
  return {
    entries,
    add(method, { status, version, entries: several }) {
      for (const [interaction, references] of Object.entries(several ?? {})) (entries[interaction] ??= []).push(...references);
      if (!version) return;
      (entries[interactionOf(method, status)] ??= []).push(`${version.type}/${version.id}/_history/${version.versionId}`);
    },
  };
}
