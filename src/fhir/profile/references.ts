/**
 * Where a Reference may lead: the types its element names, for a literal, absolute, contained, conditional or typed reference alike.
 * Whether the target is there is the store's to say; an absolute URL is never fetched.
 * R4: https://hl7.org/fhir/R4/references.html#literal, rule ref-1
 * @module
 */
import { isResourceType, type Json } from '../model/r4.ts';
import type { Context } from './findings.ts';

const relative = /^([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#\S+)?$/;
const absolute = /^https?:\/\/\S+?\/([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#\S+)?$/;
/** An id alone leads nowhere that anybody could say; it is no more wrong than an address that nobody answers at. */
const alone = /^[A-Za-z0-9\-.]{1,64}$/;
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const typeUrl = 'http://hl7.org/fhir/StructureDefinition/';

/** Type a reference says it leads to; undefined: it does not say; null: it is no reference to a resource. */
function typeOf(reference: string, context: Context): string | undefined | null {
  if (/\s/.test(reference)) return null;
  const local = relative.exec(reference)?.[1];
  if (local !== undefined) return isResourceType(local) ? local : null;
  if (scheme.test(reference)) {
    const type = absolute.exec(reference)?.[1];
    return context.entryType(reference) ?? (type !== undefined && isResourceType(type) ? type : undefined);
  }
  if (alone.test(reference)) return undefined;
  const mark = reference.indexOf('?');
  return mark > 0 && isResourceType(reference.slice(0, mark)) ? reference.slice(0, mark) : null;
}

/** Adds what is wrong with where a Reference leads. @param path of the element, for the text */
export function checkTarget(reference: Json, targets: ReadonlySet<string> | undefined, path: string, context: Context): void {
  const { reference: literal, type: named } = reference;
  let type: string | undefined;
  if (literal === '#') type = String(context.container['resourceType']);
  else if (typeof literal === 'string' && literal.startsWith('#')) {
    type = context.containedType(literal.slice(1));
    if (type === undefined) context.add('invariant', `ref-1: ${path} names a contained resource that is not there.`, 'reference');
  } else if (typeof literal === 'string') {
    const found = typeOf(literal, context);
    if (found === null) context.add('reference-type', `${path} does not lead to a resource of FHIR R4.`, 'reference');
    type = found ?? undefined;
  }
  if (typeof named === 'string') {
    const short = named.startsWith(typeUrl) ? named.slice(typeUrl.length) : named;
    if (type !== undefined && type !== short) context.add('reference-type', `${path} says another type than its reference.`, 'type');
    else if (!isResourceType(short)) context.add('reference-type', `${path} names a type that FHIR R4 does not know.`, 'type');
    else type = short;
  }
  if (type !== undefined && targets !== undefined && !targets.has(type)) {
    context.add('reference-type', `${path} leads to a type that it does not allow.`, literal === undefined ? 'type' : 'reference');
  }
}
