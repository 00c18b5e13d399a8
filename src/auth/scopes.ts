/**
 * SMART scopes, version 2 (`system/Patient.rs`) and 1 (`system/*.read`): read, intersected, never widened.
 * What is no scope to the letter is none: `.sr` and `.` grant nothing. A query (`Observation.rs?category=…`) belongs to its scope alone: two scopes
 * are alternatives, and what lies inside two queries meets both.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
 * @module
 */
import type { Criterion } from '../fhir/model/access.ts';
import { isResourceType } from '../fhir/model/r4.ts';
import { scopeQuery } from './scope-query.ts';

export type Context = 'patient' | 'user' | 'system';

export interface Scope {
  readonly context: Context;
  /** Resource type, or `*`. */
  readonly type: string;
  /** Letters of `cruds`, in this order, at least one. */
  readonly letters: string;
  /** Its query, as the client wrote it, and what that means; absent: none. */
  readonly query?: string;
  readonly where?: readonly Criterion[];
  /** As the client wrote it. */
  readonly text: string;
}

const version1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const form = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|c?r?u?d?s?)$/;

/** One scope, or undefined where the text is none. */
export function parseScope(text: string): Scope | undefined {
  const mark = text.indexOf('?');
  if (mark >= 0) return withQuery(text.slice(0, mark), text.slice(mark + 1));
  const [, context, type, rights] = form.exec(text) ?? [];
  if (context === undefined || type === undefined || rights === undefined || rights === '') return undefined;
  if (type !== '*' && !isResourceType(type)) return undefined;
  return { context: context as Context, type, letters: version1[rights] ?? rights, text };
}

/** Version 2 alone, of a named type. AuditEvents are not in the store, which judges queries. */
function withQuery(head: string, query: string): Scope | undefined {
  const scope = /\.(read|write|\*)$/.test(head) ? undefined : parseScope(head);
  const where = scope === undefined || scope.type === '*' || scope.type === 'AuditEvent' ? undefined : scopeQuery(scope.type, query);
  return scope === undefined || where === undefined ? undefined : { ...scope, query, where, text: `${head}?${query}` };
}

/** More scopes than any client has use for. */
const most = 200;

export interface Parsed {
  readonly known: readonly Scope[];
  /** Texts that are no scope of ours. */
  readonly strange: readonly string[];
  /** One of these has a query that cannot be used: to drop the query would widen it. */
  readonly restricted: boolean;
  /** More than 200. */
  readonly tooMany: boolean;
}

/** A scope parameter, its scopes separated by one space. */
export function parseScopes(text: string): Parsed {
  const words = text.split(' ', most + 1);
  const known: Scope[] = [];
  const strange: string[] = [];
  for (const word of words) {
    const scope = parseScope(word);
    if (scope) known.push(scope);
    else strange.push(word);
  }
  return { known, strange, restricted: strange.some(word => /^(patient|user|system)\/[^?]*\?/.test(word)), tooMany: words.length > most };
}

const common = (a: string, b: string): string => [...a].filter(letter => b.includes(letter)).join('');

/** The text of a scope; version 1 words where they say the same and the client used them. */
function written(context: Context, type: string, letters: string, asked: Scope): string {
  const [text = ''] = asked.text.split('?', 1);
  if (type === asked.type && letters === asked.letters) return text;
  const old = /\.(read|write|\*)$/.test(text) ? Object.keys(version1).find(word => version1[word] === letters) : undefined;
  return `${context}/${type}.${old ?? letters}`;
}

/** Both queries together: conditions that are in both once. */
const bothQueries = (a: Scope, b: Scope): string => [...new Set([a, b].flatMap(({ query }) => query?.split('&') ?? []))].join('&');

/**
 * What of the asked scopes lies inside the allowed ones: for each pair the narrower type with the letters of both, under the queries of both.
 * Two queries that cannot be joined to one give nothing.
 */
export function intersection(asked: readonly Scope[], allowed: readonly Scope[]): readonly Scope[] {
  const granted = new Map<string, Scope>();
  for (const a of asked) {
    for (const b of allowed) {
      if (a.context !== b.context || (a.type !== b.type && a.type !== '*' && b.type !== '*')) continue;
      const type = a.type === '*' ? b.type : a.type;
      const letters = common(a.letters, b.letters);
      if (letters === '') continue;
      const query = bothQueries(a, b);
      const text = query === '' ? written(a.context, type, letters, a) : `${a.context}/${type}.${letters}?${query}`;
      const scope = query === '' ? { context: a.context, type, letters, text } : parseScope(text);
      if (scope) granted.set(text, scope);
    }
  }
  return [...granted.values()];
}

/** The scopes that speak of a type (or of `*`, the types not named) in one context. */
export const scopesFor = (scopes: readonly Scope[], context: Context, type: string): readonly Scope[] =>
  scopes.filter(scope => scope.context === context && (scope.type === '*' || scope.type === type));

/** Their letters; several scopes are alternatives. */
export function lettersFor(scopes: readonly Scope[], context: Context, type: string): string {
  const mine = scopesFor(scopes, context, type);
  return [...'cruds'].filter(letter => mine.some(scope => scope.letters.includes(letter))).join('');
}
