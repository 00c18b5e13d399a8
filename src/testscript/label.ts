/**
 * The label on what a test creates: HTEST, test data. So nobody takes the data for a person's, and whoever cleans up finds them.
 * R4: https://hl7.org/fhir/R4/security-labels.html, https://terminology.hl7.org/CodeSystem-v3-ActReason.html#v3-ActReason-HTEST
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { isJson } from './pick.ts';

const htest = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST', display: 'test health data' };

/** A body that a script broke on purpose stays as it is. */
function resource(json: Json): Json {
  const { meta = {}, ...rest } = json;
  if (!isJson(meta)) return json;
  const { security = [] } = meta;
  if (!Array.isArray(security)) return json;
  if (security.some(s => isJson(s) && s['code'] === htest.code)) return json;
  const { resourceType, id } = rest;
  return {
    ...(resourceType === undefined ? {} : { resourceType }),
    ...(id === undefined ? {} : { id }),
    meta: { ...meta, security: [...(security as unknown[]), htest] },
    ...rest,
  };
}

/** @param body what the operation does with it: creates or updates a resource, or takes a Bundle whose entries do */
export function labelled(json: unknown, body: 'create' | 'update' | 'any'): unknown {
  if (!isJson(json)) return json;
  if (body !== 'any') return json['resourceType'] === undefined || json['resourceType'] === 'Parameters' ? json : resource(json);
  const { resourceType, type, entry } = json;
  if (resourceType !== 'Bundle' || (type !== 'batch' && type !== 'transaction') || !Array.isArray(entry)) return json;
  return {
    ...json,
    entry: entry.map((each: unknown) => {
      if (!isJson(each) || !isJson(each['resource']) || !isJson(each['request'])) return each;
      const { method } = each['request'];
      if ((method !== 'POST' && method !== 'PUT') || each['resource']['resourceType'] === 'Parameters') return each;
      return { ...each, resource: resource(each['resource']) };
    }),
  };
}
