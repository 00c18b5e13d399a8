/**
 * One request and its answer, the same for HTTP and for an entry of a transaction or batch.
 * R4: https://hl7.org/fhir/R4/http.html
 * @module
 */
import type { Access } from './access.ts';
import type { AnyResource } from './r4.ts';

/** Bytes that are no FHIR resource, and what they are. */
export interface Content {
  /** Media type, as sent. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** A request, already understood as far as URL and headers go. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the base without a leading slash and without the query: `Patient/1/_history`, `` for the base, `$deidentify`. */
  readonly path: string;
  /** Decoded [name, value] pairs of the URL query, and of a form body of POST _search; order kept. */
  readonly query: readonly (readonly [string, string])[];
  /** Body as a resource, when there is one. */
  readonly body?: AnyResource;
  /** Body that is no resource: a patch. Content of a Binary is a Binary here: only the wire knows it by itself. */
  readonly content?: Content;
  /** Header names in lower case: if-match, if-none-match, if-none-exist, if-modified-since, prefer. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One stored version of a resource. */
export interface Version {
  readonly type: string;
  readonly id: string;
  /** Counts 1, 2, 3 … */
  readonly versionId: number;
  /** Milliseconds since 1970. */
  readonly lastUpdated: number;
  readonly deleted: boolean;
  /** The final JSON, UTF-8, meta.versionId and meta.lastUpdated included; empty for a deletion. */
  readonly bytes: Buffer;
}

/** What left under a study, and how: for the audit alone. */
export interface Disclosure {
  /** `ResearchStudy/<id>`. */
  readonly study: string;
  /** Canonical URL of the policy, with its version. */
  readonly policy: string;
  /** SHA-256 (hex) of the policy. */
  readonly hash: string;
  /** Keyed hash (hex) of the plan of the data set, where the policy makes one. */
  readonly plan?: string;
  /** `urn:uuid:` of the data set; a count has none. */
  readonly dataSet?: string;
}

/** What an interaction answers. The wire adds ETag, Last-Modified and Location from `version`, and obeys Prefer. */
export interface Answer {
  readonly status: number;
  /** A stored version; its bytes are the body. */
  readonly version?: Version;
  /** A body that is not a stored version. */
  readonly resource?: AnyResource;
  /** A body that is already serialized (a searchset made of stored bytes). */
  readonly bytes?: readonly Buffer[];
  /** A body that is no FHIR resource, in pieces: it leaves as it is. */
  readonly content?: { readonly type: string; readonly bytes: readonly Buffer[] };
  readonly headers?: Readonly<Record<string, string>>;
  /** Patients whose data the answer shows or the request touched, `Patient/<id>`; for the audit alone. */
  readonly patients?: readonly string[];
  /** What left under a study; several of a batch. */
  readonly disclosures?: readonly Disclosure[];
  /** What a transaction or batch did: interaction → references with version (`Patient/1/_history/1`); for the audit alone. */
  readonly entries?: Readonly<Record<string, readonly string[]>>;
}

/** Dispatch is an argument: a Bundle entry takes exactly the way an HTTP request takes. Throws Problem. */
export type Dispatch = (request: Request, access: Access) => Promise<Answer>;
