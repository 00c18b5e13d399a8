/**
 * The resources in one text of a file: the resource itself, or those of a Bundle, each under a name that no other text of the input gives to another.
 * R4: https://hl7.org/fhir/R4/bundle.html#references
 * @module
 */
import { createHash } from 'node:crypto';
import { isObject } from '../deid/context.ts';
import { parseJson } from '../fhir/model/json.ts';
import { type AnyResource, isId, isResourceType } from '../fhir/model/r4.ts';
import { type Entry, entriesOf, uuidSmall } from '../release/entries.ts';
import type { Scan } from './scan.ts';
import { Stop } from './stop.ts';

/** Where a text stands. */
export interface Where {
  /** Name of the file. */
  readonly file: string;
  /** The input's. */
  readonly folder: string;
  /** Of the piece. */
  readonly piece: number;
  /** In the piece; 0: the text is the whole file. */
  readonly line: number;
}

/** A place that no other text has, as a part of an id. */
export const placeOf = ({ file, piece, line }: Where): string => `${fileOf(file)}-${piece}-${line}`;

let last: readonly [name: string, hash: string] = ['', ''];
function fileOf(name: string): string {
  if (last[0] !== name) last = [name, createHash('sha256').update(name).digest('hex').slice(0, 24)];
  return last[1];
}

/** @param scan of the text, where there is one: if it was sure, the text is parsed once and no more. None is made for this: it costs more than it saves. @throws Stop, Problem without a value of the text */
export function rootOf(bytes: Buffer, scan?: Scan): AnyResource {
  if (scan?.sure === true && !scan.decimals) return JSON.parse(bytes.toString()) as AnyResource;
  const root = parseJson(bytes);
  if (!isObject(root) || typeof root['resourceType'] !== 'string' || !isResourceType(root['resourceType']))
    throw new Stop('is no resource of FHIR R4');
  return root as AnyResource;
}

/** id of a resource that has none. */
export const namelessIn = (where: Where, place = 0): string => `at-${placeOf(where)}-${place}`;

/** A resource that stands alone has the place 0. */
export function resourcesOf(root: AnyResource, where: Where, base: string): Entry[] {
  if (root.resourceType !== 'Bundle') {
    const id = typeof root.id === 'string' ? root.id : namelessIn(where);
    return [{ place: 0, name: `${root.resourceType}/${id}`, resource: root.id === id ? root : { ...root, id } }];
  }
  const entries = Array.isArray(root['entry']) ? (root['entry'] as unknown[]) : [];
  return entriesOf(root, base, place => {
    // What a sender calls by a uuid is the same in every Bundle that calls it so.
    const entry = entries[place];
    const uuid = isObject(entry) ? /^urn:uuid:(.+)$/.exec(uuidSmall(String(entry['fullUrl'])))?.[1] : undefined;
    return uuid !== undefined && isId(uuid) ? uuid : namelessIn(where, place);
  });
}
