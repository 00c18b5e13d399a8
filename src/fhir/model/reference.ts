/**
 * References in their written forms.
 * R4: https://hl7.org/fhir/R4/references.html#literal
 * @module
 */
import { isId, isResourceType, type Json } from './r4.ts';

export interface Literal {
  readonly type: string;
  readonly id: string;
  readonly versionId?: string;
}

/** `Patient/1`, `Patient/1/_history/2`, or the same below our own base URL → its parts; anything else → undefined. */
export function literal(reference: string, base?: string): Literal | undefined {
  const from = base !== undefined && reference.startsWith(base) && reference[base.length] === '/' ? base.length + 1 : 0;
  const slash = reference.indexOf('/', from);
  if (slash < 0) return undefined;
  const type = reference.slice(from, slash);
  if (!isResourceType(type)) return undefined;
  const end = reference.indexOf('/', slash + 1);
  const id = end < 0 ? reference.slice(slash + 1) : reference.slice(slash + 1, end);
  if (!isId(id)) return undefined;
  if (end < 0) return { type, id };
  const versionId = reference.startsWith('_history/', end + 1) ? reference.slice(end + 10) : '';
  return isId(versionId) ? { type, id, versionId } : undefined;
}

/**
 * `Patient?identifier=system|value` → whom that means: type and identifier; of several numbers, and of a further condition, nobody knows whom they leave: undefined.
 * R4: https://hl7.org/fhir/R4/http.html#trules, https://hl7.org/fhir/R4/search.html#token
 */
export function identifiedBy(
  reference: string,
): { readonly type: string; readonly identifier: { readonly system: string; readonly value: string } } | undefined {
  const found = conditional(reference);
  if (found === undefined) return undefined;
  const asked = new URLSearchParams(found.query);
  const token = asked.get('identifier') ?? '';
  const bar = token.indexOf('|');
  if (bar < 1 || asked.size !== 1 || /[\\,]/.test(token)) return undefined;
  return { type: found.type, identifier: { system: token.slice(0, bar), value: token.slice(bar + 1) } };
}

/** Every Reference in a resource that says somebody: by `reference`, or by an `identifier` alone. What has an identifier and is none may be among them, the resource itself is not. */
export function eachReference(resource: Json, each: (reference: Json) => void): void {
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) walk(one);
    else if (typeof node === 'object' && node !== null) {
      const { reference, identifier } = node as Json;
      if (
        node !== resource &&
        (typeof reference === 'string' || (typeof identifier === 'object' && identifier !== null && !Array.isArray(identifier)))
      )
        each(node as Json);
      for (const child of Object.values(node)) if (typeof child === 'object') walk(child);
    }
  };
  walk(resource);
}

/** `Practitioner?identifier=…` → its type and query; anything else → undefined. R4: https://hl7.org/fhir/R4/http.html#trules */
export function conditional(reference: string): { type: string; query: string } | undefined {
  const mark = reference.indexOf('?');
  if (mark < 0) return undefined;
  const type = reference.slice(0, mark);
  return isResourceType(type) ? { type, query: reference.slice(mark + 1) } : undefined;
}
