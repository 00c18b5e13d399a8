/**
 * What an operation sends: the source as it is, but without an id to be created, with that of its target to be updated, and with a label; or the
 * content of what is no resource.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.operation.sourceId, https://hl7.org/fhir/R4/http.html#patch
 * @module
 */
import type { Interaction } from './interactions.ts';
import { labelled } from './label.ts';
import { bytesOf, type Identity, mediaTypes } from './message.ts';
import { isJson } from './pick.ts';

/** A media type by its short name or by itself. */
export const mediaType = (name: string): string => mediaTypes[name] ?? name;

/** JSON of the body. @param target resource that an update without a URL of its own goes to */
export function prepared(json: unknown, does: Interaction['body'], target: Identity | undefined, label: boolean): unknown {
  if (does === undefined) return json;
  let body = json;
  if (isJson(json) && does === 'create') {
    const { id: _, ...rest } = json;
    body = rest;
  } else if (isJson(json) && does === 'update' && target !== undefined) body = { ...json, id: target.id };
  return label ? labelled(body, does) : body;
}

/** A body that is no resource: a JSON Patch is a list, any other stands in a Binary, with its type. */
function native(json: unknown, patch: boolean): { bytes: Buffer; type: string } | undefined {
  if (Array.isArray(json)) return { bytes: Buffer.from(JSON.stringify(json)), type: 'application/json-patch+json' };
  if (!patch || !isJson(json) || json['resourceType'] !== 'Binary' || typeof json['data'] !== 'string') return undefined;
  const { contentType } = json;
  return { bytes: Buffer.from(json['data'], 'base64'), type: typeof contentType === 'string' ? contentType : 'application/octet-stream' };
}

/**
 * Bytes of a body, and their type.
 * @param named type that the script names
 * @throws Fault when the body cannot be written in that format
 */
export function written(json: unknown, named: string | undefined, format: 'json' | 'xml', patch: boolean): { bytes: Buffer; type: string } {
  const content = native(json, patch);
  const type = named === undefined ? (content?.type ?? mediaType(format)) : mediaType(named);
  return { bytes: content?.bytes ?? bytesOf(json, type), type };
}
