/**
 * A resource's JSON → the bytes of the form that was asked for. JSON that is not to be pretty leaves as it stands: nothing is parsed for it.
 * R4: https://hl7.org/fhir/R4/formats.html
 * @module
 */
import { parseJson } from '../fhir/model/json.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { writeXml } from '../fhir/xml/write-xml.ts';
import type { Form } from './negotiate.ts';

/** What was taken once is not judged again, however deep it is. */
const anyDepth = { maxDepth: Number.POSITIVE_INFINITY };

/** @param json pieces of one resource's JSON */
export function rendered(json: readonly Buffer[], { format, pretty }: Pick<Form, 'format' | 'pretty'>): readonly Buffer[] {
  if (json.length === 0 || (format === 'json' && !pretty)) return json;
  const resource = parseJson(json.length === 1 ? json[0]! : Buffer.concat(json as Buffer[]), anyDepth) as AnyResource;
  return [format === 'xml' ? writeXml(resource, { pretty }) : Buffer.from(`${JSON.stringify(resource, undefined, 2)}\n`)];
}
