/**
 * What an interaction is: where it is called and what it is handed.
 * R4: https://hl7.org/fhir/R4/http.html#operations
 * @module
 */
import type { Access } from '../model/access.ts';
import type { Answer, Dispatch, Request } from '../model/exchange.ts';
import type { Finding } from '../model/outcome.ts';
import type { AnyResource } from '../model/r4.ts';
import type { Sealer } from '../model/seal.ts';
import type { Profiles } from '../profile/profiles.ts';
import type { Concepts } from '../search/concepts.ts';
import type { Extractor } from '../search/extract.ts';
import type { parseSearch } from '../search/parse.ts';
import type { Gate } from '../store/gate.ts';
import type { Store } from '../store/store.ts';

export interface Settings {
  /** Resources a page when `_count` is not given. */
  readonly defaultCount: number;
  /** A larger `_count` is cut to this. */
  readonly maxCount: number;
  /** A Bundle with more entries is refused (413). */
  readonly maxBundleEntries: number;
  /** A literal reference to something that is not here is refused (422). */
  readonly referentialIntegrity: boolean;
  /** Which conditional interactions are served. */
  readonly conditional: {
    readonly create: boolean;
    readonly read: boolean;
    readonly update: boolean;
    readonly patch: boolean;
    readonly delete: 'not-supported' | 'single' | 'multiple';
  };
  /** Criteria of a deletion that match more are refused. */
  readonly maxConditionalDeletes: number;
  /** A PUT to an id that was never used creates the resource. */
  readonly updateCreate: boolean;
  /** IANA zone of dates that name none. */
  readonly timeZone: string;
}

/** What the CapabilityStatement says beyond what is routed here. */
interface CapabilityInputs {
  /** Version of the software. */
  readonly version: string;
  /** Day of the software's release, `2026-01-31`. */
  readonly date: string;
  /** The $operations that are served. */
  readonly operations: readonly ServedOperation[];
}

export interface ServedOperation {
  /** Its code. */
  readonly name: string;
  /** Canonical of its definition. */
  readonly definition: string;
  readonly documentation?: string;
  /** False: not called at the base. */
  readonly system?: boolean;
  /** Resource types at which, or at whose instances, it is called; `Resource`: all. */
  readonly types?: readonly string[];
}

/** What the interactions are made of. */
export interface Parts {
  readonly store: Store;
  /** Judges a resource; no findings: it may be stored. */
  readonly validate: (resource: AnyResource) => readonly Finding[];
  /** Judges it by the profiles that it names, and StructureDefinitions by whether they can be used; absent: nobody does. */
  readonly profiles?: Profiles;
  readonly gate: Gate;
  readonly parseSearch: typeof parseSearch;
  /** Code systems and value sets as far as an access may know of them; absent: searches by them are refused. */
  readonly terminology?: (access: Access) => Concepts;
  readonly sealer: Sealer;
  readonly newId: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** The composed dispatch (operations included), for the entries of a batch; default: these interactions alone. */
  readonly dispatch?: () => Dispatch;
  /** 10-digit code of an institution by the sender it writes as: whose report units it may send. */
  readonly institutionCode?: (sender: string) => string | undefined;
  /** Told of an entry's failure that is a bug: the client learns nothing of it. */
  readonly report?: (thrown: unknown) => void;
  readonly settings: Settings;
  readonly capabilities: CapabilityInputs;
}

/** The parts, and the request that is being answered. */
export interface Context extends Omit<Parts, 'dispatch'> {
  /** What searches would find a resource by. */
  readonly extract: Extractor;
  readonly dispatch: Dispatch;
  readonly request: Request;
  /** As it stands for the interaction that is asked for. */
  readonly access: Access;
  /** All that the agent may do. */
  readonly granted: Access;
}

/** Where an interaction is called; each takes what it needs. */
export type AtSystem = Readonly<Record<never, never>>;
export interface AtType {
  readonly type: string;
}
interface AtInstance extends AtType {
  readonly id: string;
}
/** In the compartment of a resource. */
export interface AtCompartment {
  readonly compartment: string;
  readonly id: string;
  /** Absent: all types. */
  readonly type?: string;
}
export interface AtVersion extends AtInstance {
  readonly versionId: number;
}

/** Throws Problem. */
export type Interaction<At = AtInstance> = (at: At, context: Context) => Promise<Answer>;
