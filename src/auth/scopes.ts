/**
 * SMART scopes, version 2 (`system/Patient.rs`) and 1 (`system/*.read`): read, intersected, never widened.
 * What is no scope to the letter is none: `.sr` and `.` grant nothing. Scopes with a query are refused whole.
 * SMART: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
 * @module
 */
import { isResourceType } from '../fhir/model/r4.ts';

export type Context = 'patient' | 'user' | 'system';

export interface Scope {
  readonly context: Context;
  /** Resource type, or `*`. */
  readonly type: string;
  /** Letters of `cruds`, in this order, at least one. */
  readonly letters: string;
  /** As the client wrote it. */
  readonly text: string;
}

const version1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const form = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|c?r?u?d?s?)$/;

/** One scope, or undefined where the text is none. */
export function parseScope(text: string): Scope | undefined {
  const [, context, type, rights] = form.exec(text) ?? [];
  if (context === undefined || type === undefined || rights === undefined || rights === '') return undefined;
  if (type !== '*' && !isResourceType(type)) return undefined;
  return { context: context as Context, type, letters: version1[rights] ?? rights, text };
}

/** More scopes than any client has use for. */
const most = 200;

export interface Parsed {
  readonly known: readonly Scope[];
  /** Texts that are no scope of ours. */
  readonly strange: readonly string[];
  /** One of them restricts by a query (`Observation.rs?category=…`): to drop the query would widen it. */
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
  if (type === asked.type && letters === asked.letters) return asked.text;
  const old = /\.(read|write|\*)$/.test(asked.text) ? Object.keys(version1).find(word => version1[word] === letters) : undefined;
  return `${context}/${type}.${old ?? letters}`;
}

/** What of the asked scopes lies inside the allowed ones: for each pair the narrower type with the letters of both. */
export function intersection(asked: readonly Scope[], allowed: readonly Scope[]): readonly Scope[] {
  const granted = new Map<string, Scope>();
  for (const a of asked) {
    for (const b of allowed) {
      if (a.context !== b.context || (a.type !== b.type && a.type !== '*' && b.type !== '*')) continue;
      const type = a.type === '*' ? b.type : a.type;
      const letters = common(a.letters, b.letters);
      const text = written(a.context, type, letters, a);
      if (letters !== '') granted.set(text, { context: a.context, type, letters, text });
    }
  }
  return [...granted.values()];
}

/** Letters for one type (or `*` for the types not named) in one context; several scopes are alternatives. */
export function lettersFor(scopes: readonly Scope[], context: Context, type: string): string {
  const mine = scopes.filter(scope => scope.context === context && (scope.type === '*' || scope.type === type));
  return [...'cruds'].filter(letter => mine.some(scope => scope.letters.includes(letter))).join('');
}
