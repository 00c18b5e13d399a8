/**
 * Access is data: who asks, what he may do, what he may know of. auth/ makes it, consent/ narrows it, the store obeys it.
 * An empty reach means nothing, never everything.
 * @module
 */

/** The kinds of client; `server` is Noren itself, which says why it reads. */
export type Role = 'tester' | 'institution' | 'researcher' | 'operator' | 'patient' | 'server';

export interface Agent {
  /** OAuth client_id. */
  readonly client: string;
  readonly role: Role;
  /** What this agent writes is recorded as sent by: `Organization/hospital-1` for an institution, `client/<id>` else. */
  readonly sender: string;
  /** `Patient/<id>` in whose context a patient app acts. */
  readonly patient?: string;
  /** Who signed in to the app: `Patient/<id>`, `Practitioner/<id>` … */
  readonly user?: string;
  /** v3-PurposeOfUse: HRESCH, TREAT, PATRQT, HOPERAT … */
  readonly purpose: string;
  /** jti of the token. */
  readonly token?: string;
  /** Why the server itself reads (role `server`). */
  readonly reason?: string;
}

/** A condition on a resource in search's terms (one of its predicates): data here, judged by the store. */
export interface Criterion {
  readonly kind: string;
}

/** All conditions of a clause hold together; `{}` is everything. */
export interface Clause {
  /** Only versions sent by this sender. */
  readonly sender?: string;
  /** Only the compartment of this patient (`Patient/<id>`). */
  readonly patient?: string;
  /** Only these ids. */
  readonly ids?: readonly string[];
  /** Only versions that a search by these criteria finds, all of them. */
  readonly where?: readonly Criterion[];
  /** Letters of `cruds` for which the clause holds; absent: for all that are permitted. */
  readonly letters?: string;
}

/** Clauses are alternatives: none = nothing. */
export type Reach = readonly Clause[];

export interface Access {
  readonly agent: Agent;
  /** Resource type (or `*` for the types not named) → letters of `cruds` that this agent may do with it; `''` or absent: none. */
  readonly permits: Readonly<Record<string, string>>;
  /** The $operations that this agent may call, by the ids of their definitions: `deidentify`, `ValueSet-expand`. */
  readonly operations: readonly string[];
  /** Resource type (or `*`) → which of its resources may be known of. */
  readonly reach: Readonly<Record<string, Reach>>;
  /**
   * Resource type → letter → what a resource must meet as it is written: one of these lists of criteria; no such letter: nothing beyond the permits. Absent
   * as a whole: no clause of the reach has letters.
   */
  readonly within?: Readonly<Record<string, Readonly<Partial<Record<'c' | 'u', readonly (readonly Criterion[])[]>>>>>;
  /** Names of patient lists: what is about a person who stands on one is not there for this agent. */
  readonly without: readonly string[];
  /** Codes of `meta.tag`: a resource that has one is not there for this agent, in no version. */
  readonly withoutTags?: readonly string[];
  /** ids of the ResearchStudies that this agent is bound to. */
  readonly studies: readonly string[];
}

/** What one may do, in the letters of SMART scopes: create, read (vread, instance history), update (patch), delete, search. */
export type Letter = 'c' | 'r' | 'u' | 'd' | 's';

/** Whether the agent may do this with a type at all (not: with this resource). */
export const permits = (access: Access, letter: Letter, type: string): boolean =>
  (access.permits[type] ?? access.permits['*'] ?? '').includes(letter);

/** Which resources of a type the agent may know of. */
export const reachOf = (access: Access, type: string): Reach => access.reach[type] ?? access.reach['*'] ?? [];

/**
 * The access as it stands for one interaction: of its own type only the clauses that hold for its letter; of the others those for a search, or else for
 * a read, since they are met in references, chains and includes. A creation knows of its own type what a search does.
 */
export function askedFor(access: Access, letter: Letter, type: string): Access {
  // Asked at every request, and of every entry of a Bundle: where no clause has letters nothing is looked through.
  if (access.within === undefined) return access;
  const rows = Object.entries(access.reach);
  const known = (of: string): Letter | undefined => (['s', 'r'] as const).find(one => permits(access, one, of));
  const reach = rows.map(([of, clauses]) => {
    const wanted = of === type && letter !== 'c' ? letter : known(of);
    return [of, clauses.filter(({ letters }) => letters === undefined || (wanted !== undefined && letters.includes(wanted)))] as const;
  });
  return { ...access, reach: Object.fromEntries(reach) };
}

/** The server's own read, with its reason: everything is in reach, no list is left out. */
export const asServer = (reason: string): Access => ({
  agent: { client: 'noren', role: 'server', sender: 'client/noren', purpose: 'HOPERAT', reason },
  permits: { '*': 'cruds' },
  operations: [],
  reach: { '*': [{}] },
  without: [],
  studies: [],
});

/** The same access without the persons of a patient list. */
export const leavingOut = (access: Access, list: string): Access =>
  access.without.includes(list) ? access : { ...access, without: [...access.without, list] };
