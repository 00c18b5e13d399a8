/**
 * A search, understood: what the store is asked. No text is left to parse.
 * R4: https://hl7.org/fhir/R4/search.html
 * @module
 */
import type { ParameterType } from './values.ts';

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';
/** `co` and `po` are written in `_filter` only: the stored range contains the searched one; both overlap. */
type Comparison = Prefix | 'co' | 'po';

/** A date or number of the query: the range that its precision means (`2013` = the whole year; `100` = 99.5 up to 100.5), and the value itself. */
export interface Ranged {
  readonly prefix: Comparison;
  /** First instant (ms) or lowest number meant. */
  readonly low: number;
  /** Last instant (ms), inclusive; or upper bound of the number's range, exclusive. */
  readonly high: number;
  /** The number as written (gt, lt, ge, le, sa, eb compare with it exactly); for dates the same as `low`. */
  readonly value: number;
}

/** A token of the query. system: string = that system; null = no system (`|code`); undefined = any. code undefined = any (`system|`). */
export interface TokenTest {
  readonly system?: string | null;
  readonly code?: string;
}

/** How a token is compared: letter by letter; without case; any that is not it; a MIME type with whatever parameters. */
export type TokenMatch = 'code' | 'any-case' | 'other' | 'mime';

/** How strings are compared, folded but for `exact`: `same` is the whole, `other` whatever is not it; `gt` … by the first letter. */
export type StringMatch = 'starts' | 'exact' | 'contains' | 'ends' | 'same' | 'other' | 'gt' | 'lt' | 'ge' | 'le';

/** A circle on the earth; degrees and metres. */
export interface Circle {
  readonly latitude: number;
  readonly longitude: number;
  readonly metres: number;
}

/** Words of a text: each stands at the beginning of one in the resource (in a script without spaces: anywhere). */
export type TextQuery =
  | { readonly word: string }
  | { readonly all: readonly TextQuery[] }
  | { readonly any: readonly TextQuery[] }
  | { readonly not: TextQuery };

export interface ReferenceTest {
  /** `Type/id`, a foreign URL or a canonical, compared as a whole. */
  readonly reference?: string;
  /** Only an id was given: any type that the parameter allows. */
  readonly id?: string;
}

/** `contains`: anywhere in the URI, whatever the case; R4 has it for strings alone, clients use it for URIs too. */
export type UriMatch = 'exact' | 'above' | 'below' | 'contains';

/** Values of one predicate are alternatives (OR); predicates of a list hold together (AND). `code` is the SearchParameter's code. */
export type Predicate =
  | {
      readonly kind: 'token';
      readonly code: string;
      readonly values: readonly TokenTest[];
      readonly not: boolean;
      /** Default `code`. */
      readonly match?: TokenMatch;
    }
  /** Codes that a value set holds, or that stand above or below others: a terminology says which (concepts.ts), no store knows. */
  | {
      readonly kind: 'concept';
      readonly code: string;
      readonly relation: 'in' | 'above' | 'below';
      /** `in`: canonicals of value sets; else `system|code`, unescaped and apart. */
      readonly values: readonly { readonly set?: string; readonly system?: string; readonly code?: string }[];
      readonly not: boolean;
      /** Systems that go without saying. */
      readonly implicit: readonly string[];
    }
  | { readonly kind: 'string'; readonly code: string; readonly values: readonly string[]; readonly match: StringMatch }
  | { readonly kind: 'date'; readonly code: string; readonly values: readonly Ranged[] }
  | { readonly kind: 'number'; readonly code: string; readonly values: readonly Ranged[] }
  /** system as for tokens; unitOrCode compares with code or unit. */
  | {
      readonly kind: 'quantity';
      readonly code: string;
      readonly values: readonly (Ranged & { readonly system?: string | null; readonly unitOrCode?: string })[];
    }
  | {
      readonly kind: 'reference';
      readonly code: string;
      readonly values: readonly ReferenceTest[];
      readonly targets: readonly string[];
      /** Along the hierarchy of the target (Location.partOf …), or the versions of a canonical. */
      readonly along?: 'above' | 'below';
    }
  | { readonly kind: 'uri'; readonly code: string; readonly values: readonly string[]; readonly match: UriMatch }
  /** Each value: one test per component; all must hold within one element. */
  | { readonly kind: 'composite'; readonly code: string; readonly values: readonly (readonly Component[])[] }
  | { readonly kind: 'missing'; readonly code: string; readonly missing: boolean }
  | { readonly kind: 'id'; readonly values: readonly string[]; readonly not?: true }
  | { readonly kind: 'lastUpdated'; readonly values: readonly Ranged[] }
  /** `subject:Patient.name=x`: the reference leads to a resource of one of the types, for which that type's predicate holds. */
  | {
      readonly kind: 'chain';
      readonly code: string;
      readonly alternatives: readonly { readonly type: string; readonly where: Predicate }[];
    }
  | { readonly kind: 'near'; readonly code: string; readonly values: readonly Circle[] }
  /** `_text`, `_content`: words of the narrative, or of all of the resource. Only its bytes tell. */
  | { readonly kind: 'words'; readonly within: 'narrative' | 'resource'; readonly query: TextQuery }
  | { readonly kind: 'and'; readonly all: readonly Predicate[] }
  | { readonly kind: 'or'; readonly any: readonly Predicate[] }
  | { readonly kind: 'not'; readonly denied: Predicate }
  /** `_has:Observation:patient:code=x`: a resource of `type` refers here by `code`, and `where` holds for it. */
  | { readonly kind: 'has'; readonly type: string; readonly code: string; readonly where: Predicate };

/** A test of one component of a composite. */
export type Component =
  | { readonly kind: 'token'; readonly test: TokenTest }
  | { readonly kind: 'string'; readonly test: string }
  | { readonly kind: 'date' | 'number'; readonly test: Ranged }
  | { readonly kind: 'quantity'; readonly test: Ranged & { readonly system?: string | null; readonly unitOrCode?: string } }
  | { readonly kind: 'reference'; readonly test: ReferenceTest }
  | { readonly kind: 'uri'; readonly test: string };

export interface Sort {
  /** SearchParameter code, or `_id`, `_lastUpdated`. */
  readonly code: string;
  readonly type: ParameterType | 'id' | 'lastUpdated';
  readonly descending: boolean;
  /** `subject.name`: `code` is a parameter of what this reference leads to, where that is of one of the types. */
  readonly through?: { readonly code: string; readonly types: readonly string[] };
}

export interface Include {
  /** Type that holds the reference, or `*` for any. */
  readonly source: string;
  /** SearchParameter code, or `*` for all of its reference parameters. */
  readonly code: string;
  readonly target?: string;
  /** Types of which alone something is brought along. */
  readonly among?: readonly string[];
  /** Goes on from what was brought along, until nothing new comes. */
  readonly iterate?: true;
}

/** Predicates that hold together for resources of one type. */
export interface Part {
  readonly type: string;
  readonly where: readonly Predicate[];
}

/** What a client asked of one resource type, or of several. */
export interface SearchQuery extends Part {
  /** Alternatives that take the place of `type` and `where`: a search of several types, or of a compartment that several parameters lead to. Empty: nothing is found. */
  readonly parts?: readonly Part[];
  /** What is brought along counts as found: it stands in the total, the order and the pages; of all of it only these types, and what was stored from a time (ms) on. */
  readonly whole?: { readonly types?: readonly string[]; readonly since?: number };
  readonly sort: readonly Sort[];
  /** Resources a page; 0 = only the total. */
  readonly count: number;
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly summary: 'true' | 'text' | 'data' | 'count' | 'false';
  readonly elements: readonly string[];
  readonly include: readonly Include[];
  readonly revinclude: readonly Include[];
}

/** A search by conditions alone: whole resources in the order in which they came, nothing brought along, no total that costs. @param count resources a page */
export const searchFor = (type: string, where: readonly Predicate[], count: number): SearchQuery => ({
  type,
  where,
  sort: [],
  count,
  total: 'none',
  summary: 'false',
  elements: [],
  include: [],
  revinclude: [],
});
