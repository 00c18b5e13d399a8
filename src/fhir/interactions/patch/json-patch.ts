/**
 * JSON Patch: a list of changes to a document, each at a JSON Pointer; all of them hold, or none.
 * Only own members of objects and real indexes of lists are ever looked at, so that no path leads to a prototype.
 * RFC 6902 (JSON Patch), RFC 6901 (JSON Pointer); R4: https://hl7.org/fhir/R4/http.html#patch
 * @module
 */
import { Problem } from '../../model/outcome.ts';
import type { Json } from '../../model/r4.ts';
import { type Budget, cloned, isSame, put } from './values.ts';

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;

interface Operation {
  readonly op: (typeof operations)[number];
  readonly path: readonly string[];
  readonly from?: readonly string[];
  readonly value?: unknown;
  /** Where it stands in the patch, for the reader. */
  readonly number: number;
}

const malformed = (number: number, text: string): Problem => new Problem('invalid-request', `Operation ${number} of the patch ${text}`);
const impossible = (number: number, text: string): Problem => new Problem('unprocessable', `Operation ${number} of the patch ${text}`);

/** `/a~1b/0` → `a/b`, `0`. */
function pointer(text: unknown, member: 'path' | 'from', number: number): readonly string[] {
  if (typeof text !== 'string' || !/^(?:\/(?:[^~/]|~[01])*)*$/.test(text))
    throw malformed(number, `needs a JSON Pointer as its ${member}.`);
  return text
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function understand(json: unknown, index: number): Operation {
  const number = index + 1;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed(number, 'is no object.');
  const told = json as Json;
  const op = operations.find(one => one === told['op']);
  if (op === undefined) throw malformed(number, `has no op that is known: ${operations.join(', ')}.`);
  const path = pointer(told['path'], 'path', number);
  if (op === 'move' || op === 'copy') return { op, path, from: pointer(told['from'], 'from', number), number };
  if (op !== 'remove' && !Object.hasOwn(told, 'value')) throw malformed(number, 'has no value.');
  return { op, path, value: told['value'], number };
}

/** A list's index as RFC 6901 writes it; undefined for anything else. */
const indexOf = (step: string): number | undefined => (/^(?:0|[1-9]\d{0,9})$/.test(step) ? Number(step) : undefined);

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !(value instanceof Number);

/** What lies a step further; undefined: nothing does. `null` is a value. */
function child(value: unknown, step: string): { readonly value: unknown } | undefined {
  if (Array.isArray(value)) {
    const index = indexOf(step);
    return index !== undefined && index < value.length ? { value: value[index] } : undefined;
  }
  return isObject(value) && Object.hasOwn(value, step) ? { value: value[step] } : undefined;
}

function at(document: unknown, path: readonly string[], number: number): unknown {
  let value = document;
  for (const step of path) {
    const found = child(value, step);
    if (!found) throw impossible(number, 'leads to nothing.');
    value = found.value;
  }
  return value;
}

function add(document: unknown, path: readonly string[], value: unknown, number: number): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = at(document, path.slice(0, -1), number);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : indexOf(last);
    if (index === undefined || index > parent.length) throw impossible(number, 'names no place in a list.');
    parent.splice(index, 0, value);
  } else if (isObject(parent)) put(parent, last, value);
  else throw impossible(number, 'leads to nothing.');
  return document;
}

function remove(document: unknown, path: readonly string[], number: number): unknown {
  at(document, path, number);
  const last = path.at(-1);
  if (last === undefined) return null;
  const parent = at(document, path.slice(0, -1), number);
  if (Array.isArray(parent)) parent.splice(indexOf(last)!, 1);
  else delete (parent as Json)[last];
  return document;
}

function replace(document: unknown, path: readonly string[], value: unknown, number: number): unknown {
  at(document, path, number);
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = at(document, path.slice(0, -1), number);
  if (Array.isArray(parent)) parent[indexOf(last)!] = value;
  else put(parent as Json, last, value);
  return document;
}

/**
 * The document with the patch applied; the document itself is used up. Throws 400 for what is no JSON Patch, 422 for what cannot be done.
 * @param budget what copies may cost
 */
export function applyJsonPatch(document: unknown, patch: unknown, budget: Budget): unknown {
  if (!Array.isArray(patch)) throw new Problem('invalid-request', 'A JSON Patch is a list of operations.');
  budget.operations(patch.length);
  let result = document;
  for (const { op, path, from = [], value, number } of patch.map(understand)) {
    budget.time();
    if (op === 'add') result = add(result, path, cloned(value, budget), number);
    else if (op === 'remove') result = remove(result, path, number);
    else if (op === 'replace') result = replace(result, path, cloned(value, budget), number);
    else if (op === 'copy') result = add(result, path, cloned(at(result, from, number), budget), number);
    else if (op === 'move') {
      const moved = at(result, from, number);
      const below = from.every((step, i) => path[i] === step);
      if (below && path.length > from.length) throw impossible(number, 'moves a value into itself.');
      if (!below || path.length < from.length) result = add(remove(result, from, number), path, moved, number);
    } else if (!isSame(at(result, path, number), value)) throw impossible(number, 'tests for what is not there.');
  }
  return result;
}
