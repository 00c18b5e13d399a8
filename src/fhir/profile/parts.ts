/**
 * What all compiled validators call: lists of primitives, the `_name` beside a primitive, codes, narratives, resources inside resources.
 * R4: https://hl7.org/fhir/R4/json.html
 * @module
 */
import type { AnyResource } from '../model/r4.ts';
import { type Context, isObject } from './findings.ts';
import { narrativeFault } from './narrative.ts';

/** A compiled validator: adds findings about an object whose shape is not known yet. */
export type Check = (element: Record<string, unknown>, context: Context) => void;

/** What a validator knows of one primitive element. */
export interface Primitive {
  readonly path: string;
  /** Name for expressions: `value` for valueString. */
  readonly place: string;
  readonly type: string;
  readonly test: (value: unknown) => boolean;
  /** Required binding. */
  readonly isBound?: (code: string) => boolean;
  readonly element: Check;
}

/** Adds what is wrong with one value that did not pass as it stands. */
export function refused(value: unknown, is: Primitive, place: string, context: Context): void {
  if (!is.test(value)) context.value(is.path, is.type, value, place);
  else if (is.type === 'xhtml') context.add('unsafe-narrative', `txt-1: ${is.path} ${narrativeFault(value as string)}.`, place);
  else context.add('code-invalid', `${is.path} has a code that its required value set does not have.`, place);
}

/** A repeating primitive; `beside` is its `_name`. Null stands only where the other list has something. */
export function checkList(list: unknown, beside: unknown, is: Primitive, context: Context): void {
  if (!Array.isArray(list) || list.length === 0) {
    context.shape(is.path, list, 'list', is.place);
    return;
  }
  const others = Array.isArray(beside) ? beside : [];
  for (let i = 0; i < list.length; i++) {
    const value: unknown = list[i];
    if (value === null && isObject(others[i])) continue;
    if (!is.test(value) || (is.isBound !== undefined && !is.isBound(value as string))) refused(value, is, `${is.place}[${i}]`, context);
  }
}

/** `_name` of a single primitive; `value` is the primitive. */
export function checkBeside(beside: unknown, value: unknown, is: Primitive, context: Context, place = is.place): void {
  if (!isObject(beside)) {
    context.shape(is.path, beside, 'object', place);
    return;
  }
  const from = context.count;
  if (value === undefined || value === null || beside['id'] === undefined) is.element(beside, context);
  // With a value an id alone is enough: ele-1 counts the value.
  else if (beside['extension'] !== undefined || Object.keys(beside).length > 1) is.element(beside, context);
  else if (typeof beside['id'] !== 'string' || beside['id'] === '') context.value(`${is.path}.id`, 'string', beside['id'], 'id');
  if (context.count !== from) context.at(from, place);
}

/** `_name` of a repeating primitive: a list as long as the list of values, if there is one, with null where there is nothing to say. */
export function checkBesideList(beside: unknown, values: unknown, is: Primitive, context: Context): void {
  if (!Array.isArray(beside) || beside.length === 0) {
    context.shape(is.path, beside, 'list', is.place);
    return;
  }
  if (Array.isArray(values) && values.length !== beside.length) {
    context.add('invalid-structure', `${is.path} and its extensions are lists of different length.`, is.place);
  }
  const list = Array.isArray(values) ? values : [];
  for (let i = 0; i < beside.length; i++) {
    if (beside[i] !== null) checkBeside(beside[i], list[i], is, context, `${is.place}[${i}]`);
    else if (list[i] === undefined) context.shape(is.path, null, 'object', `${is.place}[${i}]`);
  }
}

/** A resource inside another: contained, of a Bundle entry, of a parameter. */
export function checkInner(
  resource: Record<string, unknown>,
  isContained: boolean,
  checkOf: (type: string) => Check | undefined,
  context: Context,
): void {
  const type = resource['resourceType'];
  const check = typeof type === 'string' ? checkOf(type) : undefined;
  if (check === undefined) context.add('invalid-structure', 'A resource has no resourceType that FHIR R4 knows.', 'resourceType');
  else context.within(resource as AnyResource, isContained, () => check(resource, context));
}
